//! The canonical, length-prefixed encoding of associated data: no two different lists of fields
//! give the same bytes. Not an encoding of anything that is read back.

/// Collects fields as u32-LE length and bytes; the domain is the first field.
pub(crate) struct Fields(Vec<u8>);

impl Fields {
    /// Begins a list for `domain`, which fixes the count and order of what follows.
    pub(crate) fn new(domain: &str) -> Self {
        Self(Vec::with_capacity(192)).bytes(domain.as_bytes())
    }

    /// Adds a field.
    pub(crate) fn bytes(mut self, field: &[u8]) -> Self {
        // A field past 4 GiB cannot occur: the longest is a header, limited when it is read.
        let length = u32::try_from(field.len()).unwrap_or(u32::MAX);
        self.0.extend_from_slice(&length.to_le_bytes());
        self.0.extend_from_slice(field);
        self
    }

    /// Adds a number as eight little-endian bytes.
    pub(crate) fn number(self, field: u64) -> Self {
        self.bytes(&field.to_le_bytes())
    }

    /// The encoded list.
    pub(crate) fn done(self) -> Vec<u8> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn moving_a_byte_between_fields_changes_the_encoding() {
        let one = Fields::new("d").bytes(b"ab").bytes(b"c").done();
        let two = Fields::new("d").bytes(b"a").bytes(b"bc").done();
        assert_ne!(one, two);
        assert_eq!(one, b"\x01\0\0\0d\x02\0\0\0ab\x01\0\0\0c");
    }

    proptest! {
        #[test]
        fn different_lists_encode_differently(
            one in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..6), 0..6),
            two in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..6), 0..6),
        ) {
            let encode = |list: &[Vec<u8>]| {
                list.iter().fold(Fields::new("d"), |fields, field| fields.bytes(field)).done()
            };
            prop_assert_eq!(one == two, encode(&one) == encode(&two));
        }
    }
}
