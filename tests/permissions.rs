//! What another user could get at is refused with what is wrong, never widened or mended silently.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::disallowed_methods)] // modes are set as another program would

mod executable;
mod owner_only;

use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use owner_only::all_private;
use tresor::vault::{
    Actor, ClosedVault, CreateOptions, Expect, MetadataPatch, NewSlot, Place, Result, SecretRef,
    SensitiveBytes, Unlock, Vault, VaultError, doctor, read_private_file,
};

const KEY: [u8; 32] = [7; 32];
/// Another user than the one who runs this, be it root or nobody.
const DAEMON: u32 = 1;
/// The user that owns nothing on most systems.
const NOBODY: u32 = 65_534;

struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        let slots = vec![NewSlot::KeyFile(SensitiveBytes::copy_of(&KEY))];
        let vault = Vault::create(&home.place(), &CreateOptions::new(slots)).unwrap();
        let value = SensitiveBytes::copy_of(b"v");
        let patch = MetadataPatch::default();
        vault.view(Actor::Owner).write(&name(), value, patch, Expect::Any).unwrap();
        home
    }

    fn dir(&self) -> PathBuf {
        self.0.path().join("vault")
    }

    fn place(&self) -> Place {
        Place::on_disk(&self.dir(), &self.0.path().join("state"))
    }

    /// The vault directory, a directory in it, and one file of each sort.
    fn parts(&self) -> Vec<PathBuf> {
        let dir = self.dir();
        let first = |sub: &str| std::fs::read_dir(dir.join(sub)).unwrap().next().unwrap().unwrap();
        let (page, object) = (first("index").path(), first("objects").path());
        vec![
            dir.clone(),
            dir.join("index"),
            dir.join("objects"),
            dir.join("root.json"),
            page,
            object,
        ]
    }

    fn read(&self) -> Result<Vec<u8>> {
        let key = SensitiveBytes::copy_of(&KEY);
        let vault = ClosedVault::open(&self.place())?.unlock(&Unlock::KeyFile(&key))?;
        let secret = vault.view(Actor::Owner).read(&name())?;
        Ok(secret.value.with(<[u8]>::to_vec))
    }

    fn assert_refused(&self, why: &str) {
        match self.read() {
            Err(VaultError::Unsafe { .. }) => {}
            Err(error) => panic!("{why}: {error}"),
            Ok(_) => panic!("{why}: accepted"),
        }
    }
}

fn name() -> SecretRef {
    "global/k".parse().unwrap()
}

fn chmod(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn everything_is_born_for_its_owner_only() {
    let home = Home::new();
    all_private(&home.dir());
    all_private(&home.0.path().join("state"));
}

#[test]
fn nothing_is_written_over_what_is_there_or_through_a_link() {
    let home = Home::new();
    let storage = home.place().storage();
    let name = "objects/00000000000000000000000000000000.env";
    let (at, target) = (home.dir().join(name), home.0.path().join("target"));
    std::fs::write(&target, "theirs").unwrap();
    symlink(&target, &at).unwrap();
    assert!(storage.create_new(name, b"ours").is_err());
    std::fs::remove_file(&at).unwrap();
    storage.create_new(name, b"first").unwrap();
    assert!(storage.create_new(name, b"second").is_err());
    assert_eq!(std::fs::read(&at).unwrap(), b"first");
    assert_eq!(std::fs::read(&target).unwrap(), b"theirs");
}

#[test]
fn any_right_of_others_is_refused_everywhere() {
    let home = Home::new();
    for part in home.parts() {
        let right = std::fs::metadata(&part).unwrap().mode() & 0o7777;
        for bit in [0o040, 0o020, 0o010, 0o004, 0o002, 0o001] {
            chmod(&part, right | bit);
            home.assert_refused(&format!("{} with {bit:o}", part.display()));
            let after = std::fs::metadata(&part).unwrap().mode() & 0o7777;
            assert_eq!(after, right | bit, "nothing is mended silently");
        }
        chmod(&part, right);
    }
    assert_eq!(home.read().unwrap(), b"v");
}

#[test]
fn links_are_refused_everywhere() {
    let home = Home::new();
    for part in home.parts() {
        let aside = home.0.path().join("aside");
        std::fs::rename(&part, &aside).unwrap();
        symlink(&aside, &part).unwrap();
        home.assert_refused(&format!("{} as a symbolic link", part.display()));
        std::fs::remove_file(&part).unwrap();
        std::fs::rename(&aside, &part).unwrap();
        if part.is_file() {
            std::fs::hard_link(&part, &aside).unwrap();
            home.assert_refused(&format!("{} as a hard link", part.display()));
            std::fs::remove_file(&aside).unwrap();
        }
    }
    assert_eq!(home.read().unwrap(), b"v");
}

#[test]
fn a_fifo_is_refused_and_not_waited_for() {
    let home = Home::new();
    for part in home.parts().into_iter().filter(|part| part.is_file()) {
        let aside = home.0.path().join("aside");
        std::fs::rename(&part, &aside).unwrap();
        let made = std::process::Command::new("mkfifo").args(["-m", "600"]).arg(&part).status();
        assert!(made.unwrap().success());
        home.assert_refused(&format!("{} as a FIFO", part.display()));
        std::fs::remove_file(&part).unwrap();
        std::fs::rename(&aside, &part).unwrap();
    }
}

#[test]
fn another_users_files_are_refused() {
    let home = Home::new();
    if std::os::unix::fs::chown(home.dir().join("root.json"), Some(DAEMON), None).is_err() {
        // Only root can give files away; then the owner is shown by the same check on /etc/passwd.
        let refused = read_private_file(Path::new("/etc/passwd"), 1 << 20);
        assert!(matches!(refused, Err(VaultError::Unsafe { .. })));
        return;
    }
    home.assert_refused("root.json of another user");
    std::os::unix::fs::chown(home.dir().join("root.json"), Some(0), None).unwrap();
    for part in home.parts() {
        std::os::unix::fs::chown(&part, Some(DAEMON), None).unwrap();
        home.assert_refused(&format!("{} of another user", part.display()));
        std::os::unix::fs::chown(&part, Some(0), None).unwrap();
    }
}

#[test]
fn doctor_says_what_is_wrong_and_mends_it_on_request() {
    let home = Home::new();
    chmod(&home.dir(), 0o755);
    chmod(&home.dir().join("root.json"), 0o644);
    std::fs::write(home.dir().join("backend.kind"), "windows_dpapi\n").unwrap();
    let report = doctor::check_files(&home.place()).unwrap();
    let problems: Vec<&str> = report
        .findings
        .iter()
        .filter(|f| f.severity == doctor::Severity::Problem && f.fixable)
        .map(|f| f.what.as_str())
        .collect();
    assert!(problems.contains(&"the vault directory") && problems.contains(&"root.json"));
    let done = doctor::fix(&home.place()).unwrap();
    assert!(done.len() >= 3, "{done:?}");
    assert!(!doctor::check_files(&home.place()).unwrap().has_problems());
    assert_eq!(home.read().unwrap(), b"v");
}

#[test]
fn key_files_of_others_or_through_links_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("key");
    std::fs::write(&file, [1; 32]).unwrap();
    chmod(&file, 0o640);
    assert!(matches!(read_private_file(&file, 64), Err(VaultError::Unsafe { .. })));
    chmod(&file, 0o600);
    assert_eq!(read_private_file(&file, 64).unwrap().len(), 32);
    assert!(read_private_file(&file, 31).is_err());
    let link = dir.path().join("link");
    symlink(&file, &link).unwrap();
    assert!(matches!(read_private_file(&link, 64), Err(VaultError::Unsafe { .. })));
}

/// Root may do anything, so what is refused to root may be refused for another reason than a user's.
#[test]
fn all_of_it_holds_for_a_user_without_rights() {
    const THIS: &str = "all_of_it_holds_for_a_user_without_rights";
    if !rustix::process::geteuid().is_root() {
        return; // It is such a user who runs all of it.
    }
    let home = tempfile::tempdir().unwrap();
    chmod(home.path(), 0o755);
    let tests = home.path().join("permissions");
    executable::copy(&std::env::current_exe().unwrap(), &tests);
    let own = home.path().join("own");
    std::fs::create_dir(&own).unwrap();
    std::os::unix::fs::chown(&own, Some(NOBODY), Some(NOBODY)).unwrap();
    let (user, group) = (format!("--reuid={NOBODY}"), format!("--regid={NOBODY}"));
    let ran = std::process::Command::new("setpriv")
        .args([&user, &group, "--clear-groups"])
        .arg(&tests)
        .args(["--exact", "--skip", THIS])
        .env("TMPDIR", &own)
        .current_dir(&own)
        .output()
        .expect("setpriv, of util-linux");
    let told = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success(), "{told}");
    let others = include_str!("permissions.rs").matches("\n#[test]\n").count() - 1;
    assert!(told.contains(&format!("{others} passed; 0 failed")), "{told}");
}
