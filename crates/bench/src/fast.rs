//! The engine's book under the flow: a small matcher on the book's primitives, with plain price-time rules and an
//! index from id to slot of its own (in the engine an order's id holds its slot, so this costs more than there).

use crate::flow::{Command, Kind, Market, Tally};
use engine::book::{Book, Nodes, Resting, prefetch};
use model::{AccountId, OrderId, Price, Qty, Side};

/// How many commands ahead their memory is asked for.
const FAR: usize = 24;
const MIDDLE: usize = 16;
const NEAR: usize = 8;
/// Orders that the near cache holds.
const CACHED: u32 = 8_192;

pub(crate) struct Fast {
    books: Vec<Book>,
    nodes: Nodes,
    /// Slot by id; an id is alive if its slot still holds it.
    index: Vec<u32>,
    /// Slots to use again, the last freed first.
    free: Vec<u32>,
    next: u32,
    tally: Tally,
}

impl Fast {
    /// The index entry and the book.
    #[inline(always)]
    fn prefetch_far(&self, ahead: &Command) {
        prefetch(&self.index, place(ahead.id));
        prefetch(&self.books, usize::from(ahead.symbol));
    }

    /// The order and its level. Whatever the kind: a branch on it would be guessed wrong half of the time.
    #[inline(always)]
    fn prefetch_middle(&self, ahead: &Command) {
        let book = &self.books[usize::from(ahead.symbol)];
        self.nodes.prefetch(self.index[place(ahead.id)]);
        book.prefetch_level(&self.nodes, ahead.side, Price(ahead.price));
    }

    /// The order's neighbours, the tail of its level, and the order it would trade with.
    #[inline(always)]
    fn prefetch_near(&self, ahead: &Command) {
        let book = &self.books[usize::from(ahead.symbol)];
        self.nodes.prefetch_around(self.index[place(ahead.id)]);
        book.prefetch_tail(&self.nodes, ahead.side, Price(ahead.price));
        book.prefetch_front(&self.nodes, ahead.side.opposite());
    }

    /// Memory of the books and what they share, without the index.
    pub fn book_bytes(&self) -> usize {
        self.books.iter().map(Book::bytes).sum::<usize>() + self.nodes.bytes()
    }

    #[inline(always)]
    fn cancel(&mut self, id: u64, symbol: u16) -> bool {
        let slot = self.index[place(id)];
        if !self.nodes.rests(slot, OrderId(id)) {
            return false;
        }
        self.books[usize::from(symbol)].remove(&mut self.nodes, slot);
        self.free.push(slot);
        true
    }

    #[inline(always)]
    fn enter(&mut self, command: &Command, limit: i64, rest: bool) {
        let book = &mut self.books[usize::from(command.symbol)];
        let makers = command.side.opposite();
        let mut left = i64::from(command.qty);
        while left > 0 {
            let Some(front) = book.front(&self.nodes, makers) else { break };
            let within = match command.side {
                Side::Buy => front.price.0 <= limit,
                Side::Sell => front.price.0 >= limit,
            };
            if !within {
                break;
            }
            let maker = self.nodes.node(front.slot);
            let qty = left.min(maker.qty.0);
            self.tally.trade(command.id, maker.id.0, front.price.0, qty.cast_unsigned());
            left -= qty;
            if book.fill_front(&mut self.nodes, &front, Qty(qty)) {
                self.free.push(front.slot);
            }
        }
        if left > 0 && rest {
            let slot = self.free.pop().unwrap_or_else(|| {
                self.next += 1;
                self.next
            });
            self.index[place(command.id)] = slot;
            let order = Resting {
                slot,
                side: command.side,
                visible: true,
                price: Price(command.price),
                id: OrderId(command.id),
                owner: AccountId(command.account),
                qty: Qty(left),
            };
            book.rest(&mut self.nodes, &order);
        }
    }
}

impl Market for Fast {
    fn new(symbols: usize, commands: usize) -> Self {
        // Written, so that the memory is there before the clock starts.
        let mut index = vec![1; commands + 1];
        index.fill(0);
        Self {
            books: (0..symbols).map(|_| Book::new()).collect(),
            nodes: Nodes::new(),
            index,
            free: Vec::new(),
            next: 0,
            tally: Tally::default(),
        }
    }

    #[inline(always)]
    fn apply(&mut self, command: &Command) {
        match command.kind {
            Kind::Limit => self.enter(command, command.price, true),
            Kind::Ioc => self.enter(command, command.price, false),
            Kind::Market => self.enter(command, command.market_limit(), false),
            Kind::Cancel => _ = self.cancel(command.id, command.symbol),
            Kind::Replace => {
                if self.cancel(command.id, command.symbol) {
                    self.enter(command, command.price, true);
                }
            }
        }
    }

    /// Names the memory of the commands ahead in three steps, each of which reads what the one before asked for;
    /// but not while all orders fit in the near cache, where asking costs more than it saves.
    fn run(&mut self, commands: &[Command]) {
        for (at, command) in commands.iter().enumerate() {
            if self.next > CACHED
                && let Some(ahead) = commands.get(at + FAR)
            {
                self.prefetch_far(ahead);
                self.prefetch_middle(&commands[at + MIDDLE]);
                self.prefetch_near(&commands[at + NEAR]);
            }
            self.apply(command);
        }
    }

    fn tally(&self) -> Tally {
        self.tally
    }

    fn resting(&self) -> usize {
        self.books.iter().map(|book| book.order_count() as usize).sum()
    }
}

/// Where the index holds an id.
#[inline(always)]
#[expect(
    clippy::cast_possible_truncation,
    reason = "ids are below the number of commands, which are in memory"
)]
fn place(id: u64) -> usize {
    id as usize
}
