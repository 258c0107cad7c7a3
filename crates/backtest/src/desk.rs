//! A strategy's desk: its orders by their tags, its place in each market, and how what it wants becomes commands.

use crate::plan::StrategyPlan;
use model::{
    AccountId, BookId, CancelOrder, Changes, Command, InstrumentId, ModifyOrder, NewGroup, NewOrder,
    OrderFilter, OrderId, OrderRef, OrderType, Price, Qty, Side, Time, TimeInForce, Trigger, TriggerSource,
};
use std::collections::BTreeSet;
use strategy::{Bracket, Intent, Intents, Market, Reads, Strategy, Tag};

pub(crate) struct Desk {
    pub(crate) strategy: Box<dyn Strategy>,
    pub(crate) reads: Reads,
    pub(crate) account: usize,
    pub(crate) account_id: AccountId,
    pub(crate) book: BookId,
    /// The markets it trades, by their place in the plan; and what it sees of them.
    pub(crate) markets: Vec<usize>,
    pub(crate) view: Vec<Market>,
    /// By market: the best prices that the strategy was told of, unless something has happened to it since.
    pub(crate) told: Vec<Option<(Option<Price>, Option<Price>)>>,
    pub(crate) open: Vec<Open>,
    pub(crate) timers: BTreeSet<(Time, Tag)>,
    pub(crate) intents: Intents,
    /// Bars of its only market that it has taken in already.
    pub(crate) passed: u64,
    pub(crate) warm_up: u64,
    pub(crate) refused: std::collections::BTreeMap<String, u64>,
}

/// An order of its own that is not over.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Open {
    pub(crate) order: OrderId,
    pub(crate) tag: Tag,
    pub(crate) at: usize,
    pub(crate) side: Side,
    pub(crate) left: Qty,
    pub(crate) qty: Qty,
}

/// A command and what its orders are to be called.
pub(crate) struct Wanted {
    pub(crate) command: Command,
    pub(crate) tag: Tag,
    pub(crate) at: usize,
    /// It waits for a price, so the engine has to know the last one.
    pub(crate) needs_price: bool,
}

impl Desk {
    pub(crate) fn place_of(&self, market: usize) -> Option<usize> {
        self.markets.iter().position(|own| *own == market)
    }

    /// Nothing of it is under way.
    pub(crate) fn is_idle(&self) -> bool {
        self.open.is_empty() && self.timers.is_empty()
    }

    /// Something has happened to it: what it is told next counts, even if it is what it was told before.
    pub(crate) fn stir(&mut self) {
        self.told.fill(None);
    }

    pub(crate) fn has_tag(&self, tag: Tag) -> bool {
        self.open.iter().any(|open| open.tag == tag)
    }

    /// Adds the commands that an intent comes to; none where nothing is to be done, or only a timer was set.
    pub(crate) fn command(&mut self, intent: Intent, instruments: &[InstrumentId], out: &mut Vec<Wanted>) {
        match intent {
            Intent::Target { at, qty } => out.extend(self.target(at, qty, instruments)),
            Intent::Place(order) => {
                let needs_price = !matches!(order.kind, OrderType::Market | OrderType::Limit { .. });
                let mut new = self.order(order.at, order.side, order.qty, order.kind, instruments);
                (new.time_in_force, new.reduce_only) = (order.time_in_force, order.reduce_only);
                let command = Command::PlaceOrder(new);
                out.push(Wanted { command, tag: order.tag, at: order.at, needs_price });
            }
            Intent::Bracket(bracket) => {
                let (at, tag) = (bracket.at, bracket.tag);
                let command = Command::PlaceGroup(Box::new(self.bracket(&bracket, instruments)));
                out.push(Wanted { command, tag, at, needs_price: true });
            }
            Intent::Change { tag, qty, price } => self.change(tag, qty, price, out),
            Intent::Cancel { tag } => self.cancel(|open| open.tag == tag, out),
            Intent::CancelAll { at } => {
                let filter = OrderFilter {
                    account: Some(self.account_id),
                    book: Some(self.book),
                    instrument: self.instrument(at, instruments),
                    ..OrderFilter::default()
                };
                let command = Command::CancelMany(filter);
                out.push(Wanted { command, tag: Tag::TARGET, at, needs_price: false });
            }
            Intent::Wake { time, tag } => {
                self.timers.insert((time, tag));
            }
        }
    }

    fn bracket(&self, bracket: &Bracket, instruments: &[InstrumentId]) -> NewGroup {
        let (at, side, qty) = (bracket.at, bracket.side, bracket.qty);
        let exit = |kind| Box::new(self.order(at, side.opposite(), qty, kind, instruments));
        let trigger = |price| Trigger { price, source: TriggerSource::Last };
        NewGroup::Bracket {
            entry: Box::new(self.order(at, side, qty, OrderType::Market, instruments)),
            stop: bracket.stop.map(|price| exit(OrderType::Stop { trigger: trigger(price) })),
            target: bracket.target.map(|price| exit(OrderType::Limit { price })),
        }
    }

    fn instrument(&self, at: usize, instruments: &[InstrumentId]) -> Option<InstrumentId> {
        instruments.get(*self.markets.get(at)?).copied()
    }

    fn order(
        &self,
        at: usize,
        side: Side,
        qty: Qty,
        kind: OrderType,
        instruments: &[InstrumentId],
    ) -> NewOrder {
        // A place that is not there names no instrument, and is refused as such.
        let instrument = self.instrument(at, instruments).unwrap_or(InstrumentId(u32::MAX));
        let mut order = NewOrder::new(self.account_id, instrument, side, qty, kind);
        (order.book, order.time_in_force) = (Some(self.book), TimeInForce::Gtc);
        order
    }

    /// A market order over what is missing, beside what is on its way.
    fn target(&self, at: usize, qty: Qty, instruments: &[InstrumentId]) -> Option<Wanted> {
        let coming = self.open.iter().filter(|open| open.at == at && open.tag == Tag::TARGET);
        let coming: i64 = coming.map(|open| crate::tally::signed(open.side, open.left)).sum();
        let missing = qty.0 - self.view.get(at)?.held.0 - coming;
        if missing == 0 {
            return None;
        }
        let side = if missing > 0 { Side::Buy } else { Side::Sell };
        let order = self.order(at, side, Qty(missing.abs()), OrderType::Market, instruments);
        Some(Wanted { command: Command::PlaceOrder(order), tag: Tag::TARGET, at, needs_price: false })
    }

    fn change(&self, tag: Tag, qty: Option<Qty>, price: Option<Price>, out: &mut Vec<Wanted>) {
        let named = self.open.iter().filter(|open| open.tag == tag);
        out.extend(named.map(|open| {
            let changes = Changes { qty, price, ..Changes::default() };
            let order = OrderRef::Id(open.order);
            let command = Command::ModifyOrder(ModifyOrder { account: self.account_id, order, changes });
            Wanted { command, tag, at: open.at, needs_price: false }
        }));
    }

    fn cancel(&self, chosen: impl Fn(&Open) -> bool, out: &mut Vec<Wanted>) {
        let named = self.open.iter().filter(|open| chosen(open));
        out.extend(named.map(|open| {
            let order = OrderRef::Id(open.order);
            let command = Command::CancelOrder(CancelOrder { account: self.account_id, order });
            Wanted { command, tag: open.tag, at: open.at, needs_price: false }
        }));
    }

    pub(crate) fn new(
        strategy: Box<dyn Strategy>,
        (reads, warm_up): (Reads, usize),
        plan: &StrategyPlan,
        (account_id, book): (AccountId, BookId),
        view: Vec<Market>,
    ) -> Self {
        Self {
            strategy,
            reads,
            account: plan.account,
            account_id,
            book,
            markets: plan.markets.clone(),
            told: vec![None; view.len()],
            view,
            open: Vec::new(),
            timers: BTreeSet::new(),
            intents: Intents::new(),
            passed: 0,
            warm_up: warm_up as u64,
            refused: std::collections::BTreeMap::new(),
        }
    }
}
