//! What is left of tokens in the program's memory: nothing, also of the copies that libraries make.

use crate::browsing;
use crate::home::Home;
use crate::provider::Provider;
use crate::scan::{forgets, occurrences};
use crate::screen::{ID, Screen};
use crate::told::real;

#[test]
fn no_token_is_in_memory_once_it_is_kept_renewed_and_taken_back() {
    if !real("no_token_is_in_memory_once_it_is_kept_renewed_and_taken_back") {
        return;
    }
    let (provider, home) = (Provider::shared(), Home::new());
    // What is shown stays until the lock.
    std::fs::create_dir_all(home.path("config/tresor")).unwrap();
    std::fs::write(home.path("config/tresor/config.toml"), "[lock]\nreveal = \"10m\"\n").unwrap();
    let mut screen = Screen::open(&home);
    screen.wizard("oidc", "By a code");
    screen.native(&provider);
    browsing::enters(&screen.to_enter(&provider), "approve");
    screen.is_kept("is signed in", "✓ ok");
    if occurrences(&screen.terminal, ID).is_none() {
        assert!(!rustix::process::geteuid().is_root());
        return;
    }
    let mut tokens = kept(&home);
    forgets_all(&screen, &tokens);
    screen.terminal.keys("r");
    screen.terminal.shows("New tokens for a");
    tokens.extend(kept(&home));
    forgets_all(&screen, &tokens);
    // While one is shown the scan finds it.
    screen.terminal.keys("<esc>");
    screen.terminal.hides("OAuth profiles");
    screen.terminal.shows("▌a.access_token");
    screen.terminal.keys("<enter>");
    let shown = home.tokens(ID).0;
    screen.terminal.until("the token", |_| screen.has_shown(&shown));
    assert!(occurrences(&screen.terminal, &shown) >= Some(1));
    screen.terminal.keys("<c-l>");
    screen.terminal.shows("Unlock");
    forgets_all(&screen, &tokens);
}

/// The tokens that are in the vault.
fn kept(home: &Home) -> Vec<String> {
    let (access, refresh) = home.tokens(ID);
    vec![access, refresh, home.value("global/a.id_token").expect("an id token")]
}

fn forgets_all(screen: &Screen<'_>, tokens: &[String]) {
    tokens.iter().for_each(|token| forgets(&screen.terminal, token));
}
