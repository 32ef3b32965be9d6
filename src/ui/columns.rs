//! Which columns the list of keys has at a width: they yield from the right, the name never. Draws nothing.

/// Columns of the kind, without the space before it.
pub const KIND: u16 = 8;
/// Columns of the age.
pub const AGE: u16 = 5;
/// Columns of the expiry.
pub const EXPIRY: u16 = 7;
/// What a name has before another column is shown.
const NAME: u16 = 20;
/// What the scope has beside the name in a mixed list.
const SCOPE: u16 = 18;

/// Where the columns begin, from the left of a row; `None` is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Columns {
    /// The owner.
    pub scope: Option<u16>,
    /// What sort it is.
    pub kind: Option<u16>,
    /// When it last changed.
    pub age: Option<u16>,
    /// When it ends.
    pub expiry: Option<u16>,
    /// Where the first column right of the name begins, or the end.
    pub name_end: u16,
}

impl Columns {
    /// Lays out `width` columns: the name first, then what there is room for by its worth.
    pub fn new(width: u16, mixed: bool) -> Self {
        let mut left = width.saturating_sub(NAME);
        let mut take = |columns: u16| {
            let fits = left >= columns;
            left -= if fits { columns } else { 0 };
            fits
        };
        let has_expiry = take(EXPIRY + 2);
        let has_scope = mixed && take(SCOPE + 2);
        // Where the scope has no column it stands behind the name, and needs the room.
        let inline = mixed && !has_scope;
        let has_kind = !inline && take(KIND + 2);
        let has_age = !inline && take(AGE + 1);
        // A wide pane gives half of what is left to the scope, the rest to the name.
        let scope_extra = if has_scope { left / 2 } else { 0 };
        let mut end = width;
        let mut place = |shown: bool, columns: u16, gap: u16| {
            shown.then(|| {
                end -= columns;
                let at = end;
                end -= gap;
                at
            })
        };
        let expiry = place(has_expiry, EXPIRY, 2);
        let age = place(has_age, AGE, 1);
        let kind = place(has_kind, KIND, 2);
        let scope = place(has_scope, SCOPE + scope_extra, 2);
        Self { scope, kind, age, expiry, name_end: end }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_yield_and_the_name_never_does() {
        for width in 0..200 {
            for mixed in [false, true] {
                let columns = Columns::new(width, mixed);
                assert!(columns.name_end >= NAME.min(width), "{width} {columns:?}");
                let order = [columns.scope, columns.kind, columns.age, columns.expiry];
                let shown: Vec<u16> = order.into_iter().flatten().collect();
                assert!(shown.is_sorted() && shown.iter().all(|at| *at < width), "{width}");
            }
        }
        let wide = Columns::new(60, false);
        assert!(wide.kind.is_some() && wide.age.is_some() && wide.expiry.is_some());
        assert_eq!(Columns::new(30, false).kind, None);
        assert!(Columns::new(30, false).expiry.is_some());
    }
}
