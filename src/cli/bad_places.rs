//! Tells all places of a source at once that cannot be used. Decides nothing about the rest of it.

use super::capped::capped;
use super::output::Output;

/// All of them in one sentence; `cannot` says what became of them.
pub fn in_words(bad: &[String], cannot: &str) -> String {
    let told = capped(bad).collect::<Vec<_>>().join("; ");
    match bad.len() {
        0 | 1 => told,
        many => format!("{many} places {cannot}: {told}"),
    }
}

/// Warns of each: it is left out.
pub fn warn(out: Output, bad: &[String]) {
    let told: Vec<String> = bad.iter().map(|line| format!("left out: {line}")).collect();
    warn_of(out, &told);
}

/// Warns of each, and leaves to their words what became of them.
pub fn warn_of(out: Output, bad: &[String]) {
    capped(bad).for_each(|line| out.warning(&line));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_place_is_told_by_itself_and_many_are_counted() {
        let places = |count: usize| (0..count).map(|at| format!("line {at}")).collect::<Vec<_>>();
        assert_eq!(in_words(&places(1), "cannot be read"), "line 0");
        assert_eq!(
            in_words(&places(2), "cannot be read"),
            "2 places cannot be read: line 0; line 1"
        );
        let many = in_words(&places(23), "cannot be read");
        assert!(many.starts_with("23 places") && many.ends_with("line 19; and 3 more"), "{many}");
    }
}
