//! CSV files of password managers and of tresor, told apart by their header. Writes none.

mod columns;
mod rows;

use super::collect::Collector;
use super::item::Item;
use super::record::{Exact, Record};
use super::{ImportError, Outcome, Place, json};
use crate::vault::{SensitiveBytes, Timestamp};
use columns::{Columns, Role};
use rows::Rows;

/// Whose file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Bitwarden's export.
    Bitwarden,
    /// 1Password's export.
    OnePassword,
    /// KeePassXC's export.
    KeePassXc,
    /// Any other with a column for passwords: browsers, LastPass, a spreadsheet.
    Plain,
    /// What `tresor export` writes.
    Tresor,
}

impl Dialect {
    /// All of them with their words.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::Bitwarden, "bitwarden"),
        (Self::OnePassword, "1password"),
        (Self::KeePassXc, "keepassxc"),
        (Self::Plain, "plain"),
        (Self::Tresor, "tresor"),
    ];
}

/// What to do about a row that has more or fewer columns than the header.
const ROW_HELP: &str = "every row has as many columns as the header; a value with a comma, a quote or a new line is quoted";

/// Reads a file; without `dialect` its header tells whose it is.
///
/// # Errors
///
/// A header that tells too little, or too large a file; what is wrong with single rows is in what was found.
pub fn read(file: &SensitiveBytes, dialect: Option<Dialect>) -> Outcome {
    file.with(|bytes| {
        let text = json::text(bytes)?;
        let mut rows = Rows::new(text);
        let Some(header) = rows.next() else {
            return Err(ImportError::malformed("the file is empty", columns::HELP));
        };
        let columns = Columns::of(&header.cells, dialect)?;
        match columns.dialect {
            Dialect::Tresor => records(rows, &columns),
            _ => items(rows, &columns),
        }
    })
}

/// A row with so many columns as the header; else what is wrong with it.
fn checked(row: &rows::Row<'_>, columns: &Columns) -> Result<(), String> {
    let (here, wanted) = (row.cells.len(), columns.roles.len());
    if row.is_open {
        return Err("a quote is opened in this row and never closed".to_owned());
    }
    match here == wanted {
        true => Ok(()),
        false => Err(format!("it has not the header's {wanted} columns, but {here}")),
    }
}

fn items(mut rows: Rows<'_>, columns: &Columns) -> Outcome {
    let mut collector = Collector::default();
    while let Some(row) = rows.next() {
        let place = Place::Line(row.line);
        match checked(&row, columns) {
            Ok(()) => collector.add(item(&row.cells, columns), &place),
            Err(why) => collector.bad(place, why, ROW_HELP),
        }
    }
    collector.done()
}

fn item(cells: &[&str], columns: &Columns) -> Item {
    let mut item = Item::default();
    for (role, cell) in columns.roles.iter().zip(cells).filter(|(_, cell)| !cell.is_empty()) {
        let cell = *cell;
        match role {
            Role::Folder => item.folders = folders(cell, columns.dialect),
            Role::Title => item.title.push_str(cell),
            Role::Username => item.username = cell.to_owned().into(),
            Role::Password => item.password = cell.to_owned().into(),
            Role::Totp => item.totp = cell.to_owned().into(),
            Role::Notes => item.notes = cell.to_owned().into(),
            Role::Url if NO_ADDRESSES.contains(&cell) => {}
            Role::Url => item.urls.extend(urls(cell, columns.dialect)),
            Role::Tags => item.tags.extend(cell.split([';', ',']).map(|tag| tag.trim().to_owned())),
            Role::Fields => fields(&mut item, cell),
            Role::Expires => item.expires_at = Timestamp::parse(cell),
            Role::Field(name) => item.field(name.as_str(), cell),
            Role::Ignored => {}
        }
    }
    item
}

/// What LastPass writes as the address of a secure note and of an empty folder.
const NO_ADDRESSES: [&str; 2] = ["http://sn", "http://group"];

/// KeePassXC begins with the root group, which says nothing.
fn folders(cell: &str, dialect: Dialect) -> Vec<String> {
    let root = usize::from(dialect == Dialect::KeePassXc);
    cell.split(['/', '\\']).skip(root).map(str::to_owned).collect()
}

/// Bitwarden puts several into one cell, with commas between them.
fn urls(cell: &str, dialect: Dialect) -> Vec<String> {
    let several = dialect == Dialect::Bitwarden && cell.split(',').all(|url| url.contains("://"));
    match several {
        true => cell.split(',').map(str::to_owned).collect(),
        false => vec![cell.to_owned()],
    }
}

/// Bitwarden's own fields: a line each, `name: value`. A line without a name belongs to the one before.
fn fields(item: &mut Item, cell: &str) {
    for line in cell.lines() {
        let (name, value) = line.split_once(": ").unwrap_or(("field", line));
        item.field(name, value);
    }
}

fn records(mut rows: Rows<'_>, columns: &Columns) -> Outcome {
    let mut exact = Exact::new(ROW_HELP);
    while let Some(row) = rows.next() {
        let place = Place::Line(row.line);
        let entry = checked(&row, columns)
            .and_then(|()| record(&row.cells, columns))
            .and_then(|record| record.entry(place.clone()));
        exact.add(place, entry);
    }
    exact.done()
}

fn record(cells: &[&str], columns: &Columns) -> Result<Record, String> {
    let mut record = Record::default();
    for (name, cell) in columns.names.iter().zip(cells) {
        // An empty cell says nothing, but of a value.
        let text = Some((*cell).to_owned()).filter(|cell| !cell.is_empty());
        match name.as_str() {
            "scope" => record.scope = text,
            "key" => record.key = text.unwrap_or_default(),
            "value" => record.value = Some((*cell).to_owned().into()),
            "kind" => record.kind = text,
            "username" => record.username = text,
            "url" => record.url = text,
            "tags" => {
                let tags =
                    |text: String| text.split(',').map(|tag| tag.trim().to_owned()).collect();
                record.tags = text.map(tags);
            }
            "note" => record.note = text,
            "expiresat" => record.expires_at = text,
            "protected" => {
                let said = text.map(|text| text.parse().map_err(|_| "protected is true or false"));
                record.protected = said.transpose()?;
            }
            _ => {}
        }
    }
    Ok(record)
}
