//! Short printable text held inline, so that a command is one flat value and copying it never allocates.
//! Only visible ASCII without blanks: what a person can type back and a line protocol can carry unquoted.

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use thiserror::Error;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text<const N: usize> {
    bytes: [u8; N],
    len: u8,
}

/// A client's own name for an order; unique in its account.
pub type ClientOrderId = Text<64>;
/// The name of an asset, account, book, user, sector or calendar.
pub type Name = Text<32>;
/// The canonical symbol of an instrument, or a venue's own.
pub type Symbol = Text<32>;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TextError {
    #[error("a name must not be empty")]
    Empty,
    #[error("a name of {len} characters is too long: at most {max}")]
    TooLong { len: usize, max: usize },
    #[error("character {at} is not printable ascii: use letters, digits and signs, without blanks")]
    NotPrintable { at: usize },
}

impl<const N: usize> Text<N> {
    pub fn new(text: &str) -> Result<Self, TextError> {
        if text.is_empty() {
            return Err(TextError::Empty);
        }
        if let Some(at) = text.bytes().position(|byte| !byte.is_ascii_graphic()) {
            return Err(TextError::NotPrintable { at });
        }
        let too_long = TextError::TooLong { len: text.len(), max: N.min(255) };
        let mut bytes = [0; N];
        bytes.get_mut(..text.len()).ok_or(too_long)?.copy_from_slice(text.as_bytes());
        let len = u8::try_from(text.len()).or(Err(too_long))?;
        Ok(Self { bytes, len })
    }

    /// As much of any text as fits, with a sign in place of what cannot be shown: for what must be kept, whatever it is.
    #[must_use]
    pub fn lossy(text: &str) -> Self {
        let (mut bytes, mut len) = ([0; N], 0_u8);
        for (place, letter) in bytes.iter_mut().zip(text.chars()).take(255) {
            let byte = u8::try_from(letter).ok().filter(u8::is_ascii_graphic);
            *place = byte.unwrap_or(b'_');
            len = len.saturating_add(1);
        }
        Self::new(text).unwrap_or(if len == 0 { Self::dash() } else { Self { bytes, len } })
    }

    /// What stands where there is nothing.
    fn dash() -> Self {
        let mut bytes = [0; N];
        bytes.iter_mut().take(1).for_each(|byte| *byte = b'-');
        Self { bytes, len: 1 }
    }

    #[inline]
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or_default()
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }
}

impl<const N: usize> fmt::Display for Text<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl<const N: usize> fmt::Debug for Text<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl<const N: usize> std::str::FromStr for Text<N> {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        Self::new(text)
    }
}

impl<const N: usize> Serialize for Text<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.as_bytes())
    }
}

impl<'de, const N: usize> Deserialize<'de> for Text<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_bytes(TextVisitor)
    }
}

struct TextVisitor<const N: usize>;

impl<const N: usize> Visitor<'_> for TextVisitor<N> {
    type Value = Text<N>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "1 to {N} printable ascii characters")
    }

    fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Text<N>, E> {
        let text = std::str::from_utf8(bytes).map_err(E::custom)?;
        Text::new(text).map_err(E::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_can_be_kept_as_far_as_it_fits() {
        for (text, kept) in [
            ("POST /orders", "POST_/orders"),
            ("ünlicht\n", "_nlicht_"),
            ("", "-"),
            ("a-1", "a-1"),
            (&"x".repeat(100), &"x".repeat(32)),
        ] {
            assert_eq!(Name::lossy(text).as_str(), kept);
            assert_eq!(Name::new(kept), Ok(Name::lossy(text)));
        }
    }

    #[test]
    fn takes_what_can_be_typed_and_nothing_else() {
        let longest = "x".repeat(64);
        let check = |text: &str, expected: Result<(), TextError>| {
            assert_eq!(
                ClientOrderId::new(text).map(|made| assert_eq!(made.as_str(), text)),
                expected,
                "{text}"
            );
        };
        check("a-1/ß", Err(TextError::NotPrintable { at: 4 }));
        check("a b", Err(TextError::NotPrintable { at: 1 }));
        check("", Err(TextError::Empty));
        check("entry:2026-11-21#1", Ok(()));
        check(&longest, Ok(()));
        check(&(longest.clone() + "y"), Err(TextError::TooLong { len: 65, max: 64 }));
    }
}
