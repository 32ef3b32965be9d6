//! Chooses what goes into the new vault: which revisions of which secret, and what lies in the trash.
//! Writes nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::envelopes::Unopened;
use super::source::{Chronicle, Pages, Source, Told};
use super::{Fate, Found, Piece, Unused};
use crate::vault::encoding::Id;
use crate::vault::error::Result;
use crate::vault::index::{Deleted, Entry, Kept};
use crate::vault::root::PageRef;
use crate::vault::scope::SecretRef;
use crate::vault::secret::SecretMetadata;
use crate::vault::storage::names;

/// One secret as it will be, and what is to be said of it.
pub(super) struct Picked {
    /// `None` when nothing of it is left.
    pub entry: Option<Entry>,
    /// The generation of its newest envelope.
    pub generation: u64,
    pub piece: Piece,
}

/// A revision that is there.
struct Revision {
    kept: Kept,
    generation: u64,
    /// What its header says; `None` is what the page says.
    metadata: Option<SecretMetadata>,
}

/// What is chosen from.
struct Choice<'a> {
    source: &'a Source<'a>,
    pages: &'a Pages,
    chronicle: &'a Chronicle,
    unopened: Vec<Unopened>,
}

/// Chooses from everything that was found; also gives what could not be used and belongs to no secret
/// that is known. The secrets are sorted by name.
pub(super) fn choose(
    source: &Source<'_>,
    pages: &Pages,
    chronicle: &Chronicle,
    found: Vec<Found>,
    unopened: Vec<Unopened>,
) -> Result<(Vec<Picked>, Vec<Unused>)> {
    let mut choice = Choice { source, pages, chronicle, unopened };
    let picked = choice.all(found)?;
    let unused = choice.unused(&picked)?;
    Ok((picked, unused))
}

impl Choice<'_> {
    fn all(&mut self, found: Vec<Found>) -> Result<Vec<Picked>> {
        let mut groups: BTreeMap<Id, Vec<Found>> = BTreeMap::new();
        for id in self.pages.told.keys() {
            groups.entry(*id).or_default();
        }
        for one in found {
            if !self.is_superseded(&one)? {
                groups.entry(one.secret_id).or_default().push(one);
            }
        }
        let mut picked = Vec::new();
        for (secret_id, group) in groups {
            picked.extend(self.pick(secret_id, group)?);
        }
        one_live_each(&mut picked);
        self.add_unfound(&mut picked)?;
        picked.sort_by(|one, two| one.piece.name.cmp(&two.piece.name));
        Ok(picked)
    }

    /// Whether a page that opens and speaks for that envelope does not name it.
    fn is_superseded(&self, found: &Found) -> Result<bool> {
        if found.generation > self.source.settled_up_to() || !self.is_settled(&found.name)? {
            return Ok(false);
        }
        let told = self.pages.told.get(&found.secret_id);
        Ok(!told.is_some_and(|told| told.entry.kept.iter().any(|k| k.sha256 == found.sha256)))
    }

    fn is_settled(&self, name: &SecretRef) -> Result<bool> {
        Ok(self.pages.settled.contains(&self.source.keys.locate(name)?))
    }

    /// One secret: as its page says, if that is the last word on it; else as its envelopes say.
    fn pick(&mut self, secret_id: Id, group: Vec<Found>) -> Result<Option<Picked>> {
        let pages = self.pages;
        let told = pages.told.get(&secret_id);
        let up_to = told.map_or(0, |told| told.up_to);
        let newest = group.iter().max_by_key(|found| (found.generation, found.revision));
        let renamed = newest.is_some_and(|newest| {
            newest.generation > up_to && told.is_some_and(|told| told.entry.name != newest.name)
        });
        let newest = newest.map(|newest| newest.name.clone());
        match (told.filter(|_| !renamed), newest) {
            (Some(told), _) => self.as_told(told, group).map(Some),
            (None, Some(name)) => self.as_found(secret_id, name, group).map(Some),
            (None, None) => Ok(None),
        }
    }

    fn as_told(&mut self, told: &Told, group: Vec<Found>) -> Result<Picked> {
        let (page, mut revisions) = (&told.entry, BTreeMap::new());
        let mut lost = Vec::new();
        for kept in &page.kept {
            match group.iter().find(|found| found.sha256 == kept.sha256) {
                Some(found) => add(&mut revisions, found, Some(kept)),
                None => lost.push((kept.revision, self.why_lost(kept.object))),
            }
        }
        let newer = |found: &&Found| found.generation > told.up_to && found.name == page.name;
        let is_newer = group.iter().any(|found| newer(&found));
        group.iter().filter(newer).for_each(|found| add(&mut revisions, found, None));
        lost.retain(|(revision, _)| !revisions.contains_key(revision));
        let live = page.kept.last().map(|kept| kept.sha256);
        let entry = assemble(page.secret_id, &page.name, &revisions, Some((&page.metadata, live)));
        let mut picked = self.picked(page.name.clone(), entry, &revisions, lost)?;
        // A newer envelope is of one that was brought back.
        let deleted = page.deleted.filter(|_| !is_newer);
        if let (Some(entry), Some(deleted)) = (&mut picked.entry, deleted) {
            entry.deleted = Some(deleted);
        }
        picked.piece.deleted |= deleted.is_some();
        Ok(picked)
    }

    fn as_found(&self, secret_id: Id, name: SecretRef, group: Vec<Found>) -> Result<Picked> {
        let mut revisions = BTreeMap::new();
        let of_name = group.iter().filter(|found| found.name == name);
        of_name.for_each(|found| add(&mut revisions, found, None));
        let entry = assemble(secret_id, &name, &revisions, None);
        self.picked(name, entry, &revisions, Vec::new())
    }

    /// Whether the pages have the last word on a name; else the journal may tell more.
    fn is_certain(&self, name: &SecretRef) -> Result<bool> {
        Ok(self.source.is_newest() && self.is_settled(name)?)
    }

    /// What is to be said of a secret, with what the journal adds where the pages do not have the
    /// last word.
    fn picked(
        &self,
        name: SecretRef,
        entry: Option<Entry>,
        revisions: &BTreeMap<u64, Revision>,
        mut lost: Vec<(u64, String)>,
    ) -> Result<Picked> {
        let (mut entry, mut remarks) = (entry, Vec::new());
        let revision = entry.as_ref().map(|entry| entry.metadata.revision);
        let generation = revisions.values().map(|one| one.generation).max().unwrap_or(0);
        let last = self.chronicle.last.get(&name).copied();
        if let (Some(last), false) = (last, self.is_certain(&name)?) {
            let newer = last.revision.filter(|told| Some(*told) > revision);
            let told = newer.filter(|told| lost.iter().all(|(revision, _)| revision < told));
            lost.extend(told.map(|told| (told, "the journal tells of it".to_owned())));
            // A revision after the deletion is of one that was made or brought back since.
            let gone =
                last.gone.filter(|_| last.revision.is_none_or(|told| revision <= Some(told)));
            if let (Some(at), Some(entry)) = (gone, &mut entry) {
                entry.deleted = Some(Deleted { at, generation });
                remarks.push("the journal tells that it was deleted".to_owned());
            }
        }
        let newest_lost = lost.iter().map(|(revision, _)| *revision).max();
        let fate = match (&entry, newest_lost) {
            (None, _) => Fate::Lost,
            (Some(_), None) => Fate::Whole,
            (Some(_), newest) if newest > revision => Fate::Older,
            (Some(_), Some(_)) => Fate::Incomplete,
        };
        remarks.extend(
            lost.iter().map(|(revision, why)| format!("revision {revision} is lost: {why}")),
        );
        let vouched = revisions.values().any(|one| one.metadata.is_none());
        if vouched && self.source.protection.is_none() {
            let remark = "not opened: it is protected, and nothing at hand opens it; the index vouches for it";
            remarks.push(remark.to_owned());
        }
        let earlier = entry.as_ref().map_or(0, |entry| entry.kept.len().saturating_sub(1));
        let deleted = entry.as_ref().is_some_and(|entry| entry.deleted.is_some());
        let piece = Piece { name, fate, revision, earlier, deleted, remarks };
        Ok(Picked { entry, generation, piece })
    }

    /// What became of an envelope that a page names; what is told here is told once.
    fn why_lost(&mut self, object: Id) -> String {
        match self.unopened.iter().position(|one| one.object == object) {
            Some(at) => self.unopened.swap_remove(at).why,
            None => "its envelope is missing".to_owned(),
        }
    }

    /// Secrets that something tells of and of which nothing was found.
    fn add_unfound(&mut self, picked: &mut Vec<Picked>) -> Result<()> {
        let mut there: BTreeSet<SecretRef> =
            picked.iter().map(|one| one.piece.name.clone()).collect();
        let mut lost: BTreeMap<SecretRef, Vec<String>> = BTreeMap::new();
        for one in &self.unopened {
            if let Some((name, revision)) = &one.of {
                lost.entry(name.clone())
                    .or_default()
                    .push(format!("revision {revision} is lost: {}", one.why));
            }
        }
        self.unopened.retain(|one| one.of.is_none());
        for (name, last) in &self.chronicle.last {
            if last.gone.is_none() && !self.is_certain(name)? {
                lost.entry(name.clone()).or_default();
            }
        }
        for (name, mut remarks) in lost {
            if !there.insert(name.clone()) {
                continue;
            }
            if remarks.is_empty() {
                remarks.push("the journal tells of it, but no envelope of it was found".to_owned());
            }
            let (fate, revision) = (Fate::Lost, None);
            let piece = Piece { name, fate, revision, earlier: 0, deleted: false, remarks };
            picked.push(Picked { entry: None, generation: 0, piece });
        }
        Ok(())
    }

    /// What could not be used and belongs to no secret that is known.
    fn unused(self, picked: &[Picked]) -> Result<Vec<Unused>> {
        let whole = self.source.is_newest() && self.pages.lost.is_empty();
        let file = |one: Unopened| {
            let what = names::object(one.object);
            // With every page there, it is nothing but a leftover.
            Unused { what, why: one.why, is_loss: !whole }
        };
        let mut live: BTreeMap<u8, u32> = BTreeMap::new();
        for one in picked.iter().filter(|one| !one.piece.deleted) {
            *live.entry(self.source.keys.locate(&one.piece.name)?).or_default() += 1;
        }
        let page = |(number, page): (&u8, &PageRef)| {
            let missing = page.live.saturating_sub(live.get(number).copied().unwrap_or(0));
            let why = match missing {
                0 => "it is lost; every live secret it named is known".to_owned(),
                _ => format!("it is lost, and of the secrets it named {missing} did not turn up"),
            };
            Unused { what: names::page(page.file), why, is_loss: missing > 0 }
        };
        let mut unused: Vec<Unused> = self.pages.lost.iter().map(page).collect();
        unused.extend(self.unopened.into_iter().map(file));
        Ok(unused)
    }
}

/// Adds a revision, unless a newer envelope of the same number is there.
fn add(revisions: &mut BTreeMap<u64, Revision>, found: &Found, kept: Option<&Kept>) {
    let written_at = match (kept, &found.metadata) {
        (Some(kept), _) => kept.written_at,
        (None, Some(metadata)) => metadata.updated_at,
        // Only what a page pins may stay unopened.
        (None, None) => return,
    };
    let (revision, generation) = (found.revision, found.generation);
    if revisions.get(&revision).is_some_and(|other| other.generation >= generation) {
        return;
    }
    let kept = Kept { revision, object: found.object, sha256: found.sha256, written_at };
    let metadata = found.metadata.clone();
    revisions.insert(revision, Revision { kept, generation, metadata });
}

/// The entry of a secret; `None` when no revision is there. `page` is the metadata that the page
/// holds, and the envelope it belongs to.
fn assemble(
    secret_id: Id,
    name: &SecretRef,
    revisions: &BTreeMap<u64, Revision>,
    page: Option<(&SecretMetadata, Option<crate::vault::encoding::Digest>)>,
) -> Option<Entry> {
    let (number, live) = revisions.last_key_value()?;
    let of_page = page.filter(|(_, sha256)| *sha256 == Some(live.kept.sha256));
    let metadata = of_page.map(|(metadata, _)| metadata).or(live.metadata.as_ref());
    let metadata = metadata.or(page.map(|(metadata, _)| metadata))?;
    let metadata = SecretMetadata { revision: *number, ..metadata.clone() };
    let (name, kept) = (name.clone(), Vec::new());
    let mut entry = Entry { secret_id, name, metadata, kept, deleted: None };
    for revision in revisions.values() {
        entry.push(revision.kept);
    }
    Some(entry)
}

/// Of several live secrets of one name the newest stays, the others go to the trash.
fn one_live_each(picked: &mut [Picked]) {
    let mut newest: BTreeMap<SecretRef, (u64, usize)> = BTreeMap::new();
    let mut others = Vec::new();
    for (at, one) in picked.iter().enumerate() {
        if one.piece.deleted || one.entry.is_none() {
            continue;
        }
        let this = (one.generation, at);
        match newest.get(&one.piece.name).copied() {
            Some(other) if other > this => others.push(at),
            Some((_, other)) => {
                others.push(other);
                newest.insert(one.piece.name.clone(), this);
            }
            None => drop(newest.insert(one.piece.name.clone(), this)),
        }
    }
    for at in others {
        let Some(one) = picked.get_mut(at) else { continue };
        let Some(entry) = &mut one.entry else { continue };
        let at = entry.metadata.updated_at;
        entry.deleted = Some(Deleted { at, generation: one.generation });
        one.piece.deleted = true;
        one.piece.remarks.push("in the trash: a newer secret has its name".to_owned());
    }
}
