//! States of the screens one types into.

use super::fixture::*;
use crate::app::add_form::{AddField, AddForm};
use crate::app::asks::ReadFor;
use crate::app::editor::Editor;
use crate::app::generator::{GenerateFor, Generator, GeneratorRow, Shape};
use crate::app::import::{Import, ImportField};
use crate::app::meta_form::{MetaField, MetaForm};
use crate::app::new_passphrase::{NewFocus, NewPassphrase};
use crate::app::prompt::{Prompt, Retry};
use crate::app::recovery::{CodeFor, Recovery};
use crate::app::rename::{Rename, RenameField};
use crate::app::slot_forms::{KeyFileForm, PassphraseForm};
use crate::app::value_hints::ValueHints;
use crate::app::{App, Event, ImportPreview, ImportRow, ImportState, Layer, Screen};
use crate::config::Chord;
use crate::vault::{SecretKind, SensitiveBytes, VaultError};

type Size = (u16, u16);

fn hints() -> ValueHints {
    ValueHints {
        kind: SecretKind::ApiKey,
        facts: vec![("Type".into(), "Stripe secret key".into())],
        expires_at: None,
        bytes: 25,
        lines: 1,
        trailing_newline: true,
    }
}

pub fn add(size: Size) -> App {
    let form = AddForm {
        scope: field("project:shop:prod"),
        key: field("stripe_secret_key_2"),
        value: lines("sk_live_51Hc9TqKx0aVbNmPq\n"),
        protected: false,
        can_protect: true,
        focus: AddField::Value,
        hints: Some(hints()),
        completions: vec!["project:shop:prod-eu".into(), "project:shop:prod-us".into()],
        problem: Some((AddField::Key, "There is a secret of this name already.".into())),
        saving: None,
    };
    with(size, Layer::AddForm(form))
}

pub fn editor(size: Size) -> App {
    let mut text =
        lines("postgres://shop:s3cret@db.internal:5432/shop\n# second line\n\tindented\n");
    text.shown = true;
    let editor = Editor {
        name: name("project:shop:prod/database_url"),
        revision: 4,
        text,
        dirty: true,
        hints: ValueHints { kind: SecretKind::ConnectionUrl, facts: vec![], lines: 3, ..hints() },
        changed_to: Some(5),
        gone: false,
        protected: false,
        saving: None,
        failure: None,
    };
    with(size, Layer::Editor(editor))
}

pub fn first_run_typed(size: Size) -> App {
    let mut app = first_run_tried(size);
    if let Screen::FirstRun(state) = &mut app.screen {
        state.new.passphrase.set("correct horse battery");
        state.new.again.set("correct horse");
        state.new.focus = NewFocus::Again;
        state.new.strength = Some(strength(3, 7, 61.2, "centuries"));
        state.new.problem = Some("The two differ.".into());
    }
    app
}

pub fn generator(size: Size) -> App {
    let generator = Generator {
        shape: Shape::Characters,
        length: 22,
        lower: true,
        upper: true,
        digits: true,
        symbols: true,
        readable: false,
        focus: GeneratorRow::Length,
        value: Some(SensitiveBytes::copy_of(b"k7#Vq-92mZp!Lr4x_Tn8W.")),
        strength: Some(strength(4, 10, 129.4, "centuries")),
        problem: None,
        target: GenerateFor::Secret(name("project:shop:prod/db_password"), 4),
    };
    with(size, Layer::Generator(generator))
}

pub fn generator_words(size: Size) -> App {
    let generator = Generator {
        shape: Shape::Words,
        length: 6,
        lower: true,
        upper: true,
        digits: true,
        symbols: true,
        readable: false,
        focus: GeneratorRow::Shape,
        value: Some(SensitiveBytes::copy_of(b"harbour-mimic-salad-orbit-velvet-thorn")),
        strength: Some(strength(2, 5, 77.5, "years")),
        problem: None,
        target: GenerateFor::Field,
    };
    with(size, Layer::Generator(generator))
}

pub fn import(size: Size) -> App {
    let row =
        |key: &str, state| ImportRow { name: name(&format!("project:shop:dev/{key}")), state };
    let import = Import {
        path: field("~/work/shop/.env"),
        scope: field("project:shop:dev"),
        completions: Vec::new(),
        overwrite: false,
        focus: ImportField::Rows,
        preview: Some(ImportPreview {
            rows: vec![
                row("database_url", ImportState::Different),
                row("redis_url", ImportState::New),
                row("stripe_secret_key", ImportState::Same),
                row("smtp_password", ImportState::New),
            ],
            left_out: 1,
        }),
        offset: 0,
        problem: None,
        working: None,
    };
    with(size, Layer::Import(import))
}

pub fn metadata(size: Size) -> App {
    let mut app = shop(size, "stripe_secret_key");
    let before = browse(&mut app).detail.description.as_ref().expect("described").metadata.clone();
    let form = MetaForm {
        name: name("project:shop:prod/stripe_secret_key"),
        kind: before.kind,
        before,
        username: field(""),
        url: field("https://dashboard.stripe.com/apikeys"),
        tags: field("billing, live"),
        expires: field("next week"),
        protected: true,
        can_protect: true,
        note: lines("Restricted key.\nRotate with the billing team."),
        focus: MetaField::Expires,
        problem: Some((MetaField::Expires, "This is no date and no length of time.".into())),
        changed_to: None,
        saving: None,
    };
    app.layers.push(Layer::MetaForm(form));
    app
}

pub fn rename(size: Size) -> App {
    let rename = Rename {
        from: name("project:shop:prod/stripe_secret_key"),
        revision: 4,
        scope: field("project:shop"),
        key: field("stripe_secret_key"),
        focus: RenameField::Scope,
        completions: vec!["project:shop:dev".into(), "project:shop:prod".into()],
        problem: None,
        saving: None,
    };
    with(size, Layer::Rename(rename))
}

pub fn unlock(size: Size) -> App {
    let mut app = locked(size);
    if let Screen::Unlock(state) = &mut app.screen {
        state.passphrase.set("hunter2hunter");
        state.tries = 2;
        let mut failure = failure("wrong", "");
        failure.wrong_passphrase = true;
        state.failure = Some(failure);
    }
    app
}

pub fn unlock_code(size: Size) -> App {
    let mut app = locked(size);
    if let Screen::Unlock(state) = &mut app.screen {
        state.has_recovery = true;
        state.passphrase.set("tresor1 qqqq qqqq qqqq");
        let why = "a letter is wrong: its checksum does not match";
        state.failure = Some((&VaultError::InvalidRecoveryCode { why }).into());
    }
    app
}

/// The desktop's keyring was asked first, in vain.
pub fn unlock_keyring(size: Size) -> App {
    let mut app = locked(size);
    if let Screen::Unlock(state) = &mut app.screen {
        let why = "the desktop's keyring holds no key for this vault";
        state.notice = Some(format!("Not opened by the keyring: {why}."));
        state.has_recovery = true;
    }
    app
}

pub fn unlock_working(size: Size) -> App {
    let mut app = locked(size);
    if let Screen::Unlock(state) = &mut app.screen {
        state.passphrase.set("hunter2hunter");
        state.working = Some(TICKET);
    }
    app
}

pub fn prompt(size: Size) -> App {
    let secret = name("project:shop:prod/stripe_secret_key");
    let mut failure = failure("wrong", "");
    failure.wrong_passphrase = true;
    let prompt = Prompt {
        title: format!("Reveal {secret}"),
        passphrase: hidden("hunter2"),
        retry: Retry::Read(secret, None, ReadFor::Reveal),
        tries: 2,
        failure: Some(failure),
        working: None,
    };
    with(size, Layer::Prompt(prompt))
}

/// The cursor is at the backends, of which another one is chosen than was suggested.
pub fn first_run_choosing(size: Size) -> App {
    let mut app = first_run_typed(size);
    for key in [crate::config::KeyCode::Tab, crate::config::KeyCode::Up] {
        app.update(Event::Key(Chord::plain(key)), app.now, WALL);
    }
    app
}

/// The question of the first run, as it comes when both fields fit.
pub fn first_run_offer(size: Size) -> App {
    let mut app = first_run_typed(size);
    if let Screen::FirstRun(state) = &mut app.screen {
        state.new.problem = None;
        state.new.again.set("correct horse battery");
    }
    let enter = Chord::plain(crate::config::KeyCode::Enter);
    app.update(Event::Key(enter), app.now, WALL);
    app
}

fn code() -> SensitiveBytes {
    SensitiveBytes::copy_of(b"tresor1 qpzr y9x8 gf2t vdw0 s3jn 54kh ce6m ua7l qpzr y9")
}

pub fn recovery(size: Size) -> App {
    let mut app = first_run_typed(size);
    app.layers.push(Layer::Recovery(Recovery::new(CodeFor::FirstRun, code())));
    app
}

pub fn recovery_typing(size: Size) -> App {
    let mut recovery = Recovery::new(CodeFor::Slot, code());
    (recovery.shown, recovery.typing) = (false, true);
    recovery.typed.set("tresor1 qpzr y9x8 gf2t");
    recovery.problem = Some("that is no recovery code: a letter is wrong".into());
    with(size, Layer::Recovery(recovery))
}

pub fn form_passphrase(size: Size) -> App {
    let mut new = NewPassphrase::default();
    new.passphrase.set("correct horse battery");
    new.again.set("correct");
    new.focus = NewFocus::Again;
    new.strength = Some(strength(3, 7, 61.2, "centuries"));
    let form = PassphraseForm { old: None, new, working: None, failure: None };
    with(size, Layer::PassphraseForm(form))
}

pub fn form_key_file(size: Size) -> App {
    let failure = failure("~/.config/tresor/key is not safe: others can read it", "chmod 600 it");
    let path = field("~/.config/tresor/key");
    let form = KeyFileForm { path, working: None, failure: Some(failure) };
    with(size, Layer::KeyFileForm(form))
}
