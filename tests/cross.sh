#!/usr/bin/env bash
# Other systems from this one: builds the tests of the vault for Windows and runs them under Wine, and has the
# compiler check the program for macOS and for other kinds of Linux.
#
#   tests/cross.sh                                     all of it
#   tests/cross.sh windows|windows-long|macos|linux    only these parts: the vault and the commands under
#                                                      Wine, what takes long there; macOS, and other kinds
#                                                      of Linux, checked by the compiler
#
# Wine is no Windows: README.md says what that leaves open. The compiler is Debian's, as it brings the standard
# library's source, which is built for each target. The packages are installed where that may be done
# (root on Debian). Where it may not, a part is skipped and named; with CI=true that is a failure.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
exec </dev/null
. tests/components.sh

WINE=/usr/lib/wine/wine64
# What makes sense there: no terminal, no modes, no other program of Unix.
WINDOWS_TESTS='cli golden vectors model vault rekey faults'
WINDOWS_LONG='rebuild tamper power_loss processes'
MACOS='aarch64-apple-darwin'
LINUX='aarch64-unknown-linux-gnu x86_64-unknown-linux-musl'

work=${CARGO_TARGET_DIR:-$PWD/target}/cross
begin=$SECONDS failures=0 skips=0

# A cargo of its own, so that nothing is shared with the one that is used otherwise. Its settings: nothing for
# debuggers, nothing optimised that is not optimised by name in Cargo.toml.
cross_cargo() {
    env -u RUSTFLAGS -u CARGO_BUILD_TARGET CARGO_HOME="$work/home" CARGO_TARGET_DIR="$work" \
        RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 CARGO_INCREMENTAL=0 CARGO_PROFILE_DEV_DEBUG=0 \
        CARGO_TERM_COLOR=never CARGO_NET_RETRY=5 /usr/bin/cargo "$@" -Z build-std --locked
}

# have FILES PACKAGES: sees to it that these files are there.
have() {
    local file missing=0
    for file in $1; do [ -e "$file" ] || missing=1; done
    [ "$missing" = 0 ] && return 0
    may_install || return 1
    echo "  installing: $2"
    # shellcheck disable=SC2086
    install_packages $2 || return 1
    for file in $1; do [ -e "$file" ] || return 1; done
}

# Whether the compiler is there, as new as the program asks for, with its cargo and the standard library's
# source.
has_compiler() {
    local wanted found
    [ -x /usr/bin/cargo ] && [ -e /usr/lib/rustlib/src/rust/library ] || return 1
    wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
    found=$(/usr/bin/rustc --version 2>/dev/null | cut -d' ' -f2)
    [ -n "$found" ] && [ "$(printf '%s\n' "$wanted" "$found" | sort -V | head -n 1)" = "$wanted" ]
}

# The compiler and what belongs to it. The lists of packages that lie on a machine may be old, and name an
# older one.
compiler() {
    if ! has_compiler && may_install; then
        update_package_lists
        echo '  installing: rustc-web cargo-web rust-web-src'
        install_packages rustc-web cargo-web rust-web-src || return 1
    fi
    has_compiler
}

skip() {
    printf '  skipped: %s: %s\n' "$1" "$2"
    skips=$((skips + 1))
}

# part NAME COMMAND…: runs one part and says how it ended.
part() {
    local name=$1 start=$SECONDS
    shift
    printf '\n== %s\n' "$name"
    if "$@"; then
        echo "== $name: passed after $((SECONDS - start)) s"
    else
        echo "== $name: FAILED after $((SECONDS - start)) s"
        failures=$((failures + 1))
    fi
}

# Wine 8 has no bcryptprimitives.dll, of which the standard library takes its randomness. Windows has it; this
# one only names another function for it, lies beside the tests, and is never shipped.
random_numbers() {
    mkdir -p "$1" && cat >"$1/forward.def" <<'END' &&
LIBRARY bcryptprimitives
EXPORTS
  ProcessPrng = advapi32.SystemFunction036
END
        x86_64-w64-mingw32-gcc -shared -nostdlib -Wl,--entry,0 \
            -o "$1/bcryptprimitives.dll" "$1/forward.def"
}

# Its processes outlive who starts them.
end_wine() {
    [ -n "$wine_prefix" ] || return 0
    WINEPREFIX="$wine_prefix" /usr/lib/wine/wineserver64 -k 2>/dev/null
    WINEPREFIX="$wine_prefix" /usr/lib/wine/wineserver64 -w 2>/dev/null
    rm -rf "$wine_prefix"
    wine_prefix=''
}
wine_prefix=''
trap end_wine EXIT
trap 'exit 143' TERM INT

# on_wine COMMAND…: runs it with a Wine of its own.
on_wine() {
    local result
    random_numbers "$work/wine" || return 1
    wine_prefix=$(mktemp -d) || return 1
    (
        export WINEPREFIX="$wine_prefix" WINEPATH="Z:${work//\//\\}\\wine" WINEDEBUG=-all DISPLAY='' RUST_BACKTRACE=1
        export WINEDLLOVERRIDES='mscoree,mshtml=' CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER=$WINE
        # A process takes a third of a second to start there: fewer are killed.
        export TRESOR_KILLS=30 PROPTEST_CASES=32
        "$@"
    )
    result=$?
    end_wine
    return $result
}

# windows_tests SELECTION…: builds these tests and runs them.
windows_tests() {
    cross_cargo test --target x86_64-pc-windows-gnu --no-fail-fast "$@"
}

short_tests() {
    local test selected=()
    for test in $WINDOWS_TESTS; do selected+=(--test "$test"); done
    windows_tests --lib "${selected[@]}" &&
        # The core's own once more, with what Windows seals for its user.
        TRESOR_TEST_BACKEND=windows_dpapi windows_tests --test vault --test rekey
}

long_tests() {
    local test selected=()
    for test in $WINDOWS_LONG; do selected+=(--test "$test"); done
    windows_tests "${selected[@]}"
}

# on_windows NAME COMMAND: a part that needs the compiler and Wine.
on_windows() {
    if compiler && have "$WINE /usr/bin/x86_64-w64-mingw32-gcc" 'wine64 gcc-mingw-w64-x86-64'; then
        part "$1" on_wine "$2"
    else
        skip "$1" 'rustc-web, cargo-web, rust-web-src, gcc-mingw-w64-x86-64 or wine64 is missing'
    fi
}

# checked TARGETS: the library and the binary, checked by the compiler and not run; all at once, as what runs
# here is built for them only once.
checked() {
    if compiler; then
        part "checked by the compiler: $1" check "$1"
    else
        skip "$1" 'rustc-web, cargo-web or rust-web-src is missing'
    fi
}

# Nothing is linked, so that no C has to be compiled either: `true` stands for the C compiler and the archiver
# that ring's build script asks for.
check() (
    targets=()
    for target in $1; do
        name=${target//-/_}
        export "CC_$name=/bin/true" "CXX_$name=/bin/true" "AR_$name=/bin/true"
        targets+=(--target "$target")
    done
    cross_cargo check --quiet "${targets[@]}" --lib --bins
)

[ $# -gt 0 ] || set -- windows windows-long macos linux
for name in "$@"; do
    case $name in
    windows) on_windows 'Windows: the vault and the commands under Wine' short_tests ;;
    windows-long) on_windows 'Windows: damage, kills and lost power under Wine' long_tests ;;
    macos) checked "$MACOS" ;;
    linux) checked "$LINUX" ;;
    *)
        echo "tests/cross.sh: no part '$name'; there are windows, windows-long, macos and linux" >&2
        exit 2
        ;;
    esac
done
printf '\n== cross: %d failed, %d skipped, %d s\n' "$failures" "$skips" $((SECONDS - begin))
[ "$skips" -eq 0 ] || [ "${CI:-}" != true ] || exit 1
[ "$failures" -eq 0 ]
