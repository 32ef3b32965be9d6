//! Tests of the settings file: what is read, and what names its line.

use super::*;

fn settings(text: &str) -> Result<Settings, (usize, String)> {
    Settings::parse(text).map_err(|wrong| (line_at(text.as_bytes(), wrong.at), wrong.why))
}

#[test]
fn an_empty_file_gives_the_defaults() {
    assert_eq!(settings(""), Ok(Settings::default()));
}

#[test]
fn everything_can_be_set() {
    let text = "[clipboard]\nclear_after = \"1m\"\nosc52 = \"never\"\n\
        [lock]\nidle = \"1h\"\nreveal = \"3s\"\n\
        [ui]\ntheme = \"light\"\nmouse = false\nascii = true\n\
        [keys.browse]\ncopy = [\"y\", \"ctrl-c\"]\nquit = \"Q\"\n";
    let read = settings(text).expect("valid");
    assert_eq!(read.clear_after, Duration::from_secs(60));
    assert_eq!(read.idle_lock, Duration::from_secs(3600));
    assert_eq!(read.reveal, Duration::from_secs(3));
    assert_eq!(read.osc52, Osc52::Never);
    assert_eq!((read.mouse, read.ascii, read.theme.as_str()), (false, true, "light"));
    let browse = read.keys.get("browse").expect("a context");
    assert_eq!(browse.get("copy"), Some(&(vec![Chord::char('y'), Chord::ctrl('c')], 12)));
    assert_eq!(browse.get("quit"), Some(&(vec![Chord::char('Q')], 13)));
}

#[test]
fn what_is_wrong_names_its_line() {
    for (text, line, part) in [
        ("[clipbord]\n", 1, "unknown key 'clipbord'"),
        ("[ui]\n\ncolour = 1\n", 3, "unknown key 'colour'"),
        ("[lock]\nidle = 5\n", 2, "'idle' has to be a time"),
        ("[lock]\nidle = \"0s\"\n", 2, "'idle' has to be a time"),
        ("[lock]\nidle = \"25h\"\n", 2, "'idle' has to be a time"),
        ("[ui]\nmouse = \"yes\"\n", 2, "'mouse' has to be true or false"),
        ("[clipboard]\nosc52 = \"maybe\"\n", 2, "'osc52' has to be"),
        ("[keys.browse]\ncopy = [\"y\",\n \"hyper-x\"]\n", 3, "'hyper-x' is not a key"),
        ("[keys]\nbrowse = 1\n", 2, "'browse' has to be a table"),
        ("keys = 1\n", 1, "'keys' has to be a table"),
        ("[ui]\ntheme = \"a\"\ntheme = \"b\"\n", 3, "duplicate key"),
        ("[ui\n", 1, ""),
    ] {
        let (found, why) = settings(text).expect_err(text);
        assert!(found == line && why.contains(part), "{text:?}: line {found}: {why}");
    }
}

#[test]
fn a_missing_file_is_fine_unless_it_was_named() {
    let nowhere = Path::new("/nonexistent/config.toml");
    assert_eq!(Settings::load(nowhere, false).expect("defaults"), Settings::default());
    let error = Settings::load(nowhere, true).expect_err("missing");
    assert_eq!(error.kind(), FaultKind::Invalid);
}

#[test]
fn durations_are_a_number_and_a_unit() {
    assert_eq!(parse_duration("90s"), Some(Duration::from_secs(90)));
    assert_eq!(parse_duration("2w"), Some(Duration::from_secs(1_209_600)));
    for text in ["", "s", "5", "-5m", "+5m", "5 m", "1.5h", "5é", "99999999999999999999w"] {
        assert_eq!(parse_duration(text), None, "{text:?}");
    }
}
