//! The clipboard of this machine: tries the routes in their order and remembers the one that works.
//! It holds no value itself.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::process::{Holder, StartError, Starter, Wake};
use super::{
    Clipboard, ClipboardEnv, ClipboardError, ClipboardReceipt, CopyReport, Osc52Consent, Route,
    Tried, candidates, osc52, tmux,
};
use crate::vault::SensitiveBytes;

/// The clipboard as this process's environment leads to it.
pub struct SystemClipboard {
    env: ClipboardEnv,
    exe: Option<PathBuf>,
    route: Option<Route>,
    holder: Option<Holder>,
    wake: Option<Wake>,
}

impl SystemClipboard {
    /// Nothing is probed yet: that happens with the first copy, or by [`Self::probe`].
    pub fn new(env: ClipboardEnv) -> Self {
        Self { env, exe: own_program(), route: None, holder: None, wake: None }
    }

    /// Like [`Self::new`], with another program as the holder: the tests' own process is no tresor.
    pub fn with_exe(env: ClipboardEnv, exe: impl Into<PathBuf>) -> Self {
        Self { exe: Some(exe.into()), ..Self::new(env) }
    }

    /// Has `wake` called, from another thread, when [`Clipboard::poll`] may have a receipt; so an
    /// idle program need not ask. It may be called without one.
    pub fn with_wake(self, wake: impl Fn() + Send + Sync + 'static) -> Self {
        Self { wake: Some(Arc::new(wake)), ..self }
    }

    /// Finds out which route really works, without copying anything.
    ///
    /// OSC 52 gives no answer and so counts as working; the consent is asked with the copy.
    pub fn probe(&mut self) -> Result<Route, ClipboardError> {
        let mut tried = Vec::new();
        for route in candidates(&self.env) {
            if route != Route::Osc52 {
                match self.starter()?.probe(route) {
                    Ok(()) => {}
                    Err(StartError::Helper(error)) => return Err(error),
                    Err(StartError::Route(why)) => {
                        tried.push(Tried::new(route, &why));
                        continue;
                    }
                }
            }
            self.route = Some(route);
            return Ok(route);
        }
        Err(ClipboardError::None(tried))
    }

    fn starter(&self) -> Result<Starter<'_>, ClipboardError> {
        let exe = self.exe.as_deref();
        let unknown = || ClipboardError::Helper("this program's own file is not known".to_owned());
        Ok(Starter { exe: exe.ok_or_else(unknown)?, env: &self.env, wake: self.wake.clone() })
    }

    /// The candidates, the one that worked last first.
    fn order(&self) -> Vec<Route> {
        let mut routes = candidates(&self.env);
        routes.sort_by_key(|route| Some(*route) != self.route);
        routes
    }

    /// Writes the terminal's sequence, if the user agreed to what cannot be taken back.
    fn copy_by_terminal(
        &mut self,
        value: &SensitiveBytes,
        consent: Osc52Consent,
    ) -> Result<Option<String>, ClipboardError> {
        match consent {
            Osc52Consent::Never => return Ok(Some("switched off (osc52 = \"never\")".to_owned())),
            Osc52Consent::Ask => return Err(ClipboardError::ConsentNeeded),
            Osc52Consent::Given => {}
        }
        let Some(tty) = &self.env.tty else { return Ok(Some("there is no terminal".to_owned())) };
        match osc52::write(value, tty) {
            Ok(true) => Ok(None),
            Ok(false) => Err(ClipboardError::TooLong),
            Err(error) => Ok(Some(error.to_string())),
        }
    }

    /// What was done by `route`.
    fn report(&self, route: Route, clear_after: Duration, consent: Osc52Consent) -> CopyReport {
        let seconds = clear_after.as_secs() + u64::from(clear_after.subsec_nanos() > 0);
        let buffer = self.holder.as_ref().map_or("", |holder| &holder.buffer);
        let paste = match route {
            Route::Tmux => tmux::keys_to_paste(&self.env, buffer),
            _ => String::new(),
        };
        CopyReport {
            route,
            clear_after: (route != Route::Osc52).then_some(seconds),
            to_terminal: route == Route::Osc52 || hands_on(route, consent),
            paste,
            limits: limits(route, consent).to_owned(),
        }
    }

    /// Tries one route; `Ok(Some(why))` when it does not work here.
    fn copy_by(
        &mut self,
        route: Route,
        value: &SensitiveBytes,
        clear_after: Duration,
        consent: Osc52Consent,
    ) -> Result<Option<String>, ClipboardError> {
        if route == Route::Osc52 {
            return self.copy_by_terminal(value, consent);
        }
        let to_terminal = hands_on(route, consent);
        match self.starter()?.hold(route, value, clear_after, to_terminal) {
            Ok(holder) => {
                if let Some(former) = self.holder.replace(holder) {
                    former.replace();
                }
                Ok(None)
            }
            Err(StartError::Route(why)) => Ok(Some(why)),
            Err(StartError::Helper(error)) => Err(error),
        }
    }
}

impl Clipboard for SystemClipboard {
    fn copy(
        &mut self,
        value: &SensitiveBytes,
        clear_after: Duration,
        consent: Osc52Consent,
    ) -> Result<CopyReport, ClipboardError> {
        if value.with_str(|_| ()).is_none() {
            return Err(ClipboardError::NotText);
        }
        let mut tried = Vec::new();
        for route in self.order() {
            match self.copy_by(route, value, clear_after, consent)? {
                None => {
                    self.route = Some(route);
                    return Ok(self.report(route, clear_after, consent));
                }
                Some(why) => tried.push(Tried::new(route, &why)),
            }
        }
        Err(ClipboardError::None(tried))
    }

    fn poll(&mut self) -> Option<ClipboardReceipt> {
        let receipt = self.holder.as_mut()?.poll()?;
        self.holder = None;
        Some(receipt)
    }

    fn clear_now(&mut self) -> Option<ClipboardReceipt> {
        self.holder.take().map(Holder::clear_now)
    }

    fn wait(&mut self) -> ClipboardReceipt {
        match (self.holder.take(), self.route) {
            (Some(holder), _) => holder.wait(),
            (None, Some(Route::Osc52)) => ClipboardReceipt::Kept(Route::Osc52.limits().to_owned()),
            (None, _) => ClipboardReceipt::Kept("nothing of ours is watched".to_owned()),
        }
    }

    fn route(&self) -> Option<Route> {
        self.route
    }
}

/// Whether tmux hands the value on by OSC 52: where it cannot be cleared, so only with consent.
fn hands_on(route: Route, consent: Osc52Consent) -> bool {
    route == Route::Tmux && consent == Osc52Consent::Given
}

/// The limits of this one copy.
fn limits(route: Route, consent: Osc52Consent) -> &'static str {
    match (route, consent) {
        (Route::Tmux, Osc52Consent::Given) => {
            "tmux deletes its buffer then, but has handed the value on to the terminal's own \
             clipboard, which keeps it"
        }
        (Route::Tmux, Osc52Consent::Ask) => {
            "in tmux only; osc52 = \"always\" hands it on to the terminal's own clipboard, which \
             keeps it"
        }
        _ => route.limits(),
    }
}

/// This program's file; after an upgrade in place, the one that is still running.
fn own_program() -> Option<PathBuf> {
    let exe = std::env::current_exe().ok().filter(|exe| exe.exists());
    exe.or_else(|| Some(PathBuf::from("/proc/self/exe")).filter(|exe| exe.exists()))
}
