//! The order flow that every book is measured on, and what a book must make of it.
//! About 55 % limit orders, 35 % cancels, 5 % replaces, 2.5 % market and 2.5 % IOC. The fair price walks by one tick;
//! passive orders sit a Pareto(1.5) distance behind it; the share of marketable limits follows the depth, so that each
//! side hovers near 1,000 orders. Drawn with integers from one seed: the same bytes everywhere.
//! Price-time priority, trades at the maker's price, a replace loses its place and may trade; ids are dense.

use crate::naive::Naive;
use model::Side;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Kind {
    Limit,
    Ioc,
    Market,
    Cancel,
    Replace,
}

/// One command, 32 bytes. A new order's id is its place in the flow, from 1.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct Command {
    pub id: u64,
    pub price: i64,
    pub qty: u32,
    pub account: u32,
    pub symbol: u16,
    pub kind: Kind,
    pub side: Side,
    pub pad: u32,
}

impl Command {
    /// The limit that is none.
    #[inline]
    pub fn market_limit(&self) -> i64 {
        match self.side {
            Side::Buy => i64::MAX,
            Side::Sell => i64::MIN,
        }
    }
}

/// What a book did, in four numbers; two books that agree on `hash` made the same trades in the same order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub trades: u64,
    pub qty: u64,
    pub notional: i128,
    pub hash: u64,
}

impl Tally {
    #[inline(always)]
    pub fn trade(&mut self, taker: u64, maker: u64, price: i64, qty: u64) {
        self.trades += 1;
        self.qty += qty;
        self.notional += i128::from(price) * i128::from(qty);
        let mixed = taker.wrapping_mul(0x9E37_79B9_7F4A_7C15)
            ^ maker.wrapping_mul(0xC2B2_AE3D_27D4_EB4F)
            ^ price.cast_unsigned().wrapping_mul(0x1656_67B1_9E37_79F9)
            ^ qty;
        self.hash = (self.hash ^ mixed).wrapping_mul(0x0100_0000_01B3);
    }
}

/// A set of books that takes commands: ours or the naive one.
pub(crate) trait Market {
    /// `commands` bounds the ids.
    fn new(symbols: usize, commands: usize) -> Self;
    fn apply(&mut self, command: &Command);
    fn run(&mut self, commands: &[Command]) {
        for command in commands {
            self.apply(command);
        }
    }
    fn tally(&self) -> Tally;
    fn resting(&self) -> usize;
}

/// SplitMix64.
pub(crate) struct Rng(pub u64);

impl Rng {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(bound)) >> 64) as u64
    }

    fn small(&mut self, bound: u32) -> u32 {
        u32::try_from(self.below(u64::from(bound))).expect("invariant: below a 32-bit bound")
    }

    fn index(&mut self, bound: usize) -> usize {
        usize::try_from(self.below(bound as u64)).expect("invariant: below a length")
    }

    fn coin(&mut self) -> bool {
        self.next() >> 63 == 0
    }

    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// The largest k with k³u² ≤ 1, spread so that 1,000 orders cover 100–200 prices. Only products: portable.
    fn pareto(&mut self) -> i64 {
        let u = self.unit().max(1e-9);
        let mut k = 1u32;
        while k < 300 && f64::from((k + 1) * (k + 1) * (k + 1)) * u * u <= 1.0 {
            k += 1;
        }
        i64::from((k - 1) * 3 + self.small(6))
    }

    fn size(&mut self, mean: u32) -> u32 {
        1 + self.small(mean) + self.small(mean)
    }
}

/// Orders a side that the flow steers to.
const DEPTH: usize = 1000;
/// The fair price stays this far from zero.
const FAIR: (i64, i64) = (60_000, 140_000);

struct Symbol {
    fair: i64,
    /// Orders that rested; some are dead by now.
    ids: Vec<u64>,
}

struct Source {
    rng: Rng,
    symbols: Vec<Symbol>,
    /// Popularity, cumulated.
    weights: Vec<u64>,
    book: Naive,
}

/// `commands` commands over `symbols` symbols. The measured presets are 1 and 100 symbols with seed 42.
pub(crate) fn generate(symbols: usize, commands: usize, seed: u64) -> Vec<Command> {
    let mut total = 0;
    let weight = |rank: usize| 1_000_000 / (rank as u64 + 2).isqrt();
    let weights = (0..symbols).map(|rank| {
        total += weight(rank);
        total
    });
    let mut source = Source {
        rng: Rng(seed),
        weights: weights.collect(),
        symbols: (0..symbols).map(|_| Symbol { fair: 100_000, ids: Vec::with_capacity(4096) }).collect(),
        book: Naive::new(symbols, commands),
    };
    (1..=commands as u64).map(|id| source.command(id)).collect()
}

impl Source {
    fn command(&mut self, id: u64) -> Command {
        let total = self.weights.last().copied().unwrap_or(0);
        let x = self.rng.below(total);
        let symbol = self.weights.partition_point(|weight| *weight <= x);
        let side = if self.rng.coin() { Side::Buy } else { Side::Sell };
        if self.rng.below(100) == 0 {
            let step = if self.rng.coin() { 1 } else { -1 };
            let fair = &mut self.symbols[symbol].fair;
            *fair = (*fair + step).clamp(FAIR.0, FAIR.1);
        }
        let [buys, sells] = self.book.depth(symbol);
        let mut k = self.rng.below(1000);
        if buys + sells < DEPTH && k >= 550 && self.rng.below(10) != 0 {
            k = 0; // builds the book first
        }
        let account = self.rng.small(1000);
        let number = u16::try_from(symbol).expect("invariant: symbols fit 16 bits");
        let mut command =
            Command { id, price: 0, qty: 0, account, symbol: number, kind: Kind::Limit, side, pad: 0 };
        match k {
            0..550 => self.limit(&mut command),
            550..950 => self.change(&mut command, k < 900),
            _ => self.aggress(&mut command, k < 975),
        }
        self.book.apply(&command);
        if command.kind == Kind::Limit && self.book.is_live(id) {
            self.symbols[symbol].ids.push(id);
        }
        command
    }

    /// `ticks` into the book from `price`: what a taker of `side` pays, or a maker of the other side gives.
    fn beyond(side: Side, price: i64, ticks: i64) -> i64 {
        price + side.sign() * ticks
    }

    fn limit(&mut self, command: &mut Command) {
        let symbol = usize::from(command.symbol);
        let depth = self.book.depth(symbol);
        let (own, other) = (depth[command.side as usize], depth[command.side.opposite() as usize]);
        let marketable = (150 + 2 * (signed(other) - signed(DEPTH + 230)) / 5).clamp(0, 700).cast_unsigned();
        let full = own > 2 * DEPTH;
        if other > 0 && (self.rng.below(1000) < marketable || full) {
            let best = self.book.best(symbol, command.side.opposite()).unwrap_or_default();
            let ticks = i64::from(self.rng.small(3));
            command.price = Self::beyond(command.side, best, ticks);
            command.qty = self.rng.size(25);
        } else {
            command.price = self.passive(symbol, command.side);
            command.qty = self.rng.size(20);
        }
    }

    fn passive(&mut self, symbol: usize, side: Side) -> i64 {
        let ticks = self.rng.pareto() + 1;
        Self::beyond(side, self.symbols[symbol].fair, -ticks)
    }

    /// Cancels or replaces a live order; 3 % of the cancels may name a dead one.
    fn change(&mut self, command: &mut Command, cancel: bool) {
        let symbol = usize::from(command.symbol);
        let Some((place, id)) = self.pick(symbol, cancel) else {
            command.price = Self::beyond(command.side, self.symbols[symbol].fair, -1);
            command.qty = 1;
            return;
        };
        let (side, price) = self.book.info(id).unwrap_or((Side::Buy, 0));
        command.id = id;
        command.side = side;
        command.price = price;
        if cancel {
            command.kind = Kind::Cancel;
            if let Some(place) = place {
                self.symbols[symbol].ids.swap_remove(place);
            }
        } else {
            command.kind = Kind::Replace;
            command.price = self.passive(symbol, side);
            if command.price == price {
                command.price = Self::beyond(side, price, -1);
            }
            command.qty = self.rng.size(20);
        }
    }

    /// An order to change and, when it is alive, its place among the symbol's ids. Half of the draws are recent.
    fn pick(&mut self, symbol: usize, cancel: bool) -> Option<(Option<usize>, u64)> {
        let ids = &mut self.symbols[symbol].ids;
        while !ids.is_empty() {
            let recent = self.rng.coin() && ids.len() > 200;
            let place = if recent { ids.len() - 1 - self.rng.index(200) } else { self.rng.index(ids.len()) };
            let id = ids[place];
            if self.book.is_live(id) {
                return Some((Some(place), id));
            }
            ids.swap_remove(place);
            if cancel && self.rng.below(100) < 3 {
                return Some((None, id));
            }
        }
        None
    }

    fn aggress(&mut self, command: &mut Command, market: bool) {
        command.qty = self.rng.size(24);
        command.kind = Kind::Market;
        if !market {
            let symbol = usize::from(command.symbol);
            let best = self.book.best(symbol, command.side.opposite());
            let best = best.unwrap_or(self.symbols[symbol].fair);
            command.kind = Kind::Ioc;
            command.price = Self::beyond(command.side, best, i64::from(self.rng.small(4)));
        }
    }
}

fn signed(count: usize) -> i64 {
    i64::try_from(count).expect("invariant: a count of orders")
}

#[cfg(test)]
mod tests {
    use super::{Market, Tally, generate};
    use crate::fast::Fast;
    use crate::naive::Naive;

    fn tally<M: Market>(symbols: usize, commands: &[super::Command]) -> (Tally, usize) {
        let mut market = M::new(symbols, commands.len());
        market.run(commands);
        (market.tally(), market.resting())
    }

    #[test]
    fn the_fast_book_trades_as_the_naive_one() {
        for (symbols, n, seed) in [(1, 1_000, 1), (1, 100_000, 2), (7, 100_000, 3), (100, 50_000, 4)] {
            let flow = generate(symbols, n, seed);
            assert_eq!(tally::<Fast>(symbols, &flow), tally::<Naive>(symbols, &flow), "seed {seed}");
        }
    }

    #[test]
    fn the_presets_give_the_published_tallies() {
        let presets = [
            (1, 1_232_449, 13_571_651, 1_356_981_695_634, 0x01bb_27c2_f825_96d1),
            (100, 1_125_858, 12_329_360, 1_232_922_035_181, 0x10e0_ee98_8d8c_663b),
        ];
        for (symbols, trades, qty, notional, hash) in presets {
            let flow = generate(symbols, 5_000_000, 42);
            let published = Tally { trades, qty, notional, hash };
            assert_eq!(tally::<Fast>(symbols, &flow).0, published, "{symbols} symbols");
        }
    }
}
