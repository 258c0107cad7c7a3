//! The words of risk: a tree of scopes, limits that may stand at each, states and policies.
//! A limit is a command, so who set it and why is in the journal.

use crate::{AccountId, AssetId, BookId, InstrumentId, Money, Name, Qty, Rate, UserId, VenueId};
use serde::{Deserialize, Serialize};
use std::fmt;

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

/// The kinds of number that come from outside and grow old.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum InputKind {
    Price,
    FxRate,
    Volatility,
    Correlation,
    AverageVolume,
    ValueAtRisk,
    ExpectedShortfall,
}

/// What a check needs to know beside the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Input {
    /// A mark, a quote of both sides or a trade.
    Price(InstrumentId),
    FxRate {
        from: AssetId,
        to: AssetId,
    },
    Volatility(InstrumentId),
    Correlation {
        a: InstrumentId,
        b: InstrumentId,
    },
    AverageVolume(InstrumentId),
    ValueAtRisk(Scope),
    ExpectedShortfall(Scope),
    /// Somebody to trade with.
    Depth(InstrumentId),
    /// Something to hold shares against: an equity above zero.
    Equity(AccountId),
    /// Of the signal behind the order.
    Confidence,
}

/// What the three numbers of a [`Reached`] count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Unit {
    Lots,
    /// 10⁻¹⁸ of an asset.
    Amount,
    /// 10⁻⁹.
    Ratio,
    Count,
    /// A limit that holds or does not.
    None,
}

/// A limit that an order would go beyond: the most it allows, and how much of it is used before the order and
/// would be after. Each number keeps its 18 leading digits, the uses rounded up, so that a refusal stays small.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reached {
    digits: [i64; 3],
    /// What an amount is of; else asset 0.
    pub asset: AssetId,
    zeros: [u8; 3],
    pub unit: Unit,
}

impl Reached {
    #[must_use]
    pub fn new(unit: Unit, asset: AssetId, most: i128, before: i128, after: i128) -> Self {
        let [most, before, after] = [(most, false), (before, true), (after, true)].map(|(n, up)| lead(n, up));
        Self { digits: [most.0, before.0, after.0], asset, zeros: [most.1, before.1, after.1], unit }
    }

    #[must_use]
    pub fn most(&self) -> i128 {
        whole(self.digits[0], self.zeros[0])
    }

    #[must_use]
    pub fn before(&self) -> i128 {
        whole(self.digits[1], self.zeros[1])
    }

    #[must_use]
    pub fn after(&self) -> i128 {
        whole(self.digits[2], self.zeros[2])
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::House => f.write_str("the house"),
            Self::User(user) => write!(f, "user {user}"),
            Self::Account(account) => write!(f, "account {account}"),
            Self::Book(book) => write!(f, "book {book}"),
            Self::Instrument(instrument) => write!(f, "instrument {instrument}"),
            Self::AccountInstrument(account, instrument) => {
                write!(f, "instrument {instrument} in account {account}")
            }
            Self::Venue(venue) => write!(f, "venue {venue}"),
        }
    }
}

impl fmt::Display for LimitKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(crate::line::word_of_limit(*self))
    }
}

impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Price(instrument) => write!(f, "a price of instrument {instrument}"),
            Self::FxRate { from, to } => write!(f, "the rate of asset {from} in asset {to}"),
            Self::Volatility(instrument) => write!(f, "the volatility of instrument {instrument}"),
            Self::Correlation { a, b } => write!(f, "the correlation of instruments {a} and {b}"),
            Self::AverageVolume(instrument) => write!(f, "the average volume of instrument {instrument}"),
            Self::ValueAtRisk(at) => write!(f, "the value at risk of {at}"),
            Self::ExpectedShortfall(at) => write!(f, "the expected shortfall of {at}"),
            Self::Depth(instrument) => write!(f, "the depth of instrument {instrument}"),
            Self::Equity(account) => write!(f, "an equity above zero of account {account}"),
            Self::Confidence => f.write_str("the confidence of the order"),
        }
    }
}

/// The leading digits of a number, and how many zeros follow them.
fn lead(number: i128, up: bool) -> (i64, u8) {
    let (mut rest, mut zeros, mut cut) = (number, 0u8, false);
    while i64::try_from(rest).is_err() || (rest != 0 && rest % 10 == 0 && !cut) {
        cut |= rest % 10 != 0;
        rest /= 10;
        zeros = zeros.saturating_add(1);
    }
    let up = i128::from(up && cut && number > 0);
    (i64::try_from(rest.saturating_add(up)).unwrap_or(i64::MAX), zeros)
}

fn whole(digits: i64, zeros: u8) -> i128 {
    let mut number = i128::from(digits);
    for _ in 0..zeros.min(38) {
        number = number.saturating_mul(10);
    }
    number
}

/// Who asked for a change, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Because {
    pub user: UserId,
    pub reason: Name,
}

#[cfg(test)]
mod tests {
    use super::{AssetId, Reached, Unit};

    #[test]
    fn the_numbers_of_a_refusal_keep_their_leading_digits_and_the_uses_round_up() {
        let reached = |n: i128| {
            let one = Reached::new(Unit::Amount, AssetId(1), n, n, n);
            (one.most(), one.before(), one.after())
        };
        for exact in [0, 1, -10, 5_000_250_000_000_000_000_000, i128::from(i64::MAX), 7 * 10i128.pow(36)] {
            assert_eq!(reached(exact), (exact, exact, exact));
        }
        let long = 1_234_567_890_123_456_789_012;
        let (most, before, _) = reached(long);
        assert!(most <= long && long - most < 1000, "{most}");
        assert!(before >= long && before - long < 1000, "{before}");
        let _no_overflow = reached(i128::MAX);
        let _no_overflow = reached(i128::MIN);
        assert_eq!(size_of::<Reached>(), 32);
    }
}
