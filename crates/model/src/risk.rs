//! The words of risk: a tree of scopes, limits that may stand at each, states and policies.
//! A limit is a command, so who set it and why is in the journal.

use crate::{AccountId, AssetId, BookId, InstrumentId, Money, Name, Qty, Rate, UserId, VenueId};
use serde::{Deserialize, Serialize};

/// Where a limit or a state stands. The tightest on the way from the house to the instrument wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Scope {
    House,
    User(UserId),
    Account(AccountId),
    Book(BookId),
    Instrument(InstrumentId),
    /// One instrument in one account.
    AccountInstrument(AccountId, InstrumentId),
    Venue(VenueId),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum LimitKind {
    OrderSize,
    OrderNotional,
    PriceCollar,
    PositionNet,
    PositionGross,
    Leverage,
    InstrumentConcentration,
    SectorConcentration,
    ClassConcentration,
    Allocation,
    SymbolExposure,
    CorrelatedExposure,
    VolatilityScaledSize,
    VolumeShare,
    DepthShare,
    ValueAtRisk,
    ExpectedShortfall,
    Positions,
    OpenOrders,
    OrdersPerMinute,
    TradesPerDay,
    DailyLoss,
    WeeklyLoss,
    Drawdown,
    MinConfidence,
    Restricted,
    MarketHours,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum LimitValue {
    Amount {
        asset: AssetId,
        amount: Money,
    },
    Qty(Qty),
    Ratio(Rate),
    Count(u32),
    /// The limit holds or it does not (restricted, market hours).
    Yes,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limit {
    pub scope: Scope,
    pub kind: LimitKind,
    pub value: LimitValue,
    /// What happens once it is broken after the trade.
    pub policy: Policy,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Policy {
    #[default]
    Alert,
    ReduceOnly,
    CancelOpen,
    Flatten,
    Halt,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum TradingState {
    #[default]
    Active,
    ReduceOnly,
    Halted,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Breaker {
    pub scope: Scope,
    pub watch: BreakerWatch,
    pub window_ns: i64,
    pub cool_down_ns: i64,
    pub policy: Policy,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum BreakerWatch {
    PriceMove(Rate),
    Loss { asset: AssetId, amount: Money },
    RejectRate(Rate),
    StaleData,
    VenueFailures(u32),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Severity {
    Info,
    Warning,
    Critical,
}

/// A number that needs statistics: computed outside, comes in stamped; too old means reject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Statistic {
    Volatility { instrument: InstrumentId, value: Rate },
    Correlation { a: InstrumentId, b: InstrumentId, value: Rate },
    AverageVolume { instrument: InstrumentId, value: Qty },
    ValueAtRisk { scope: Scope, asset: AssetId, value: Money },
    ExpectedShortfall { scope: Scope, asset: AssetId, value: Money },
    FxRate { from: AssetId, to: AssetId, value: Money },
}

/// Who asked for a change, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Because {
    pub user: UserId,
    pub reason: Name,
}
