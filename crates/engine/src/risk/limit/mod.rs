//! Limits of the tree against an order. Each kind is one file that measures: how much is used before the order
//! and would be after. Whether that is too much is decided here, once for all kinds. A measure never changes
//! anything and never makes do without a number that it needs.

mod allocation;
mod at_once;
mod concentration;
mod confidence;
mod correlated;
mod depth;
mod exposure;
mod hours;
mod leverage;
mod notional;
mod open_orders;
mod per_day;
mod per_minute;
mod position;
mod positions;
mod price_collar;
mod restricted;
mod size;
mod tail;
mod volatility;
mod volume;

use super::path::{Bound, Level, Path, WayOf, needs_portfolio};
use super::portfolio::{Pair, Portfolio};
use super::tree::{Count, Standing};
use super::worth::{scaled, within};
use super::{Passed, View};
use crate::ledger::{Line, Tally};
use model::{LimitKind, LimitUse, Rate, Reached, Reject, Scope, Side, Unit, UserId};
use std::borrow::Cow;

/// How much of a limit is used, in the limit's unit; of a ratio, the parts of `of`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Use {
    before: i128,
    after: i128,
    of: i128,
}

impl Use {
    fn new(before: i128, after: i128) -> Self {
        Self { before, after, of: 1 }
    }

    fn share(pair: Pair, of: i128) -> Self {
        Self { before: pair.before, after: pair.after, of }
    }
}

/// What a measure sees.
struct Sight<'a> {
    view: &'a View<'a>,
    user: UserId,
    portfolio: Result<Portfolio, Reject>,
}

/// The limits on the order's way: all at once, else one after the other, and the first that is reached is the answer.
#[inline]
pub(super) fn check(view: &View<'_>) -> Result<Passed, Reject> {
    if at_once::passes(view) {
        debug_assert_eq!(one_by_one(view), Ok(()), "nothing more is let in at once");
        return Ok(Passed::AtOnce);
    }
    one_by_one(view).map(|()| Passed::Measured)
}

#[inline(never)]
fn one_by_one(view: &View<'_>) -> Result<(), Reject> {
    let path = path_of(view);
    let mut sight = Sight::of(view, &path);
    path.always.iter().try_for_each(|bound| hold(&sight, bound))?;
    if path.opening.is_empty() {
        return Ok(());
    }
    let spares = Spares::of(view);
    if path.portfolio && !spares.account {
        sight.portfolio = Portfolio::of(view);
    }
    let mut held = path.opening.iter().filter(|bound| !spares.passes_by(bound.kind));
    held.try_for_each(|bound| hold(&sight, bound))
}

/// The same looks, all of them, as an answer to a question.
pub(super) fn uses(view: &View<'_>) -> Vec<LimitUse> {
    let path = path_of(view);
    let mut sight = Sight::of(view, &path);
    if path.portfolio {
        sight.portfolio = Portfolio::of(view);
    }
    let spares = Spares::of(view);
    let opening = path.opening.iter().filter(|bound| !spares.passes_by(bound.kind));
    let all = path.always.iter().chain(opening);
    all.filter_map(|bound| {
        let standing = sight.standing(bound)?;
        let used = measure(&sight, bound).map(|used| reached(bound, used));
        Some(LimitUse { at: standing.limit.scope, kind: bound.kind, used })
    })
    .collect()
}

fn path_of<'a>(view: &View<'a>) -> Cow<'a, Path> {
    match view.engine.risk.path(view.order.holding) {
        Some(path) => Cow::Borrowed(path),
        None => Cow::Owned(view.engine.path_of(WayOf::of(view.order))),
    }
}

/// Which limits an order passes by that only takes off what there is, counting what is open already: those that
/// measure the account, where the account has it; all of them, where the book does too.
#[derive(Clone, Copy, Debug)]
struct Spares {
    account: bool,
    book: bool,
}

impl Spares {
    fn of(view: &View<'_>) -> Self {
        let (order, lines) = (view.order, &view.engine.ledger.lines);
        if !order.on_margin {
            // What a cash account sells it has.
            let sells = order.side == Side::Sell;
            return Self { account: sells, book: sells };
        }
        let Some(place) = lines.place(order.holding) else { return Self { account: false, book: false } };
        let within = |line: &Line| line.toward(order.side).saturating_add(order.qty.0) <= 0;
        let account = within(lines.of_exposure(place.exposure));
        Self { account, book: account && within(lines.of_holding(order.holding)) }
    }

    #[inline]
    fn passes_by(self, kind: LimitKind) -> bool {
        self.book || (self.account && needs_portfolio(kind))
    }
}

#[inline(never)]
fn hold(sight: &Sight<'_>, bound: &Bound) -> Result<(), Reject> {
    let used = measure(sight, bound)?;
    let too_much = match bound.kind {
        LimitKind::Restricted | LimitKind::MarketHours => used.after > 0,
        LimitKind::MinConfidence => used.after < bound.most,
        // What an order adds to the first two is not known, so what there is decides. The others measure the
        // worse of both sides, and an order that turns a position raises it on the side that does not show.
        LimitKind::ValueAtRisk
        | LimitKind::ExpectedShortfall
        | LimitKind::PositionGross
        | LimitKind::Leverage
        | LimitKind::InstrumentConcentration
        | LimitKind::SectorConcentration
        | LimitKind::ClassConcentration
        | LimitKind::SymbolExposure
        | LimitKind::CorrelatedExposure => exceeds(bound, used),
        _ => used.after > used.before && exceeds(bound, used),
    };
    if too_much { Err(refusal(sight, bound, used)) } else { Ok(()) }
}

#[inline]
fn exceeds(bound: &Bound, used: Use) -> bool {
    if bound.unit == Unit::Ratio { !within(used.after, used.of, bound.most) } else { used.after > bound.most }
}

#[cold]
fn refusal(sight: &Sight<'_>, bound: &Bound, used: Use) -> Reject {
    match sight.standing(bound) {
        Some(standing) => {
            let (at, kind) = (standing.limit.scope, bound.kind);
            Reject::LimitReached { at, kind, reached: reached(bound, used) }
        }
        None => Reject::UnknownLimit { at: Scope::House, kind: bound.kind },
    }
}

fn reached(bound: &Bound, used: Use) -> Reached {
    let number = |part: i128| match bound.unit {
        Unit::Ratio if used.of != 1 => scaled(part, Rate::ONE.0.into(), used.of).unwrap_or(i128::MAX),
        _ => part,
    };
    Reached::new(bound.unit, bound.asset, bound.most, number(used.before), number(used.after))
}

#[inline]
fn measure(sight: &Sight<'_>, bound: &Bound) -> Result<Use, Reject> {
    match bound.kind {
        LimitKind::Restricted => Ok(restricted::measure()),
        LimitKind::MarketHours => Ok(hours::measure(sight)),
        LimitKind::OrderSize => Ok(size::measure(sight)),
        LimitKind::MinConfidence => confidence::measure(sight, bound),
        LimitKind::OpenOrders => Ok(open_orders::measure(sight, bound)),
        LimitKind::OrdersPerMinute => Ok(per_minute::measure(sight, bound)),
        LimitKind::TradesPerDay => Ok(per_day::measure(sight, bound)),
        LimitKind::OrderNotional => notional::measure(sight, bound),
        LimitKind::PriceCollar => price_collar::measure(sight),
        LimitKind::DepthShare => depth::measure(sight, bound),
        LimitKind::Positions => Ok(positions::measure(sight, bound)),
        LimitKind::PositionNet => position::measure_net(sight, bound),
        LimitKind::PositionGross => position::measure_gross(sight, bound),
        LimitKind::VolumeShare => volume::measure(sight, bound),
        LimitKind::ValueAtRisk | LimitKind::ExpectedShortfall => tail::measure(sight, bound),
        LimitKind::VolatilityScaledSize => volatility::measure(sight, bound),
        LimitKind::Leverage => leverage::measure(sight),
        LimitKind::Allocation => allocation::measure(sight),
        LimitKind::InstrumentConcentration => concentration::measure(sight, |all| all.own),
        LimitKind::SectorConcentration => concentration::measure(sight, |all| all.sector),
        LimitKind::ClassConcentration => concentration::measure(sight, |all| all.class),
        LimitKind::SymbolExposure => exposure::measure(sight),
        LimitKind::CorrelatedExposure => correlated::measure(sight),
        // Held after a trade; the tree takes none of them before.
        LimitKind::DailyLoss | LimitKind::WeeklyLoss | LimitKind::Drawdown => {
            Err(Reject::LimitMisfit { kind: bound.kind })
        }
    }
}

impl<'a> Sight<'a> {
    fn of(view: &'a View<'a>, path: &Path) -> Self {
        Self { view, user: path.user, portfolio: Ok(Portfolio::default()) }
    }

    /// The day of the house, or of the account where the level is inside of it.
    fn today(&self, level: Level) -> i64 {
        self.view.engine.day_of(level.is_of_account().then_some(self.view.order.account))
    }

    #[inline]
    fn count(&self, bound: &Bound) -> Option<&Count> {
        self.view.engine.risk.kept.counts.get(bound.at as usize)
    }

    #[inline]
    fn standing(&self, bound: &Bound) -> Option<&Standing> {
        self.view.engine.risk.kept.limits.get(bound.at as usize)
    }

    fn portfolio(&self) -> Result<&Portfolio, Reject> {
        self.portfolio.as_ref().map_err(|reason| *reason)
    }

    /// The position in the order's instrument at a level.
    #[inline]
    fn line(&self, level: Level) -> &'a Line {
        let (order, engine) = (self.view.order, self.view.engine);
        let lines = &engine.ledger.lines;
        match level {
            Level::Book => lines.of_holding(order.holding),
            Level::Account | Level::AccountInstrument => match lines.place(order.holding) {
                Some(place) => lines.of_exposure(place.exposure),
                None => engine.line_of(order.account, order.instrument),
            },
            Level::User => lines.of_user_in(self.user, order.instrument, order.holding),
            Level::House | Level::Instrument | Level::Venue => lines.of_instrument(order.instrument),
        }
    }

    /// Open orders and positions at a level, over all instruments there.
    #[inline]
    fn tally(&self, level: Level) -> Tally {
        let (order, engine) = (self.view.order, self.view.engine);
        let lines = &engine.ledger.lines;
        match level {
            Level::House => lines.of_house(),
            Level::Venue => lines.of_venue(self.view.listed.instrument.venue),
            Level::User => lines.of_user(self.user),
            Level::Account => lines.of_account(order.account),
            Level::Book => lines.of_book(order.book),
            Level::Instrument | Level::AccountInstrument => self.line(level).tally(),
        }
    }
}
