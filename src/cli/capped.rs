//! Lines of which there may be very many. Writes none.

use std::borrow::Cow;

/// How many are told one by one.
const TOLD: usize = 20;

/// The first of some lines, and in the end how many more there are.
pub fn capped(lines: &[String]) -> impl Iterator<Item = Cow<'_, str>> {
    let more = lines.len().saturating_sub(TOLD);
    let more = (more > 0).then(|| Cow::Owned(format!("and {more} more")));
    lines.iter().take(TOLD).map(|line| Cow::Borrowed(line.as_str())).chain(more)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_beyond_the_limit_is_counted() {
        let lines = |count: usize| (0..count).map(|at| format!("line {at}")).collect::<Vec<_>>();
        assert_eq!(capped(&lines(0)).count(), 0);
        assert_eq!(capped(&lines(20)).last().as_deref(), Some("line 19"));
        let (many, last) = (lines(23), "and 3 more");
        assert_eq!((capped(&many).count(), capped(&many).last().as_deref()), (21, Some(last)));
    }
}
