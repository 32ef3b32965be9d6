//! `tresor run`: a command with secrets in its environment. Without a mask it becomes that command, and nothing of
//! ours stays behind; with one it stays to carry the output.

#[cfg_attr(unix, path = "run/unix.rs")]
#[cfg_attr(windows, path = "run/windows.rs")]
mod start;

mod env_file;
#[cfg(unix)]
mod keyboard;
mod masking;
mod piped;
#[cfg(unix)]
mod signals;
mod steering;
#[cfg(unix)]
mod terminal;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt::Display;
use std::path::PathBuf;
use std::process::Command;

use clap::Args;
use env_file::EnvFiles;
use masking::{Choice, Masking, Values, Ways};
use steering::steers_programs;

use super::read;
use crate::cli::environment as env;
use crate::cli::error::CliError;
use crate::cli::session::{Opened, Outcome, Session};
use crate::cli::{bad_places, exit, names, resolve};
use crate::fault::FaultKind;
use crate::service::reference::Reference;
use crate::text::visible;
use crate::vault::{Locator, Purpose, Scope, SecretKey, VaultError};

/// Run a command with secrets in its environment
///
/// The command takes over the terminal and its exit code is ours; 125, 126 and 127 say that it did
/// not start. Keys become variables in capitals, with _ for . and -. What unlocks the vault is taken out
/// of its environment: TRESOR_KEY_FILE, TRESOR_PASSPHRASE_FILE and TRESOR_PASSPHRASE_COMMAND.
///
/// Where its output goes to a file or a pipe, values of its secrets appear there as *****, also in
/// base64, percent-encoded and in JSON. --mask does the same on a terminal. This catches accidents;
/// it does not stop a command that means to show them.
#[derive(Args)]
pub struct Run {
    /// All secrets of this scope; repeat it for more
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// One secret under this name; repeat it for more
    #[arg(long = "env", value_name = "NAME=REF")]
    variables: Vec<String>,
    /// The variables of this .env file, with the references in their values filled in; repeat it for more
    #[arg(long = "env-file", value_name = "FILE")]
    env_files: Vec<PathBuf>,
    /// Mask secrets in the output, on a terminal too
    #[arg(long, conflicts_with = "no_mask")]
    mask: bool,
    /// Mask nothing: the command's output is its own
    #[arg(long)]
    no_mask: bool,
    /// The command and its arguments
    #[arg(value_name = "CMD", required = true, last = true)]
    command: Vec<OsString>,
}

impl Run {
    pub fn run(&self, session: &Session) -> Outcome {
        let failed = |cause| CliError::Run { code: exit::RUN_FAILED, cause: Box::new(cause) };
        let (command, masking) = self.prepare(session).map_err(failed)?;
        let program = command.get_program().to_string_lossy().into_owned();
        let error = match start::run(command, masking) {
            Ok(code) => return Ok(code),
            Err(error) => error,
        };
        let (code, kind, help) = start::not_started(&error);
        let message = format!("cannot run {}: {error}", visible(&program));
        Err(CliError::Run { code, cause: Box::new(CliError::new(kind, message, help)) })
    }

    fn choice(&self) -> Choice {
        match (self.mask, self.no_mask) {
            (true, _) => Choice::Always,
            (_, true) => Choice::Never,
            _ => Choice::Unless,
        }
    }

    /// The command with its environment, and what to mask; the vault is shut again when this returns.
    fn prepare(&self, session: &Session) -> Result<(Command, Option<Masking>), CliError> {
        session.check_named_settings()?;
        let scopes =
            self.scopes.iter().map(|scope| scope.parse()).collect::<Result<Vec<Scope>, _>>()?;
        let named =
            self.variables.iter().map(|text| variable(text)).collect::<Result<Vec<_>, _>>()?;
        let (program, arguments) = self
            .command
            .split_first()
            .ok_or_else(|| CliError::invalid("there is no command to run", "write it behind --"))?;
        let mut command = Command::new(program);
        command.args(arguments);
        env::UNLOCKING.iter().for_each(|name| {
            command.env_remove(name);
        });
        let files = EnvFiles::read(&self.env_files)?;
        refuse_steering(&files)?;
        let mut masked = Values::new(Ways::of_this_process(self.choice()));
        let opened = match scopes.is_empty() && named.is_empty() {
            false => Some(session.open()?),
            true => resolve::open_if_needed(session, files.references())?,
        };
        if opened.is_none() && files.is_empty() {
            session.out.note("no --scope, --env or --env-file: the command gets no secrets");
            return Ok((command, None));
        }
        check(session, opened.as_ref(), &named, &files)?;
        let plan = match &opened {
            Some(opened) => plan(opened, &scopes, named)?,
            None => BTreeMap::new(),
        };
        refuse_both(&plan, &files)?;
        for variable in files.fill(session, opened.as_ref())? {
            let (name, place) = (&variable.name, &variable.place);
            variable.value.with(|bytes| put(&mut command, name, place, bytes))?;
            for (reference, value) in &variable.secrets {
                value.with(|bytes| masked.add(reference, bytes, session.out));
            }
        }
        if let Some(opened) = opened {
            hand_over(session, &opened, plan, &mut command, &mut masked)?;
            opened.close();
        }
        Ok((command, masked.into_masking(session.out)))
    }
}

/// Refuses references that lead nowhere, those of files too, where several are named: of a single one the
/// reading tells more.
fn check(
    session: &Session,
    opened: Option<&Opened<'_>>,
    named: &[(String, Locator)],
    files: &EnvFiles,
) -> Result<(), CliError> {
    let spots = files.spots();
    if named.is_empty() || named.len() + spots.len() == 1 {
        return Ok(());
    }
    let option = |(name, locator): &(String, Locator)| {
        (format!("--env {name}"), Reference::Vault(locator.clone()))
    };
    let named: Vec<(String, Reference)> = named.iter().map(option).collect();
    resolve::check(session, opened, &named, &spots)
}

/// Sets the variables of the plan.
fn hand_over(
    session: &Session,
    opened: &Opened<'_>,
    plan: BTreeMap<String, Locator>,
    command: &mut Command,
    masked: &mut Values,
) -> Result<(), CliError> {
    let (values, fields): (Vec<_>, Vec<_>) =
        plan.into_iter().partition(|(_, locator)| is_value(locator));
    // All at once: one state of the vault.
    let names = values.iter().map(|(_, from)| &from.name).collect();
    let secrets = opened.read_once(names, Purpose::Run)?;
    for (name, Locator { name: from, .. }) in &values {
        let secret = secrets.get(from).ok_or(VaultError::Internal { what: "reading" })?;
        secret.value.with(|bytes| put(command, name, from, bytes))?;
    }
    for (from, secret) in &secrets {
        secret.value.with(|bytes| masked.add(from, bytes, session.out));
    }
    for (name, locator) in fields {
        let value = read::locate(opened, &locator, None, Purpose::Run)?;
        value.with(|bytes| put(command, &name, &locator.name, bytes))?;
    }
    Ok(())
}

/// Refuses files that steer programs: such a file may be anybody's who wrote to a project, and the command
/// need not be one of that project's.
fn refuse_steering(files: &EnvFiles) -> Result<(), CliError> {
    let steering: Vec<(&str, &str)> =
        files.names().filter(|(name, _)| steers_programs(name)).collect();
    if steering.is_empty() {
        return Ok(());
    }
    let told = steering.iter().map(|(name, file)| format!("{file} assigns {name}"));
    let told = bad_places::in_words(&told.collect::<Vec<_>>(), "steer programs");
    let message = match steering.len() {
        1 => format!("{told}, which steers programs"),
        _ => told,
    };
    let (names, _): (Vec<&str>, Vec<&str>) = steering.into_iter().unzip();
    let names = names.join(" and ");
    let help = format!("if you mean it: set {names} in your shell, and take it out there");
    Err(CliError::new(FaultKind::Refused, message, help))
}

/// Refuses a variable that a file assigns and a secret is to be as well.
fn refuse_both(plan: &BTreeMap<String, Locator>, files: &EnvFiles) -> Result<(), CliError> {
    for (name, file) in files.names() {
        let taken = plan.iter().find(|(taken, _)| start::are_one_variable(taken, name));
        if let Some((_, locator)) = taken {
            let message = format!("{file} and {} would both be {}", locator.name, visible(name));
            let help = "take it out of the file, or leave out --scope or --env";
            return Err(CliError::invalid(message, help));
        }
    }
    Ok(())
}

/// Whether a locator names the value, not a field beside it.
fn is_value(locator: &Locator) -> bool {
    matches!(locator.field.as_deref(), None | Some("value"))
}

/// Sets one variable; refuses what a variable cannot hold.
fn put(
    command: &mut Command,
    name: &str,
    from: &impl Display,
    bytes: &[u8],
) -> Result<(), CliError> {
    let refuse = |why: &str| {
        let help = "leave it out, or read it in the command with 'tresor read'";
        Err(CliError::invalid(format!("{from} cannot be the variable {name}: {why}"), help))
    };
    if bytes.contains(&0) {
        return refuse("it holds a zero byte");
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        return refuse("it is not UTF-8 text");
    };
    command.env(name, text);
    Ok(())
}

/// Which variable takes which secret; two for one variable are refused.
fn plan(
    opened: &Opened<'_>,
    scopes: &[Scope],
    named: Vec<(String, Locator)>,
) -> Result<BTreeMap<String, Locator>, CliError> {
    let mut plan = BTreeMap::new();
    for (name, locator) in named {
        add(&mut plan, name, locator)?;
    }
    if scopes.is_empty() {
        return Ok(plan);
    }
    scopes.iter().try_for_each(|scope| opened.check_visible(scope))?;
    let secrets = opened.view.list()?.secrets;
    opened.check_filled(scopes, &secrets)?;
    for secret in secrets {
        if scopes.contains(&secret.name.scope) {
            let name = variable_name(&secret.name.key);
            if steers_programs(&name) {
                let help = format!("if you mean it: --env {name}={}", secret.name);
                let message = format!("{} would become {name}, which steers programs", secret.name);
                return Err(CliError::new(FaultKind::Refused, message, help));
            }
            add(&mut plan, name, Locator { name: secret.name, field: None })?;
        }
    }
    Ok(plan)
}

fn add(
    plan: &mut BTreeMap<String, Locator>,
    name: String,
    locator: Locator,
) -> Result<(), CliError> {
    match plan.iter().find(|(taken, _)| start::are_one_variable(taken, &name)) {
        Some((_, other)) if *other != locator => Err(CliError::invalid(
            format!("{} and {} would both be {name}", other.name, locator.name),
            "name one of them differently with 'tresor move', or pick with --env instead of --scope",
        )),
        _ => {
            plan.insert(name, locator);
            Ok(())
        }
    }
}

/// `stripe-key.live` becomes `STRIPE_KEY_LIVE`.
pub fn variable_name(key: &SecretKey) -> String {
    key.as_str().to_ascii_uppercase().replace(['.', '-'], "_")
}

/// Reads `NAME=REF`.
fn variable(text: &str) -> Result<(String, Locator), CliError> {
    let wrong = || {
        CliError::invalid(
            "--env takes NAME=REF, NAME of letters, digits and _",
            "for example --env DB_URL=project:shop:prod/database_url",
        )
    };
    let (name, reference) = text.split_once('=').ok_or_else(wrong)?;
    let letters = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let starts = name.bytes().next().is_some_and(|byte| !byte.is_ascii_digit());
    if !starts || !name.bytes().all(letters) {
        return Err(wrong());
    }
    // What is no reference may be a secret, and is not said again.
    let locator = names::locator(&[reference.to_owned()]).map_err(|error| {
        let message = format!("--env {name}: what stands behind the = is no reference");
        CliError::new(error.kind(), message, error.help())
    })?;
    Ok((name.to_owned(), locator))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn keys_become_variables() {
        let name = |key: &str| variable_name(&key.parse().expect("a key"));
        assert_eq!(name("stripe-key.live"), "STRIPE_KEY_LIVE");
        assert_eq!(name("1A"), "1A");
        assert!(steers_programs(&name("ld_preload")));
    }

    #[test]
    fn two_secrets_for_one_variable_are_refused_with_both_names() {
        let locator = |text: &str| text.parse::<Locator>().expect("a reference");
        let mut plan = BTreeMap::new();
        add(&mut plan, "A_B".into(), locator("global/a-b")).expect("first");
        add(&mut plan, "A_B".into(), locator("global/a-b")).expect("the same again");
        let error = add(&mut plan, "A_B".into(), locator("global/a.b")).expect_err("two");
        assert_eq!(error.to_string(), "global/a-b and global/a.b would both be A_B");
    }

    #[test]
    fn variables_are_a_name_and_a_reference() {
        assert!(variable("DB_URL=global/x").is_ok());
        assert!(variable("U=tresor://global/x?field=username").is_ok());
        for text in ["", "=global/x", "1A=global/x", "A-B=global/x", "A", "A=", "A=global"] {
            assert!(variable(text).is_err(), "{text:?}");
        }
    }
}
