//! What an argument names that may be a file or a standard stream. Opens neither.

use std::path::Path;

/// What errors call standard input.
pub const STANDARD_INPUT: &str = "standard input";

/// The file that is named; `None` is the standard stream, which `-` names as well.
pub fn named_file(argument: Option<&Path>) -> Option<&Path> {
    argument.filter(|path| *path != Path::new("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dash_names_the_standard_stream() {
        let file = |argument: Option<&'static str>| named_file(argument.map(Path::new));
        assert_eq!((file(None), file(Some("-"))), (None, None));
        assert_eq!(file(Some("./-")), Some(Path::new("./-")));
    }
}
