//! Names as they may be shown: themselves, or what stands for them in presenter mode. Draws nothing.

use super::canvas::Canvas;
use crate::app::App;
use crate::app::browse::Browse;
use crate::vault::{Scope, SecretRef};

/// Masks of a text that has no alias: always as many.
const LENGTH: usize = 8;

/// The key of a secret.
pub fn key(app: &App, browse: &Browse, name: &SecretRef) -> String {
    match app.presenting {
        true => browse.alias(name),
        false => name.key.as_str().to_owned(),
    }
}

/// A scope.
pub fn scope(app: &App, browse: &Browse, scope: &Scope) -> String {
    match app.presenting {
        true => browse.scope_alias(scope),
        false => scope.as_str().to_owned(),
    }
}

/// Any other text that somebody typed: a username, a note, a path.
pub fn text(app: &App, canvas: &Canvas<'_>, text: &str) -> String {
    match app.presenting {
        true => canvas.glyphs().mask.repeat(LENGTH),
        false => text.to_owned(),
    }
}
