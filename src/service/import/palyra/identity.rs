//! The key that wraps palyra's envelopes, from the private key of its identity. Opens no envelope.

use std::io::ErrorKind;

use hkdf::Hkdf;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::{Files, HELP, ImportError, lost, opened};
use crate::service::import::item::Text;
use crate::vault::SensitiveBytes;

/// What a sealed file begins with.
const MAGIC: &[u8] = b"IDS1";

/// Where the private key may be.
#[derive(Deserialize)]
struct State {
    ca: Option<Authority>,
    private_key_pem: Option<Text>,
}

#[derive(Deserialize)]
struct Authority {
    private_key_pem: Option<Text>,
}

/// The key that wraps every envelope's.
pub(super) fn kek(files: Files<'_>) -> Result<Zeroizing<[u8; 32]>, ImportError> {
    let missing = || ImportError::malformed("no private key is in its identity", HELP);
    let inside = |state: State| state.ca.and_then(|ca| ca.private_key_pem);
    let pem = match state(files, "identity/state.v1.json")?.and_then(inside) {
        Some(pem) => pem,
        None => {
            let state = state(files, "identity/ca/state.json")?.ok_or_else(missing)?;
            state.private_key_pem.ok_or_else(missing)?
        }
    };
    let secret = Zeroizing::new(<[u8; 32]>::from(Sha256::digest(pem.as_bytes())));
    let mut kek = Zeroizing::new([0; 32]);
    Hkdf::<Sha256>::new(Some(b"palyra.vault.kek.v1"), &*secret)
        .expand(b"envelope:kek", &mut *kek)
        .map_err(|_| ImportError::Damaged("its key cannot be derived"))?;
    Ok(kek)
}

/// A state by its name; `None` where there is none.
fn state(files: Files<'_>, name: &str) -> Result<Option<State>, ImportError> {
    let path = format!("identity/{}", data_encoding::HEXLOWER.encode(name.as_bytes()));
    let bytes = match files(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        read => read.map_err(|error| lost(&path, &error))?,
    };
    let plain = bytes.with(|bytes| match bytes.strip_prefix(MAGIC) {
        None => Ok(SensitiveBytes::copy_of(bytes)),
        Some(sealed) => unsealed(files, sealed),
    })?;
    let state = plain.with(|plain| serde_json::from_slice::<State>(plain));
    state
        .map(Some)
        .map_err(|_| ImportError::malformed("its identity is not what palyra writes", HELP))
}

/// The nonce, the text, and the tag at its end.
fn unsealed(files: Files<'_>, sealed: &[u8]) -> Result<SensitiveBytes, ImportError> {
    const KEY: &str = "identity/.store-key.v1";
    let damaged = ImportError::Damaged("its identity does not open with its .store-key.v1");
    let key = files(KEY).map_err(|error| lost(KEY, &error))?;
    let key = key.with(|key| <[u8; 32]>::try_from(key).map(Zeroizing::new));
    let parts = sealed.split_first_chunk::<12>().and_then(|(nonce, rest)| {
        rest.split_last_chunk::<16>().map(|(text, tag)| (nonce, text, tag))
    });
    let (Ok(key), Some((nonce, text, tag))) = (key, parts) else { return Err(damaged) };
    let mut text = Zeroizing::new(text.to_vec());
    opened(&key, nonce, b"", &mut text, tag).ok_or(damaged)?;
    Ok(SensitiveBytes::new(std::mem::take(&mut text)))
}
