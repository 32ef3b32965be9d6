//! X.509 certificates: whose, by whom, and until when. Checks no signature and no chain.

use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::parse_x509_certificate;
use x509_parser::public_key::PublicKey;

use super::{Recognised, SecretKind};
use crate::vault::secret::Timestamp;

/// How many names are listed before the rest is only counted.
const NAMES_SHOWN: usize = 3;

/// Recognises a certificate in its binary form.
pub(super) fn read_der(bytes: &[u8]) -> Option<Recognised> {
    // A sequence with a length of two bytes: every certificate of 256 bytes to 64 KiB.
    if !bytes.starts_with(&[0x30, 0x82]) {
        return None;
    }
    let mut found = Recognised::new(SecretKind::Certificate, "Certificate in binary form");
    describe(bytes, &mut found).then_some(found)
}

/// Adds what a certificate says of itself; false when it cannot be read.
pub(super) fn describe(der: &[u8], found: &mut Recognised) -> bool {
    let Ok((_, certificate)) = parse_x509_certificate(der) else {
        return false;
    };
    found.add("Subject", &certificate.subject().to_string());
    let own = certificate.subject() == certificate.issuer();
    found.add("Issuer", &if own { "itself".into() } else { certificate.issuer().to_string() });
    let validity = certificate.validity();
    found.add("Valid from", &date(validity.not_before.timestamp()));
    found.add("Valid to", &date(validity.not_after.timestamp()));
    found.expires_at = Some(Timestamp(validity.not_after.timestamp()));
    found.add("Names", &names(&certificate));
    found.add("Key", &key(&certificate));
    true
}

/// The day only: a fact is read by people.
fn date(seconds: i64) -> String {
    let time = Timestamp(seconds).to_string();
    time.get(..10).unwrap_or(&time).to_owned()
}

/// The subject's alternative names.
fn names(certificate: &X509Certificate<'_>) -> String {
    let Ok(Some(extension)) = certificate.subject_alternative_name() else {
        return String::new();
    };
    let all = &extension.value.general_names;
    let mut shown: Vec<String> = all.iter().filter_map(name).take(NAMES_SHOWN).collect();
    if all.len() > shown.len() {
        shown.push(format!("+{}", all.len() - shown.len()));
    }
    shown.join(" ")
}

fn name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(text) | GeneralName::RFC822Name(text) | GeneralName::URI(text) => {
            Some((*text).to_owned())
        }
        GeneralName::IPAddress(bytes) => match *bytes {
            [a, b, c, d] => Some(std::net::Ipv4Addr::new(*a, *b, *c, *d).to_string()),
            _ => {
                <[u8; 16]>::try_from(*bytes).ok().map(|v6| std::net::Ipv6Addr::from(v6).to_string())
            }
        },
        _ => None,
    }
}

/// The sort and size of the public key.
fn key(certificate: &X509Certificate<'_>) -> String {
    match certificate.public_key().parsed() {
        Ok(PublicKey::RSA(key)) => format!("RSA, {} bits", key.key_size()),
        Ok(PublicKey::EC(key)) => format!("EC, {} bits", key.key_size()),
        Ok(PublicKey::DSA(_)) => "DSA".into(),
        _ => String::new(),
    }
}
