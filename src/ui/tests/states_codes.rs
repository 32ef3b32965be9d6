//! States with one-time codes.

use std::time::Duration;

use super::fixture::*;
use crate::app::one_time::OneTime;
use crate::app::{App, Effect, Event, Failure};
use crate::config::{Chord, KeyCode};
use crate::service::otp::Otp;
use crate::vault::{SecretKind, SensitiveBytes};

type Size = (u16, u16);

/// One secret that makes codes, and its code when so many seconds of the minute have passed.
pub fn one_time(size: (u16, u16), uri: &str, code: Option<(&str, OneTime, i64)>) -> App {
    let mut app =
        open(size, vec![summary("project:shop:prod", "acme_totp", SecretKind::Totp, 12, 0)], 0);
    select_scope(browse(&mut app), "prod");
    let state = browse(&mut app);
    let facts = crate::vault::recognise(uri.as_bytes()).facts;
    if let Some(known) = &mut state.detail.description {
        known.metadata.facts = facts;
    }
    if let Some((digits, code, seconds)) = code {
        let mut shown = shown(&app, "project:shop:prod/acme_totp", digits.as_bytes());
        shown.until = app.now + Duration::from_secs(18);
        shown.code = Some(code);
        browse(&mut app).detail.shown = Some(shown);
        app.wall = WALL.plus(seconds);
    }
    app
}

/// A key as sites show it, and one of other parameters.
pub const OTP_URI: &str = "otpauth://totp/ACME:ada?secret=GEZDGNBVGY3TQOJQ&issuer=ACME";
pub const OTP_URI_OF_A_MINUTE: &str =
    "otpauth://totp/ACME:ada?secret=GEZDGNBVGY3TQOJQ&issuer=ACME&digits=8&period=60";

/// A code when so many seconds of the minute have passed.
pub fn otp_shown(size: Size, uri: &str, seconds: i64) -> App {
    let key = Otp::parse(&SensitiveBytes::copy_of(uri.as_bytes())).expect("a key");
    let now = WALL.plus(seconds);
    let ends = now.plus(key.seconds_left(now.0).expect("a period").into());
    let code = key.code(now.0).expect("a code").with_str(str::to_owned).expect("digits");
    one_time(size, uri, Some((&code, OneTime::ByTime { key, ends }, seconds)))
}

pub fn otp_peek(size: Size) -> App {
    let mut app = otp_shown(size, OTP_URI, 29);
    if let Some(shown) = &mut browse(&mut app).detail.shown {
        shown.peek = true;
    }
    app
}

/// What Enter asks before a code is used up.
pub fn otp_counted_asks(size: Size) -> App {
    let mut app = otp_counted(size);
    let now = app.now;
    browse(&mut app).detail.shown = None;
    let enter = Event::Key(Chord::plain(KeyCode::Enter));
    let effects = app.update(enter, now, WALL);
    let ticket = effects.iter().find_map(Effect::ticket).expect("a question");
    let why = failure("project:shop:prod/acme_totp makes its codes by a counter.", "");
    app.update(Event::Failed(ticket, Failure { uses_up: true, ..why }), now, WALL);
    app
}

pub fn otp_counted(size: Size) -> App {
    let uri = "otpauth://hotp/ACME:ada?secret=GEZDGNBVGY3TQOJQ&issuer=ACME&counter=7";
    one_time(size, uri, Some(("755224", OneTime::Counted { counter: 7 }, 0)))
}
