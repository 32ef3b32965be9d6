#!/usr/bin/env bash
# Measures whole processes of the release binary on tmpfs and prints a Markdown table of medians:
# `tresor read` by a key file against `age -d` of the same bytes, `tresor token` of an OAuth token that is still
# good against `tresor read`, the import of 10,000 dotenv lines, and the memory of the settled UI.
#
#   benches/processes.sh            all sizes; about two minutes after the build
#   RUNS=50 benches/processes.sh    fewer runs of each
#
# Needs age, hyperfine, jq, node, npm and tmux: installed as root on Debian, otherwise named.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec </dev/null
. tests/components.sh
provide age hyperfine jq node npm tmux || exit 1

RUNS=${RUNS:-300}
# In so many turns.
ROUNDS=10
SIZES='100 1000 100000'
UI_SIZES='1000 100000'

cargo build --release --locked --bin tresor
tresor=$(cd "${CARGO_TARGET_DIR:-target}/release" && pwd)/tresor
base=/dev/shm
[ -d "$base" ] || base=/tmp
D=$(mktemp -d "$base/tresor-bench.XXXXXX")
clean_up() {
    tmux -S "$D/tmux" kill-server 2>/dev/null || true
    rm -rf "$D"
}
trap clean_up EXIT
for name in ${!TRESOR_@}; do unset "$name"; done
export HOME="$D/home" XDG_STATE_HOME="$D/state" XDG_CONFIG_HOME="$D/config"
mkdir -p "$HOME"

# A vault of $1 secrets in $D/$1, its key in $D/$1.key; every value has 44 bytes.
fill() {
    local n=$1
    "$tresor" --quiet --vault "$D/$n" init --key-file "$D/$n.key"
    # An import takes at most 10,000 names.
    seq "$n" | awk '{ printf "NAME_%d=%044d\n", $1, $1 }' | split -l 10000 - "$D/env."
    local part
    for part in "$D"/env.*; do
        "$tresor" --quiet --yes --vault "$D/$n" --key-file "$D/$n.key" \
            import dotenv "$part" --scope project:bench >/dev/null
        rm "$part"
    done
}

# A profile in the vault of $1 secrets, by the provider of tests/oauth; nothing is asked of it later.
sign_in() {
    node_packages tests/oauth/provider >/dev/null
    mkfifo "$D/hold"
    node tests/oauth/provider/server.mjs <"$D/hold" >"$D/provider" &
    exec 9>"$D/hold"
    local provider=$! tries=100
    until grep -q READY "$D/provider"; do
        sleep 0.1
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || { echo 'the provider does not start' >&2 && return 1; }
    done
    "$tresor" --quiet --vault "$D/$1" --key-file "$D/$1.key" profile add bench \
        --issuer "$(sed 's/^READY //' "$D/provider")" --client-id service --scopes api \
        --flow client_credentials --client-secret-stdin <<<service-secret-0123456789
    exec 9>&-
    kill "$provider" 2>/dev/null || true
}

# measure NAME COMMAND…: adds the seconds of some runs to those of that name.
measure() {
    local name=$1
    shift
    hyperfine -N --warmup 10 --runs "$((RUNS / ROUNDS))" --export-json "$D/result.json" "$*" >/dev/null 2>&1
    jq -r '.results[0].times[]' "$D/result.json" >>"$D/$name.times"
}

# median NAME: milliseconds
median() {
    jq -rs 'sort | .[length / 2 | floor] * 1000' "$D/$1.times"
}

ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }
row() { printf '| %s | %s | %s |\n' "$@"; }

# Seconds that each of five imports of 10,000 lines takes, each into a vault of its own.
import_times() {
    local run
    seq 10000 | awk '{ printf "NAME_%d=%044d\n", $1, $1 }' >"$D/import.env"
    for run in 1 2 3 4 5; do
        "$tresor" --quiet --vault "$D/import$run" init --key-file "$D/import.key"
        hyperfine -N --runs 1 --export-json "$D/result.json" \
            "$tresor --quiet --yes --vault $D/import$run --key-file $D/import.key import dotenv $D/import.env --scope project:bench" >/dev/null 2>&1
        jq -r '.results[0].times[]' "$D/result.json" >>"$D/import.times"
        rm -r "$D/import$run" "$D/import.key"
    done
}

# Resident KiB of the UI over the vault of $1 secrets, three seconds after it drew them.
resident() {
    local n=$1 tries=200
    tmux -S "$D/tmux" -f /dev/null new-session -d -x 120 -y 40 \
        "exec '$tresor' --vault '$D/$n' --key-file '$D/$n.key'"
    until tmux -S "$D/tmux" capture-pane -p | grep -q 'name_'; do
        sleep 0.05
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || { tmux -S "$D/tmux" capture-pane -p >&2 && return 1; }
    done
    sleep 3
    awk '/^VmRSS/ { print $2 }' "/proc/$(tmux -S "$D/tmux" list-panes -F '#{pane_pid}')/status"
    tmux -S "$D/tmux" kill-server
    sleep 0.2
}

import_times
for n in $SIZES; do fill "$n"; done
sign_in 1000
age-keygen -o "$D/age.key" 2>/dev/null
printf '%044d' 500 | age -r "$(grep -o 'age1.*' "$D/age.key")" -o "$D/value.age"
# In turns: filling the largest leaves the machine busy or throttled for a while, and slows all alike.
for _ in $(seq "$ROUNDS"); do
    for n in $SIZES; do
        measure "$n" "$tresor --vault $D/$n --key-file $D/$n.key read project:bench/name_$((n / 2))"
    done
    measure token "$tresor --vault $D/1000 --key-file $D/1000.key token bench"
    measure age "age -d -i $D/age.key $D/value.age"
done
declare -A read_ms
for n in $SIZES; do read_ms[$n]=$(median "$n"); done
age_ms=$(median age)

echo '| what | measured | beside |'
echo '|---|---|---|'
row '`age -d` of the same bytes' "$(printf '%.2f ms' "$age_ms")" ''
for n in $SIZES; do
    row "\`tresor read\`, key file, $n secrets" "$(printf '%.2f ms' "${read_ms[$n]}")" \
        "$(ratio "${read_ms[$n]}" "$age_ms") × age, $(ratio "${read_ms[$n]}" "${read_ms[100]}") × at 100"
done
row '`tresor token`, still good, 1000 secrets' "$(printf '%.2f ms' "$(median token)")" \
    "$(ratio "$(median token)" "${read_ms[1000]}") × read"
row 'import of 10,000 dotenv lines, ≤ 1.5 s' "$(printf '%.0f ms' "$(median import)")" ''
for n in $UI_SIZES; do
    kib=$(resident "$n")
    row "resident memory of the UI, $n secrets" "$(awk -v k="$kib" 'BEGIN { printf "%.1f MiB", k / 1024 }')" ''
done
