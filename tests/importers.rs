//! Imports of stores that other programs made, through the real program: of palyra and KeePass from files kept here, and
//! with `TRESOR_REAL=1` of stores that pass, gpg and keepassxc-cli make on the spot. Those say what has to arrive.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod private;
#[path = "cli/sandbox.rs"]
mod sandbox;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Output;

use private::write_private;
use sandbox::{Sandbox, feed};
use tresor::vault::make_private_dirs;

fn kept(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name);
    path.to_str().expect("UTF-8").to_owned()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

/// Every file under a folder with its bytes.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false => {
                found.insert(path.clone(), std::fs::read(path).expect("read"));
            }
        }
    }
    found
}

fn refused(output: &Output, code: i32, why: &str) {
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{said}");
    assert!(said.contains(why), "{said}");
}

#[test]
fn a_vault_of_palyra_arrives_scope_for_scope_and_stays_as_it_is() {
    let sandbox = Sandbox::with_vault();
    let (source, before) = (kept("palyra"), files(Path::new(&kept("palyra"))));
    let done = sandbox.run(&["import", "palyra", &source, "--yes"], b"");
    assert!(done.status.success(), "{done:?}");
    assert_eq!(text(&done.stdout), "Imported into 4 scopes: 8 new\n");
    assert!(text(&done.stderr).contains("its key lies beside it"), "{done:?}");
    for line in std::fs::read_to_string(kept("palyra/expected.tsv")).unwrap().lines() {
        let [scope, key, value] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        let read = sandbox.ok(&["read", scope, key], b"");
        assert_eq!(data_encoding::HEXLOWER.encode(&read), value, "{scope}/{key}");
    }
    assert_eq!(files(Path::new(&source)), before);
    let again = sandbox.ok(&["import", "palyra", &source, "--yes", "-q", "--json"], b"");
    assert!(text(&again).contains("\"same\":8"), "{}", text(&again));
    // Two scopes in one: names that would meet are told, and nothing is written.
    let one = sandbox.run(&["import", "palyra", &source, "--yes", "--scope", "skill:all"], b"");
    assert!(one.status.success(), "{one:?}");
    refused(&sandbox.run(&["import", "palyra", "nowhere", "--yes"], b""), 2, "vault/metadata.json");
    refused(
        &sandbox.run(&["import", "palyra", "-", "--yes"], b""),
        2,
        "standard input is no folder",
    );
}

#[test]
fn a_keepass_database_opens_by_passphrase_and_key_file() {
    let sandbox = Sandbox::with_vault();
    write_private(&sandbox.path().join("pass"), b"a pass\n");
    write_private(&sandbox.path().join("wrong"), b"another\n");
    let import = |file: &str, more: &[&str]| {
        let file = kept(&format!("keepass/{file}"));
        let first = ["import", "kdbx", &file, "--yes", "--scope", "project:kee"];
        sandbox.run(&[&first[..], more].concat(), b"")
    };
    let done = import("kdbx4.kdbx", &["--source-passphrase-file", "pass"]);
    assert!(done.status.success(), "{done:?}");
    assert_eq!(text(&done.stdout), "Imported into project:kee: 7 new\n");
    assert!(text(&done.stderr).contains("left out: 1 entry in the recycle bin"), "{done:?}");
    assert_eq!(sandbox.ok(&["read", "project:kee/mail.a.bin"], b""), b"attached\0\xff");
    let meta = text(&sandbox.ok(&["get", "project:kee/mail"], b""));
    assert!(meta.contains("2030-01-02T03:04:05Z") && meta.contains("https://n.example"), "{meta}");
    assert_eq!(sandbox.ok(&["otp", "project:kee/web-shops.shop.otp"], b"").len(), 7);
    // The same entries in the older format: nothing is to do.
    let again = import("kdbx3.kdbx", &["--source-passphrase-file", "pass"]);
    assert_eq!(text(&again.stdout), "Imported into project:kee: 7 same\n");
    refused(&import("kdbx4.kdbx", &["--source-passphrase-file", "wrong"]), 3, "does not open it");
    refused(&import("kdbx4.kdbx", &[]), 3, "there is no terminal");
    refused(&import("keyed.kdbx", &["--source-passphrase-file", "pass"]), 3, "--source-key-file");
    let key = kept("keepass/key.keyx");
    let keyed =
        import("keyed.kdbx", &["--source-passphrase-file", "pass", "--source-key-file", &key]);
    assert!(keyed.status.success(), "{keyed:?}");
    refused(&import("key.keyx", &[]), 2, "no KeePass database");
}

#[test]
fn nothing_that_is_said_holds_a_value() {
    const CANARY: &str = "canary-7d1f";
    let sandbox = Sandbox::with_vault();
    let sources = [
        ("dotenv", format!("A={CANARY}\nB=\"{CANARY}\n{CANARY}\n")),
        ("csv", format!("title,password,otp\na,{CANARY}\nb,{CANARY},{CANARY}!\nc,\"{CANARY},x\n")),
        ("csv", format!("{CANARY}\n")),
        ("json", format!("{{\"a\":\"{CANARY}\",\"a\":\"{CANARY}\",\"b\":[\"{CANARY}\"]}}")),
        ("json", format!("{{\"a\":\"{CANARY}")),
        ("json", format!("{{\"a\":{CANARY}}}")),
        (
            "json",
            format!("[\"{CANARY}\",{{\"key\":\"{CANARY}\\u0000\",\"value_base64\":\"{CANARY}\"}}]"),
        ),
        ("bitwarden", format!("{{\"items\":[{{\"name\":[\"{CANARY}\"]}},\"{CANARY}\"]}}")),
        ("bitwarden", format!("\"{CANARY}\"")),
        ("kdbx", CANARY.to_owned()),
    ];
    for (format, source) in sources {
        for more in [&[][..], &["--skip-bad"], &["--skip-bad", "--json", "--on-conflict", "rename"]]
        {
            let first = ["import", format, "-", "--yes", "--scope", "global"];
            let output = sandbox.run(&[&first[..], more].concat(), source.as_bytes());
            let said = [text(&output.stdout), text(&output.stderr)].concat();
            // What stands where a key belongs is told: it is a name.
            let said = said.replace(&format!("invalid key '{CANARY}"), "");
            assert!(!said.contains(CANARY), "{format} {more:?} {source:?}: {said}");
        }
    }
}

/// Whether what other programs make is to be read too.
fn is_real() -> bool {
    std::env::var_os("TRESOR_REAL").is_some()
}

/// A program in the sandbox, with what pass, gpg and Qt want to know.
fn run(sandbox: &Sandbox, program: &str, arguments: &[&str], input: &[u8]) -> Output {
    let mut command = sandbox.command(program);
    command
        .args(arguments)
        .env("GNUPGHOME", sandbox.path().join("gnupg"))
        .env("PASSWORD_STORE_DIR", sandbox.path().join("store"))
        .env("QT_QPA_PLATFORM", "offscreen");
    feed(command.spawn().unwrap_or_else(|error| panic!("{program}: {error}")), input)
}

fn done(sandbox: &Sandbox, program: &str, arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let output = run(sandbox, program, arguments, input);
    assert!(output.status.success(), "{program} {arguments:?}: {output:?}");
    output.stdout
}

/// Ends the agent that gpg started for this sandbox alone.
struct Agent<'a>(&'a Sandbox);

impl Drop for Agent<'_> {
    fn drop(&mut self) {
        run(self.0, "gpgconf", &["--kill", "all"], b"");
    }
}

const OTP: &str = "otpauth://totp/x?secret=JBSWY3DPEHPK3PXP";

#[test]
fn a_store_that_pass_made_arrives_as_pass_shows_it() {
    if !is_real() {
        return;
    }
    let sandbox = Sandbox::with_vault();
    let agent = Agent(&sandbox);
    make_private_dirs(&sandbox.path().join("gnupg")).unwrap();
    let key = [
        "--batch",
        "--passphrase",
        "",
        "--quick-generate-key",
        "x@example.com",
        "rsa2048",
        "encr",
        "never",
    ];
    done(&sandbox, "gpg", &key, b"");
    done(&sandbox, "pass", &["init", "x@example.com"], b"");
    let mail = format!(
        "p\u{e4}ss w\u{f6}rd\nlogin: me\nurl: https://m.example\nPIN: 1234\n{OTP}\nhello\nthere\n"
    );
    done(&sandbox, "pass", &["insert", "-m", "Work/Mail"], mail.as_bytes());
    done(&sandbox, "pass", &["insert", "-m", "binary"], b"\0\x01\xff\n");
    for number in 0..20 {
        done(&sandbox, "pass", &["generate", &format!("many/n{number}"), "30"], b"");
    }
    let store = sandbox.path().join("store");
    let before = files(&store);
    let import = ["import", "pass", "store", "--yes", "--scope", "project:pass"];
    let told = text(&done(&sandbox, "tresor", &import, b""));
    assert_eq!(told, "Imported into project:pass: 24 new\n");
    assert_eq!(files(&store), before);
    for number in 0..20 {
        let shown = done(&sandbox, "pass", &["show", &format!("many/n{number}")], b"");
        let read = sandbox.ok(&["read", &format!("project:pass/many.n{number}"), "--newline"], b"");
        assert_eq!(shown, read);
    }
    assert_eq!(sandbox.ok(&["read", "project:pass/binary"], b""), b"\0\x01\xff\n");
    assert_eq!(text(&sandbox.ok(&["read", "project:pass/work.mail"], b"")), "p\u{e4}ss w\u{f6}rd");
    assert_eq!(sandbox.ok(&["read", "project:pass/work.mail.pin"], b""), b"1234");
    assert_eq!(text(&sandbox.ok(&["read", "project:pass/work.mail.otp"], b"")), OTP);
    let meta = text(&sandbox.ok(&["get", "project:pass/work.mail"], b""));
    assert!(["me", "https://m.example", "hello"].iter().all(|part| meta.contains(part)), "{meta}");
    // One file is damaged: it is told by its name, and the rest is there for the asking.
    std::fs::write(store.join("many/n3.gpg"), "nothing").unwrap();
    refused(&run(&sandbox, "tresor", &import, b""), 2, "many/n3: ");
    let rest = run(&sandbox, "tresor", &[&import[..], &["--skip-bad"]].concat(), b"");
    assert_eq!(text(&rest.stdout), "Imported into project:pass: 23 same, 1 bad\n");
    drop(agent);
    // Without the key nothing opens, and it does not go on for every file.
    std::fs::rename(sandbox.path().join("gnupg"), sandbox.path().join("away")).unwrap();
    make_private_dirs(&sandbox.path().join("gnupg")).unwrap();
    let without = run(&sandbox, "tresor", &import, b"");
    Agent(&sandbox);
    refused(&without, 3, "gpg decrypts none of its first 20 files");
}

#[test]
fn a_database_that_keepassxc_made_arrives_as_it_shows_it_also_by_csv() {
    if !is_real() {
        return;
    }
    let sandbox = Sandbox::with_vault();
    write_private(&sandbox.path().join("pass"), b"a pass\n");
    let keepass = |arguments: &[&str], input: &str| {
        text(&done(&sandbox, "keepassxc-cli", arguments, input.as_bytes()))
    };
    keepass(&["db-create", "-p", "-t", "100", "a.kdbx"], "a pass\na pass\n");
    keepass(&["mkdir", "a.kdbx", "Web"], "a pass\n");
    let (add, rest) = (["add", "-p", "a.kdbx"], ["--url", "https://s.example", "-u", "me"]);
    for (title, password) in [("Web/Shop", "s3\"cr,et"), ("Web/Other shop", "p\u{e4}ss")] {
        keepass(&[&add[..], &[title], &rest].concat(), &format!("a pass\n{password}\n"));
    }
    for number in 0..10 {
        keepass(&["add", "-g", "-L", "24", "a.kdbx", &format!("n{number}")], "a pass\n");
    }
    std::fs::write(sandbox.path().join("a.bin"), b"attached\0\xff").unwrap();
    keepass(&["attachment-import", "a.kdbx", "Web/Shop", "a.bin", "a.bin"], "a pass\n");
    let before = std::fs::read(sandbox.path().join("a.kdbx")).unwrap();
    let import = ["import", "kdbx", "a.kdbx", "--yes", "--scope", "project:kee"];
    let told = sandbox.ok(&[&import[..], &["--source-passphrase-file", "pass"]].concat(), b"");
    assert_eq!(text(&told), "Imported into project:kee: 13 new\n");
    assert_eq!(std::fs::read(sandbox.path().join("a.kdbx")).unwrap(), before);
    assert_eq!(sandbox.ok(&["read", "project:kee/web.shop.a.bin"], b""), b"attached\0\xff");
    std::fs::write(
        sandbox.path().join("a.csv"),
        keepass(&["export", "-f", "csv", "a.kdbx"], "a pass\n"),
    )
    .unwrap();
    let told = sandbox.ok(&["import", "csv", "a.csv", "--yes", "--scope", "project:csv"], b"");
    assert_eq!(text(&told), "Imported into project:csv: 12 new\n");
    let numbers = (0..10).map(|number| (format!("n{number}"), format!("n{number}")));
    let shops = [("Web/Shop", "web.shop"), ("Web/Other shop", "web.other-shop")];
    for (title, key) in numbers.chain(shops.map(|(title, key)| (title.to_owned(), key.to_owned())))
    {
        let shown = keepass(&["show", "-q", "-s", "-a", "Password", "a.kdbx", &title], "a pass\n");
        for scope in ["project:kee", "project:csv"] {
            let read = sandbox.ok(&["read", scope, &key, "--newline"], b"");
            assert_eq!(text(&read), shown, "{scope} {title}");
        }
    }
    keepass(
        &["db-edit", "-q", "--set-key-file", "key.keyx", "--unset-password", "a.kdbx"],
        "a pass\n",
    );
    let keyed = [&import[..], &["--source-key-file", "key.keyx"]].concat();
    assert_eq!(text(&sandbox.ok(&keyed, b"")), "Imported into project:kee: 13 same\n");
}
