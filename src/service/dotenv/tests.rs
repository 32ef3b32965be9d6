#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;

use super::*;

fn read(text: &[u8]) -> Result<Vec<(String, Vec<u8>, usize)>, DotenvError> {
    let entries = parse(&SensitiveBytes::copy_of(text))?;
    let row = |e: DotenvEntry| (e.key.as_str().to_owned(), e.value.with(<[u8]>::to_vec), e.line);
    Ok(entries.into_iter().map(row).collect())
}

/// The one value of a file of one assignment.
fn one(text: &str) -> String {
    let mut rows = read(text.as_bytes()).unwrap();
    assert_eq!(rows.len(), 1, "{text:?}");
    String::from_utf8(rows.remove(0).1).unwrap()
}

#[test]
fn values_are_read_as_the_grammar_says() {
    for (text, value) in [
        ("A=b", "b"),
        ("A=b\r\n", "b"),
        ("  export A = b c  # note\n", "b c"),
        ("export\tA=b", "b"),
        ("A=b#c", "b#c"),
        ("A=#c", ""),
        ("A=", ""),
        ("A=\"\"", ""),
        ("A='a\\n$B \"x\"' # note", "a\\n$B \"x\""),
        ("A='two\nlines'", "two\nlines"),
        (r#"A="a\nb\tc\"d\\e\$F\x" "#, "a\nb\tc\"d\\e$F\\x"),
        ("A=\"two\nlines\"\n", "two\nlines"),
        ("A=\"joined \\\nline\"", "joined line"),
        ("A=${B}$(rm -rf /)`x`", "${B}$(rm -rf /)`x`"),
        ("A=it's", "it's"),
        ("\u{feff}A=b", "b"),
        ("A=\"# no comment\"", "# no comment"),
        ("exported=1", "1"),
        ("export=1", "1"),
    ] {
        assert_eq!(one(text), value, "{text:?}");
    }
}

#[test]
fn names_are_lower_cased_and_lines_counted() {
    let rows = read(b"# c\n\nDB_URL=x\nTEXT=\"a\nb\"\nLast.one-2=y").unwrap();
    let names: Vec<_> = rows.iter().map(|(key, _, line)| (key.as_str(), *line)).collect();
    assert_eq!(names, [("db_url", 3), ("text", 4), ("last.one-2", 6)]);
}

#[test]
fn the_later_of_two_wins_and_says_so() {
    let entries = parse(&SensitiveBytes::copy_of(b"A=1\nB=2\nA=3\n")).unwrap();
    let first = entries.first().unwrap();
    assert_eq!((entries.len(), first.line, first.replaces), (2, 3, Some(1)));
    assert!(first.value.with(|value| value == b"3"));
}

#[test]
fn errors_name_the_line_and_never_the_value() {
    for (text, line) in [
        ("A=1\nhunter2\n", 2),
        ("A=1\n\n2B=hunter2", 3),
        ("=hunter2", 1),
        ("A \"hunter2\"", 1),
        ("A=\"hunter2", 1),
        ("A=1\nB='hunter2\n\n\n", 2),
        ("A=\"hunter2\\", 1),
        ("A=\"hunter2\"x", 1),
        ("A='hunter2' x", 1),
    ] {
        let error = read(text.as_bytes()).unwrap_err();
        assert!(
            matches!(error, DotenvError::Line(BadLine { line: l, .. }) if l == line),
            "{text:?}: {error}"
        );
        assert!(!format!("{error} {error:?} {}", error.help()).contains("hunter2"));
    }
    let long = format!("{}=1", "a".repeat(129));
    assert!(matches!(read(long.as_bytes()), Err(DotenvError::Line(BadLine { line: 1, .. }))));
}

#[test]
fn behind_a_bad_line_it_goes_on_with_the_next() {
    let text =
        SensitiveBytes::copy_of(b"A=1\nB=\"hunter2\nC=3\nD=\"x\"\nE=\"5\n\n6\" # ok\nF\nG=7");
    let (entries, bad) = parse_all(&text).unwrap();
    let entries: Vec<_> = entries.iter().map(|entry| (entry.key.as_str(), entry.line)).collect();
    assert_eq!(entries, [("a", 1), ("c", 3), ("d", 4), ("e", 5), ("g", 9)]);
    let lines =
        |error: &DotenvError| matches!(error, DotenvError::Line(BadLine { line: 2 | 8, .. }));
    assert!(bad.len() == 2 && bad.iter().all(lines), "{bad:?}");
}

#[test]
fn two_spellings_of_one_name_are_an_error() {
    let error = read(b"A=1\nDb=1\nDB=2").unwrap_err();
    assert_eq!(error, DotenvError::Collision { first: 2, second: 3, key: "db".into() });
}

#[test]
fn too_large_a_file_is_refused() {
    let file = SensitiveBytes::new(vec![b'\n'; MAX_FILE + 1]);
    assert!(matches!(parse(&file), Err(DotenvError::TooLarge { .. })));
    let many: String = (0..=MAX_ENTRIES).map(|n| format!("A{n}=1\n")).collect();
    assert!(matches!(read(many.as_bytes()), Err(DotenvError::TooLarge { .. })));
}

/// Writes a value so that it must come back as it was.
fn quoted(value: &[u8]) -> Vec<u8> {
    let mut text = b"\"".to_vec();
    for byte in value {
        if matches!(byte, b'"' | b'\\' | b'$') {
            text.push(b'\\');
        }
        text.push(*byte);
    }
    text.push(b'"');
    text
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(&bytes);
    }

    #[test]
    fn likely_bytes_are_read_or_refused(text in "[A-B=\"'\\\\ #\n\r$a]{0,60}") {
        if let Ok(rows) = read(text.as_bytes()) {
            prop_assert!(rows.iter().all(|(_, value, _)| value.len() < text.len()));
        }
    }

    #[test]
    fn quoted_bytes_come_back(values in proptest::collection::vec(
        proptest::collection::vec(any::<u8>(), 0..40), 1..8,
    )) {
        let mut file = Vec::new();
        for (number, value) in values.iter().enumerate() {
            file.extend(format!("K{number}=").into_bytes());
            file.extend(quoted(value));
            file.push(b'\n');
        }
        let rows = read(&file).unwrap();
        prop_assert_eq!(rows.into_iter().map(|row| row.1).collect::<Vec<_>>(), values);
    }
}
