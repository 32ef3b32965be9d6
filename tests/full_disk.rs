//! A vault on a file system of 64 KiB: filled until a write fails, it is as before; with room again the
//! same write succeeds; read-only, it is checked all the same. Real tier (`TRESOR_REAL=1`), as root: the
//! file system is mounted in a name space of its own, which ends with the test.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod told;

use std::process::Command;

use told::{real, say};

/// Fills the disk and prints what happened, one word and one figure a line.
const STORY: &str = r#"
mount -t tmpfs -o size=64k,mode=700 none "$DISK" || exit 99
export TRESOR_VAULT_DIR="$DISK/vault" TRESOR_KEY_FILE="$DISK/key"
export XDG_STATE_HOME="$STATE" XDG_CONFIG_HOME="$STATE/config"
"$TRESOR" init --key-file "$DISK/key" --quiet || exit 98
head -c 20000 /dev/zero > "$DISK/filler" || exit 97
saved=0
while head -c 300 /dev/zero | tr '\0' v | "$TRESOR" set "global/k$saved" --value-stdin --quiet; do
    saved=$((saved + 1))
    [ "$saved" -lt 100 ] || exit 96
done
head -c 300 /dev/zero | tr '\0' v | "$TRESOR" set "global/k$saved" --value-stdin --quiet 2> "$STATE/told"
echo "code $?"
echo "saved $saved"
echo "listed $("$TRESOR" list --quiet | wc -l)"
"$TRESOR" read global/k0 | wc -c | sed 's/^/bytes /'
rm "$DISK/filler"
head -c 300 /dev/zero | tr '\0' v | "$TRESOR" set "global/k$saved" --value-stdin --quiet
echo "retried $?"
echo "listed-again $("$TRESOR" list --quiet | wc -l)"
"$TRESOR" doctor --quiet >/dev/null
echo "doctor $?"
mount -o remount,ro "$DISK"
"$TRESOR" doctor --quiet >/dev/null
echo "doctor-of-a-read-only-one $?"
"#;

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    id.stdout.trim_ascii() == b"0"
}

#[test]
fn a_full_disk_loses_nothing_and_the_same_write_succeeds_later() {
    if !real("a_full_disk_loses_nothing_and_the_same_write_succeeds_later") {
        return;
    }
    if !is_root() {
        return say("a full disk is skipped: only root can mount one");
    }
    let home = tempfile::tempdir().unwrap();
    let (disk, state) = (home.path().join("disk"), home.path().join("state"));
    std::fs::create_dir(&disk).unwrap();
    std::fs::create_dir(&state).unwrap();
    let output = Command::new("unshare")
        .args(["--mount", "--propagation", "private", "sh", "-c", STORY])
        .env("DISK", &disk)
        .env("STATE", &state)
        .env("TRESOR", env!("CARGO_BIN_EXE_tresor"))
        .output()
        .unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{:?}: {told}{errors}", output.status);
    let figure = |word: &str| -> usize {
        let line = told.lines().find_map(|line| line.strip_prefix(word)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("no {word}: {told}")).trim().parse().unwrap()
    };
    let refusal = std::fs::read_to_string(state.join("told")).unwrap();
    assert_eq!(figure("code"), 1, "{refusal}");
    assert!(refusal.contains("No space left") && refusal.contains("free some space"), "{refusal}");
    let saved = figure("saved");
    assert!(saved > 0, "nothing fitted: {errors}");
    assert_eq!((figure("listed"), figure("bytes")), (saved, 300), "{told}");
    assert_eq!((figure("retried"), figure("listed-again")), (0, saved + 1), "{told}{errors}");
    assert_eq!(figure("doctor"), 0, "{told}{errors}");
    assert_eq!(figure("doctor-of-a-read-only-one"), 0, "{told}{errors}");
    // Nothing of it is mounted here.
    assert!(std::fs::read_dir(&disk).unwrap().next().is_none());
}
