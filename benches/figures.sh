#!/usr/bin/env bash
# Runs every benchmark and prints the README's table of figures: what, what to reach, what was measured.
#
#   benches/figures.sh           runs all; about ten minutes after the build, on a quiet machine
#   benches/figures.sh --print   only prints what the last `cargo bench` measured, and runs the processes
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec </dev/null
. tests/components.sh
provide jq age hyperfine tmux >&2 || exit 1

target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
results=$target/criterion

# The machine's own disk may be anything; ext4 with a journal and no `discard` is what most have. As root it is had in
# an image on that disk.
journaled=
make_journaled() {
    journaled=$(mktemp -d "$target/disk.XXXXXX")
    trap 'umount "$journaled/mounted" 2>/dev/null; rm -rf --one-file-system "$journaled"' EXIT
    mkdir "$journaled/mounted"
    truncate -s 512M "$journaled/image" && mkfs.ext4 -q -F "$journaled/image" &&
        mount -o loop "$journaled/image" "$journaled/mounted" && export TRESOR_BENCH_DISK=$journaled/mounted
}

if [ "${1:-}" != --print ]; then
    rm -rf "$results/other disk"
    make_journaled >&2 || echo 'no disk of another kind: that takes root and loop devices' >&2
    cargo bench --locked --bench vault --bench ui -- --noplot >&2
fi

# ms PATH: the median of one benchmark in milliseconds.
ms() {
    jq -r '.median.point_estimate / 1e6' "$results/$1/new/estimates.json"
}

# shown MS: three significant digits with a unit.
shown() {
    awk -v ms="$1" 'BEGIN { if (ms < 1) printf "%.0f µs", ms * 1000; else if (ms < 10) printf "%.2f ms", ms; else printf "%.0f ms", ms }'
}

# times A B [DIGITS]: how often B goes into A.
times() { awk -v a="$1" -v b="$2" -v digits="${3:-1}" 'BEGIN { printf "%.*f", digits, a / b }'; }

# row WHAT REACH PATH
row() { printf '| %s | %s | %s |\n' "$1" "$2" "$(shown "$(ms "$3")")"; }

cores=$(nproc)
cpu=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
printf 'Medians of the release build on %s cores (%s), vaults on tmpfs, by `benches/figures.sh`.\n\n' "$cores" "${cpu:-unknown}"
echo '| what | to reach | measured |'
echo '|---|---|---|'
row 'write of one secret in process, 10,000 stored' '≤ 1 ms' vault/write/10000
small=$(ms vault/write/100) large=$(ms vault/write/100000)
printf '| the same, 100,000 stored | ≤ 3 × that with 100 | %s, %s × |\n' "$(shown "$large")" "$(times "$large" "$small")"
# disk WHAT GROUP
disk() {
    local write bare
    write=$(ms "$2/write") bare=$(ms "$2/bare sequence")
    printf '| %s | ≤ 1.3 × its bare fsync sequence | %s, %s × |\n' "$1" "$(shown "$write")" \
        "$(times "$write" "$bare" 2)"
}
disk 'one write on a real disk' disk
[ ! -d "$results/other disk" ] || disk 'the same on ext4 with a journal' 'other disk'
row 'one commit of 5,000 imported secrets' '≤ 0.5 s' 'vault/import 5000'
row 'moving 1,000 secrets from files to memory' '≤ 1 s' 'vault/migrate 1000 to memory'
row 'and back' '≤ 1 s' 'vault/migrate 1000 to files'
unlock=$(ms passphrase/unlock) guess=$(ms passphrase/bare)
printf '| unlock by passphrase | ≤ 1.3 × its bare Argon2id | %s, %s × |\n' "$(shown "$unlock")" "$(times "$unlock" "$guess" 2)"
row 'unlock to first full frame (key file), 10,000' '≤ 60 ms' 'ui/unlock to first frame/10000'
row 'the same, 100,000' '≤ 300 ms' 'ui/unlock to first frame/100000'
row 'moving the selection, key to painted frame, 100' '≤ 1 ms' ui_selection_100
row 'the same, 100,000' '≤ 1 ms' ui_selection_100000
row 'keystroke in search, key to painted frame, 10,000 names' '≤ 8 ms' 'ui_search keystroke_10000'
row 'the same, 100,000 names' '≤ 16 ms' 'ui_search keystroke_100000'
row 'final list of a search, slowest keystroke, 100,000 names' '≤ 60 ms' ui_ranking_100000/st
benches/processes.sh | awk -F'|' '/tresor read|tresor token|resident|age/ {
    reach = ""
    if ($2 ~ /key file, 1000 /) reach = "≤ 1.5 × age"
    if ($2 ~ /token/) reach = "≤ 1.3 × read"
    if ($2 ~ /100000/ && $2 ~ /read/) reach = "≤ 1.5 × that with 100"
    if ($2 ~ /UI, 1000 /) reach = "≤ 16 MiB"
    if ($2 ~ /UI, 100000 /) reach = "≤ 80 MiB"
    gsub(/^ +| +$/, "", $2); gsub(/^ +| +$/, "", $3); gsub(/^ +| +$/, "", $4)
    printf "| %s | %s | %s%s |\n", $2, reach, $3, ($4 == "" ? "" : ", " $4)
}'
