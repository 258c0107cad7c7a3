//! A market that is made up, with traders in it who trade through the real book: makers who quote around what they
//! think it is worth, noise that comes and goes, followers of trends, and a few who know where the value is going.
//! Endless and seeded. Each step looks at the best prices and says what its traders do, as commands of the house; it
//! has no way into the book but those.

mod trader;

pub use trader::{Kind, Trader};

use crate::dice::Dice;
use crate::number::whole;
use model::{
    AccountId, Command, InstrumentId, NewOrder, OrderFilter, OrderType, Price, Qty, Side, TimeInForce,
};

/// What the traders see of the market.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sight {
    pub bid: Option<Price>,
    pub ask: Option<Price>,
    pub last: Option<Price>,
}

/// How the market is made.
#[derive(Clone, Copy, Debug)]
pub struct Recipe {
    pub instrument: InstrumentId,
    /// Where value begins, and how many ticks it moves in a step.
    pub value: Price,
    pub volatility: f64,
    pub seed: u64,
}

#[derive(Clone, Debug)]
pub struct Synthetic {
    recipe: Recipe,
    dice: Dice,
    /// What it is worth, which only the informed know.
    value: f64,
    /// An average of past prices, by which followers see a trend.
    past: f64,
    /// Volatility comes in spells.
    heat: f64,
    traders: Vec<Trader>,
}

impl Synthetic {
    #[must_use]
    pub fn new(recipe: Recipe, traders: Vec<Trader>) -> Self {
        let value = recipe.value.0 as f64;
        Self { dice: Dice::seeded(recipe.seed), value, past: value, heat: 1.0, traders, recipe }
    }

    /// What it is worth now.
    #[must_use]
    pub fn value(&self) -> Price {
        Price(whole(self.value.round()))
    }

    /// What the traders do in one step.
    pub fn step(&mut self, sight: &Sight, commands: &mut Vec<Command>) {
        self.heat =
            (0.98 * self.heat + 0.02 + 0.08 * self.dice.normal().abs() * self.heat.sqrt()).clamp(0.3, 4.0);
        // Worth wanders, and is drawn back a little to where it began, so that a long day stays in sight.
        let begin = self.recipe.value.0 as f64;
        let shock = self.dice.normal() * self.recipe.volatility * self.heat;
        self.value = (self.value + shock + (begin - self.value) * 0.0005).max(1.0);
        let mid = match (sight.bid, sight.ask) {
            (Some(bid), Some(ask)) => bid.0.midpoint(ask.0) as f64,
            _ => sight.last.map_or(self.value, |last| last.0 as f64),
        };
        self.past = 0.95 * self.past + 0.05 * mid;
        for at in 0..self.traders.len() {
            let Some(trader) = self.traders.get(at).copied() else { continue };
            self.act(trader, mid, sight, commands);
        }
    }

    fn act(&mut self, trader: Trader, mid: f64, sight: &Sight, commands: &mut Vec<Command>) {
        if !self.dice.happens(trader.kind.activity()) {
            return;
        }
        match trader.kind {
            Kind::Maker => self.quote(trader.account, mid, commands),
            Kind::Noise => {
                let side = if self.dice.happens(0.5) { Side::Buy } else { Side::Sell };
                self.come(trader.account, side, mid, commands);
            }
            Kind::Momentum => {
                let trend = mid - self.past;
                if trend.abs() > 1.5 * self.recipe.volatility {
                    let side = if trend > 0.0 { Side::Buy } else { Side::Sell };
                    self.take(trader.account, side, commands);
                }
            }
            Kind::Informed => {
                let dear = sight.bid.is_some_and(|bid| bid.0 as f64 > self.value + self.recipe.volatility);
                let cheap = sight.ask.is_some_and(|ask| (ask.0 as f64) < self.value - self.recipe.volatility);
                if dear || cheap {
                    self.take(trader.account, if cheap { Side::Buy } else { Side::Sell }, commands);
                }
            }
        }
    }

    /// A maker takes its quotes back and shows new ones, wider when it is hot.
    fn quote(&mut self, account: AccountId, mid: f64, commands: &mut Vec<Command>) {
        let instrument = self.recipe.instrument;
        let filter =
            OrderFilter { account: Some(account), instrument: Some(instrument), ..OrderFilter::default() };
        commands.push(Command::CancelMany(filter));
        // Makers see a noisy picture of the value, and lean on the price that others trade at.
        let seen = self.value + self.dice.normal() * 2.0 * self.recipe.volatility;
        let fair = 0.5 * mid + 0.5 * seen;
        let half = 1.0 + self.recipe.volatility * self.heat * (0.5 + self.dice.share());
        for level in 0..4_u8 {
            let away = half + f64::from(level) * (1.0 + self.dice.share() * 2.0);
            for side in [Side::Buy, Side::Sell] {
                let sign = if side == Side::Buy { -1.0 } else { 1.0 };
                let price = Price(whole((fair + sign * away).round()).max(1));
                let qty = Qty(self.dice.between(2, 30));
                commands.push(order(
                    account,
                    instrument,
                    side,
                    qty,
                    OrderType::Limit { price },
                    TimeInForce::Gtc,
                ));
            }
        }
    }

    /// Somebody who has no view: takes, or waits a little behind the price.
    fn come(&mut self, account: AccountId, side: Side, mid: f64, commands: &mut Vec<Command>) {
        if self.dice.happens(0.55) {
            return self.take(account, side, commands);
        }
        let instrument = self.recipe.instrument;
        if self.dice.happens(0.15) {
            let filter = OrderFilter {
                account: Some(account),
                instrument: Some(instrument),
                ..OrderFilter::default()
            };
            commands.push(Command::CancelMany(filter));
        }
        let away = self.dice.between(0, 8).saturating_mul(side.sign());
        let price = Price(whole(mid.round()).saturating_sub(away).max(1));
        let qty = Qty(self.dice.between(1, 12));
        commands.push(order(account, instrument, side, qty, OrderType::Limit { price }, TimeInForce::Gtc));
    }

    fn take(&mut self, account: AccountId, side: Side, commands: &mut Vec<Command>) {
        let qty = Qty(self.dice.between(1, 10));
        commands.push(order(account, self.recipe.instrument, side, qty, OrderType::Market, TimeInForce::Ioc));
    }
}

fn order(
    account: AccountId,
    instrument: InstrumentId,
    side: Side,
    qty: Qty,
    kind: OrderType,
    time_in_force: TimeInForce,
) -> Command {
    let mut order = NewOrder::new(account, instrument, side, qty, kind);
    order.time_in_force = time_in_force;
    Command::PlaceOrder(order)
}
