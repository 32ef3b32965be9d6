#![allow(clippy::unwrap_used, clippy::panic, clippy::string_slice)]

use proptest::prelude::*;

use super::*;

const KEY: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

fn parse(text: &str) -> Result<Otp, OtpError> {
    Otp::parse(&SensitiveBytes::copy_of(text.as_bytes()))
}

fn code(text: &str, unix: i64) -> String {
    shown(&parse(text).unwrap_or_else(|error| panic!("{error}")), unix)
}

fn shown(otp: &Otp, unix: i64) -> String {
    otp.code(unix).ok().and_then(|code| code.with_str(str::to_owned)).unwrap()
}

fn refused(text: &str) -> OtpError {
    parse(text).err().unwrap()
}

#[test]
fn a_key_is_read_however_it_is_written() {
    for text in [
        KEY,
        " gezd gnbv gy3t qojq gezd gnbv gy3t qojq \n",
        "GEZD-GNBV-GY3T-QOJQ-GEZD-GNBV-GY3T-QOJQ",
        &format!("otpauth://totp/ACME:me@example.com?secret={KEY}&issuer=ACME"),
        &format!(
            "otpauth://TOTP/?issuer=a%26secret%3Db&SECRET={KEY}&algorithm=sha1&digits=6&period=30"
        ),
    ] {
        assert_eq!(code(text, 59), "287082", "{text}");
    }
    // RFC 4648: padding may be there, and in a URI it may be encoded.
    assert_eq!(code("MFRGG===", 0), code("otpauth://totp/?secret=MFRGG%3D%3D%3D", 29));
    // Longer than the hash's block, and one byte.
    assert_eq!(code(&"MFRG".repeat(64), 0).len(), 6);
    assert_eq!(code("ME", 0).len(), 6);
}

#[test]
fn a_code_lasts_to_the_end_of_its_period() {
    let otp = parse(&format!("otpauth://totp/?secret={KEY}&period=60")).unwrap();
    assert_eq!(otp.factor(), Factor::Time { period: 60 });
    assert_eq!((otp.seconds_left(0), otp.seconds_left(59)), (Some(60), Some(1)));
    let codes = [0, 59, 60].map(|unix| shown(&otp, unix));
    assert!(codes[0] == codes[1] && codes[1] != codes[2]);
    // A clock before 1970 is no reason to panic.
    assert_eq!(shown(&otp, -1), codes[0]);
}

#[test]
fn a_counter_goes_on_and_all_else_stays() {
    for uri in [
        format!("otpauth://hotp/A%20B?x=1&counter=9&secret={KEY}&digits=8#end"),
        format!("otpauth://hotp/counter=9?secret={KEY}&Counter=9&counter=3#counter=9&x"),
        format!("otpauth://hotp/?secret={KEY}&counter=9"),
    ] {
        let value = SensitiveBytes::copy_of(uri.as_bytes());
        assert_eq!(Otp::parse(&value).ok().map(|otp| otp.factor()), Some(Factor::Counter(9)));
        assert_eq!(parse(&uri).unwrap().seconds_left(0), None);
        let next = counted_on(&value, 9).unwrap().with_str(str::to_owned).unwrap();
        let digit = uri.to_lowercase().find("&counter=9").unwrap() + "&counter=".len();
        assert_eq!(next, format!("{}10{}", &uri[..digit], &uri[digit + 1..]));
    }
    let last = format!("otpauth://hotp/?secret={KEY}&counter={}", u64::MAX - 1);
    let last = SensitiveBytes::from_string(last);
    let over = counted_on(&last, u64::MAX - 1).unwrap();
    assert!(matches!(Otp::parse(&over).err(), Some(OtpError::Parameter("counter", _))));
}

#[test]
fn what_makes_no_codes_is_told_without_any_of_it() {
    let with = |rest: &str| refused(&format!("otpauth://totp/x?secret={KEY}&{rest}"));
    assert!(matches!(with("digits=5"), OtpError::Parameter("digits", _)));
    assert!(matches!(with("digits=9"), OtpError::Parameter("digits", _)));
    assert!(matches!(with("digits=six"), OtpError::Parameter("digits", _)));
    assert!(matches!(with("period=0"), OtpError::Parameter("period", _)));
    assert!(matches!(with("period=86401"), OtpError::Parameter("period", _)));
    assert!(matches!(with("algorithm=MD5"), OtpError::Parameter("algorithm", _)));
    let counted = |rest: &str| refused(&format!("otpauth://hotp/x?secret={KEY}{rest}"));
    assert_eq!(counted(""), OtpError::Parameter("counter", "is missing"));
    assert!(matches!(counted("&counter=-1"), OtpError::Parameter("counter", _)));
    assert!(matches!(counted("&counter=18446744073709551615"), OtpError::Parameter("counter", _)));
    assert_eq!(refused("otpauth://totp/x"), OtpError::Parameter("secret", "is missing"));
    assert_eq!(
        refused("otpauth://totp/x?secret=1"),
        OtpError::Parameter("secret", "is not base32")
    );
    assert_eq!(
        refused("otpauth://steam/x?secret=AA"),
        OtpError::Parameter("type", "is not totp or hotp")
    );
    assert_eq!(refused("otpauth-migration://offline?data=AA"), OtpError::Export);
    for text in ["", "  ", "hunter2!", "https://example.com", "====", &"A".repeat(1025)] {
        assert_eq!(refused(text), OtpError::NoKey, "{text}");
    }
    assert_eq!(Otp::parse(&SensitiveBytes::copy_of(b"\xff")).err(), Some(OtpError::NoKey));
}

proptest! {
    #[test]
    fn nothing_panics_and_every_code_has_its_digits(text in ".{0,80}", unix: i64) {
        for text in [text.clone(), format!("otpauth://totp/{text}"), format!("otpauth://hotp/?secret=ME&{text}")] {
            if let Ok(otp) = parse(&text) {
                prop_assert!((6..=8).contains(&shown(&otp, unix).len()));
            }
        }
    }

    #[test]
    fn a_key_survives_base32(key in proptest::collection::vec(any::<u8>(), 1..100)) {
        let text = BASE32_NOPAD.encode(&key);
        prop_assert_eq!(&super::key(&text).unwrap()[..], &key[..]);
    }
}

#[test]
fn codes_of_other_letters_are_refused_by_name() {
    let error = |text: &str| Otp::parse(&SensitiveBytes::copy_of(text.as_bytes())).err();
    let uri = "otpauth://totp/x?secret=JBSWY3DPEHPK3PXP&encoder=";
    assert_eq!(error(&[uri, "steam"].concat()), Some(OtpError::Steam));
    assert_eq!(error("steam://JBSWY3DPEHPK3PXP"), Some(OtpError::Steam));
    let unknown = OtpError::Parameter("encoder", "is not known here");
    assert_eq!(error(&[uri, "morse"].concat()), Some(unknown));
}
