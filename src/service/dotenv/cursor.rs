//! Walks the bytes of a `.env` file, statement by statement. Knows nothing of keys or duplicates.

use zeroize::Zeroizing;

use crate::vault::SensitiveBytes;

type Outcome<T> = Result<T, &'static str>;

/// A place in the file.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'a> {
    rest: &'a [u8],
    line: usize,
    /// How many bytes were left behind the last value.
    behind: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, line: 1, behind: bytes.len() }
    }

    /// How many bytes are left.
    pub(super) fn left(&self) -> usize {
        self.rest.len()
    }

    /// How many were left behind the last value, its quotes with it and a comment not.
    pub(super) fn behind_value(&self) -> usize {
        self.behind
    }

    /// Skips blank lines and comments; the line of the next statement, or `None` at the end.
    pub(super) fn next_statement(&mut self) -> Option<usize> {
        loop {
            self.skip_blanks();
            match self.peek()? {
                b'\n' | b'\r' => self.bump(),
                b'#' => self.skip_line(),
                _ => return Some(self.line),
            }
        }
    }

    /// Reads `[export ]NAME=` up to the value.
    pub(super) fn name(&mut self) -> Outcome<&'a [u8]> {
        if let Some(after) = self.rest.strip_prefix(b"export")
            && after.first().is_some_and(|byte| is_blank(*byte))
        {
            self.rest = after;
            self.skip_blanks();
        }
        let is_name = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-');
        let length = self.rest.iter().take_while(|byte| is_name(byte)).count();
        let (name, rest) = self.rest.split_at(length);
        match name.first() {
            None => return Err("it does not begin with a name of letters, digits and _"),
            Some(first) if !first.is_ascii_alphabetic() && *first != b'_' => {
                return Err("a name begins with a letter or _");
            }
            Some(_) => self.rest = rest,
        }
        self.skip_blanks();
        if self.peek() != Some(b'=') {
            return Err("there is no = after the name");
        }
        self.bump();
        self.skip_blanks();
        Ok(name)
    }

    /// Reads the value and what follows it on its line.
    pub(super) fn value(&mut self) -> Outcome<SensitiveBytes> {
        let value = match self.peek() {
            Some(b'\'') => self.single_quoted()?,
            Some(b'"') => self.double_quoted()?,
            _ => {
                let before = self.rest.len();
                let value = self.unquoted();
                self.behind = before - value.len();
                return Ok(value);
            }
        };
        self.behind = self.rest.len();
        self.skip_blanks();
        match self.peek() {
            None | Some(b'\n' | b'\r') => {}
            Some(b'#') => self.skip_line(),
            Some(_) => return Err("something follows the closing quote"),
        }
        Ok(value)
    }

    /// Up to the end of the line or ` #`, trimmed.
    fn unquoted(&mut self) -> SensitiveBytes {
        let end = self.rest.iter().position(|byte| *byte == b'\n').unwrap_or(self.rest.len());
        let (line, rest) = self.rest.split_at(end);
        let begins_comment =
            |place: usize| line[place] == b'#' && (place == 0 || is_blank(line[place - 1]));
        let end = (0..line.len()).find(|place| begins_comment(*place)).unwrap_or(line.len());
        self.rest = rest;
        SensitiveBytes::copy_of(line[..end].trim_ascii_end())
    }

    fn single_quoted(&mut self) -> Outcome<SensitiveBytes> {
        self.bump();
        let length = self.rest.iter().position(|byte| *byte == b'\'');
        let (inside, _) = self.rest.split_at(length.ok_or("the ' is never closed")?);
        for _ in 0..=inside.len() {
            self.bump();
        }
        Ok(SensitiveBytes::copy_of(inside))
    }

    fn double_quoted(&mut self) -> Outcome<SensitiveBytes> {
        self.bump();
        let length = closing_quote(self.rest).ok_or("the \" is never closed")?;
        // No longer than what is quoted, so that it never moves and leaves a copy behind.
        let mut value = Zeroizing::new(Vec::with_capacity(length));
        loop {
            let byte = self.take().ok_or("the \" is never closed")?;
            match byte {
                b'"' => return Ok(SensitiveBytes::new(std::mem::take(&mut value))),
                b'\\' => self.escape(&mut value)?,
                byte => value.push(byte),
            }
        }
    }

    /// What follows a backslash; one that means nothing stays as it is.
    fn escape(&mut self, value: &mut Vec<u8>) -> Outcome<()> {
        let byte = self.take().ok_or("the \" is never closed")?;
        match byte {
            b'n' => value.push(b'\n'),
            b'r' => value.push(b'\r'),
            b't' => value.push(b'\t'),
            b'"' | b'\\' | b'$' | b'`' => value.push(byte),
            b'\n' => {}
            other => value.extend([b'\\', other]),
        }
        Ok(())
    }

    fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    fn bump(&mut self) {
        self.take();
    }

    fn take(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        self.line += usize::from(*first == b'\n');
        Some(*first)
    }

    fn skip_blanks(&mut self) {
        self.rest = &self.rest[self.rest.iter().take_while(|byte| is_blank(**byte)).count()..];
    }

    /// Goes on to the end of the line.
    pub(super) fn skip_line(&mut self) {
        let end = self.rest.iter().position(|byte| *byte == b'\n').unwrap_or(self.rest.len());
        self.rest = &self.rest[end..];
    }
}

/// Where the double quote closes that was opened just before `bytes`.
fn closing_quote(bytes: &[u8]) -> Option<usize> {
    let mut place = 0;
    loop {
        match bytes.get(place)? {
            b'"' => return Some(place),
            b'\\' => place += 2,
            _ => place += 1,
        }
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}
