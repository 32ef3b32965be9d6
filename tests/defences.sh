#!/usr/bin/env bash
# Takes each defence of SECURITY.md's table out, one at a time, in a copy of the sources, and runs the
# test that shows it: it has to fail. A check that cannot fail proves nothing.
#
#   tests/defences.sh            all; about a minute each, by hand
#   tests/defences.sh NAME…      only these
#
# The copy is built in CARGO_TARGET_DIR, or in a folder of its own that is kept for the next time.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$here/target/defences}
export TRESOR_REAL=1 RUST_BACKTRACE=0
copy=$CARGO_TARGET_DIR/copy kept=$CARGO_TARGET_DIR/kept
wanted=" $* "
failed=0

# defence NAME FILE PERL TEST…: changes FILE by the perl expression and expects the cargo test to fail.
defence() {
    local name=$1 file=$2 change=$3 log=$CARGO_TARGET_DIR/$1.log
    shift 3
    [ "$wanted" = '  ' ] || [[ $wanted == *" $name "* ]] || return 0
    cp "$copy/$file" "$kept"
    perl -0pi -e "$change" "$copy/$file"
    if cmp -s "$copy/$file" "$kept"; then
        echo "NOT TAKEN OUT  $name: nothing in $file matched"
        failed=1
    elif ! (cd "$copy" && cargo test --locked --no-run "$@") >"$log" 2>&1; then
        echo "DOES NOT BUILD  $name: see $log"
        failed=1
    elif (cd "$copy" && timeout 300 cargo test --locked "$@") >"$log" 2>&1; then
        echo "NOT NOTICED  $name: cargo test $*"
        failed=1
    else
        echo "noticed  $name: cargo test $*"
    fi
    # With a time of now: cargo would keep what was built of the changed one.
    cp "$kept" "$copy/$file"
}

mkdir -p "$CARGO_TARGET_DIR"
rm -rf "$copy"
(cd "$here" && git ls-files -z | xargs -0 cp --parents -t "$(mkdir -p "$copy" && echo "$copy")")
# The sources as they are must pass; the first defence would otherwise prove nothing.
(cd "$copy" && cargo test --locked --test tamper --test permissions) >/dev/null

defence encryption src/vault/seal.rs 's/XChaCha20Poly1305::new\(key.into\(\)\)\s*\.encrypt_in_place\(&XNonce::from\(nonce\), aad, &mut \*plaintext\)\s*\.map_err\(\|_\| VaultError::Internal \{ what: "sealing" \}\)\?;/let _ = (key, aad); plaintext.extend_from_slice(&[0; TAG]);/; s/XChaCha20Poly1305::new\(key.into\(\)\)\s*\.decrypt_in_place\(&XNonce::from\(nonce\), aad, &mut \*buffer\)\s*\.ok\(\)\?;/let _ = (key, aad, nonce); let end = buffer.len() - TAG; buffer.truncate(end);/' \
    --test tamper a_stolen_disk
defence kdf-cost src/vault/slots/passphrase.rs 's/LEAST: Self = Self \{ memory_kib: 64 \* 1024/LEAST: Self = Self { memory_kib: 32 * 1024/' \
    --test hostile
defence kdf-cap src/vault/slots/passphrase.rs 's/&& work <= MOST_WORK_KIB/\&\& (work <= MOST_WORK_KIB || work > 0)/' \
    --test hostile
defence associated-data src/vault/aad.rs 's/self\.0\.extend_from_slice\(field\);/let _ = field;/' \
    --lib every_bound_field
defence envelope-pin src/vault/core.rs 's/Digest::of\(bytes\) != kept\.sha256/Digest::of(bytes) != kept.sha256 \&\& bytes.is_empty()/' \
    --test tamper
defence page-pin src/vault/core.rs 's/Digest::of\(&file\) != page\.sha256/Digest::of(&file) != page.sha256 \&\& file.is_empty()/' \
    --test tamper
defence rollback src/vault/seen.rs 's/header\.generation < self\.generation \{/header.generation < self.generation \&\& header.epoch == 0 {/' \
    --test vault
defence another-vault src/vault/seen.rs 's/header\.vault_id != self\.vault_id \{/header.vault_id != self.vault_id \&\& header.epoch == 0 {/' \
    --test vault
defence owner-only src/vault/permissions.rs 's/\(mode & OTHERS != 0\)/(mode \& OTHERS == OTHERS + 1)/' \
    --test permissions
defence owner src/vault/permissions.rs 's/stat\.st_uid != geteuid\(\)\.as_raw\(\)/stat.st_uid > 100_000_000/' \
    --test permissions
defence no-links src/vault/storage/disk.rs 's/\| OFlags::NOFOLLOW \| OFlags::CLOEXEC \| OFlags::NONBLOCK;\n        let fd = openat\(&dir/| OFlags::CLOEXEC | OFlags::NONBLOCK;\n        let fd = openat(\&dir/' \
    --test permissions
defence hard-links src/vault/permissions.rs 's/stat\.st_nlink > 1/stat.st_nlink > 1_000_000/' \
    --test permissions
defence lock src/vault/storage/disk.rs 's/match flock\(&fd, operation\) \{/match flock(\&fd, operation).or(Ok::<(), Errno>(())) {/' \
    --test processes eight
defence wiping src/vault/secret.rs 's/#\[derive\(Zeroize, ZeroizeOnDrop\)\]/#[derive(Zeroize)]/' \
    --test wiped
defence not-dumpable src/vault/memory.rs 's/DumpableBehavior::NotDumpable/DumpableBehavior::Dumpable/' \
    --test pty same_user -- --test-threads=1
defence no-core src/vault/memory.rs 's/Rlimit \{ current: Some\(0\), maximum \}/Rlimit { current: maximum, maximum }/' \
    --test pty same_user -- --test-threads=1
defence visible src/text.rs 's/return !c\.is_ascii_control\(\);/return true;/' \
    --test cli what_a_terminal_obeys
defence wiped-screen src/tui/guard.rs 's/\\x1b\[H\\x1b\[2J\\x1b\[\?1049l//' \
    --test pty scrollback -- --test-threads=1
defence compare-then-clear src/service/clipboard/held.rs 's/bool::from\(plain\.ct_eq\(found\)\)/bool::from(plain.ct_eq(plain)) || found.is_empty()/' \
    --test clipboard -- --test-threads=1
defence journal-seal src/vault/journal/walk.rs 's/if let \(Some\(\(pinned, _\)\), false\) = \(pin, found\)/if let (Some((pinned, _)), false, true) = (pin, found, file.is_none())/' \
    --lib journal
defence key-check src/vault/slots/slot.rs 's/!bool::from\(keys\.check\.ct_eq\(&self\.check\.0\)\)/!bool::from(keys.check.ct_eq(\&keys.check))/' \
    --test vault --test keyring
exit "$failed"
