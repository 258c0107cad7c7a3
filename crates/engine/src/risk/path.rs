//! The limits on the way of an order, worked out once for each holding and again when the tree changes: of
//! limits that count the same thing only the tightest is left. A cache: what it says follows from the tree.

use super::kept::gap_ns;
use super::tree::{Standing, unit_of};
use crate::Engine;
use crate::order::Proposal;
use model::{AssetId, Input, InstrumentId, LimitKind, LimitValue, Scope, Unit, UserId, VenueId};

/// Where a limit stands, from the outside in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    House,
    User,
    Account,
    Book,
    Instrument,
    AccountInstrument,
    Venue,
}

impl Level {
    /// Whether it is inside of one account.
    pub(crate) fn is_of_account(self) -> bool {
        matches!(self, Self::Account | Self::Book | Self::AccountInstrument)
    }
}

pub(super) const LEVELS: [Level; 7] = [
    Level::House,
    Level::User,
    Level::Account,
    Level::Book,
    Level::Instrument,
    Level::AccountInstrument,
    Level::Venue,
];

/// A limit on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bound {
    /// Its most, in its unit.
    pub(crate) most: i128,
    /// Its place in the tree, and of the statistic it needs among those.
    pub(crate) at: u32,
    pub(crate) input: u32,
    /// What an amount is of.
    pub(crate) asset: AssetId,
    pub(crate) unit: Unit,
    pub(crate) kind: LimitKind,
    pub(crate) level: Level,
}

/// The place of a statistic that is not there.
const NO_INPUT: u32 = u32::MAX;

/// The limits on one way.
#[derive(Clone, Debug, Default)]
pub(crate) struct Path {
    /// Those that hold for every order, and those that one that only reduces passes by.
    pub(crate) always: Vec<Bound>,
    pub(crate) opening: Vec<Bound>,
    /// Of `opening`, whether any needs the account as a whole.
    pub(crate) portfolio: bool,
    pub(crate) user: UserId,
}

/// Who and what an order is of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Way {
    pub(crate) user: UserId,
    pub(crate) venue: VenueId,
    pub(crate) order: WayOf,
}

/// The part that an order says itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WayOf {
    pub(crate) account: model::AccountId,
    pub(crate) book: model::BookId,
    pub(crate) instrument: InstrumentId,
}

impl WayOf {
    pub(crate) fn of(order: &Proposal) -> Self {
        Self { account: order.account, book: order.book, instrument: order.instrument }
    }
}

impl Way {
    fn scope(&self, level: Level) -> Scope {
        let WayOf { account, book, instrument } = self.order;
        match level {
            Level::House => Scope::House,
            Level::User => Scope::User(self.user),
            Level::Account => Scope::Account(account),
            Level::Book => Scope::Book(book),
            Level::Instrument => Scope::Instrument(instrument),
            Level::AccountInstrument => Scope::AccountInstrument(account, instrument),
            Level::Venue => Scope::Venue(self.venue),
        }
    }
}

/// The list of checks: every kind of limit that is held before a trade, in the order in which it is looked at,
/// and whether an order that only reduces passes it by.
pub(super) const CHECKS: [(LimitKind, bool); 24] = [
    (LimitKind::Restricted, false),
    (LimitKind::MarketHours, false),
    (LimitKind::OrderSize, false),
    (LimitKind::MinConfidence, false),
    (LimitKind::OpenOrders, false),
    (LimitKind::OrdersPerMinute, false),
    (LimitKind::TradesPerDay, false),
    (LimitKind::OrderNotional, false),
    (LimitKind::PriceCollar, false),
    (LimitKind::DepthShare, false),
    (LimitKind::Positions, true),
    (LimitKind::PositionNet, true),
    (LimitKind::PositionGross, true),
    (LimitKind::VolumeShare, true),
    (LimitKind::ValueAtRisk, true),
    (LimitKind::ExpectedShortfall, true),
    (LimitKind::VolatilityScaledSize, true),
    (LimitKind::Leverage, true),
    (LimitKind::Allocation, true),
    (LimitKind::InstrumentConcentration, true),
    (LimitKind::SectorConcentration, true),
    (LimitKind::ClassConcentration, true),
    (LimitKind::SymbolExposure, true),
    (LimitKind::CorrelatedExposure, true),
];

/// What is measured at a level: limits of one kind that measure the same need only the tightest.
pub(super) fn measured(kind: LimitKind, level: Level) -> u8 {
    match kind {
        LimitKind::PositionNet | LimitKind::PositionGross => match level {
            Level::Book => 0,
            Level::Account | Level::AccountInstrument => 1,
            Level::User => 2,
            Level::House | Level::Instrument | Level::Venue => 3,
        },
        LimitKind::OpenOrders | LimitKind::Positions => match level {
            Level::House => 0,
            Level::Venue => 6,
            Level::User => 1,
            Level::Account => 2,
            Level::Book => 3,
            Level::Instrument => 4,
            Level::AccountInstrument => 5,
        },
        LimitKind::ValueAtRisk
        | LimitKind::ExpectedShortfall
        | LimitKind::OrdersPerMinute
        | LimitKind::TradesPerDay => level as u8,
        _ => 0,
    }
}

/// Whether it measures the account as a whole.
pub(super) fn needs_portfolio(kind: LimitKind) -> bool {
    matches!(
        kind,
        LimitKind::VolatilityScaledSize
            | LimitKind::Leverage
            | LimitKind::Allocation
            | LimitKind::InstrumentConcentration
            | LimitKind::SectorConcentration
            | LimitKind::ClassConcentration
            | LimitKind::SymbolExposure
            | LimitKind::CorrelatedExposure
    )
}

impl Bound {
    fn of(standing: &Standing, at: u32, level: Level) -> Self {
        let asset = match standing.limit.value {
            LimitValue::Amount { asset, .. } => asset,
            _ => AssetId(0),
        };
        let (unit, kind) = (unit_of(standing.limit.value), standing.limit.kind);
        Self { most: standing.most(), at, input: NO_INPUT, asset, unit, kind, level }
    }

    /// The time that one takes up of so many orders a minute.
    pub(super) fn gap_ns(&self) -> i64 {
        gap_ns(LimitValue::Count(u32::try_from(self.most).unwrap_or(u32::MAX)))
    }

    /// Whether two limits of a kind hold the same number against orders.
    fn compares(&self, other: &Self) -> bool {
        let measures = measured(self.kind, self.level) == measured(other.kind, other.level);
        measures && (self.unit, self.asset) == (other.unit, other.asset)
    }

    fn is_tighter(&self, other: &Self) -> bool {
        if self.kind == LimitKind::MinConfidence { self.most > other.most } else { self.most < other.most }
    }
}

/// The statistic that a limit needs.
fn input_of(kind: LimitKind, scope: Scope, instrument: InstrumentId) -> Option<Input> {
    match kind {
        LimitKind::ValueAtRisk => Some(Input::ValueAtRisk(scope)),
        LimitKind::ExpectedShortfall => Some(Input::ExpectedShortfall(scope)),
        LimitKind::VolatilityScaledSize => Some(Input::Volatility(instrument)),
        LimitKind::VolumeShare => Some(Input::AverageVolume(instrument)),
        _ => None,
    }
}

impl Engine {
    /// The limits that stand at a place, and where in the tree.
    fn limits_at(&self, scope: Scope) -> Vec<(LimitKind, u32)> {
        let (first, last) = ((scope, LimitKind::OrderSize), (scope, LimitKind::MarketHours));
        self.risk.index.range(first..=last).map(|((_, kind), at)| (*kind, *at)).collect()
    }

    /// The limits on an order's way. Of two that are equally tight the outer is named.
    pub(super) fn path_of(&self, way: WayOf) -> Path {
        let user = self.registry.account(way.account).map_or(UserId(u32::MAX), |account| account.user);
        let way = Way { user, venue: self.venue_of(way.instrument), order: way };
        let mut path = Path { user, ..Path::default() };
        let found = LEVELS.map(|level| self.limits_at(way.scope(level)));
        for (kind, spares) in CHECKS {
            let bounds = if spares { &mut path.opening } else { &mut path.always };
            let first = bounds.len();
            for (level, found) in LEVELS.into_iter().zip(&found) {
                let Some(&(_, at)) = found.iter().find(|(of, _)| *of == kind) else { continue };
                let Some(standing) = self.risk.kept.limits.get(at as usize) else { continue };
                let mut bound = Bound::of(standing, at, level);
                let input = input_of(kind, way.scope(level), way.order.instrument);
                bound.input = input.and_then(|it| self.risk.noted.get(&it)).copied().unwrap_or(NO_INPUT);
                let same = bounds.iter_mut().skip(first).find(|kept| kept.compares(&bound));
                match same {
                    Some(kept) if bound.is_tighter(kept) => *kept = bound,
                    Some(_) => {}
                    None => bounds.push(bound),
                }
            }
        }
        path.portfolio = path.opening.iter().any(|bound| needs_portfolio(bound.kind));
        path
    }
}
