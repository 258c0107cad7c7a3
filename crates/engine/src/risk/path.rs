//! The limits on the way of an order, worked out once for each holding and again when the tree changes: of
//! limits that count the same thing only the tightest is left. A cache: what it says follows from the tree.

use super::tree::{Standing, unit_of};
use crate::Engine;
use crate::order::Proposal;
use model::{AssetId, InstrumentId, LimitKind, LimitValue, Scope, Unit, UserId, VenueId};

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

const LEVELS: [Level; 7] = [
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
    /// Its most; an amount stands in the tree alone.
    pub(crate) most: i64,
    /// Its place in the tree.
    pub(crate) at: u32,
    pub(crate) kind: LimitKind,
    pub(crate) level: Level,
}

/// The limits on one way.
#[derive(Clone, Debug, Default)]
pub(crate) struct Path {
    /// Of the tree that it was made from; 0 is none.
    pub(crate) version: u64,
    /// Those that hold for every order, and those that one that only reduces passes by.
    pub(crate) always: Vec<Bound>,
    pub(crate) opening: Vec<Bound>,
    /// Of `opening`, whether any needs the account as a whole.
    pub(crate) portfolio: bool,
    /// The places of limits that count orders let in, and orders that traded.
    pub(crate) per_minute: Vec<u32>,
    pub(crate) per_day: Vec<u32>,
}

/// Who and what an order is of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Way {
    pub(crate) user: UserId,
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
            // All that is listed trades in our own market.
            Level::Venue => Scope::Venue(VenueId(0)),
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
fn measured(kind: LimitKind, level: Level) -> u8 {
    match kind {
        LimitKind::PositionNet | LimitKind::PositionGross => match level {
            Level::Book => 0,
            Level::Account | Level::AccountInstrument => 1,
            Level::User => 2,
            Level::House | Level::Instrument | Level::Venue => 3,
        },
        LimitKind::OpenOrders | LimitKind::Positions => match level {
            Level::House | Level::Venue => 0,
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

/// What else must be equal for two limits to compare: the unit, and what an amount is of.
fn asset_of(value: LimitValue) -> (Unit, AssetId) {
    match value {
        LimitValue::Amount { asset, .. } => (Unit::Amount, asset),
        _ => (unit_of(value), AssetId(0)),
    }
}

fn tighter(kind: LimitKind, one: &Standing, other: &Standing) -> bool {
    if kind == LimitKind::MinConfidence { one.most() > other.most() } else { one.most() < other.most() }
}

impl Engine {
    /// The limits on an order's way. Of two that are equally tight the outer is named.
    pub(super) fn path_of(&self, way: WayOf) -> Path {
        let user = self.registry.account(way.account).map_or(UserId(u32::MAX), |account| account.user);
        let way = Way { user, order: way };
        let mut path = Path { version: self.risk.version, ..Path::default() };
        for (kind, spares) in CHECKS {
            let bounds = if spares { &mut path.opening } else { &mut path.always };
            let first = bounds.len();
            for level in LEVELS {
                let Some(&at) = self.risk.index.get(&(way.scope(level), kind)) else { continue };
                let Some(standing) = self.risk.kept.limits.get(at as usize) else { continue };
                let most = i64::try_from(standing.most()).unwrap_or(i64::MAX);
                let bound = Bound { most, at, kind, level };
                let same = bounds.iter_mut().skip(first).find(|kept| {
                    let other = self.risk.kept.limits.get(kept.at as usize);
                    measured(kind, kept.level) == measured(kind, level)
                        && other
                            .is_some_and(|it| asset_of(it.limit.value) == asset_of(standing.limit.value))
                });
                match same {
                    Some(kept) => {
                        let other = self.risk.kept.limits.get(kept.at as usize);
                        if other.is_some_and(|other| tighter(kind, standing, other)) {
                            *kept = bound;
                        }
                    }
                    None => bounds.push(bound),
                }
            }
        }
        path.portfolio = path.opening.iter().any(|bound| needs_portfolio(bound.kind));
        let places = |kind| path.always.iter().filter(move |bound| bound.kind == kind).map(|bound| bound.at);
        path.per_minute = places(LimitKind::OrdersPerMinute).collect();
        path.per_day = places(LimitKind::TradesPerDay).collect();
        path
    }
}
