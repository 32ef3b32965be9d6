//! States of the health screen.

use super::fixture::*;
use crate::app::{App, Effect, Event, Outcome, Ticket};
use crate::config::Chord;
use crate::service::audit::{Finding, Report};
use crate::vault::SecretRef;

type Size = (u16, u16);

/// The screen while every secret is looked at, and the ticket of that.
fn opened(size: Size) -> (App, Ticket) {
    let mut app = shop(size, "stripe_secret_key");
    let effects = app.update(Event::Key(Chord::char('A')), app.now, WALL);
    app.busy_since = None;
    let audit = effects.iter().find_map(|effect| match effect {
        Effect::Audit { ticket, .. } => Some(*ticket),
        _ => None,
    });
    (app, audit.expect("a look"))
}

fn report() -> Report {
    use Finding as F;
    let shared = |names: &[&str]| F::Reused { with: names.iter().map(|one| name(one)).collect() };
    let (dev, prod) = ("project:shop:dev/database_url", "project:shop:prod/database_url");
    let found: Vec<(&str, Finding)> = vec![
        ("skill:extractor/api_token", F::Expired { days: 3 }),
        ("project:shop:prod/session_token", F::Expired { days: 1 }),
        ("project:shop:prod/db_password", F::Weak { score: 0 }),
        ("principal:ops/backup_passphrase", F::Weak { score: 1 }),
        (dev, shared(&[prod, "project:shop:prod/redis_url"])),
        (prod, shared(&[dev, "project:shop:prod/redis_url"])),
        ("project:shop:prod/redis_url", shared(&[dev, prod])),
        ("project:shop:prod/tls_certificate", F::Expiring { days: 9 }),
        ("global/github_token", F::Expiring { days: 19 }),
        ("project:shop:prod/github_token", F::Expiring { days: 19 }),
        ("principal:ops/ssh_key", F::Old { days: 900 }),
        ("principal:ops/backup_passphrase", F::Old { days: 400 }),
    ];
    let found = found.into_iter().map(|(one, finding)| (name(one), finding));
    let left_out: Vec<SecretRef> =
        ["project:shop:dev/stripe_secret_key", "project:shop:prod/stripe_secret_key"]
            .map(name)
            .into();
    Report { looked_at: 22, left_out, findings: found.collect() }
}

fn found(size: Size, report: Report) -> App {
    let (mut app, ticket) = opened(size);
    app.update(Event::Done(ticket, Outcome::Audited(report)), app.now, WALL);
    app.busy_since = None;
    app
}

pub fn health(size: Size) -> App {
    let mut app = found(size, report());
    for _ in 0..4 {
        app.update(Event::Key(Chord::char('j')), app.now, WALL);
    }
    app.busy_since = None;
    app
}

pub fn health_nothing(size: Size) -> App {
    found(size, Report { looked_at: 24, ..Report::default() })
}

pub fn health_looking(size: Size) -> App {
    let (mut app, ticket) = opened(size);
    app.update(Event::Progress(ticket, 1_234, 2_000), app.now, WALL);
    app
}

pub fn health_failed(size: Size) -> App {
    let (mut app, ticket) = opened(size);
    let failure = failure("cannot read an object of the vault", "'tresor doctor' says more");
    app.update(Event::Failed(ticket, failure), app.now, WALL);
    app.busy_since = None;
    app
}

/// Two of the secrets were changed since, the first of them at the selection.
pub fn health_changed(size: Size) -> App {
    let mut app = health(size);
    for layer in &mut app.layers {
        let crate::app::Layer::Health(health) = layer else { continue };
        for row in [2, 4] {
            health.rows[row].changed = true;
        }
    }
    app
}
