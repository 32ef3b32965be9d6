# Finds, and where it may installs, the programs that tests and pictures run against. Sourced, not run.
# It may install as root on a Debian system; anywhere else it only says what is missing.

# The Debian package of a command.
package_of() {
    case $1 in
    Xvfb) echo xvfb ;;
    xclip) echo xclip ;;
    sway | swaymsg) echo sway ;;
    wl-copy | wl-paste) echo wl-clipboard ;;
    setpriv | unshare | prlimit) echo util-linux ;;
    dbus-run-session | dbus-send) echo dbus ;;
    gnome-keyring-daemon) echo gnome-keyring ;;
    secret-tool) echo libsecret-tools ;;
    keyctl) echo keyutils ;;
    ps) echo procps ;;
    age-keygen) echo age ;;
    node) echo nodejs ;;
    keepassxc-cli) echo keepassxc ;;
    gpg) echo gnupg ;;
    python3) echo python3-venv ;;
    man) echo man-db ;;
    llvm-cov-19 | llvm-profdata-19) echo llvm-19 ;;
    *) echo "$1" ;; # npm, tmux, strace, age, foot, grim, wtype, jq, hyperfine: package and command agree
    esac
}

# Prints those of the given commands that are not there.
missing_of() {
    local command
    for command in "$@"; do
        command -v "$command" >/dev/null 2>&1 || printf '%s ' "$command"
    done
}

may_install() {
    [ "$(id -u)" = 0 ] && [ -e /etc/debian_version ] && command -v apt-get >/dev/null 2>&1
}

update_package_lists() {
    env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Acquire::Retries=3 update >/dev/null 2>&1
}

# Installs Debian packages; the package lists are fetched only if the first try fails.
install_packages() {
    local quiet=(env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 -o Acquire::Retries=3)
    local install=("${quiet[@]}" install -y --no-install-recommends "$@")
    "${install[@]}" >/dev/null 2>&1 && return 0
    update_package_lists
    "${install[@]}" >/dev/null && return 0
    sleep 5
    "${quiet[@]}" update && "${install[@]}"
}

# Sees to it that the given commands are there, as far as that is possible here.
provide() {
    local missing command packages=()
    missing=$(missing_of "$@")
    [ -n "$missing" ] || return 0
    if ! may_install; then
        echo "  not here: $missing(installing is left to you: this is not root on Debian)"
        return 1
    fi
    for command in $missing; do
        packages+=("$(package_of "$command")")
    done
    echo "  installing: ${packages[*]}"
    install_packages "${packages[@]}"
    [ -z "$(missing_of "$@")" ]
}

# Installs what the lock file of a Node package names, unless that was done since it last changed.
node_packages() {
    # npm writes this file at the end.
    [ "$1/node_modules/.package-lock.json" -nt "$1/package-lock.json" ] && return 0
    (cd "$1" && npm ci --omit=dev --ignore-scripts --no-audit --no-fund)
}

# The same of a Python requirements.txt, into the folder venv beside it.
python_packages() {
    python3 "$1/packages.py"
}
