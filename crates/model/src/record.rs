//! One step of history in bytes: version, time, the command, then the events it made.
//! The sequence number is the journal's. A version that this build does not know is an error, never a guess;
//! every version ever written stays readable (golden bytes in `tests/golden`).

use crate::{Command, Event, Stamped, Time};
use core::ffi::{c_double, c_float};
use serde::ser::{
    Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};
use thiserror::Error;

/// The version this build writes.
pub const VERSION: u8 = 1;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    pub stamped: Stamped,
    pub events: Vec<Event>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum DecodeError {
    #[error("record version {found} is newer than this build reads ({VERSION}): use a newer build")]
    UnknownVersion { found: u8 },
    #[error("the record ends in the middle of its {what}")]
    Short { what: &'static str },
    #[error("the {what} in the record cannot be read")]
    Unreadable { what: &'static str },
    #[error("{extra} bytes follow the record's last event")]
    Trailing { extra: usize },
}

/// Appends version, time and command.
///
/// # Errors
/// Never for values this crate can hold; kept so that no caller has to assume it.
pub fn encode_head(time: Time, command: &Command, out: &mut Vec<u8>) -> Result<(), DecodeError> {
    out.push(VERSION);
    append(&time, "time", out)?;
    append(command, "command", out)
}

/// Appends the events, to the end of the record.
///
/// # Errors
/// As `encode_head`.
pub fn encode_events(events: &[Event], out: &mut Vec<u8>) -> Result<(), DecodeError> {
    events.iter().try_for_each(|event| append(event, "event", out))
}

/// Reads the head of a record and hands back the bytes of its events.
///
/// # Errors
/// What is wrong with the bytes.
pub fn decode_command(seq: u64, bytes: &[u8]) -> Result<(Stamped, &[u8]), DecodeError> {
    let (&version, rest) = bytes.split_first().ok_or(DecodeError::Short { what: "version" })?;
    if version == 0 || version > VERSION {
        return Err(DecodeError::UnknownVersion { found: version });
    }
    let (time, rest) = take::<Time>(rest, "time")?;
    let (command, rest) = take::<Command>(rest, "command")?;
    Ok((Stamped { seq, time, command }, rest))
}

/// Reads a whole record.
///
/// # Errors
/// What is wrong with the bytes.
pub fn decode(seq: u64, bytes: &[u8]) -> Result<Record, DecodeError> {
    let (stamped, mut rest) = decode_command(seq, bytes)?;
    let mut events = Vec::new();
    while !rest.is_empty() {
        let (event, after) = take::<Event>(rest, "event")?;
        events.push(event);
        rest = after;
    }
    Ok(Record { stamped, events })
}

#[inline]
fn append<T: serde::Serialize>(value: &T, what: &'static str, out: &mut Vec<u8>) -> Result<(), DecodeError> {
    value.serialize(Pen(out)).or(Err(DecodeError::Unreadable { what }))
}

fn take<'a, T: serde::Deserialize<'a>>(
    bytes: &'a [u8],
    what: &'static str,
) -> Result<(T, &'a [u8]), DecodeError> {
    postcard::take_from_bytes(bytes).map_err(|error| match error {
        postcard::Error::DeserializeUnexpectedEnd => DecodeError::Short { what },
        _ => DecodeError::Unreadable { what },
    })
}

/// Writes postcard's bytes, to where they will stay: most numbers are one byte long, and here they cost one
/// store and no call. A journal is written once and read by postcard; a test holds the two to each other.
struct Pen<'a>(&'a mut Vec<u8>);

impl Pen<'_> {
    #[inline(always)]
    fn varint(&mut self, value: u64) {
        match u8::try_from(value) {
            Ok(byte) if byte < 0x80 => self.0.push(byte),
            _ => self.long_varint(value),
        }
    }

    /// Eight groups of seven bits are spread over the bytes of a word by three shifts, all at once.
    #[inline(always)]
    fn long_varint(&mut self, value: u64) {
        const MORE: u64 = 0x8080_8080_8080_8080;
        let spread = (value & 0x00ff_ffff_f000_0000) << 4 | value & 0x0fff_ffff;
        let spread = (spread & 0x0fff_c000_0fff_c000) << 2 | spread & 0x0000_3fff_0000_3fff;
        let spread = (spread & 0x3f80_3f80_3f80_3f80) << 1 | spread & 0x007f_007f_007f_007f;
        let high = value >> 56;
        if high == 0 {
            // The last byte that is used, counted from the highest bit of `spread`.
            let unused = spread.leading_zeros() / 8;
            let more = MORE.checked_shr(unused.saturating_add(1).saturating_mul(8)).unwrap_or(0);
            let len = self.0.len().saturating_add(8).saturating_sub(unused as usize);
            self.0.extend_from_slice(&(spread | more).to_le_bytes());
            self.0.truncate(len);
        } else {
            self.0.extend_from_slice(&(spread | MORE).to_le_bytes());
            let [low, ..] = high.to_le_bytes();
            if high < 0x80 { self.0.push(low) } else { self.0.extend_from_slice(&[low, 1]) }
        }
    }

    fn varint_128(&mut self, mut value: u128) {
        while u64::try_from(value).is_err() {
            let [low, ..] = value.to_le_bytes();
            self.0.push(low | 0x80);
            value >>= 7;
        }
        let rest = u64::try_from(value).unwrap_or(u64::MAX);
        self.varint(rest);
    }

    #[inline(always)]
    fn zigzag(&mut self, value: i64) {
        self.varint(((value << 1) ^ (value >> 63)).cast_unsigned());
    }

    #[inline(always)]
    fn counted(&mut self, len: Option<usize>) -> Result<(), postcard::Error> {
        let len = len.and_then(|len| u64::try_from(len).ok());
        self.varint(len.ok_or(postcard::Error::SerializeSeqLengthUnknown)?);
        Ok(())
    }
}

/// The numbers, by what they are written as.
macro_rules! numbers {
    ($($method:ident($type:ty) $pen:ident $value:ident => $write:expr;)*) => {$(
        #[inline(always)]
        fn $method(mut self, $value: $type) -> Result<(), postcard::Error> {
            let $pen = &mut self;
            $write;
            Ok(())
        }
    )*};
}

impl Serializer for Pen<'_> {
    type Ok = ();
    type Error = postcard::Error;
    type SerializeSeq = Self;
    type SerializeTuple = Self;
    type SerializeTupleStruct = Self;
    type SerializeTupleVariant = Self;
    type SerializeMap = Self;
    type SerializeStruct = Self;
    type SerializeStructVariant = Self;

    numbers! {
        serialize_bool(bool) pen value => pen.0.push(u8::from(value));
        serialize_u8(u8) pen value => pen.0.push(value);
        serialize_i8(i8) pen value => pen.0.push(value.cast_unsigned());
        serialize_u16(u16) pen value => pen.varint(u64::from(value));
        serialize_u32(u32) pen value => pen.varint(u64::from(value));
        serialize_u64(u64) pen value => pen.varint(value);
        serialize_u128(u128) pen value => pen.varint_128(value);
        serialize_i16(i16) pen value => pen.zigzag(i64::from(value));
        serialize_i32(i32) pen value => pen.zigzag(i64::from(value));
        serialize_i64(i64) pen value => pen.zigzag(value);
        serialize_i128(i128) pen value => pen.varint_128(((value << 1) ^ (value >> 127)).cast_unsigned());
    }

    /// No word of ours is a floating number; the trait asks for the methods under C's names of the types.
    fn serialize_f32(self, _: c_float) -> Result<(), postcard::Error> {
        Err(postcard::Error::WontImplement)
    }

    fn serialize_f64(self, _: c_double) -> Result<(), postcard::Error> {
        Err(postcard::Error::WontImplement)
    }

    fn serialize_char(self, value: char) -> Result<(), postcard::Error> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    #[inline(always)]
    fn serialize_str(self, value: &str) -> Result<(), postcard::Error> {
        self.serialize_bytes(value.as_bytes())
    }

    #[inline(always)]
    fn serialize_bytes(mut self, value: &[u8]) -> Result<(), postcard::Error> {
        self.counted(Some(value.len()))?;
        self.0.extend_from_slice(value);
        Ok(())
    }

    #[inline(always)]
    fn serialize_none(self) -> Result<(), postcard::Error> {
        self.0.push(0);
        Ok(())
    }

    #[inline(always)]
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), postcard::Error> {
        self.0.push(1);
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), postcard::Error> {
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), postcard::Error> {
        Ok(())
    }

    #[inline(always)]
    fn serialize_unit_variant(
        self,
        _: &'static str,
        at: u32,
        _: &'static str,
    ) -> Result<(), postcard::Error> {
        self.serialize_u32(at)
    }

    #[inline(always)]
    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), postcard::Error> {
        value.serialize(self)
    }

    #[inline(always)]
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        mut self,
        _: &'static str,
        at: u32,
        _: &'static str,
        value: &T,
    ) -> Result<(), postcard::Error> {
        self.varint(u64::from(at));
        value.serialize(self)
    }

    fn serialize_seq(mut self, len: Option<usize>) -> Result<Self, postcard::Error> {
        self.counted(len)?;
        Ok(self)
    }

    fn serialize_map(self, len: Option<usize>) -> Result<Self, postcard::Error> {
        self.serialize_seq(len)
    }

    fn serialize_tuple(self, _: usize) -> Result<Self, postcard::Error> {
        Ok(self)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self, postcard::Error> {
        Ok(self)
    }

    #[inline(always)]
    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self, postcard::Error> {
        Ok(self)
    }

    fn serialize_tuple_variant(
        mut self,
        _: &'static str,
        at: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self, postcard::Error> {
        self.varint(u64::from(at));
        Ok(self)
    }

    #[inline(always)]
    fn serialize_struct_variant(
        mut self,
        _: &'static str,
        at: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self, postcard::Error> {
        self.varint(u64::from(at));
        Ok(self)
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}

/// What consists of parts is written part by part.
macro_rules! parts {
    ($($of:ident $method:ident($($name:ident)?);)*) => {$(
        impl $of for Pen<'_> {
            type Ok = ();
            type Error = postcard::Error;

            #[inline(always)]
            fn $method<T: Serialize + ?Sized>(
                &mut self,
                $($name: &'static str,)?
                value: &T,
            ) -> Result<(), postcard::Error> {
                $(let _: &str = $name;)?
                value.serialize(Pen(self.0))
            }

            #[inline(always)]
            fn end(self) -> Result<(), postcard::Error> {
                Ok(())
            }
        }
    )*};
}

parts! {
    SerializeSeq serialize_element();
    SerializeTuple serialize_element();
    SerializeTupleStruct serialize_field();
    SerializeTupleVariant serialize_field();
    SerializeStruct serialize_field(name);
    SerializeStructVariant serialize_field(name);
}

impl SerializeMap for Pen<'_> {
    type Ok = ();
    type Error = postcard::Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), postcard::Error> {
        key.serialize(Pen(self.0))
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), postcard::Error> {
        value.serialize(Pen(self.0))
    }

    fn end(self) -> Result<(), postcard::Error> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Pen;
    use serde::Serialize;
    use std::collections::BTreeMap;

    #[derive(Serialize)]
    enum Shape {
        Unit,
        One(i16),
        Two(u8, i8),
        Named { text: String, more: Option<Box<Shape>> },
    }

    #[derive(Serialize)]
    struct All {
        small: (bool, u8, i8, u16, i16),
        wide: (u32, i32, u64, i64, u128, i128),
        letter: char,
        list: Vec<Shape>,
        map: BTreeMap<String, Option<u32>>,
        unit: (),
    }

    fn all(seed: u128) -> All {
        let signed = seed.cast_signed();
        let low = u64::try_from(seed & u128::from(u64::MAX)).unwrap();
        let [byte, ..] = low.to_le_bytes();
        let two = u16::from_le_bytes([byte, low.to_le_bytes()[1]]);
        let four = u32::from_le_bytes([byte, two.to_le_bytes()[1], byte, byte]);
        let inner = Shape::Named { text: "x".repeat(usize::from(byte)), more: None };
        All {
            small: (byte & 1 == 1, byte, byte.cast_signed(), two, two.cast_signed()),
            wide: (four, four.cast_signed(), low, low.cast_signed(), seed, signed),
            letter: 'é',
            list: vec![
                Shape::Unit,
                Shape::One(two.cast_signed()),
                Shape::Two(byte, byte.cast_signed()),
                Shape::Named { text: seed.to_string(), more: Some(Box::new(inner)) },
            ],
            map: (0..u32::from(byte)).map(|at| (at.to_string(), (at % 2 == 0).then_some(at))).collect(),
            unit: (),
        }
    }

    #[test]
    fn the_pen_writes_what_postcard_writes() {
        let around = (0..128).flat_map(|bit| [1u128 << bit, (1 << bit) - 1, !(1 << bit), (1 << bit) | 0x55]);
        for seed in around.chain([0, u128::MAX]) {
            let mut bytes = vec![7];
            all(seed).serialize(Pen(&mut bytes)).unwrap();
            assert_eq!(
                bytes.split_first(),
                Some((&7, postcard::to_allocvec(&all(seed)).unwrap().as_slice()))
            );
        }
    }
}
