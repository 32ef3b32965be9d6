//! Arguments that take one of a few words, each of which stands for something: the parser knows the words, and
//! so do help and completions. Defines none of them.

use clap::builder::{PossibleValuesParser, TypedValueParser};

/// Takes one of the words, and gives what it stands for.
pub fn one_of<T, const N: usize>(
    all: [(T, &'static str); N],
) -> impl TypedValueParser<Value = T> + use<T, N>
where
    T: Copy + Send + Sync + 'static,
{
    let words = PossibleValuesParser::new(all.map(|(_, word)| word));
    words.try_map(move |word| {
        let found = all.iter().find(|(_, known)| *known == word);
        found.map(|(meant, _)| *meant).ok_or("it is none of these")
    })
}
