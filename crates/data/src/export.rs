//! Rows out of the catalogue for other programs: text with commas, JSON lines, or Parquet, in the instrument's
//! own terms. What is written has the names of the fields of an import, so it comes back as the same rows.

use crate::DataError;
use crate::catalogue::{Catalogue, Shelf};
use crate::import::{Mapped, Progress, fields_batch, fields_schema};
use crate::row::{Column, Form};
use arrow_array::cast::AsArray;
use arrow_array::types::{Decimal128Type, Int64Type, TimestampNanosecondType};
use arrow_array::{Array, RecordBatch};
use model::{Money, Time};
use parquet::arrow::ArrowWriter;
use std::io::Write;
use std::ops::Range;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportFormat {
    Csv,
    /// An object a line.
    Json,
    Parquet,
}

/// Rows as people read them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    pub names: Vec<&'static str>,
    /// An empty field is empty text.
    pub rows: Vec<Vec<String>>,
    /// There are more rows in the range.
    pub more: bool,
}

impl Catalogue {
    /// The first `limit` rows of a range.
    pub fn table<R: Mapped>(
        &self,
        shelf: &Shelf,
        range: Range<Time>,
        limit: usize,
    ) -> Result<Table, DataError> {
        self.need::<R>(shelf, &range)?;
        let scan = self.scan::<R>(shelf, range)?;
        let names = R::FIELDS.iter().map(|field| field.name).collect();
        let Some(grid) = scan.grid() else { return Ok(Table::default()) };
        let mut rows: Vec<R> = scan.rows().take(limit.saturating_add(1)).collect::<Result<_, _>>()?;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let batch = fields_batch(&rows, grid, fields_schema::<R>())?;
        let line = |row: usize| {
            let cells = R::FIELDS.iter().zip(0..).map(|(field, at)| cell(&batch, *field, at, row));
            cells.map(Option::unwrap_or_default).collect()
        };
        Ok(Table { names, rows: (0..batch.num_rows()).map(line).collect(), more })
    }

    /// Writes the rows of a range and says how many. `progress` is asked after each batch whether to go on.
    pub fn export<R: Mapped>(
        &self,
        shelf: &Shelf,
        range: Range<Time>,
        format: ExportFormat,
        out: &mut (impl Write + Send),
        progress: &mut dyn FnMut(Progress) -> bool,
    ) -> Result<u64, DataError> {
        self.need::<R>(shelf, &range)?;
        let mut scan = self.scan::<R>(shelf, range)?;
        let Some(grid) = scan.grid() else { return Ok(0) };
        let schema = fields_schema::<R>();
        let mut writer = match format {
            ExportFormat::Parquet => {
                Writer::Parquet(ArrowWriter::try_new(out, schema.clone(), None).map_err(unwritten)?.into())
            }
            ExportFormat::Csv => {
                let names: Vec<&str> = R::FIELDS.iter().map(|field| field.name).collect();
                writeln!(out, "{}", names.join(",")).map_err(DataError::Out)?;
                Writer::Csv(out)
            }
            ExportFormat::Json => Writer::Json(out),
        };
        let mut rows = 0;
        for batch in scan.by_ref() {
            let batch = fields_batch(&batch?, grid, schema.clone())?;
            rows += batch.num_rows() as u64;
            writer.write(&batch, R::FIELDS)?;
            if !progress(Progress { line: rows, rows, rows_known: 0 }) {
                return Err(DataError::Cancelled { rows });
            }
        }
        writer.finish()?;
        Ok(rows)
    }
}

enum Writer<'a, W: Write + Send> {
    Csv(&'a mut W),
    Json(&'a mut W),
    Parquet(Box<ArrowWriter<&'a mut W>>),
}

impl<W: Write + Send> Writer<'_, W> {
    fn write(&mut self, batch: &RecordBatch, fields: &[Column]) -> Result<(), DataError> {
        match self {
            Self::Csv(out) => lines(*out, batch, fields, csv_line),
            Self::Json(out) => lines(*out, batch, fields, json_line),
            Self::Parquet(writer) => writer.write(batch).map_err(unwritten),
        }
    }

    fn finish(self) -> Result<(), DataError> {
        match self {
            Self::Csv(out) | Self::Json(out) => out.flush().map_err(DataError::Out),
            Self::Parquet(writer) => writer.close().map(drop).map_err(unwritten),
        }
    }
}

fn unwritten(error: parquet::errors::ParquetError) -> DataError {
    DataError::Out(std::io::Error::other(error))
}

fn lines(
    out: &mut impl Write,
    batch: &RecordBatch,
    fields: &[Column],
    line: fn(&RecordBatch, &[Column], usize) -> String,
) -> Result<(), DataError> {
    for row in 0..batch.num_rows() {
        writeln!(out, "{}", line(batch, fields, row)).map_err(DataError::Out)?;
    }
    Ok(())
}

fn csv_line(batch: &RecordBatch, fields: &[Column], row: usize) -> String {
    let cells = fields.iter().zip(0..).map(|(field, at)| match cell(batch, *field, at, row) {
        Some(text) if field.form == Form::Text => quoted(&text),
        Some(text) => text,
        None => String::new(),
    });
    cells.collect::<Vec<_>>().join(",")
}

/// Empty fields are left out.
fn json_line(batch: &RecordBatch, fields: &[Column], row: usize) -> String {
    let pairs = fields.iter().zip(0..).filter_map(|(field, at)| {
        let text = cell(batch, *field, at, row)?;
        let value = match field.form {
            Form::Int | Form::Money => text,
            Form::Time | Form::Text => serde_json::Value::String(text).to_string(),
        };
        Some(format!("\"{}\":{value}", field.name))
    });
    format!("{{{}}}", pairs.collect::<Vec<_>>().join(","))
}

fn cell(batch: &RecordBatch, field: Column, at: usize, row: usize) -> Option<String> {
    let array = batch.column(at);
    if array.is_null(row) {
        return None;
    }
    Some(match field.form {
        Form::Time => Time(array.as_primitive::<TimestampNanosecondType>().value(row)).to_string(),
        Form::Money => Money(array.as_primitive::<Decimal128Type>().value(row)).to_string(),
        Form::Int => array.as_primitive::<Int64Type>().value(row).to_string(),
        Form::Text => array.as_string::<i32>().value(row).to_owned(),
    })
}

fn quoted(text: &str) -> String {
    if text.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}
