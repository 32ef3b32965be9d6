#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::cell::Cell;

use proptest::prelude::*;

use super::*;
use crate::vault::{SecretKind, SecretRef, Timestamp};

fn secret(name: &str) -> SecretSummary {
    let at = Timestamp(0);
    SecretSummary {
        name: name.parse::<SecretRef>().unwrap(),
        kind: SecretKind::Other,
        protected: false,
        revision: 1,
        created_at: at,
        updated_at: at,
        expires_at: None,
        tags: Box::default(),
        username: None,
        url: None,
    }
}

fn listing(names: &[&str]) -> Arc<Vec<SecretSummary>> {
    Arc::new(names.iter().map(|name| secret(name)).collect())
}

fn find(engine: &mut SearchEngine, secrets: &Arc<Vec<SecretSummary>>, text: &str) -> SearchHits {
    let query = SearchQuery { text: text.into(), secrets: Arc::clone(secrets) };
    engine.search(&query, &|| false).unwrap()
}

/// The keys found, best first, by a fresh engine.
fn keys(secrets: &Arc<Vec<SecretSummary>>, text: &str) -> Vec<String> {
    let hits = find(&mut SearchEngine::new(), secrets, text).hits;
    hits.iter().map(|hit| secrets[hit.index as usize].name.key.to_string()).collect()
}

#[test]
fn a_subsequence_matches_and_the_better_match_comes_first() {
    let secrets = listing(&[
        "global/sentry_dsn",
        "global/stripe_key",
        "global/supertripe",
        "project:shop:prod/stripe_secret_key",
    ]);
    assert_eq!(keys(&secrets, "stripe"), ["stripe_key", "stripe_secret_key", "supertripe"]);
    assert_eq!(keys(&secrets, "sdsn"), ["sentry_dsn"]);
    assert_eq!(keys(&secrets, "strpe").len(), 3);
    assert!(keys(&secrets, "strpez").is_empty());
}

#[test]
fn every_word_must_match_in_any_order() {
    let secrets = listing(&["skill:dev/db", "skill:prod/db", "skill:prod/token"]);
    assert_eq!(keys(&secrets, "db prod"), ["db"]);
    assert_eq!(keys(&secrets, "  prod   db "), ["db"]);
    assert_eq!(keys(&secrets, "prod").len(), 2);
}

#[test]
fn a_capital_minds_case() {
    let secrets = listing(&["global/DB_URL", "global/db_url"]);
    assert_eq!(keys(&secrets, "db").len(), 2);
    assert_eq!(keys(&secrets, "DB"), ["DB_URL"]);
    assert_eq!(keys(&secrets, "D").len(), 1);
}

#[test]
fn tags_username_and_url_match_more_weakly() {
    let mut rows = vec![secret("global/a_key"), secret("global/billing_key"), secret("global/c")];
    rows[0].tags = ["billing".into()].into();
    rows[2].url = Some("https://billing.example".into());
    let secrets = Arc::new(rows);
    assert_eq!(keys(&secrets, "billing"), ["billing_key", "a_key", "c"]);
    assert_eq!(keys(&secrets, "Billing"), Vec::<String>::new());
    let hits = find(&mut SearchEngine::new(), &secrets, "billing").hits;
    assert_eq!(&*hits[0].positions, [7, 8, 9, 10, 11, 12, 13]);
    assert!(hits[1].positions.is_empty());
}

#[test]
fn a_worker_thread_may_own_the_engine() {
    let secrets = listing(&["global/key"]);
    let mut engine = SearchEngine::new();
    let found = std::thread::spawn(move || find(&mut engine, &secrets, "key").hits.len());
    assert_eq!(found.join().unwrap(), 1);
}

#[test]
fn an_empty_query_is_the_whole_listing() {
    let secrets = listing(&["global/b", "global/a"]);
    assert_eq!(keys(&secrets, ""), ["b", "a"]);
    assert_eq!(keys(&secrets, "   "), ["b", "a"]);
}

#[test]
fn letters_beyond_ascii_are_found_by_character_position() {
    let secrets = listing(&["principal:zoë/key", "skill:übung/key"]);
    let hits = find(&mut SearchEngine::new(), &secrets, "ë").hits;
    assert_eq!((hits.len(), &*hits[0].positions), (1, &[12][..]));
    // One letter: best at the beginning of the key.
    assert_eq!(&*find(&mut SearchEngine::new(), &secrets, "k").hits[0].positions, [12]);
    // Typed as letter and combining mark, the same.
    assert_eq!(find(&mut SearchEngine::new(), &secrets, "u\u{308}b").hits.len(), 1);
}

#[test]
fn an_unwanted_search_ends_soon_and_leaves_no_trace() {
    let names: Vec<String> = (0..10_000).map(|n| format!("global/key{n}")).collect();
    let secrets = listing(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let mut engine = SearchEngine::new();
    let looks = Cell::new(0);
    let query = SearchQuery { text: "key".into(), secrets: Arc::clone(&secrets) };
    let unwanted = || {
        looks.set(looks.get() + 1);
        looks.get() == 3
    };
    assert!(engine.search(&query, &unwanted).is_none());
    assert_eq!(looks.get(), 3);
    assert_eq!(find(&mut engine, &secrets, "key").hits.len(), 10_000);
}

#[test]
fn only_the_first_hits_carry_positions() {
    let names: Vec<String> = (0..300).map(|n| format!("global/key{n:03}")).collect();
    let secrets = listing(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let hits = find(&mut SearchEngine::new(), &secrets, "key").hits;
    assert_eq!(hits.iter().filter(|hit| !hit.positions.is_empty()).count(), WITH_POSITIONS);
    // Equal scores and lengths: listing order.
    assert!(hits.windows(2).all(|pair| pair[0].index < pair[1].index));
}

#[test]
fn where_very_many_match_the_best_still_come_first() {
    let mut names: Vec<String> = (0..FINE_ROWS).map(|n| format!("global/a_k_e_{n}")).collect();
    names.extend(["global/my_key".into(), "global/monkey".into(), "global/key".into()]);
    let secrets = listing(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let found = keys(&secrets, "ke");
    assert_eq!(found.len(), FINE_ROWS + 3);
    assert_eq!(found[..4], ["key", "my_key", "monkey", "a_k_e_0"]);
}

#[test]
fn another_listing_is_not_narrowed_by_the_last() {
    let mut engine = SearchEngine::new();
    let first = listing(&["global/other"]);
    assert!(find(&mut engine, &first, "k").hits.is_empty());
    let second = listing(&["global/key"]);
    assert_eq!(find(&mut engine, &second, "ke").hits.len(), 1);
    engine.forget();
    assert_eq!(find(&mut engine, &second, "ke").hits.len(), 1);
}

fn names() -> impl Strategy<Value = Vec<SecretSummary>> {
    let row = ("(global|skill:[a-cA-Cë]{1,4}|project:[ab]{1,3}:[ab-]{1,3})", "[a-cA-C_1.-]{1,8}")
        .prop_map(|(scope, key)| secret(&format!("{scope}/{key}")));
    let tagged = (row, proptest::option::of("[a-cA-C]{1,4}")).prop_map(|(mut row, tag)| {
        row.tags = tag.map(String::into_boxed_str).into_iter().collect();
        row
    });
    proptest::collection::vec(tagged, 0..40)
}

proptest! {
    #[test]
    fn typing_on_finds_what_a_fresh_search_finds(rows in names(), text in "[a-cA-C :ë_/]{1,6}") {
        let secrets = Arc::new(rows);
        let mut typing = SearchEngine::new();
        for typed in (1..=text.len()).filter_map(|end| text.get(..end)) {
            let fresh = find(&mut SearchEngine::new(), &secrets, typed);
            prop_assert_eq!(find(&mut typing, &secrets, typed), fresh);
        }
        // And back again, which must not be narrowed.
        let first: String = text.chars().take(1).collect();
        let fresh = find(&mut SearchEngine::new(), &secrets, &first);
        prop_assert_eq!(find(&mut typing, &secrets, &first), fresh);
    }

    #[test]
    fn exactly_the_subsequences_are_found(rows in names(), text in "[a-cA-Cë_]{1,4}") {
        let mut rows = rows;
        rows.iter_mut().for_each(|row| row.tags = Box::default());
        let secrets = Arc::new(rows);
        let exact = text.chars().any(|c| c.is_ascii_uppercase());
        let same = |a: char, b: char| if exact { a == b } else { a.eq_ignore_ascii_case(&b) };
        let matches = |name: String| {
            let mut name = name.chars().collect::<Vec<_>>().into_iter();
            text.chars().all(|wanted| name.any(|c| same(c, wanted)))
        };
        let expected: Vec<u32> = (0_u32..)
            .zip(secrets.iter())
            .filter(|(_, row)| matches(row.name.to_string()))
            .map(|(index, _)| index)
            .collect();
        let mut found: Vec<u32> =
            find(&mut SearchEngine::new(), &secrets, &text).hits.iter().map(|h| h.index).collect();
        found.sort_unstable();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn any_text_is_a_query(rows in names(), text in any::<String>()) {
        let secrets = Arc::new(rows);
        let hits = find(&mut SearchEngine::new(), &secrets, &text).hits;
        prop_assert!(hits.len() <= secrets.len());
        for hit in hits {
            let length = secrets[hit.index as usize].name.to_string().chars().count();
            prop_assert!(hit.positions.iter().all(|position| (*position as usize) < length));
            prop_assert!(hit.positions.windows(2).all(|pair| pair[0] < pair[1]));
        }
    }
}
