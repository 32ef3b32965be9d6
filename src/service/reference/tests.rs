//! What is a reference, where it ends, and what each leads to.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;

fn found(text: &str) -> Vec<(usize, String)> {
    let template = Template::parse(text.as_bytes());
    let told = |spot: &Spot| match &spot.reference {
        Ok(reference) => reference.to_string(),
        Err(wrong) => format!("wrong: {wrong}"),
    };
    template.spots().iter().map(|spot| (spot.line, told(spot))).collect()
}

fn all(text: &str) -> Vec<String> {
    found(text).into_iter().map(|(_, reference)| reference).collect()
}

#[test]
fn references_are_found_with_their_lines() {
    let text = "a: tresor://global/a\n\n{{ tresor://project:x:prod/b.c?field=username }} {{env:HOME}}\n\
        url = \"https://u:tresor://global/p@host\"\n";
    let expected = [
        (1, "tresor://global/a"),
        (3, "tresor://project:x:prod/b.c?field=username"),
        (3, "env:HOME"),
        (4, "tresor://global/p"),
    ];
    assert_eq!(found(text), expected.map(|(line, name)| (line, name.to_owned())));
}

#[test]
fn what_belongs_to_others_is_left_alone() {
    for text in ["{{ .Values.password }}", "{{ user }}", "{{", "{{ env.HOME }}", "DB=file:./dev.db"]
    {
        assert_eq!(all(text), [""; 0], "{text}");
    }
    // Braces within braces, as other templates have them.
    assert_eq!(all("{{{ tresor://global/a }}}"), ["tresor://global/a"]);
    // Braces do not go on in the next line.
    assert_eq!(all("{{ env:A\n}}"), [""; 0]);
}

#[test]
fn what_was_meant_as_one_and_is_none_is_told() {
    for text in
        ["tresor://global", "tresor://nowhere/a", "tresor://global/", "{{ env:1A }}", "{{file:a}}"]
    {
        let found = all(text);
        assert!(found.len() == 1 && found[0].starts_with("wrong: "), "{text}: {found:?}");
    }
}

#[test]
fn values_take_the_place_of_their_references_and_nothing_else_changes() {
    let text = b"\xff a={{ tresor://global/a }};b=tresor://global/b,c";
    let values = ["one", ""].map(|text| SensitiveBytes::copy_of(text.as_bytes()));
    let filled = Template::parse(text).fill(&[&values[0], &values[1]]);
    assert!(filled.with(|bytes| bytes == b"\xff a=one;b=,c"));
}

proptest! {
    #[test]
    fn any_bytes_are_a_template_and_come_out_as_they_went_in(
        text in proptest::collection::vec(prop_oneof![any::<u8>().boxed(), Just(b'{').boxed(),
            Just(b't').boxed()], 0..200),
    ) {
        let template = Template::parse(&text);
        let same: Vec<SensitiveBytes> = template
            .spots()
            .iter()
            .map(|spot| SensitiveBytes::copy_of(&text[spot.at.clone()]))
            .collect();
        let filled = template.fill(&same.iter().collect::<Vec<_>>());
        prop_assert!(filled.with(|bytes| bytes == text));
    }

    #[test]
    fn every_name_is_found_as_a_uri(scope in "(global|project:[a-zé ]{1,8}x)", key in "[A-Za-z0-9._-]{1,20}") {
        prop_assume!(scope.parse::<crate::vault::Scope>().is_ok());
        let uri = crate::vault::SecretRef::new(scope.parse().unwrap(), key.parse().unwrap()).uri();
        prop_assert_eq!(all(&format!("x=\"{uri}\"\n")), vec![uri]);
    }
}

#[test]
fn what_is_read_is_cut_behind_the_longest_value_in_a_buffer_that_never_grew() {
    for (given, read) in [
        (0, 0),
        (9, 9),
        (MAX_VALUE, MAX_VALUE),
        (MAX_VALUE + 1, MAX_VALUE + 1),
        (MAX_VALUE + 99, MAX_VALUE + 1),
    ] {
        let bytes = read_value(io::repeat(7).take(given as u64)).unwrap();
        assert_eq!((bytes.len(), bytes.capacity()), (read, MAX_VALUE + 1), "{given}");
    }
}

#[test]
fn variables_are_there_or_missing() {
    let policy = Policy::default();
    let missing = policy.resolve(&"env:TRESOR_NO_SUCH_VARIABLE".parse().unwrap());
    assert_eq!(missing.err().unwrap().state, State::Missing);
    assert!(policy.resolve(&"env:PATH".parse().unwrap()).is_ok());
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn state(policy: &Policy, reference: &str) -> State {
        policy
            .resolve(&reference.parse().unwrap())
            .map_or_else(|wrong| wrong.state, |_| State::Resolved)
    }

    #[test]
    fn files_are_read_in_trusted_directories_and_through_no_link() {
        let home = tempfile::tempdir().unwrap();
        let trusted = home.path().join("trusted");
        std::fs::create_dir_all(trusted.join("sub")).unwrap();
        let write = |name: &str, text: &[u8], mode: u32| {
            let path = home.path().join(name);
            std::fs::write(&path, text).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        };
        write("trusted/a", b"value\n", 0o600);
        write("trusted/sub/b", b"value", 0o444);
        write("trusted/open", b"value", 0o666);
        write("trusted/empty", b"\n", 0o600);
        let common = trusted.join("common");
        std::fs::create_dir(&common).unwrap();
        std::fs::set_permissions(&common, std::fs::Permissions::from_mode(0o777)).unwrap();
        write("trusted/common/c", b"value", 0o600);
        write("trusted/large", &vec![b'x'; MAX_VALUE + 1], 0o600);
        write("outside", b"value", 0o600);
        symlink(home.path().join("outside"), trusted.join("link")).unwrap();
        symlink(home.path(), trusted.join("up")).unwrap();
        let policy = Policy { files: vec![trusted.clone()], commands: vec![] };
        let at = |name: &str| state(&policy, &format!("file:{}/{name}", trusted.display()));
        let expected = [
            ("a", State::Resolved),
            ("sub/b", State::Resolved),
            ("nothing", State::Missing),
            ("empty", State::Missing),
            ("open", State::Blocked),
            ("common/c", State::Blocked),
            ("link", State::Blocked),
            ("up/outside", State::Blocked),
            ("../outside", State::Blocked),
            ("sub", State::Blocked),
            ("a/b", State::Blocked),
            ("large", State::Failed),
        ];
        for (name, state) in expected {
            assert_eq!(at(name), state, "{name}");
        }
        let outside = format!("file:{}/outside", home.path().display());
        assert_eq!(state(&policy, &outside), State::Blocked);
        let value = policy.resolve(&Reference::File(trusted.join("a"))).ok().unwrap();
        assert!(value.with(|bytes| bytes == b"value"));
    }

    #[test]
    fn only_allowed_programs_run_and_see_no_environment() {
        let policy = Policy {
            files: vec![],
            commands: vec![["/bin/sh", "-c", "*"].map(str::to_owned).to_vec()],
        };
        assert_eq!(state(&policy, "exec:sh -c true"), State::Blocked);
        assert_eq!(state(&policy, "exec:/bin/cat /etc/passwd"), State::Blocked);
        assert_eq!(state(&policy, "exec:/bin/sh /etc/passwd"), State::Blocked);
        // Looking runs nothing: this one would fail.
        assert_eq!(policy.look(&"exec:/bin/sh -c 'exit 3'".parse().unwrap()), Ok(()));
        assert_eq!(state(&policy, "exec:/bin/sh -c 'exit 3'"), State::Failed);
        assert_eq!(state(&policy, "exec:/bin/sh -c true"), State::Missing);
        assert_eq!(state(&policy, "exec:/bin/sh -c 'yes'"), State::Failed);
        let value = policy.resolve(&"exec:/bin/sh -c 'echo \"$HOME$USER-\"; cat'".parse().unwrap());
        assert!(value.ok().unwrap().with(|bytes| bytes == b"-"));
    }

    #[test]
    fn a_program_that_takes_too_long_is_ended_with_what_it_started() {
        let mark = tempfile::NamedTempFile::new().unwrap();
        let line = format!("(sleep 3; echo late > {}) & sleep 9", mark.path().display());
        let words = ["/bin/sh", "-c", &line].map(str::to_owned);
        let begun = Instant::now();
        let limit = Duration::from_millis(100);
        let ended = command::output(&words, &[words.to_vec()], limit);
        assert_eq!(ended.err().unwrap().state, State::Failed);
        assert!(begun.elapsed() < Duration::from_secs(2));
        std::thread::sleep(Duration::from_millis(3200));
        assert_eq!(std::fs::read(mark.path()).unwrap(), b"");
    }
}

#[test]
fn a_reference_with_anything_beside_it_is_no_mere_reference() {
    for text in ["tresor://project:b/x", " {{ tresor://global/x }}\n", "{{env:HOME}}"] {
        assert!(is_reference(text.as_bytes()), "{text}");
    }
    for text in ["", "x", "https://tresor://global/x", "tresor://global/x,y", "{{ x }}", "{{"] {
        assert!(!is_reference(text.as_bytes()), "{text}");
    }
}

#[test]
fn the_words_of_a_malformed_reference_are_kept_to_be_shown_if_they_are_few() {
    let long = format!("tresor://{}", "a".repeat(191));
    for (text, shown) in [
        ("{{ env: }}", "env:"),
        ("x tresor://nowhere", "tresor://nowhere"),
        ("{{ file:a\u{1b} }}", "file:a\u{241b}"),
        ("{{ env:NAME }}", ""),
        ("{{ file:a?token=b }}", "file:a?token"),
        ("tresor://h/d/?a&b", "tresor://h/d"),
        (&long, ""),
    ] {
        let template = Template::parse(text.as_bytes());
        let reference = &template.spots()[0].reference;
        let written = reference.as_ref().map_or_else(|wrong| wrong.written.as_str(), |_| "");
        assert_eq!(written, shown, "{text}");
    }
}
