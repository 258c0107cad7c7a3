//! What the line language knows of orders: their client ids and instruments, which later events and commands
//! leave out. Hear each command, then learn its events, in order. Bounded: the oldest orders are forgotten
//! first, and are then written by number.

use crate::{
    AccountId, AlgoId, ClientOrderId, Command, Event, InstrumentId, NewGroup, NewOrder, OrderAccepted,
    OrderId, OrderRef, Route,
};
use std::collections::{BTreeMap, VecDeque};

#[derive(Clone, Debug)]
pub struct OrderNames {
    orders: BTreeMap<OrderId, Named>,
    clients: BTreeMap<(AccountId, ClientOrderId), OrderId>,
    algos: BTreeMap<AlgoId, InstrumentId>,
    /// Orders of the command at hand that have not been accepted yet.
    pending: VecDeque<(AccountId, Named)>,
    /// The instrument that the command at hand is about.
    topic: Option<InstrumentId>,
    bound: usize,
}

#[derive(Clone, Copy, Debug)]
struct Named {
    client_order_id: Option<ClientOrderId>,
    account: AccountId,
    instrument: InstrumentId,
    /// It goes to one venue, and may be accepted for the market there.
    elsewhere: bool,
}

impl Default for OrderNames {
    fn default() -> Self {
        Self::new(65_536)
    }
}

impl OrderNames {
    #[must_use]
    pub fn new(bound: usize) -> Self {
        Self {
            orders: BTreeMap::new(),
            clients: BTreeMap::new(),
            algos: BTreeMap::new(),
            pending: VecDeque::new(),
            topic: None,
            bound,
        }
    }

    /// The command whose events come next.
    pub fn hear(&mut self, command: &Command) {
        self.pending.clear();
        match command {
            Command::PlaceOrder(order) => self.expect(order),
            Command::PlaceAlgo(algo) => self.expect(&algo.parent),
            Command::PlaceGroup(group) => self.expect_group(group),
            _ => {}
        }
        self.topic = match command {
            Command::PlaceOrder(order) => Some(order.instrument),
            Command::PlaceAlgo(algo) => Some(algo.parent.instrument),
            Command::ModifyOrder(modify) => self.instrument(modify.account, modify.order),
            Command::CancelOrder(cancel) => self.instrument(cancel.account, cancel.order),
            Command::Quote(quote) => Some(quote.instrument),
            Command::Print(print) => Some(print.instrument),
            Command::Mark(mark) => Some(mark.instrument),
            _ => self.pending.front().map(|(_, named)| named.instrument),
        };
    }

    /// One event of the command that was heard last.
    pub fn learn(&mut self, event: &Event) {
        if let Event::OrderAccepted(OrderAccepted { order, account, instrument, .. }) = event {
            let asked = self.pending.iter().position(|(by, named)| {
                by == account && (named.instrument == *instrument || named.elsewhere)
            });
            let named = asked.and_then(|at| self.pending.remove(at));
            let client_order_id = named.and_then(|(_, named)| named.client_order_id);
            let (account, instrument) = (*account, *instrument);
            self.put(*order, Named { client_order_id, account, instrument, elsewhere: false });
        }
        if let Event::AlgoStarted { algo, parent } = event
            && let Some(instrument) = self.instrument_of(*parent)
        {
            self.algos.insert(*algo, instrument);
            while self.algos.len() > self.bound {
                self.algos.pop_first();
            }
        }
    }

    /// The order that this account calls so; the latest, where an id was used again.
    #[must_use]
    pub fn find(&self, account: AccountId, client_order_id: &str) -> Option<OrderId> {
        self.clients.get(&(account, ClientOrderId::new(client_order_id).ok()?)).copied()
    }

    #[must_use]
    pub fn client_order_id(&self, order: OrderId) -> Option<ClientOrderId> {
        self.orders.get(&order)?.client_order_id
    }

    #[must_use]
    pub fn instrument(&self, account: AccountId, order: OrderRef) -> Option<InstrumentId> {
        match order {
            OrderRef::Id(id) => self.instrument_of(id),
            OrderRef::Client(client) => self.instrument_of(*self.clients.get(&(account, client))?),
        }
    }

    #[must_use]
    pub fn instrument_of(&self, order: OrderId) -> Option<InstrumentId> {
        self.orders.get(&order).map(|named| named.instrument)
    }

    pub(super) fn instrument_of_algo(&self, algo: AlgoId) -> Option<InstrumentId> {
        self.algos.get(&algo).copied()
    }

    pub(super) fn topic(&self) -> Option<InstrumentId> {
        self.topic
    }

    fn put(&mut self, order: OrderId, named: Named) {
        if let Some(client) = named.client_order_id {
            self.clients.insert((named.account, client), order);
        }
        self.orders.insert(order, named);
        while self.orders.len() > self.bound {
            let Some((id, oldest)) = self.orders.pop_first() else { return };
            let key = oldest.client_order_id.map(|client| (oldest.account, client));
            if let Some(key) = key.filter(|key| self.clients.get(key) == Some(&id)) {
                self.clients.remove(&key);
            }
        }
    }

    fn expect(&mut self, order: &NewOrder) {
        let named = Named {
            client_order_id: order.client_order_id,
            account: order.account,
            instrument: order.instrument,
            elsewhere: matches!(order.route, Route::Venue(_)),
        };
        self.pending.push_back((order.account, named));
    }

    fn expect_group(&mut self, group: &NewGroup) {
        match group {
            NewGroup::Oco { first, second } => {
                self.expect(first);
                self.expect(second);
            }
            NewGroup::Oto { first, then } => {
                self.expect(first);
                then.iter().for_each(|order| self.expect(order));
            }
            NewGroup::Bracket { entry, stop, target } => {
                self.expect(entry);
                [stop, target].into_iter().flatten().for_each(|order| self.expect(order));
            }
        }
    }
}
