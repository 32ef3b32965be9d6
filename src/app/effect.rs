//! What the application asks of the world. Effects carry names; plaintext travels only as `SensitiveBytes`.

use std::path::PathBuf;

use super::event::Ticket;
use crate::service::audit::Rules;
use crate::service::oauth::{Endpoints, Flow, Handle, Place, Provider};
use crate::service::search::SearchQuery;
use crate::vault::{
    Actor, BackendKind, Change, Purpose, RecoveryCode, Scope, SecretKey, SecretRef, SensitiveBytes,
    SlotId,
};

/// One request to the shell. Those with a ticket are answered by `Event::Done` or `Event::Failed`.
pub enum Effect {
    /// Leave the program (the clipboard is cleared first if it is ours).
    Quit,
    /// Stop the process as Ctrl-Z does, with the terminal whole.
    Suspend,
    /// Draw at once and over everything, so that no secret stays in a cell buffer.
    Redraw,
    /// Try where a new vault may be kept; a store of the system may take its time.
    TryBackends(Ticket),
    /// Make the vault and unlock it.
    Create {
        /// Names the answer.
        ticket: Ticket,
        /// Where its secrets are kept.
        backend: BackendKind,
        /// Its passphrase.
        passphrase: SensitiveBytes,
        /// The code that was typed back.
        code: Option<RecoveryCode>,
        /// Whether the desktop's keyring gets a key to it as well; a notice tells what became of that.
        keyring: bool,
    },
    /// Unlock with this.
    Unlock(Ticket, Opener),
    /// Accept the vault that lies here although another state was seen before, and unlock it.
    AcceptRestore(Ticket, Opener),
    /// Drop and wipe every key.
    Lock,
    /// List what `actor` sees.
    Load(Ticket, Actor),
    /// Describe one secret.
    Describe(Ticket, SecretRef),
    /// Read the live value, or that of a revision; the passphrase only for a protected secret.
    Read {
        /// Names the answer.
        ticket: Ticket,
        /// The secret.
        name: SecretRef,
        /// A kept revision, else the live one.
        revision: Option<u64>,
        /// What the journal is to say it was read for.
        purpose: Purpose,
        /// Given for a protected secret.
        passphrase: Option<SensitiveBytes>,
    },
    /// Make a one-time code of a secret.
    MakeCode {
        /// Names the answer.
        ticket: Ticket,
        /// The secret.
        name: SecretRef,
        /// What the journal is to say it was read for.
        purpose: Purpose,
        /// Given for a protected secret.
        passphrase: Option<SensitiveBytes>,
        /// Whether the user agreed to use up a code of a counter.
        count: bool,
    },
    /// Put something on the clipboard, cleared after the configured time.
    Copy {
        /// Names the answer.
        ticket: Ticket,
        /// What.
        what: CopyWhat,
        /// Given for a protected secret.
        passphrase: Option<SensitiveBytes>,
        /// Whether the user agreed to OSC 52, which cannot be cleared.
        allow_osc52: bool,
    },
    /// Clear the clipboard now if it is still ours.
    ClearClipboard(Ticket),
    /// Apply the changes in one commit.
    Apply(Ticket, Vec<Change>, Option<SensitiveBytes>),
    /// List the ways in.
    LoadSlots(Ticket),
    /// Check what was typed, and tell which ways in a rotation would drop with it.
    Prove(Ticket, Opener),
    /// Add, replace or remove a way in.
    ChangeSlots(Ticket, SlotChange),
    /// Replace the vault key, with a new recovery code if there was one.
    Rotate {
        /// Names the answer.
        ticket: Ticket,
        /// What was typed.
        opener: Opener,
        /// The code that was typed back.
        code: Option<RecoveryCode>,
    },
    /// List the trash.
    LoadTrash(Ticket),
    /// List what the view sees of the journal, and look whether it is whole.
    LoadActivity(Ticket),
    /// Look at every secret for what wants attention; how far that is comes as `Event::Progress`.
    Audit {
        /// Names the answer.
        ticket: Ticket,
        /// What counts.
        rules: Rules,
        /// Given to look at protected secrets as well.
        passphrase: Option<SensitiveBytes>,
    },
    /// Rank the names of the current listing on the search worker.
    Search(Ticket, SearchQuery),
    /// List the profiles, how they are, and the providers there are.
    LoadProfiles(Ticket),
    /// Ask the provider of a profile for new tokens.
    RenewProfile(Ticket, SecretKey, Option<SensitiveBytes>),
    /// Have the provider take the tokens back where it can, and remove the profile.
    RemoveProfile {
        /// The ticket.
        ticket: Ticket,
        /// The profile.
        id: SecretKey,
        /// Whether the provider is asked at all.
        revoke: bool,
        /// What was typed, where a token is protected.
        passphrase: Option<SensitiveBytes>,
    },
    /// Sign in, or keep a key; steps come as events until it is done.
    SignIn(Ticket, Box<SignInRequest>),
    /// Open a page in the user's browser.
    OpenPage(String),
    /// Read a dotenv file and compare it with the scope; nothing is written.
    PreviewImport(Ticket, PathBuf, Scope),
    /// Import what the last preview read.
    Import {
        /// The ticket.
        ticket: Ticket,
        /// Whether different values are replaced.
        overwrite: bool,
        /// What was typed, where one of them is protected.
        passphrase: Option<SensitiveBytes>,
    },
}

impl Effect {
    /// The ticket of a question to the vault; the clipboard and the search are asked elsewhere.
    pub fn ticket(&self) -> Option<Ticket> {
        match self {
            Self::TryBackends(ticket)
            | Self::Create { ticket, .. }
            | Self::Unlock(ticket, _)
            | Self::AcceptRestore(ticket, _)
            | Self::Load(ticket, _)
            | Self::Describe(ticket, _)
            | Self::Read { ticket, .. }
            | Self::MakeCode { ticket, .. }
            | Self::Copy { ticket, .. }
            | Self::Apply(ticket, ..)
            | Self::LoadSlots(ticket)
            | Self::Prove(ticket, _)
            | Self::ChangeSlots(ticket, _)
            | Self::Rotate { ticket, .. }
            | Self::LoadTrash(ticket)
            | Self::LoadActivity(ticket)
            | Self::LoadProfiles(ticket)
            | Self::Audit { ticket, .. }
            | Self::RenewProfile(ticket, ..)
            | Self::RemoveProfile { ticket, .. }
            | Self::SignIn(ticket, _)
            | Self::PreviewImport(ticket, ..)
            | Self::Import { ticket, .. } => Some(*ticket),
            _ => None,
        }
    }

    /// What was typed for a question to a provider about a profile with a protected secret.
    pub fn take_passphrase(&mut self) -> Option<SensitiveBytes> {
        match self {
            Self::RenewProfile(.., typed) | Self::RemoveProfile { passphrase: typed, .. } => {
                typed.take()
            }
            Self::SignIn(_, request) => request.passphrase.take(),
            _ => None,
        }
    }
}

/// What a sign-in needs.
pub struct SignInRequest {
    /// Where what comes is kept, unless something else is said when it is there.
    pub place: Place,
    /// Whether it takes the place of the profile that is there.
    pub again: bool,
    /// The provider.
    pub provider: Provider,
    /// The way.
    pub flow: Flow,
    /// The provider's addresses, as far as they are known.
    pub endpoints: Endpoints,
    /// The client's id; empty for a key.
    pub client_id: String,
    /// The client's secret, or the key.
    pub secret: Option<SensitiveBytes>,
    /// What is asked for.
    pub scopes: Vec<String>,
    /// What was typed, where a secret of the profile that is there is protected.
    pub passphrase: Option<SensitiveBytes>,
    /// Leads to it while it goes on.
    pub handle: Handle,
}

/// One change of the ways in. What was typed to prove who asks goes along where protected secrets
/// need it.
pub enum SlotChange {
    /// One more.
    Add(NewWay, Option<SensitiveBytes>),
    /// Another passphrase in the place of one.
    Replace {
        /// The slot that goes.
        old: SlotId,
        /// The new passphrase.
        new: SensitiveBytes,
        /// What was typed.
        proof: SensitiveBytes,
    },
    /// One fewer.
    Remove(SlotId),
}

/// A way in to be made.
pub enum NewWay {
    /// A passphrase.
    Passphrase(SensitiveBytes),
    /// A recovery code that was typed back.
    Recovery(RecoveryCode),
    /// A key file; the shell makes it if it is not there.
    KeyFile(PathBuf),
    /// A key that the shell makes and puts into the desktop's keyring.
    Keyring,
}

/// What opens a vault.
pub enum Opener {
    /// What was typed: a passphrase, or a recovery code in its place.
    Typed(SensitiveBytes),
    /// The key file that was named at the start; the shell reads it.
    KeyFile,
    /// What the desktop's keyring holds; the shell asks it, however long that takes.
    Keyring,
}

/// What to put on the clipboard.
pub enum CopyWhat {
    /// The live value of a secret.
    Value(SecretRef),
    /// Something that is no secret: a username, a URL, a reference.
    Text {
        /// What it is, for the status line.
        label: String,
        /// The text.
        text: String,
    },
    /// A value that was made here: generated and not stored yet, or a one-time code.
    Generated(SensitiveBytes),
}
