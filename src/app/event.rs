//! What can happen to the application: input, the clock, and answers to its effects.

use std::time::Duration;

use super::backends::BackendsNow;
use super::restore::Altered;
use crate::config::Chord;
use crate::fault::{Fault, FaultKind};
use crate::service::audit::Report;
use crate::service::clipboard::{ClipboardReceipt, CopyReport};
use crate::service::oauth::{Kept, Provider, Step, Tried};
use crate::service::otp::Otp;
use crate::service::search::SearchHits;
use crate::service::surroundings::Surroundings;
use crate::vault::journal::Journal;
use crate::vault::{
    Description, Listing, Receipt, SecretKey, SecretRef, SensitiveBytes, SlotInfo, TrashEntry,
    VaultError,
};

/// One thing that happened.
pub enum Event {
    /// A key was pressed (or repeats); never a release.
    Key(Chord),
    /// Text was pasted; it never submits and never triggers keys.
    Paste(SensitiveBytes),
    /// The mouse did something at that cell.
    Mouse {
        /// What.
        kind: MouseKind,
        /// From the left, from 0.
        column: u16,
        /// From the top, from 0.
        row: u16,
    },
    /// The terminal has this many columns and rows now.
    Resize(u16, u16),
    /// The terminal window gained (true) or lost focus.
    Focus(bool),
    /// A deadline named by [`super::App::deadline`] has come.
    Tick,
    /// The machine was suspended and woke again.
    Slept,
    /// The program was stopped and continued, or the date ran ahead.
    Resumed,
    /// Files of the vault changed, or may have.
    VaultChanged,
    /// An effect of that ticket finished.
    Done(Ticket, Outcome),
    /// An effect of that ticket failed.
    Failed(Ticket, Failure),
    /// An effect of that ticket has done so much of so much.
    Progress(Ticket, usize, usize),
    /// A sign-in of that ticket has something to show.
    SignIn(Ticket, Step),
    /// The clipboard's later fate.
    Clipboard(ClipboardReceipt),
    /// A call to a store of the system waits for a person (true), or does so no more.
    StoreWaits(bool),
    /// Something about this machine that is worth a word, and what it means; both already visible.
    Notice(String, String),
}

/// What the mouse did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MouseKind {
    /// The left button went down.
    Click,
    /// The wheel turned away from the user.
    ScrollUp,
    /// The wheel turned towards the user.
    ScrollDown,
}

/// Numbers an effect, so that a late answer to a question no longer asked is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// What an effect brought.
pub enum Outcome {
    /// The vault is unlocked or was made; its listing follows by `Effect::Load`.
    Unlocked(VaultFacts),
    /// The backends were tried.
    Backends(BackendsNow),
    /// The list of secrets the view sees.
    Listed(Listing),
    /// Everything known about one secret.
    Described(Description),
    /// A value to show, or to put into an editor.
    Read(SecretRef, u64, SensitiveBytes),
    /// A one-time code of a secret at that revision.
    Code(SecretRef, u64, CodeMade),
    /// A commit was made.
    Saved(Receipt),
    /// A value is on the clipboard.
    Copied(CopyReport),
    /// The clipboard was asked to be cleared.
    ClipboardCleared,
    /// The ways in.
    Slots(SlotsNow),
    /// What was typed is right; these ways in a rotation would drop.
    Proven(Vec<SlotInfo>),
    /// The ways in were changed.
    SlotsChanged(SlotsNow),
    /// The vault key was replaced.
    Rotated(RotationDone),
    /// The trash the view sees, newest first.
    Trash(Vec<TrashEntry>),
    /// What the view sees of the journal.
    Activity(Journal),
    /// What looking at every secret found.
    Audited(Report),
    /// The ranked result of a search.
    Found(SearchHits),
    /// The profiles and providers.
    Profiles(ProfilesNow),
    /// New tokens came for that profile, or another process had just got them.
    Renewed(SecretKey),
    /// That profile is gone; whether its provider took the tokens back.
    ProfileRemoved(SecretKey, bool),
    /// A sign-in came to its end.
    SignedIn(Kept, Tried),
    /// A dotenv file was read: what importing it would do.
    ImportPreview(ImportPreview),
}

/// What came of making a one-time code.
pub enum CodeMade {
    /// The key makes them by time, and makes them here while they are shown.
    ByTime {
        /// The key.
        key: Otp,
        /// How much of the second of the date has passed.
        into_second: Duration,
    },
    /// The code of a counter, which is saved one further.
    Counted {
        /// The code.
        code: SensitiveBytes,
        /// Which one it is.
        counter: u64,
        /// What could not be tidied up after saving.
        warnings: Vec<String>,
    },
    /// The value makes none; it is shown as it is.
    NoKey {
        /// The value.
        value: SensitiveBytes,
        /// Why.
        why: Failure,
    },
}

/// What an effect's failure says: the two lines of a fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Its kind; `Locked` sends the user to the unlock screen.
    pub kind: FaultKind,
    /// What happened, on what; already visible.
    pub message: String,
    /// What to do.
    pub help: String,
    /// Whether a wrong passphrase was the reason.
    pub wrong_passphrase: bool,
    /// Whether a recovery code was: a letter of it is wrong, or it is that of another vault.
    pub wrong_code: bool,
    /// Whether the secret is protected and needs the passphrase for this one action.
    pub needs_protection: bool,
    /// Whether the secret changed since it was seen (another revision, or gone).
    pub changed: bool,
    /// Whether the vault is not the one that was seen before; the user may accept it.
    pub altered: Option<Altered>,
    /// Whether only OSC 52 is left and the user has not been asked about it.
    pub needs_consent: bool,
    /// Whether making a code would use it up and the user has not been asked about it.
    pub uses_up: bool,
}

impl Failure {
    /// A failure that says these two lines and no more.
    pub fn plain(kind: FaultKind, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            help: help.into(),
            wrong_passphrase: false,
            wrong_code: false,
            needs_protection: false,
            changed: false,
            altered: None,
            needs_consent: false,
            uses_up: false,
        }
    }
}

impl Failure {
    /// Whether what was typed was wrong, so that it is asked for again where it was.
    pub fn mistyped(&self) -> bool {
        self.wrong_passphrase || self.wrong_code
    }
}

impl From<&VaultError> for Failure {
    fn from(error: &VaultError) -> Self {
        Self {
            wrong_passphrase: matches!(error, VaultError::WrongPassphrase),
            wrong_code: matches!(
                error,
                VaultError::InvalidRecoveryCode { .. } | VaultError::WrongRecoveryCode
            ),
            needs_protection: matches!(error, VaultError::Protected { .. }),
            changed: matches!(error, VaultError::Changed { .. }),
            altered: Altered::of(error),
            ..Self::plain(error.kind(), error.to_string(), error.help())
        }
    }
}

/// What the title and the screens say about the unlocked vault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VaultFacts {
    /// The short name shown beside `tresor`: the vault directory's own name, or `demo`.
    pub name: String,
    /// In words: `encrypted files`, `in memory`.
    pub backend: String,
    /// Whether it can hold protected secrets.
    pub can_protect: bool,
    /// Whether a recovery code opens it.
    pub has_recovery: bool,
    /// Whether it can be locked and unlocked again (a demo cannot).
    pub lockable: bool,
    /// The longest value in bytes.
    pub max_value: usize,
}

/// The profiles as they are now.
pub struct ProfilesNow {
    /// Each of them, in their order.
    pub kept: Vec<Kept>,
    /// What there is to sign in at.
    pub providers: Vec<Provider>,
    /// Where this runs.
    pub here: Surroundings,
}

/// The ways in as they are now.
pub struct SlotsNow {
    /// Each of them.
    pub slots: Vec<SlotInfo>,
    /// What the title says, which depends on them.
    pub facts: VaultFacts,
}

/// What a rotation did.
pub struct RotationDone {
    /// Envelopes whose key was wrapped anew.
    pub envelopes: usize,
    /// What could not be tidied up afterwards.
    pub warnings: Vec<String>,
    /// The ways in under the new key.
    pub now: SlotsNow,
}

/// What importing a dotenv file into a scope would do; values stay with the worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportPreview {
    /// One line per name in file order.
    pub rows: Vec<ImportRow>,
    /// How many names were left out: they have no value, or a reference to one that is kept already.
    pub left_out: usize,
}

/// One name of an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportRow {
    /// Where it would go.
    pub name: SecretRef,
    /// How it compares with what is there.
    pub state: ImportState,
}

/// How an imported value compares with the vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportState {
    /// No secret of that name yet.
    New,
    /// The same value is there.
    Same,
    /// Another value is there.
    Different,
}
