//! Looks at every envelope of the old vault and opens it under the names that are known. Chooses none.

use std::collections::{BTreeMap, BTreeSet};

use super::source::{Pages, Source};
use super::{Found, why};
use crate::vault::encoding::{Digest, Id};
use crate::vault::envelope::{Binding, EnvelopePayload, Kek};
use crate::vault::error::Result;
use crate::vault::scope::SecretRef;
use crate::vault::seal::Key;
use crate::vault::secret::SecretMetadata;
use crate::vault::storage::names;

/// An envelope that cannot be used, and why.
pub(super) struct Unopened {
    pub object: Id,
    pub why: String,
    /// Its secret and revision, if it opens as far as that.
    pub of: Option<(SecretRef, u64)>,
}

/// How an envelope opens under one name.
enum Tried {
    /// Not at all: it is another's.
    No,
    /// Wholly: this is what its header says.
    Whole(SecretMetadata),
    /// It is of that name, but not whole.
    Broken(&'static str),
}

/// What the envelopes of a vault are opened with.
struct Opener<'a> {
    source: &'a Source<'a>,
    pages: &'a Pages,
    names: &'a BTreeSet<SecretRef>,
    /// The KEK, and that of protected secrets where their key is at hand.
    keks: Vec<(Key, bool)>,
    /// The name that opened an envelope of a secret.
    known: BTreeMap<Id, SecretRef>,
}

/// Looks at every envelope, and tries `names`.
pub(super) fn look(
    source: &Source<'_>,
    pages: &Pages,
    names: &BTreeSet<SecretRef>,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<(Vec<Found>, Vec<Unopened>)> {
    let mut keks = vec![(Key::copy_of(source.keys.wrap()), false)];
    if let Some(protection) = &source.protection {
        keks.push((source.keys.protected_wrap(protection)?, true));
    }
    let mut opener = Opener { source, pages, names, keks, known: BTreeMap::new() };
    let (mut found, mut unopened) = (Vec::new(), Vec::new());
    let objects = source.backend.list()?;
    let total = objects.len();
    for (object, done) in objects.into_iter().zip(1..) {
        match opener.open(object) {
            Ok(one) => found.push(one),
            Err(one) => unopened.push(one),
        }
        progress(done, total);
    }
    Ok((found, unopened))
}

impl Opener<'_> {
    fn open(&mut self, object: Id) -> std::result::Result<Found, Unopened> {
        let no = |why: String| Unopened { object, why, of: None };
        let bytes = self.source.backend.get(object).map_err(|error| no(why(&error)))?;
        let envelope = EnvelopePayload::from_bytes(&names::object(object), &bytes);
        let envelope = envelope.map_err(|error| no(why(&error)))?;
        let (secret_id, revision) = (envelope.secret_id(), envelope.revision());
        let sha256 = Digest::of(&bytes);
        let found = |name: &SecretRef, metadata| Found {
            object,
            sha256,
            secret_id,
            revision,
            generation: envelope.generation(),
            name: name.clone(),
            metadata,
        };
        let told = self.pages.told.get(&secret_id).map(|told| &told.entry);
        let first = told.map(|entry| &entry.name).into_iter().chain(self.known.get(&secret_id));
        for name in first.chain(self.names) {
            match self.open_as(&envelope, name) {
                Tried::No => {}
                Tried::Broken(why) => {
                    return Err(Unopened { of: Some((name.clone(), revision)), ..no(why.into()) });
                }
                Tried::Whole(metadata) => {
                    let found = found(name, Some(metadata));
                    self.known.insert(secret_id, found.name.clone());
                    return Ok(found);
                }
            }
        }
        // Without the key of protected secrets, what the index pins is taken as it is.
        let vouched = told.filter(|entry| {
            self.source.protection.is_none()
                && entry.metadata.protected
                && entry.kept.iter().any(|kept| kept.sha256 == sha256)
        });
        vouched.map(|entry| found(&entry.name, None)).ok_or_else(|| no(self.no_name().into()))
    }

    fn open_as(&self, envelope: &EnvelopePayload, name: &SecretRef) -> Tried {
        let binding = Binding {
            vault_id: self.source.header.vault_id,
            secret_id: envelope.secret_id(),
            name,
            revision: envelope.revision(),
        };
        let epoch = self.source.keys.epoch();
        for (key, protected) in &self.keks {
            let kek = Kek { key, epoch };
            if envelope.unwrap_dek(binding, kek).is_none() {
                continue;
            }
            return match envelope.open_header(binding, kek) {
                None => Tried::Broken("its header does not open"),
                Some(header) if header.name != *name || header.metadata.protected != *protected => {
                    Tried::Broken("its header is of another secret")
                }
                Some(_) if envelope.open_value(binding, kek).is_none() => {
                    Tried::Broken("its value does not open")
                }
                Some(header) => Tried::Whole(header.metadata),
            };
        }
        Tried::No
    }

    /// What to say of an envelope that nothing opens.
    fn no_name(&self) -> &'static str {
        match self.source.protection {
            Some(_) => "it was altered, or it is of a secret whose name is not known",
            None => {
                "it was altered, or it is of a secret whose name is not known, or of a protected \
                 one: these need the passphrase or the recovery code"
            }
        }
    }
}
