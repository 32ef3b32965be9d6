//! QR codes of addresses, as squares that are dark or not (ISO/IEC 18004). Draws nothing.

use qrcode::{Color, EcLevel, QrCode};

/// A QR code without its quiet border.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Squares {
    /// How many there are to a side.
    pub side: usize,
    dark: Vec<bool>,
}

impl Squares {
    /// The code of a text at the lowest correction, which is enough on a screen; `None` for one too long.
    pub fn of(text: &str) -> Option<Self> {
        let code = QrCode::with_error_correction_level(text, EcLevel::L).ok()?;
        let side = code.width();
        let dark = code.to_colors().into_iter().map(|color| color == Color::Dark).collect();
        Some(Self { side, dark })
    }

    /// Whether that square is dark; none outside is.
    pub fn is_dark(&self, column: usize, row: usize) -> bool {
        let inside = column < self.side && row < self.side;
        inside && self.dark.get(row * self.side + column).copied().unwrap_or(false)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_three_corners() {
        let code = Squares::of("https://github.com/login/device").unwrap();
        assert_eq!(code.side, 25);
        for (column, row) in [(0, 0), (code.side - 7, 0), (0, code.side - 7)] {
            let ring =
                (0..7).all(|at| code.is_dark(column + at, row) && code.is_dark(column, row + at));
            assert!(
                ring && code.is_dark(column + 3, row + 3) && !code.is_dark(column + 1, row + 1)
            );
        }
        assert!(!code.is_dark(25, 0) && !code.is_dark(0, 25));
        assert!(Squares::of(&"x".repeat(4000)).is_none());
    }
}
