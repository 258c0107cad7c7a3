//! A way's limits in the form in which most orders pass them by a few comparisons: most orders are far from most
//! limits. It says yes only where every measure would; where it does not, each limit is measured by itself, and
//! that is the answer. What cannot be put into a comparison is measured here too.

use super::{Sight, hold, notional};
use crate::book::prefetch;
use crate::risk::View;
use crate::risk::input::Noted;
use crate::risk::path::{Bound, LEVELS, Level};
use crate::risk::portfolio::Portfolio;
use crate::risk::tree::Count;
use crate::risk::worth::within;
use model::{AssetId, LimitKind, Price, Rate, Time, Unit};

/// No limit, and no place of a count or a statistic.
const NONE: u32 = u32::MAX;
const ANY: i64 = i64::MAX;

/// What is counted at one level.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counted {
    level: Level,
    /// Fewer than these there are, or the order is looked at again.
    orders: u32,
    positions: u32,
    traded: u32,
    /// The places of the limits that count orders that traded, and orders let in.
    per_day: u32,
    per_minute: u32,
    /// The time that one order let in takes up.
    gap_ns: i64,
}

impl Counted {
    fn none(level: Level) -> Self {
        let (orders, positions, traded) = (NONE, NONE, NONE);
        Self { level, orders, positions, traded, per_day: NONE, per_minute: NONE, gap_ns: 0 }
    }

    fn is_none(&self) -> bool {
        [self.orders, self.positions, self.per_day, self.per_minute] == [NONE; 4]
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Glance {
    counted: [Counted; 7],
    /// The position by what it is measured over: the book, the account, the user, all.
    net: [i64; 4],
    gross: [i64; 4],
    size: i64,
    confidence: i64,
    collar: i64,
    volume: i64,
    volatility: i64,
    /// The tightest of all shares that positions may have of an account.
    share: i64,
    /// Of what is displayed.
    depth: Option<Bound>,
    notional: i128,
    notional_in: AssetId,
    volume_input: u32,
    volatility_input: u32,
    /// The instrument has to trade.
    hours: bool,
    /// Something is to be feared of at most so much, and was looked at when the statistics were those.
    feared: bool,
    feared_version: u64,
    feared_until: Time,
    /// What moves with other positions, and all that is measured one by one.
    correlated: Option<Bound>,
    others: Vec<Bound>,
}

impl Glance {
    pub(crate) fn of<'a>(bounds: impl Iterator<Item = &'a Bound>) -> Self {
        let mut glance = Self {
            counted: LEVELS.map(Counted::none),
            net: [ANY; 4],
            gross: [ANY; 4],
            size: ANY,
            confidence: i64::MIN,
            collar: ANY,
            volume: ANY,
            volatility: ANY,
            share: ANY,
            depth: None,
            notional: i128::MAX,
            notional_in: AssetId(0),
            volume_input: NONE,
            volatility_input: NONE,
            hours: false,
            feared: false,
            feared_version: 0,
            feared_until: Time::MIN,
            correlated: None,
            others: Vec::new(),
        };
        bounds.for_each(|bound| glance.add(bound));
        glance
    }

    fn add(&mut self, bound: &Bound) {
        let (most, count) =
            (i64::try_from(bound.most).unwrap_or(ANY), u32::try_from(bound.most).unwrap_or(NONE));
        let shared = match bound.level {
            Level::Book => 0,
            Level::Account | Level::AccountInstrument => 1,
            Level::User => 2,
            Level::House | Level::Instrument | Level::Venue => 3,
        };
        let counted = self.counted.iter_mut().find(|counted| counted.level == bound.level);
        match (bound.kind, counted) {
            (LimitKind::OpenOrders, Some(counted)) => counted.orders = count,
            (LimitKind::Positions, Some(counted)) => counted.positions = count,
            (LimitKind::TradesPerDay, Some(counted)) => (counted.traded, counted.per_day) = (count, bound.at),
            (LimitKind::OrdersPerMinute, Some(counted)) if bound.most > 0 => {
                (counted.per_minute, counted.gap_ns) = (bound.at, bound.gap_ns());
            }
            (LimitKind::PositionNet, _) if bound.unit == Unit::Lots => put(&mut self.net, shared, most),
            (LimitKind::PositionGross, _) if bound.unit == Unit::Lots => put(&mut self.gross, shared, most),
            (LimitKind::OrderSize, _) => self.size = most,
            (LimitKind::MinConfidence, _) => self.confidence = most,
            (LimitKind::PriceCollar, _) => self.collar = most,
            (LimitKind::MarketHours, _) => self.hours = true,
            (LimitKind::VolumeShare, _) => (self.volume, self.volume_input) = (most, bound.input),
            (LimitKind::VolatilityScaledSize, _) => {
                (self.volatility, self.volatility_input) = (most, bound.input);
            }
            (LimitKind::OrderNotional, _) if self.notional == i128::MAX => {
                (self.notional, self.notional_in) = (bound.most, bound.asset);
            }
            (LimitKind::DepthShare, _) if self.depth.is_none() => self.depth = Some(*bound),
            (LimitKind::ValueAtRisk | LimitKind::ExpectedShortfall, _) => self.feared = true,
            (
                LimitKind::Leverage
                | LimitKind::Allocation
                | LimitKind::InstrumentConcentration
                | LimitKind::SectorConcentration
                | LimitKind::ClassConcentration
                | LimitKind::SymbolExposure,
                _,
            ) => self.share = self.share.min(most),
            (LimitKind::CorrelatedExposure, _) if self.correlated.is_none() => {
                (self.share, self.correlated) = (self.share.min(most), Some(*bound));
            }
            _ => self.others.push(*bound),
        }
    }

    /// Where orders let in are counted, and what each takes up.
    pub(crate) fn let_in(&self) -> impl Iterator<Item = (u32, i64)> {
        let counted = self.counted.iter().filter(|counted| counted.per_minute != NONE);
        counted.map(|counted| (counted.per_minute, counted.gap_ns))
    }

    /// Where orders that traded are counted.
    pub(crate) fn traded(&self) -> [Option<(u32, Level)>; 7] {
        self.counted.map(|counted| (counted.per_day != NONE).then_some((counted.per_day, counted.level)))
    }

    pub(super) fn passes(&self, sight: &mut Sight<'_>) -> bool {
        self.counts(sight)
            && self.lots(sight)
            && self.is_not_feared(sight)
            && self.order(sight)
            && self.depth.is_none_or(|bound| takes_little(sight, &bound) || hold(sight, &bound).is_ok())
            && self.account(sight)
            && self.others.iter().all(|bound| hold(sight, bound).is_ok())
    }

    #[inline]
    fn counts(&self, sight: &Sight<'_>) -> bool {
        let counts = &sight.view.engine.risk.kept.counts;
        let now = sight.view.engine.time;
        self.counted.iter().filter(|most| !most.is_none()).all(|most| {
            let tally = sight.tally(most.level);
            let of = |at: u32| counts.get(at as usize);
            let lately =
                most.per_minute == NONE || of(most.per_minute).is_some_and(|count| count.until <= now);
            // What was counted on another day only makes this more.
            let traded = if most.per_day == NONE { 0 } else { of(most.per_day).map_or(NONE, |it| it.traded) };
            let today = most.per_day == NONE || tally.orders.saturating_add(traded) < most.traded;
            lately && today && tally.orders < most.orders && tally.positions < most.positions
        })
    }

    /// No order raises the worst case of its book by more than itself.
    #[inline]
    fn lots(&self, sight: &Sight<'_>) -> bool {
        const OVER: [Level; 4] = [Level::Book, Level::Account, Level::User, Level::House];
        let order = sight.view.order;
        let mosts = self.net.iter().zip(&self.gross);
        OVER.into_iter().zip(mosts).all(|(level, (net, gross))| {
            if *net == ANY && *gross == ANY {
                return true;
            }
            let line = sight.line(level);
            let worst = if level == Level::Book { line.worst() } else { line.gross };
            line.toward(order.side).saturating_add(order.qty.0) <= *net
                && worst.saturating_add(order.qty.0) <= *gross
        })
    }

    #[inline]
    fn is_not_feared(&self, sight: &Sight<'_>) -> bool {
        let engine = sight.view.engine;
        !self.feared || (self.feared_version == engine.risk.told && engine.time <= self.feared_until)
    }

    /// What is asked of the order itself.
    #[inline]
    fn order(&self, sight: &Sight<'_>) -> bool {
        let (order, listed, engine) = (sight.view.order, sight.view.listed, sight.view.engine);
        let sure = match order.confidence {
            Some(confidence) => confidence.0 >= self.confidence,
            None => order.filled.is_some() || self.confidence == i64::MIN,
        };
        let size = order.qty.0.saturating_add(order.filled.unwrap_or_default().0);
        let volume = || {
            let input = engine.risk.kept.statistics.get(self.volume_input as usize);
            input.is_some_and(|noted| {
                engine.is_fresh(noted) && within(order.qty.0.into(), noted.value.max(1), self.volume.into())
            })
        };
        sure && size <= self.size
            && (!self.hours || listed.trades())
            && (self.collar == ANY || self.is_near(sight))
            && (self.volume == ANY || volume())
    }

    fn is_near(&self, sight: &Sight<'_>) -> bool {
        let (order, listed) = (sight.view.order, sight.view.listed);
        let reference = sight.view.engine.reference_of(listed, order.instrument);
        let (Ok(reference), Some(price)) = (reference, order.price) else { return false };
        let beyond = i128::from(price.0).wrapping_sub(reference.0.into());
        let beyond = beyond.wrapping_mul(order.side.sign().into());
        beyond <= 0 || within(beyond, size_of(reference), self.collar.into())
    }

    /// What it is worth, and what it makes of the account. No position is more than all of them are.
    #[inline]
    fn account(&self, sight: &mut Sight<'_>) -> bool {
        let (view, scales, shares) = (sight.view, self.volatility != ANY, self.share != ANY);
        if self.notional == i128::MAX && !scales && !shares {
            return true;
        }
        let (Ok(worth), quote) = (notional::worth(view), view.listed.instrument.quote) else { return false };
        if self.notional != i128::MAX && (self.notional_in != quote || worth > self.notional) {
            return false;
        }
        if !shares && !scales {
            return true;
        }
        sight.portfolio = Portfolio::of(view);
        let Ok(all) = &sight.portfolio else { return false };
        let share = !shares || within(all.gross.after, all.equity, self.share.into());
        let moves = !scales || self.moves_little(view, worth, all);
        let alone = !all.others || self.correlated.is_none_or(|bound| hold(sight, &bound).is_ok());
        share && moves && alone
    }

    fn moves_little(&self, view: &View<'_>, worth: i128, all: &Portfolio) -> bool {
        let statistics = &view.engine.risk.kept.statistics;
        let fresh = |noted: &&Noted| view.engine.is_fresh(noted);
        let Some(noted) = statistics.get(self.volatility_input as usize).filter(fresh) else { return false };
        is_less(worth, noted.value, all.equity, self.volatility.into())
            && view.listed.instrument.quote == all.currency
    }

    /// Asks memory for what is counted where only this way's orders count.
    #[inline]
    pub(crate) fn prefetch_counts(&self, counts: &[Count]) {
        for own in self.counted.iter().filter(|counted| counted.level.is_of_account()) {
            prefetch(counts, own.per_minute as usize);
            prefetch(counts, own.per_day as usize);
        }
    }

    /// Whether what is to be feared has to be looked at again.
    #[inline]
    pub(crate) fn wants_look(&self, told: u64, now: Time) -> bool {
        let spent = self.feared_until != Time::MIN && now > self.feared_until;
        self.feared && (self.feared_version != told || spent)
    }

    /// Until when it was found to be little enough; the beginning of time if it was not.
    pub(crate) fn looked(&mut self, told: u64, until: Time) {
        (self.feared_version, self.feared_until) = (told, until);
    }
}

/// Whether the order takes nothing now, or little enough of the best displayed level alone.
#[inline]
fn takes_little(sight: &Sight<'_>, bound: &Bound) -> bool {
    let (order, engine) = (sight.view.order, sight.view.engine);
    let reaches = |price| order.side.reaches(order.limit(), price);
    if !engine.best_against(order.instrument, order.side).is_some_and(reaches) {
        return true;
    }
    let best = sight.view.listed.book.levels(&engine.orders.nodes, order.side.opposite(), true).next();
    best.is_some_and(|best| reaches(best.price) && within(order.qty.0.into(), best.qty.0.into(), bound.most))
}

/// Whether `worth × moves` is less than `equity × most` by one part of a rate and more. Numbers too large for their
/// products lose their last bits, to the side of no.
#[inline]
fn is_less(worth: i128, moves: i128, equity: i128, most: i128) -> bool {
    let one = i128::from(Rate::ONE.0);
    let product = |a: i128, b: i128| a.checked_mul(b);
    if let (Some(moved), Some(most)) = (product(worth, moves), product(equity, most)) {
        return moved.checked_add(one).is_some_and(|moved| moved <= most);
    }
    let moved = product((worth >> 40).saturating_add(1), moves);
    let moved = moved.and_then(|moved| moved.checked_add(1));
    moved.zip(product(equity >> 40, most)).is_some_and(|(moved, most)| moved <= most)
}

fn put(mosts: &mut [i64; 4], at: usize, most: i64) {
    if let Some(kept) = mosts.get_mut(at) {
        *kept = most.min(*kept);
    }
}

fn size_of(price: Price) -> i128 {
    i128::from(price.0).saturating_abs().max(1)
}

impl Default for Glance {
    fn default() -> Self {
        Self::of(std::iter::empty())
    }
}
