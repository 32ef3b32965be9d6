//! Bars: how strong, how long still. Knows no clock; what it shows is computed from times it is given.

use std::time::{Duration, Instant};

use super::canvas::Canvas;
use super::words;
use crate::app::StrengthView;
use crate::config::Meaning;

/// Cells of every bar.
pub const CELLS: u16 = 10;

/// Draws a bar of ten cells, `filled` of them full; returns its columns.
pub fn bar(
    canvas: &mut Canvas<'_>,
    x: u16,
    y: u16,
    max: u16,
    filled: u16,
    meaning: Meaning,
) -> u16 {
    if max < CELLS {
        return 0;
    }
    let filled = filled.min(CELLS);
    let glyphs = canvas.glyphs();
    canvas.repeat(x, y, filled, glyphs.full, meaning);
    canvas.repeat(x + filled, y, CELLS - filled, glyphs.empty, Meaning::Dim);
    CELLS
}

/// The time until `until` as filled cells: full at `since`, never empty before the end.
pub fn cells_left(since: Instant, until: Instant, now: Instant) -> u16 {
    let whole = until.saturating_duration_since(since).as_millis().max(1);
    let left = until.saturating_duration_since(now).as_millis().min(whole);
    u16::try_from((left * u128::from(CELLS)).div_ceil(whole)).unwrap_or(CELLS)
}

/// `hides in 8 s ████████░░`; the number has a fixed place so that nothing moves.
pub fn countdown(
    canvas: &mut Canvas<'_>,
    (x, y, max): (u16, u16, u16),
    verb: &str,
    (since, until, now): (Instant, Instant, Instant),
) -> u16 {
    let left: Duration = until.saturating_duration_since(now);
    let text = format!("{verb} {:<4} ", time_left(words::seconds_left(left)));
    let used = canvas.say(x, y, max, &text, Meaning::Dim);
    used + bar(canvas, x + used, y, max - used, cells_left(since, until, now), Meaning::Accent)
}

fn time_left(seconds: u64) -> String {
    match seconds {
        s if s < 100 => format!("{s} s"),
        s => format!("{} min", s.div_ceil(60)),
    }
}

/// What a strength is called, and its tone: by bits, as the bar is, since whoever has the vault's
/// files guesses offline.
fn judge(strength: &StrengthView) -> (&'static str, Meaning) {
    match (strength.bits, strength.score) {
        (bits, score) if bits < 40.0 || score < 2 => ("weak", Meaning::Bad),
        (bits, _) if bits < 64.0 => ("fair", Meaning::Warn),
        _ => ("strong", Meaning::Good),
    }
}

/// `██████████  strong · 129 bits · centuries`.
pub fn strength(canvas: &mut Canvas<'_>, (x, y, max): (u16, u16, u16), strength: &StrengthView) {
    let (word, meaning) = judge(strength);
    let mut used = bar(canvas, x, y, max, u16::from(strength.bar), meaning);
    used += if used > 0 { canvas.say(x + used, y, max - used, "  ", Meaning::Text) } else { 0 };
    let middot = canvas.glyphs().middot;
    used += canvas.say(x + used, y, max - used, word, meaning);
    let text = format!(" {middot} {:.0} bits {middot} {}", strength.bits.max(0.0), strength.words);
    canvas.sentence(x + used, y, max - used, &text, Meaning::Text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strength_is_called_by_its_bits() {
        let view = |score, bits| StrengthView {
            score,
            bar: 3,
            bits,
            words: String::new(),
            advice: String::new(),
        };
        let told = |score, bits| judge(&view(score, bits));
        assert_eq!(told(3, 27.0), ("weak", Meaning::Bad));
        assert_eq!(told(4, 50.0), ("fair", Meaning::Warn));
        assert_eq!(told(4, 77.0), ("strong", Meaning::Good));
        assert_eq!(told(1, 90.0), ("weak", Meaning::Bad));
    }

    #[test]
    fn a_countdown_is_full_at_first_and_never_empty_before_its_end() {
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let cells = |millis| cells_left(start, at(10_000), at(millis));
        assert_eq!(
            [cells(0), cells(1), cells(1_000), cells(9_999), cells(10_000)],
            [10, 10, 9, 1, 0]
        );
        assert_eq!(cells(99_999), 0);
        assert_eq!(cells_left(start, start, start), 0);
    }
}
