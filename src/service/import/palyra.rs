//! A vault of palyra, kept in files: the folder that holds `vault` and `identity`. Writes none, and reads no
//! keyring of the system.
//!
//! ```text
//! vault/metadata.json               scope, key and object id of every secret
//! vault/objects/objects.store.json  object id -> the envelope's JSON, as an array of bytes
//! identity/                         files named by the hex of what they hold, sealed under .store-key.v1
//! ```

mod identity;

use std::collections::HashMap;
use std::io;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use tresor_aead::CHACHA20_POLY1305;
use zeroize::Zeroizing;

use super::record::Exact;
use super::{Entry, ImportError, Outcome, Place};
use crate::fault::FaultKind;
use crate::text::visible;
use crate::vault::{MetadataPatch, Scope, SensitiveBytes};

const HELP: &str = "name the folder that holds 'vault' and 'identity'";
/// The file that no vault is without.
const METADATA: &str = "vault/metadata.json";
const DAMAGED: &str = "the envelope does not open: it is damaged, or belongs to another identity";

/// A file of the source by its path in it, with `/` between the parts.
pub type Files<'a> = &'a dyn Fn(&str) -> io::Result<SensitiveBytes>;

#[derive(Deserialize)]
struct Metadata {
    version: u64,
    entries: Vec<Named>,
}

#[derive(Deserialize)]
struct Named {
    scope: ScopeParts,
    key: String,
    object_id: String,
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum ScopeParts {
    Global,
    Principal { principal_id: String },
    Channel { channel_name: String, account_id: String },
    Skill { skill_id: String },
}

impl ScopeParts {
    /// The scope as both programs write it.
    fn text(&self) -> String {
        match self {
            Self::Global => "global".to_owned(),
            Self::Principal { principal_id } => format!("principal:{principal_id}"),
            Self::Channel { channel_name, account_id } => {
                format!("channel:{channel_name}:{account_id}")
            }
            Self::Skill { skill_id } => format!("skill:{skill_id}"),
        }
    }
}

/// A sealed secret; its parts are unpadded base64.
#[derive(Deserialize)]
struct Envelope {
    version: u64,
    algorithm: String,
    aad_b64: String,
    secret_nonce_b64: String,
    secret_ciphertext_b64: String,
    secret_mac_b64: String,
    dek_nonce_b64: String,
    dek_ciphertext_b64: String,
    dek_mac_b64: String,
}

/// Reads a vault.
///
/// # Errors
///
/// A file that is missing or no JSON, or an identity that does not open; what is wrong with single secrets is in
/// what was found.
pub fn read(files: Files<'_>) -> Outcome {
    let metadata: Metadata = json_of(files, METADATA)?;
    if metadata.version != 1 {
        return Err(ImportError::Unsupported {
            why: "it is a vault of a newer palyra",
            help: "use a newer tresor to read it",
        });
    }
    let objects: HashMap<String, Vec<u8>> = json_of(files, "vault/objects/objects.store.json")?;
    let kek = identity::kek(files)?;
    let mut exact = Exact::new("compare it with what palyra says of it");
    for named in metadata.entries {
        let scope = named.scope.text();
        let place = Place::Path(format!("{scope}/{}", named.key));
        let entry = entry(&named, &scope, &objects, &kek, place.clone());
        exact.add(place, entry);
    }
    exact.done()
}

fn entry(
    named: &Named,
    scope: &str,
    objects: &HashMap<String, Vec<u8>>,
    kek: &[u8; 32],
    place: Place,
) -> Result<Entry, String> {
    let parsed: Scope = scope.parse().map_err(|error| format!("{error}"))?;
    let key = named.key.parse().map_err(|error| format!("{error}"))?;
    if named.object_id != object_id(scope, &named.key) {
        return Err("its object id is another secret's".to_owned());
    }
    let object = objects.get(&named.object_id).ok_or("its object is missing")?;
    let envelope: Envelope =
        serde_json::from_slice(object).map_err(|_| "its object is no envelope")?;
    if envelope.version != 1 || envelope.algorithm != "chacha20_poly1305" {
        return Err("its envelope is of a newer palyra".to_owned());
    }
    let value =
        open(&envelope, kek, &format!("palyra.vault.v1|{scope}|{}", named.key)).ok_or(DAMAGED)?;
    let (patch, scope) = (MetadataPatch::default(), Some(parsed));
    Ok(Entry { scope, key, value, patch, place, replaces: None, is_attachment: false })
}

/// `obj_` and the hash of the name.
fn object_id(scope: &str, key: &str) -> String {
    let hash = Sha256::new()
        .chain_update("palyra.vault.object.v1")
        .chain_update(scope)
        .chain_update([0])
        .chain_update(key)
        .finalize();
    format!("obj_{}", data_encoding::HEXLOWER.encode(&hash))
}

/// Opens an envelope that is bound to `aad`.
fn open(envelope: &Envelope, kek: &[u8; 32], aad: &str) -> Option<SensitiveBytes> {
    if decoded(&envelope.aad_b64)?.as_slice() != aad.as_bytes() {
        return None;
    }
    let dek = unsealed(
        kek,
        [&envelope.dek_nonce_b64, &envelope.dek_ciphertext_b64, &envelope.dek_mac_b64],
        aad,
    )?;
    let dek: Zeroizing<[u8; 32]> = Zeroizing::new(dek.as_slice().try_into().ok()?);
    let sealed =
        [&envelope.secret_nonce_b64, &envelope.secret_ciphertext_b64, &envelope.secret_mac_b64];
    let mut value = unsealed(&dek, sealed, aad)?;
    Some(SensitiveBytes::new(std::mem::take(&mut value)))
}

fn unsealed(
    key: &[u8; 32],
    [nonce, text, tag]: [&String; 3],
    aad: &str,
) -> Option<Zeroizing<Vec<u8>>> {
    let mut text = decoded(text)?;
    let tag = decoded(tag)?;
    let nonce: [u8; 12] = decoded(nonce)?.as_slice().try_into().ok()?;
    opened(key, &nonce, aad.as_bytes(), &mut text, &tag)?;
    Some(text)
}

/// Decrypts in place, if the tag is as long as one.
fn opened(key: &[u8; 32], nonce: &[u8; 12], aad: &[u8], text: &mut [u8], tag: &[u8]) -> Option<()> {
    CHACHA20_POLY1305.open(key, nonce, aad, text, tag.try_into().ok()?)
}

fn decoded(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(vec![0; text.len() / 4 * 3 + 3]);
    let length = STANDARD_NO_PAD.decode_slice(text, &mut bytes).ok()?;
    bytes.truncate(length);
    Some(bytes)
}

/// A file that is to be JSON.
fn json_of<T: for<'de> Deserialize<'de>>(files: Files<'_>, path: &str) -> Result<T, ImportError> {
    let bytes = files(path).map_err(|error| lost(path, &error))?;
    bytes.with(|bytes| {
        serde_json::from_slice(bytes).map_err(|error| {
            let why = format!("{path}, line {}: it is not what palyra writes", error.line());
            ImportError::malformed(why, HELP)
        })
    })
}

fn lost(path: &str, error: &io::Error) -> ImportError {
    if path == METADATA && error.kind() == io::ErrorKind::NotFound {
        return ImportError::malformed(
            format!("it is no folder of palyra: it has no {path}"),
            HELP,
        );
    }
    let kind = FaultKind::of_named_file(error);
    ImportError::Io { what: visible(path).into_owned(), why: error.to_string(), kind }
}

#[cfg(test)]
mod tests;
