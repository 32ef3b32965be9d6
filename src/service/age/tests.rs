//! What is written opens with what it was written for alone; what others wrote is read as the specification
//! says: the vectors are those of its test kit (C2SP/CCTV).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io::Read;
use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::vault::SystemRandom;

const RECIPIENT: &str = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";

fn bytes(text: &str) -> SensitiveBytes {
    SensitiveBytes::copy_of(text.as_bytes())
}

fn sealed(whom: &For<'_>, plain: &[u8]) -> (Vec<u8>, FileKey) {
    let (mut sealer, key) = seal(Vec::new(), whom, &SystemRandom).unwrap();
    sealer.write_all(plain).unwrap();
    (sealer.finish().unwrap(), key)
}

fn opened(file: &[u8], with: &With<'_>) -> Result<Vec<u8>> {
    let mut plain = Vec::new();
    let sealed = Sealed::read(file)?;
    let key = sealed.key(with)?;
    sealed.open(&key)?.read_to_end(&mut plain)?;
    Ok(plain)
}

fn opened_by(file: &[u8], key: &FileKey) -> Result<Vec<u8>> {
    let mut plain = Vec::new();
    Sealed::read(file)?.open(key)?.read_to_end(&mut plain)?;
    Ok(plain)
}

#[test]
fn a_passphrase_opens_what_was_sealed_with_it() {
    let (file, key) = sealed(&For::Passphrase(&bytes("open sesame"), 4), b"plain");
    assert!(Sealed::read(&file[..]).unwrap().wants_passphrase());
    assert_eq!(opened(&file, &With::Passphrase(&bytes("open sesame"))).unwrap(), b"plain");
    assert_eq!(opened_by(&file, &key).unwrap(), b"plain");
    let wrong = opened(&file, &With::Passphrase(&bytes("open sesam")));
    assert!(matches!(wrong, Err(AgeError::WrongPassphrase)));
    assert!(matches!(opened(&file, &With::Identities(&[])), Err(AgeError::NoKeys)));
}

#[test]
fn no_file_is_longer_than_is_told() {
    let length = |plain: usize| sealed(&For::Passphrase(&bytes("x"), 4), &vec![0; plain]).0.len();
    let around = longest(0) - length(0);
    for plain in [1, 65_535, 65_536, 65_537, 200_000] {
        // Around the chunks is always the same; of them at most a tag too many is told.
        let told = longest(plain) - around;
        assert!((0..=16).contains(&(told - length(plain))), "{plain}: {} of {told}", length(plain));
    }
}

#[test]
fn a_file_for_keys_opens_with_its_own_key_alone() {
    let recipients = [RECIPIENT.parse().unwrap()];
    let (file, key) = sealed(&For::Recipients(&recipients), b"plain");
    assert_eq!(opened_by(&file, &key).unwrap(), b"plain");
    let other = identities(&bytes(
        "AGE-SECRET-KEY-1EGTZVFFV20835NWYV6270LXYVK2VKNX2MMDKWYKLMGR48UAWX40Q2P2LM0",
    ));
    let wrong = opened(&file, &With::Identities(&other.unwrap()));
    assert!(matches!(wrong, Err(AgeError::NoMatch)));
    let (_, another) = sealed(&For::Recipients(&recipients), b"plain");
    assert!(matches!(opened_by(&file, &another), Err(AgeError::Damaged { .. })));
    assert!(matches!(
        seal(Vec::new(), &For::Recipients(&[]), &SystemRandom),
        Err(AgeError::NoRecipient)
    ));
}

#[test]
fn no_altered_or_missing_byte_goes_unnoticed() {
    let (file, key) = sealed(&For::Passphrase(&bytes("p"), 1), b"plain");
    for at in 0..file.len() {
        let mut altered = file.clone();
        altered[at] ^= 1;
        assert!(opened_by(&altered, &key).is_err(), "byte {at}");
        assert!(opened_by(&file[..at], &key).is_err(), "cut at {at}");
    }
}

#[test]
fn what_is_no_age_file_is_told_by_what_it_is() {
    let read = |bytes: &[u8]| Sealed::read(bytes).err().unwrap();
    assert!(matches!(read(b""), AgeError::NotAge));
    assert!(matches!(read(&[0xff; 100_000]), AgeError::NotAge));
    assert!(matches!(read(b"age-encryption.org/v2\n"), AgeError::NewerFormat));
    assert!(matches!(read(b"-----BEGIN AGE ENCRYPTED FILE-----\n"), AgeError::Armoured));
    let endless = [header::VERSION.as_bytes(), &b"-> X25519 ".repeat(10_000)].concat();
    assert!(matches!(read(&endless), AgeError::Damaged { .. }));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn every_length_comes_back(length in prop_oneof![
        0_usize..200, 65_530_usize..65_550, 131_060_usize..131_090
    ], writes in 1_usize..70_000) {
        let plain: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
        let recipients = [RECIPIENT.parse().unwrap()];
        let (mut sealer, key) = seal(Vec::new(), &For::Recipients(&recipients), &SystemRandom).unwrap();
        plain.chunks(writes).for_each(|part| sealer.write_all(part).unwrap());
        let file = sealer.finish().unwrap();
        prop_assert_eq!(opened_by(&file, &key).unwrap(), plain);
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let file = [header::VERSION.as_bytes(), &bytes].concat();
        let _ = opened(&file, &With::Identities(&[]));
    }
}

/// One file of the test kit: what it says of itself, and the age file behind that.
struct Vector {
    expect: String,
    passphrase: Option<SensitiveBytes>,
    identities: Vec<Identity>,
    payload: Option<String>,
    file: Vec<u8>,
}

impl Vector {
    fn read(path: &Path) -> Self {
        let whole = std::fs::read(path).unwrap();
        let end = whole.windows(2).position(|pair| pair == b"\n\n").unwrap();
        let head = std::str::from_utf8(&whole[..end]).unwrap();
        let field = |name: &str| head.lines().find_map(|line| line.strip_prefix(name));
        Self {
            expect: field("expect: ").unwrap().to_owned(),
            passphrase: field("passphrase: ").map(bytes),
            identities: field("identity: ")
                .map_or(Vec::new(), |key| identities(&bytes(key)).unwrap()),
            payload: field("payload: ").map(str::to_owned),
            file: whole[end + 2..].to_vec(),
        }
    }

    fn opened(&self) -> Result<Vec<u8>> {
        match &self.passphrase {
            Some(text) => opened(&self.file, &With::Passphrase(text)),
            None => opened(&self.file, &With::Identities(&self.identities)),
        }
    }

    /// Whether what came of it is what the kit expects.
    fn holds(&self) -> bool {
        let hash = |plain: &[u8]| {
            use sha2::Digest;
            Sha256::digest(plain).iter().map(|byte| format!("{byte:02x}")).collect::<String>()
        };
        match (self.expect.as_str(), self.opened()) {
            ("success", Ok(plain)) => self.payload.as_deref() == Some(&hash(&plain)),
            ("no match", Err(AgeError::NoMatch | AgeError::WrongPassphrase)) => true,
            // Of a kind that is not known.
            ("no match", Err(AgeError::NoPassphrase | AgeError::NoKeys)) => true,
            ("HMAC failure", Err(AgeError::Damaged { .. })) => true,
            ("payload failure", Err(AgeError::Damaged { .. })) => true,
            ("header failure", Err(error)) => !matches!(error, AgeError::NoMatch | AgeError::Io(_)),
            _ => false,
        }
    }
}

#[test]
fn the_test_kit_of_the_specification_holds() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/age");
    let mut failed = Vec::new();
    let mut count = 0;
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some() {
            continue;
        }
        count += 1;
        let vector = Vector::read(&path);
        if !vector.holds() {
            let got = vector.opened().map(|plain| plain.len());
            failed.push(format!("{}: {} but {got:?}", path.display(), vector.expect));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert!(count > 70, "only {count} vectors");
}

#[test]
fn files_of_age_are_known_by_how_they_begin() {
    for file in ["age-encryption.org/v1\n", "age-encryption.org/v9", "-----BEGIN AGE ENCRYPTED"] {
        assert!(is_sealed(file.as_bytes()), "{file}");
    }
    for file in ["", "age", "A=age-encryption.org/v1", "{}", "-----BEGIN PRIVATE KEY-----"] {
        assert!(!is_sealed(file.as_bytes()), "{file}");
    }
}
