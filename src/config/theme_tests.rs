//! What the theme files promise: readable contrast, no colour where none is wanted, errors with a line.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;

/// WCAG 2.2 relative luminance of an sRGB colour.
fn luminance(colour: Colour) -> f64 {
    let Colour::Rgb(r, g, b) = colour else { panic!("{colour:?} is no true colour") };
    let linear = |channel: u8| {
        let c = f64::from(channel) / 255.0;
        if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
}

/// WCAG 2.2 contrast ratio, 1–21.
fn contrast(one: Colour, other: Colour) -> f64 {
    let (a, b) = (luminance(one), luminance(other));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn every_theme_that_comes_along_is_well_formed() {
    for (name, text) in BUILT_IN {
        let parsed = Theme::parse(text, Path::new(name));
        assert!(parsed.is_ok(), "{name}: {parsed:?}");
    }
    assert_eq!(Meaning::ALL.len(), Meaning::COUNT);
    for (index, meaning) in Meaning::ALL.iter().enumerate() {
        assert_eq!(*meaning as usize, index);
    }
}

#[test]
fn text_stands_out_from_its_ground_in_dark_and_light() {
    for name in ["dark", "light"] {
        let theme = Theme::built_in(name).expect("built in");
        let ground = theme.paint(Meaning::Text);
        for meaning in Meaning::ALL {
            let paint = theme.paint(meaning);
            let fg = paint.fg.or(ground.fg).expect("a foreground");
            let bg = paint.bg.or(ground.bg).expect("a background");
            let (fg, bg) = if paint.reversed { (bg, fg) } else { (fg, bg) };
            // WCAG AA asks 4.5 of text and 3 of what only outlines.
            let border = matches!(meaning, Meaning::Border | Meaning::SelectionMark);
            let needed = if border { 3.0 } else { 4.5 };
            let ratio = contrast(fg, bg);
            assert!(ratio >= needed, "{name}: {meaning:?} has only {ratio:.2}");
        }
    }
}

#[test]
fn matches_stay_readable_on_the_selected_row() {
    for name in ["dark", "light"] {
        let theme = Theme::built_in(name).expect("built in");
        let row = theme.paint(Meaning::Selection).bg.expect("a background");
        let fg = theme.paint(Meaning::Match).fg.expect("a foreground");
        assert!(contrast(fg, row) >= 4.5, "{name}: {:.2}", contrast(fg, row));
    }
}

#[test]
fn mono_has_no_colour_and_still_shows_selection_and_focus() {
    let theme = Theme::mono();
    for meaning in Meaning::ALL {
        let paint = theme.paint(meaning);
        assert_eq!((paint.fg, paint.bg), (None, None), "{meaning:?}");
    }
    let plain = theme.paint(Meaning::Text);
    for meaning in
        [Meaning::Selection, Meaning::SelectionIdle, Meaning::TitleFocused, Meaning::Match]
    {
        assert_ne!(theme.paint(meaning), plain, "{meaning:?}");
    }
    assert_ne!(theme.paint(Meaning::Selection), theme.paint(Meaning::SelectionIdle));
    assert_ne!(theme.paint(Meaning::TitleFocused), theme.paint(Meaning::Title));
}

#[test]
fn the_default_theme_uses_only_the_terminals_own_colours() {
    let theme = Theme::terminal();
    for meaning in Meaning::ALL {
        let paint = theme.paint(meaning);
        for colour in [paint.fg, paint.bg].into_iter().flatten() {
            assert!(!matches!(colour, Colour::Rgb(..)), "{meaning:?}");
        }
    }
    assert_eq!(theme.paint(Meaning::Text), Paint::default());
}

#[test]
fn an_error_names_the_line() {
    let cases = [
        ("extends = \"dark\"\n[styles]\nacent = { bold = true }\n", 3, "acent"),
        ("[styles]\naccent = { fg = \"mauve\" }\n", 2, "mauve"),
        ("[styles]\naccent = { fg = \"#12345\" }\n", 2, "#12345"),
        ("[styles]\naccent = { blink = true }\n", 2, "blink"),
        ("\nextends = \"dusk\"\n", 2, "dusk"),
        ("[styles]\n\naccent = {\n", 3, ""),
        ("[style]\n", 1, "style"),
    ];
    for (text, line, word) in cases {
        let error = Theme::parse(text, Path::new("t.toml")).expect_err(text).to_string();
        assert!(error.starts_with(&format!("t.toml, line {line}: ")), "{text:?}: {error}");
        assert!(error.contains(word), "{error}");
    }
}

#[test]
fn a_users_file_lies_over_what_it_extends() {
    let directory = tempfile::tempdir().expect("a directory");
    let text = "extends = \"light\"\n[styles]\nwarn = { fg = \"bright-red\", bold = true }\n";
    std::fs::write(directory.path().join("mine.toml"), text).expect("written");
    let theme = Theme::load("mine", directory.path()).expect("a theme");
    let red = Paint { fg: Some(Colour::Ansi(9)), bold: true, ..Paint::default() };
    assert_eq!(theme.paint(Meaning::Warn), red);
    let light = Theme::built_in("light").expect("built in");
    assert_eq!(theme.paint(Meaning::Text), light.paint(Meaning::Text));
    for name in ["nothing", "../mine", "", ".mine"] {
        let error = Theme::load(name, directory.path()).expect_err(name);
        assert!(matches!(error, ThemeError::Unknown { .. }), "{name}: {error}");
    }
}
