//! Reads Rust source far enough for the house's rules: tokens without comments and literals, and the
//! paths they make. Not a parser: macros are read like any other tokens.
#![allow(dead_code)] // each test target uses its part

use std::path::{Path, PathBuf};

/// Every file under `dir` (relative to the crate) whose name ends so, as (relative path, text).
pub fn files(dir: &str, extension: &str) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut waiting = vec![root.join(dir)];
    while let Some(folder) = waiting.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for path in entries.map(|entry| entry.expect("a directory entry").path()) {
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|e| e == extension) {
                found.push((relative(root, &path), read(&path)));
            }
        }
    }
    found.sort();
    found
}

fn relative(root: &Path, path: &Path) -> String {
    let inside: PathBuf = path.strip_prefix(root).expect("a file of the crate").into();
    inside.to_string_lossy().replace('\\', "/")
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// A word or one punctuation character, with its line from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    pub text: String,
    pub line: usize,
}

/// Splits source into tokens; comments, strings and character literals are left out.
pub fn tokens(source: &str) -> Vec<Token> {
    let chars: Vec<char> = source.chars().collect();
    let (mut at, mut line, mut out) = (0, 1, Vec::new());
    while at < chars.len() {
        let end = skipped(&chars, at).unwrap_or_else(|| word_end(&chars, at));
        let text: String = chars[at..end].iter().collect();
        if skipped(&chars, at).is_none() && !text.trim().is_empty() {
            out.push(Token { text, line });
        }
        line += chars[at..end].iter().filter(|c| **c == '\n').count();
        at = end;
    }
    out
}

fn word_end(chars: &[char], at: usize) -> usize {
    let is_word = |c: &char| c.is_alphanumeric() || *c == '_';
    match chars[at..].iter().take_while(|c| is_word(c)).count() {
        0 => at + 1,
        length => at + length,
    }
}

/// Where the comment or literal that begins here ends.
fn skipped(chars: &[char], at: usize) -> Option<usize> {
    let next = chars.get(at + 1).copied();
    match (chars[at], next) {
        ('/', Some('/')) => Some(find(chars, at, |c| c == '\n')),
        ('/', Some('*')) => Some(block_comment_end(chars, at)),
        ('"', _) => Some(string_end(chars, at + 1)),
        ('r', Some('"' | '#')) if !is_part_of_word(chars, at) => raw_string_end(chars, at + 1),
        ('b', Some('r')) if !is_part_of_word(chars, at) => raw_string_end(chars, at + 2),
        ('\'', Some('\\')) => Some(find(chars, at + 3, |c| c == '\'') + 1),
        ('\'', Some(_)) if chars.get(at + 2) == Some(&'\'') => Some(at + 3),
        _ => None,
    }
    .map(|end| end.min(chars.len()))
}

fn is_part_of_word(chars: &[char], at: usize) -> bool {
    at > 0 && (chars[at - 1].is_alphanumeric() || chars[at - 1] == '_')
}

fn find(chars: &[char], from: usize, stop: impl Fn(char) -> bool) -> usize {
    (from..chars.len()).find(|at| stop(chars[*at])).unwrap_or(chars.len())
}

fn block_comment_end(chars: &[char], at: usize) -> usize {
    let (mut at, mut depth) = (at, 0);
    while at < chars.len() {
        match (chars[at], chars.get(at + 1)) {
            ('/', Some('*')) => (depth, at) = (depth + 1, at + 2),
            ('*', Some('/')) => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

fn string_end(chars: &[char], mut at: usize) -> usize {
    while at < chars.len() && chars[at] != '"' {
        at += if chars[at] == '\\' { 2 } else { 1 };
    }
    at + 1
}

fn raw_string_end(chars: &[char], at: usize) -> Option<usize> {
    let hashes = chars[at..].iter().take_while(|c| **c == '#').count();
    if chars.get(at + hashes) != Some(&'"') {
        return None;
    }
    let closes = |from: usize| {
        chars[from] == '"' && chars[from + 1..].iter().take_while(|c| **c == '#').count() >= hashes
    };
    (at + hashes + 1..chars.len()).find(|from| closes(*from)).map(|from| from + 1 + hashes)
}

/// A path in a file of the crate, as far as it tells a layer from another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    /// `vault` for `crate::vault::…`, or `::name` for another crate's name.
    pub target: String,
    pub line: usize,
}

/// What the source of `file` (such as `src/vault/scope.rs`) reaches: every first segment below the
/// crate, with `super` resolved, and every other path's first word.
pub fn reaches(file: &str, source: &str) -> Vec<Reach> {
    let tokens = tokens(source);
    let mut modules = module_path(file);
    let mut opened: Vec<bool> = Vec::new();
    let mut out = Vec::new();
    for at in 0..tokens.len() {
        match tokens[at].text.as_str() {
            "{" => {
                let named = at >= 2 && tokens[at - 2].text == "mod";
                if named {
                    modules.push(tokens[at - 1].text.clone());
                }
                opened.push(named);
            }
            "}" => {
                let named = opened.pop() == Some(true);
                modules.truncate(modules.len() - usize::from(named));
            }
            _ if starts_path(&tokens, at) => follow(&tokens, at, &modules, &mut out),
            _ => {}
        }
    }
    out
}

/// `src/vault/scope.rs` is `[vault, scope]`, `src/vault/mod.rs` is `[vault]`.
fn module_path(file: &str) -> Vec<String> {
    let inner = file.trim_start_matches("src/").trim_end_matches(".rs");
    let parts = inner.split('/').filter(|part| !["mod", "lib", "main"].contains(part));
    parts.map(str::to_owned).collect()
}

fn is(tokens: &[Token], at: usize, text: &str) -> bool {
    tokens.get(at).is_some_and(|token| token.text == text)
}

fn colons(tokens: &[Token], at: usize) -> bool {
    is(tokens, at, ":") && is(tokens, at + 1, ":")
}

fn starts_path(tokens: &[Token], at: usize) -> bool {
    let is_word = tokens[at].text.chars().all(|c| c.is_alphanumeric() || c == '_');
    let inside = at >= 2 && colons(tokens, at - 2);
    let used = at >= 1 && is(tokens, at - 1, "use");
    is_word && !inside && (colons(tokens, at + 1) || used)
}

/// Resolves the path that starts here; a group right below the crate yields one reach a member.
fn follow(tokens: &[Token], start: usize, modules: &[String], out: &mut Vec<Reach>) {
    let (mut at, mut base) = (start, modules.to_vec());
    let first = tokens[at].text.as_str();
    match first {
        "crate" | "tresor" => base.clear(),
        "self" => {}
        "super" => {
            base.pop();
        }
        _ => {
            out.push(Reach { target: format!("::{first}"), line: tokens[at].line });
            return;
        }
    }
    while colons(tokens, at + 1) && is(tokens, at + 3, "super") {
        base.pop();
        at += 3;
    }
    if !base.is_empty() {
        out.push(Reach { target: base[0].clone(), line: tokens[at].line });
    } else if colons(tokens, at + 1) {
        members(tokens, at + 3, out);
    }
}

/// The word at `at`, or the first words of the group that opens there.
fn members(tokens: &[Token], at: usize, out: &mut Vec<Reach>) {
    let Some(token) = tokens.get(at) else { return };
    if token.text != "{" {
        out.push(Reach { target: token.text.clone(), line: token.line });
        return;
    }
    let (mut depth, mut first) = (0, true);
    for token in &tokens[at..] {
        match token.text.as_str() {
            "{" => (depth, first) = (depth + 1, depth == 0),
            "}" => depth -= 1,
            "," => first = depth == 1,
            word if first && depth == 1 => {
                out.push(Reach { target: word.to_owned(), line: token.line });
                first = false;
            }
            _ => {}
        }
        if depth == 0 {
            return;
        }
    }
}
