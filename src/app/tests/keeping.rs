//! Profiles: listed, renewed, copied and removed.

use super::profiles::Profiles;
use super::*;
use crate::service::oauth::{ClientAuth, Endpoints, Flow, Kept, New, NewOauth, Registry, Tokens};
use crate::vault::Scope;

impl Shell {
    /// Keeps what a sign-in would: tokens for so many seconds, or a key.
    pub fn keep(&self, id: &str, lives: Option<i64>) -> Kept {
        let view = self.vault.view(Actor::Owner);
        let registry = Registry::new(&view);
        let (id, owner) = (id.parse().unwrap(), "project:shop".parse::<Scope>().unwrap());
        let new = New { id, owner, provider: "github", name: "GitHub", former: None };
        let value = || SensitiveBytes::copy_of(b"canary-token");
        let profile = match lives {
            None => registry.keep_key(&new, &value(), self.wall),
            lives => {
                let tokens =
                    Tokens { access: value(), refresh: None, id_token: None, lives, scopes: None };
                let oauth = NewOauth {
                    flow: Flow::Device,
                    endpoints: &Endpoints::default(),
                    client_id: "client",
                    client_secret: None,
                    auth: ClientAuth::Body,
                    scopes: &[],
                    tokens: &tokens,
                };
                registry.keep_tokens(&new, &oauth, self.wall)
            }
        };
        let profile = profile.unwrap();
        let health = registry.health(&profile, self.wall).unwrap();
        Kept { profile, health }
    }

    /// Two profiles with tokens and one with a key.
    pub fn with_profiles() -> Self {
        let mut shell = Self::open();
        shell.keep("one", Some(3_600));
        shell.keep("two", Some(600));
        shell.keep("plain", None);
        shell.keys("o");
        shell
    }

    pub fn profiles(&self) -> &Profiles {
        let found = self.app.layers.iter().find_map(|layer| match layer {
            Layer::Profiles(profiles) => Some(profiles),
            _ => None,
        });
        found.expect("the profiles")
    }

    pub fn chosen(&self) -> &str {
        self.profiles().chosen().map_or("", |kept| kept.profile.id.as_str())
    }
}

#[test]
fn profiles_open_move_and_close() {
    let mut shell = Shell::with_profiles();
    assert_eq!((shell.top(), shell.chosen()), (Context::Profiles, "one"));
    shell.keys("j");
    assert_eq!(shell.chosen(), "two");
    shell.keys("Gk<up>");
    assert_eq!(shell.chosen(), "one");
    shell.keys("<esc>");
    assert_eq!(shell.top(), Context::Browse);
    shell.keys("oq");
    assert_eq!(shell.top(), Context::Browse);
}

#[test]
fn keys_typed_before_the_list_is_there_are_for_it() {
    let mut shell = Shell::open();
    shell.answers = false;
    shell.keys("oa<down>");
    shell.deliver();
    assert_eq!((shell.top(), shell.wizard().provider), (Context::Wizard, 1));
}

#[test]
fn removing_asks_first() {
    let mut shell = Shell::with_profiles();
    shell.keys("d<enter>");
    assert_eq!((shell.top(), shell.count("remove profile")), (Context::Profiles, 0));
    shell.keys("dn");
    assert_eq!(shell.profiles().kept().len(), 3);
    shell.keys("dy");
    assert_eq!((shell.profiles().kept().len(), shell.chosen()), (2, "two"));
    assert!(shell.toast().contains("Removed one"), "{}", shell.toast());
    assert_eq!(shell.stored("project:shop/one.access_token"), None);
}

#[test]
fn one_provider_is_asked_at_a_time_even_after_coming_back() {
    let mut shell = Shell::with_profiles();
    shell.answers = false;
    shell.keys("r");
    assert!(shell.profiles().working.is_some());
    shell.keys("rd");
    assert_eq!((shell.count("renew"), shell.top()), (1, Context::Profiles));
    shell.keys("<esc>o").answers = true;
    // The list comes, the provider's answer does not yet.
    let renewed = shell.waiting.pop_front().expect("an answer");
    shell.deliver();
    assert!(shell.profiles().working.is_some());
    shell.keys("jr");
    assert!(shell.toast().contains("asked already"), "{}", shell.toast());
    shell.event(renewed);
    assert!(shell.profiles().working.is_none() && shell.toast().contains("New tokens for one"));
}

#[test]
fn a_protected_token_is_renewed_and_removed_with_the_passphrase() {
    let mut shell = Shell::with_profiles();
    for (key, ask) in [
        ("r", asks::Ask::Renew("one".parse().unwrap())),
        ("dy", asks::Ask::RemoveProfile("one".parse().unwrap(), true)),
    ] {
        shell.answers = false;
        shell.keys(key);
        let name = "project:shop/one.access_token".parse().unwrap();
        let failure = Failure::from(&VaultError::Protected { name });
        let ticket = shell.app.asks.ticket_of(&ask).unwrap();
        shell.waiting.clear();
        shell.event(Event::Failed(ticket, failure));
        assert_eq!((shell.top(), shell.profiles().working), (Context::Prompt, None));
        shell.answers = true;
        shell.keys("passphrase<enter>");
        assert_eq!((shell.top(), shell.profiles().working), (Context::Profiles, None));
    }
    assert_eq!(shell.count("renew with what was typed"), 1);
    assert_eq!(shell.chosen(), "two", "the first one is gone");
}

#[test]
fn a_provider_that_does_not_answer_keeps_no_profile_here() {
    let mut shell = Shell::with_profiles();
    shell.answers = false;
    shell.keys("dy");
    let ask = asks::Ask::RemoveProfile("one".parse().unwrap(), true);
    let ticket = shell.app.asks.ticket_of(&ask).unwrap();
    shell.waiting.clear();
    shell.event(Event::Failed(ticket, Failure::plain(FaultKind::Unreachable, "no answer", "")));
    assert_eq!((shell.top(), shell.profiles().working), (Context::Confirm, None));
    shell.answers = true;
    shell.keys("<enter>");
    assert_eq!((shell.top(), shell.profiles().kept().len()), (Context::Profiles, 3));
    shell.keys("dy");
    assert_eq!((shell.count("remove it only"), shell.profiles().kept().len()), (0, 2));
    shell.answers = false;
    shell.keys("dy");
    let ask = asks::Ask::RemoveProfile("two".parse().unwrap(), true);
    let ticket = shell.app.asks.ticket_of(&ask).unwrap();
    shell.waiting.clear();
    shell.event(Event::Failed(ticket, Failure::plain(FaultKind::Unreachable, "no answer", "")));
    shell.answers = true;
    shell.keys("y");
    assert_eq!((shell.count("remove it only"), shell.profiles().kept().len()), (1, 1));
}

#[test]
fn a_plain_key_is_not_renewed_and_says_so() {
    let mut shell = Shell::with_profiles();
    shell.keys("Gr");
    assert!(shell.toast().contains("nothing renews it"), "{}", shell.toast());
    assert_eq!(shell.count("renew"), 0);
}

#[test]
fn only_a_token_that_is_good_is_copied() {
    let mut shell = Shell::with_profiles();
    shell.keys("y");
    assert_eq!(shell.clipboard.take().as_deref(), Some("canary-token"));
    // It was good when it was listed; it is not any more.
    shell.app.settings.chosen.idle_lock = Duration::ZERO;
    shell.keys("j").wait(700);
    shell.keys("y");
    assert_eq!((shell.clipboard.as_deref(), shell.toast()), (None, "That token has ended"));
    let help = &shell.app.toasts.items.last().unwrap().help;
    assert_eq!(help, "s signs in again; the old tokens stay in the history");
    let gone = "project:shop/one.access_token".parse().unwrap();
    let delete = Change::Delete { name: gone, expect: Expect::Any };
    shell.vault.view(Actor::Owner).apply(vec![delete], None).unwrap();
    shell.event(Event::VaultChanged).keys("gg<enter>");
    assert_eq!(
        (shell.clipboard.as_deref(), shell.toast()),
        (None, "Its token is not there any more")
    );
}

#[test]
fn in_presenter_mode_no_profile_is_shown_or_named() {
    let mut shell = Shell::with_profiles();
    shell.keys("P");
    assert!(!shell.app.presenting, "not over names that are on the screen");
    shell.answers = false;
    shell.keys("r<esc>P").answers = true;
    shell.deliver();
    assert!(shell.app.presenting);
    assert_eq!(shell.toast(), "New tokens for a profile");
    shell.keys("o");
    assert_eq!((shell.top(), shell.count("profiles")), (Context::Browse, 1));
    assert!(shell.toast().contains("Not in presenter mode"), "{}", shell.toast());
}
