//! The bounds of a run on hours hold what minutes say: a thousand strategies that enter at an open and leave by a
//! stop, a target or a later open.

use super::world::{market, plan, strategy};
use backtest::{Made, Plan, run};
use model::{Bar, Price, Qty, Side};
use sim::series::series;
use sim::{Dice, Path};
use std::sync::Arc;
use strategy::{Bracket, Intent, Intents, Reads, Strategy, StrategyError, Tag, View};

/// Decides every so many bars, by chance that depends on the number of the decision only.
struct Drawn {
    seed: u64,
    every: u64,
    seen: u64,
}

impl Strategy for Drawn {
    fn on_bar(&mut self, at: usize, bar: &Bar, view: &View<'_>, out: &mut Intents) {
        self.seen += 1;
        if !self.seen.is_multiple_of(self.every) {
            return;
        }
        let mut dice = Dice::seeded(self.seed ^ (self.seen / self.every).wrapping_mul(0x9e37_79b9));
        let flat = view.held(at).is_zero();
        if flat && dice.happens(0.4) {
            let price = |ticks: i64| Some(Price(bar.close.0 + ticks));
            out.push(Intent::Bracket(Bracket {
                at,
                tag: Tag(1),
                side: Side::Buy,
                qty: Qty(1),
                stop: price(-dice.between(20, 400)),
                target: price(dice.between(20, 400)),
            }));
        } else if !flat && dice.happens(0.2) {
            out.push(Intent::CancelAll { at });
            out.target(at, Qty(0));
        }
    }

    fn save(&self) -> Result<Vec<u8>, StrategyError> {
        Ok(Vec::new())
    }

    fn load(&mut self, _: &[u8]) -> Result<(), StrategyError> {
        Ok(())
    }
}

fn drawn(bars: Vec<Bar>, seed: u64, every: u64, path: Path) -> Plan {
    let mut one = strategy("drawn", &[]);
    let make = move || {
        let made: Box<dyn Strategy> = Box::new(Drawn { seed, every, seen: 0 });
        Ok(made)
    };
    let reads = Reads { bars: true, quotes: false, sizes: false, prints: false };
    one.made = Some(Made { reads, warm_up: 0, make: Arc::new(make) });
    let mut plan = plan(vec![market("X-USD", bars)], vec![one]);
    plan.rules.path = path;
    plan
}

fn hours(minutes: &[Bar]) -> Vec<Bar> {
    let hour = |bars: &[Bar]| {
        let (first, last) = (bars[0], bars[bars.len() - 1]);
        Bar {
            end: last.end,
            high: bars.iter().map(|bar| bar.high).max().expect("it is there"),
            low: bars.iter().map(|bar| bar.low).min().expect("it is there"),
            close: last.close,
            volume: Qty(bars.iter().map(|bar| bar.volume.0).sum()),
            ..first
        }
    };
    minutes.chunks(60).map(hour).collect()
}

#[test]
fn hours_hold_minutes() {
    let mut told = 0;
    for world in 0..10_u32 {
        let minutes = series(60 * 48, 500 + world);
        let hours = hours(&minutes);
        for seed in 0..100_u64 {
            let worth = |plan: Plan| {
                let outcome = run(&plan).expect("it is there");
                assert_eq!(outcome.strategies[0].refused.len(), 0, "{:?}", outcome.strategies);
                (outcome.accounts[0].equity.expect("it is there").0, outcome.trades_made)
            };
            let (truth, trades) = worth(drawn(minutes.clone(), seed, 60, Path::Base));
            let (worst, _) = worth(drawn(hours.clone(), seed, 1, Path::Worst));
            let (best, _) = worth(drawn(hours.clone(), seed, 1, Path::Best));
            assert!(worst <= truth && truth <= best, "{world} {seed}: {worst} {truth} {best}");
            told += usize::from(worst < best && trades > 0);
        }
    }
    assert!(told > 500, "only {told} of them depend on the way inside the hour");
}
