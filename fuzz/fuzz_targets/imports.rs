//! Sources of imports: the first byte says as what the rest is read. No name comes twice, every entry is one that a vault
//! takes, and what is told is safe to show.
#![no_main]

use std::collections::HashSet;
use std::io::{Error, ErrorKind};

use tresor::service::import::{Outcome, bitwarden, csv, json, kdbx, palyra};
use tresor::text::is_visible;
use tresor::vault::SensitiveBytes;

/// The files of palyra, with a zero byte between them.
fn of_palyra(bytes: &[u8]) -> Outcome {
    const NAMES: [&str; 4] = ["metadata.json", "objects.store.json", ".store-key.v1", "6e"];
    let parts: Vec<&[u8]> = bytes.splitn(NAMES.len(), |byte| *byte == 0).collect();
    palyra::read(&|name| {
        let number = NAMES.iter().position(|known| name.ends_with(known));
        let part = number.and_then(|number| parts.get(number));
        part.map(|part| SensitiveBytes::copy_of(part)).ok_or_else(|| Error::from(ErrorKind::NotFound))
    })
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((what, rest)) = bytes.split_first() else { return };
    let file = SensitiveBytes::copy_of(rest);
    let found = match what % 5 {
        0 => json::read(&file),
        1 => csv::read(&file, None),
        2 => bitwarden::read(&file),
        3 => of_palyra(rest),
        _ => {
            if let Err(error) = kdbx::check(&file) {
                assert!(is_visible(&error.to_string()), "{error:?}");
            }
            return;
        }
    };
    match found {
        Ok(found) => {
            let mut names = HashSet::new();
            for entry in &found.entries {
                assert!(names.insert((entry.scope.clone(), entry.key.clone())), "{} twice", entry.key);
                assert!(entry.patch.check().is_ok());
                assert!(is_visible(&entry.place.to_string()));
            }
            assert!(found.bad.iter().all(|bad| is_visible(&bad.to_string())));
            assert!(found.left_out.iter().all(|what| is_visible(what)));
        }
        Err(error) => assert!(is_visible(&error.to_string()), "{error:?}"),
    }
});
