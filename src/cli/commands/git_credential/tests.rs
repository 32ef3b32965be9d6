use super::*;
use proptest::prelude::*;

fn parse(text: &[u8]) -> Option<Request> {
    Request::parse(text)
}

fn has(secret: Option<&SensitiveBytes>, value: &[u8]) -> bool {
    secret.is_some_and(|secret| secret.with(|secret| secret == value))
}

#[test]
fn what_git_says_is_read_and_what_is_new_is_not() {
    let text =
        b"capability[]=authtype\nprotocol=https\nhost=A.org:443\nwwwauth[]=Basic realm=\"x\"\n\
        path=team/repo.git\nusername=me\npassword=a=b\npassword_expiry_utc=99\n\
        oauth_refresh_token=r\nfoo=bar\n";
    let read = parse(text).unwrap();
    assert_eq!(read.address().unwrap().url(), "https://a.org/team/repo.git");
    assert_eq!(read.username.as_deref(), Some("me"));
    assert!(has(read.password.as_ref(), b"a=b") && has(read.refresh.as_ref(), b"r"));
    assert_eq!((read.expires_at, read.ephemeral), (Some(Timestamp(99)), false));
}

#[test]
fn an_empty_line_is_the_end_and_line_ends_are_git_s() {
    let read = parse(b"protocol=https\r\nhost=a\r\n\r\nusername=later\n").unwrap();
    assert_eq!(read.address().unwrap().url(), "https://a");
    assert_eq!(read.username, None);
    let empty = parse(b"protocol=https\nhost=a\nusername=\npassword=\nephemeral=1").unwrap();
    assert!(empty.username.is_none() && empty.password.is_none() && empty.ephemeral);
}

#[test]
fn what_says_no_place_has_none_and_what_is_no_attribute_is_refused() {
    for text in [&b""[..], b"\n", b"protocol=https\n", b"host=a\n", b"protocol=\nhost=a\n"] {
        assert!(parse(text).unwrap().address().is_none(), "{text:?}");
    }
    for text in [&b"protocol\n"[..], b"host=\xff\n"] {
        assert!(parse(text).is_none(), "{text:?}");
    }
    assert!(has(parse(b"password=\xff\n").unwrap().password.as_ref(), b"\xff"));
}

#[test]
fn reading_ends_at_an_empty_line_with_the_pipe_still_open() {
    struct Open<'a>(&'a [u8]);
    impl Read for Open<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            assert!(!self.0.is_empty(), "it would wait for ever");
            let read = self.0.len().min(buffer.len()).min(3);
            let (now, later) = self.0.split_at(read);
            buffer[..read].copy_from_slice(now);
            self.0 = later;
            Ok(read)
        }
    }
    for text in [&b"host=a\nprotocol=b\n\n"[..], b"host=a\r\nprotocol=b\r\n\r\n", b"\n"] {
        let read = input::read_all(UntilEmptyLine::of(Open(text)), 100).unwrap().unwrap();
        assert_eq!(read.len(), text.len());
    }
}

#[test]
fn an_answer_is_lines_and_nothing_breaks_them() {
    let password = SensitiveBytes::copy_of(b"p=w");
    let refresh = Some(SensitiveBytes::copy_of(b"r"));
    let answer = Answer {
        username: Some("me"),
        password: Some(&password),
        expires_at: Some(Timestamp(7)),
        refresh,
    };
    let lines = b"username=me\npassword=p=w\npassword_expiry_utc=7\noauth_refresh_token=r\n";
    assert!(answer.text().unwrap().with(|text| text == lines));
    for value in [&b"a\nhost=evil"[..], b"a\0"] {
        let password = SensitiveBytes::copy_of(value);
        let answer =
            Answer { username: None, password: Some(&password), expires_at: None, refresh: None };
        assert!(answer.text().is_none());
    }
}

proptest! {
    #[test]
    fn nothing_git_could_say_is_too_strange(text in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Some(request) = parse(&text) {
            let _ = request.address();
        }
    }

    #[test]
    fn an_answer_reads_back(name in "[^\\p{Cc}]{1,20}", value in proptest::collection::vec(any::<u8>(), 1..40)) {
        let password = SensitiveBytes::copy_of(&value);
        let answer =
            Answer { username: Some(&name), password: Some(&password), expires_at: None, refresh: None };
        if let Some(text) = answer.text() {
            let read = text.with(parse).unwrap();
            prop_assert_eq!(read.username, Some(name));
            // git reads a carriage return at the end of a line as part of that end.
            prop_assume!(value.last() != Some(&b'\r'));
            prop_assert!(has(read.password.as_ref(), &value));
        }
    }
}
