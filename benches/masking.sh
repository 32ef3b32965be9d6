#!/usr/bin/env bash
# Measures `tresor run` of the release binary on tmpfs and prints a Markdown table of medians: 100 MB of output
# through the mask against the same through `cat`, and what it adds before a command starts.
#
#   benches/masking.sh            about a minute after the build
#   RUNS=20 benches/masking.sh    fewer runs of each
#
# Needs hyperfine and jq: installed as root on Debian, otherwise named.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec </dev/null
. tests/components.sh
provide hyperfine jq || exit 1

RUNS=${RUNS:-50}
# In so many turns: the machine may be slower in some of them, and slows all alike.
ROUNDS=10

cargo build --release --locked --bin tresor
tresor=$(cd "${CARGO_TARGET_DIR:-target}/release" && pwd)/tresor
base=/dev/shm
[ -d "$base" ] || base=/tmp
D=$(mktemp -d "$base/tresor-bench.XXXXXX")
trap 'rm -rf "$D"' EXIT
for name in ${!TRESOR_@}; do unset "$name"; done
export HOME="$D/home" XDG_STATE_HOME="$D/state" XDG_CONFIG_HOME="$D/config"
mkdir -p "$HOME"
opened="$tresor --quiet --vault $D/vault --key-file $D/key"

"$tresor" --quiet --vault "$D/vault" init --key-file "$D/key"
for n in 1 2 3; do head -c 24 /dev/urandom | base64 | $opened set "project:bench/key_$n" --chomp >/dev/null; done
# Text as programs print it, with a value in a line of each megabyte, and bytes without any sense.
value=$($opened read project:bench/key_1)
awk -v value="$value" 'BEGIN {
    for (n = 0; size < 100000000; n++) {
        line = "2026-01-02T03:04:05Z INFO request " n " served in " (n * 7 % 1000) " ms by worker " n % 16
        if (n % 12000 == 0) line = line " with " value
        size += length(line) + 1
        print line
    }
}' >"$D/text"
head -c 100000000 /dev/urandom >"$D/bytes"

# measure NAME COMMAND: adds the seconds of some runs to those of that name.
measure() {
    hyperfine --warmup 2 --runs "$((RUNS / ROUNDS))" --export-json "$D/result.json" "$2" >/dev/null 2>&1
    jq -r '.results[0].times[]' "$D/result.json" >>"$D/$1.times"
}

# median NAME: milliseconds
median() { jq -rs 'sort | .[length / 2 | floor] * 1000' "$D/$1.times"; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.3f", a / b }'; }
difference() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f ms", a - b }'; }
row() { printf '| %s | %s | %s |\n' "$@"; }

masked="$opened run --scope project:bench --"
# Whoever reads the output is the same in each pair; where it is masked, we stand in place of the first cat.
for _ in $(seq "$ROUNDS"); do
    for kind in text bytes; do
        measure "cat-$kind" "cat $D/$kind | cat | cat >/dev/null"
        measure "mask-$kind" "$masked cat $D/$kind | cat >/dev/null"
        measure "cat-file-$kind" "cat $D/$kind | cat >$D/out"
        measure "mask-file-$kind" "$masked cat $D/$kind >$D/out"
    done
    measure true 'true </dev/null | cat'
    measure no-mask "$opened run --no-mask --scope project:bench -- true | cat"
    measure mask "$masked true | cat"
done
[ "$($masked cat "$D/text" | grep -c -F "$value" || true)" = 0 ] || { echo 'a value came through' >&2 && exit 1; }
$masked cat "$D/bytes" | cmp - "$D/bytes"

echo '| what | measured | beside |'
echo '|---|---|---|'
for kind in text bytes; do
    for to in '' file-; do
        plain=$(median "cat-$to$kind") mask=$(median "mask-$to$kind")
        target=pipe
        [ -z "$to" ] || target=file
        row "100 MB of $kind, masked, to a $target" "$(printf '%.1f ms' "$mask")" \
            "$(ratio "$mask" "$plain") × cat ($(printf '%.1f ms' "$plain"))"
    done
done
row 'before the command starts, no mask' "$(difference "$(median no-mask)" "$(median true)")" ''
row 'before and after it, with the mask' "$(difference "$(median mask)" "$(median true)")" ''
