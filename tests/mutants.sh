#!/usr/bin/env bash
# Changes sealing, opening, committing and the associated data in every small way that cargo-mutants
# knows, one at a time, and runs the vault's tests: a change that none of them notices is listed.
#
#   tests/mutants.sh [REGEX]    all, or only the mutants whose name matches; an hour or two, by hand
#
# They are made in a copy that holds the vault alone, which is built in seconds. The quick tests come
# first; the slow ones run only for what those missed. What is left is in target/mutants/missed.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$here/target/mutants}
copy=$CARGO_TARGET_DIR/copy missed=$here/target/mutants/missed
only=${1:-.}

cargo mutants --version >/dev/null 2>&1 || {
    echo 'tests/mutants.sh needs cargo-mutants: cargo install --locked cargo-mutants' >&2
    exit 1
}

# The vault and its leaves, as a package of their own.
rm -rf "$copy"
mkdir -p "$copy" "$(dirname "$missed")"
cd "$here"
git ls-files -z Cargo.lock assets src/vault src/fault.rs src/text.rs src/lib.rs tests |
    xargs -0 cp --parents -t "$copy"
sed -i -E '/^pub mod (app|cli|config|service|tui|ui);/d' "$copy/src/lib.rs"
sed -E '/^\[\[bench\]\]/,/^$/d; /^default-run/d' Cargo.toml >"$copy/Cargo.toml"
cd "$copy"
git init -q . # cargo-mutants and cargo look no further up

# targets NAME…: how cargo is told to build and run these tests alone.
targets() { printf -- '--cargo-arg=--test=%s ' "$@"; }
quick="--cargo-arg=--lib $(targets golden vault rekey faults)"
slow=$(targets power_loss rebuild tamper model permissions)

# round NAME TARGETS: judges the mutants; leaves the names of the missed in $missed.
round() {
    local out=$CARGO_TARGET_DIR/$1 targets=$2
    rm -rf "$out"
    # shellcheck disable=SC2086
    cargo mutants --in-place --no-shuffle --colors never --output "$out" --timeout 300 --build-timeout 600 \
        --re "$only" $(printf -- '--file src/vault/%s ' aad.rs core.rs commit.rs commit/point.rs envelope.rs keys.rs seal.rs) \
        --cargo-arg=--locked $targets || [ $? -le 3 ] # 2 and 3: missed some, some took too long
    cat "$out"/mutants.out/missed.txt "$out"/mutants.out/timeout.txt >"$missed"
}

round quick "$quick"
if [ -s "$missed" ]; then
    # The second round knows the first round's names as they are.
    only=$(sed 's/[][\\.*^$(){}?+|/]/\\&/g; s/^/^/; s/$/$/' "$missed" | paste -sd '|')
    round slow "$slow"
fi
printf '\n== not noticed by any test: %d\n' "$(wc -l <"$missed")"
cat "$missed"
