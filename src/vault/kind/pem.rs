//! PEM blocks (RFC 7468), OpenSSH keys among them. Decodes little but what is public, and wipes it.

use base64::Engine;
use base64::alphabet::STANDARD as ALPHABET;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::{Recognised, SecretKind, x509};

/// Certificates are decoded up to this many characters of base64.
const MAX_CERTIFICATE: usize = 96 * 1024;
/// The head of a PKCS#8 key that names the algorithm, in characters of base64.
const PKCS8_HEAD: usize = 32;
/// The head of an OpenSSH key that holds its public part (an RSA key of 16,384 bits and more).
const OPENSSH_HEAD: usize = 4096;
/// Bits left over at the end are no error in a head that was cut.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &ALPHABET,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// One block.
struct Block<'a> {
    label: &'a str,
    body: &'a str,
}

/// Recognises one or more PEM blocks; the first private key or certificate decides.
pub(super) fn read(text: &str) -> Option<Recognised> {
    if text.starts_with("PuTTY-User-Key-File-") {
        return Some(Recognised::new(SecretKind::SshKey, "PuTTY private key"));
    }
    let blocks: Vec<Block<'_>> = blocks(text).collect();
    let certificates = blocks.iter().filter(|block| block.label == "CERTIFICATE").count();
    let key = blocks.iter().find(|block| block.label.contains("PRIVATE KEY"));
    match (blocks.iter().find(|block| block.label == "CERTIFICATE"), key) {
        (Some(first), key) => Some(certificate(first, certificates, key.is_some())),
        (None, Some(key)) => Some(private_key(key)),
        (None, None) => Some(Recognised::new(SecretKind::Other, other(blocks.first()?.label))),
    }
}

/// What a block is that is neither a key nor a certificate.
fn other(label: &str) -> &'static str {
    match label {
        "PUBLIC KEY" | "RSA PUBLIC KEY" | "SSH2 PUBLIC KEY" | "PGP PUBLIC KEY BLOCK" => {
            "Public key"
        }
        "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST" => "Certificate request",
        "PGP MESSAGE" => "PGP message",
        _ => "PEM block",
    }
}

/// The blocks whose first line stands at the beginning of a line.
fn blocks(text: &str) -> impl Iterator<Item = Block<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let begin = match rest.strip_prefix("-----BEGIN ") {
            Some(after) => after,
            None => rest.split_once("\n-----BEGIN ")?.1,
        };
        let (label, after) = begin.split_once("-----")?;
        let (body, after) = after.split_once("-----END ")?;
        rest = after;
        Some(Block { label, body })
    })
}

fn certificate(first: &Block<'_>, count: usize, with_key: bool) -> Recognised {
    let what = if with_key { "Certificate with its private key" } else { "Certificate" };
    let mut found = Recognised::new(SecretKind::Certificate, what);
    let described =
        decode(first.body, MAX_CERTIFICATE).is_some_and(|der| x509::describe(&der, &mut found));
    if !described {
        return Recognised::new(SecretKind::Certificate, "Certificate that cannot be read");
    }
    if count > 1 {
        found.add("Chain", &format!("{count} certificates"));
    }
    found
}

fn private_key(block: &Block<'_>) -> Recognised {
    let legacy_encrypted = block.body.contains("Proc-Type: 4,ENCRYPTED");
    let (what, encrypted) = match block.label {
        "OPENSSH PRIVATE KEY" => return openssh(block.body),
        "RSA PRIVATE KEY" => ("RSA private key", legacy_encrypted),
        "EC PRIVATE KEY" => ("EC private key", legacy_encrypted),
        "DSA PRIVATE KEY" => ("DSA private key", legacy_encrypted),
        "ENCRYPTED PRIVATE KEY" => ("Private key", true),
        "PRIVATE KEY" => (pkcs8(block.body), false),
        "PGP PRIVATE KEY BLOCK" => {
            return Recognised::new(SecretKind::PrivateKey, "PGP private key");
        }
        _ => ("Private key", legacy_encrypted),
    };
    let mut found = Recognised::new(SecretKind::PrivateKey, what);
    found.add("Encrypted", if encrypted { "yes" } else { "no" });
    found
}

/// The algorithm of an unencrypted PKCS#8 key (RFC 5958), by its object identifier.
fn pkcs8(body: &str) -> &'static str {
    let head = decode(body, PKCS8_HEAD).unwrap_or_default();
    let has = |oid: &[u8]| head.windows(oid.len()).any(|part| part == oid);
    match () {
        () if has(b"\x2a\x86\x48\x86\xf7\x0d\x01\x01") => "RSA private key",
        () if has(b"\x2a\x86\x48\xce\x3d\x02\x01") => "EC private key",
        () if has(b"\x06\x03\x2b\x65\x70") => "Ed25519 private key",
        () if has(b"\x06\x03\x2b\x65\x6e") => "X25519 private key",
        () => "Private key",
    }
}

/// The public part of an OpenSSH key (openssh/PROTOCOL.key): its algorithm and fingerprint.
fn openssh(body: &str) -> Recognised {
    let mut found = Recognised::new(SecretKind::SshKey, "OpenSSH private key");
    let head = decode(body, OPENSSH_HEAD).unwrap_or_default();
    let Some((cipher, public)) = openssh_head(&head) else {
        return found;
    };
    if let Some((algorithm, _)) = string(public) {
        found.add("Algorithm", algorithm_name(algorithm).unwrap_or_default());
    }
    found.add("Encrypted", if cipher == b"none" { "no" } else { "yes" });
    // The same form as `ssh-keygen -l` shows.
    let fingerprint = STANDARD_NO_PAD.encode(Sha256::digest(public));
    found.add("Fingerprint", &format!("SHA256:{fingerprint}"));
    found
}

/// The name of an algorithm (RFC 4250, section 4.6.1), and nothing else that a strange key has there.
fn algorithm_name(bytes: &[u8]) -> Option<&str> {
    let of_name = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let fits = bytes.len() <= 64 && bytes.iter().all(|byte| of_name(byte) || b"@.-".contains(byte));
    std::str::from_utf8(bytes).ok().filter(|_| fits)
}

/// The cipher's name and the first public key.
fn openssh_head(head: &[u8]) -> Option<(&[u8], &[u8])> {
    let (cipher, rest) = string(head.strip_prefix(b"openssh-key-v1\0")?)?;
    let (_kdf, rest) = string(rest)?;
    let (_options, rest) = string(rest)?;
    let (_count, rest) = rest.split_first_chunk::<4>()?;
    let (public, _) = string(rest)?;
    Some((cipher, public))
}

/// A length of four bytes and so many bytes.
fn string(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)
}

/// Decodes at most `most` characters of a block's base64, leaving out white space and headers.
fn decode(body: &str, most: usize) -> Option<Zeroizing<Vec<u8>>> {
    let mut text = Zeroizing::new(Vec::with_capacity(most.min(body.len())));
    let lines = body.lines().filter(|line| !line.contains(':'));
    let wanted = |byte: &u8| !byte.is_ascii_whitespace() && *byte != b'=';
    text.extend(lines.flat_map(str::bytes).filter(wanted).take(most));
    let mut bytes = Zeroizing::new(vec![0; text.len()]);
    let length = LENIENT.decode_slice(&*text, &mut bytes).ok()?;
    bytes.truncate(length);
    Some(bytes)
}
