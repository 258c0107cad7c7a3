//! The names of an enum's variants, in order, asked of the type itself: what a reader of old bytes relies on.

use serde::de::value::Error;
use serde::de::{Deserializer, Error as _, Visitor};
use serde::{Deserialize, forward_to_deserialize_any};

pub fn variants_of<T: for<'de> Deserialize<'de>>() -> Vec<String> {
    let Err(answer) = T::deserialize(Variants) else { return Vec::new() };
    answer.to_string().split(' ').map(ToOwned::to_owned).collect()
}

/// Answers every question about an enum with the names of its variants.
struct Variants;

impl<'de> Deserializer<'de> for Variants {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(Error::custom("not an enum"))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Error> {
        Err(Error::custom(variants.join(" ")))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}
