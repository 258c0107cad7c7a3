//! A recorded market, played into the engine beside a trader of ours. One account displays what the tape displays,
//! one trades what the tape trades, and the trader's orders stand among theirs.
//!
//! What was recorded does not answer the trader: nobody sees its orders and goes. What it takes is gone until the
//! tape next sets that price; what it is given is taken from those behind it. More at a price queues behind
//! the trader's order there, and less is taken from the end of the queue, so its place is never better than it was.
//! A recorded trade takes up to its recorded price; what finds nobody there is printed, so that volume is whole.

use super::tape::{Moment, Tape, What};
use engine::Engine;
use model::{
    AccountId, AccountKind, AssetId, CancelOrder, Changes, Command, Event, FeeAsset, FeeBasis, Fees,
    Instrument, InstrumentClass, InstrumentId, InstrumentState, MarginMode, MarginRates, Mode, ModifyOrder,
    Money, Name, NewAccount, NewOrder, OrderId, OrderRef, OrderType, PositionMode, Price, Print, Qty, Rate,
    SelfTrade, Side, Stamped, Terms, Time, TimeInForce, Transfer, UserId, VenueId,
};
use std::collections::BTreeMap;

pub(crate) const TRADER: AccountId = AccountId(0);
pub(crate) const INSTRUMENT: InstrumentId = InstrumentId(0);
const MAKERS: AccountId = AccountId(1);
const TAKERS: AccountId = AccountId(2);

/// The displayed orders of each price, oldest first, with what is left of each.
type Queues = BTreeMap<(Side, Price), Vec<(OrderId, i64)>>;

/// A trade of the trader's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fill {
    pub time: Time,
    /// The child, and whether it came and took.
    pub order: OrderId,
    pub takes: bool,
    pub price: i64,
    pub qty: i64,
    pub fee: Money,
    /// Twice the middle of the book before the command in which it happened.
    pub mid: i64,
}

pub(crate) struct Market {
    engine: Engine,
    events: Vec<Event>,
    /// Sizes are divided by this.
    thinner: i64,
    queues: Queues,
    pub fills: Vec<Fill>,
    /// Lots traded and printed, the trader's own counted; and how many of recorded ones met the book.
    pub volume: i64,
    pub recorded: i64,
    pub matched: i64,
    /// The trader's children, and those refused.
    pub children: u32,
    pub refused: u32,
    mid: i64,
}

impl Market {
    /// The market of the tape as it stands at `start`, with a size divided by `thinner`.
    pub fn at(tape: &Tape, start: Time, thinner: i64) -> Self {
        let mut market = Self {
            engine: Engine::new(),
            events: Vec::new(),
            thinner,
            queues: BTreeMap::new(),
            fills: Vec::new(),
            volume: 0,
            recorded: 0,
            matched: 0,
            children: 0,
            refused: 0,
            mid: 0,
        };
        setup(tape).into_iter().for_each(|command| market.apply(start, command));
        let mut levels = BTreeMap::new();
        for moment in tape.between(Time::MIN, start) {
            if let What::Level { side, price, qty } = moment.what {
                levels.insert((side, price), qty);
            }
        }
        levels.into_iter().for_each(|((side, price), qty)| market.level(start, side, price, qty));
        market
    }

    /// Twice the middle of the displayed book; where a side is missing, that of the last whole one.
    pub fn mid(&mut self) -> i64 {
        let best = |side| self.engine.levels(INSTRUMENT, side).next().map(|level| level.price.0);
        if let (Some(bid), Some(ask)) = (best(Side::Buy), best(Side::Sell)) {
            self.mid = bid + ask;
        }
        self.mid
    }

    pub fn play(&mut self, moment: &Moment) {
        self.wait(moment.time);
        match moment.what {
            What::Level { side, price, qty } => self.level(moment.time, side, price, qty),
            What::Trade { side, price, qty } => self.trade(moment.time, side, price, qty),
        }
    }

    /// Lets time pass, and what is due by then happen at its moment.
    pub fn wait(&mut self, time: Time) {
        while let Some(due) = self.engine.next_due().filter(|due| *due <= time) {
            self.apply(due, Command::AdvanceTime);
        }
    }

    pub fn apply(&mut self, time: Time, command: Command) {
        let mid = self.mid();
        self.events.clear();
        let stamped = Stamped { seq: self.engine.seq() + 1, time, command };
        self.engine.apply(&stamped, &mut self.events);
        let events = std::mem::take(&mut self.events);
        events.iter().for_each(|event| self.hear(event, mid));
        self.events = events;
    }

    fn hear(&mut self, event: &Event, mid: i64) {
        match event {
            Event::Traded(traded) => {
                self.volume += traded.qty.0;
                for (side, takes) in [(&traded.maker, false), (&traded.taker, true)] {
                    match side.account {
                        TRADER => self.fills.push(Fill {
                            time: self.engine.time(),
                            order: side.order,
                            takes,
                            price: traded.price.0,
                            qty: traded.qty.0,
                            fee: side.fee,
                            mid,
                        }),
                        MAKERS if !takes => {
                            let key = (traded.taker_side.opposite(), traded.price);
                            self.shrink(key, side.order, side.left.0);
                        }
                        TAKERS => self.matched += traded.qty.0,
                        _ => {}
                    }
                }
            }
            Event::Printed(print) => self.volume += print.qty.0,
            Event::AlgoSliced { .. } => self.children += 1,
            Event::OrderRejected { account: TRADER, .. } => self.refused += 1,
            Event::OrderRejected { reason, .. } | Event::CommandRejected { reason } => {
                unreachable!("the market is funded and its orders are plain: {reason}")
            }
            _ => {}
        }
    }

    fn shrink(&mut self, key: (Side, Price), order: OrderId, left: i64) {
        let Some(queue) = self.queues.get_mut(&key) else { return };
        if let Some(at) = queue.iter().position(|(id, _)| *id == order) {
            if left == 0 {
                queue.remove(at);
            } else {
                queue[at].1 = left;
            }
        }
    }

    /// A thinner market has less of everything, but a price that is there stays there.
    fn thin(&self, qty: Qty) -> i64 {
        if qty.is_zero() { 0 } else { (qty.0 / self.thinner).max(1) }
    }

    fn level(&mut self, time: Time, side: Side, price: Price, qty: Qty) {
        let (key, wanted) = ((side, price), self.thin(qty));
        let shown =
            |queues: &Queues| queues.get(&key).into_iter().flatten().map(|(_, left)| *left).sum::<i64>();
        while shown(&self.queues) > wanted {
            let excess = shown(&self.queues) - wanted;
            self.take_back(time, key, excess);
        }
        let more = wanted - shown(&self.queues);
        if more > 0 {
            self.display(time, side, price, more);
        }
        if self.queues.get(&key).is_some_and(Vec::is_empty) {
            self.queues.remove(&key);
        }
    }

    /// Takes so much from the newest order at a price, or all of it if it is less.
    fn take_back(&mut self, time: Time, key: (Side, Price), excess: i64) {
        let Some((order, left)) = self.queues.get_mut(&key).and_then(Vec::pop) else { return };
        let (account, id) = (MAKERS, OrderRef::Id(order));
        if left <= excess {
            return self.apply(time, Command::CancelOrder(CancelOrder { account, order: id }));
        }
        let stays = left - excess;
        self.queues.entry(key).or_default().push((order, stays));
        let filled = self.engine.order(order).map_or(0, |view| view.qty.0 - view.left.0);
        let changes = Changes { qty: Some(Qty(filled + stays)), ..Changes::default() };
        self.apply(time, Command::ModifyOrder(ModifyOrder { account, order: id, changes }));
    }

    fn display(&mut self, time: Time, side: Side, price: Price, qty: i64) {
        let order = NewOrder::new(MAKERS, INSTRUMENT, side, Qty(qty), OrderType::Limit { price });
        let self_trade = Some(SelfTrade::CancelNewest);
        self.apply(time, Command::PlaceOrder(NewOrder { self_trade, ..order }));
        let accepted = self.events.iter().find_map(|event| match event {
            Event::OrderAccepted(accepted) if accepted.account == MAKERS => Some(accepted.order),
            _ => None,
        });
        // It may have met the trader's order, there or beyond.
        if let Some(view) = accepted.and_then(|order| self.engine.order(order)) {
            self.queues.entry((side, price)).or_default().push((view.id, view.left.0));
        }
    }

    fn trade(&mut self, time: Time, side: Side, price: Price, qty: Qty) {
        let qty = Qty(if self.thinner == 1 { qty.0 } else { qty.0 / self.thinner });
        if qty.is_zero() {
            return;
        }
        let before = self.matched;
        let order = NewOrder::new(TAKERS, INSTRUMENT, side, qty, OrderType::Limit { price });
        self.apply(time, Command::PlaceOrder(NewOrder { time_in_force: TimeInForce::Ioc, ..order }));
        self.recorded += qty.0;
        let rest = Qty(qty.0 - (self.matched - before));
        if !rest.is_zero() {
            let print = Print { instrument: INSTRUMENT, venue: VenueId(1), price, qty: rest };
            self.apply(time, Command::Print(print));
        }
    }
}

fn name(text: &str) -> Name {
    Name::new(text).unwrap_or_else(|error| unreachable!("{error}"))
}

fn setup(tape: &Tape) -> Vec<Command> {
    let mut all: Vec<_> = ["QUOTE", "BASE"].map(|code| Command::DefineAsset { code: name(code) }).into();
    all.push(Command::ListInstrument(Box::new(listing(tape))));
    all.push(Command::AddUser { name: name("bench") });
    for at in ["trader", "makers", "takers"] {
        all.push(Command::OpenAccount(Box::new(NewAccount {
            user: UserId(0),
            name: name(at),
            mode: Mode::Paper,
            kind: AccountKind::Cash,
            currency: AssetId(0),
            position_mode: PositionMode::Netting,
            margin_mode: MarginMode::Cross,
            broker: None,
        })));
    }
    for account in [TRADER, MAKERS, TAKERS] {
        for asset in [AssetId(0), AssetId(1)] {
            let amount = Money(Money::ONE.0 * 1_000_000_000_000);
            all.push(Command::Deposit(Transfer { account, asset, amount, reference: None }));
        }
    }
    all
}

/// As spot, also where the market is one of contracts: what is measured is prices and quantities.
fn listing(tape: &Tape) -> Instrument {
    Instrument {
        symbol: name("BASE-QUOTE"),
        venue_symbol: None,
        venue: VenueId(0),
        class: InstrumentClass::Spot,
        base: Some(AssetId(1)),
        quote: AssetId(0),
        settlement: AssetId(0),
        tick: tape.tick,
        lot: tape.lot,
        qty_min: Qty(1),
        qty_max: Qty(100_000_000_000),
        notional_min: Money::ZERO,
        multiplier: Money::ONE,
        band: None,
        fees: Fees {
            maker: Rate(100_000),
            taker: Rate(200_000),
            basis: FeeBasis::Value,
            asset: FeeAsset::Quote,
            cap: None,
        },
        margin: MarginRates::default(),
        sector: None,
        calendar: None,
        terms: Terms::Plain,
        state: InstrumentState::Trading,
    }
}
