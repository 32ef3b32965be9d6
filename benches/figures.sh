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

[ "${1:-}" = --print ] || cargo bench --locked --bench vault --bench ui -- --noplot >&2
results=${CARGO_TARGET_DIR:-target}/criterion

# ms PATH: the median of one benchmark in milliseconds.
ms() {
    jq -r '.median.point_estimate / 1e6' "$results/$1/new/estimates.json"
}

# shown MS: three significant digits with a unit.
shown() {
    awk -v ms="$1" 'BEGIN { if (ms < 1) printf "%.0f µs", ms * 1000; else if (ms < 10) printf "%.2f ms", ms; else printf "%.0f ms", ms }'
}

times() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.1f", a / b }'; }

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
disk=$(ms disk/write) bare=$(ms 'disk/bare sequence')
printf '| one write on a real disk | ≤ 1.3 × its bare fsync sequence | %s, %s × |\n' "$(shown "$disk")" "$(awk -v a="$disk" -v b="$bare" 'BEGIN { printf "%.2f", a / b }')"
row 'one commit of 5,000 imported secrets' '≤ 0.5 s' 'vault/import 5000'
unlock=$(ms passphrase/unlock) guess=$(ms passphrase/bare)
printf '| unlock by passphrase | ≤ 1.3 × its bare Argon2id | %s, %s × |\n' "$(shown "$unlock")" "$(awk -v a="$unlock" -v b="$guess" 'BEGIN { printf "%.2f", a / b }')"
row 'unlock to first full frame (key file), 10,000' '≤ 60 ms' 'ui/unlock to first frame/10000'
row 'the same, 100,000' '≤ 300 ms' 'ui/unlock to first frame/100000'
row 'moving the selection, key to painted frame, 100' '≤ 1 ms' ui_selection_100
row 'the same, 100,000' '≤ 1 ms' ui_selection_100000
row 'keystroke in search, key to painted frame, 10,000 names' '≤ 8 ms' 'ui_search keystroke_10000'
row 'the same, 100,000 names' '≤ 16 ms' 'ui_search keystroke_100000'
row 'final list of a search, slowest keystroke, 100,000 names' '≤ 60 ms' ui_ranking_100000/st
benches/processes.sh | awk -F'|' '/tresor read|resident|age/ {
    reach = ""
    if ($2 ~ /key file, 1000 /) reach = "≤ 1.5 × age"
    if ($2 ~ /100000/ && $2 ~ /read/) reach = "≤ 1.5 × that with 100"
    if ($2 ~ /UI, 1000 /) reach = "≤ 16 MiB"
    if ($2 ~ /UI, 100000 /) reach = "≤ 80 MiB"
    gsub(/^ +| +$/, "", $2); gsub(/^ +| +$/, "", $3); gsub(/^ +| +$/, "", $4)
    printf "| %s | %s | %s%s |\n", $2, reach, $3, ($4 == "" ? "" : ", " $4)
}'
