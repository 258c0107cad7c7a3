//! Makes up a value of any type of the vocabulary from a string of bytes: the type itself asks, through
//! `serde`, for the parts it needs. A new variant is covered the day it is written; fewer bytes make a
//! simpler value, so a failing case shrinks.

use serde::de::value::Error;
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error as _, IntoDeserializer, SeqAccess, VariantAccess,
    Visitor,
};
use serde::{Deserialize, forward_to_deserialize_any};

pub fn make<T: for<'de> Deserialize<'de>>(entropy: &[u8]) -> T {
    T::deserialize(&mut Maker { bytes: entropy.iter() }).expect("every type of the vocabulary can be made up")
}

struct Maker<'b> {
    bytes: std::slice::Iter<'b, u8>,
}

impl Maker<'_> {
    fn byte(&mut self) -> u8 {
        self.bytes.next().copied().unwrap_or(0)
    }

    /// Mostly small, so that ids are often known ones; sometimes anything, sometimes an end of the range.
    fn number(&mut self) -> i128 {
        match self.byte() % 8 {
            0..=3 => i128::from(self.byte() % 4),
            4 => i128::from(self.byte()) * i128::from(self.byte()),
            5 => -i128::from(self.byte()),
            6 => [i128::MIN, i128::MAX, i128::from(i64::MIN), i128::from(i64::MAX)]
                [usize::from(self.byte() % 4)],
            _ => i128::from_le_bytes(std::array::from_fn(|_| self.byte())) >> (self.byte() % 96),
        }
    }

    fn text(&mut self) -> Vec<u8> {
        let first = b"a#\\[]/@-x0"[usize::from(self.byte() % 10)];
        let length = if self.byte() % 16 == 15 { 31 } else { self.byte() % 6 };
        std::iter::once(first).chain((0..length).map(|_| b'!' + self.byte() % 94)).collect()
    }
}

/// A number of the type asked for: the low bits of whatever came.
macro_rules! numbers {
    ($($method:ident $visit:ident $type:ty;)*) => {$(
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "any bits will do")]
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            visitor.$visit(self.number() as $type)
        }
    )*};
}

impl<'de> Deserializer<'de> for &mut Maker<'_> {
    type Error = Error;

    numbers! {
        deserialize_i64 visit_i64 i64;
        deserialize_u8 visit_u8 u8;
        deserialize_u16 visit_u16 u16;
        deserialize_u32 visit_u32 u32;
        deserialize_u64 visit_u64 u64;
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(Error::custom("a type that the vocabulary does not use"))
    }

    fn deserialize_i128<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_i128(self.number())
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_bool(self.byte() % 2 == 1)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_bytes(&self.text())
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.byte() % 2 == 1 { visitor.visit_some(self) } else { visitor.visit_none() }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let left = usize::from(self.byte() % 4);
        visitor.visit_seq(Parts { maker: self, left })
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, left: usize, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_seq(Parts { maker: self, left })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_seq(Parts { maker: self, left: fields.len() })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let count = u32::try_from(variants.len()).map_err(Error::custom)?;
        let variant = u32::from(self.byte()) % count;
        visitor.visit_enum(Variant { maker: self, variant })
    }

    forward_to_deserialize_any! {
        i8 i16 i32 u128 f32 f64 char str string byte_buf unit unit_struct tuple_struct map identifier ignored_any
    }
}

struct Parts<'m, 'b> {
    maker: &'m mut Maker<'b>,
    left: usize,
}

impl<'de> SeqAccess<'de> for Parts<'_, '_> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        seed.deserialize(&mut *self.maker).map(Some)
    }
}

struct Variant<'m, 'b> {
    maker: &'m mut Maker<'b>,
    variant: u32,
}

impl<'de> EnumAccess<'de> for Variant<'_, '_> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Error> {
        let value = seed.deserialize(self.variant.into_deserializer())?;
        Ok((value, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_, '_> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Error> {
        seed.deserialize(self.maker)
    }

    fn tuple_variant<V: Visitor<'de>>(self, left: usize, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_seq(Parts { maker: self.maker, left })
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_seq(Parts { maker: self.maker, left: fields.len() })
    }
}
