#!/usr/bin/env bash
# Sets up what tresor's tests need and runs them.
#
#   tests/run.sh                    quick and real: what every change must pass
#   tests/run.sh quick|real|long    only these tiers, in the order given
#
#   quick  `cargo test`: nothing but Rust; under 2 minutes after the build
#   real   displays, terminals, clipboards, killed processes; under 15 minutes
#   long   the same tests with far more rounds, an hour of fuzzing, what they run of the vault, and whether
#          they notice what is changed in it; hours, by hand
#
# Components of the real tier are installed where that may be done (root on Debian). Where it may
# not, the parts that miss one are skipped and named; with CI=true a skipped part is a failure.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
exec </dev/null
. tests/components.sh

# Every test target with tests that TRESOR_REAL=1 switches on, and the commands it runs against; of the
# library those that start whole sessions. tests/policy.rs keeps this list whole.
REAL_TARGETS='
lib: tmux
clipboard: Xvfb xclip sway wl-copy wl-paste tmux setpriv
pty: tmux strace
keyring: dbus-run-session dbus-send gnome-keyring-daemon secret-tool
secret_service: dbus-run-session dbus-send gnome-keyring-daemon secret-tool unshare
unlock_cache: keyctl strace
oauth: node npm strace
importers: gpg gpgconf pass keepassxc-cli
helpers: git python3 zsh fish groff man
syscalls: strace prlimit
full_disk: unshare
exporters: age age-keygen unshare
'

# The tests make their own displays, homes, buses and vaults; the user's own are out of their reach.
export DBUS_SESSION_BUS_ADDRESS=unix:path=/nowhere
unset DISPLAY WAYLAND_DISPLAY TMUX SSH_TTY SSH_CONNECTION SSH_CLIENT NO_COLOR
for name in ${!TRESOR_@}; do unset "$name"; done
export RUST_BACKTRACE=1

passed=0 failed=0 skipped=0 summary=''

# note STATUS SECONDS NAME
note() {
    summary+=$(printf '%-8s %5s s  %s' "$1" "$2" "$3")$'\n'
}

# part NAME COMMAND…: runs one part and records how it ended.
part() {
    local name=$1 begin=$SECONDS
    shift
    printf '\n== %s\n' "$name"
    if "$@"; then
        passed=$((passed + 1))
        note passed $((SECONDS - begin)) "$name"
    else
        failed=$((failed + 1))
        note FAILED $((SECONDS - begin)) "$name"
    fi
}

# skip NAME WHY: records a part that cannot run here.
skip() {
    printf '\n== %s\n  skipped: %s\n' "$1" "$2"
    skipped=$((skipped + 1))
    note SKIPPED 0 "$1: $2"
}

# Prints the summary and ends.
finish() {
    printf '\n== summary\n%s' "$summary"
    printf 'parts: %d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
    if [ "$skipped" -gt 0 ] && [ "${CI:-}" = true ]; then
        echo 'a part was skipped, and with CI=true that is a failure'
        exit 1
    fi
    [ "$failed" -eq 0 ] || exit 1
    exit 0
}

# Builds what both tiers run. Without it nothing else can be said.
build() {
    part 'build' cargo test --workspace --locked --no-run
    [ "$failed" -eq 0 ] || finish
}

quick() {
    part 'quick: cargo test' cargo test --workspace --locked --no-fail-fast
}

# run_target TARGET SELECTED: runs one target of the real tier, with what it needs beside commands.
run_target() {
    if [ "$1" = oauth ]; then
        node_packages tests/oauth/provider || return 1
    fi
    if [ "$1" = helpers ]; then
        python_packages tests/helpers || return 1
    fi
    if [ "$1" = secret_service ]; then
        core_in_a_secret_service || return 1
    fi
    # One at a time: the targets start displays and measure times.
    # shellcheck disable=SC2086
    env TRESOR_REAL=1 cargo test --locked $2 -- --test-threads=1
}

# The core's own tests once more, with envelopes in a real Secret Service.
core_in_a_secret_service() {
    local home
    home=$(mktemp -d) || return 1
    # shellcheck disable=SC2016 # the inner shell expands it
    env -u DBUS_SESSION_BUS_ADDRESS CARGO_HOME="${CARGO_HOME:-${HOME:-}/.cargo}" RUSTUP_HOME="${RUSTUP_HOME:-${HOME:-}/.rustup}" \
        HOME="$home" XDG_RUNTIME_DIR="$home" TRESOR_TEST_BACKEND=linux_secret_service \
        dbus-run-session -- bash -c '
            eval "$(printf x | gnome-keyring-daemon --unlock --components=secrets 2>/dev/null)"
            cargo test --locked --no-fail-fast --test vault --test rekey'
    local result=$?
    rm -rf "$home"
    return $result
}

real() {
    local line target needs missing selected
    printf '\n== components of the real tier\n'
    # shellcheck disable=SC2046
    provide $(sed 's/^[^:]*://' <<<"$REAL_TARGETS" | tr ' ' '\n' | sort -u)
    while IFS= read -r line; do
        [ -n "$line" ] || continue
        target=${line%%:*} needs=${line#*:}
        # shellcheck disable=SC2086
        missing=$(missing_of $needs)
        if [ -n "$missing" ]; then
            skip "$1: $target" "not installed: ${missing% }"
        else
            selected="--test $target"
            [ "$target" != lib ] || selected='--lib tui::run'
            part "$1: $target" run_target "$target" "$selected"
        fi
    done <<<"$REAL_TARGETS"
}

long() {
    export TRESOR_LONG=1 PROPTEST_CASES=100000 TRESOR_KILLS=10000
    part 'long: properties' cargo test --locked --no-fail-fast --lib --test model
    part 'long: 10,000 kills, eight writers' cargo test --locked --test processes
    part 'long: power loss, over 100,000 states' cargo test --locked --test power_loss
    part 'long: every bit of every file altered' cargo test --locked --test tamper
    real long
    # An hour over all targets.
    part 'long: fuzzing' fuzz/run.sh 330
    unset TRESOR_LONG PROPTEST_CASES TRESOR_KILLS
    part 'long: lines of the vault that tests run' tests/coverage.sh
    part 'long: each defence taken out' tests/defences.sh
    if cargo mutants --version >/dev/null 2>&1; then
        part 'long: small changes of the vault' tests/mutants.sh
    else
        skip 'long: small changes of the vault' 'cargo-mutants is not installed'
    fi
}

[ $# -gt 0 ] || set -- quick real
for tier in "$@"; do
    case $tier in
    quick | real | long) ;;
    *)
        echo "tests/run.sh: no tier '$tier'; there are quick, real and long" >&2
        exit 2
        ;;
    esac
done
build
for tier in "$@"; do "$tier" "$tier"; done
finish
