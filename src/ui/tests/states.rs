//! One state for every screen there is, by name.

use super::fixture::*;
use super::states_codes::*;
use super::states_health::*;
use super::states_profiles::*;
use super::states_recorded::*;
use super::states_typed::*;
use crate::app::browse::Pane;
use crate::app::confirm::{Answer, Choice, Confirm, Purpose};
use crate::app::copy_menu::{CopyItem, CopyMenu, CopyRow};
use crate::app::help::{Help, HelpRow};
use crate::app::history::History;
use crate::app::palette::{Palette, PaletteRow};
use crate::app::slots::Slots;
use crate::app::trash::Trash;
use crate::app::view_as::{LensRow, ViewAs};
use crate::app::{App, ClipboardState, Context, Event, Layer, Tone, bindings};
use crate::config::Chord;
use crate::service::clipboard::ClipboardReceipt;
use crate::vault::{
    Actor, CreateOptions, NewSlot, Place, Random, SecretKind, SensitiveBytes, SlotKind,
    SystemClock, TrashEntry, TrashId, Vault,
};
use std::sync::Arc;

type Size = (u16, u16);
type Make = fn(Size) -> App;

/// Every screen with the name of its snapshot.
pub const ALL: &[(&str, Make)] = &[
    ("accept", locked_altered),
    ("activity", activity),
    ("activity_broken", activity_broken),
    ("activity_empty", activity_empty),
    ("activity_profiles", activity_profiles),
    ("activity_seen_by_another", activity_seen_by_another),
    ("add", add),
    ("browse", |size| shop(size, "tls_certificate")),
    ("browse_all", browse_all),
    ("browse_detail", browse_detail),
    ("browse_empty", empty),
    ("browse_empty_scope", empty_scope),
    ("browse_scopes", browse_scopes),
    ("confirm_delete", confirm_delete),
    ("confirm_conflict", confirm_conflict),
    ("copied", |size| {
        let mut app = shop(size, "stripe_secret_key");
        copied(&mut app);
        app
    }),
    ("copy_menu", copy_menu),
    ("editor", editor),
    ("first_run", first_run_typed),
    ("first_run_choosing", first_run_choosing),
    ("first_run_empty", first_run),
    ("first_run_offer", first_run_offer),
    ("first_run_remote", first_run_remote),
    ("first_run_waiting", |size| {
        let mut app = first_run(size);
        app.update(Event::StoreWaits(true), app.now, WALL);
        app
    }),
    ("form_key_file", form_key_file),
    ("form_passphrase", form_passphrase),
    ("generator", generator),
    ("generator_words", generator_words),
    ("health", health),
    ("health_changed", health_changed),
    ("health_failed", health_failed),
    ("health_looking", health_looking),
    ("health_nothing", health_nothing),
    ("help", help),
    ("history", history_layer),
    ("import", import),
    ("keys", |size| keys(size, None)),
    ("keys_add", |size| pressed(keys(size, None), 'a')),
    ("keys_rotating", |size| keys(size, Some((1_234, 2_000)))),
    ("lens", lens),
    ("metadata", metadata),
    ("palette", palette),
    ("otp", |size| one_time(size, OTP_URI, None)),
    ("otp_counted", otp_counted),
    ("otp_shown", |size| otp_shown(size, OTP_URI, 12)),
    ("otp_shown_long", |size| otp_shown(size, OTP_URI_OF_A_MINUTE, 55)),
    ("otp_shown_narrow", |size| {
        let mut app = otp_shown(size, OTP_URI, 12);
        browse(&mut app).focus = Pane::Detail;
        app
    }),
    ("otp_copy_menu", |size| pressed(otp_shown(size, OTP_URI, 12), 'Y')),
    ("otp_counted_asks", otp_counted_asks),
    ("otp_peek", otp_peek),
    ("presenter", presenter),
    ("presenter_all", presenter_all),
    ("profiles", profiles),
    ("profiles_asking", profiles_asking),
    ("profiles_empty", profiles_empty),
    ("profiles_ended", profiles_ended),
    ("profiles_removing", profiles_removing),
    ("prompt", prompt),
    ("recovery", recovery),
    ("recovery_typing", recovery_typing),
    ("rename", rename),
    ("revealed", |size| revealed(size, "stripe_secret_key", b"sk_live_51Hc9TqKx0aVbNmPq")),
    ("revealed_binary", |size| {
        let bytes: Vec<u8> = (0..=255).rev().collect();
        revealed(size, "stripe_secret_key", &bytes)
    }),
    ("revealed_long", |size| revealed(size, "tls_certificate", &pem(120))),
    ("revealed_two_rows", |size| revealed(size, "stripe_secret_key", &[b'x'; 66])),
    ("search", |size| search(size, "stripe")),
    ("search_nothing", |size| search(size, "strpe")),
    ("toasts", toasts),
    ("trash", trash),
    ("trash_empty", trash_empty),
    ("unlock", unlock),
    ("unlock_code", unlock_code),
    ("unlock_keyring", unlock_keyring),
    ("unlock_working", unlock_working),
    ("wizard_again", wizard_again),
    ("wizard_asking", wizard_asking),
    ("wizard_browser", wizard_browser),
    ("wizard_device", wizard_device),
    ("wizard_done", wizard_done),
    ("wizard_done_key", wizard_done_key),
    ("wizard_failed", wizard_failed),
    ("wizard_form", wizard_form),
    ("wizard_form_custom", wizard_form_custom),
    ("wizard_form_wrong", wizard_form_wrong),
    ("wizard_keep", wizard_keep),
    ("wizard_keep_key", wizard_keep_key),
    ("wizard_keep_there", wizard_keep_there),
    ("wizard_key", wizard_key),
    ("wizard_key_trying", wizard_key_trying),
    ("wizard_paste", wizard_paste),
    ("wizard_paste_wrong", wizard_paste_wrong),
    ("wizard_provider", wizard_provider),
    ("wizard_throw_away", wizard_throw_away),
    ("wizard_way", wizard_way),
];

/// A text of many lines such as keys have.
pub fn pem(lines: usize) -> Vec<u8> {
    let mut text = String::from("-----BEGIN CERTIFICATE-----\n");
    for line in 0..lines {
        text.push_str(&format!("MIIB{line:03}{}\n", "Qk9v".repeat(14)));
    }
    text.push_str("-----END CERTIFICATE-----\n");
    text.into_bytes()
}

fn browse_all(size: Size) -> App {
    let mut app = shop(size, "stripe_secret_key");
    select_scope(browse(&mut app), "All");
    browse(&mut app).keys.selected = 7;
    describe(browse(&mut app));
    app
}

fn browse_detail(size: Size) -> App {
    let mut app = shop(size, "stripe_secret_key");
    browse(&mut app).focus = Pane::Detail;
    app
}

fn browse_scopes(size: Size) -> App {
    let mut app = shop(size, "stripe_secret_key");
    browse(&mut app).focus = Pane::Scopes;
    app
}

fn empty_scope(size: Size) -> App {
    let mut app = shop(size, "stripe_secret_key");
    let state = browse(&mut app);
    select_scope(state, "dev");
    state.keys.len = 0;
    state.detail.description = None;
    state.keys.rows = crate::app::key_list::Rows::Ranges(Vec::new());
    app
}

fn choice(key: char, label: &'static str, answer: Answer, danger: bool) -> Choice {
    Choice { key, label, answer, danger }
}

fn confirm_delete(size: Size) -> App {
    let secret = name("project:shop:prod/stripe_secret_key");
    let confirm = Confirm {
        purpose: Purpose::Delete(secret.clone(), 4),
        title: "Delete".into(),
        lines: vec![
            format!("Move {secret} to the trash?"),
            "Programs that read it will fail. u brings it back.".into(),
        ],
        choices: vec![
            choice('n', "Keep", Answer::Cancel, false),
            choice('y', "Delete", Answer::Yes, true),
        ],
        selected: 0,
    };
    with(size, Layer::Confirm(confirm))
}

fn confirm_conflict(size: Size) -> App {
    let mut app = editor(size);
    let confirm = Confirm {
        purpose: Purpose::Conflict,
        title: "Changed meanwhile".into(),
        lines: vec![
            "Revision 5 was written while you edited revision 4.".into(),
            "Overwriting keeps revision 5 in the history; reloading drops what you typed.".into(),
        ],
        choices: vec![
            choice('c', "Go on editing", Answer::Cancel, false),
            choice('r', "Reload", Answer::Reload, true),
            choice('o', "Overwrite", Answer::Yes, true),
        ],
        selected: 0,
    };
    app.layers.push(Layer::Confirm(confirm));
    app
}

fn copy_menu(size: Size) -> App {
    let row =
        |item, key, label, preview: &str| CopyRow { item, key, label, preview: preview.into() };
    let menu = CopyMenu {
        name: name("project:shop:prod/stripe_secret_key"),
        rows: vec![
            row(CopyItem::Value, 'v', "Value", "••••••••••••••••"),
            row(CopyItem::Url, 'l', "URL", "https://dashboard.stripe.com/apikeys"),
            row(CopyItem::Reference, 'r', "Reference", "project:shop:prod/stripe_secret_key"),
            row(CopyItem::Uri, 'i', "URI", "tresor://project:shop:prod/stripe_secret_key"),
        ],
        selected: 2,
    };
    with(size, Layer::CopyMenu(menu))
}

fn help(size: Size) -> App {
    let mut rows = Vec::new();
    for context in [Context::Browse, Context::List, Context::Search] {
        rows.push(HelpRow::Heading(context.title()));
        let bound = bindings::table().iter().filter(|row| row.context == context);
        rows.extend(bound.map(|row| HelpRow::Binding {
            action: row.action,
            keys: row.keys.join(", "),
            description: row.description,
        }));
        rows.push(HelpRow::Gap);
    }
    with(size, Layer::Help(Help { context: Context::Browse, rows, offset: 3 }))
}

fn history_layer(size: Size) -> App {
    let mut app = shop(size, "stripe_secret_key");
    let secret = "project:shop:prod/stripe_secret_key";
    let mut shown = shown(&app, secret, b"sk_live_older_one");
    shown.revision = 3;
    app.layers.push(Layer::History(History {
        name: name(secret),
        revisions: Some(history()),
        selected: 1,
        offset: 0,
        shown: Some(shown),
        pending: None,
    }));
    app
}

fn lens(size: Size) -> App {
    let actor: Actor = "skill:extractor".parse().expect("an actor");
    let mut app = shop(size, "stripe_secret_key");
    let rows: Vec<LensRow> = browse(&mut app)
        .scopes
        .rows
        .iter()
        .filter_map(|row| match &row.kind {
            crate::app::scope_tree::ScopeRowKind::Scope(scope) => Some(LensRow {
                scope: scope.clone(),
                count: row.count,
                sees: actor.sees(scope).is_allowed(),
                writes: actor.may_write(scope),
                reason: actor.sees(scope).reason(),
            }),
            _ => None,
        })
        .collect();
    let lens = ViewAs {
        actors: vec![Actor::Owner, actor],
        selected: 1,
        rows,
        row: 5,
        offset: 0,
        seen: (5, 24),
    };
    browse(&mut app).actor = lens.actors[1].clone();
    app.layers.push(Layer::ViewAs(lens));
    app
}

/// The ways in of a well-kept vault.
fn keys(size: Size, rotating: Option<(usize, usize)>) -> App {
    let key = |byte: u8| NewSlot::KeyFile(SensitiveBytes::copy_of(&[byte; 32]));
    let options =
        CreateOptions { slots: vec![key(1), key(2), key(3)], ..CreateOptions::in_memory() };
    let place = Place::in_memory().with_world(Arc::new(SystemClock), Arc::new(Counting::default()));
    let mut slots = Vault::create(&place, &options).and_then(|vault| vault.slots()).expect("slots");
    (slots[0].kind, slots[0].protects) = (SlotKind::Passphrase, true);
    slots[0].cost = Some((65_536, 3));
    (slots[1].kind, slots[1].protects) = (SlotKind::Recovery, true);
    let mut state = Slots::new();
    (state.slots, state.rotating) = (Some(slots), rotating);
    with(size, Layer::Slots(state))
}

/// The same after a key.
fn pressed(mut app: App, key: char) -> App {
    app.update(Event::Key(Chord::char(key)), app.now, app.wall);
    app
}

/// Random numbers that a snapshot can hold.
#[derive(Default)]
struct Counting(std::sync::atomic::AtomicU8);

impl Random for Counting {
    fn fill(&self, bytes: &mut [u8]) -> crate::vault::Result<()> {
        bytes.fill(self.0.fetch_add(7, std::sync::atomic::Ordering::SeqCst));
        Ok(())
    }
}

fn presenter(size: Size) -> App {
    let mut app = shop(size, "stripe_secret_key");
    app.presenting = true;
    copied(&mut app);
    app
}

fn presenter_all(size: Size) -> App {
    let mut app = browse_all(size);
    app.presenting = true;
    app
}

fn palette(size: Size) -> App {
    let rows = bindings::table().iter().filter(|row| row.context == Context::Browse).map(|row| {
        let at = row.description.find("he").map_or(Vec::new(), |at| vec![at, at + 1]);
        PaletteRow {
            action: row.action,
            word: row.word,
            description: row.description,
            keys: row.keys.join(", "),
            positions: at,
        }
    });
    let palette = Palette { query: field("he"), rows: rows.collect(), selected: 1, offset: 0 };
    with(size, Layer::Palette(palette))
}

fn toasts(size: Size) -> App {
    let mut app = shop(size, "stripe_secret_key");
    app.clipboard = None;
    copied(&mut app);
    if let Some(clipboard) = &mut app.clipboard {
        clipboard.state = ClipboardState::Ended(ClipboardReceipt::Replaced);
    }
    app.toasts.items = vec![
        toast(Tone::Done, "Saved project:shop:prod/database_url, revision 5", ""),
        toast(Tone::Warning, "Another program changed the vault", ""),
        toast(
            Tone::Error,
            "Cannot write to the vault: no space left on the device",
            "free some space and save again; nothing was changed",
        ),
    ];
    app
}

fn trash(size: Size) -> App {
    let entry = |scope, key, days: i64| TrashEntry {
        id: TrashId([days as u8; 16]),
        summary: summary(scope, key, SecretKind::ApiKey, 40, 0),
        deleted_at: WALL.plus(-days * DAY - 60),
    };
    let entries = vec![
        entry("project:shop:prod", "old_stripe_key", 1),
        entry("skill:extractor", "api_token", 12),
        entry("global", "heroku_api_key", 200),
    ];
    let trash = Trash { entries: Some(entries), selected: 1, offset: 0, pending: None };
    with(size, Layer::Trash(trash))
}

fn trash_empty(size: Size) -> App {
    let trash = Trash { entries: Some(Vec::new()), selected: 0, offset: 0, pending: None };
    with(size, Layer::Trash(trash))
}
