//! Where the values of a TOML file stand. Reads none of them.

use std::ops::Range;

use toml_edit::{Document, Item, Table, Value};

/// The bytes of every single value, quotes with them, in their order; none of a file that is no TOML.
pub fn places(text: &[u8]) -> Vec<Range<usize>> {
    let text = std::str::from_utf8(text).unwrap_or_default();
    let mut found = Vec::new();
    if let Ok(document) = Document::parse(text) {
        in_table(document.as_table(), &mut found);
    }
    // Tables may be taken up again further down.
    found.sort_unstable_by_key(|place| place.start);
    found
}

fn in_table(table: &Table, found: &mut Vec<Range<usize>>) {
    table.iter().for_each(|(_, item)| match item {
        Item::None => {}
        Item::Value(value) => in_value(value, found),
        Item::Table(table) => in_table(table, found),
        Item::ArrayOfTables(tables) => tables.iter().for_each(|table| in_table(table, found)),
    });
}

/// What is made of others has comments between them.
fn in_value(value: &Value, found: &mut Vec<Range<usize>>) {
    match value {
        Value::Array(array) => array.iter().for_each(|value| in_value(value, found)),
        Value::InlineTable(table) => table.iter().for_each(|(_, value)| in_value(value, found)),
        single => found.extend(single.span()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_single_value_is_found_and_no_comment() {
        let text = "# c\na.b = 1\n[t]\nx = [ # c\n 'y', { z = \"\"\"\n# v\n\"\"\" } ]\n[[l]]\nm = 2 # c\n\
                    [a.c]\nn = '''\n#v'''\n";
        let found = places(text.as_bytes()).into_iter();
        let found: Vec<&str> = found.filter_map(|at| text.get(at)).collect();
        assert_eq!(found, ["1", "'y'", "\"\"\"\n# v\n\"\"\"", "2", "'''\n#v'''"]);
    }

    #[test]
    fn what_is_no_toml_has_none() {
        assert!(places(b"a = 'x'\nb\n").is_empty() && places(b"a = '\xff'").is_empty());
    }
}
