//! Parquet and Feather (Arrow IPC) files of others through a mapping. A float is read as the shortest decimal
//! that means it, so 0.1 is a tenth; what then is off the grid is a fault as anywhere.

use super::Sourced;
use super::fields::{Fields, Plan};
use super::mapped::Mapped;
use super::mapping::Mapping;
use crate::error::{io, parquet};
use crate::{BATCH_ROWS, DataError};
use arrow_array::cast::AsArray;
use arrow_array::types::{
    Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType,
    UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, RecordBatch};
use arrow_ipc::reader::{FileReader, StreamReader};
use arrow_schema::{ArrowError, DataType, Schema, SchemaRef, TimeUnit};
use model::{Grid, Time};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

/// What a file of the Arrow format begins with; a stream does not.
const MAGIC: &[u8] = b"ARROW1";

/// The rows of a Parquet file; the line is the row's number from 1.
pub fn parquet_rows<R: Mapped>(
    path: &Path,
    mapping: &Mapping,
    grid: Grid,
) -> Result<impl Iterator<Item = Sourced<R>> + use<R>, DataError> {
    let file = File::open(path).map_err(io("open", path))?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(parquet("read", path))?;
    let schema = builder.schema().clone();
    let batches = builder.with_batch_size(BATCH_ROWS).build().map_err(parquet("read", path))?;
    mapped(path, &schema, batches, mapping, grid)
}

/// The rows of a Feather file of version 2, as pandas writes it, or of an Arrow stream under that ending, as
/// recorders write it that append.
pub fn feather_rows<R: Mapped>(
    path: &Path,
    mapping: &Mapping,
    grid: Grid,
) -> Result<impl Iterator<Item = Sourced<R>> + use<R>, DataError> {
    let mut file = BufReader::new(File::open(path).map_err(io("open", path))?);
    let failed = |source| DataError::Arrow { doing: "read", file: path.display().to_string(), source };
    let is_file = file.fill_buf().map_err(io("read", path))?.starts_with(MAGIC);
    let (schema, batches): (SchemaRef, Box<dyn Iterator<Item = Result<RecordBatch, ArrowError>>>) = if is_file
    {
        let reader = FileReader::try_new(file, None).map_err(failed)?;
        (reader.schema(), Box::new(reader))
    } else {
        let reader = StreamReader::try_new(file, None).map_err(failed)?;
        (reader.schema(), Box::new(reader))
    };
    mapped(path, &schema, batches, mapping, grid)
}

fn mapped<R: Mapped, B: Iterator<Item = Result<RecordBatch, ArrowError>>>(
    path: &Path,
    schema: &Schema,
    batches: B,
    mapping: &Mapping,
    grid: Grid,
) -> Result<impl Iterator<Item = Sourced<R>> + use<R, B>, DataError> {
    let names: Vec<String> = schema.fields().iter().map(|field| field.name().clone()).collect();
    let plan = Plan::new::<R>(mapping, grid, |column| names.iter().position(|name| name == column))?;
    let file = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    let mut before = 0u64;
    Ok(batches.flat_map(move |batch| {
        let batch = match batch {
            Ok(batch) => batch,
            Err(source) => return vec![Err(DataError::Arrow { doing: "read", file: file.clone(), source })],
        };
        let lines = before + 1..;
        before += batch.num_rows() as u64;
        let row = |(at, line): (usize, u64)| {
            let cells: Vec<Option<String>> =
                batch.columns().iter().map(|column| text(column.as_ref(), at)).collect();
            let cell = |at: usize| cells.get(at)?.as_deref();
            let row = R::build(&Fields { plan: &plan, cell: &cell });
            row.map(|row| (line, row)).map_err(|fault| fault.at(&file, line))
        };
        (0..batch.num_rows()).zip(lines).map(row).collect()
    }))
}

/// Nautilus' numbers: 16 places in 16 bytes, or 9 places in 8, the smallest byte first.
fn fixed(bytes: &[u8]) -> Option<String> {
    match bytes.len() {
        16 => Some(format!("{}e-16", i128::from_le_bytes(bytes.try_into().ok()?))),
        8 => Some(format!("{}e-9", i64::from_le_bytes(bytes.try_into().ok()?))),
        _ => None,
    }
}

/// A cell as text; none for null and for types that no field takes.
fn text(array: &dyn Array, at: usize) -> Option<String> {
    if array.is_null(at) {
        return None;
    }
    macro_rules! number {
        ($kind:ty) => {
            array.as_primitive::<$kind>().value(at).to_string()
        };
    }
    let time = |value: i64, unit_ns: i64| value.checked_mul(unit_ns).map(|ns| Time(ns).to_string());
    Some(match array.data_type() {
        DataType::Int8 => number!(Int8Type),
        DataType::Int16 => number!(Int16Type),
        DataType::Int32 => number!(Int32Type),
        DataType::Int64 => number!(Int64Type),
        DataType::UInt8 => number!(UInt8Type),
        DataType::UInt16 => number!(UInt16Type),
        DataType::UInt32 => number!(UInt32Type),
        DataType::UInt64 => number!(UInt64Type),
        DataType::Float32 => number!(Float32Type),
        DataType::Float64 => number!(Float64Type),
        DataType::Decimal128(_, scale) => {
            format!("{}e{}", array.as_primitive::<Decimal128Type>().value(at), -i32::from(*scale))
        }
        DataType::FixedSizeBinary(_) => fixed(array.as_fixed_size_binary().value(at))?,
        DataType::Boolean => array.as_boolean().value(at).to_string(),
        DataType::Utf8 => array.as_string::<i32>().value(at).to_owned(),
        DataType::LargeUtf8 => array.as_string::<i64>().value(at).to_owned(),
        DataType::Utf8View => array.as_string_view().value(at).to_owned(),
        DataType::Timestamp(TimeUnit::Second, _) => {
            time(array.as_primitive::<TimestampSecondType>().value(at), 1_000_000_000)?
        }
        DataType::Timestamp(TimeUnit::Millisecond, _) => {
            time(array.as_primitive::<TimestampMillisecondType>().value(at), 1_000_000)?
        }
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            time(array.as_primitive::<TimestampMicrosecondType>().value(at), 1_000)?
        }
        DataType::Timestamp(TimeUnit::Nanosecond, _) => {
            time(array.as_primitive::<TimestampNanosecondType>().value(at), 1)?
        }
        _ => return None,
    })
}
