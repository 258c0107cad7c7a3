//! The book against a naive twin: random commands on every primitive, with the whole content and the book's own
//! audit compared after every step in short runs, and tallies in a long one. Prices near, far apart and extreme.

use engine::book::{Book, Nodes, Resting};
use model::{AccountId, OrderId, Price, Qty, Side};
use std::collections::BTreeMap;

/// SplitMix64.
struct Rng(u64);

impl Rng {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}

/// Where an order stands: by rank, lit before dark, then time.
type Place = (i128, bool, u64);

/// The naive twin: one ordered map a side, no levels, no links.
#[derive(Default)]
struct Twin {
    sides: [BTreeMap<Place, Resting>; 2],
    places: BTreeMap<u32, (Side, Place)>,
    clock: u64,
}

impl Twin {
    fn rest(&mut self, order: Resting) {
        self.clock += 1;
        let place = (i128::from(order.price.0) * -i128::from(order.side.sign()), !order.visible, self.clock);
        self.sides[order.side as usize].insert(place, order);
        self.places.insert(order.slot, (order.side, place));
    }

    fn order(&mut self, slot: u32) -> &mut Resting {
        let (side, place) = self.places[&slot];
        self.sides[side as usize].get_mut(&place).expect("a live order stands somewhere")
    }

    fn remove(&mut self, slot: u32) {
        let (side, place) = self.places.remove(&slot).expect("the order is live");
        self.sides[side as usize].remove(&place);
    }

    fn fill(&mut self, slot: u32, qty: i64) -> bool {
        let order = self.order(slot);
        order.qty.0 -= qty;
        let gone = order.qty == Qty::ZERO;
        if gone {
            self.remove(slot);
        }
        gone
    }

    fn front(&self, side: Side) -> Option<&Resting> {
        self.sides[side as usize].values().next()
    }

    fn levels(&self, side: Side, visible: bool) -> Vec<(Price, Qty)> {
        let mut levels: Vec<(Price, Qty)> = Vec::new();
        for order in self.sides[side as usize].values().filter(|order| order.visible == visible) {
            match levels.last_mut() {
                Some((price, qty)) if *price == order.price => qty.0 += order.qty.0,
                _ => levels.push((order.price, order.qty)),
            }
        }
        levels
    }
}

/// How prices are drawn.
#[derive(Clone, Copy, Debug)]
enum Prices {
    /// A few pages around zero, so that levels and pages come and go.
    Near,
    /// All of `i64`, its ends included.
    Far,
    /// Some of each.
    Mixed,
}

impl Prices {
    fn draw(self, rng: &mut Rng) -> i64 {
        let near = rng.below(400).cast_signed() - 200;
        let far = match rng.below(8) {
            0 => i64::MIN + rng.below(2).cast_signed(),
            1 => i64::MAX - rng.below(2).cast_signed(),
            2 => rng.below(9).cast_signed() * 64 - 256,
            _ => rng.next().cast_signed(),
        };
        match self {
            Self::Near => near,
            Self::Far => far,
            Self::Mixed if rng.below(4) == 0 => far,
            Self::Mixed => near,
        }
    }
}

const SIDES: [Side; 2] = [Side::Buy, Side::Sell];

/// Two books in one arena and their twins, driven by the same commands.
struct Pair {
    rng: Rng,
    prices: Prices,
    nodes: Nodes,
    books: [Book; 2],
    twins: [Twin; 2],
    free: Vec<u32>,
    /// Book and slot of every live order.
    live: Vec<(usize, u32)>,
    clock: u64,
}

impl Pair {
    fn new(seed: u64, prices: Prices, slots: u32) -> Self {
        Self {
            rng: Rng(seed),
            prices,
            nodes: Nodes::new(),
            books: [Book::new(), Book::new()],
            twins: [Twin::default(), Twin::default()],
            free: (1..=slots).rev().collect(),
            live: Vec::new(),
            clock: 0,
        }
    }

    fn step(&mut self) {
        match self.rng.below(100) {
            0..45 => self.place(),
            45..70 => self.change(),
            _ => self.trade(),
        }
    }

    fn place(&mut self) {
        let Some(slot) = self.free.pop() else { return self.change() };
        self.clock += 1;
        let which = usize::from(self.rng.below(4) == 0);
        let order = Resting {
            slot,
            side: SIDES[usize::from(self.rng.below(2) == 0)],
            visible: self.rng.below(5) != 0,
            price: Price(self.prices.draw(&mut self.rng)),
            id: OrderId::new(self.clock, slot),
            owner: AccountId(7),
            qty: Qty(1 + self.rng.below(50).cast_signed()),
        };
        self.books[which].rest(&mut self.nodes, &order);
        self.twins[which].rest(order);
        assert!(self.nodes.rests(slot, order.id));
        self.live.push((which, slot));
    }

    /// Cancels, lowers or fills an order anywhere in the book.
    fn change(&mut self) {
        if self.live.is_empty() {
            return;
        }
        let at = usize::try_from(self.rng.below(self.live.len() as u64)).expect("below a length");
        let (which, slot) = self.live[at];
        let (book, twin) = (&mut self.books[which], &mut self.twins[which]);
        let qty = twin.order(slot).qty.0;
        assert_eq!(self.nodes.node(slot).qty.0, qty);
        let some = 1 + self.rng.below(qty.cast_unsigned()).cast_signed();
        let gone = match self.rng.below(4) {
            0 => {
                book.decrease(&mut self.nodes, slot, Qty(some));
                twin.order(slot).qty = Qty(some);
                false
            }
            1 => {
                let gone = book.fill(&mut self.nodes, slot, Qty(some));
                assert_eq!(gone, twin.fill(slot, some));
                gone
            }
            _ => {
                book.remove(&mut self.nodes, slot);
                twin.remove(slot);
                true
            }
        };
        if gone {
            self.live.swap_remove(at);
            self.free.push(slot);
        }
    }

    /// Fills from the front, a few orders.
    fn trade(&mut self) {
        let which = usize::from(self.rng.below(4) == 0);
        let side = SIDES[usize::from(self.rng.below(2) == 0)];
        let mut left = self.rng.below(60).cast_signed();
        while left > 0 {
            let front = self.books[which].front(&self.nodes, side);
            let expected = self.twins[which].front(side);
            assert_eq!(
                front.map(|f| (f.slot, f.price, f.visible)),
                expected.map(|o| (o.slot, o.price, o.visible))
            );
            let (Some(front), Some(expected)) = (front, expected) else { break };
            let node = self.nodes.node(front.slot);
            assert_eq!((node.id, node.owner, node.qty), (expected.id, expected.owner, expected.qty));
            let qty = left.min(node.qty.0);
            left -= qty;
            let gone = self.books[which].fill_front(&mut self.nodes, &front, Qty(qty));
            assert_eq!(gone, self.twins[which].fill(front.slot, qty));
            if gone {
                self.live.retain(|live| *live != (which, front.slot));
                self.free.push(front.slot);
            }
        }
    }

    /// Everything a reader can see, against the twin.
    fn compare(&self) {
        for (book, twin) in self.books.iter().zip(&self.twins) {
            book.check(&self.nodes).expect("the audit passes");
            assert_eq!(book.order_count() as usize, twin.places.len());
            assert_eq!(book.is_empty(), twin.places.is_empty());
            for side in SIDES {
                let orders: Vec<u32> = book.orders(&self.nodes, side).collect();
                assert_eq!(orders, twin.sides[side as usize].values().map(|o| o.slot).collect::<Vec<_>>());
                assert_eq!(book.best_any(side), twin.front(side).map(|order| order.price));
                for visible in [true, false] {
                    let levels: Vec<_> = book
                        .levels(&self.nodes, side, visible)
                        .map(|level| (level.price, level.qty))
                        .collect();
                    assert_eq!(levels, twin.levels(side, visible));
                    for (price, qty) in &levels {
                        assert_eq!(book.qty_at(&self.nodes, side, visible, *price), *qty);
                    }
                }
                assert_eq!(book.best_price(side), twin.levels(side, true).first().map(|level| level.0));
            }
        }
    }
}

#[test]
fn every_step_of_a_short_run_agrees_with_the_twin() {
    for (seed, prices) in (0..).zip([Prices::Near, Prices::Far, Prices::Mixed]) {
        for slots in [3, 20, 150] {
            let mut pair = Pair::new(seed, prices, slots);
            for _ in 0..600 {
                pair.step();
                pair.compare();
            }
        }
    }
}

#[test]
fn a_long_run_agrees_with_the_twin() {
    let steps = if cfg!(miri) { 2_000 } else { 1_000_000 };
    let mut pair = Pair::new(99, Prices::Mixed, 2_000);
    for step in 0..steps {
        pair.step();
        if step % 50_000 == 0 {
            pair.compare();
        }
    }
    pair.compare();
    while let Some(&(which, slot)) = pair.live.last() {
        pair.books[which].remove(&mut pair.nodes, slot);
        pair.twins[which].remove(slot);
        pair.live.pop();
    }
    pair.compare();
    let bound = (2_000 + 2_000 / 4 + 64) * 32 + 5_000 * 600;
    assert!(pair.nodes.bytes() < bound, "{} bytes", pair.nodes.bytes());
}

fn sell(slot: u32, price: i64) -> Resting {
    let (id, owner) = (OrderId::new(1, slot), AccountId(1));
    Resting { slot, side: Side::Sell, visible: true, price: Price(price), id, owner, qty: Nodes::QTY_MAX }
}

#[test]
fn the_ends_of_the_price_range_are_prices_like_any_other() {
    let (mut nodes, mut book) = (Nodes::new(), Book::new());
    let prices = [i64::MAX, 0, i64::MIN, -1, i64::MAX - 1, i64::MIN + 1, 63, 64];
    let mut slot = 0;
    for side in SIDES {
        for (price, visible) in prices.into_iter().flat_map(|price| [(price, true), (price, false)]) {
            slot += 1;
            book.rest(&mut nodes, &Resting { side, visible, ..sell(slot, price) });
            book.check(&nodes).unwrap();
        }
    }
    for (side, best) in [(Side::Buy, i64::MAX), (Side::Sell, i64::MIN)] {
        let mut seen: Vec<i64> = book.levels(&nodes, side, true).map(|level| level.price.0).collect();
        assert_eq!(seen.first(), Some(&best));
        if side == Side::Buy {
            seen.reverse();
        }
        assert!(seen.is_sorted() && seen.len() == prices.len());
        while let Some(front) = book.front(&nodes, side) {
            assert!(book.fill_front(&mut nodes, &front, Nodes::QTY_MAX));
            book.check(&nodes).unwrap();
        }
    }
    assert!(book.is_empty() && book.best_any(Side::Buy).is_none() && book.best_price(Side::Sell).is_none());
}

#[test]
fn far_apart_prices_cost_a_page_each_and_give_it_back() {
    let (mut nodes, mut book) = (Nodes::new(), Book::new());
    let mut rng = Rng(5);
    for round in 0..3 {
        for slot in 1..=10_000 {
            book.rest(&mut nodes, &sell(slot, rng.next().cast_signed()));
        }
        book.check(&nodes).unwrap();
        assert!(nodes.bytes() + book.bytes() < 10_000 * 900, "round {round}: {}", nodes.bytes());
        for slot in 1..=10_000 {
            book.remove(&mut nodes, slot);
        }
        book.check(&nodes).unwrap();
        assert!(book.bytes() < 1_024, "an empty book keeps {} bytes", book.bytes());
    }
}
