//! What the columns of a CSV file hold, by their names in the header. Reads no row.

use super::Dialect;
use crate::service::import::ImportError;
use crate::text::visible;

/// What to do about a header that tells too little.
pub(super) const HELP: &str = "the first line names the columns, such as title,username,password,url,notes; --dialect says whose file it is";

/// What a column holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Role {
    Folder,
    Title,
    Username,
    Password,
    Url,
    Notes,
    Totp,
    Tags,
    /// Several named values, a line each.
    Fields,
    Expires,
    /// A value of that name.
    Field(String),
    /// Nothing to keep.
    Ignored,
}

/// The names of columns that have a role, in letters and digits alone: those of Bitwarden, 1Password, KeePassXC,
/// Chrome, Firefox, Safari and LastPass.
const ROLES: [(Role, &[&str]); 10] = [
    (Role::Folder, &["folder", "group", "grouping", "vault"]),
    (Role::Title, &["title", "name"]),
    (Role::Username, &["username", "loginusername", "login", "user", "email"]),
    (Role::Password, &["password", "loginpassword", "secret"]),
    (Role::Url, &["url", "loginuri", "website", "uri"]),
    (Role::Notes, &["notes", "note", "extra", "comments"]),
    (Role::Totp, &["totp", "logintotp", "otpauth", "otp"]),
    (Role::Tags, &["tags"]),
    (Role::Fields, &["fields"]),
    (Role::Expires, &["expires", "expiresat", "expiry"]),
];

/// Columns that say nothing of a secret.
const IGNORED: [&str; 14] = [
    "favorite",
    "fav",
    "type",
    "reprompt",
    "icon",
    "created",
    "lastmodified",
    "archived",
    "guid",
    "httprealm",
    "formactionorigin",
    "timecreated",
    "timelastused",
    "timepasswordchanged",
];

/// The columns of a file, and whose it is.
#[derive(Debug)]
pub(super) struct Columns {
    pub dialect: Dialect,
    /// Their names, in letters and digits alone.
    pub names: Vec<String>,
    pub roles: Vec<Role>,
}

impl Columns {
    /// The columns that a header names.
    pub(super) fn of(header: &[&str], dialect: Option<Dialect>) -> Result<Self, ImportError> {
        let names: Vec<String> = header.iter().map(|name| plain(name)).collect();
        let has = |name: &str| names.iter().any(|found| found == name);
        let dialect = match dialect {
            Some(dialect) => dialect,
            None if has("key") && has("value") => Dialect::Tresor,
            None if has("loginpassword") => Dialect::Bitwarden,
            None if has("otpauth") && has("title") => Dialect::OnePassword,
            None if has("group") && has("title") && has("totp") => Dialect::KeePassXc,
            None => Dialect::Plain,
        };
        let needs: &[&str] = match dialect {
            Dialect::Bitwarden => &["name", "loginpassword"],
            Dialect::OnePassword => &["title", "password"],
            Dialect::KeePassXc => &["group", "title", "password"],
            Dialect::Plain => &[],
            Dialect::Tresor => &["key", "value"],
        };
        if let Some(missing) = needs.iter().find(|name| !has(name)) {
            let said = Dialect::ALL.iter().find(|(known, _)| *known == dialect);
            let word = said.map_or("this", |(_, word)| *word);
            let why =
                format!("line 1: the header has no column '{missing}', as files of {word} have");
            return Err(ImportError::malformed(why, HELP));
        }
        let roles: Vec<Role> =
            names.iter().zip(header).map(|(name, told)| role(name, told)).collect();
        let is_told = roles.contains(&Role::Password) || dialect == Dialect::Tresor;
        if !is_told {
            let why = "line 1: the header names no column for the password";
            return Err(ImportError::malformed(why, HELP));
        }
        if let Some(twice) = twice(&roles) {
            let why = format!("line 1: two columns are for the same: '{}'", visible(header[twice]));
            return Err(ImportError::malformed(why, "rename or remove one of the two"));
        }
        Ok(Self { dialect, names, roles })
    }
}

/// The first column whose role another one has already.
fn twice(roles: &[Role]) -> Option<usize> {
    let is_single = |role: &Role| !matches!(role, Role::Ignored | Role::Field(_) | Role::Url);
    let mut places = roles.iter().enumerate().filter(|(_, role)| is_single(role));
    places.find(|(place, role)| roles[..*place].contains(role)).map(|(place, _)| place)
}

fn role(name: &str, told: &str) -> Role {
    let known = ROLES.iter().find(|(_, names)| names.contains(&name));
    match known {
        Some((role, _)) => role.clone(),
        None if name.is_empty() || IGNORED.contains(&name) => Role::Ignored,
        None => Role::Field(told.to_owned()),
    }
}

/// A name in lower case without what is no letter or digit.
fn plain(name: &str) -> String {
    name.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| letter.to_ascii_lowercase())
        .collect()
}
