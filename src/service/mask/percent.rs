//! Percent-encoded forms of a value (RFC 3986, section 2.1), as the usual libraries write them. Decodes nothing.

use zeroize::Zeroizing;

use super::forms::{Form, add};

/// Digits of `%2F`.
pub const UPPER: &[u8; 16] = b"0123456789ABCDEF";
/// Digits of `%2f`.
pub const LOWER: &[u8; 16] = b"0123456789abcdef";

/// What an encoder leaves as it is beside letters and digits, and whether a space becomes a plus.
const KEPT: [(&[u8], bool); 7] = [
    // RFC 3986: curl, jq, Go's and Python's strictest.
    (b"-._~", false),
    // Form encoding of Python and Go.
    (b"-._~", true),
    // Python's quote.
    (b"-._~/", false),
    // encodeURIComponent
    (b"-._~!*'()", false),
    // encodeURI
    (b"-._~!*'();,/?:@&=+$#", false),
    // Form encoding of the web (WHATWG URL).
    (b"*-._", true),
    // PHP's urlencode.
    (b"-._", true),
];

/// Adds every such form.
pub fn forms(value: &[u8], forms: &mut Vec<Form>) {
    for (kept, plus) in KEPT {
        for digits in [UPPER, LOWER] {
            add(&encoded(value, kept, plus, digits), forms);
        }
    }
}

fn encoded(value: &[u8], kept: &[u8], plus: bool, digits: &[u8; 16]) -> Form {
    let mut form = Zeroizing::new(Vec::with_capacity(value.len() * 3));
    for byte in value {
        match byte {
            b' ' if plus => form.push(b'+'),
            byte if byte.is_ascii_alphanumeric() || kept.contains(byte) => form.push(*byte),
            byte => {
                form.push(b'%');
                form.extend_from_slice(&hex(*byte, digits));
            }
        }
    }
    form
}

/// A byte as two digits.
pub fn hex(byte: u8, digits: &[u8; 16]) -> [u8; 2] {
    [digits[usize::from(byte >> 4)], digits[usize::from(byte & 15)]]
}
