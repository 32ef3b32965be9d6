//! A look at every secret: aside, with its progress, and never at what is protected.

use super::*;
use crate::service::audit::Rules;
use crate::vault::{Clock, SystemClock};

#[test]
fn every_value_is_looked_at_and_how_far_that_is_told() {
    let bench = open();
    let vault = bench.shared.vault(bench.shared.epoch()).unwrap();
    for at in 0..150 {
        write(&vault, &format!("skill:x/twin{at}"), b"canary-of-them-all");
    }
    let rules = Rules::at(SystemClock.now());
    bench.worker.ask(Effect::Audit { ticket: Ticket(1), rules, passphrase: None });
    let mut told = Vec::new();
    let report = loop {
        match bench.event() {
            Event::Progress(Ticket(1), done, total) => told.push((done, total)),
            Event::Done(Ticket(1), Outcome::Audited(report)) => break report,
            _ => panic!("not about the look"),
        }
    };
    assert_eq!((told[0], told[told.len() - 1]), ((0, 151), (151, 151)));
    assert_eq!((report.looked_at, report.count("reused")), (151, 150));
    let entries = vault.view(Actor::Owner).journal().unwrap().entries;
    let compared = entries.iter().filter(|entry| entry.action.word() == "compare");
    let counted: Vec<_> = compared.map(|entry| entry.detail.as_deref()).collect();
    assert_eq!(counted, [Some("151 values")]);
}

#[test]
fn it_sees_what_its_actor_does_and_ends_with_a_lock() {
    let bench = open();
    let vault = bench.shared.vault(bench.shared.epoch()).unwrap();
    write(&vault, "skill:x/a", b"canary-of-them-all");
    bench.done(Effect::Load(Ticket(1), "skill:y".parse().unwrap()));
    let look = || {
        let rules = Rules::at(SystemClock.now());
        bench.worker.ask(Effect::Audit { ticket: Ticket(1), rules, passphrase: None });
        loop {
            match bench.event() {
                Event::Progress(..) => {}
                Event::Done(_, Outcome::Audited(report)) => break Ok(report.looked_at),
                Event::Failed(_, failure) => break Err(failure.kind),
                _ => panic!("not about the look"),
            }
        }
    };
    assert_eq!(look(), Ok(1), "only the global one");
    bench.shared.lock();
    assert_eq!(look(), Err(FaultKind::Locked));
}
