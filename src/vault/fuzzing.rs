//! Private readers of the format for the targets in `fuzz/`: what was read comes out as it would be
//! written. Not in a release.

use super::encoding::{Hex, Id, from_json, to_json};
use super::envelope::{EnvelopeHeader, EnvelopePayload};
use super::index::Page;
use super::keys::VaultKeys;
use super::records::{EXTENSION, Records};
use super::root::{RootHeader, RootList};
use super::secret::SensitiveBytes;
use super::slots::{SlotEntry, Unlock, open};
use super::world::SystemRandom;

const VAULT: Id = Hex([1; 16]);

/// The header of a root as it would be written, without its newline; also tries the form of the sealed
/// list and of the records in it.
pub fn root(bytes: &[u8]) -> Option<Vec<u8>> {
    if let Ok(list) = postcard::from_bytes::<RootList>(bytes) {
        let written = postcard::to_allocvec(&list).ok()?;
        let again = postcard::from_bytes::<RootList>(&written).ok();
        assert!(again.and_then(|list| postcard::to_allocvec(&list).ok()) == Some(written));
        records(list.extensions.get(EXTENSION).map_or(&[], Vec::as_slice));
    }
    records(bytes);
    let root = RootHeader::from_bytes(bytes).ok()?;
    let mut header = to_json(&root.header).ok()?;
    header.pop();
    Some(header)
}

/// Records that were read are those that would be written.
fn records(bytes: &[u8]) {
    let Some(records) = Records::from_bytes(bytes) else { return };
    assert!(records.to_bytes().is_ok_and(|written| written == bytes), "another form was read");
}

/// An envelope as it would be written; also tries the form of its sealed header.
pub fn envelope(bytes: &[u8]) -> Option<Vec<u8>> {
    if let Ok(header) = postcard::from_bytes::<EnvelopeHeader>(bytes) {
        let written = postcard::to_allocvec(&header).ok()?;
        assert!(postcard::from_bytes::<EnvelopeHeader>(&written).is_ok());
    }
    EnvelopePayload::from_bytes("fuzzed", bytes).ok()?.to_bytes().ok()
}

/// Reads a page file, and the same bytes as a page's plaintext: that one is sealed and opened again.
pub fn page(bytes: &[u8]) {
    let Ok(keys) = VaultKeys::derive(&[2; 32], VAULT, 1) else { return };
    assert!(Page::open(&keys, 3, "fuzzed", bytes).is_err(), "a page opened without its key");
    let Ok((mut page, _)) = postcard::take_from_bytes::<Page>(bytes) else { return };
    page.entries.retain(|entry| !entry.kept.is_empty());
    let Ok(file) = page.seal(&keys, 4, 3, &SystemRandom) else { return };
    let opened = Page::open(&keys, 3, "fuzzed", &file);
    assert!(opened.is_ok_and(|opened| opened == page), "a page came back as another");
}

/// A slot as it would be written. A key file never opens it, and a cost outside the limits is refused.
pub fn slot(bytes: &[u8]) -> Option<Vec<u8>> {
    let slot: SlotEntry = from_json("fuzzed", bytes).ok()?;
    let secret = SensitiveBytes::copy_of(&[7; 32]);
    let slots = std::slice::from_ref(&slot);
    assert!(open(slots, VAULT, &Unlock::KeyFile(&secret)).is_err(), "a slot opened by chance");
    let hostile = |(memory, passes): (u32, u32)| {
        let work = u64::from(memory) * u64::from(passes);
        memory < 19 * 1024 || passes < 2 || work > 4 * 1024 * 1024
    };
    if slot.info().cost.is_some_and(hostile) {
        assert!(
            open(slots, VAULT, &Unlock::Passphrase(&secret)).is_err(),
            "a hostile cost is paid"
        );
    }
    to_json(&slot).ok()
}
