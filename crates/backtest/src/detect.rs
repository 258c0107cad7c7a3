//! Does a strategy cheat, or depend on when it was started? Two detectors that need nothing of it but the contract.
//!
//! Look-ahead: what it wants after a bar must be the same whatever comes later. It is run over a past whose future
//! was replaced, and over one that simply ends, and what it wanted until then has to be equal.
//! Recursion: started later, with as much history as it says that it needs, it has to come to want the same.

use crate::error::BacktestError;
use crate::plan::Plan;
use crate::search;
use model::{Bar, Price, Qty, Time};
use serde::Serialize;
use sim::Dice;
use strategy::{Intent, Intents, Look, Market, Strategy, View};

/// Makes the strategy anew, over these bars: one that is honest has no use for them.
pub type Make<'a> = dyn Fn(&[Bar]) -> Result<Box<dyn Strategy>, BacktestError> + 'a;

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Leak {
    /// What it wanted at this bar changed with what came after it.
    LooksAhead { at: Time },
    /// Started later it wants something else, although it was warm.
    DependsOnStart { at: Time },
}

struct NoWorth;

impl Look for NoWorth {
    fn equity(&self) -> Option<f64> {
        Some(1_000_000.0)
    }
}

/// What it wants after each bar, as if every target were reached at once.
fn decisions(strategy: &mut dyn Strategy, bars: &[Bar]) -> Vec<Vec<Intent>> {
    let mut market = Market { tick: 1.0, tick_value: 1.0, ..Market::default() };
    let mut all = Vec::with_capacity(bars.len());
    for bar in bars {
        let mut out = Intents::new();
        market.last = Some(bar.close);
        let markets = [market];
        strategy.on_bar(0, bar, &View::new(bar.end, &markets, &NoWorth), &mut out);
        let wanted: Vec<Intent> = out.drain().collect();
        for intent in &wanted {
            if let Intent::Target { qty, .. } = intent {
                market.held = *qty;
            }
        }
        all.push(wanted);
    }
    all
}

/// Looks for both leaks, at cuts drawn by chance.
pub fn detect(
    make: &Make<'_>,
    bars: &[Bar],
    warm_up: usize,
    cuts: usize,
    seed: u64,
) -> Result<Vec<Leak>, BacktestError> {
    if bars.len() < 4 * warm_up.max(8) {
        return Err(BacktestError::Missing {
            what: "history".to_owned(),
            advice: format!("the detectors need {} bars and have {}", 4 * warm_up.max(8), bars.len()),
        });
    }
    let mut dice = Dice::seeded(seed);
    let whole = decisions(make(bars)?.as_mut(), bars);
    let mut leaks = Vec::new();
    for _ in 0..cuts {
        let low = i64::try_from(2 * warm_up.max(4)).unwrap_or(0);
        let high = i64::try_from(bars.len() - warm_up.max(4)).unwrap_or(0);
        let cut = usize::try_from(dice.between(low, high)).unwrap_or(0);
        leaks.extend(ahead(make, bars, &whole, cut, &mut dice)?);
        leaks.extend(start(make, bars, &whole, cut - warm_up.max(1), warm_up)?);
    }
    leaks.dedup();
    Ok(leaks)
}

fn ahead(
    make: &Make<'_>,
    bars: &[Bar],
    whole: &[Vec<Intent>],
    cut: usize,
    dice: &mut Dice,
) -> Result<Option<Leak>, BacktestError> {
    let differs = |other: &[Vec<Intent>]| {
        let place = (0..cut).find(|at| whole.get(*at) != other.get(*at));
        place.map(|at| Leak::LooksAhead { at: bars[at].end })
    };
    let ends = decisions(make(&bars[..cut])?.as_mut(), &bars[..cut]);
    if let Some(leak) = differs(&ends) {
        return Ok(Some(leak));
    }
    let mut other = bars.to_vec();
    let away = dice.between(1, 50) * if dice.happens(0.5) { 1 } else { -1 };
    for bar in &mut other[cut..] {
        let moved = |price: Price| Price(price.0 + price.0 * away / 100);
        (bar.open, bar.high, bar.low, bar.close) =
            (moved(bar.open), moved(bar.high), moved(bar.low), moved(bar.close));
        bar.volume = Qty(bar.volume.0 * 3 + 1);
    }
    Ok(differs(&decisions(make(&other)?.as_mut(), &other)))
}

/// What it would hold, once both have decided anything since the later start.
fn start(
    make: &Make<'_>,
    bars: &[Bar],
    whole: &[Vec<Intent>],
    from: usize,
    warm_up: usize,
) -> Result<Option<Leak>, BacktestError> {
    let later = decisions(make(&bars[from..])?.as_mut(), &bars[from..]);
    let held = |all: &[Vec<Intent>]| {
        let mut now = None;
        let each = all.iter().map(|wanted| {
            for intent in wanted {
                if let Intent::Target { qty, .. } = intent {
                    now = Some(qty.0.signum());
                }
            }
            now
        });
        each.collect::<Vec<Option<i64>>>()
    };
    let early = held(whole);
    let late = held(&later);
    // A later start begins flat, so the first thing it does is where both can be compared from.
    let first = late.iter().skip(warm_up).position(Option::is_some);
    let Some(first) = first.map(|at| at + warm_up) else { return Ok(None) };
    let differs = (first..late.len())
        .filter(|at| early.get(from + at).copied().flatten().unwrap_or(0) != late[*at].unwrap_or(0));
    let count = differs.clone().count();
    let place = differs.into_iter().next();
    // Where the state alone decides, both have come together after the first round trip.
    let settles = (late.len() - first) / 2;
    Ok(place.filter(|_| count > settles.max(1)).map(|at| Leak::DependsOnStart { at: bars[from + at].end }))
}

/// Looks for leaks in a strategy of a plan, on its own data.
pub fn detect_in(plan: &Plan, strategy: usize, cuts: usize, seed: u64) -> Result<Vec<Leak>, BacktestError> {
    let of = plan
        .strategies
        .get(strategy)
        .ok_or_else(|| BacktestError::config("detect", "there is no such strategy"))?;
    let market = of.markets.first().and_then(|at| plan.markets.get(*at));
    let market = market.ok_or_else(|| BacktestError::config("detect", "the strategy trades no market"))?;
    let row = strategy::strategies::find(&of.kind)?;
    let args = strategy::Args::resolve(row, of.params.iter().map(|(name, value)| (name.as_str(), *value)))?;
    let bars = search::all(&market.feed)?;
    let make = |_: &[Bar]| Ok(row.build(&args, 1)?);
    detect(&make, &bars, (row.warm_up)(&args), cuts, seed)
}
