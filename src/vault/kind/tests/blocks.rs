//! JWTs, certificates and keys, with blocks made for these tests.

use super::*;

/// Made for these tests by openssl: `CN=shop.example`, issued by a demo authority.
pub(super) const CERTIFICATE: &str = "\
    MIIB+jCCAaCgAwIBAgIUPjoJ4PCJpafTzhqV5R4ccQJq/DAwCgYIKoZIzj0EAwIw\
    KzEUMBIGA1UECgwLdHJlc29yIGRlbW8xEzARBgNVBAMMCkRlbW8gQ0EgUjEwHhcN\
    MjYxMTIzMTk1MTU3WhcNMjcwMjIxMTk1MTU3WjAXMRUwEwYDVQQDDAxzaG9wLmV4\
    YW1wbGUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASxJmtP2ywYEtpTX0Aog5vd\
    Dgn7klaIV+2pWMqyhDi+s5fEbiE2tZLHhoUWrvJlgZ3oJoCLxAwD0Tbx2VuOUZV4\
    o4G1MIGyMFAGA1UdEQRJMEeCDHNob3AuZXhhbXBsZYIQd3d3LnNob3AuZXhhbXBs\
    ZYIQYXBpLnNob3AuZXhhbXBsZYITc3RhdHVzLnNob3AuZXhhbXBsZTATBgNVHSUE\
    DDAKBggrBgEFBQcDATAJBgNVHRMEAjAAMB0GA1UdDgQWBBSYBKo7qED4m/L7HnvR\
    OsA9aQGQPjAfBgNVHSMEGDAWgBRyy6udLvczAFQGnlElIsWDEqKszDAKBggqhkjO\
    PQQDAgNIADBFAiEApjH3QLsSiNroG1vMsDPUCHeDDhI6TotjKaIENWJ02FICIEUM\
    MqcKv9rDzNET752cRq7Ldg2NuvYKK3E1Ln5gBxmx";
/// Made for these tests by openssl: RSA, and known by its addresses.
const BY_ADDRESS: &str = "\
    MIICUTCCAbqgAwIBAgIUZ6eDqe1azibCpgeZU/sZSLiJhDUwDQYJKoZIhvcNAQEL\
    BQAwEzERMA8GA1UEAwwIaW50cmFuZXQwIBcNMjYxMTI3MTEyNzA0WhgPMjEyNjEx\
    MDMxMTI3MDRaMBMxETAPBgNVBAMMCGludHJhbmV0MIGfMA0GCSqGSIb3DQEBAQUA\
    A4GNADCBiQKBgQC9l6edUObf6RXvfnCqzZMqqmHAKM/m2PYMiZP/J/JrqGh5nYwt\
    ZxyQQl989AjwBPUkY0/V3XXP0QSzlpGS92cbE5E9DgL+I5W0GobqGs2Q2rvmZAHU\
    COybubbek0Rm0NdGEODIGcAdTO9AruODAt9GiDGiT1/WnBA+ul3tWVQyAwIDAQAB\
    o4GfMIGcMB0GA1UdDgQWBBQdk1fHw6deP5o8fpHGPNNBVey3KzAfBgNVHSMEGDAW\
    gBQdk1fHw6deP5o8fpHGPNNBVey3KzAPBgNVHRMBAf8EBTADAQH/MEkGA1UdEQRC\
    MECHBAoAAAeHECABDbgAAAAAAAAAAAAAAAeCEGludHJhbmV0LmV4YW1wbGWBFG9w\
    c0BpbnRyYW5ldC5leGFtcGxlMA0GCSqGSIb3DQEBCwUAA4GBAE1EvC7XMfhrqx2t\
    ViKGp+/sfJmqGPD08pHUJqPnQ4KIdOjkr3qT4eQ6Mv3ktejb6iXPep0jh7x9OAAA\
    OMQGp8FVWkGEAVrY+rVT0piTwf+eRRbmOfg+gvxt/g9nhgdOYG9pxY2b40qEYNcd\
    9REfOLvlyCmRgxRYlhMOJD9TbsB5";
/// Made for these tests by ssh-keygen; opens nothing.
pub(super) const OPENSSH: &str = "\
    b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW\
    QyNTUxOQAAACA7F+6u7i4zterczUpRk1CVllvhKEMLDUWyqfCBbE+cDwAAAJiZJK5amSSu\
    WgAAAAtzc2gtZWQyNTUxOQAAACA7F+6u7i4zterczUpRk1CVllvhKEMLDUWyqfCBbE+cDw\
    AAAEBjUCOa5LbYHHIZeb4Rehk+wahgpsY6A86m7YAiwGraFTsX7q7uLjO16tzNSlGTUJWW\
    W+EoQwsNRbKp8IFsT5wPAAAAE2RlcGxveUBzaG9wLmV4YW1wbGUBAg==";
/// The same with a passphrase.
pub(super) const OPENSSH_ENCRYPTED: &str = "\
    b3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1jdHIAAAAGYmNyeXB0AAAAGAAAABC9nXh+WB\
    PImLLlnhAY6oDMAAAAEAAAAAEAAAAzAAAAC3NzaC1lZDI1NTE5AAAAIMjoOUqCrczU4RGk\
    ajFFmF6wG+na5AmLhtWsUGkW7rn9AAAAkNMeAI84ggWT5gYkyUT53IIvlV1LL8jNU6m4xO\
    1DowyDbItr39cYoOOrmO+GTfYdZ0dFhhvH4LJpIV0cgsKdI9L9rKYPhfPTXUznsVeRD3T+\
    DGh1cBJc1OLTF4/Xv3UqVyRwh2xvbf05Zyrdx2UQmXOCaQ0LBGMofWOPIPIPGKhjMfvFis\
    dsLwaFVF1UJZIh1A==";

#[test]
fn a_jwt_shows_its_public_claims_and_expiry() {
    let found = of(&jwt(
        r#"{"iss":"https://id.example","sub":42,"aud":["a","b"],"exp":1798000000.5,"email":"x@y.z"}"#,
    ));
    assert_eq!((found.kind, found.expires_at), (SecretKind::Jwt, Some(Timestamp(1_798_000_000))));
    let all: Vec<_> = found.facts.iter().map(|(label, text)| (&**label, &**text)).collect();
    assert_eq!(
        all,
        [
            ("Type", "JSON Web Token"),
            ("Algorithm", "RS256"),
            ("Issuer", "https://id.example"),
            ("Subject", "42"),
            ("Audience", "a, b"),
            ("Expires", "2026-12-23T04:26:40Z"),
        ]
    );
    for odd in ["[]", "not json", r#"{"exp":"soon"}"#, r#"{"exp":1e300}"#, r#"{"exp":null}"#] {
        let found = of(&jwt(odd));
        assert_eq!((found.kind, found.expires_at), (SecretKind::Jwt, None), "{odd}");
    }
    let hostile = of(&jwt(r#"{"iss":"\u001b]0;x\u0007"}"#));
    assert_eq!(fact(&hostile, "Issuer"), "␛]0;x␇");
    assert_ne!(of("eyJhbGciOiJSUzI1NiJ9.e30").kind, SecretKind::Jwt);
}

#[test]
fn a_certificate_tells_whose_it_is_and_until_when() {
    for text in
        [pem("CERTIFICATE", CERTIFICATE), pem("CERTIFICATE", CERTIFICATE).replace('\n', "\r\n")]
    {
        let found = of(&text);
        assert_eq!(found.kind, SecretKind::Certificate);
        assert_eq!(fact(&found, "Subject"), "CN=shop.example");
        assert_eq!(fact(&found, "Issuer"), "O=tresor demo, CN=Demo CA R1");
        assert_eq!(fact(&found, "Names"), "shop.example www.shop.example api.shop.example +1");
        assert_eq!(fact(&found, "Key"), "EC, 256 bits");
        assert_eq!(
            (&*fact(&found, "Valid from"), &*fact(&found, "Valid to")),
            ("2026-11-23", "2027-02-21")
        );
        assert_eq!(
            found.expires_at.map(|at| at.to_string().split_at(10).0.to_owned()).as_deref(),
            Some("2027-02-21")
        );
    }
    let der = STANDARD.decode(CERTIFICATE).unwrap();
    assert_eq!(fact(&recognise(&der), "Subject"), "CN=shop.example");
    let chain = format!("{0}{0}{1}", pem("CERTIFICATE", CERTIFICATE), pem("PRIVATE KEY", "AAAA"));
    let found = of(&chain);
    assert_eq!(found.what(), Some("Certificate with its private key"));
    assert_eq!(fact(&found, "Chain"), "2 certificates");
    let internal = of(&pem("CERTIFICATE", BY_ADDRESS));
    assert_eq!(fact(&internal, "Names"), "10.0.0.7 2001:db8::7 intranet.example +1");
    assert_eq!(fact(&internal, "Key"), "RSA, 1024 bits");
    let broken = of(&pem("CERTIFICATE", "AAAA"));
    assert_eq!(broken.what(), Some("Certificate that cannot be read"));
}

#[test]
fn private_keys_are_told_apart() {
    let pkcs8 = |body: &[u8]| pem("PRIVATE KEY", &STANDARD.encode(body));
    for (text, kind, what, encrypted) in [
        (pem("RSA PRIVATE KEY", "MIIB"), SecretKind::PrivateKey, "RSA private key", "no"),
        (
            pem("RSA PRIVATE KEY", "MIIB").replacen('\n', "\nProc-Type: 4,ENCRYPTED\n\n", 1),
            SecretKind::PrivateKey,
            "RSA private key",
            "yes",
        ),
        (pem("EC PRIVATE KEY", "MHcC"), SecretKind::PrivateKey, "EC private key", "no"),
        (pem("ENCRYPTED PRIVATE KEY", "MIHs"), SecretKind::PrivateKey, "Private key", "yes"),
        (
            pkcs8(b"0.\x02\x01\x000\x05\x06\x03\x2b\x65\x70\x04\x22"),
            SecretKind::PrivateKey,
            "Ed25519 private key",
            "no",
        ),
        (pkcs8(b"?"), SecretKind::PrivateKey, "Private key", "no"),
        (pem("OPENSSH PRIVATE KEY", OPENSSH), SecretKind::SshKey, "OpenSSH private key", "no"),
        (
            pem("OPENSSH PRIVATE KEY", OPENSSH_ENCRYPTED),
            SecretKind::SshKey,
            "OpenSSH private key",
            "yes",
        ),
        (pem("OPENSSH PRIVATE KEY", "AAAA"), SecretKind::SshKey, "OpenSSH private key", ""),
        (pem("PUBLIC KEY", "AAAA"), SecretKind::Other, "Public key", ""),
    ] {
        let found = of(&text);
        assert_eq!((found.kind, found.what()), (kind, Some(what)));
        assert_eq!(fact(&found, "Encrypted"), encrypted, "{what}");
    }
}

#[test]
fn an_openssh_key_has_the_fingerprint_ssh_keygen_shows() {
    let found = of(&pem("OPENSSH PRIVATE KEY", OPENSSH));
    assert_eq!(fact(&found, "Algorithm"), "ssh-ed25519");
    assert_eq!(fact(&found, "Fingerprint"), "SHA256:PHLIA3kvuNze5kckFjGN86E6xLmokO2Jg/bVTtG6GII");
    let found = of(&pem("OPENSSH PRIVATE KEY", OPENSSH_ENCRYPTED));
    assert_eq!(fact(&found, "Fingerprint"), "SHA256:MCRRh2KoxS0bzFaUOInwv+YvYbuhOD91scw+xNzHRfo");
}

/// Replaces one run of bytes by another of the same length.
fn with_bytes(bytes: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    assert_eq!(old.len(), new.len());
    let at = bytes.windows(old.len()).position(|run| run == old).expect("it is there");
    [&bytes[..at], new, &bytes[at + old.len()..]].concat()
}

#[test]
fn a_certificate_for_an_address_with_a_password_does_not_show_it() {
    let der = STANDARD.decode(CERTIFICATE).unwrap();
    let name = |tag, text: &[u8]| [&[tag, 16], text].concat();
    let uri = name(0x86, b"ftp://u:pw@h.exa");
    let der = with_bytes(&der, &name(0x82, b"api.shop.example"), &uri);
    let found = recognise(&der);
    assert_eq!((found.kind, &*fact(&found, "Names")), (SecretKind::Certificate, ""));
    assert!(!format!("{found:?}").contains("pw@"));
}

#[test]
fn a_strange_algorithm_of_an_openssh_key_is_not_shown() {
    let key = STANDARD.decode(OPENSSH).unwrap();
    let strange = with_bytes(&key, b"ssh-ed25519", b"hunter2 S!#");
    let found = of(&pem("OPENSSH PRIVATE KEY", &STANDARD.encode(strange)));
    assert_eq!((found.kind, &*fact(&found, "Algorithm")), (SecretKind::SshKey, ""));
}

#[test]
fn other_blocks_are_told_by_their_label() {
    let body = "AAAA".repeat(20);
    for (label, kind, what) in [
        ("PGP PRIVATE KEY BLOCK", SecretKind::PrivateKey, "PGP private key"),
        ("ANY PRIVATE KEY", SecretKind::PrivateKey, "Private key"),
        ("CERTIFICATE REQUEST", SecretKind::Other, "Certificate request"),
        ("PGP MESSAGE", SecretKind::Other, "PGP message"),
        ("PUBLIC KEY", SecretKind::Other, "Public key"),
        ("DH PARAMETERS", SecretKind::Other, "PEM block"),
    ] {
        assert_eq!(told(&pem(label, &body)), (kind, what.to_owned()), "{label}");
    }
    let putty = "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n";
    assert_eq!(told(putty), (SecretKind::SshKey, "PuTTY private key".to_owned()));
}

#[test]
fn an_encrypted_token_tells_how_it_is_encrypted() {
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let header = part(r#"{"alg":"RSA-OAEP","enc":"A256GCM"}"#);
    let found =
        of(&[&*header, &part("key"), &part("nonce"), &part("text"), &part("tag")].join("."));
    assert_eq!((found.kind, found.what()), (SecretKind::Jwt, Some("Encrypted JSON Web Token")));
    assert_eq!(
        (&*fact(&found, "Algorithm"), &*fact(&found, "Encryption")),
        ("RSA-OAEP", "A256GCM")
    );
    let signed = part(r#"{"alg":"RSA-OAEP"}"#);
    let other = [&*signed, &part("key"), &part("nonce"), &part("text"), &part("tag")].join(".");
    assert_ne!(of(&other).kind, SecretKind::Jwt);
}
