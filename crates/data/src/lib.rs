//! The past: what markets did, imported, checked, kept in a catalogue on disk, and read back in order of time.
//! Files and streams; every iterator holds a bounded number of rows. Prices and quantities are exact counts of
//! tick and lot, times are nanoseconds. Absent: printing, arguments, the network, anything of the present.

mod catalogue;
mod error;
mod row;

pub use catalogue::{
    BATCH_ROWS, Catalogue, Compacted, Flaw, FlawKind, Listing, Manifest, Part, Scan, ScanCost, Shelf, Source,
    Stats,
};
pub use error::{DataError, LineFault};
pub use row::{
    ActionRow, BarRow, BarSpec, Column, DepthChange, DepthRow, FactRow, Form, FundingRow, Kind, NewsRow,
    OrderDeed, OrderRow, Period, Put, QuoteRow, Row, SampleRow, Take, TradeRow,
};
