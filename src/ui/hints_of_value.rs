//! What is said of a value being typed: its kind, size, expiry and final newline. Never the value.

use super::canvas::Canvas;
use super::words::{self, Urgency};
use crate::app::value_hints::ValueHints;
use crate::config::Meaning;
use crate::vault::{SecretKind, Timestamp};

/// Draws one line.
pub fn draw(
    canvas: &mut Canvas<'_>,
    (x, y, max): (u16, u16, u16),
    hints: &ValueHints,
    now: Timestamp,
) {
    let dot = format!(" {} ", canvas.glyphs().middot);
    let kind = match hints.facts.iter().find(|(label, _)| label == "Type") {
        Some((_, text)) => text.as_str(),
        None if hints.kind == SecretKind::Other => "",
        None => words::kind_long(hints.kind),
    };
    let mut size = words::counted(hints.bytes, "byte");
    if hints.lines > 1 {
        size = format!("{}{dot}{size}", words::counted(hints.lines, "line"));
    }
    let mut pieces = vec![(kind.to_owned(), Meaning::Good), (size, Meaning::Dim)];
    if let Some(at) = hints.expires_at {
        let urgency = words::urgency(at, now);
        let meaning = if urgency == Urgency::Calm { Meaning::Dim } else { Meaning::Warn };
        let verb = if urgency == Urgency::Past { "" } else { "expires " };
        pieces.push((format!("{verb}{}", words::expiry_long(at, now)), meaning));
    }
    if hints.trailing_newline {
        let warn = canvas.glyphs().warn;
        pieces.push((format!("{warn} ends in a newline"), Meaning::Warn));
    }
    pieces.retain(|(text, _)| !text.is_empty());
    let mut used = 0;
    for (at, (text, meaning)) in pieces.iter().enumerate() {
        if at > 0 {
            used += canvas.say(x + used, y, max - used, &dot, Meaning::Dim);
        }
        used += canvas.sentence(x + used, y, max - used, text, *meaning);
    }
}
