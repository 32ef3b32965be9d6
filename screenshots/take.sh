#!/usr/bin/env bash
# Takes the pictures in this folder: the real release binary, in a real terminal emulator (foot) on a
# headless Wayland compositor (sway), driven by key presses. Nothing is drawn or touched up.
#
#   screenshots/take.sh               all pictures
#   screenshots/take.sh browse …      only these
#   screenshots/take.sh --with PROGRAM browse …   the same of a tresor that is built already, to try a scene
#   screenshots/take.sh --rig OUT.png COMMAND…   one picture of any terminal program, to try the rig;
#                                                  RIG_KEYS names keys to press first
#
# Look at every picture before it is kept. Needs root on Debian, or the programs below installed.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here/.."
exec </dev/null
. tests/components.sh

SCENES='browse reveal search health code edit first-run unlock keys light 80x24 profiles wizard-scopes wizard'
provide sway swaymsg foot grim wtype jq setpriv || { echo 'components are missing' >&2 && exit 1; }
fc-list 2>/dev/null | grep -qi 'JetBrains Mono' || { may_install && install_packages fonts-jetbrains-mono; }

# Everything lives in one private directory; sway refuses root, so as root it belongs to nobody.
D=$(mktemp -d /tmp/tresor-pictures.XXXXXX)
SWAY_PID='' FOOT_PID='' PROVIDER_PID=''
clean_up() {
    [ -z "$PROVIDER_PID" ] || kill "$PROVIDER_PID" 2>/dev/null || true
    [ -z "$FOOT_PID" ] || kill "$FOOT_PID" 2>/dev/null || true
    [ -z "$SWAY_PID" ] || kill "$SWAY_PID" 2>/dev/null || true
    wait 2>/dev/null || true
    rm -rf "$D"
}
trap clean_up EXIT

as_user=(env -i)
if [ "$(id -u)" = 0 ]; then
    as_user=(setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs env -i)
fi
as_user+=(HOME="$D/home" XDG_RUNTIME_DIR="$D/run" PATH="$PATH" LANG=C.UTF-8 SHELL=/bin/sh)

start_sway() {
    mkdir -p "$D/home" "$D/run" "$D/bin"
    cat >"$D/sway.conf" <<'CONF'
output HEADLESS-1 resolution 2800x2000 scale 2
output HEADLESS-1 background #101014 solid_color
default_border none
for_window [app_id=".*"] floating enable, move position 0 0
seat * hide_cursor 100
CONF
    [ "$(id -u)" != 0 ] || chown -R 65534:65534 "$D"
    chmod -R go= "$D"
    "${as_user[@]}" WLR_BACKENDS=headless WLR_LIBINPUT_NO_DEVICES=1 WLR_RENDERER=pixman \
        sway -c "$D/sway.conf" >"$D/sway.log" 2>&1 &
    SWAY_PID=$!
    local tries=100
    until [ -S "$D/run/wayland-1" ]; do
        sleep 0.1
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || { cat "$D/sway.log" >&2 && exit 1; }
    done
    as_user+=(WAYLAND_DISPLAY=wayland-1 SWAYSOCK="$(echo "$D"/run/sway-ipc.*.sock)")
}

DARK='background=16181d
foreground=d7dae0
regular0=2a2e37
regular1=e06c75
regular2=98c379
regular3=e5c07b
regular4=61afef
regular5=c678dd
regular6=56b6c2
regular7=abb2bf
bright0=6b7280
bright1=f0848c
bright2=b1d894
bright3=f0d296
bright4=82c3ff
bright5=d89aeb
bright6=78cdd8
bright7=f2f4f8'
LIGHT='background=fbfbf9
foreground=24292f
regular0=24292f
regular1=b3261e
regular2=1a7f37
regular3=8a5a00
regular4=0550ae
regular5=8250df
regular6=0f6b75
regular7=6e7781
bright0=57606a
bright1=cf222e
bright2=2da44e
bright3=9a6700
bright4=0969da
bright5=a475f9
bright6=1b7c83
bright7=8c959f'

# open_terminal SIZE COLOURS COMMAND…: foot of that many cells, running the command.
open_terminal() {
    local size=$1 colours=$2
    shift 2
    printf '%s\n' 'font=JetBrains Mono:size=11' 'pad=10x8' 'dpi-aware=no' '[cursor]' 'blink=no' \
        '[colors]' "$colours" >"$D/foot.ini"
    chmod a+r "$D/foot.ini"
    [ "$(id -u)" != 0 ] || chown 65534:65534 "$D/foot.ini"
    "${as_user[@]}" foot -c "$D/foot.ini" -W "$size" "$@" >"$D/foot.log" 2>&1 &
    FOOT_PID=$!
    local tries=100
    until [ -n "$(window)" ]; do
        sleep 0.1
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || { cat "$D/foot.log" >&2 && exit 1; }
    done
    sleep 1.5
}

# The window's geometry as grim wants it; nothing when there is no window.
window() {
    "${as_user[@]}" swaymsg -r -t get_tree | jq -r '.. | objects | select(.app_id? == "foot")
        | .rect | "\(.x),\(.y) \(.width)x\(.height)"' | head -n 1
}

# keys NAME…: notes keys to press before the picture: XKB names, C-name with Ctrl, "=text" for text,
# "+ms" to wait. They go out in one wtype call: the seat's only keyboard lives and dies with it.
PRESSES=() PRESS_MS=0
keys() {
    local key
    for key in "$@"; do
        case $key in
        =*) PRESSES+=("${key#=}") ;;
        +*) PRESSES+=(-s "${key#+}") && PRESS_MS=$((PRESS_MS + ${key#+})) ;;
        C-*) PRESSES+=(-M ctrl -k "${key#C-}" -m ctrl) ;;
        ?) PRESSES+=("$key") ;; # as text: -k G would press g
        *) PRESSES+=(-k "$key") ;;
        esac
        PRESSES+=(-s 300)
        PRESS_MS=$((PRESS_MS + 310 + 20 * ${#key}))
    done
}

# shoot FILE: presses the keys and takes the window as it is then; then the program is ended.
shoot() {
    "${as_user[@]}" wtype -d 15 -s 500 "${PRESSES[@]}" -s 4000 &
    local keyboard=$!
    sleep "$(((PRESS_MS + 1500) / 1000)).$(((PRESS_MS + 1500) / 100 % 10))"
    "${as_user[@]}" grim -l 9 -g "$(window)" - >"$D/picture.png"
    mv "$D/picture.png" "$1"
    chmod 644 "$1"
    kill "$FOOT_PID" "$keyboard" 2>/dev/null || true
    wait "$FOOT_PID" "$keyboard" 2>/dev/null || true
    FOOT_PID='' PRESSES=() PRESS_MS=0
    echo "  $1"
}

# tresor_in SIZE COLOURS ARGUMENTS…
tresor_in() {
    local size=$1 colours=$2
    shift 2
    open_terminal "$size" "$colours" "$D/bin/tresor" "$@"
}

# Walks to a secret by the search, which also leaves the list on it.
go_to() {
    keys slash "=$1" Return
}

# Narrows the list to the demo's project:shop:prod and selects its seventh key, a Stripe key.
go_to_prod() {
    keys h G k k Tab j j j j j j
}

scene() {
    case $1 in
    browse)
        tresor_in 120x30 "$DARK" demo
        go_to_prod
        keys y +500
        ;;
    reveal)
        tresor_in 120x30 "$DARK" demo
        go_to_prod
        keys Return
        ;;
    search)
        tresor_in 120x30 "$DARK" demo
        keys slash '=prod tok' +300
        ;;
    health)
        tresor_in 120x30 "$DARK" demo
        keys A +1500 j
        ;;
    code)
        tresor_in 120x30 "$DARK" demo
        go_to 'totp'
        keys Return +900
        ;;
    edit)
        tresor_in 120x30 "$DARK" demo
        go_to 'dev env'
        keys e Return '=FEATURE_X=on'
        ;;
    first-run)
        tresor_in 100x30 "$DARK" --vault "$D/home/first-run"
        keys '=correct horse'
        ;;
    unlock)
        make_vault
        tresor_in 100x30 "$DARK" --vault "$D/home/vault"
        keys =nearly-right Return +2500
        ;;
    keys)
        make_vault
        tresor_in 100x30 "$DARK" --vault "$D/home/vault"
        keys =picture-of-a-lock Return +1500 K
        ;;
    light)
        mkdir -p "$D/home/.config/tresor"
        printf '[ui]\ntheme = "light"\n' >"$D/home/.config/tresor/config.toml"
        [ "$(id -u)" != 0 ] || chown -R 65534:65534 "$D/home/.config"
        tresor_in 120x30 "$LIGHT" demo
        rm "$D/home/.config/tresor/config.toml"
        go_to_prod
        keys j j
        ;;
    80x24)
        tresor_in 80x24 "$DARK" demo
        go_to_prod
        keys j j
        ;;
    profiles)
        make_profiles
        team_in 120x30
        # The one that ends soon.
        keys o j j
        ;;
    wizard-scopes)
        make_profiles
        team_in 120x30
        go_to_scopes
        ;;
    wizard)
        make_profiles
        team_in 120x30
        go_to_scopes
        keys Return +4000
        ;;
    *)
        echo "no scene '$1'; there are: $SCENES" >&2
        exit 2
        ;;
    esac
    shoot "$here/$1.png"
}

# A vault with a passphrase, for the unlock screen; made once.
make_vault() {
    [ -d "$D/home/vault" ] && return 0
    (umask 077 && printf 'picture-of-a-lock\n' >"$D/home/passphrase")
    [ "$(id -u)" != 0 ] || chown 65534:65534 "$D/home/passphrase"
    "${as_user[@]}" "$D/bin/tresor" --vault "$D/home/vault" init \
        --passphrase-file "$D/home/passphrase"
}

# The vault of a team, opened by a key file, and what is kept there.
team=()
team_in() {
    tresor_in "$1" "$DARK" "${team[@]}"
    # To project:web:dev, the last but one above the trash.
    keys h G k k
}

in_team() {
    "${as_user[@]}" "$D/bin/tresor" "${team[@]}" "$@" >/dev/null
}

# A real provider on this machine, that of tests/oauth; it lives until the pictures are taken.
start_provider() {
    provide node npm
    node_packages tests/oauth/provider >/dev/null
    mkfifo "$D/hold"
    INTERVAL=1 node tests/oauth/provider/server.mjs <"$D/hold" >"$D/provider" &
    PROVIDER_PID=$!
    exec 9>"$D/hold"
    local tries=100
    until grep -q READY "$D/provider"; do
        sleep 0.1
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || { echo 'the provider does not start' >&2 && exit 1; }
    done
    ISSUER=$(sed 's/^READY //' "$D/provider")
}

# provider_file ID NAME ABOUT: one of the user's own.
provider_file() {
    cat >"$D/home/.config/tresor/providers/$1.toml" <<TOML
name = "$2"
about = "$3"

[oauth]
issuer = "$ISSUER"
flows = ["device", "browser", "client_credentials"]
secret = "never"
register = "$ISSUER"
register_hint = "Register a native client and allow it the device grant; no secret is needed."
scopes = [
    { name = "openid", about = "say who you are", default = true },
    { name = "profile", about = "read your name and picture" },
    { name = "api", about = "read and write repositories and issues" },
    { name = "offline_access", about = "stay signed in (gives a refresh token)", default = true },
]
TOML
}

# sign_in ID OWNER PROVIDER SECONDS SCOPES: signs in by a code, as a person would, at the word of the
# provider that the token lives so long.
sign_in() {
    local more=(--owner "$2" --provider "$3" --client-id native --flow device --scopes "$5")
    node -e 'fetch(process.argv[1], { method: "POST", body: process.argv[2] })' "$ISSUER/__faults" \
        "[{\"path\":\"/token\",\"kind\":\"members\",\"members\":{\"expires_in\":$4},\"times\":100}]"
    "${as_user[@]}" "$D/bin/tresor" "${team[@]}" profile add "$1" "${more[@]}" --no-browser --json \
        >"$D/sign-in" &
    local signing_in=$! code=''
    until [ -n "$code" ]; do
        kill -0 "$signing_in" || exit 1
        sleep 0.1
        code=$(jq -r 'select(.event == "device") | .user_code' "$D/sign-in")
    done
    node tests/oauth/provider/browser.mjs device "$ISSUER/device" "$code" approve
    wait "$signing_in"
}

# A vault with a profile of each health; made once.
make_profiles() {
    [ ${#team[@]} = 0 ] || return 0
    start_provider
    team=(--vault "$D/home/team" --key-file "$D/home/key")
    mkdir -p "$D/home/.config/tresor/providers"
    provider_file forge Forge "A token for the team's Git server."
    provider_file calendar Calendar "A token for the team's calendar."
    provider_file chat 'Team chat' "A token for the team's chat rooms."
    [ "$(id -u)" != 0 ] || chown -R 65534:65534 "$D/home/.config"
    in_team init --quiet
    local secret
    for secret in database_url:connection_url redis_url:connection_url session_key:api_key smtp_password:password; do
        in_team set "project:web:dev/${secret%:*}" --kind "${secret#*:}" --chomp --value-stdin <<<"$RANDOM"
    done
    in_team profile add openai --provider openai --key-stdin --quiet <<<"sk-proj-$RANDOM$RANDOM"
    sign_in repositories project:web:dev forge 28900 'openid offline_access api'
    sign_in calendar skill:planner calendar 700 'openid offline_access'
    sign_in chat channel:slack:acct-1 chat 1 openid
    sign_in releases project:web:prod forge 28900 'openid offline_access api'
    in_team delete project:web:prod/releases.access_token
}

# In the wizard, at what to ask for.
go_to_scopes() {
    local down
    down=$("${as_user[@]}" "$D/bin/tresor" "${team[@]}" profile providers --json |
        jq '.providers | map(.id) | index("forge")')
    # shellcheck disable=SC2046
    keys o a $(printf 'Down %.0s' $(seq "$down")) Return
    # By a code.
    keys Home Return =native Tab Tab Down Down '= ' +300
}

if [ "${1:-}" = --rig ]; then
    out=$2
    shift 2
    start_sway
    open_terminal 120x36 "$DARK" "$@"
    # shellcheck disable=SC2086
    keys ${RIG_KEYS:-}
    shoot "$out"
    exit 0
fi

program=${CARGO_TARGET_DIR:-target}/release/tresor
if [ "${1:-}" = --with ]; then
    program=$2
    shift 2
else
    cargo build --release --locked --bin tresor
fi
start_sway
# A copy, so that the unprivileged user can run it wherever the clone lies.
install -m 755 "$program" "$D/bin/tresor"
[ $# -gt 0 ] || set -- $SCENES
for name in "$@"; do scene "$name"; done
