//! The book as it stood at a moment, out of the catalogue.

use super::{Chaining, DepthBook, Levels, OrderBook};
use crate::DataError;
use crate::catalogue::{Catalogue, Shelf};
use crate::row::{DepthRow, Kind, OrderRow};
use model::Time;
use std::ops::Range;

impl Catalogue {
    /// The levels after all rows of a range. It should begin at or before a snapshot, or at the day's start:
    /// what stood in the book before the range is not known. `chaining` says how changes of depth follow each
    /// other; single orders need none.
    pub fn book(&self, shelf: &Shelf, range: Range<Time>, chaining: Chaining) -> Result<Levels, DataError> {
        match shelf.kind {
            Kind::Depth => {
                self.need::<DepthRow>(shelf, &range)?;
                let mut book = DepthBook::new(chaining);
                for row in self.scan::<DepthRow>(shelf, range)?.rows() {
                    book.apply(&row?, &mut |_, _| {})?;
                }
                Ok(book.levels().clone())
            }
            Kind::Orders => {
                self.need::<OrderRow>(shelf, &range)?;
                let mut book = OrderBook::default();
                for row in self.scan::<OrderRow>(shelf, range)?.rows() {
                    book.apply(&row?);
                }
                Ok(book.levels().clone())
            }
            _ => Err(DataError::WrongKind { kind: shelf.kind.to_string() }),
        }
    }
}
