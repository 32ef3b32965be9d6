#!/usr/bin/env bash
# Builds the fuzz targets with the nightly toolchain and runs one after another.
#
#   fuzz/run.sh [SECONDS] [TARGET…]    SECONDS for each target, 10 if nothing is said; all targets
#
# Failures are a crash, more than 256 MiB, and an input that takes over a second (or FUZZ_HANG seconds, on a
# machine that may stand still for one by itself); the input is kept in fuzz/artifacts. Every run begins
# with fuzz/seeds; what a run finds on top of them is kept in fuzz/corpus. Needs no cargo-fuzz, but the
# folder is laid out for it. Without a nightly toolchain it is skipped, and with CI=true that is a failure.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
exec </dev/null

seconds=${1:-10}
shift || true
[ $# -gt 0 ] || set -- $(sed -n 's/^name = "\([a-z]*\)"$/\1/p' Cargo.toml)

if ! cargo +nightly --version >/dev/null 2>&1; then
    echo 'fuzzing is skipped: the nightly toolchain is not installed'
    [ "${CI:-}" != true ]
    exit
fi

host=$(rustc +nightly -vV | sed -n 's/^host: //p')
export CARGO_TARGET_DIR=${FUZZ_TARGET_DIR:-$PWD/target}
# What cargo-fuzz asks of the compiler, but for the address sanitiser: there is no unsafe code to watch,
# and the memory limit means what it says. A target keeps its build scripts clear of it.
export RUSTFLAGS='-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table
    -Cllvm-args=-sanitizer-coverage-trace-compares'
begin=$SECONDS
cargo +nightly build --release --locked --target "$host" || exit 1
printf 'built after %d s\n' $((SECONDS - begin))

failures=0 summary=''
for target; do
    mkdir -p "corpus/$target" "artifacts/$target"
    begin=$SECONDS
    if output=$("$CARGO_TARGET_DIR/$host/release/$target" "corpus/$target" "seeds/$target" \
        -max_total_time="$seconds" -timeout="${FUZZ_HANG:-1}" -rss_limit_mb=256 -max_len=16384 \
        -artifact_prefix="artifacts/$target/" -print_final_stats=1 2>&1); then
        result=passed
    else
        result=FAILED failures=$((failures + 1))
        tail -n 60 <<<"$output"
    fi
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' <<<"$output")
    memory=$(sed -n 's/^stat::peak_rss_mb: *//p' <<<"$output")
    line=$(printf '%-7s %4d s  %-9s %10s inputs, %s MiB' \
        $result $((SECONDS - begin)) "$target" "${runs:-?}" "${memory:-?}")
    echo "$line"
    summary+=$line$'\n'
done
printf '\n== fuzzing\n%s' "$summary"
[ "$failures" -eq 0 ]
