//! Numbers of a request: exact decimals, as text or as JSON numbers that mean exactly what they show. A number
//! with more digits than a float holds is refused rather than rounded.

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use utoipa::ToSchema;

/// So many significant digits come through a float unharmed.
const DIGITS_MAX: usize = 15;

/// A decimal as text, such as `"0.015"`.
#[derive(Clone, Debug, PartialEq, Eq, ToSchema)]
#[schema(value_type = String, example = "0.015")]
pub struct Decimal(pub String);

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reads)
    }
}

struct Reads;

impl Visitor<'_> for Reads {
    type Value = Decimal;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a decimal as text, like \"0.015\"")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Decimal, E> {
        Ok(Decimal(text.to_owned()))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Decimal, E> {
        Ok(Decimal(number.to_string()))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Decimal, E> {
        Ok(Decimal(number.to_string()))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Decimal, E> {
        let text = number.to_string();
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        let significant = digits
            - text
                .bytes()
                .take_while(|byte| matches!(byte, b'0' | b'.' | b'-'))
                .filter(u8::is_ascii_digit)
                .count();
        if number.is_finite() && significant <= DIGITS_MAX {
            Ok(Decimal(text))
        } else {
            Err(E::custom("this number has more digits than JSON numbers carry safely: send it as text"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Decimal;

    #[test]
    fn a_number_means_what_it_shows_or_is_refused() {
        let read = |json: &str| serde_json::from_str::<Decimal>(json).map(|decimal| decimal.0).ok();
        for (json, expected) in [
            ("\"0.015\"", Some("0.015")),
            ("0.1", Some("0.1")),
            ("5", Some("5")),
            ("-2.50", Some("-2.5")),
            ("18446744073709551615", Some("18446744073709551615")),
            ("0.000000000000123", Some("0.000000000000123")),
            ("123456789.123456789123", None),
            ("1e400", None),
            ("true", None),
            ("null", None),
        ] {
            assert_eq!(read(json).as_deref(), expected, "{json}");
        }
    }
}
