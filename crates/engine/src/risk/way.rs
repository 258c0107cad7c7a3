//! The way of a holding's orders as the first look at them needs it: a line of memory of its own, and what it has in
//! common with many others, kept once. A cache: all of it follows from the tree and from what was told.

use super::path::{Bound, Level, Path, measured};
use super::tree::Count;
use crate::book::prefetch;
use crate::ledger::Tally;
use model::{AssetId, InstrumentId, LimitKind, Price, Time, Unit};

/// No limit, and no place of a count or a statistic.
pub(super) const NONE: u32 = u32::MAX;
pub(super) const ANY: i64 = i64::MAX;

/// Fewer of these there are at a level, or an order is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Fewer {
    pub(super) orders: u32,
    pub(super) positions: u32,
    pub(super) traded: u32,
    /// What an order let in takes up of a minute, and how much of it may be taken up before.
    pub(super) gap_ns: i64,
    pub(super) before_ns: i64,
}

impl Fewer {
    const ANY: Self = Self { orders: NONE, positions: NONE, traded: NONE, gap_ns: 0, before_ns: 0 };
}

/// Where orders are counted that were let in, and that traded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Counter {
    pub(super) minute: u32,
    pub(super) day: u32,
}

impl Counter {
    const NONE: Self = Self { minute: NONE, day: NONE };

    #[inline(always)]
    fn passes(&self, (fewer, tally): (&Fewer, &Tally), counts: &[Count], now: Time) -> bool {
        let lately = match counts.get(self.minute as usize) {
            Some(count) => count.until.0.saturating_sub(now.0) <= fewer.before_ns,
            None => self.minute == NONE,
        };
        let today = match counts.get(self.day as usize) {
            // What was counted on another day only makes this more.
            Some(count) => tally.orders.saturating_add(count.traded) < fewer.traded,
            None => self.day == NONE,
        };
        lately && today && tally.orders < fewer.orders && tally.positions < fewer.positions
    }
}

/// The levels that others share, and those of the account.
const OUTER: [Level; 4] = [Level::House, Level::User, Level::Instrument, Level::Venue];
const INNER: [Level; 3] = [Level::Account, Level::Book, Level::AccountInstrument];

/// What a holding's way has of its own.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
pub(crate) struct Way {
    /// Of the tree that it was made from; 0 is none.
    pub(super) version: u64,
    /// When what is to be feared was looked at last, and until when it was found to be little enough.
    pub(super) told: u64,
    pub(super) until: Time,
    /// Its place among what ways have in common.
    pub(super) common: u32,
    pub(super) inner: [Counter; 3],
}

impl Way {
    pub(super) const NONE: Self =
        Self { version: 0, told: 0, until: Time::MIN, common: NONE, inner: [Counter::NONE; 3] };

    /// Asks memory for what is counted where only this way's orders count.
    #[inline]
    pub(super) fn prefetch_counts(&self, counts: &[Count]) {
        for own in &self.inner {
            prefetch(counts, own.minute as usize);
            prefetch(counts, own.day as usize);
        }
    }
}

/// What the limits of a way ask, but for who asks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rules {
    pub(super) instrument: InstrumentId,
    pub(super) size: i64,
    pub(super) confidence: i64,
    pub(super) collar: i64,
    pub(super) volume: i64,
    pub(super) volatility: i64,
    pub(super) depth: i64,
    /// The tightest of all shares that positions may have of an account.
    pub(super) share: i64,
    pub(super) notional: i128,
    pub(super) notional_in: AssetId,
    pub(super) volume_input: u32,
    pub(super) volatility_input: u32,
    /// The instrument has to trade.
    pub(super) hours: bool,
    /// What moves with other positions.
    pub(super) correlated: bool,
    /// Every limit is one of these or is counted; else each is measured, always.
    pub(super) whole: bool,
    /// The position by what it is measured over: the book, the account, the user, all.
    pub(super) net: [i64; 4],
    pub(super) gross: [i64; 4],
    /// Of the outer levels, then of the inner.
    pub(super) fewer: [Fewer; 7],
    pub(super) outer: [Counter; 4],
}

/// What the rules come to by what was told.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms {
    /// Of what was told; 0 is never.
    pub(super) told: u64,
    pub(super) until: Time,
    /// The most lots of an order; the least that a sale may ask, the most that a buy may pay, and the highest price
    /// of either.
    pub(super) most: i64,
    pub(super) low: Price,
    pub(super) high: Price,
    pub(super) far: Price,
    /// What a lot is worth at that, in quote, as leave counts; and what share of the account an order may be worth
    /// for how its price moves.
    pub(super) lot: i64,
    pub(super) moves: i64,
}

impl Terms {
    /// Where no price matters.
    pub(super) const ANY_PRICE: Self = Self {
        until: Time::MAX,
        low: Price(i64::MIN),
        high: Price(i64::MAX),
        far: Price(i64::MAX),
        lot: i64::MAX,
        ..Self::NONE
    };

    pub(super) const NONE: Self = Self {
        told: 0,
        until: Time::MIN,
        most: 0,
        low: Price(0),
        high: Price(0),
        far: Price(0),
        lot: 0,
        moves: ANY,
    };
}

#[derive(Clone, Debug)]
pub(super) struct Common {
    pub(super) rules: Rules,
    pub(super) terms: Terms,
}

impl Rules {
    pub(super) fn of(path: &Path, instrument: InstrumentId) -> (Self, [Counter; 3]) {
        let mut rules = Self {
            instrument,
            size: ANY,
            confidence: i64::MIN,
            collar: ANY,
            volume: ANY,
            volatility: ANY,
            depth: ANY,
            share: ANY,
            notional: i128::MAX,
            notional_in: AssetId(0),
            volume_input: NONE,
            volatility_input: NONE,
            hours: false,
            correlated: false,
            whole: true,
            net: [ANY; 4],
            gross: [ANY; 4],
            fewer: [Fewer::ANY; 7],
            outer: [Counter::NONE; 4],
        };
        let mut inner = [Counter::NONE; 3];
        path.always.iter().chain(&path.opening).for_each(|bound| rules.add(bound, &mut inner));
        (rules, inner)
    }

    fn add(&mut self, bound: &Bound, inner: &mut [Counter; 3]) {
        let most = i64::try_from(bound.most).unwrap_or(ANY);
        let count = u32::try_from(bound.most).unwrap_or(NONE);
        let over = usize::from(measured(bound.kind, bound.level));
        let mut levels = OUTER.into_iter().chain(INNER);
        let mut counters = self.outer.iter_mut().chain(inner).zip(&mut self.fewer);
        let at = levels.position(|level| level == bound.level);
        let Some((counter, fewer)) = at.and_then(|at| counters.nth(at)) else { return };
        match bound.kind {
            LimitKind::OrdersPerMinute if bound.most > 0 => {
                (counter.minute, fewer.gap_ns) = (bound.at, bound.gap_ns());
                fewer.before_ns = most.saturating_sub(1).saturating_mul(fewer.gap_ns);
            }
            LimitKind::TradesPerDay => (counter.day, fewer.traded) = (bound.at, count),
            LimitKind::OpenOrders => fewer.orders = count,
            LimitKind::Positions => fewer.positions = count,
            LimitKind::PositionNet if bound.unit == Unit::Lots => put(&mut self.net, over, most),
            LimitKind::PositionGross if bound.unit == Unit::Lots => put(&mut self.gross, over, most),
            LimitKind::OrderSize => self.size = most,
            LimitKind::MinConfidence => self.confidence = most,
            LimitKind::PriceCollar => self.collar = most,
            LimitKind::MarketHours => self.hours = true,
            LimitKind::VolumeShare => (self.volume, self.volume_input) = (most, bound.input),
            LimitKind::VolatilityScaledSize => {
                (self.volatility, self.volatility_input) = (most, bound.input);
            }
            LimitKind::OrderNotional if self.notional == i128::MAX => {
                (self.notional, self.notional_in) = (bound.most, bound.asset);
            }
            LimitKind::DepthShare => self.depth = most,
            // Looked at by the way, see `Way::until`.
            LimitKind::ValueAtRisk | LimitKind::ExpectedShortfall => {}
            // No position is more than all of them are.
            LimitKind::Leverage
            | LimitKind::Allocation
            | LimitKind::InstrumentConcentration
            | LimitKind::SectorConcentration
            | LimitKind::ClassConcentration
            | LimitKind::SymbolExposure => self.share = self.share.min(most),
            LimitKind::CorrelatedExposure => (self.share, self.correlated) = (self.share.min(most), true),
            _ => self.whole = false,
        }
    }

    /// Whether it asks something of what an order may cost.
    pub(super) fn of_price(&self) -> bool {
        self.collar != ANY || self.notional != i128::MAX || self.volatility != ANY
    }

    /// Whether it asks something of the account as a whole.
    pub(super) fn of_account(&self) -> bool {
        self.share != ANY || self.volatility != ANY
    }
}

impl Common {
    pub(super) fn new(rules: Rules) -> Self {
        Self { rules, terms: Terms::NONE }
    }

    /// Where orders let in are counted along a way.
    pub(super) fn counted<'a>(&'a self, way: &'a Way) -> impl Iterator<Item = u32> {
        self.rules.outer.iter().chain(&way.inner).map(|counter| counter.minute)
    }

    /// Whether one more order may come at every level. `tallies` are of the outer levels, then of the inner.
    #[inline]
    pub(super) fn counts_pass(&self, way: &Way, tallies: &[Tally; 7], counts: &[Count], now: Time) -> bool {
        let [a, b, c, d, e, f, g] = &self.rules.fewer;
        let [of_a, of_b, of_c, of_d, of_e, of_f, of_g] = tallies;
        let outer = [(a, of_a), (b, of_b), (c, of_c), (d, of_d)];
        let inner = [(e, of_e), (f, of_f), (g, of_g)];
        self.rules.outer.iter().zip(outer).all(|(counter, level)| counter.passes(level, counts, now))
            && way.inner.iter().zip(inner).all(|(counter, level)| counter.passes(level, counts, now))
    }

    /// One more order is let in.
    #[inline]
    pub(super) fn let_in(&self, way: &Way, counts: &mut [Count], now: Time) {
        let [a, b, c, d, e, f, g] = &self.rules.fewer;
        let mut add = |counter: &Counter, fewer: &Fewer| {
            if let Some(count) = counts.get_mut(counter.minute as usize) {
                count.until = count.until.max(now).saturating_add_ns(fewer.gap_ns);
            }
        };
        self.rules.outer.iter().zip([a, b, c, d]).for_each(|(counter, fewer)| add(counter, fewer));
        way.inner.iter().zip([e, f, g]).for_each(|(counter, fewer)| add(counter, fewer));
    }

    /// One more order that traded has ended, on a day of the house and of its account.
    #[inline]
    pub(super) fn traded(&self, way: &Way, counts: &mut [Count], [house, own]: [i64; 2]) {
        let mut add = |counter: &Counter, today: i64| {
            if let Some(count) = counts.get_mut(counter.day as usize) {
                let before = if count.day == today { count.traded } else { 0 };
                (count.day, count.traded) = (today, before.saturating_add(1));
            }
        };
        self.rules.outer.iter().for_each(|counter| add(counter, house));
        way.inner.iter().for_each(|counter| add(counter, own));
    }
}

fn put(mosts: &mut [i64; 4], at: usize, most: i64) {
    if let Some(kept) = mosts.get_mut(at) {
        *kept = most.min(*kept);
    }
}
