//! Base64 forms of a value (RFC 4648): by itself, and as the stable middle inside something longer. Decodes nothing.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use super::forms::{Form, add};

/// The fewest characters that are looked for: fewer would be found by chance where there is much base64.
const FEWEST: usize = 6;
/// What `base64` and PEM put on a line of 76 and 64 characters.
const LINES: [usize; 2] = [57, 48];

/// Adds every such form.
pub fn forms(value: &[u8], forms: &mut Vec<Form>) {
    for offset in 0..3 {
        at(value, offset, forms);
    }
    // What `echo $VALUE | base64` prints.
    let mut line = Zeroizing::new(Vec::with_capacity(value.len() + 1));
    line.extend_from_slice(value);
    line.push(b'\n');
    at(&line, 0, forms);
    for length in LINES.into_iter().filter(|length| value.len() > *length) {
        value.chunks(length).chain(line.chunks(length)).for_each(|part| at(part, 0, forms));
    }
}

/// The value with `offset` bytes of something else before it. A character is stable when all of its six bits are
/// the value's; at the end of the data, the last one is filled with zeros and padding follows.
fn at(value: &[u8], offset: usize, forms: &mut Vec<Form>) {
    let mut bytes = Zeroizing::new(Vec::with_capacity(offset + value.len()));
    bytes.resize(offset, 0);
    bytes.extend_from_slice(value);
    let first = (8 * offset).div_ceil(6);
    let end = 8 * bytes.len() / 6;
    for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
        let mut all = Zeroizing::new(vec![0; (bytes.len() * 4).div_ceil(3) + 2]);
        let Ok(length) = engine.encode_slice(&*bytes, &mut all) else { continue };
        // Two more for the padding.
        let padded = length.next_multiple_of(4);
        all.get_mut(length..padded).into_iter().flatten().for_each(|byte| *byte = b'=');
        for to in [end, length, padded] {
            let form = all.get(first..to).unwrap_or_default();
            if form.len() >= FEWEST {
                add(form, forms);
            }
        }
    }
}
