//! Rebalancing: holds each of its markets with an equal share of what the account is worth, and brings them back
//! there every so many bars. A market without a price waits for the next time.

use super::size::turned;
use crate::contract::{Args, Intents, Param, Reads, Row, Strategy, StrategyError, View, load, save};
use model::{Bar, Price, Qty};
use serde::{Deserialize, Serialize};

pub(super) const ROW: Row = Row {
    name: "rebalance",
    about: "an equal share of the account in each market, restored every `every` bars of the first",
    params: &[
        Param::count("every", "bars between two rounds", 20.0, 1.0, 1_000_000.0),
        Param::real("invested", "share of the account to be invested in all", 0.95, 0.0, 10.0),
        Param::real("band", "a position this much of its goal away from it is left alone", 0.05, 0.0, 1.0),
    ],
    ordered: &[],
    markets: (1, 1_000),
    reads: Reads { bars: true, quotes: false, sizes: false, prints: false },
    warm_up: |_| 1,
    make: |args, markets| Ok(Box::new(Rebalance::new(args, markets))),
};

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Rebalance {
    every: u64,
    share: f64,
    band: f64,
    /// Bars of the first market.
    seen: u64,
    closes: Vec<Option<Price>>,
}

impl Rebalance {
    fn new(args: &Args, markets: usize) -> Self {
        Self {
            every: args.count("every") as u64,
            share: args.real("invested") / markets.max(1) as f64,
            band: args.real("band"),
            seen: 0,
            closes: vec![None; markets],
        }
    }

    /// Sells come first, so that their money is there for the buys.
    fn round(&self, view: &View<'_>, out: &mut Intents) {
        let Some(equity) = view.equity() else { return };
        let goal = |(at, close): (usize, &Option<Price>)| {
            let goal = view.market(at).lots_for(equity * self.share, (*close)?);
            let away = (goal.0 - view.held(at).0).abs() as f64;
            (away > self.band * goal.0 as f64).then_some((at, goal))
        };
        let mut goals: Vec<(usize, Qty)> = self.closes.iter().enumerate().filter_map(goal).collect();
        goals.sort_by_key(|(at, goal)| goal.0 > view.held(*at).0);
        goals.into_iter().for_each(|(at, goal)| out.target(at, goal));
    }
}

impl Strategy for Rebalance {
    fn on_bar(&mut self, at: usize, bar: &Bar, view: &View<'_>, out: &mut Intents) {
        if let Some(close) = self.closes.get_mut(at) {
            *close = Some(bar.close);
        }
        // The round is held when the last market of the list has its bar, so that all are of one moment.
        if at + 1 == self.closes.len() {
            if self.seen.is_multiple_of(self.every) {
                self.round(view, out);
            }
            self.seen += 1;
        }
    }

    fn on_split(&mut self, at: usize, old: u32, new: u32) {
        if let Some(close) = self.closes.get_mut(at) {
            *close = close.map(|close| Price(turned(close.0, old, new)));
        }
    }

    fn save(&self) -> Result<Vec<u8>, StrategyError> {
        save(self)
    }

    fn load(&mut self, state: &[u8]) -> Result<(), StrategyError> {
        let loaded: Self = load(state)?;
        if loaded.closes.len() != self.closes.len() {
            return Err(StrategyError::BadState);
        }
        *self = loaded;
        Ok(())
    }
}
