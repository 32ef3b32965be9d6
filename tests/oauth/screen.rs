//! The program's screen on a terminal of its own, over the vault of a [`Home`]: the list of profiles and the
//! wizard, by keys. Whatever opens pages is caught.

use std::collections::HashSet;
use std::os::unix::fs::PermissionsExt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use portable_pty::CommandBuilder;

use crate::executable;
use crate::home::{Home, until};
use crate::provider::Provider;
use crate::terminal::Terminal;

/// What the profile is called that is signed in to.
pub const ID: &str = "a";
/// The ways to sign in, in the order of the wizard.
const WAYS: [&str; 5] = ["By a code", "By browser", "By pasting", "By the client", "By a key"];
/// So many bytes of a secret are one of its pieces: a screen may break it anywhere.
const PIECE: usize = 12;

/// The screen.
pub struct Screen<'a> {
    home: &'a Home,
    pub terminal: Terminal,
    /// What the step is called in which something is typed for the chosen way.
    form: &'static str,
}

impl<'a> Screen<'a> {
    /// The list of profiles, where no display can be seen.
    pub fn open(home: &'a Home) -> Self {
        Self::open_with(home, &[])
    }

    /// The same in an environment with that too.
    pub fn open_with(home: &'a Home, more: &[(&str, &str)]) -> Self {
        Self::open_under(home, &[], more)
    }

    /// The same by the words of `under`.
    pub fn open_under(home: &'a Home, under: &[&str], more: &[(&str, &str)]) -> Self {
        let catcher = home.path("bin/xdg-open");
        std::fs::create_dir_all(home.path("bin")).unwrap();
        executable::write(&catcher, "#!/bin/sh\nprintf '%s\\n' \"$1\" >>\"$HOME/opened\"\n");
        std::fs::set_permissions(&catcher, PermissionsExt::from_mode(0o755)).unwrap();

        let like = home.command(under, &[]);
        let mut command = CommandBuilder::new(like.get_program());
        command.args(like.get_args());
        command.env_clear();
        for (name, value) in like.get_envs() {
            command.env(name, value.expect("a value"));
        }
        let path = std::env::var("PATH").unwrap();
        command.env("PATH", format!("{}:{path}", home.path("bin").display()));
        for (name, value) in [("TERM", "xterm-256color"), ("LANG", "C.UTF-8")].iter().chain(more) {
            command.env(name, value);
        }
        let mut screen = Self { home, terminal: Terminal::start(command, 40, 120), form: "client" };
        screen.terminal.shows("unlocked");
        screen.terminal.keys("o");
        screen.terminal.shows("OAuth profiles");
        screen
    }

    /// Opens the wizard and chooses a provider, by its id, and a way.
    pub fn wizard(&mut self, provider: &str, way: &str) {
        let all = self.home.json(&["profile", "providers"]);
        let mut known = all["providers"].as_array().unwrap().iter();
        let down = known.position(|known| known["id"] == provider).expect("the provider");
        self.terminal.shows(" sign in");
        self.terminal.keys("a");
        self.at("provider");
        self.terminal.keys(&("<home>".to_owned() + &"<down>".repeat(down) + "<enter>"));
        self.at("way");
        let ways = self.popup();
        let mut shown = WAYS.into_iter().filter(|way| ways.contains(way));
        let down = shown.position(|shown| shown == way).expect("the way");
        self.terminal.keys(&("<home>".to_owned() + &"<down>".repeat(down)));
        self.terminal.shows(&format!("▌ {way}"));
        self.terminal.keys("<enter>");
        self.form = if way == "By a key" { "key" } else { "client" };
        self.at(self.form);
    }

    /// Fills in the lines of the form; the cursor is behind the last one then.
    pub fn fill_in(&mut self, lines: &[&str]) {
        for line in lines {
            self.terminal.keys(&format!("<c-u>{line}<tab>"));
        }
    }

    /// Signs in as the client `native`, and asks for a refresh token as well.
    pub fn native(&mut self, provider: &Provider) {
        self.fill_in(&[&provider.url, "native", ""]);
        self.terminal.shows("[x] offline_access");
        self.terminal.keys("<enter>");
        self.at("approve");
    }

    /// Waits for a step of the wizard.
    pub fn at(&self, word: &str) {
        self.terminal.shows(&format!("· {word} ─╮"));
    }

    /// Waits for the form with what went wrong.
    pub fn is_back(&self, why: &str) {
        self.at(self.form);
        self.terminal.until(why, |_| self.popup().contains(why));
    }

    /// Waits for what came, keeps it, and goes back to the list, which has to show it and how it is.
    pub fn is_kept(&mut self, said: &str, health: &str) {
        self.keep(said);
        self.terminal.keys("<enter>");
        self.lists(health);
    }

    /// Waits for what came, and says what the profile is called and where it goes.
    pub fn keep(&mut self, said: &str) {
        self.at("keep");
        self.terminal.keys(&format!("<c-u>{ID}<tab><c-u>global<enter>"));
        self.at("done");
        self.terminal.shows(&format!("✓ {ID} {said}"));
    }

    /// Waits until the list has the profile selected, in that state.
    pub fn lists(&self, health: &str) {
        let row = |line: &str| line.contains(&format!("▌ {ID} ")) && line.contains(health);
        self.terminal.until(health, |screen| {
            screen.contains("OAuth profiles") && self.popup().lines().any(row)
        });
    }

    /// The text of the popup on top, its lines without their margins.
    pub fn popup(&self) -> String {
        let screen = self.terminal.screen();
        let lines: Vec<Vec<char>> = screen.lines().map(|line| line.chars().collect()).collect();
        let titles = ["╭─ New profile", "╭─ Sign in again", "╭─ OAuth profiles"];
        let title = titles.into_iter().find(|title| screen.contains(title)).unwrap_or_default();
        let begin = |line: &Vec<char>| {
            let begins = |rest: &[char]| title.chars().eq(rest.iter().copied());
            line.windows(title.chars().count()).position(begins)
        };
        let Some(top) = lines.iter().position(|line| begin(line).is_some()) else {
            return String::new();
        };
        let left = begin(&lines[top]).unwrap_or(0);
        let width = lines[top][left..].iter().position(|cell| *cell == '╮').expect("a corner");
        let inside = lines[top + 1..].iter().take_while(|line| line.get(left) != Some(&'╰'));
        let text = inside.map(|line| line[left + 1..left + width].iter().collect::<String>());
        text.map(|line| line.trim().to_owned() + "\n").collect()
    }

    /// The code that is to be entered, which stands spaced on the screen.
    pub fn code(&self) -> String {
        self.terminal.shows("and enter");
        let popup = self.popup();
        let letters = |line: &str| -> String {
            line.chars().filter(|c| c.is_ascii_uppercase() || *c == '-').collect()
        };
        let line = popup.lines().skip_while(|line| !line.ends_with("and enter")).nth(1).unwrap();
        let code = letters(line);
        let (first, last) = code.split_once('-').expect("two groups");
        let spaced = |text: &str| text.chars().map(String::from).collect::<Vec<_>>().join(" ");
        assert!(line.ends_with(&format!(" {}  -  {}", spaced(first), spaced(last))), "{line}");
        code
    }

    /// What the page asks for, as the scripted browser takes it.
    pub fn to_enter(&self, provider: &Provider) -> serde_json::Value {
        let page = format!("{}/device", provider.url);
        let code = self.code();
        assert!(self.popup().contains(&page), "{}", self.popup());
        serde_json::json!({"verification_uri": page, "user_code": code})
    }

    /// Presses `y`, agrees to the terminal's clipboard if that is asked, and gives what is there then.
    pub fn copies(&mut self) -> String {
        let before = self.clipboard();
        self.terminal.keys("y");
        let asks = "Copy through the terminal?";
        self.terminal.until("a copy", |screen| screen.contains(asks) || self.clipboard() != before);
        if self.clipboard() == before {
            self.terminal.keys("y");
            self.terminal.until("a copy", |_| self.clipboard() != before);
            self.terminal.hides(asks);
        }
        self.clipboard().expect("a copy")
    }

    /// What was last written to the terminal's clipboard (OSC 52).
    fn clipboard(&self) -> Option<String> {
        let written = String::from_utf8_lossy(&self.terminal.written()).into_owned();
        let body = written.rsplit_once("\x1b]52;c;")?.1.split_once('\x07')?.0;
        Some(String::from_utf8(STANDARD.decode(body).unwrap()).unwrap())
    }

    /// Pastes as terminals do.
    pub fn paste(&mut self, text: &str) {
        self.terminal.send(format!("\x1b[200~{text}\x1b[201~").as_bytes());
    }

    /// The pages that were opened, once there are so many.
    pub fn opened(&self, count: usize) -> Vec<String> {
        let read = || std::fs::read_to_string(self.home.path("opened")).unwrap_or_default();
        until("pages opened", || read().matches('\n').count() >= count);
        let pages: Vec<String> = read().lines().map(str::to_owned).collect();
        assert_eq!(pages.len(), count, "{pages:?}");
        pages
    }

    /// Whether a piece of that was ever written to the terminal.
    pub fn has_shown(&self, secret: &str) -> bool {
        let pieces: HashSet<&[u8]> = secret.as_bytes().windows(PIECE).collect();
        assert!(!pieces.is_empty(), "too short to be looked for");
        self.terminal.written().windows(PIECE).any(|piece| pieces.contains(piece))
    }

    /// Checks that nothing of a profile's tokens was, that they work, and that `token` gives the same.
    pub fn hides_tokens(&self, provider: &Provider) -> (String, String) {
        let tokens = self.home.tokens(ID);
        let id_token = self.home.value("global/a.id_token").expect("an id token");
        for token in [&tokens.0, &tokens.1, &id_token] {
            assert!(!self.has_shown(token), "a token was on the screen");
        }
        assert!(provider.accepts(&tokens.0));
        assert_eq!(self.home.run(&["token", ID]).succeeds().out, tokens.0);
        tokens
    }
}
