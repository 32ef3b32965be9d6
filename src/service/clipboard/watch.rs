//! The holder's watch: put the value there, look after it, take it off at its time. No pipes and
//! no process: those are in `holder`.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use super::ClipboardReceipt;
use super::held::Contents;
use super::place::Place;
use super::wire::Command;

/// How often it looks whether the contents are still ours.
const LOOK: Duration = Duration::from_millis(200);
/// Reads that may fail in a row before the clipboard counts as gone.
const FAILURES: u32 = 5;

/// When the value has to be off, by whichever clock says so first: the monotonic one stands still
/// in suspend, the wall clock may be set back.
pub(super) struct Deadline {
    by: Instant,
    wall_by: SystemTime,
}

impl Deadline {
    /// `after` from now.
    pub(super) fn after(after: Duration) -> Self {
        let (now, wall) = (Instant::now(), SystemTime::now());
        let (by, wall_by) = (now.checked_add(after), wall.checked_add(after));
        Self { by: by.unwrap_or(now), wall_by: wall_by.unwrap_or(wall) }
    }

    /// The time left; zero when it has come.
    fn left(&self) -> Duration {
        if SystemTime::now() >= self.wall_by {
            return Duration::ZERO;
        }
        self.by.saturating_duration_since(Instant::now())
    }
}

/// Watches a value that has been set, until its time, a command, or newer contents.
///
/// `lost` says whether a newer copy of ours has taken over; `ended` whether the process was asked
/// to end, which clears like [`Command::Clear`].
pub(super) fn watch(
    place: &Place,
    deadline: &Deadline,
    commands: &Receiver<Command>,
    lost: &dyn Fn() -> bool,
    ended: &dyn Fn() -> bool,
) -> ClipboardReceipt {
    let mut failures = 0;
    loop {
        let command = next(commands, deadline.left().min(LOOK));
        if command == Some(Command::Leave) || lost() {
            return ClipboardReceipt::Replaced;
        }
        if command == Some(Command::Clear) || ended() || deadline.left().is_zero() {
            return place.clear();
        }
        match place.look() {
            Contents::Ours => failures = 0,
            Contents::NotOurs => return ClipboardReceipt::Replaced,
            // It stays there without us: it is tried until its time, and then told.
            Contents::Unknown(_) if place.outlives_us() => {}
            Contents::Unknown(why) => {
                failures += 1;
                if failures == FAILURES {
                    return ClipboardReceipt::Kept(format!("the clipboard is gone: {why}"));
                }
            }
        }
    }
}

/// The next command, if one comes in that time; a copier that is gone sends none.
fn next(commands: &Receiver<Command>, wait: Duration) -> Option<Command> {
    let heard = commands.recv_timeout(wait);
    if heard == Err(RecvTimeoutError::Disconnected) {
        thread::sleep(wait);
    }
    heard.ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::{Arc, Mutex, mpsc};

    use super::super::Route;
    use super::super::held::Held;
    use super::*;
    use crate::vault::SensitiveBytes;

    /// A clipboard of this test's own; `stubborn` puts contents back that often, `broken` fails to be
    /// read that often.
    #[derive(Default)]
    struct Fake {
        contents: Option<Vec<u8>>,
        stubborn: u32,
        broken: u32,
    }

    #[derive(Clone, Default)]
    struct Desk(Arc<Mutex<Fake>>);

    impl Held for Desk {
        fn set(&mut self, value: &SensitiveBytes) -> Result<(), String> {
            self.0.lock().unwrap().contents = Some(value.with(<[u8]>::to_vec));
            Ok(())
        }
        fn contents(&mut self, value: &SensitiveBytes) -> Contents {
            let mut fake = self.0.lock().unwrap();
            if fake.broken > 0 {
                fake.broken -= 1;
                return Contents::Unknown("no display".to_owned());
            }
            match &fake.contents {
                Some(found) if value.with(|plain| plain == found.as_slice()) => Contents::Ours,
                _ => Contents::NotOurs,
            }
        }
        fn clear(&mut self) -> Result<(), String> {
            let mut fake = self.0.lock().unwrap();
            if fake.stubborn > 0 {
                fake.stubborn -= 1;
            } else {
                fake.contents = None;
            }
            Ok(())
        }
    }

    /// The desk with a value set on it, and its place.
    fn desk() -> (Desk, Place) {
        desk_on(Route::X11)
    }

    fn desk_on(route: Route) -> (Desk, Place) {
        let desk = Desk::default();
        let held: Box<dyn Held> = Box::new(desk.clone());
        let value = SensitiveBytes::copy_of(b"hunter2");
        let place = Place::open(value, route, || Ok(held)).unwrap();
        place.set(&|| false).unwrap();
        (desk, place)
    }

    fn run(place: &Place, after: Duration, command: Option<Command>) -> ClipboardReceipt {
        let (sender, commands) = mpsc::channel();
        command.into_iter().for_each(|command| sender.send(command).unwrap());
        watch(place, &Deadline::after(after), &commands, &|| false, &|| false)
    }

    const LONG: Duration = Duration::from_secs(3600);

    #[test]
    fn it_is_cleared_at_its_time() {
        let (desk, place) = desk();
        let start = Instant::now();
        assert_eq!(run(&place, Duration::from_millis(300), None), ClipboardReceipt::Cleared);
        assert!(start.elapsed() >= Duration::from_millis(300));
        assert_eq!(desk.0.lock().unwrap().contents, None);
    }

    #[test]
    fn newer_contents_are_left_alone() {
        let (desk, place) = desk();
        desk.0.lock().unwrap().contents = Some(b"mine".to_vec());
        assert_eq!(run(&place, LONG, None), ClipboardReceipt::Replaced);
        assert_eq!(run(&place, LONG, Some(Command::Clear)), ClipboardReceipt::Replaced);
        assert_eq!(desk.0.lock().unwrap().contents.as_deref(), Some(b"mine".as_slice()));
    }

    #[test]
    fn clear_and_leave_are_obeyed_at_once() {
        let (first, place) = desk();
        assert_eq!(run(&place, LONG, Some(Command::Leave)), ClipboardReceipt::Replaced);
        assert!(first.0.lock().unwrap().contents.is_some());
        assert_eq!(run(&place, LONG, Some(Command::Clear)), ClipboardReceipt::Cleared);
        assert!(first.0.lock().unwrap().contents.is_none());
    }

    #[test]
    fn a_newer_copy_ends_it_and_a_signal_clears_it() {
        let (desk, place) = desk();
        let (_sender, commands) = mpsc::channel();
        let deadline = Deadline::after(LONG);
        let lost = watch(&place, &deadline, &commands, &|| true, &|| false);
        assert_eq!(lost, ClipboardReceipt::Replaced);
        let ended = watch(&place, &deadline, &commands, &|| false, &|| true);
        assert_eq!(ended, ClipboardReceipt::Cleared);
        assert!(desk.0.lock().unwrap().contents.is_none());
    }

    #[test]
    fn contents_put_back_are_cleared_again_and_then_reported() {
        let (desk, place) = desk();
        desk.0.lock().unwrap().stubborn = 1;
        assert_eq!(run(&place, Duration::ZERO, None), ClipboardReceipt::Cleared);
        let (desk, place) = self::desk();
        desk.0.lock().unwrap().stubborn = 9;
        assert!(matches!(run(&place, Duration::ZERO, None), ClipboardReceipt::Kept(_)));
    }

    #[test]
    fn a_clipboard_that_is_gone_is_reported() {
        let (desk, place) = desk();
        desk.0.lock().unwrap().broken = FAILURES;
        let ClipboardReceipt::Kept(why) = run(&place, LONG, None) else { unreachable!() };
        assert_eq!(why, "the clipboard is gone: no display");
    }

    #[test]
    fn contents_that_stay_without_us_are_tried_until_their_time() {
        let (desk, place) = desk_on(Route::Tmux);
        desk.0.lock().unwrap().broken = FAILURES + 1;
        let (_sender, commands) = mpsc::channel();
        let mended = || desk.0.lock().unwrap().broken == 0;
        let cleared = watch(&place, &Deadline::after(LONG), &commands, &|| false, &mended);
        assert_eq!(cleared, ClipboardReceipt::Cleared);
        let (desk, place) = desk_on(Route::Tmux);
        desk.0.lock().unwrap().broken = u32::MAX;
        let kept = ClipboardReceipt::Kept("no display".to_owned());
        assert_eq!(run(&place, Duration::ZERO, None), kept);
    }

    #[test]
    fn a_place_that_does_not_open_says_why() {
        let value = SensitiveBytes::copy_of(b"x");
        let place = Place::open(value, Route::X11, || Err("no display".to_owned()));
        assert_eq!(place.err().as_deref(), Some("no display"));
    }
}
