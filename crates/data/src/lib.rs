//! The past: what markets did, imported, checked, kept in a catalogue on disk, and read back in order of time.
//! Files and streams; every iterator holds a bounded number of rows. Prices and quantities are exact counts of
//! tick and lot, times are nanoseconds. Absent: printing, arguments, the network, anything of the present.
//!
//! The rows of a range, in order of time, a batch in memory at once:
//!
//! ```
//! use data::{BarRow, Catalogue, DataError, SAMPLES, Shelf};
//! use model::{Symbol, Time};
//!
//! # let folder = tempfile::tempdir().expect("a folder");
//! # let root = folder.path();
//! Catalogue::open_to_write(root)?.import_sample(&SAMPLES[0])?;
//!
//! let catalogue = Catalogue::open(root);
//! let instrument = Symbol::new("SPY").expect("a symbol");
//! let shelf = Shelf { instrument, kind: "bars-1d".parse()? };
//! let year = Time::parse("2020-01-01T00:00:00Z").expect("a time")..Time::MAX;
//! catalogue.need::<BarRow>(&shelf, &year)?; // refuses an empty range, and says what there is instead
//! let scan = catalogue.scan::<BarRow>(&shelf, year)?;
//! let grid = scan.grid().expect("there are rows"); // what prices and quantities count
//! let mut highest = model::Price(0);
//! for bar in scan.rows() {
//!     highest = highest.max(bar?.high);
//! }
//! assert_eq!(highest.to_money(grid.tick).expect("it fits").to_string(), "398.12");
//! # Ok::<(), DataError>(())
//! ```

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
