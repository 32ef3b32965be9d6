//! Looks up references, in the open vault and outside it. Finds none in a text, and shows no value.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::capped::capped;
use super::error::CliError;
use super::record;
use super::session::{Opened, Session};
use crate::fault::FaultKind;
use crate::service::reference::{Policy, Reference, Spot, State, Unresolved};
use crate::text::visible;
use crate::vault::{Description, Locator, Purpose, SecretRef, SensitiveBytes, VaultError};

/// Looks up references for one command.
pub struct Resolver<'a> {
    policy: Policy,
    opened: Option<&'a Opened<'a>>,
}

/// Opens the vault, if a reference leads there.
///
/// # Errors
///
/// What keeps it shut.
pub fn open_if_needed<'a, 'r>(
    session: &'a Session,
    references: impl IntoIterator<Item = &'r Reference>,
) -> Result<Option<Opened<'a>>, CliError> {
    let is_needed = references.into_iter().any(|one| matches!(one, Reference::Vault(_)));
    is_needed.then(|| session.open()).transpose()
}

/// What one reference leads to.
pub type Found<R> = Result<R, Unresolved>;

impl<'a> Resolver<'a> {
    /// One that obeys the settings, with the vault if it is open.
    pub fn new(session: &Session, opened: Option<&'a Opened<'a>>) -> Result<Self, CliError> {
        let settings = session.settings()?;
        let policy =
            Policy { files: settings.reference_files, commands: settings.reference_commands };
        Ok(Self { policy, opened })
    }

    /// The values, in the order of the references. Those in the vault are read in one step.
    ///
    /// # Errors
    ///
    /// What keeps the vault from answering at all; a reference that leads nowhere is none.
    pub fn values(
        &self,
        references: &[&Reference],
        purpose: Purpose,
    ) -> Result<Vec<Found<SensitiveBytes>>, CliError> {
        let states = self.states_in_vault(references)?;
        let wanted = references.iter().zip(&states).filter_map(|pair| match pair {
            (Reference::Vault(locator), Ok(None)) => Some(&locator.name),
            _ => None,
        });
        let wanted = wanted.collect();
        let read = match self.opened {
            Some(opened) => opened.read_once(wanted, purpose)?,
            None => BTreeMap::new(),
        };
        let value = |(reference, state): (&&Reference, Found<Option<String>>)| {
            Ok(match (reference, state) {
                (_, Err(wrong)) => Err(wrong),
                (_, Ok(Some(field))) => Ok(SensitiveBytes::from_string(field)),
                (Reference::Vault(locator), Ok(None)) => {
                    let secret = read.get(&locator.name);
                    Ok(secret.ok_or(VaultError::Internal { what: "reading" })?.value.duplicate())
                }
                (outside, Ok(None)) => self.policy.resolve(outside),
            })
        };
        references.iter().zip(states).map(value).collect()
    }

    /// Whether each leads to something. Values in the vault are not read for it, and no program is run.
    ///
    /// # Errors
    ///
    /// Those of [`Self::values`].
    pub fn states(&self, references: &[&Reference]) -> Result<Vec<Found<()>>, CliError> {
        let states = self.states_in_vault(references)?;
        let state = |(reference, state): (&&Reference, Found<Option<String>>)| match reference {
            Reference::Vault(_) => state.map(drop),
            outside => self.policy.look(outside),
        };
        Ok(references.iter().zip(states).map(state).collect())
    }

    /// What the vault's index says of each: the text of a field, or that there is a value to read.
    fn states_in_vault(
        &self,
        references: &[&Reference],
    ) -> Result<Vec<Found<Option<String>>>, CliError> {
        let mut states: Vec<_> = references.iter().map(|_| Ok(None)).collect();
        let Some(opened) = self.opened else { return Ok(states) };
        let (at, locators): (Vec<usize>, Vec<&Locator>) =
            references.iter().enumerate().filter_map(in_vault).unzip();
        let names: Vec<SecretRef> = locators.iter().map(|locator| locator.name.clone()).collect();
        let described = opened.view.describe_all(&names)?;
        for ((at, locator), description) in at.into_iter().zip(locators).zip(described) {
            states[at] = state_of(locator, description)?;
        }
        Ok(states)
    }
}

fn in_vault<'r>((at, reference): (usize, &&'r Reference)) -> Option<(usize, &'r Locator)> {
    match reference {
        Reference::Vault(locator) => Some((at, locator)),
        _ => None,
    }
}

fn state_of(
    locator: &Locator,
    description: Result<Description, VaultError>,
) -> Result<Found<Option<String>>, CliError> {
    let metadata = match description {
        Ok(description) => description.metadata,
        Err(error @ VaultError::NotFound { .. }) => {
            return Ok(Err(Unresolved::missing(error.to_string())));
        }
        Err(error @ VaultError::NotAllowed { .. }) => {
            return Ok(Err(Unresolved::blocked(error.to_string())));
        }
        Err(error) => return Err(error.into()),
    };
    let Some(field) = locator.field.as_deref().filter(|field| *field != "value") else {
        return Ok(Ok(None));
    };
    Ok(match record::field(&locator.name, &metadata, field) {
        Ok(text) => Ok(Some(text)),
        // It has none, or nothing has such a field.
        Err(error) => Err(Unresolved::missing(error.to_string())),
    })
}

/// The references of a text that are well formed.
pub fn references(spots: &[Spot]) -> impl Iterator<Item = &Reference> {
    spots.iter().filter_map(|spot| spot.reference.as_ref().ok())
}

/// One value for each spot of a text, or an error that tells of all that lead nowhere.
pub fn values_of(
    session: &Session,
    opened: Option<&Opened<'_>>,
    spots: &[Spot],
    place: &str,
    purpose: Purpose,
) -> Result<Vec<SensitiveBytes>, CliError> {
    let spots: Vec<(&str, &Spot)> = spots.iter().map(|spot| (place, spot)).collect();
    values_at(session, opened, &spots, purpose)
}

/// The same for spots of several texts, each with its name.
pub fn values_at(
    session: &Session,
    opened: Option<&Opened<'_>>,
    spots: &[(&str, &Spot)],
    purpose: Purpose,
) -> Result<Vec<SensitiveBytes>, CliError> {
    let asked: Vec<Asked<'_>> = spots.iter().map(|(place, spot)| Asked::at(place, spot)).collect();
    let found = Resolver::new(session, opened)?.values(&good(&asked), purpose)?;
    all_found(session, &asked, found)
}

/// Refuses references that lead nowhere before a value is read: those that options name, each with its
/// option, and those in texts.
///
/// # Errors
///
/// All that lead nowhere, at once.
pub fn check(
    session: &Session,
    opened: Option<&Opened<'_>>,
    named: &[(String, Reference)],
    spots: &[(&str, &Spot)],
) -> Result<(), CliError> {
    let named = named
        .iter()
        .map(|(place, reference)| Asked { place: place.clone(), reference: Ok(reference) });
    let spots = spots.iter().map(|(place, spot)| Asked::at(place, spot));
    let asked: Vec<Asked<'_>> = named.chain(spots).collect();
    let found = Resolver::new(session, opened)?.states(&good(&asked))?;
    all_found(session, &asked, found).map(drop)
}

/// What is asked for, and where.
struct Asked<'a> {
    /// The place in words: `app.env, line 3`.
    place: String,
    /// The reference, or why it is none.
    reference: Result<&'a Reference, Unresolved>,
}

impl<'a> Asked<'a> {
    fn at(place: &str, spot: &'a Spot) -> Self {
        let malformed = |error: &_| Unresolved::failed(ToString::to_string(error));
        let reference = spot.reference.as_ref().map_err(malformed);
        Self { place: format!("{place}, line {}", spot.line), reference }
    }
}

/// The references that are well formed.
fn good<'a>(asked: &[Asked<'a>]) -> Vec<&'a Reference> {
    asked.iter().filter_map(|one| one.reference.as_ref().ok().copied()).collect()
}

/// What the good ones lead to, in their order, or an error that tells of all the others.
fn all_found<R>(
    session: &Session,
    asked: &[Asked<'_>],
    found: Vec<Found<R>>,
) -> Result<Vec<R>, CliError> {
    let mut found = found.into_iter();
    let (mut all, mut dangling) = (Vec::with_capacity(asked.len()), Vec::new());
    for one in asked {
        let (reference, why) = match &one.reference {
            Err(why) => (String::new(), why.clone()),
            Ok(reference) => match found.next() {
                Some(Err(why)) => (reference.to_string(), why),
                Some(Ok(value)) => {
                    all.push(value);
                    continue;
                }
                None => continue,
            },
        };
        dangling.push(Dangling { place: one.place.clone(), reference, why });
    }
    match dangling.is_empty() {
        true => Ok(all),
        false => Err(all_dangling(session, dangling, asked.len())),
    }
}

/// One reference that leads nowhere, and where it stands.
struct Dangling {
    /// The place in words.
    place: String,
    /// The reference as it stands there; empty when it is none.
    reference: String,
    /// Why.
    why: Unresolved,
}

impl Dangling {
    /// What is no reference is worse than what leads nowhere.
    fn badness(&self) -> (bool, State) {
        (self.reference.is_empty(), self.why.state)
    }

    fn text(&self) -> String {
        match self.reference.is_empty() {
            true => format!("{}: no reference: {}", self.place, visible(&self.why.why)),
            false => format!("{}: {} is {}", self.place, self.reference, self.why),
        }
    }
}

/// Tells of them at once, of very many the first, the worst before all others: it decides the kind.
fn all_dangling(session: &Session, mut dangling: Vec<Dangling>, of: usize) -> CliError {
    dangling.sort_by_key(|one| Reverse(one.badness()));
    let lines: Vec<String> = dangling.iter().map(Dangling::text).collect();
    let mut message = format!("{} of {of} references cannot be filled in", dangling.len());
    match session.out.json {
        true => {
            let told: Vec<_> = capped(&lines).collect();
            message = format!("{message}: {}", told.join("; "));
        }
        false => capped(&lines).for_each(|line| session.out.warning(&line)),
    }
    let worst = dangling.first().map(Dangling::badness);
    let (kind, help) = match worst {
        Some((true, _)) => (
            FaultKind::Invalid,
            "write tresor://SCOPE/KEY[?field=NAME]; in braces also env:NAME, file:/PATH or exec:/PATH WORD…",
        ),
        Some((_, State::Blocked)) => {
            (FaultKind::Refused, "allow it in the settings, or leave it out")
        }
        Some((_, State::Failed)) => {
            (FaultKind::Unreachable, "nothing was done; see what it says of each")
        }
        _ => (FaultKind::NotFound, "nothing was done; 'tresor find' looks for names"),
    };
    CliError::new(kind, message, help)
}
