//! The tree of limits: what stands where, set by whom and why, and what it has counted. A limit whose value does
//! not fit its kind, or that stands nowhere, is refused; so is a kind that is not held before a trade.

use crate::Engine;
use crate::guard::is_loss;
use model::{
    AccountId, Because, Bound, Event, InstrumentId, Limit, LimitKind, LimitValue, Rate, Reject, Scope, Time,
    Unit,
};
use serde::{Deserialize, Serialize};

const LIMITS_MAX: usize = 1 << 22;
pub(super) const MINUTE_NS: i64 = 60_000_000_000;

/// A limit that stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Standing {
    pub(crate) limit: Limit,
    pub(crate) because: Because,
}

/// What a limit has counted since it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Count {
    /// Of orders a minute: when the last order let in will be forgotten.
    pub(crate) until: Time,
    /// Of trades a day: the day, and how many orders that traded ended in it.
    pub(crate) day: i64,
    pub(crate) traded: u32,
}

impl Count {
    const NONE: Self = Self { until: Time::MIN, day: i64::MIN, traded: 0 };
}

impl Standing {
    /// Its most as a number in its unit.
    pub(crate) fn most(&self) -> i128 {
        match self.limit.value {
            LimitValue::Amount { amount, .. } => amount.0,
            LimitValue::Qty(qty) => qty.0.into(),
            LimitValue::Ratio(rate) => rate.0.into(),
            LimitValue::Count(count) => count.into(),
            LimitValue::Yes => 0,
        }
    }
}

pub(crate) fn unit_of(value: LimitValue) -> Unit {
    match value {
        LimitValue::Amount { .. } => Unit::Amount,
        LimitValue::Qty(_) => Unit::Lots,
        LimitValue::Ratio(_) => Unit::Ratio,
        LimitValue::Count(_) => Unit::Count,
        LimitValue::Yes => Unit::None,
    }
}

impl Engine {
    pub(crate) fn set_limit(
        &mut self,
        limit: &Limit,
        because: Because,
        events: &mut Vec<Event>,
    ) -> Result<Event, Reject> {
        self.check_user(because.user)?;
        self.check_scope(limit.scope)?;
        if is_loss(limit.kind) {
            return self.set_loss_limit(limit, events);
        }
        self.check_value(limit)?;
        let key = (limit.scope, limit.kind);
        if let Some(at) = self.risk.index.get(&key).copied() {
            if let Some(standing) = self.risk.kept.limits.get_mut(at as usize) {
                (standing.limit, standing.because) = (*limit, because);
            }
        } else {
            if self.risk.kept.limits.len() >= LIMITS_MAX {
                return Err(Reject::BoundReached { what: Bound::Limits });
            }
            self.risk.index.insert(key, crate::index::place(self.risk.kept.limits.len()));
            self.risk.kept.limits.push(Standing { limit: *limit, because });
            self.risk.kept.counts.push(Count::NONE);
        }
        self.risk.outdate();
        self.sum_lines();
        Ok(Event::LimitSet { limit: Box::new(*limit) })
    }

    pub(crate) fn remove_limit(
        &mut self,
        scope: Scope,
        kind: LimitKind,
        because: Because,
        events: &mut Vec<Event>,
    ) -> Result<Event, Reject> {
        self.check_user(because.user)?;
        self.check_scope(scope)?;
        if is_loss(kind) {
            return self.remove_loss_limit(scope, kind, events);
        }
        let missing = Reject::UnknownLimit { at: scope, kind };
        let at = self.risk.index.remove(&(scope, kind)).ok_or(missing)?;
        self.risk.kept.limits.swap_remove(at as usize);
        self.risk.kept.counts.swap_remove(at as usize);
        if let Some(moved) = self.risk.kept.limits.get(at as usize) {
            self.risk.index.insert((moved.limit.scope, moved.limit.kind), at);
        }
        self.risk.outdate();
        self.sum_lines();
        self.resolve_unasked(events);
        Ok(Event::LimitRemoved { scope, kind })
    }

    pub(crate) fn has_limit(&self, scope: Scope, kind: LimitKind) -> bool {
        self.risk.index.contains_key(&(scope, kind))
    }

    /// Whether there is such a place.
    pub(crate) fn check_scope(&self, scope: Scope) -> Result<(), Reject> {
        let account = |account: AccountId| self.registry.account(account).map(|_known| ());
        let instrument = |instrument: InstrumentId| {
            let known = (instrument.0 as usize) < self.listings.len();
            if known { Ok(()) } else { Err(Reject::UnknownInstrument { instrument }) }
        };
        match scope {
            Scope::House => Ok(()),
            Scope::User(user) if (user.0 as usize) < self.registry.kept.users.len() => Ok(()),
            Scope::User(_) => Err(Reject::UnknownUser),
            Scope::Account(id) => account(id),
            Scope::Book(book) if (book.0 as usize) < self.registry.kept.books.len() => Ok(()),
            Scope::Book(book) => Err(Reject::UnknownBook { book }),
            Scope::Instrument(id) => instrument(id),
            Scope::AccountInstrument(of, id) => account(of).and_then(|()| instrument(id)),
            Scope::Venue(venue) => self.registry.venue(venue).map(|_known| ()),
        }
    }

    fn check_value(&self, limit: &Limit) -> Result<(), Reject> {
        use LimitKind::{
            Allocation, ClassConcentration, CorrelatedExposure, DailyLoss, DepthShare, Drawdown,
            ExpectedShortfall, InstrumentConcentration, Leverage, MarketHours, MinConfidence, OpenOrders,
            OrderNotional, OrderSize, OrdersPerMinute, PositionGross, PositionNet, Positions, PriceCollar,
            Restricted, SectorConcentration, SymbolExposure, TradesPerDay, ValueAtRisk, VolatilityScaledSize,
            VolumeShare, WeeklyLoss,
        };
        if let LimitValue::Amount { asset, .. } = limit.value
            && asset.0 as usize >= self.registry.kept.assets.len()
        {
            return Err(Reject::UnknownAsset { asset });
        }
        let sound = match limit.value {
            LimitValue::Amount { amount, .. } => !amount.is_negative(),
            LimitValue::Qty(qty) => qty.0 >= 0,
            LimitValue::Ratio(rate) => rate >= Rate::ZERO,
            LimitValue::Count(_) | LimitValue::Yes => true,
        };
        let unit = unit_of(limit.value);
        let fits = match limit.kind {
            // Watched after a trade, see `guard`.
            DailyLoss | WeeklyLoss | Drawdown => false,
            OrderSize => unit == Unit::Lots,
            PositionNet | PositionGross => matches!(unit, Unit::Lots | Unit::Amount),
            OrderNotional | ValueAtRisk | ExpectedShortfall => unit == Unit::Amount,
            Positions | OpenOrders | OrdersPerMinute | TradesPerDay => unit == Unit::Count,
            Restricted | MarketHours => unit == Unit::None,
            PriceCollar
            | Leverage
            | InstrumentConcentration
            | SectorConcentration
            | ClassConcentration
            | Allocation
            | SymbolExposure
            | CorrelatedExposure
            | VolatilityScaledSize
            | VolumeShare
            | DepthShare
            | MinConfidence => unit == Unit::Ratio,
        };
        if sound && fits { Ok(()) } else { Err(Reject::LimitMisfit { kind: limit.kind }) }
    }
}
