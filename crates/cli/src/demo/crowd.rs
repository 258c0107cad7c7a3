//! The crowd at work: looks at the market, lets its traders act, and gives the house what they do.

use super::{Disk, Market, VALUE, seed};
use anyhow::Result;
use model::{Command, Side};
use node::Client;
use sim::market::{Recipe, Sight, Synthetic};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// Between two steps of the market.
const STEP: Duration = Duration::from_millis(50);

impl Market {
    pub fn run(&self, client: &mut Client<Disk>, over: &AtomicBool) -> Result<()> {
        let instrument = self.instrument;
        let look = move |engine: &engine::Engine| {
            let best = |side| engine.levels(instrument, side).next().map(|level| level.price);
            let sight = Sight { bid: best(Side::Buy), ask: best(Side::Sell), last: engine.last(instrument) };
            (sight, engine.time())
        };
        let (sight, time) = client.query(look)?;
        let value = sight.last.unwrap_or(VALUE);
        let recipe = Recipe { instrument, value, volatility: 1.2, seed: seed(time) };
        let mut market = Synthetic::new(recipe, self.traders.clone());
        let mut commands: Vec<Command> = Vec::new();
        while !over.load(Ordering::Relaxed) {
            let (sight, _) = client.query(look)?;
            market.step(&sight, &mut commands);
            for command in commands.drain(..) {
                client.call(command)?;
            }
            thread::sleep(STEP);
        }
        Ok(())
    }
}
