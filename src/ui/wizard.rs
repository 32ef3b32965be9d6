//! The wizard that signs in: its steps as they are drawn. Decides nothing.

use ratatui::layout::Rect;

use super::canvas::{Canvas, rect};
use super::input::Look;
use super::rows::{Row, Window};
use super::{form, popup, wizard_approve};
use crate::app::App;
use crate::app::layout::{Part, Popup};
use crate::app::wizard::{Stage, Wizard, WizardForm};
use crate::config::Meaning;
use crate::service::oauth::{Flow, Kept, Provider};
use crate::text::visible;

/// Draws the step that the wizard is at.
pub fn draw(canvas: &mut Canvas<'_>, area: &Popup, state: &Wizard, app: &App) {
    let (step, word) = state.step();
    let dot = canvas.glyphs().middot;
    let title = match (&state.stage, state.chosen()) {
        (Stage::Provider, _) | (_, None) => "New profile".to_owned(),
        (_, Some(provider)) => format!("New profile {dot} {}", visible(&provider.name)),
    };
    let note = format!("step {step} of 5 {dot} {word}");
    popup::frame(canvas, area, &title, &note);
    match &state.stage {
        Stage::Provider => draw_providers(canvas, area, state),
        Stage::Flow => draw_flows(canvas, area, state),
        Stage::Form(typed) => draw_form(canvas, area, state, typed),
        Stage::Approve(approve) => wizard_approve::draw(canvas, area, state, approve, app),
        Stage::Done(kept) => draw_done(canvas, area, kept, app),
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
    let way = state.flows.get(state.flow).map_or("", |flow| said(*flow).0);
    let fits = format!("{way}, {}.", state.why);
    let text = if state.why.is_empty() { "In which way?" } else { &fits };
    popup::prose(canvas, area, Part::Intro, text, Meaning::Text);
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
        canvas.put(x + start, y, width.saturating_sub(start + 1), &about, dim);
    });
}

/// A way in words, and what it needs.
fn said(flow: Flow) -> (&'static str, &'static str) {
    match flow {
        Flow::Device => ("By a code", "enter a code on any device; works over SSH"),
        Flow::Browser => ("By browser", "the browser of this machine comes back by itself"),
        Flow::Paste => ("By pasting", "a browser elsewhere; paste the address it ends at"),
        Flow::ClientCredentials => ("By the client", "no person: the client's own id and secret"),
        Flow::ApiKey => ("By a key", "a key that the provider shows you"),
    }
}

fn draw_form(canvas: &mut Canvas<'_>, area: &Popup, state: &Wizard, typed: &WizardForm) {
    if let Some(provider) = state.chosen() {
        popup::prose(canvas, area, Part::Intro, &advice(provider, state.way()), Meaning::Dim);
    }
    for (at, field) in typed.fields.iter().enumerate() {
        let meaning = if field.kind.is_secret() { Meaning::Secret } else { Meaning::Text };
        let look = Look {
            focused: typed.focus == at && state.working.is_none(),
            placeholder: "",
            meaning,
        };
        form::field(canvas, area, at, field.kind.label(), &field.text, look);
    }
    if !typed.scopes.is_empty() {
        draw_scopes(canvas, area, typed);
    }
    if state.working.is_some() {
        return popup::working(canvas, area, "Trying the key");
    }
    popup::problem(canvas, area, typed.problem.as_deref());
}

/// Where what is asked for comes from.
fn advice(provider: &Provider, flow: Flow) -> String {
    let (page, hint) = match (flow, &provider.api_key, &provider.oauth) {
        (Flow::ApiKey, Some(key), _) => (key.make.as_deref(), key.hint.as_deref()),
        (_, _, Some(side)) => (side.register.as_deref(), side.register_hint.as_deref()),
        _ => (None, None),
    };
    let page = page.map(|page| format!("{page} "));
    visible(format!("{}{}", page.unwrap_or_default(), hint.unwrap_or_default()).trim()).into_owned()
}

fn draw_scopes(canvas: &mut Canvas<'_>, area: &Popup, typed: &WizardForm) {
    let focused = typed.in_scopes();
    let window =
        Window { len: typed.scopes.len(), offset: typed.offset, selected: typed.scope, focused };
    popup::list(canvas, area, window, |canvas, row: Row| {
        let Some((scope, asked)) = typed.scopes.get(row.index) else { return };
        let Rect { x, y, width, .. } = row.area;
        let (text, dim) = (row.style(canvas, Meaning::Text), row.style(canvas, Meaning::Dim));
        let mark = if *asked { "[x] " } else { "[ ] " };
        let used = canvas.put(x + 1, y, 4, mark, text);
        let name = visible(&scope.name);
        let room = width.saturating_sub(used + 2);
        let used = used + canvas.name(x + 1 + used, y, room, &name, text);
        let start = 30.max(used + 3);
        canvas.put(x + start, y, width.saturating_sub(start + 1), &visible(&scope.about), dim);
    });
}

fn draw_done(canvas: &mut Canvas<'_>, area: &Popup, kept: &Kept, app: &App) {
    let (good, profile) = (canvas.glyphs().good, &kept.profile);
    if let Some(intro) = area.part(Part::Intro).map(rect) {
        canvas.say(intro.x, intro.y, 1, good, Meaning::Good);
        let text = format!("{} is signed in", profile.id);
        canvas.say(intro.x + 2, intro.y, intro.width.saturating_sub(2), &text, Meaning::Text);
    }
    let Some(below) = area.part(Part::Text).map(rect) else { return };
    let left = super::profiles::left(kept, app.wall);
    let life =
        if left.is_empty() { "does not expire".to_owned() } else { format!("good for {left}") };
    let lines = [
        ("token", profile.handed_out().to_string()),
        ("life", life),
        ("use it", format!("curl -H \"Authorization: Bearer $(tresor token {})\" URL", profile.id)),
    ];
    for (y, (label, text)) in (below.y..below.bottom()).zip(lines) {
        canvas.say(below.x, y, 8, label, Meaning::Dim);
        canvas.say(below.x + 10, y, below.width.saturating_sub(10), &text, Meaning::Text);
    }
}
