#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::HashMap;
use std::path::Path;

use super::*;
use crate::fault::Fault;

/// A vault that palyra made, with throw-away keys; `expected.tsv` says what is in it.
fn fixture() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/palyra")
}

/// The fixture, with `change` applied to each file as it is read.
fn changed(change: impl Fn(&str, &mut Vec<u8>)) -> Outcome {
    read(&|name| {
        let mut bytes = std::fs::read(fixture().join(name))?;
        change(name, &mut bytes);
        Ok(SensitiveBytes::new(bytes))
    })
}

#[test]
fn every_value_of_a_vault_of_palyra_arrives() {
    let expected = std::fs::read_to_string(fixture().join("expected.tsv")).unwrap();
    let found = changed(|_, _| ()).unwrap();
    let arrived: HashMap<String, String> = found
        .entries
        .iter()
        .map(|entry| {
            let value = entry.value.with(|value| data_encoding::HEXLOWER.encode(value));
            (format!("{}\t{}", entry.scope.as_ref().unwrap(), entry.key), value)
        })
        .collect();
    let mut rows = 0;
    for line in expected.lines() {
        let (name, value) = line.rsplit_once('\t').unwrap();
        assert_eq!(arrived.get(name).map(String::as_str), Some(value), "{name}");
        rows += 1;
    }
    assert_eq!((rows, arrived.len(), found.bad.len()), (8, 8, 0));
}

#[test]
fn an_identity_without_a_seal_is_read_too() {
    // The key is the same in plain JSON, as older stores keep it.
    let found = read(&|name| {
        let bytes = SensitiveBytes::new(std::fs::read(fixture().join(name))?);
        if !name.starts_with("identity/69") {
            return Ok(bytes);
        }
        let key = std::fs::read(fixture().join("identity/.store-key.v1"))?;
        let key: [u8; 32] = key.try_into().unwrap();
        Ok(bytes.with(|sealed| {
            let (nonce, rest) = sealed[4..].split_first_chunk::<12>().unwrap();
            let (text, tag) = rest.split_last_chunk::<16>().unwrap();
            let mut text = text.to_vec();
            opened(&key, nonce, b"", &mut text, tag).unwrap();
            SensitiveBytes::new(text)
        }))
    });
    assert_eq!(found.unwrap().entries.len(), 8);
}

#[test]
fn damage_is_told_by_its_name_and_the_rest_is_read() {
    let cut = |name: &str, bytes: &mut Vec<u8>| {
        if name.ends_with("metadata.json") {
            let text = String::from_utf8(std::mem::take(bytes)).unwrap();
            *bytes = text
                .replacen("key_1.x-1", "key_9.x-1", 1)
                .replacen("\"kind\": \"skill\"", "\"kind\": \"global\"", 1)
                .into_bytes();
        }
    };
    let found = changed(cut).unwrap();
    let bad: Vec<String> = found.bad.iter().map(ToString::to_string).collect();
    assert_eq!(
        bad,
        [
            "principal:user:alice/key_9.x-1: its object id is another secret's",
            "global/key_3.x-1: its object id is another secret's",
        ]
    );
    assert_eq!(found.entries.len(), 6);
    let one_bit = |name: &str, bytes: &mut Vec<u8>| {
        if name.ends_with("objects.store.json") {
            // A number of every object becomes another: all of them are damaged in one place.
            let text = String::from_utf8(std::mem::take(bytes)).unwrap();
            *bytes = text
                .replace(
                    ",34,115,101,99,114,101,116,95,109,97,99,95,98,54,52,34,58,34,",
                    ",34,115,101,99,114,101,116,95,109,97,99,95,98,54,52,34,58,34,65,",
                )
                .into_bytes();
        }
    };
    let found = changed(one_bit).unwrap();
    assert_eq!((found.entries.len(), found.bad.len()), (0, 8));
}

#[test]
fn another_identity_or_none_is_refused() {
    let other_key = changed(|name, bytes| {
        if name.ends_with(".store-key.v1") {
            bytes[0] ^= 1;
        }
    });
    assert_eq!(other_key.err().expect("refused").kind().word(), "damaged");
    let nothing = read(&|_| Err(io::ErrorKind::NotFound.into()));
    assert_eq!(nothing.err().expect("refused").kind().word(), "invalid");
    let no_key = changed(|name, bytes| {
        if name.starts_with("identity/69") {
            *bytes = b"{}".to_vec();
        }
    });
    assert_eq!(no_key.err().expect("refused").to_string(), "no private key is in its identity");
    let no_json = changed(|name, bytes| {
        if name.ends_with("metadata.json") {
            bytes.truncate(100);
        }
    });
    assert!(no_json.err().expect("refused").to_string().starts_with("vault/metadata.json, line "));
}
