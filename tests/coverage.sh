#!/usr/bin/env bash
# Measures how many lines of src/vault the tests of the quick tier run, and names those they do not.
#
#   tests/coverage.sh               all that look at the vault; by hand, minutes after the build
#   tests/coverage.sh ARGUMENT…     only these, said as to cargo test: --lib --test model
#
# Fails when less than 95 % of the lines are run, or a test fails. Test code does not count: a line counts
# only if it is also in the library as the program has it, built without cfg(test).
#
# Needs an llvm-cov that reads what rustc writes: rustup's component llvm-tools, or Debian's llvm-19,
# which is installed where that may be done. Without one it is skipped, and with CI=true that is a failure.
# Only this package is instrumented; it is built in CARGO_TARGET_DIR, or in a folder of its own that is
# kept for the next time.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec </dev/null
. tests/components.sh

least=95
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target/coverage}
work=$CARGO_TARGET_DIR/report
# What looks at the vault, and needs nothing but Rust.
targets=(cli faults golden hostile journal model permissions power_loss processes rebuild rekey tamper
    vault vectors wiped)
[ $# -gt 0 ] || set -- --lib "${targets[@]/#/--test=}"

tools=$(rustc --print target-libdir)/../bin
if [ -x "$tools/llvm-cov" ]; then
    profdata=$tools/llvm-profdata cov=$tools/llvm-cov
elif provide llvm-profdata-19 llvm-cov-19; then
    profdata=llvm-profdata-19 cov=llvm-cov-19
else
    echo 'coverage is skipped: there is neither the component llvm-tools nor llvm-cov-19'
    [ "${CI:-}" != true ]
    exit
fi

rm -rf "$work"
mkdir -p "$work"
# As a wrapper of the workspace's compiler it leaves the dependencies, and their speed, as they are.
export RUSTC_WORKSPACE_WRAPPER=$CARGO_TARGET_DIR/instrumented
# A newer wrapper would be a newer compiler to cargo.
if ! [ -x "$RUSTC_WORKSPACE_WRAPPER" ]; then
    printf '#!/bin/sh\nexec "$@" -Cinstrument-coverage\n' >"$RUSTC_WORKSPACE_WRAPPER"
    chmod +x "$RUSTC_WORKSPACE_WRAPPER"
fi
# Programs that the tests start write theirs too, unless they are killed; the tests share eight files.
export LLVM_PROFILE_FILE=$work/%8m.profraw

# With any target of tests the program is built, which has every line that counts.
cargo test --locked --no-run --message-format=json --test "${targets[0]}" >"$work/built.json"
cargo test --locked --no-run --message-format=json "$@" >>"$work/built.json"
tested=0
cargo test --locked --no-fail-fast "$@" || tested=1

# objects [PATTERN]: the programs that were built, for llvm-cov; not those whose message has the pattern.
objects() {
    grep -v "${1:-^$}" "$work/built.json" | sed -n 's/.*"executable":"\([^"]*\)".*/\1/p' | sort -u |
        sed 's/^/-object\n/'
}

# lines PROGRAM…: the lines of src/vault in them, as lcov writes them.
lines() {
    "$cov" export -format=lcov -instr-profile="$work/all.profdata" "$@" -sources "$PWD/src/vault"
}

"$profdata" merge -sparse "$work"/*.profraw -o "$work/all.profdata"
mapfile -t all < <(objects)
# Everything but the library's own tests is linked to the library without them.
mapfile -t plain < <(objects '"kind":\["lib"\]')
lines "${plain[@]}" >"$work/plain.lcov"
lines "${all[@]}" >"$work/all.lcov"

# Programs that were given an empty environment leave theirs where they are.
rm -f default_*.profraw

awk -F'[:,]' -v root="$PWD/" -v least="$least" '
    /^SF:/ { file = substr($0, 4); sub(root, "", file) }
    /^DA:/ && FNR == NR { counts[file, $2] = 1; if ($2 > last[file]) last[file] = $2 }
    /^DA:/ && FNR != NR && (file, $2) in counts && $3 > 0 { run[file, $2] = 1 }
    function close_range() {
        if (from) missed = missed " " (from == to ? from : from "-" to)
        from = 0
    }
    END {
        for (file in last) {
            of = hit = 0; missed = ""
            for (line = 1; line <= last[file]; line++) {
                if (!((file, line) in counts)) continue
                of++
                if ((file, line) in run) { hit++; close_range(); continue }
                if (!from) from = line
                to = line
            }
            close_range()
            sum += of; got += hit
            if (missed != "")
                printf "%5.1f %%  %4d of %4d  %s:%s\n", 100 * hit / of, hit, of, file, missed | "sort -n"
        }
        close("sort -n")
        printf "\nsrc/vault: %.2f %% of lines, %d of %d\n", 100 * got / sum, got, sum
        exit (100 * got < least * sum)
    }' "$work/plain.lcov" "$work/all.lcov" || tested=1
exit "$tested"
