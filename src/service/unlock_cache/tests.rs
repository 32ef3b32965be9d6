//! The cache over a keyring in memory whose clock the test owns, and over the kernel's where it lets us.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::io::Write;

use super::*;
use crate::vault::{Actor, CreateOptions, Expect, MetadataPatch, NewSlot, Place, SlotKind, Unlock};

#[path = "nowhere.rs"]
mod nowhere;

/// A keyring whose keys expire by the clock of the test.
#[derive(Default)]
struct Ring {
    now: Cell<Duration>,
    keys: RefCell<HashMap<String, (Vec<u8>, Duration)>>,
}

impl Store for Ring {
    fn keep(&self, name: &str, key: &[u8], time: Duration) -> Result<(), CacheError> {
        let kept = (key.to_vec(), self.now.get() + time);
        self.keys.borrow_mut().insert(name.to_owned(), kept);
        Ok(())
    }

    fn find(&self, name: &str) -> Result<Option<SensitiveBytes>, CacheError> {
        let keys = self.keys.borrow();
        let live = keys.get(name).filter(|(_, until)| self.now.get() < *until);
        Ok(live.map(|(key, _)| SensitiveBytes::copy_of(key)))
    }

    fn forget(&self, name: &str) -> Result<bool, CacheError> {
        Ok(self.keys.borrow_mut().remove(name).is_some())
    }
}

fn bytes(text: &[u8]) -> SensitiveBytes {
    SensitiveBytes::copy_of(text)
}

/// A vault that two key files open.
struct Home {
    place: Place,
    vault: Vault,
    ring: Ring,
}

impl Home {
    fn new() -> Self {
        let place = Place::in_memory();
        let slots = vec![NewSlot::KeyFile(bytes(&[1; 32])), NewSlot::KeyFile(bytes(&[2; 32]))];
        let vault = Vault::create(&place, &CreateOptions::new(slots)).unwrap();
        Self { place, vault, ring: Ring::default() }
    }

    fn open(&self) -> Option<Vault> {
        open_from(&self.ring, &ClosedVault::open(&self.place).unwrap()).unwrap()
    }
}

const QUARTER: Duration = Duration::from_secs(15 * 60);

#[test]
fn an_unlocked_vault_opens_until_its_time_runs_out() {
    let home = Home::new();
    assert!(home.open().is_none());
    keep_in(&home.ring, &home.vault, QUARTER).unwrap();
    home.vault.lock();
    home.ring.now.set(QUARTER - Duration::from_secs(1));
    let opened = home.open().expect("it is kept unlocked");
    let name = "global/a".parse().unwrap();
    let patch = MetadataPatch::default();
    opened.view(Actor::Owner).write(&name, bytes(b"x"), patch, Expect::Any).unwrap();
    home.ring.now.set(QUARTER);
    assert!(home.open().is_none());
}

#[test]
fn a_vault_that_is_locked_keeps_nothing() {
    let home = Home::new();
    home.vault.lock();
    let kept = keep_in(&home.ring, &home.vault, QUARTER);
    assert!(matches!(kept, Err(CacheError::Vault(VaultError::Locked))));
    assert!(home.ring.keys.borrow().is_empty());
}

#[test]
fn no_time_is_endless_and_none_is_nothing() {
    let home = Home::new();
    for (asked, given) in [(Duration::MAX, LONGEST), (Duration::ZERO, SHORTEST)] {
        keep_in(&home.ring, &home.vault, asked).unwrap();
        let until: Vec<Duration> = home.ring.keys.borrow().values().map(|(_, at)| *at).collect();
        assert_eq!(until, [given]);
    }
}

#[test]
fn what_a_rotation_or_a_removed_way_in_left_behind_opens_nothing_and_is_forgotten() {
    let rotate = |vault: &Vault| {
        let slots = [NewSlot::KeyFile(bytes(&[1; 32])), NewSlot::KeyFile(bytes(&[2; 32]))];
        vault.rotate(&slots, None, &mut |_, _| {}).map(drop).unwrap();
    };
    let remove = |vault: &Vault| {
        let slot = vault.slots().unwrap().remove(1);
        assert_eq!(slot.kind, SlotKind::KeyFile);
        vault.change_slots(&[], &[slot.id.unwrap()], None).map(drop).unwrap();
    };
    for change in [&rotate as &dyn Fn(&Vault), &remove] {
        let home = Home::new();
        keep_in(&home.ring, &home.vault, QUARTER).unwrap();
        change(&home.vault);
        assert!(home.open().is_none());
        assert!(home.ring.keys.borrow().is_empty(), "it is still kept");
    }
    // One more way in changes nothing for those who are in.
    let home = Home::new();
    keep_in(&home.ring, &home.vault, QUARTER).unwrap();
    home.vault.change_slots(&[NewSlot::KeyFile(bytes(&[3; 32]))], &[], None).unwrap();
    assert!(home.open().is_some());
}

#[test]
fn one_vaults_key_opens_no_other() {
    let (home, other) = (Home::new(), Home::new());
    keep_in(&home.ring, &other.vault, QUARTER).unwrap();
    assert!(home.open().is_none());
    // Not even when somebody files it under the other's name.
    let mut keys = home.ring.keys.borrow_mut();
    let (_, kept) = keys.drain().next().unwrap();
    keys.insert(name(&home.vault.vault_id()), kept);
    drop(keys);
    assert!(home.open().is_none());
    home.vault.check(&Unlock::KeyFile(&bytes(&[1; 32]))).unwrap();
}

#[test]
fn where_there_is_no_keyring_that_is_said() {
    let home = Home::new();
    let refused = keep_in(&nowhere::Kernel, &home.vault, QUARTER).unwrap_err();
    assert_eq!(refused.kind(), FaultKind::Unsupported);
    assert!(refused.to_string().contains("this system has no kernel keyring"), "{refused}");
    let closed = ClosedVault::open(&home.place).unwrap();
    assert!(matches!(open_from(&nowhere::Kernel, &closed), Err(CacheError::Missing)));
    assert!(matches!(nowhere::Kernel.forget("x"), Err(CacheError::Missing)));
}

/// A vault whose id no other test and no user has, where the kernel's keyring can be had. Says so
/// where it cannot; where the real tier runs, that is a failure.
fn with_the_kernel() -> Option<Home> {
    match check() {
        Ok(()) => Some(Home::new()),
        Err(error) => {
            let is_real = std::env::var_os("TRESOR_REAL").is_some_and(|value| value == "1");
            assert!(!is_real, "{error}");
            // Past the test harness, which swallows the words of tests that pass.
            let line = format!("the real keyring is not tested: {error}\n");
            std::io::stderr().write_all(line.as_bytes()).unwrap();
            None
        }
    }
}

#[test]
fn the_kernel_keeps_a_key_until_it_is_forgotten() {
    let Some(home) = with_the_kernel() else { return };
    let closed = ClosedVault::open(&home.place).unwrap();
    assert!(open(&closed).unwrap().is_none());
    keep(&home.vault, QUARTER).unwrap();
    keep(&home.vault, QUARTER).unwrap();
    // Another thread has another keyring of its own, as another process has.
    std::thread::scope(|scope| {
        let there = scope.spawn(|| open(&closed).unwrap().is_some());
        assert!(there.join().unwrap());
    });
    assert!(forget(&home.vault.vault_id()).unwrap());
    assert!(open(&closed).unwrap().is_none());
    assert!(!forget(&home.vault.vault_id()).unwrap());
}

#[test]
fn the_kernel_forgets_by_itself() {
    let Some(home) = with_the_kernel() else { return };
    let closed = ClosedVault::open(&home.place).unwrap();
    keep(&home.vault, SHORTEST).unwrap();
    let end = std::time::Instant::now() + Duration::from_secs(60);
    while open(&closed).unwrap().is_some() {
        assert!(std::time::Instant::now() < end, "it never expires");
        std::thread::sleep(Duration::from_millis(50));
    }
}
