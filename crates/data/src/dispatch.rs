//! From a kind, known when the program runs, to the type of its rows, known when it was built.

use crate::check::Checked;
use crate::import::Mapped;
use crate::row::{
    ActionRow, BarRow, DepthRow, FactRow, FundingRow, Kind, NewsRow, OrderRow, QuoteRow, SampleRow, TradeRow,
};

/// Something to be done with rows of any one type.
pub trait RowWork {
    type Out;

    fn with<R: Mapped + Checked>(self) -> Self::Out;
}

impl Kind {
    /// Does the work with the type of this kind's rows.
    pub fn with_rows<W: RowWork>(&self, work: W) -> W::Out {
        match self {
            Self::Trades => work.with::<TradeRow>(),
            Self::Quotes => work.with::<QuoteRow>(),
            Self::Depth => work.with::<DepthRow>(),
            Self::Orders => work.with::<OrderRow>(),
            Self::Bars(_) => work.with::<BarRow>(),
            Self::Funding => work.with::<FundingRow>(),
            Self::Actions => work.with::<ActionRow>(),
            Self::News => work.with::<NewsRow>(),
            Self::Facts => work.with::<FactRow>(),
            Self::Series(_) => work.with::<SampleRow>(),
        }
    }
}
