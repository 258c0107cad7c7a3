//! One Parquet file of a partition: written beside its name and renamed when it is on disk; read batch by
//! batch, with the row groups left out that lie outside of the range asked for.

use super::manifest::{Part, Source, parse_sources, render_sources, sync_folder};
use crate::DataError;
use crate::error::{io, parquet as parquet_error};
use crate::row::{Form, Put, Row, Take, schema};
use arrow_array::RecordBatch;
use model::{Grid, Money, Time};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::metadata::{KeyValue, RowGroupMetaData};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::statistics::Statistics;
use parquet::schema::types::ColumnPath;
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::ops::Range;
use std::path::Path;

/// Rows that are decoded at once, and that a scan hands out at once at most.
pub const BATCH_ROWS: usize = 8_192;
/// Rows of a row group: what is kept in memory while writing, and what is skipped while reading.
const GROUP_ROWS: usize = 65_536;
pub(crate) const BESIDE: &str = ".new";

/// What a part's own footer says, by which a lost manifest is made again.
#[derive(Debug)]
pub(crate) struct Footer {
    pub grid: Grid,
    pub sources: Vec<Source>,
    pub rows: u64,
    pub times: Option<(Time, Time)>,
}

/// Counts and sums what goes to disk.
struct Summed {
    file: File,
    bytes: u64,
    crc: u32,
}

impl Write for Summed {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.bytes += written as u64;
        self.crc = crc32c::crc32c_append(self.crc, &bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}

/// Writes rows that come in order of time; returns none where there were none.
pub(crate) fn write<R: Row>(
    folder: &Path,
    numbers: (u64, u64),
    grid: Grid,
    sources: &[Source],
    batches: impl Iterator<Item = Result<Vec<R>, DataError>>,
) -> Result<Option<Part>, DataError> {
    let (first, last) = numbers;
    let mut part = Part { first, last, rows: 0, time_first: Time(0), time_last: Time(0), bytes: 0, crc: 0 };
    let path = folder.join(part.file());
    let beside = folder.join(part.file() + BESIDE);
    let failed = parquet_error("write", &beside);
    let file = File::create(&beside).map_err(io("create", &beside))?;
    let schema = schema(R::COLUMNS);
    let properties = properties::<R>(grid, sources);
    let mut writer =
        ArrowWriter::try_new(Summed { file, bytes: 0, crc: 0 }, schema.clone(), Some(properties))
            .map_err(&failed)?;
    for rows in batches {
        let rows = rows?;
        let (Some(head), Some(tail)) = (rows.first(), rows.last()) else { continue };
        if part.rows == 0 {
            part.time_first = head.time();
        }
        part.time_last = tail.time();
        part.rows += rows.len() as u64;
        writer.write(&to_batch(&rows, schema.clone())?).map_err(&failed)?;
    }
    let summed = writer.into_inner().map_err(&failed)?;
    if part.rows == 0 {
        fs::remove_file(&beside).map_err(io("remove", &beside))?;
        return Ok(None);
    }
    (part.bytes, part.crc) = (summed.bytes, summed.crc);
    summed.file.sync_all().map_err(io("sync", &beside))?;
    fs::rename(&beside, &path).map_err(io("rename", &beside))?;
    sync_folder(folder)?;
    Ok(Some(part))
}

fn to_batch<R: Row>(rows: &[R], schema: arrow_schema::SchemaRef) -> Result<RecordBatch, DataError> {
    let mut put = Put::new(R::COLUMNS, rows.len());
    for row in rows {
        row.put(&mut put);
        put.next_row();
    }
    let failed = |source| DataError::Arrow { doing: "build", file: "rows".to_owned(), source };
    put.finish(schema).map_err(failed)
}

/// Numbers that mostly grow are kept as differences; the rest as a dictionary, which Parquet drops by itself
/// where it does not pay.
fn properties<R: Row>(grid: Grid, sources: &[Source]) -> WriterProperties {
    let key = |key: &str, value: String| KeyValue::new(key.to_owned(), value);
    let sources: Vec<String> = render_sources(sources).collect();
    let mut builder = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_max_row_group_row_count(Some(GROUP_ROWS))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_key_value_metadata(Some(vec![
            key("staysail.tick", grid.tick.to_string()),
            key("staysail.lot", grid.lot.to_string()),
            key("staysail.sources", sources.join("\n")),
        ]));
    for column in R::COLUMNS {
        let grows = column.form == Form::Time || matches!(column.name, "id" | "sequence" | "previous");
        if grows {
            let path = ColumnPath::from(column.name);
            builder = builder
                .set_column_dictionary_enabled(path.clone(), false)
                .set_column_encoding(path, Encoding::DELTA_BINARY_PACKED);
        }
    }
    builder.build()
}

/// A part being read.
#[derive(Debug)]
pub(crate) struct Reader {
    batches: ParquetRecordBatchReader,
    path: std::path::PathBuf,
    range: Range<Time>,
    pub groups_read: u64,
    pub groups_skipped: u64,
}

impl Reader {
    pub(crate) fn open(folder: &Path, part: &Part, range: Range<Time>) -> Result<Self, DataError> {
        let path = folder.join(part.file());
        let file = File::open(&path).map_err(|error| match error.kind() {
            ErrorKind::NotFound => DataError::Moved(path.clone()),
            _ => io("open", &path)(error),
        })?;
        let length = file.metadata().map_err(io("look at", &path))?.len();
        if length != part.bytes {
            return Err(DataError::Damaged { path, fault: "it is not as long as its manifest says" });
        }
        let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(parquet_error("read", &path))?;
        let groups = builder.metadata().row_groups();
        let wanted: Vec<usize> = (0..groups.len()).filter(|at| overlaps(&groups[*at], &range)).collect();
        let (groups_read, all) = (wanted.len() as u64, groups.len() as u64);
        let batches = builder
            .with_row_groups(wanted)
            .with_batch_size(BATCH_ROWS)
            .build()
            .map_err(parquet_error("read", &path))?;
        Ok(Self { batches, path, range, groups_read, groups_skipped: all - groups_read })
    }

    /// The next rows inside of the range; none at the end.
    pub(crate) fn next_rows<R: Row>(&mut self) -> Result<Option<Vec<R>>, DataError> {
        for batch in self.batches.by_ref() {
            let damaged = |fault| DataError::Damaged { path: self.path.clone(), fault };
            let batch = batch.or(Err(damaged("its pages cannot be read")))?;
            let mut take = Take::new(&batch, R::COLUMNS)
                .ok_or_else(|| damaged("it does not have the columns of its kind"))?;
            let mut rows = Vec::with_capacity(batch.num_rows());
            for at in 0..batch.num_rows() {
                let row = R::take(take.row(at)).ok_or_else(|| damaged("a row holds what no row can"))?;
                if self.range.contains(&row.time()) {
                    rows.push(row);
                }
            }
            if !rows.is_empty() {
                return Ok(Some(rows));
            }
        }
        Ok(None)
    }
}

pub(crate) fn footer(path: &Path) -> Option<Footer> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(path).ok()?).ok()?;
    let metadata = builder.metadata();
    let pairs = metadata.file_metadata().key_value_metadata()?;
    let value = |name: &str| pairs.iter().find(|pair| pair.key == name)?.value.as_deref();
    let money = |name: &str| Money::parse(value(name)?).ok();
    let grid = Grid { tick: money("staysail.tick")?, lot: money("staysail.lot")? };
    let sources = parse_sources(value("staysail.sources")?)?;
    let rows = metadata.row_groups().iter().map(|group| u64::try_from(group.num_rows()).unwrap_or(0)).sum();
    let bounds: Option<Vec<(i64, i64)>> = metadata.row_groups().iter().map(time_bounds).collect();
    let times = bounds.and_then(|bounds| {
        let first = bounds.iter().map(|(low, _)| *low).min()?;
        Some((Time(first), Time(bounds.iter().map(|(_, high)| *high).max()?)))
    });
    Some(Footer { grid, sources, rows, times })
}

/// Without statistics a group must be read.
fn overlaps(group: &RowGroupMetaData, range: &Range<Time>) -> bool {
    time_bounds(group).is_none_or(|(low, high)| low < range.end.0 && high >= range.start.0)
}

/// The least and the greatest time of a group; time is the first column of every kind.
fn time_bounds(group: &RowGroupMetaData) -> Option<(i64, i64)> {
    match group.column(0).statistics()? {
        Statistics::Int64(values) => Some((*values.min_opt()?, *values.max_opt()?)),
        _ => None,
    }
}
