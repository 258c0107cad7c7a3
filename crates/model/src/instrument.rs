//! What is traded: its class, its assets, its grid of prices and quantities, its terms and its state.

use crate::{AssetId, InstrumentId, Money, Name, Price, Qty, Rate, Symbol, Time, VenueId};
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum InstrumentClass {
    Spot,
    Equity,
    Etf,
    Fx,
    Future,
    Perpetual,
    Option,
    Index,
}

impl InstrumentClass {
    /// A trade hands over the base asset against the quote asset (in a cash account).
    #[must_use]
    pub fn is_delivered(self) -> bool {
        matches!(self, Self::Spot | Self::Equity | Self::Etf | Self::Fx)
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum InstrumentState {
    PreOpen,
    Auction,
    #[default]
    Trading,
    Halted,
    Closed,
    Expired,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instrument {
    pub symbol: Symbol,
    /// What the venue calls it, where that differs.
    pub venue_symbol: Option<Symbol>,
    pub venue: VenueId,
    pub class: InstrumentClass,
    /// What is bought and sold; none for an index.
    pub base: Option<AssetId>,
    /// What prices are quoted in.
    pub quote: AssetId,
    /// What profit, loss and margin are paid in.
    pub settlement: AssetId,
    /// The price step, and the quantity step, as amounts.
    pub tick: Money,
    pub lot: Money,
    pub qty_min: Qty,
    pub qty_max: Qty,
    pub notional_min: Money,
    /// What one whole unit stands for (100 shares, 50 × the index); one for spot and equities.
    pub multiplier: Money,
    pub band: Option<PriceBand>,
    pub fees: Fees,
    pub margin: MarginRates,
    pub sector: Option<Name>,
    pub calendar: Option<Name>,
    pub terms: Terms,
    pub state: InstrumentState,
}

/// Orders outside are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceBand {
    pub low: Price,
    pub high: Price,
}

/// What each side of a trade pays. A negative maker rate is a rebate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fees {
    pub maker: Rate,
    pub taker: Rate,
    pub basis: FeeBasis,
    pub asset: FeeAsset,
    /// At most this much a trade.
    pub cap: Option<Money>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum FeeBasis {
    /// A share of the trade's value.
    #[default]
    Value,
    /// An amount of the fee asset for each whole unit traded.
    PerShare,
    PerContract,
    /// By the month's volume, as the venue's table has it.
    Tiered,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum FeeAsset {
    #[default]
    Quote,
    Base,
    Other(AssetId),
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarginRates {
    pub initial: Rate,
    pub maintenance: Rate,
}

/// What the contract says beyond its grid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Terms {
    #[default]
    Plain,
    Future {
        expiry: Time,
    },
    Perpetual {
        funding_interval_ns: i64,
    },
    Option {
        underlying: InstrumentId,
        strike: Price,
        expiry: Time,
        right: OptionRight,
        style: OptionStyle,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum OptionRight {
    Call,
    Put,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum OptionStyle {
    American,
    European,
}

/// What happens to holders on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CorporateAction {
    /// `new` shares for every `old` ones.
    Split {
        old: u32,
        new: u32,
    },
    /// Cash for each whole unit held.
    Dividend {
        asset: AssetId,
        amount: Money,
    },
    SymbolChange {
        symbol: Symbol,
    },
    Delisting {
        price: Option<Price>,
    },
}
