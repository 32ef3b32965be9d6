//! Probes of several processes at once, and what one that was killed leaves.

use std::sync::Arc;

use tresor::vault::backend::{BlobBackend, Id, Site};
use tresor::vault::{BackendKind, Place, deadline};

use super::store::{Fault, KIND, NO_VAULT, Store};

#[test]
fn many_at_once_do_not_disturb_each_other() {
    let home = tempfile::tempdir().unwrap();
    let place = Place::on_disk(&home.path().join("vault"), &home.path().join("state"));
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                for _ in 0..5 {
                    let probed = place.probe(BackendKind::EncryptedFile);
                    assert!(probed.works(), "{:?}", probed.write);
                }
            });
        }
    });
    let left = std::fs::read_dir(home.path().join("state")).unwrap();
    let left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["lock"], "something of it stays");
}

/// The store as a probe sees it.
fn canaries(place: &Place) -> Arc<dyn BlobBackend> {
    let (storage, waiting) = (place.storage(), deadline::unsaid());
    let (vault, deadline) = (Id::parse(NO_VAULT).unwrap(), deadline::DEADLINE);
    let site = Site { vault, storage: &storage, waiting: &waiting, deadline };
    place.backends().open(KIND, &site).unwrap()
}

#[test]
fn what_a_killed_one_left_is_removed_by_the_next_of_the_same_user_alone() {
    let (store, home) = (Store::default(), tempfile::tempdir().unwrap());
    let of =
        |user: &str| store.at(Place::on_disk(&home.path().join("vault"), &home.path().join(user)));
    let (ours, theirs) = (of("ours"), of("theirs"));
    for place in [&ours, &theirs] {
        // From behind the write on, nothing is done.
        store.fails(2..usize::MAX, Fault::Refused);
        assert!(!place.probe(KIND).works());
        store.heals();
    }
    assert_eq!(canaries(&ours).list().unwrap().len(), 2);
    assert!(ours.probe(KIND).works());
    assert_eq!(canaries(&ours).list().unwrap().len(), 1, "what may be under way was removed");
    assert!(theirs.probe(KIND).works());
    assert!(canaries(&ours).list().unwrap().is_empty());
}
