//! The past: what markets did, imported, checked, kept in a catalogue on disk, and read back in order of time.
//! Files and streams; every iterator holds a bounded number of rows. Prices and quantities are exact counts of
//! tick and lot, times are nanoseconds. Absent: printing, arguments, the network, anything of the present.

mod aggregate;
mod backfill;
mod book;
mod catalogue;
mod check;
mod dispatch;
mod error;
mod export;
mod import;
mod row;
mod sample;
mod summary;
mod work;

pub use aggregate::{AdjustedBar, Align, BarBuilder, Enrich, EnrichedBar, Factor, Factors, Session};
pub use backfill::binance_dumps;
pub use book::{Chaining, DepthBook, DepthStep, Levels, OrderBook, OrderEffect};
pub use catalogue::{
    BATCH_ROWS, Catalogue, Compacted, Flaw, FlawKind, Listing, Manifest, Part, Scan, ScanCost, Shelf, Source,
    Stats,
};
pub use check::{
    CheckLimits, CheckReport, Checked, Checker, Gate, GateHalt, GatePolicy, GateTurn, RowFault, gaps,
};
pub use dispatch::RowWork;
pub use error::{DataError, LineFault};
pub use export::{ExportFormat, Table};
pub use import::{
    BytesRead, Capture, CaptureEvent, CsvShape, FORMATS, Fields, FileImport, Format, Header, Import,
    Imported, LeanFile, Mapped, Mapping, Plan, Progress, Render, Sourced, Text, TimeMapping, TimeUnit,
    Values, capture, csv_rows, feather_rows, itch_messages, json_rows, lean_mapping, lobster_books,
    lobster_messages, open_text, open_text_counted, parquet_rows, pitch_messages,
};
pub use row::{
    ActionRow, BarRow, BarSpec, Column, DepthChange, DepthRow, FactRow, Form, FundingRow, Kind, NewsRow,
    OrderDeed, OrderRow, Period, Put, QuoteRow, Row, SampleRow, Take, TradeRow,
};
pub use sample::{SAMPLES, Sample};
pub use summary::Summary;

/// A time zone by its name in the bundled database, so that every machine agrees.
pub(crate) fn zone(name: &str) -> Result<jiff::tz::TimeZone, DataError> {
    jiff::tz::TimeZone::get(name).ok().ok_or_else(|| DataError::UnknownZone(name.to_owned()))
}
