#!/usr/bin/env bash
# Measures a vault in a Secret Service of its own: a bus, an unlocked gnome-keyring and an empty home.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec </dev/null
. tests/components.sh
provide dbus-run-session gnome-keyring-daemon >&2 || exit 1

cargo bench --locked --bench store --no-run
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
# shellcheck disable=SC2016 # the inner shell expands it
env -u DBUS_SESSION_BUS_ADDRESS CARGO_HOME="${CARGO_HOME:-$HOME/.cargo}" RUSTUP_HOME="${RUSTUP_HOME:-$HOME/.rustup}" \
    HOME="$home" XDG_RUNTIME_DIR="$home" dbus-run-session -- bash -c '
        eval "$(printf x | gnome-keyring-daemon --unlock --components=secrets 2>/dev/null)"
        cargo bench --locked --bench store -- --noplot'
