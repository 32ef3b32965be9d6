//! Who asks, and what they may see and change. Decided by the scope alone, before any look-up.

use std::fmt;
use std::str::FromStr;

use super::error::VaultError;
use super::scope::{Scope, ScopeKind};

/// Who reads or writes: the owner of the vault, or the one a scope names.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Actor {
    /// Sees and changes everything.
    Owner,
    /// Sees `global` and its own scope (an environment also its project's), changes its own.
    Scoped(Scope),
}

impl Actor {
    /// Whether this actor may see secrets of `scope`, and in plain words why.
    pub fn sees(&self, scope: &Scope) -> Verdict {
        let Self::Scoped(own) = self else {
            return Verdict::Allowed("the owner sees everything");
        };
        if scope.kind() == ScopeKind::Global {
            return Verdict::Allowed("global is readable by all");
        }
        if scope == own {
            return Verdict::Allowed("its own scope");
        }
        if is_project_of(scope, own) {
            return Verdict::Allowed("its own project");
        }
        Verdict::Refused(match scope.kind() {
            ScopeKind::Global => "global",
            ScopeKind::Principal => "a principal's scope",
            ScopeKind::Channel => "another channel's scope",
            ScopeKind::Skill => "another skill's scope",
            ScopeKind::Project => "a project's scope",
        })
    }

    /// Whether this actor may write to `scope`: the owner everywhere, others to their own scope.
    pub fn may_write(&self, scope: &Scope) -> bool {
        match self {
            Self::Owner => true,
            Self::Scoped(own) => scope == own,
        }
    }
}

/// Whether `scope` is the project without environment that `own` is an environment of.
fn is_project_of(scope: &Scope, own: &Scope) -> bool {
    if scope.kind() != ScopeKind::Project || own.kind() != ScopeKind::Project {
        return false;
    }
    let (theirs, ours) = (scope.segments(), own.segments());
    theirs.len() == 1 && ours.len() == 2 && theirs.first() == ours.first()
}

/// A decision and its reason in plain words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// May see it, because.
    Allowed(&'static str),
    /// May not, because it is.
    Refused(&'static str),
}

impl Verdict {
    /// Whether it is allowed.
    pub fn is_allowed(self) -> bool {
        matches!(self, Self::Allowed(_))
    }

    /// The reason.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Allowed(why) | Self::Refused(why) => why,
        }
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Owner => f.write_str("owner"),
            Self::Scoped(scope) => scope.fmt(f),
        }
    }
}

impl FromStr for Actor {
    type Err = VaultError;

    /// Reads `owner` or a scope other than `global`.
    fn from_str(input: &str) -> Result<Self, VaultError> {
        if input == "owner" {
            return Ok(Self::Owner);
        }
        let scope: Scope = input.parse()?;
        match scope.kind() {
            ScopeKind::Global => Err(VaultError::InvalidScope {
                input: input.into(),
                why: "global is nobody's; name an owner, principal, channel, skill or project",
            }),
            _ => Ok(Self::Scoped(scope)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn visibility_matrix() {
        let scopes = [
            "global",
            "principal:a",
            "principal:b",
            "channel:s:1",
            "channel:s:2",
            "skill:x",
            "skill:y",
            "project:p",
            "project:p:dev",
            "project:p:prod",
            "project:q",
        ];
        let sees = |actor: &str| -> Vec<&str> {
            let actor: Actor = actor.parse().expect("actor");
            let may = |s: &&str| actor.sees(&s.parse().expect("scope")).is_allowed();
            scopes.iter().copied().filter(may).collect()
        };
        assert_eq!(sees("owner"), scopes);
        assert_eq!(sees("principal:a"), ["global", "principal:a"]);
        assert_eq!(sees("channel:s:1"), ["global", "channel:s:1"]);
        assert_eq!(sees("skill:x"), ["global", "skill:x"]);
        assert_eq!(sees("project:p"), ["global", "project:p"]);
        assert_eq!(sees("project:p:dev"), ["global", "project:p", "project:p:dev"]);
    }

    #[test]
    fn only_the_owner_and_the_scopes_own_actor_write() {
        let dev: Actor = "project:p:dev".parse().expect("actor");
        assert!(dev.may_write(&"project:p:dev".parse().expect("scope")));
        assert!(!dev.may_write(&"project:p".parse().expect("scope")));
        assert!(!dev.may_write(&Scope::global()));
        assert!(Actor::Owner.may_write(&Scope::global()));
        assert!("global".parse::<Actor>().is_err());
    }
}
