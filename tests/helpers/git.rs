//! git itself, at a server on this machine that demands a password.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Output, Stdio};

use crate::executable;
use crate::home::{Home, script};
use crate::told::real;

/// The server, ended when dropped.
struct Server {
    child: Child,
    port: u16,
}

impl Server {
    /// Serves two repositories of a team below `served`, to those that `users` names.
    fn start(home: &Home, users: &str) -> Self {
        for name in ["team/one.git", "team/two.git"] {
            let repository = home.path("served").join(name);
            home.ok(
                &["git", "init", "-q", "--bare", "-b", "main", repository.to_str().unwrap()],
                "",
            );
            home.ok(
                &["git", "-C", repository.to_str().unwrap(), "config", "http.receivepack", "true"],
                "",
            );
        }
        let server = Self::of(home, users);
        home.ok(&["git", "config", "--global", "credential.helper", "!tresor git-credential"], "");
        for (name, value) in
            [("user.name", "a"), ("user.email", "a@example"), ("init.defaultBranch", "main")]
        {
            home.ok(&["git", "config", "--global", name, value], "");
        }
        server
    }

    fn of(home: &Home, users: &str) -> Self {
        Self::let_in(home, users);
        let mut child = home
            .command("python3")
            .arg(script("server.py"))
            .args([home.path("served"), home.path("users.json")])
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let mut port = String::new();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        out.read_line(&mut port).unwrap();
        // What it tells further is read, so that it never waits for us.
        std::thread::spawn(move || out.lines().for_each(drop));
        Self { child, port: port.trim().parse().expect("a port") }
    }

    /// Says whom to let in from now on.
    fn let_in(home: &Home, users: &str) {
        std::fs::write(home.path("users.json"), users).unwrap();
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}/{path}", self.port)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn clone(home: &Home, url: &str, to: &str) -> Output {
    home.run(&["git", "clone", "-q", url, to], "")
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn git_clones_pushes_and_has_a_wrong_password_erased() {
    if !real("git_clones_pushes_and_has_a_wrong_password_erased") {
        return;
    }
    let home = Home::new();
    let server = Server::start(&home, r#"{"/": "me:right"}"#);
    let url = server.url("team/one.git");
    let set = ["tresor", "set", "-q", "global/forge", "--username", "me", "--url", &server.url("")];
    home.ok(&set, "wrong");
    let refused = clone(&home, &url, "refused");
    assert!(
        !refused.status.success() && err(&refused).contains("Authentication failed"),
        "{refused:?}"
    );
    assert_eq!(home.names(), [""; 0], "what the server rejected is still given");
    assert!(home.ok(&["tresor", "trash"], "").starts_with("global/forge\t"));

    home.ok(&set, "right");
    let before = home.ok(&["tresor", "list"], "");
    let cloned = clone(&home, &url, "work");
    assert!(cloned.status.success(), "{cloned:?}");
    std::fs::write(home.path("work/file"), "x").unwrap();
    for words in [&["add", "file"][..], &["commit", "-qm", "x"], &["push", "-q", "origin", "main"]]
    {
        home.ok(&[&["git", "-C", "work"], words].concat(), "");
    }
    assert!(clone(&home, &url, "again").status.success());
    assert_eq!(std::fs::read(home.path("again/file")).unwrap(), b"x");
    // git tells what worked each time: that is no new revision of what is known.
    assert_eq!(home.ok(&["tresor", "list"], ""), before, "it was saved anew");
}

#[test]
fn what_git_is_told_by_a_person_is_kept() {
    if !real("what_git_is_told_by_a_person_is_kept") {
        return;
    }
    let home = Home::new();
    let server = Server::start(&home, r#"{"/": "me:typed"}"#);
    let url = server.url("team/one.git");
    let person = home.path("person");
    let script = "#!/bin/sh\ncase $1 in Username*) echo me ;; *) echo typed ;; esac\n";
    executable::write(&person, script);
    let mut command: Command = home.command("git");
    let first =
        home.finish(command.args(["clone", "-q", &url, "a"]).env("GIT_ASKPASS", &person), "");
    assert!(first.status.success(), "{first:?}");
    assert_eq!(home.names(), [format!("global/127.0.0.1_{}-me", server.port)]);
    let again = clone(&home, &url, "b");
    assert!(again.status.success(), "{again:?}");
    // By its name, a link, and into a scope of its own.
    home.ok(&["git", "config", "--global", "credential.helper", "tresor --scope project:x"], "");
    let mut command = home.command("git");
    let scoped =
        home.finish(command.args(["clone", "-q", &url, "c"]).env("GIT_ASKPASS", &person), "");
    assert!(scoped.status.success(), "{scoped:?}");
    assert!(home.names().contains(&format!("project:x/127.0.0.1_{}-me", server.port)));
}

#[test]
fn path_and_username_are_honoured() {
    if !real("path_and_username_are_honoured") {
        return;
    }
    let home = Home::new();
    let users = r#"{"/team/one": "one:first", "/team/two": "two:second"}"#;
    let server = Server::start(&home, users);
    for (name, value) in [("one", "first"), ("two", "second")] {
        let (key, url) = (format!("global/{name}"), server.url(&format!("team/{name}")));
        home.ok(&["tresor", "set", "-q", &key, "--username", name, "--url", &url], value);
    }
    home.ok(&["git", "config", "--global", "credential.useHttpPath", "true"], "");
    for name in ["one", "two"] {
        let cloned = clone(&home, &server.url(&format!("team/{name}.git")), name);
        assert!(cloned.status.success(), "{cloned:?}");
    }
    // Without the path the account in the address decides.
    home.ok(&["git", "config", "--global", "credential.useHttpPath", "false"], "");
    for name in ["one", "two"] {
        let url =
            server.url(&format!("team/{name}.git")).replace("http://", &format!("http://{name}@"));
        let cloned = clone(&home, &url, &format!("{name}-by-name"));
        assert!(cloned.status.success(), "{cloned:?}");
    }
    assert_eq!(home.names(), ["global/one", "global/two"]);
}

#[test]
fn a_locked_vault_says_so_and_git_asks_others() {
    if !real("a_locked_vault_says_so_and_git_asks_others") {
        return;
    }
    let home = Home::new();
    let server = Server::start(&home, r#"{"/": "me:right"}"#);
    let url = server.url("team/one.git");
    let mut command = home.command("git");
    let locked =
        home.finish(command.args(["clone", "-q", &url, "a"]).env_remove("TRESOR_KEY_FILE"), "");
    assert!(!locked.status.success());
    assert!(err(&locked).contains("tresor: the vault is locked"), "{locked:?}");
    let file = home.path("others");
    std::fs::write(&file, format!("{}\n", server.url("").replace("//", "//me:right@"))).unwrap();
    let other = format!("store --file {}", file.display());
    home.ok(&["git", "config", "--global", "--add", "credential.helper", &other], "");
    let mut command = home.command("git");
    let asked =
        home.finish(command.args(["clone", "-q", &url, "b"]).env_remove("TRESOR_KEY_FILE"), "");
    assert!(asked.status.success(), "{asked:?}");
}
