//! What the presenter mode keeps off every screen.

use super::fixture::*;
use super::look;
use super::promises::state;

#[test]
fn in_presenter_mode_no_name_is_on_any_screen() {
    let named = |text: &str, secret: &str| -> bool {
        let words = text.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-'));
        words.into_iter().any(|word| word == secret)
    };
    for name in
        ["presenter", "presenter_all", "browse_scopes", "browse_detail", "browse_empty_scope"]
    {
        for size in [(120, 40), (80, 24), (60, 18)] {
            let mut app = state(name);
            app.size = size;
            copied(&mut app);
            let secrets = browse(&mut app).listing.clone();
            let shown = look::text(&app);
            app.presenting = true;
            let text = look::text(&app);
            assert!(text.contains("presenter mode"), "{name} {size:?}: {text}");
            let mut found = 0;
            for secret in secrets.iter() {
                let mut parts = secret.name.scope.segments();
                parts.push(secret.name.key.as_str());
                for part in parts.into_iter().filter(|part| *part != "global") {
                    found += usize::from(named(&shown, part));
                    assert!(!named(&text, part), "{part} on {name} {size:?}: {text}");
                }
            }
            assert!(found > 0 || name.starts_with("presenter"), "{name} shows no name at all");
            for word in ["shop", "stripe", "billing", "Restricted", "R11", "dashboard"] {
                assert!(!text.contains(word), "{word} on {name} {size:?}: {text}");
            }
        }
    }
}
