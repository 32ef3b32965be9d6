//! The forms in which a value may be printed, as patterns to look for. Looks for nothing itself.

use zeroize::Zeroizing;

use super::{base64_forms, percent};

/// One form of a value.
pub type Form = Zeroizing<Vec<u8>>;

/// The shortest line of a value of several lines that is looked for by itself.
const SHORTEST_LINE: usize = 8;

/// Every form of `value`: without its final line end, with the line ends of a terminal, its lines, and in
/// JSON, percent and base64 encodings.
pub fn of(value: &[u8]) -> Vec<Form> {
    let trimmed = without_line_end(value);
    let mut forms = Vec::new();
    add(trimmed, &mut forms);
    add(&for_terminal(trimmed), &mut forms);
    lines(trimmed, &mut forms);
    for slash in [false, true] {
        for unicode in [false, true] {
            for html in [false, true] {
                add(&json(trimmed, slash, unicode, html), &mut forms);
            }
        }
    }
    percent::forms(trimmed, &mut forms);
    base64_forms::forms(trimmed, &mut forms);
    forms
}

/// Without what may end a line: LF, CR LF, or CR alone, which programs that trim drop as well.
pub fn without_line_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// Adds a form that is not there yet: most encodings leave most values as they are.
pub fn add(form: &[u8], forms: &mut Vec<Form>) {
    if !forms.iter().any(|other| other.as_slice() == form) {
        forms.push(Zeroizing::new(form.to_vec()));
    }
}

/// Each newline as a terminal's driver sends it.
fn for_terminal(value: &[u8]) -> Form {
    let mut form = Zeroizing::new(Vec::with_capacity(value.len() * 2));
    let mut before = 0;
    for byte in value {
        if *byte == b'\n' && before != b'\r' {
            form.push(b'\r');
        }
        form.push(*byte);
        before = *byte;
    }
    form
}

/// The lines of a value that has several, where they are long enough to mean something: keys are printed line
/// by line.
fn lines(value: &[u8], forms: &mut Vec<Form>) {
    let lines = || value.split(|byte| *byte == b'\n').map(without_line_end);
    if lines().nth(1).is_some() {
        lines().filter(|line| line.len() >= SHORTEST_LINE).for_each(|line| add(line, forms));
    }
}

/// The inside of a JSON string (RFC 8259, section 7), with `/` escaped or not, and with everything beyond ASCII
/// escaped or not, and with what HTML would take for its own escaped, as Go does, or not.
fn json(value: &[u8], slash: bool, unicode: bool, html: bool) -> Form {
    let mut form = Zeroizing::new(Vec::with_capacity(value.len() * 6));
    // What is no text is in no such string.
    let text = std::str::from_utf8(value).unwrap_or_default();
    let mut buffer = [0; 4];
    for letter in text.chars() {
        match letter {
            '"' => form.extend_from_slice(b"\\\""),
            '\\' => form.extend_from_slice(b"\\\\"),
            '\n' => form.extend_from_slice(b"\\n"),
            '\r' => form.extend_from_slice(b"\\r"),
            '\t' => form.extend_from_slice(b"\\t"),
            '\u{8}' => form.extend_from_slice(b"\\b"),
            '\u{c}' => form.extend_from_slice(b"\\f"),
            '/' if slash => form.extend_from_slice(b"\\/"),
            '<' | '>' | '&' if html => escape_unit(u16::from(letter as u8), &mut form),
            letter if letter < ' ' || (unicode && !letter.is_ascii()) => {
                for unit in letter.encode_utf16(&mut [0; 2]) {
                    escape_unit(*unit, &mut form);
                }
            }
            letter => form.extend_from_slice(letter.encode_utf8(&mut buffer).as_bytes()),
        }
    }
    form
}

/// `\uXXXX`
fn escape_unit(unit: u16, form: &mut Vec<u8>) {
    form.extend_from_slice(b"\\u");
    for byte in unit.to_be_bytes() {
        form.extend_from_slice(&percent::hex(byte, percent::LOWER));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_as_go_writes_it_is_among_the_forms() {
        let forms = of(b"p&s<w>0rd");
        let escaped = b"p\\u0026s\\u003cw\\u003e0rd";
        assert!(forms.iter().any(|form| form.as_slice() == escaped));
        assert!(forms.iter().any(|form| form.as_slice() == b"p&s<w>0rd"));
    }
}
