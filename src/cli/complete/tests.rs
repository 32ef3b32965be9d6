use super::*;
use proptest::prelude::*;

/// Reads a line; a space at its end begins a new word.
fn typed(line: &str) -> Typed {
    read(&line.split(' ').map(str::to_owned).collect::<Vec<_>>())
}

fn next(line: &str) -> Next {
    typed(line).next
}

fn words(line: &str) -> Vec<String> {
    match next(line) {
        Next::Words(words) => words.into_iter().map(|(word, _)| word).collect(),
        other => panic!("{line}: {other:?}"),
    }
}

#[test]
fn commands_and_options_are_named() {
    assert!(words("").contains(&"list".into()) && words("li").contains(&"run".into()));
    assert!(!words("").iter().any(|word| word.starts_with("__")));
    assert_eq!(words("keys --vault x ").len(), words("keys ").len());
    assert!(words("profile ").contains(&"add".into()));
    assert!(
        words("help profile ").contains(&"add".into()) && words("man ").contains(&"run".into())
    );
    let options = words("get --");
    assert!(options.contains(&"--reveal".into()) && options.contains(&"--vault".into()));
    assert!(words("completions ").contains(&"zsh".into()));
    assert_eq!(next("list global --nonsense=x"), Next::Nothing);
}

#[test]
fn words_of_a_fixed_set_are_named() {
    for (line, word) in [
        ("import ", "palyra"),
        ("import --on-conflict ", "rename"),
        ("import csv x --dialect=", "1password"),
        ("export --format ", "csv"),
        ("list --kind ", "connection_url"),
        ("find x --kind=", "totp"),
        ("set --kind ", "ssh_key"),
        ("meta global/a --kind ", "note"),
        ("profile add x --flow ", "client_credentials"),
        ("init --backend ", "auto"),
        ("migrate --to ", "encrypted_file"),
        ("keys add ", "recovery"),
    ] {
        assert!(words(line).contains(&word.into()), "{line}: {:?}", words(line));
    }
    assert_eq!(next("import csv "), Next::Files);
}

#[test]
fn references_scopes_profiles_and_files_have_their_places() {
    for line in ["get ", "read glo", "delete global/a ", "copy --wait ", "move a/b ", "set "] {
        assert_eq!(next(line), Next::References, "{line}");
    }
    for line in ["get global ", "get --reveal project:x ke", "delete global/a project:x "] {
        assert!(matches!(next(line), Next::KeysOf(_)), "{line}");
    }
    for (line, scope, or_live) in [
        ("restore ", None, true),
        ("purge gl", None, false),
        ("restore global ", Some("global".to_owned()), true),
        ("purge project:x k", Some("project:x".to_owned()), false),
    ] {
        assert_eq!(next(line), Next::Deleted { scope, or_live }, "{line}");
    }
    for line in ["list ", "run --scope ", "run --scope=", "--as ", "git-credential --scope "] {
        assert_eq!(next(line), Next::Scopes, "{line}");
    }
    for line in ["token ", "profile show ", "profile order a "] {
        assert_eq!(next(line), Next::Profiles, "{line}");
    }
    assert_eq!(next("aws-credential "), Next::ScopesOrReferences);
    assert_eq!((next("--key-file "), next("--vault ")), (Next::Files, Next::Directories));
    assert_eq!((next("run "), next("run --scope x -- e")), (Next::Nothing, Next::Program));
    assert_eq!((next("find "), next("list x ")), (Next::Nothing, Next::Nothing));
}

#[test]
fn a_value_may_share_its_word() {
    let env = typed("run --env URL=glo");
    assert_eq!((env.before.as_str(), env.begun.as_str()), ("URL=", "glo"));
    assert_eq!(env.next, Next::References);
    let env = typed("run --env=URL=glo");
    assert_eq!((env.before.as_str(), env.begun.as_str()), ("--env=URL=", "glo"));
    let scope = typed("run --scope=pro");
    assert_eq!((scope.before.as_str(), scope.begun.as_str()), ("--scope=", "pro"));
}

#[test]
fn what_is_said_of_the_vault_is_heard() {
    let globals = typed("--vault /v --key-file=/k get -q --as skill:x ").globals;
    assert_eq!(globals.vault, Some("/v".into()));
    assert_eq!(globals.key_file, Some("/k".into()));
    assert_eq!(globals.actor.as_deref(), Some("skill:x"));
    assert!(globals.quiet);
}

proptest! {
    #[test]
    fn no_line_is_too_strange(line in "[a-z =/:-]{0,30}") {
        let typed = typed(&line);
        prop_assert!(line.ends_with(&typed.begun));
    }
}
