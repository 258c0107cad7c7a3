//! What goes into a statement and what comes out of it, the same for both databases. No float among them.

use crate::decimal::Decimal;
use crate::error::{Result, StoreError};
use model::{
    AccountId, AlgoId, AssetId, BookId, GroupId, InstrumentId, Money, OrderId, RuleId, Text, Time, TradeId,
    UserId, VenueId,
};

const NANOS_PER_MICRO: i64 = 1_000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Int(i64),
    /// One of our own words.
    Word(&'static str),
    Text(String),
    Num(Decimal),
    Json(String),
    Bytes(Vec<u8>),
    /// Microseconds since 1970: what PostgreSQL's clock counts in, so both count in it.
    Time(i64),
}

impl Value {
    /// Text from outside: a zero byte is refused, because one of the two databases cannot hold it.
    pub(crate) fn outside(field: &'static str, text: &str) -> Result<Self> {
        if text.contains('\0') {
            Err(StoreError::ZeroByte { field })
        } else {
            Ok(Self::Text(text.to_owned()))
        }
    }

    pub(crate) fn outside_json(field: &'static str, text: &str) -> Result<Self> {
        let escaped = text.contains("\\u0000");
        if escaped || text.contains('\0') {
            return Err(StoreError::ZeroByte { field });
        }
        Ok(Self::Json(text.to_owned()))
    }
}

macro_rules! ids {
    ($($name:ident),*) => {$(
        impl From<$name> for Value {
            fn from(id: $name) -> Self {
                Self::Int(i64::from(id.0))
            }
        }
    )*};
}

macro_rules! read_ids {
    ($($name:ident($inner:ty)),*) => {$(
        impl FromValue for $name {
            fn from_value(value: Value) -> Option<Self> {
                <$inner>::from_value(value).map(Self)
            }
        }
    )*};
}

read_ids!(
    AccountId(u32),
    AssetId(u32),
    BookId(u32),
    InstrumentId(u32),
    RuleId(u32),
    UserId(u32),
    AlgoId(u64),
    GroupId(u64),
    OrderId(u64),
    TradeId(u64)
);

ids!(AccountId, AssetId, BookId, InstrumentId, RuleId, UserId, VenueId);

/// Ids of 64 bits keep their bits, so the largest are negative numbers here.
macro_rules! wide_ids {
    ($($name:ident),*) => {$(
        impl From<$name> for Value {
            fn from(id: $name) -> Self {
                Self::Int(id.0.cast_signed())
            }
        }
    )*};
}

wide_ids!(AlgoId, GroupId, OrderId, TradeId);

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Self::Int(value.into())
    }
}

impl From<u64> for Value {
    fn from(value: u64) -> Self {
        Self::Int(value.cast_signed())
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<&'static str> for Value {
    fn from(word: &'static str) -> Self {
        Self::Word(word)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl<const N: usize> From<Text<N>> for Value {
    fn from(text: Text<N>) -> Self {
        Self::Text(text.as_str().to_owned())
    }
}

impl From<Time> for Value {
    fn from(time: Time) -> Self {
        Self::Time(time.0.div_euclid(NANOS_PER_MICRO))
    }
}

impl From<Money> for Value {
    fn from(money: Money) -> Self {
        Self::Num(money.into())
    }
}

impl From<Decimal> for Value {
    fn from(decimal: Decimal) -> Self {
        Self::Num(decimal)
    }
}

impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// One row of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row(pub(crate) Vec<Value>);

impl Row {
    pub(crate) fn reader(self) -> Reader {
        Reader { values: self.0.into_iter(), column: 0 }
    }

    /// The only column.
    pub(crate) fn one<T: FromValue>(self) -> Result<T> {
        self.reader().take()
    }
}

/// Takes a row apart, column by column.
#[derive(Debug)]
pub(crate) struct Reader {
    values: std::vec::IntoIter<Value>,
    column: usize,
}

impl Reader {
    pub(crate) fn take<T: FromValue>(&mut self) -> Result<T> {
        let bad = StoreError::BadColumn { column: self.column };
        self.column = self.column.saturating_add(1);
        self.values.next().and_then(T::from_value).ok_or(bad)
    }
}

pub(crate) trait FromValue: Sized {
    fn from_value(value: Value) -> Option<Self>;
}

impl FromValue for i64 {
    fn from_value(value: Value) -> Option<Self> {
        if let Value::Int(value) = value { Some(value) } else { None }
    }
}

impl FromValue for u64 {
    fn from_value(value: Value) -> Option<Self> {
        i64::from_value(value).map(i64::cast_unsigned)
    }
}

impl FromValue for u32 {
    fn from_value(value: Value) -> Option<Self> {
        i64::from_value(value)?.try_into().ok()
    }
}

impl FromValue for bool {
    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Bool(value) => Some(value),
            Value::Int(value) => Some(value != 0),
            _ => None,
        }
    }
}

impl FromValue for String {
    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Text(text) | Value::Json(text) => Some(text),
            Value::Word(word) => Some(word.to_owned()),
            Value::Num(decimal) => Some(decimal.into_text()),
            _ => None,
        }
    }
}

impl FromValue for Decimal {
    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Num(decimal) => Some(decimal),
            Value::Text(text) => Some(Self::from_stored(text)),
            _ => None,
        }
    }
}

impl FromValue for Money {
    fn from_value(value: Value) -> Option<Self> {
        Decimal::from_value(value)?.to_money()
    }
}

impl FromValue for Time {
    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Time(micros) | Value::Int(micros) => Some(Self(micros.saturating_mul(NANOS_PER_MICRO))),
            _ => None,
        }
    }
}

impl FromValue for Vec<u8> {
    fn from_value(value: Value) -> Option<Self> {
        if let Value::Bytes(bytes) = value { Some(bytes) } else { None }
    }
}

impl<const N: usize> FromValue for Text<N> {
    fn from_value(value: Value) -> Option<Self> {
        Self::new(&String::from_value(value)?).ok()
    }
}

impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: Value) -> Option<Self> {
        if value == Value::Null { Some(None) } else { T::from_value(value).map(Some) }
    }
}
