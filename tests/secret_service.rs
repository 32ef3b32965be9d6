//! A vault whose envelopes lie in a real Secret Service (gnome-keyring on a bus of its own), through
//! the real program; `secret-tool` is the independent reader. Real tier: `TRESOR_REAL=1`.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::disallowed_methods)] // modes are set as another program would

mod session;

use session::expect;

/// A vault in the Secret Service with three secrets, opened by a key file; and the same in a root
/// directory that bears no mark of a container.
const VAULT: &str = r#"
exec 2>&1
export TRESOR_KEY_FILE="$HOME/key"
held() { secret-tool search --all service tresor 2>&1 | grep -c "^attribute.username = $1" ; }
id() { tresor list --json | sed 's/.*"vault_id":"\([0-9a-f]*\)".*/\1/' ; }
lock_keyring() {
    dbus-send --session --print-reply --dest=org.freedesktop.secrets /org/freedesktop/secrets \
        org.freedesktop.Secret.Service.Lock array:objpath:/org/freedesktop/secrets/collection/login >/dev/null
}
kill_keyring() {
    pid=$(dbus-send --session --print-reply --dest=org.freedesktop.DBus / \
        org.freedesktop.DBus.GetConnectionUnixProcessID string:org.freedesktop.secrets | sed -n 's/^ *uint32 //p')
    kill -9 "$pid" ; sleep 0.3
}
fill() { for key in a b c; do printf 'value of %s' $key | tresor set "project:shop/$key" --quiet ; done ; }
in_store() { unlock_keyring x ; tresor init --backend linux_secret_service --key-file key --quiet ; fill ; }
"#;

fn vault(script: &str) -> Option<String> {
    std::env::var_os("TRESOR_REAL").map(|_| session::run(&format!("{VAULT}{script}")))
}

#[test]
fn envelopes_lie_there_and_tell_nobody_what_they_are_about() {
    let said = vault(
        r#"in_store
        says tresor read project:shop/b --newline
        ls vault/objects | wc -l
        echo "held $(held)"
        secret-tool search --all service tresor > all 2>&1
        grep -c 'label = tresor: an encrypted secret' all
        grep -E 'shop|value of' all && echo "it tells"
        echo "count $(tresor list --json | grep -o '"key"' | wc -l) $(cat vault/backend.kind)"
        printf again | tresor set project:shop/a --quiet ; echo "held $(held)"
        tresor delete project:shop/a --quiet ; tresor purge --yes --quiet --all 2>/dev/null || tresor purge --yes --quiet
        says tresor doctor"#,
    );
    let Some(said) = said else { return };
    expect(&said, &["value of b", "held 3", "count 3 linux_secret_service", "held 4"]);
    expect(&said, &["Checked: secrets 2, envelopes 2"]);
    assert!(!said.contains("it tells"), "{said}");
    assert!(said.contains("\n0\nheld 3\n3\n"), "files, items and labels:\n{said}");
}

#[test]
fn moves_there_and_back_are_seen_by_an_independent_reader() {
    let said = vault(
        r#"unlock_keyring x
        tresor init --backend encrypted_file --key-file key --quiet ; fill
        says tresor migrate --to linux_secret_service
        echo "items $(held) files $(ls vault/objects | wc -l)"
        says tresor read project:shop/c --newline
        says tresor migrate --to encrypted_file --json
        echo "items $(held) files $(ls vault/objects | wc -l)"
        says tresor read project:shop/c --newline
        says tresor log --limit 3
        says tresor doctor --quiet"#,
    );
    let Some(said) = said else { return };
    expect(
        &said,
        &[
            "Moved 3 envelopes from encrypted files to the Secret Service",
            "items 3 files 0",
            r#"{"from":"linux_secret_service","to":"encrypted_file","envelopes":3,"emptied":true}"#,
            "items 0 files 3",
        ],
    );
    assert_eq!(said.matches("value of c\nexit 0").count(), 2, "{said}");
}

/// Killed at random, the move is simply begun again; nothing is lost in between.
#[test]
fn a_move_that_is_killed_is_begun_again() {
    let said = vault(
        r#"unlock_keyring x
        tresor init --backend encrypted_file --key-file key --quiet
        for n in $(seq 40); do printf 'value %s' $n | tresor set global/k$n --quiet ; done
        killed=0
        for to in linux_secret_service encrypted_file linux_secret_service encrypted_file; do
            for pause in 0.01 0.03 0.06 0.1 0.2 0.3 0.45; do
                tresor migrate --to $to >/dev/null 2>&1 & pid=$!
                sleep $pause
                kill -9 $pid 2>/dev/null && killed=$((killed + 1))
                wait $pid 2>/dev/null
                for n in 1 20 40; do
                    test "$(tresor read global/k$n)" = "value $n" || echo "lost k$n"
                done
            done
            says tresor migrate --to $to --quiet
            for n in $(seq 40); do test "$(tresor read global/k$n)" = "value $n" || echo "lost k$n" ; done
            tresor doctor > checked || cat checked
            grep -c -E 'left|cut off' checked
            echo "to $to: items $(held) files $(ls vault/objects | wc -l)"
        done
        test $killed -ge 4 && echo "killed enough""#,
    );
    let Some(said) = said else { return };
    assert!(!said.contains("lost k"), "{said}");
    expect(&said, &["killed enough"]);
    let ends = ["linux_secret_service: items 40 files 0", "encrypted_file: items 0 files 40"];
    for end in ends {
        assert_eq!(said.matches(&format!("exit 0\n0\nto {end}")).count(), 2, "{end}\n{said}");
    }
}

#[test]
fn a_store_that_is_locked_gone_or_was_opened_by_a_wrong_passphrase_is_told() {
    let said = vault(
        r#"in_store
        lock_keyring
        echo "--- locked"
        says tresor read project:shop/a
        printf new | says tresor set project:shop/new
        says tresor list --quiet | wc -l
        echo "--- no bus"
        DBUS_SESSION_BUS_ADDRESS=unix:path=/nowhere says tresor read project:shop/a
        echo "--- killed, and opened by a wrong passphrase"
        kill_keyring
        unlock_keyring wrong
        says tresor read project:shop/a
        echo "--- killed, and opened"
        kill_keyring
        unlock_keyring x
        says tresor read project:shop/a --newline
        says tresor doctor"#,
    );
    let Some(said) = said else { return };
    let (before, after) = said.split_once("--- killed, and opened\n").expect(&said);
    assert_eq!(before.matches("exit 4").count(), 4, "{said}");
    expect(before, &["the Secret Service is locked", "the Secret Service cannot be reached"]);
    expect(after, &["value of a", "Checked: secrets 3, envelopes 3"]);
    assert!(!after.contains("leftover"), "{said}");
}

#[test]
fn an_item_that_was_removed_or_altered_by_another_program_is_damage() {
    let said = vault(
        r#"in_store
        name=$(secret-tool search --all service tresor 2>&1 | sed -n 's/^attribute.username = //p' | head -1)
        printf forged | secret-tool store --label x service tresor username "$name"
        says tresor doctor
        secret-tool clear service tresor username "$name"
        says tresor doctor
        for key in a b c; do tresor read project:shop/$key >/dev/null 2>&1 ; echo "read $?" ; done"#,
    );
    let Some(said) = said else { return };
    assert_eq!(said.matches("exit 9").count(), 2, "{said}");
    assert_eq!(said.matches("read 9").count(), 1, "{said}");
    assert_eq!(said.matches("read 0").count(), 2, "{said}");
}

#[test]
fn what_a_deleted_vault_left_is_found_and_removed_and_nothing_of_another() {
    let said = vault(
        r#"in_store
        gone=$(id)
        tresor --vault other init --backend linux_secret_service --key-file key --quiet
        printf kept | tresor --vault other set global/x --quiet
        tresor keys add keyring --quiet 2>/dev/null
        echo "of it $(held $gone)"
        rm -r vault
        says tresor doctor
        says tresor init --backend encrypted_file --key-file key
        says tresor doctor
        says tresor doctor --fix --yes
        echo "of it $(held $gone)"
        says tresor doctor --remove-orphans --yes
        echo "of it $(held $gone)"
        says tresor doctor
        says tresor --vault other read global/x --newline"#,
    );
    let Some(said) = said else { return };
    expect(
        &said,
        &["which was here, left 4 items in the Secret Service", "Removed 4 items", "kept"],
    );
    assert_eq!(said.matches("✗ 4 items of the vault").count(), 3, "{said}");
    assert_eq!(said.matches("exit 9").count(), 3, "{said}");
    assert_eq!(said.matches("of it 4").count(), 2, "{said}");
    assert_eq!(said.matches("of it 0").count(), 1, "{said}");
    assert_eq!(said.matches("exit 0").count(), 4, "{said}");
}

#[test]
fn what_a_vault_left_in_a_store_that_was_away_is_found_when_it_is_back() {
    let said = vault(
        r#"in_store
        rm -r vault
        export DBUS_SESSION_BUS_ADDRESS_KEPT=$DBUS_SESSION_BUS_ADDRESS
        export DBUS_SESSION_BUS_ADDRESS=unix:path=/nowhere
        says tresor doctor
        says tresor init --backend encrypted_file --key-file key --quiet
        says tresor doctor --quiet
        export DBUS_SESSION_BUS_ADDRESS=$DBUS_SESSION_BUS_ADDRESS_KEPT
        says tresor doctor --quiet"#,
    );
    let Some(said) = said else { return };
    expect(&said, &["what a vault that was here may have left there is unknown", "no vault"]);
    assert!(said.contains("exit 7"), "{said}");
    let (before, after) = said.split_once("✗ 3 items of the vault").expect(&said);
    assert!(before.ends_with("exit 0\nexit 0\n") && after.contains("exit 9"), "{said}");
}

/// That nothing lies at a path does not mean that the vault is gone.
#[test]
fn what_a_vault_that_was_moved_needs_is_not_taken_from_it() {
    let said = vault(
        r#"in_store
        mv vault moved
        says tresor --vault moved read project:shop/a --newline
        says tresor doctor
        says tresor doctor --fix --yes
        says tresor init --backend encrypted_file --key-file key --quiet
        printf d | tresor --vault moved set project:shop/d --quiet
        says tresor doctor
        says tresor --vault moved read project:shop/b --newline
        echo "items $(items)""#,
    );
    let Some(said) = said else { return };
    expect(&said, &["value of a", "a vault that was moved", "value of b", "items 4"]);
    expect(&said, &["4 items of the vault", "it was opened at another place too"]);
    assert_eq!(said.matches("exit 9").count(), 2, "{said}");
    assert_eq!(said.matches("exit 0").count(), 4, "{said}");
}

/// A copy of the directory has its own index, and the same items.
#[test]
fn mending_a_copy_takes_nothing_from_the_original() {
    let said = vault(
        r#"in_store
        cp -r vault copy
        printf n | tresor set global/new --quiet
        says tresor --vault copy doctor --fix --yes --quiet
        printf m | tresor --vault copy set global/more --quiet
        says tresor doctor --fix --yes --quiet
        says tresor read global/new --newline
        says tresor --vault copy read global/more --newline"#,
    );
    let Some(said) = said else { return };
    assert_eq!(
        said.matches("set aside in lost").count()
            + said.matches("left alone, a copy of this vault").count(),
        2,
        "{said}"
    );
    assert_eq!(said.matches("exit 0").count(), 4, "{said}");
    expect(&said, &["n", "m"]);
}

#[test]
fn moving_a_copy_takes_nothing_from_the_original() {
    let said = vault(
        r#"in_store
        cp -r vault copy
        printf n | tresor set global/new --quiet
        says tresor --vault copy migrate --to encrypted_file
        says tresor --vault copy read project:shop/a --newline
        says tresor --vault copy doctor --fix --yes --quiet
        says tresor --vault copy migrate --to linux_secret_service --quiet
        for name in project:shop/a project:shop/b global/new; do says tresor read $name --newline ; done
        says tresor doctor"#,
    );
    let Some(said) = said else { return };
    expect(&said, &["what is in the Secret Service stays there: a copy of this vault"]);
    assert_eq!(said.matches("exit 0").count(), 8, "{said}");
}

/// Init was given up, or its vault was not wanted, and the former directory is back.
#[test]
fn a_former_vault_that_is_back_is_no_orphan() {
    let said = vault(
        r#"in_store
        mv vault away
        tresor init --backend encrypted_file --key-file key --quiet
        says tresor doctor --quiet
        rm -r vault ; mv away vault
        says tresor doctor --accept-restore --yes --quiet
        says tresor doctor --quiet
        says tresor doctor --remove-orphans --yes
        says tresor read project:shop/a --newline"#,
    );
    let Some(said) = said else { return };
    expect(&said, &["Nothing is left of a vault that was here", "value of a"]);
    assert_eq!(said.matches("exit 9").count(), 1, "{said}");
}

#[test]
fn nothing_is_written_where_it_would_be_gone_with_the_session() {
    let said = vault(
        r#"in_store
        dbus-send --session --print-reply --dest=org.freedesktop.secrets /org/freedesktop/secrets \
            org.freedesktop.Secret.Service.SetAlias string:default objpath:/org/freedesktop/secrets/collection/session >/dev/null
        printf n | says tresor set global/new
        says tresor read project:shop/a --newline
        echo "items $(items)""#,
    );
    let Some(said) = said else { return };
    expect(
        &said,
        &["forgets everything at the end of the session", "exit 4", "value of a", "items 3"],
    );
}

/// A copy of the directory alone, or a keyring that was set up anew.
#[test]
fn a_vault_whose_envelopes_are_elsewhere_says_what_is_missing() {
    let said = vault(
        r#"in_store
        for name in $(names); do secret-tool clear service tresor username "$name" ; done
        says tresor read project:shop/a
        says tresor migrate --to encrypted_file"#,
    );
    let Some(said) = said else { return };
    expect(&said, &["the Secret Service does not hold the envelope", "where it was made"]);
    expect(&said, &["revision 1 of project:shop/"]);
    assert_eq!(said.matches("exit 9").count(), 2, "{said}");
}

#[test]
fn what_was_purged_and_could_not_be_removed_is_told() {
    let said = vault(
        r#"in_store
        tresor delete project:shop/a --quiet
        lock_keyring
        says tresor purge --all --yes
        kill_keyring ; unlock_keyring x
        says tresor doctor --fix --yes --quiet
        echo "items $(items)""#,
    );
    let Some(said) = said else { return };
    expect(&said, &["what was removed is still in the Secret Service, which is locked", "exit 4"]);
    expect(&said, &["items 2"]);
}

#[test]
fn a_second_item_of_one_name_is_told_and_goes_when_that_one_is_removed() {
    let said = vault(
        r#"in_store
        name=$(names | head -1)
        printf forged | secret-tool store --collection=session --label x service tresor username "$name"
        for key in a b c; do says tresor read project:shop/$key --newline ; done
        for key in a b c; do tresor delete project:shop/$key --quiet ; done
        says tresor purge --yes --quiet --all
        echo "items $(items)""#,
    );
    let Some(said) = said else { return };
    expect(&said, &["the Secret Service holds two items of one name", "exit 4", "items 0"]);
    assert_eq!(said.matches("value of").count(), 2, "{said}");
}

#[test]
fn what_needs_no_store_is_checked_without_it() {
    let said = vault(
        r#"in_store
        echo encrypted_file > vault/backend.kind
        export DBUS_SESSION_BUS_ADDRESS=unix:path=/nowhere
        says tresor doctor
        echo linux_secret_service > vault/backend.kind
        says tresor doctor"#,
    );
    let Some(said) = said else { return };
    expect(&said, &["it does not say linux_secret_service", "exit 9", "exit 4"]);
    assert_eq!(said.matches("the Secret Service cannot be reached").count(), 2, "{said}");
}

/// What `init` takes when nobody says, where this is no container: with the directories of this root,
/// but not the file that Docker leaves in it.
#[test]
fn a_new_vault_gets_the_store_where_it_proves_itself_and_a_desktop_is_near() {
    let said = vault(
        r#"root=$HOME/root ; mkdir $root
        script='
        cd "$HOME"; eval "$(printf x | gnome-keyring-daemon --unlock --components=secrets 2>/dev/null)"
        choose() { echo "--- $1"; tresor --vault $1 init --key-file key ; tresor --vault $1 doctor backends 2>&1 ; }
        unset DISPLAY; choose headless
        export DISPLAY=:99; choose desktop
        SSH_CONNECTION="1 2 3 4" choose remote
        container=podman choose container
        ln -sf /nowhere run/default-alias
        dbus-send --session --print-reply --dest=org.freedesktop.secrets /org/freedesktop/secrets \
            org.freedesktop.Secret.Service.SetAlias string:default objpath:/org/freedesktop/secrets/collection/session >/dev/null
        choose forgetful
        '
        unshare --mount bash -c '
            for dir in /*/ ; do
                if [ -L "${dir%/}" ]; then ln -s "$(readlink "${dir%/}")" "$1$(basename "$dir")"
                else mkdir -p "$1/$dir" && mount --rbind "$dir" "$1/$dir" ; fi
            done
            exec chroot "$1" bash -c "$2"' _ "$root/" "$script""#,
    );
    let Some(said) = said else { return };
    let part = |name: &str| {
        let (_, rest) = said.split_once(&format!("--- {name}\n")).expect(&said);
        rest.split("--- ").next().unwrap().to_owned()
    };
    let files = "Its secrets are kept in encrypted files: ";
    expect(&part("headless"), &[&format!("{files}there is no desktop session here")]);
    expect(
        &part("desktop"),
        &[
            "Its secrets are kept in the Secret Service: it gave back what it was given, and keeps it",
            "linux_secret_service\tworks\t",
            "in use",
            "a new vault would be kept in Secret Service",
        ],
    );
    expect(&part("remote"), &[&format!("{files}this is a login from another machine")]);
    expect(&part("container"), &[&format!("{files}this runs in a container")]);
    expect(
        &part("forgetful"),
        &[&format!("{files}the Secret Service forgets everything at the end of the session")],
    );
}

/// A prompt that nobody answers is waited for as long as a person may take, and once a command.
#[test]
fn a_store_that_never_answers_is_given_up() {
    let said = vault(
        r#"in_store
        before=$(tresor list --json)
        export DBUS_SESSION_BUS_ADDRESS="unix:path=$HOME/silent"
        says tresor read project:shop/a > read 2>&1 &
        printf again | says tresor set project:shop/a > set 2>&1 &
        sleep 2 ; says timeout 20 tresor list --quiet >/dev/null && echo "listed meanwhile"
        wait ; cat read set
        test "$before" = "$(tresor list --json)" && echo "as before""#,
    );
    let Some(said) = said else { return };
    let times = |text: &str| said.matches(text).count();
    assert_eq!(times("tresor: waiting for your desktop's unlock prompt"), 2, "{said}");
    assert_eq!(times("the Secret Service did not answer within 60 seconds"), 2, "{said}");
    assert_eq!(times("exit 4"), 2, "{said}");
    expect(&said, &["listed meanwhile", "as before"]);
}
