//! Quoting: one order on each side of the market, at the touch or behind it, leaning against what it holds. It moves
//! an order when the touch has moved, and shows nothing on the side that would make its inventory too large.

use super::size::turned;
use crate::contract::{
    Args, Ended, Fill, Intent, Intents, Param, Reads, Row, Strategy, StrategyError, Tag, View, load, save,
};
use model::{Level, Price, Qty, Quote, Side};
use serde::{Deserialize, Serialize};

pub(super) const ROW: Row = Row {
    name: "quoting",
    about: "a bid and an offer at the touch, or `behind` ticks away, skewed by inventory",
    params: &[
        Param::count("qty", "lots on each side", 1.0, 1.0, 1_000_000_000.0),
        Param::count("inventory", "lots to hold at the most, long or short", 10.0, 1.0, 1_000_000_000.0),
        Param::count("behind", "ticks behind the touch", 0.0, 0.0, 1_000_000.0),
        Param::count("skew", "ticks to lean at full inventory", 0.0, 0.0, 1_000_000.0),
        Param::count("refresh", "ticks the touch has to move before an order follows", 1.0, 1.0, 1_000_000.0),
    ],
    ordered: &[],
    markets: (1, 1),
    reads: Reads { bars: false, quotes: true, sizes: false, prints: false },
    warm_up: |_| 0,
    make: |args, _| Ok(Box::new(Quoter::new(args))),
};

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Quoter {
    qty: i64,
    inventory: i64,
    behind: i64,
    skew: i64,
    refresh: i64,
    /// What stands on each side: its price, and what is open of it.
    bid: Option<(Price, Qty)>,
    ask: Option<(Price, Qty)>,
    /// Whether what stands there was asked back.
    leaves: [bool; 2],
}

impl Quoter {
    fn new(args: &Args) -> Self {
        Self {
            qty: args.whole("qty"),
            inventory: args.whole("inventory"),
            behind: args.whole("behind"),
            skew: args.whole("skew"),
            refresh: args.whole("refresh"),
            bid: None,
            ask: None,
            leaves: [false; 2],
        }
    }

    fn stands(&mut self, side: Side) -> &mut Option<(Price, Qty)> {
        match side {
            Side::Buy => &mut self.bid,
            Side::Sell => &mut self.ask,
        }
    }

    fn tag(side: Side) -> Tag {
        Tag(if side == Side::Buy { 1 } else { 2 })
    }

    /// Where it would stand on a side, if at all.
    fn wants(&self, side: Side, touch: Option<Level>, held: Qty) -> Option<Price> {
        let room = self.inventory - held.0 * side.sign();
        let lean = if self.skew == 0 { 0 } else { held.0 * self.skew / self.inventory };
        let price = touch?.price.0 - self.behind * side.sign() - lean;
        (room >= self.qty).then_some(Price(price))
    }

    fn quote(&mut self, side: Side, quote: &Quote, at: usize, held: Qty, out: &mut Intents) {
        let touch = if side == Side::Buy { quote.bid } else { quote.ask };
        let wanted = self.wants(side, touch, held);
        let (qty, refresh, tag) = (Qty(self.qty), self.refresh, Self::tag(side));
        let leaves = self.leaves[usize::from(side == Side::Sell)];
        let stands = self.stands(side);
        match (*stands, wanted) {
            (None, Some(price)) => {
                *stands = Some((price, qty));
                out.limit(at, tag, side, qty, price);
            }
            (Some((now, left)), Some(price)) if (now.0 - price.0).abs() >= refresh => {
                *stands = Some((price, left));
                out.push(Intent::Change { tag, qty: None, price: Some(price) });
            }
            (Some(_), None) if !leaves => {
                self.leaves[usize::from(side == Side::Sell)] = true;
                out.push(Intent::Cancel { tag });
            }
            _ => {}
        }
    }
}

impl Strategy for Quoter {
    fn on_quote(&mut self, at: usize, quote: &Quote, view: &View<'_>, out: &mut Intents) {
        let held = view.held(at);
        self.quote(Side::Buy, quote, at, held, out);
        self.quote(Side::Sell, quote, at, held, out);
    }

    fn on_fill(&mut self, fill: &Fill, _view: &View<'_>, _out: &mut Intents) {
        if fill.left.is_zero() {
            self.leaves[usize::from(fill.side == Side::Sell)] = false;
        }
        let stands = self.stands(fill.side);
        *stands = stands.filter(|_| !fill.left.is_zero()).map(|(price, _)| (price, fill.left));
    }

    fn on_end(&mut self, ended: &Ended, _view: &View<'_>, _out: &mut Intents) {
        let side = if ended.tag == Self::tag(Side::Buy) { Side::Buy } else { Side::Sell };
        self.leaves[usize::from(side == Side::Sell)] = false;
        *self.stands(side) = None;
    }

    fn on_split(&mut self, _at: usize, old: u32, new: u32) {
        for (price, left) in [&mut self.bid, &mut self.ask].into_iter().flatten() {
            *price = Price(turned(price.0, old, new));
            *left = Qty(turned(left.0, new, old));
        }
    }

    fn save(&self) -> Result<Vec<u8>, StrategyError> {
        save(self)
    }

    fn load(&mut self, state: &[u8]) -> Result<(), StrategyError> {
        *self = load(state)?;
        Ok(())
    }
}
