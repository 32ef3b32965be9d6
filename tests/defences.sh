#!/usr/bin/env bash
# Takes each defence of SECURITY.md's tables out, one at a time, in a copy of the sources, and runs the
# test that shows it: it has to fail. A check that cannot fail proves nothing. First all these tests have
# to pass on the sources as they are.
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
# Sealing that seals nothing.
UNSEALED='s/XChaCha20Poly1305::new\(key.into\(\)\)\s*\.encrypt_in_place\(&XNonce::from\(nonce\), aad, &mut \*plaintext\)\s*\.map_err\(\|_\| VaultError::Internal \{ what: "sealing" \}\)\?;/let _ = (key, aad); plaintext.extend_from_slice(&[0; TAG]);/; s/XChaCha20Poly1305::new\(key.into\(\)\)\s*\.decrypt_in_place\(&XNonce::from\(nonce\), aad, &mut \*buffer\)\s*\.ok\(\)\?;/let _ = (key, aad, nonce); let end = buffer.len() - TAG; buffer.truncate(end);/'

wanted=" $* "
failed=0
declare -A passes

# said WORD NAME WHAT: a line of the report; every word but "noticed" is a failure.
said() {
    printf '%-13s %s: %s\n' "$1" "$2" "$3"
    [ "$1" = noticed ] || failed=1
}

# defence NAME FILE PERL TEST…: changes FILE by the perl expression and expects the cargo test to fail.
defence() {
    local name=$1 file=$2 change=$3 log=$CARGO_TARGET_DIR/$1.log ended=0
    shift 3
    [ "$wanted" = '  ' ] || [[ $wanted == *" $name "* ]] || return 0
    if [ "$phase" = unchanged ]; then
        [ -z "${passes[$*]:-}" ] || return 0
        passes[$*]=no
        (cd "$copy" && cargo test --locked "$@") >"$log" 2>&1 && passes[$*]=yes
        return 0
    fi
    if [ "${passes[$*]}" = no ]; then
        said 'FAILS ANYWAY' "$name" "cargo test $*"
        return 0
    fi
    cp "$copy/$file" "$kept"
    perl -0pi -e "$change" "$copy/$file"
    if cmp -s "$copy/$file" "$kept"; then
        said 'NOT TAKEN OUT' "$name" "nothing in $file matched"
    elif ! (cd "$copy" && cargo test --locked --no-run "$@") >"$log" 2>&1; then
        said 'NOT BUILT' "$name" "see $log"
    else
        (cd "$copy" && timeout 300 cargo test --locked "$@") >"$log" 2>&1 || ended=$?
        if [ "$ended" = 124 ]; then
            said 'NO END' "$name" "cargo test $*"
        elif [ "$ended" = 0 ] || ! grep -q '^test result: FAILED' "$log"; then
            said 'NOT NOTICED' "$name" "cargo test $*"
        else
            said noticed "$name" "cargo test $*"
        fi
    fi
    # With a time of now: cargo would keep what was built of the changed one.
    cp "$kept" "$copy/$file"
}

mkdir -p "$CARGO_TARGET_DIR"
rm -rf "$copy"
(cd "$here" && git ls-files -z | xargs -0 cp --parents -t "$(mkdir -p "$copy" && echo "$copy")")
# The provider of the OAuth tests needs what `npm ci` installed; tests/run.sh sees to it.
ln -s "$here/tests/oauth/provider/node_modules" "$copy/tests/oauth/provider/"

all() {
defence encryption src/vault/seal.rs "$UNSEALED" \
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
defence no-overwrite src/vault/storage/disk.rs 's/OFlags::CREATE \| OFlags::EXCL/OFlags::CREATE/' \
    --test permissions nothing_is_written_over
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
defence cache-end src/service/unlock_cache/kernel.rs 's/key\.set_timeout\(seconds\)\?;/let _ = seconds;/' \
    --test unlock_cache it_ends_by_itself
defence cache-rights src/service/unlock_cache/kernel.rs 's/key\.set_perms\([^;]*\)\?;/let _ = rights;/' \
    --test unlock_cache the_kernel_holds
defence journal-pin src/vault/journal/walk.rs 's/if let \(Some\(\(pinned, _\)\), false\) = \(pin, found\)/if let (Some((pinned, _)), false, true) = (pin, found, file.is_none())/' \
    --lib journal
defence key-check src/vault/slots/slot.rs 's/!bool::from\(keys\.check\.ct_eq\(&self\.check\.0\)\)/!bool::from(keys.check.ct_eq(\&keys.check))/' \
    --test vault --test keyring
defence cost-upgrade src/vault/renew.rs 's/filter\(\|slot\| is_weak\(slot\)\)/filter(|slot| is_weak(slot) \&\& header.slots.is_empty())/' \
    --test rekey a_passphrase_that_costs_too_little
defence kdf-floor src/vault/slots/passphrase.rs 's/self\.memory_kib >= LEAST_MEMORY_KIB/(self.memory_kib >= LEAST_MEMORY_KIB || self.memory_kib > 0)/' \
    --lib hostile_costs
defence canonical src/vault/encoding.rs 's/if to_json\(&value\)\? != bytes \{/if to_json(\&value)? != bytes \&\& bytes.is_empty() {/' \
    --lib only_the_canonical_form
defence padding src/vault/envelope.rs 's/let value = value\.with\(\|bytes\| pad\(bytes, padded_length\)\);/let value = value.with(|bytes| pad(bytes, |length| length));/; s/unpad\(&plain, padded_length\)/unpad(\&plain, |length| length)/' \
    --test tamper values_of_one_size_class
defence born-private src/vault/storage/disk.rs 's/const FILE_MODE: Mode = Mode::from_raw_mode\(0o600\);/const FILE_MODE: Mode = Mode::from_raw_mode(0o644);/' \
    --test cli what_is_made_is_its_owners
defence plain-files src/vault/permissions.rs 's/FileType::from_raw_mode\(stat\.st_mode\) != FileType::RegularFile/FileType::from_raw_mode(stat.st_mode) == FileType::Directory/' \
    --test permissions a_fifo
defence locked-page src/vault/memory.rs 's/let _ = mlock\(start\.as_ptr\(\)\.cast\(\), PAGE\);//; s/madvise, mlock, mmap/madvise, mmap/' \
    --test pty the_keys_lie -- --test-threads=1
defence undumped-page src/vault/memory.rs 's/Advice::LinuxDontDump/Advice::Normal/' \
    --test pty the_keys_lie -- --test-threads=1
defence unmoved-keys src/vault/slots/recovery.rs 's/RecoveryCode\(SecretArray<BYTES>\)/RecoveryCode(Zeroizing<[u8; BYTES]>)/; s/SecretArray::random\(random\)\?/Zeroizing::new(crate::vault::world::random_bytes(random)?)/; s/= SecretArray::zeroed\(\)/= Zeroizing::new([0; BYTES])/; s/use crate::vault::array::SecretArray;\n//' \
    --test pty a_recovery_code_is_forgotten -- --test-threads=1
defence bidi src/text.rs 's/\s*\| GeneralCategory::Format//' \
    --test cli what_a_terminal_obeys
defence names src/vault/scope.rs 's/segment\.bytes\(\)\.any\(\|b\| b\.is_ascii_control\(\)\)/segment.bytes().all(|b| b.is_ascii_control())/; s/if segment\.chars\(\)\.any\(is_unprintable\)/if segment.chars().all(is_unprintable)/' \
    --lib scope
defence reveal-time src/app/update.rs 's/if self\.shown_until\(\)\.is_some_and\(\|at\| now >= at\) \{/if self.shown_until().is_some_and(|at| now >= at) \&\& self.size.0 == 0 {/' \
    --lib enter_reveals_and_the_value_hides
defence focus-loss src/app/update.rs 's/if !focused \{/if !focused \&\& self.presenting {/' \
    --lib what_is_revealed_hides_at_once
defence presenter src/app/presenter.rs 's/shows_names\(action\) && self\.refuses_to_show\(\)/shows_names(action) \&\& !self.presenting \&\& self.refuses_to_show()/' \
    --lib presenter_mode_refuses
defence history-hint src/service/clipboard/held.rs 's/self\.0\.set\(\)\.exclude_from_history\(\)/self.0.set()/' \
    --test clipboard copied_and_cleared -- --test-threads=1
defence leaks src/vault/seal.rs "$UNSEALED" \
    --test pty no_secret_outside -- --test-threads=1
defence cut-commit src/vault/commit/point.rs 's/\} else if intent\.generation == root\.header\.generation \+ 1 \{/} else if intent.generation == u64::MAX {/' \
    --test syscalls killed_at_every_call
defence uncertain src/vault/commit/point.rs 's/storage\.sync_dir\(names::TOP\)\.map_err\(uncertain\)/storage.sync_dir(names::TOP)/' \
    --test faults
defence cache-slots src/vault/cached.rs 's/&& slots\.iter\(\)\.all\(\|slot\| there\.contains\(&Hex\(\*slot\)\)\)/\&\& slots.iter().all(|slot| there.contains(\&Hex(*slot)) || !slot.is_empty())/' \
    --test rekey a_cached_key
defence journal-order src/vault/journal/walk.rs 's/if sequence < next \{/if sequence < next \&\& sequence > next {/' \
    --test journal a_missing_a_moved
defence journal-gap src/vault/journal/walk.rs 's/sequence > next && !broken/sequence > next \&\& next > sequence/' \
    --lib a_missing_record_is_found
defence injective src/vault/aad.rs 's/self\.0\.extend_from_slice\(&length\.to_le_bytes\(\)\);/let _ = length;/' \
    --lib aad
defence golden src/vault/slots/slot.rs 's/"tresor\.v1\.slot-key"/"tresor.v2.slot-key"/' \
    --test golden
defence model src/vault/apply.rs 's/metadata\.revision \+= 1;/metadata.revision += 2;/' \
    --test model
defence protection src/vault/core.rs 's/\(true, None\) => Err\(VaultError::Protected \{ name: entry\.name\.clone\(\) \}\),/(true, None) => Ok(Key::copy_of(keys.wrap())),/; s/\(true, Some\(protection\)\) => keys\.protected_wrap\(protection\),/(true, Some(_)) => Ok(Key::copy_of(keys.wrap())),/' \
    --test vault protected_secrets
defence views src/vault/access.rs 's/if scope == own \{/if scope.kind() == own.kind() {/' \
    --lib visibility_matrix
defence oauth-state src/service/oauth/callback.rs 's/if !bool::from\(self\.state\.with/if state.is_empty() \&\& !bool::from(self.state.with/' \
    --lib callback
defence oauth-issuer src/service/oauth/callback.rs 's/\(_, None\) if self\.names_issuer =>/(_, None) if self.names_issuer \&\& self.issuer.is_none() =>/' \
    --lib callback
defence loopback-host src/service/oauth/loopback.rs 's/\(host\.trim\(\) == self\.origin\)\.then_some/(!host.trim().is_empty()).then_some/' \
    --lib loopback
defence one-turn src/service/oauth/refresh.rs 's/let _turn = self\.view\.turn\(&seen\.id, TURN\)\?;/let _ = TURN;/' \
    --test oauth of_two_four_and_eight
defence redirects src/service/http.rs 's/\.max_redirects\(0\)/.max_redirects(5)/' \
    --test oauth failing
defence answer-size src/service/http.rs 's/\.limit\(MAX_BODY\)/.limit(MAX_BODY * 1000)/' \
    --test oauth failing
defence inside-addresses src/service/http.rs 's/false => is_public\(ip\)/false => is_public(ip) || ip.is_ipv4()/' \
    --test oauth reach
defence kept-first src/tui/shared.rs 's/questions\.retain\(Handle::leave\);/questions.clear();/' \
    --test oauth a_signal_loses
defence taken-back src/service/oauth/onboard.rs 's/None => take_back\(world\.http, &request, &tokens\),/None => Ok(()),/' \
    --test oauth what_is_thrown_away
defence freed-memory src/main.rs 's/static ALLOCATOR: WipingAllocator = WipingAllocator;/static ALLOCATOR: std::alloc::System = std::alloc::System;/; s/use tresor::vault::memory::WipingAllocator;\n//' \
    --test oauth forgotten
}

for phase in unchanged changed; do all; done
exit "$failed"
