//! What of a secret can be copied. Not the copying.
use super::App;
use super::asks::CopySource;
use super::bindings::Action;
use super::layer::Layer;
use super::list_move::moved;
use crate::text::visible;
use crate::vault::{SecretKind, SecretRef};

/// What an entry copies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum CopyItem {
    Code,
    Value,
    Username,
    Url,
    Reference,
    Uri,
}

/// One entry of the menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyRow {
    /// What it copies.
    pub item: CopyItem,
    /// The key that takes it at once.
    pub key: char,
    /// What it is called.
    pub label: &'static str,
    /// What would be copied, already visible; dots for the value and the code.
    pub preview: String,
}

/// The state of the menu.
pub struct CopyMenu {
    /// Which secret.
    pub name: SecretRef,
    /// The entries there are.
    pub rows: Vec<CopyRow>,
    /// The selected one.
    pub selected: usize,
}

/// What stands for a value; always of the same length.
const DOTS: &str = "••••••••••••••••";

impl App {
    pub(super) fn open_copy_menu(&mut self) {
        let super::Screen::Browse(browse) = &self.screen else { return };
        let Some(secret) = browse.selected() else { return };
        let row = |item, key, label, preview: &str| CopyRow {
            item,
            key,
            label,
            preview: visible(preview).into_owned(),
        };
        let name = secret.name.clone();
        let mut rows = match secret.kind {
            SecretKind::Totp => vec![
                row(CopyItem::Code, 'c', "Code", DOTS),
                // What makes the codes: the URI, or the bare key.
                row(CopyItem::Value, 's', "Secret", DOTS),
            ],
            _ => vec![row(CopyItem::Value, 'v', "Value", DOTS)],
        };
        if let Some(username) = &secret.username {
            rows.push(row(CopyItem::Username, 'u', "Username", username));
        }
        if let Some(url) = &secret.url {
            rows.push(row(CopyItem::Url, 'w', "URL", url));
        }
        rows.push(row(CopyItem::Reference, 'r', "Reference", &name.to_string()));
        rows.push(row(CopyItem::Uri, 'i', "URI", &name.uri()));
        self.layers.push(Layer::CopyMenu(CopyMenu { name, rows, selected: 0 }));
    }

    pub(super) fn copy_menu_act(&mut self, action: Action) {
        let Some(menu) = self.copy_menu() else { return };
        match action {
            Action::Close => self.pop_layer(),
            Action::Accept => {
                let Some(item) = menu.rows.get(menu.selected).map(|row| row.item) else { return };
                let name = menu.name.clone();
                self.pop_layer();
                self.copy_item(name, item);
            }
            action => {
                if let Some(to) = moved(menu.selected, menu.rows.len(), menu.rows.len(), action) {
                    menu.selected = to;
                }
            }
        }
    }

    fn copy_item(&mut self, name: SecretRef, item: CopyItem) {
        let super::Screen::Browse(browse) = &self.screen else { return };
        let secret = browse.secret(&name);
        let text = match item {
            CopyItem::Code => return self.copy_one_time(name),
            CopyItem::Value => return self.copy(CopySource::Value(name)),
            CopyItem::Username => secret.and_then(|secret| secret.username.clone()),
            CopyItem::Url => secret.and_then(|secret| secret.url.clone()),
            CopyItem::Reference => Some(name.to_string().into()),
            CopyItem::Uri => Some(name.uri().into()),
        };
        let what = match item {
            CopyItem::Code | CopyItem::Value => "value",
            CopyItem::Username => "username",
            CopyItem::Url => "URL",
            CopyItem::Reference => "reference",
            CopyItem::Uri => "URI",
        };
        if let Some(text) = text {
            let label = format!("the {what} of {}", name.key);
            self.copy(CopySource::Text { label, text: text.into() });
        }
    }
}
