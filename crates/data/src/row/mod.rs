//! The rows of the past, one plain struct a kind, and how each lies in columns.
//! Prices and quantities are ticks and lots, money is 10⁻¹⁸ units, times are nanoseconds: nothing is a float.
//! `time` is when a row became known here, so that reading in its order never looks ahead; where a source
//! has the venue's own time only, that is it.

mod bar;
mod cells;
mod kind;
mod slow;
mod tick;

pub use bar::BarRow;
pub(crate) use cells::schema;
pub use cells::{Column, Form, Put, Take};
pub use kind::{BarSpec, Kind, Period};
pub use slow::{ActionRow, FactRow, FundingRow, NewsRow, SampleRow};
pub use tick::{DepthChange, DepthRow, OrderDeed, OrderRow, QuoteRow, TradeRow};

use model::Time;

/// A row of one kind. The first column is always its time.
pub trait Row: Clone + PartialEq + std::fmt::Debug + std::hash::Hash + Send + 'static {
    const COLUMNS: &'static [Column];

    fn fits(kind: &Kind) -> bool;
    fn time(&self) -> Time;
    /// Puts one cell a column, in the order of `COLUMNS`.
    fn put(&self, cells: &mut Put);
    /// The same in reverse; none if a cell holds what no row could have put.
    fn take(cells: &mut Take<'_>) -> Option<Self>;
}
