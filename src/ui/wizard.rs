//! The wizard that signs in: its steps as they are drawn. Decides nothing.

use ratatui::layout::Rect;

use super::canvas::{Canvas, rect};
use super::input::{self, Look};
use super::rows::{Row, Window};
use super::{form, popup, width, wizard_approve};
use crate::app::App;
use crate::app::layout::{Part, Popup};
use crate::app::wizard::{Former, Keep, Stage, Wizard, WizardForm};
use crate::config::Meaning;
use crate::service::oauth::{Credential, Flow, Kept, Tried, can_refresh, time_left};
use crate::text::visible;

/// Draws the step that the wizard is at.
pub fn draw(canvas: &mut Canvas<'_>, area: &Popup, state: &Wizard, app: &App) {
    let (step, word) = state.step();
    let dot = canvas.glyphs().middot;
    let title = match (&state.stage, state.chosen(), &state.former) {
        (_, _, Some(former)) => format!("Sign in again {dot} {}", former.place().id),
        (Stage::Provider, ..) | (_, None, _) => "New profile".to_owned(),
        (_, Some(provider), _) => format!("New profile {dot} {}", visible(&provider.name)),
    };
    let note = format!("step {step} of 6 {dot} {word}");
    popup::frame(canvas, area, &title, &note);
    match &state.stage {
        Stage::Provider => draw_providers(canvas, area, state),
        Stage::Flow => draw_flows(canvas, area, state),
        Stage::Form(typed) => draw_form(canvas, area, state, typed),
        Stage::Approve(approve) => wizard_approve::draw(canvas, area, state, approve, app),
        Stage::Keep(keep) => draw_keep(canvas, area, state, keep),
        Stage::Done(kept, tried) => draw_done(canvas, area, state, (kept, tried), app),
    }
    if let Some(failure) = &state.failure {
        popup::failure(canvas, area, failure);
    }
}

fn draw_providers(canvas: &mut Canvas<'_>, area: &Popup, state: &Wizard) {
    popup::prose(canvas, area, Part::Intro, "Where do you want to sign in?", Meaning::Text);
    draw_list(canvas, area, state.providers.len(), state.provider, state.offset, |at| {
        let provider = state.providers.get(at)?;
        Some((visible(&provider.name).into_owned(), visible(&provider.about).into_owned()))
    });
}

fn draw_flows(canvas: &mut Canvas<'_>, area: &Popup, state: &Wizard) {
    let fits = state.flows.get(state.fits).map_or("", |flow| said(*flow).0);
    let text = match (state.flows.is_empty(), state.why.is_empty()) {
        (true, _) => "This provider's file names no address to sign in at.".to_owned(),
        (_, true) => "How do you want to sign in?".to_owned(),
        _ => format!("How do you want to sign in? {fits} fits here, {}.", state.why),
    };
    popup::prose(canvas, area, Part::Intro, &text, Meaning::Text);
    draw_list(canvas, area, state.flows.len(), state.flow, state.offset, |at| {
        let (name, about) = said(*state.flows.get(at)?);
        Some((name.to_owned(), about.to_owned()))
    });
}

/// A list of names, each with what it is.
fn draw_list(
    canvas: &mut Canvas<'_>,
    area: &Popup,
    len: usize,
    selected: usize,
    offset: usize,
    at: impl Fn(usize) -> Option<(String, String)>,
) {
    let window = Window { len, offset, selected, focused: true };
    popup::list(canvas, area, window, |canvas, row| {
        let Some((name, about)) = at(row.index) else { return };
        let Rect { x, y, width, .. } = row.area;
        let (text, dim) = (row.style(canvas, Meaning::Text), row.style(canvas, Meaning::Dim));
        let used = canvas.name(x + 1, y, width.saturating_sub(2), &name, text);
        let start = 20.max(used + 3);
        canvas.clause(x + start, y, width.saturating_sub(start + 1), &about, dim);
    });
}

/// A way in words, and what it needs.
pub(super) fn said(flow: Flow) -> (&'static str, &'static str) {
    match flow {
        Flow::Device => ("By a code", "enter a code on any device; works over SSH"),
        Flow::Browser => ("By browser", "the browser of this machine comes back by itself"),
        Flow::Paste => ("By pasting", "a browser elsewhere; paste the address it ends at"),
        Flow::ClientCredentials => ("By the client", "no person: the client's own id and secret"),
        Flow::ApiKey => ("By a key", "a key that the provider shows you"),
    }
}

fn draw_form(canvas: &mut Canvas<'_>, area: &Popup, state: &Wizard, typed: &WizardForm) {
    popup::prose(canvas, area, Part::Intro, &state.advice(), Meaning::Dim);
    let has_secret = state.former.as_ref().and_then(Former::oauth);
    let has_secret = has_secret.is_some_and(|oauth| oauth.client.secret.is_some());
    let placeholder = if has_secret { "as it is kept" } else { "" };
    draw_fields(canvas, area, typed, true, placeholder);
    if !typed.scopes.is_empty() {
        draw_scopes(canvas, area, typed);
    }
    popup::problem(canvas, area, typed.problem.as_deref());
}

/// The lines to type; `of_secret` stands where one that is hidden may stay empty.
fn draw_fields(
    canvas: &mut Canvas<'_>,
    area: &Popup,
    typed: &WizardForm,
    has_keys: bool,
    of_secret: &'static str,
) {
    for (at, field) in typed.fields.iter().enumerate() {
        let (meaning, placeholder) = match field.kind.is_secret() {
            true => (Meaning::Secret, of_secret),
            false => (Meaning::Text, ""),
        };
        let look = Look { focused: typed.focus == at && has_keys, placeholder, meaning };
        form::field(canvas, area, at, field.kind.label(), &field.text, look);
    }
}

fn draw_keep(canvas: &mut Canvas<'_>, area: &Popup, state: &Wizard, keep: &Keep) {
    if let Some(intro) = area.part(Part::Intro).map(rect) {
        let (glyph, meaning) =
            match keep.granted.tried == Tried::Works || state.way() != Flow::ApiKey {
                true => (canvas.glyphs().good, Meaning::Good),
                false => (canvas.glyphs().dot, Meaning::Dim),
            };
        canvas.say(intro.x, intro.y, 1, glyph, meaning);
        let rest = Rect { x: intro.x + 2, width: intro.width.saturating_sub(2), ..intro };
        canvas.prose(rest, &came(state, keep), Meaning::Text);
    }
    draw_fields(canvas, area, &keep.place, !keep.working, "");
    if let Some(line) = area.part(Part::Under(1)).map(rect) {
        let (x, room) = (line.x + area.label, line.width.saturating_sub(area.label));
        canvas.sentence(x, line.y, room, &names(state, keep), Meaning::Dim);
    }
    if keep.working {
        return popup::working(canvas, area, "Keeping it");
    }
    popup::problem(canvas, area, keep.place.problem.as_deref());
}

/// What came, and how long it is good for.
fn came(state: &Wizard, keep: &Keep) -> String {
    let name = state.chosen().map_or("The provider", |provider| provider.name.as_str());
    let name = visible(name);
    let granted = &keep.granted;
    let first = match (state.way(), &granted.tried) {
        (Flow::ApiKey, Tried::Works) => format!("{name} accepts the key."),
        (Flow::ApiKey, _) => format!("Nobody knows how to try a key at {name}."),
        (_, Tried::Works) => format!("{name} signed you in, and the token works."),
        (_, Tried::Not) => format!("{name} signed you in."),
        (_, Tried::Failed(why)) => {
            format!("{name} signed you in, but trying the token failed: {why}.")
        }
    };
    let life = match (state.way(), granted.lives, granted.renews) {
        (Flow::ApiKey, ..) => String::new(),
        (_, Some(lives), true) => {
            format!(" It lives for {} and renews itself when it is used.", time_left(lives))
        }
        (_, Some(lives), false) => {
            format!(" It lives for {}; sign in again then.", time_left(lives))
        }
        (_, None, _) => " How long it lives is not said.".to_owned(),
    };
    format!("{first}{life}\nWhere is it kept?")
}

/// What its secrets will be called.
fn names(state: &Wizard, keep: &Keep) -> String {
    let text = |at: usize| {
        let field = keep.place.fields.get(at);
        field.map_or_else(String::new, |field| field.text.with_str(|text| text.trim().to_owned()))
    };
    let (id, owner) = (text(0), text(1));
    match (state.way(), keep.granted.renews) {
        (Flow::ApiKey, _) => format!("as {owner}/{id}.api_key"),
        (_, true) => format!("as {owner}/{id}.access_token and .refresh_token"),
        (_, false) => format!("as {owner}/{id}.access_token"),
    }
}

/// The widest column of names beside which there is still room for what they mean.
const NAMES: usize = 34;

fn draw_scopes(canvas: &mut Canvas<'_>, area: &Popup, typed: &WizardForm) {
    let focused = typed.in_scopes();
    if let Some(line) = area.part(Part::Under(typed.fields.len())).map(rect) {
        let field = Rect { x: line.x + area.label, ..line };
        input::label(canvas, field, area.label, "Asks for", focused);
        let count = format!("{} of {}", typed.asked().count(), typed.scopes.len());
        canvas.say(field.x, line.y, line.width.saturating_sub(area.label), &count, Meaning::Dim);
    }
    let widths = typed.scopes.iter().map(|(scope, _)| width::shown_width(&visible(&scope.name)));
    let names = u16::try_from(widths.max().unwrap_or(0).min(NAMES)).unwrap_or(0);
    let draw = |canvas: &mut Canvas<'_>, row: Row| {
        let Some((scope, asked)) = typed.scopes.get(row.index) else { return };
        let Rect { x, y, width, .. } = row.area;
        let (text, dim) = (row.style(canvas, Meaning::Text), row.style(canvas, Meaning::Dim));
        canvas.put(x + 1, y, 3, if *asked { "[x]" } else { "[ ]" }, text);
        canvas.name(x + 5, y, names.min(width.saturating_sub(6)), &scope.name, text);
        let start = names + 7;
        canvas.clause(x + start, y, width.saturating_sub(start + 1), &scope.about, dim);
    };
    let window =
        Window { len: typed.scopes.len(), offset: typed.offset, selected: typed.scope, focused };
    match focused {
        true => popup::list(canvas, area, window, draw),
        false => popup::idle_list(canvas, area, window, draw),
    }
}

fn draw_done(
    canvas: &mut Canvas<'_>,
    area: &Popup,
    state: &Wizard,
    (kept, tried): (&Kept, &Tried),
    app: &App,
) {
    let (good, profile) = (canvas.glyphs().good, &kept.profile);
    let is_key = state.way() == Flow::ApiKey;
    if let Some(intro) = area.part(Part::Intro).map(rect) {
        canvas.say(intro.x, intro.y, 1, good, Meaning::Good);
        let what = if is_key { "is kept" } else { "is signed in" };
        let text = format!("{} {what}", profile.id);
        canvas.say(intro.x + 2, intro.y, intro.width.saturating_sub(2), &text, Meaning::Text);
    }
    let Some(below) = area.part(Part::Text).map(rect) else { return };
    let left = super::profiles::left(kept, app.wall);
    let renews = matches!(&profile.body.credential, Credential::Oauth(it) if can_refresh(it));
    let life = match (left.is_empty(), is_key, renews) {
        (true, true, _) => "when its provider says so".to_owned(),
        (true, false, _) => "never".to_owned(),
        (false, _, true) => format!("in {left}; it renews itself when it is used"),
        (false, _, false) => format!("in {left}; sign in again then"),
    };
    let command = match is_key {
        true => format!("tresor token {}   prints it", profile.id),
        false => format!("curl -H \"Authorization: Bearer $(tresor token {})\" URL", profile.id),
    };
    let lines = [
        (if is_key { "Key" } else { "Token" }, profile.handed_out().to_string()),
        ("Expires", life),
        ("Tried", said_of_test(state, tried)),
        ("Use it", command),
    ];
    for (y, (label, text)) in (below.y..below.bottom()).zip(lines) {
        canvas.say(below.x, y, 8, label, Meaning::Dim);
        let room = below.width.saturating_sub(10);
        canvas.sentence(below.x + 10, y, room, &text, Meaning::Text);
    }
}

/// What came of the test.
fn said_of_test(state: &Wizard, tried: &Tried) -> String {
    let name = state.chosen().map_or("the provider", |provider| provider.name.as_str());
    match tried {
        Tried::Works => format!("just now; {} accepts it", visible(name)),
        Tried::Not => "no: this provider names no way to try it".to_owned(),
        Tried::Failed(why) => format!("in vain: {why}"),
    }
}
