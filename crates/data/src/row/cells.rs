//! Rows to columns and back: the only place that knows Arrow's arrays.
//! `Take::new` checks types and nulls once for a batch, so that taking a cell cannot fail.

use arrow_array::builder::{Decimal128Builder, Int64Builder, StringBuilder, TimestampNanosecondBuilder};
use arrow_array::cast::AsArray;
use arrow_array::types::{Decimal128Type, Int64Type, TimestampNanosecondType};
use arrow_array::{
    Array, ArrayRef, Decimal128Array, Int64Array, RecordBatch, StringArray, TimestampNanosecondArray,
};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef, TimeUnit};
use std::sync::Arc;

/// Digits of a decimal column, before and after the point together, and after it: those of money.
const PRECISION: u8 = 38;
const SCALE: i8 = 18;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Time,
    Int,
    Money,
    Text,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    pub name: &'static str,
    pub form: Form,
    pub nullable: bool,
}

impl Column {
    #[must_use]
    pub const fn new(name: &'static str, form: Form) -> Self {
        Self { name, form, nullable: false }
    }

    #[must_use]
    pub const fn maybe(name: &'static str, form: Form) -> Self {
        Self { name, form, nullable: true }
    }

    fn data_type(self) -> DataType {
        match self.form {
            Form::Time => DataType::Timestamp(TimeUnit::Nanosecond, Some("UTC".into())),
            Form::Int => DataType::Int64,
            Form::Money => DataType::Decimal128(PRECISION, SCALE),
            Form::Text => DataType::Utf8,
        }
    }
}

pub(crate) fn schema(columns: &[Column]) -> SchemaRef {
    let fields: Vec<Field> =
        columns.iter().map(|column| Field::new(column.name, column.data_type(), column.nullable)).collect();
    Arc::new(Schema::new(fields))
}

#[derive(Debug)]
enum Builder {
    Time(TimestampNanosecondBuilder),
    Int(Int64Builder),
    Money(Decimal128Builder),
    Text(StringBuilder),
}

/// Takes the cells of rows, one after the other, in the order of the columns.
#[derive(Debug)]
pub struct Put {
    columns: Vec<Builder>,
    at: usize,
}

impl Put {
    pub(crate) fn new(columns: &[Column], rows: usize) -> Self {
        let builder = |column: &Column| match column.form {
            Form::Time => Builder::Time(TimestampNanosecondBuilder::with_capacity(rows)),
            Form::Int => Builder::Int(Int64Builder::with_capacity(rows)),
            Form::Money => Builder::Money(Decimal128Builder::with_capacity(rows)),
            Form::Text => Builder::Text(StringBuilder::new()),
        };
        Self { columns: columns.iter().map(builder).collect(), at: 0 }
    }

    pub fn int(&mut self, value: i64) {
        self.maybe_int(Some(value));
    }

    /// A whole number, or a time as nanoseconds.
    pub fn maybe_int(&mut self, value: Option<i64>) {
        match self.columns.get_mut(self.at) {
            Some(Builder::Int(builder)) => builder.append_option(value),
            Some(Builder::Time(builder)) => builder.append_option(value),
            _ => {}
        }
        self.at += 1;
    }

    pub fn money(&mut self, value: Option<i128>) {
        if let Some(Builder::Money(builder)) = self.columns.get_mut(self.at) {
            builder.append_option(value);
        }
        self.at += 1;
    }

    pub fn text(&mut self, value: Option<&str>) {
        if let Some(Builder::Text(builder)) = self.columns.get_mut(self.at) {
            builder.append_option(value);
        }
        self.at += 1;
    }

    pub(crate) fn next_row(&mut self) {
        self.at = 0;
    }

    /// Fails only if a row put another number of cells than it has columns.
    pub(crate) fn finish(self, schema: SchemaRef) -> Result<RecordBatch, ArrowError> {
        let array = |builder: Builder| -> Result<ArrayRef, ArrowError> {
            Ok(match builder {
                Builder::Time(mut builder) => Arc::new(builder.finish().with_timezone("UTC")),
                Builder::Int(mut builder) => Arc::new(builder.finish()),
                Builder::Money(mut builder) => {
                    Arc::new(builder.finish().with_precision_and_scale(PRECISION, SCALE)?)
                }
                Builder::Text(mut builder) => Arc::new(builder.finish()),
            })
        };
        let arrays: Result<Vec<ArrayRef>, ArrowError> = self.columns.into_iter().map(array).collect();
        RecordBatch::try_new(schema, arrays?)
    }
}

#[derive(Debug)]
enum Cells<'a> {
    Time(&'a TimestampNanosecondArray),
    Int(&'a Int64Array),
    Money(&'a Decimal128Array),
    Text(&'a StringArray),
}

/// Gives the cells of a batch, row by row, in the order of the columns.
#[derive(Debug)]
pub struct Take<'a> {
    columns: Vec<Cells<'a>>,
    row: usize,
    at: usize,
}

impl<'a> Take<'a> {
    /// None if the batch does not have these columns.
    pub(crate) fn new(batch: &'a RecordBatch, columns: &[Column]) -> Option<Self> {
        let cells = |column: &Column| {
            let array = batch.column_by_name(column.name)?;
            if array.null_count() > 0 && !column.nullable {
                return None;
            }
            match column.form {
                Form::Time => array.as_primitive_opt::<TimestampNanosecondType>().map(Cells::Time),
                Form::Int => array.as_primitive_opt::<Int64Type>().map(Cells::Int),
                Form::Money => array.as_primitive_opt::<Decimal128Type>().map(Cells::Money),
                Form::Text => array.as_string_opt::<i32>().map(Cells::Text),
            }
        };
        let columns: Option<Vec<Cells<'a>>> = columns.iter().map(cells).collect();
        Some(Self { columns: columns?, row: 0, at: 0 })
    }

    pub(crate) fn row(&mut self, row: usize) -> &mut Self {
        self.row = row;
        self.at = 0;
        self
    }

    /// A whole number or a time of a column that has one in each row.
    pub fn int(&mut self) -> i64 {
        self.maybe_int().unwrap_or_default()
    }

    pub fn maybe_int(&mut self) -> Option<i64> {
        let cell = match self.columns.get(self.at) {
            Some(Cells::Int(array)) => array.is_valid(self.row).then(|| array.value(self.row)),
            Some(Cells::Time(array)) => array.is_valid(self.row).then(|| array.value(self.row)),
            _ => None,
        };
        self.at += 1;
        cell
    }

    pub fn money(&mut self) -> Option<i128> {
        let cell = match self.columns.get(self.at) {
            Some(Cells::Money(array)) => array.is_valid(self.row).then(|| array.value(self.row)),
            _ => None,
        };
        self.at += 1;
        cell
    }

    pub fn text(&mut self) -> Option<&'a str> {
        let cell = match self.columns.get(self.at) {
            Some(Cells::Text(array)) => array.is_valid(self.row).then(|| array.value(self.row)),
            _ => None,
        };
        self.at += 1;
        cell
    }
}
