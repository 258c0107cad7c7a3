//! A user's own orders and trades, record by record. A listener begins with a snapshot of the open orders as of a
//! record and hears every record after it, once; who comes back soon names the last record they heard and goes on
//! from there. Absent: anything of one user in a message to another; a message is made for the owner of an order,
//! who was found by its account.

use super::{Channel, Message, Outbox, Wish};
use crate::names::Names;
use crate::order::view::{cause_word, price_text, qty_text};
use engine::OrderView;
use model::line::Worded;
use model::{
    AccountId, ClientOrderId, Command, Directory, Event, Grid, InstrumentId, OrderFilter, OrderId,
    OrderStatus, Price, Qty, Side, Stamped, TradeSide, Traded, UserId,
};
use node::{Client, FileDisk};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Messages of a user are kept so long after the last listener has gone.
const KEPT: Duration = Duration::from_secs(60);

#[derive(Default)]
pub(super) struct Private {
    users: HashMap<UserId, Watched>,
    /// Working orders of those users.
    orders: HashMap<OrderId, Tracked>,
    kept_max: usize,
}

/// A user somebody listens to.
struct Watched {
    listeners: Vec<(Channel, Arc<Outbox>, u64)>,
    /// Records up to this one are in no message.
    from: u64,
    kept: VecDeque<(u64, Channel, Message)>,
    /// The last record of which something was dropped from what is kept.
    dropped: u64,
    alone_since: Option<Instant>,
}

struct Tracked {
    user: UserId,
    account: AccountId,
    instrument: InstrumentId,
    client: Option<ClientOrderId>,
    side: Side,
    price: Option<Price>,
    qty: Qty,
    filled: Qty,
    status: OrderStatus,
}

impl Tracked {
    fn of(view: &OrderView, user: UserId) -> Self {
        Self {
            user,
            account: view.account,
            instrument: view.instrument,
            client: view.client_order_id,
            side: view.side,
            price: view.price,
            qty: view.qty,
            filled: Qty(view.qty.0.saturating_sub(view.left.0)),
            status: view.status,
        }
    }

    fn json(&self, order: OrderId, names: &Directory) -> Map<String, Value> {
        let listed = names.instrument(self.instrument);
        let grid = listed.map(|listed| listed.grid);
        let number =
            |text: Option<crate::decimal::Decimal>| text.map_or(Value::Null, |text| Value::String(text.0));
        let mut json = Map::new();
        let mut put = |name: &str, value: Value| json.insert(name.to_owned(), value);
        put("id", order.to_string().into());
        put("client_order_id", self.client.map_or(Value::Null, |id| id.to_string().into()));
        put("account", names.account(self.account).map_or(Value::Null, |of| of.name.to_string().into()));
        put("symbol", listed.map_or(Value::Null, |listed| listed.symbol.to_string().into()));
        put("side", self.side.word().into());
        put("price", number(grid.zip(self.price).map(|(grid, price)| price_text(price, grid))));
        put("quantity", number(grid.map(|grid| qty_text(self.qty, grid))));
        put("filled_quantity", number(grid.map(|grid| qty_text(self.filled, grid))));
        put("execution_status", self.status.word().into());
        put("status", self.status.derived().into());
        json
    }
}

/// What one record brings to one user.
#[derive(Default)]
struct Told {
    orders: BTreeMap<OrderId, Map<String, Value>>,
    refused: Vec<Value>,
    trades: Vec<Value>,
}

impl Private {
    pub(super) fn new(kept_max: usize) -> Self {
        Self { kept_max, ..Self::default() }
    }

    pub(super) fn has_listeners(&self) -> bool {
        !self.users.is_empty()
    }

    /// Lets a listener in: with what it missed if that is kept, or else from a snapshot on.
    pub(super) fn join(&mut self, wish: Wish, client: &Client<FileDisk>, names: &Directory) {
        if let (Some(after), Some(watched)) = (wish.after, self.users.get_mut(&wish.user))
            && after >= watched.from.max(watched.dropped)
        {
            let resumed = json!({ "channel": word_of(wish.channel), "type": "resumed", "after": after });
            let missed =
                watched.kept.iter().filter(|(seq, channel, _)| *seq > after && *channel == wish.channel);
            let missed = missed.map(|(_, _, message)| message.clone());
            if wish.outbox.push_all(std::iter::once(resumed.to_string().into()).chain(missed)) {
                watched.listeners.push((wish.channel, wish.outbox, after));
                watched.alone_since = None;
            }
            return;
        }
        let accounts = crate::desk::accounts_of(names, wish.user);
        let looked = client.query(move |engine| {
            let open = |account: &AccountId| {
                engine.open_orders(&OrderFilter { account: Some(*account), ..OrderFilter::default() })
            };
            (engine.seq(), accounts.iter().flat_map(open).collect::<Vec<_>>())
        });
        let Ok((seq, open)) = looked else {
            wish.outbox.close("stopped: the server takes no more; connect again later");
            return;
        };
        self.begin(wish, seq, &open, names);
    }

    fn begin(&mut self, wish: Wish, seq: u64, open: &[OrderView], names: &Directory) {
        let views: Vec<(OrderId, Tracked)> =
            open.iter().map(|view| (view.id, Tracked::of(view, wish.user))).collect();
        let mut message = json!({ "channel": word_of(wish.channel), "type": "snapshot", "seq": seq });
        if wish.channel == Channel::Orders {
            message["orders"] =
                views.iter().map(|(id, tracked)| Value::Object(tracked.json(*id, names))).collect();
        }
        if !wish.outbox.push(message.to_string().into()) {
            return;
        }
        let watched = self.users.entry(wish.user).or_insert_with(|| {
            self.orders.extend(views);
            Watched { listeners: Vec::new(), from: seq, kept: VecDeque::new(), dropped: 0, alone_since: None }
        });
        watched.alone_since = None;
        watched.listeners.push((wish.channel, wish.outbox, seq));
    }

    pub(super) fn leave(&mut self, user: UserId, channel: Channel, outbox: &Arc<Outbox>) {
        if let Some(watched) = self.users.get_mut(&user) {
            watched.listeners.retain(|(of, one, _)| *of != channel || !Arc::ptr_eq(one, outbox));
        }
    }

    pub(super) fn hear(
        &mut self,
        names: &Names,
        stamped: &Stamped,
        events: &[Event],
        dirty: &mut BTreeSet<UserId>,
    ) {
        let names = names.now();
        let mut told: BTreeMap<UserId, Told> = BTreeMap::new();
        for event in events {
            self.take(event, stamped, &names, &mut told, dirty);
        }
        let room = self.kept_max.checked_div(self.users.len()).unwrap_or(0).max(16);
        for (user, told) in told {
            if let Some(watched) = self.users.get_mut(&user) {
                watched.tell(stamped, told, room);
            }
        }
    }

    /// The user whose records are told from here on, if this one is.
    fn owner(&self, account: AccountId, seq: u64, names: &Directory) -> Option<UserId> {
        let user = names.account(account)?.user;
        self.users.get(&user).filter(|watched| seq > watched.from).map(|_| user)
    }

    fn take(
        &mut self,
        event: &Event,
        stamped: &Stamped,
        names: &Directory,
        told: &mut BTreeMap<UserId, Told>,
        dirty: &mut BTreeSet<UserId>,
    ) {
        match event {
            Event::OrderAccepted(accepted) => {
                let Some(user) = self.owner(accepted.account, stamped.seq, names) else { return };
                let (client, price) = of_command(&stamped.command, accepted.instrument, accepted.side);
                let tracked = Tracked {
                    user,
                    account: accepted.account,
                    instrument: accepted.instrument,
                    client,
                    side: accepted.side,
                    price,
                    qty: accepted.qty,
                    filled: Qty::ZERO,
                    status: OrderStatus::Accepted,
                };
                self.orders.insert(accepted.order, tracked);
                self.tell_order(accepted.order, stamped, names, told, dirty, |_, _| {});
            }
            Event::OrderRejected { account, client_order_id, reason } => {
                let Some(user) = self.owner(*account, stamped.seq, names) else { return };
                let why = format!("{reason}: {}", reason.advice());
                told.entry(user).or_default().refused.push(json!({
                    "id": null, "client_order_id": client_order_id.map(|id| id.to_string()),
                    "account": names.account(*account).map(|of| of.name.to_string()),
                    "execution_status": "rejected", "status": "failed", "code": reason.code(), "reason": why,
                }));
            }
            Event::Traded(traded) => {
                for (side, is_taker) in [(traded.taker, true), (traded.maker, false)] {
                    self.trade(traded, side, is_taker, stamped, names, told, dirty);
                }
            }
            Event::OutsideTraded(traded) => {
                let side = TradeSide {
                    order: traded.order,
                    account: traded.account,
                    book: traded.book,
                    left: traded.left,
                    fee: traded.fee,
                };
                let whole = Traded {
                    trade: traded.trade,
                    instrument: traded.instrument,
                    price: traded.price,
                    qty: traded.qty,
                    taker_side: traded.side,
                    taker: side,
                    maker: side,
                };
                self.trade(&whole, side, true, stamped, names, told, dirty);
            }
            Event::Deposited { account, .. }
            | Event::Withdrawn { account, .. }
            | Event::FundingPaid { account, .. }
            | Event::CashPaid { account, .. } => {
                dirty.extend(self.owner(*account, stamped.seq, names));
            }
            Event::PositionAdjusted(adjusted) => {
                dirty.extend(self.owner(adjusted.account, stamped.seq, names));
            }
            _ => self.change(event, stamped, names, told, dirty),
        }
    }

    fn change(
        &mut self,
        event: &Event,
        stamped: &Stamped,
        names: &Directory,
        told: &mut BTreeMap<UserId, Told>,
        dirty: &mut BTreeSet<UserId>,
    ) {
        match event {
            Event::OrderRested { order, price, .. } => {
                let price = *price;
                self.tell_order(*order, stamped, names, told, dirty, move |tracked, _| {
                    let fresh = tracked.filled.is_zero();
                    tracked.status = if fresh { OrderStatus::Open } else { OrderStatus::PartiallyFilled };
                    tracked.price = Some(price);
                });
            }
            Event::OrderHeld { order } => {
                self.become_(*order, OrderStatus::Held, (stamped, names), told, dirty)
            }
            Event::OrderTriggered { order, .. } => {
                self.become_(*order, OrderStatus::Accepted, (stamped, names), told, dirty);
            }
            Event::OrderStatusChanged { order, status } => {
                self.become_(*order, *status, (stamped, names), told, dirty);
            }
            Event::OrderExpired { order, .. } => {
                self.become_(*order, OrderStatus::Expired, (stamped, names), told, dirty);
            }
            Event::OrderCancelled { order, cause, .. } => {
                self.tell_order(*order, stamped, names, told, dirty, |tracked, json| {
                    tracked.status = OrderStatus::Cancelled;
                    json.insert("reason".to_owned(), cause_word(cause).into());
                });
            }
            Event::OrderModified { order, changes, .. } => {
                self.tell_order(*order, stamped, names, told, dirty, |tracked, _| {
                    tracked.qty = changes.qty.unwrap_or(tracked.qty);
                    tracked.price = changes.price.or(tracked.price);
                });
            }
            _ => {}
        }
    }

    fn become_(
        &mut self,
        order: OrderId,
        status: OrderStatus,
        (stamped, names): (&Stamped, &Directory),
        told: &mut BTreeMap<UserId, Told>,
        dirty: &mut BTreeSet<UserId>,
    ) {
        self.tell_order(order, stamped, names, told, dirty, |tracked, _| tracked.status = status);
    }

    /// Changes what is known of an order and tells its owner; one that has ended is forgotten.
    fn tell_order(
        &mut self,
        order: OrderId,
        stamped: &Stamped,
        names: &Directory,
        told: &mut BTreeMap<UserId, Told>,
        dirty: &mut BTreeSet<UserId>,
        change: impl FnOnce(&mut Tracked, &mut Map<String, Value>),
    ) {
        let Some(tracked) = self.orders.get_mut(&order) else { return };
        if self.users.get(&tracked.user).is_none_or(|watched| stamped.seq <= watched.from) {
            return;
        }
        let mut extra = Map::new();
        change(tracked, &mut extra);
        let user = tracked.user;
        let line = told.entry(user).or_default().orders.entry(order).or_default();
        line.extend(tracked.json(order, names));
        line.extend(extra);
        dirty.insert(user);
        if tracked.status.is_final() {
            self.orders.remove(&order);
        }
    }

    #[expect(clippy::too_many_arguments, reason = "a trade, its side, and where both are told")]
    fn trade(
        &mut self,
        traded: &Traded,
        side: TradeSide,
        is_taker: bool,
        stamped: &Stamped,
        names: &Directory,
        told: &mut BTreeMap<UserId, Told>,
        dirty: &mut BTreeSet<UserId>,
    ) {
        let Some(user) = self.owner(side.account, stamped.seq, names) else { return };
        let grid =
            names.grid(traded.instrument).unwrap_or(Grid { tick: model::Money::ONE, lot: model::Money::ONE });
        let (price, qty) = (price_text(traded.price, grid).0, qty_text(traded.qty, grid).0);
        self.tell_order(side.order, stamped, names, told, dirty, |tracked, json| {
            tracked.filled = Qty(tracked.filled.0.saturating_add(traded.qty.0));
            let whole = side.left.is_zero() && tracked.filled >= tracked.qty;
            tracked.status = if whole { OrderStatus::Filled } else { OrderStatus::PartiallyFilled };
            json.insert("last_price".to_owned(), price.clone().into());
            json.insert("last_quantity".to_owned(), qty.clone().into());
        });
        let own = if is_taker { traded.taker_side } else { traded.taker_side.opposite() };
        told.entry(user).or_default().trades.push(json!({
            "id": traded.trade.to_string(), "order_id": side.order.to_string(),
            "account": names.account(side.account).map(|of| of.name.to_string()),
            "symbol": names.instrument(traded.instrument).map(|listed| listed.symbol.to_string()),
            "side": own.word(), "price": price, "quantity": qty, "fee": side.fee.to_string(),
            "trade_type": if is_taker { "taker" } else { "maker" },
        }));
        dirty.insert(user);
    }

    /// Forgets users whom nobody came back for.
    pub(super) fn flush(&mut self) {
        let gone = |watched: &mut Watched| {
            watched.listeners.retain(|(_, outbox, _)| !outbox.is_closed());
            if watched.listeners.is_empty() {
                return watched.alone_since.get_or_insert_with(Instant::now).elapsed() > KEPT;
            }
            false
        };
        let before = self.users.len();
        self.users.retain(|_, watched| !gone(watched));
        if self.users.len() < before {
            let users = &self.users;
            self.orders.retain(|_, tracked| users.contains_key(&tracked.user));
        }
    }

    /// There will be no more records.
    pub(super) fn end(&mut self) {
        for watched in self.users.values() {
            for (_, outbox, _) in &watched.listeners {
                outbox.close("stopped: the server takes no more; connect again later");
            }
        }
    }
}

impl Watched {
    fn tell(&mut self, stamped: &Stamped, told: Told, room: usize) {
        let time = stamped.time.to_string();
        let orders: Vec<Value> =
            told.refused.into_iter().chain(told.orders.into_values().map(Value::Object)).collect();
        for (channel, name, lines) in
            [(Channel::Orders, "orders", orders), (Channel::Trades, "trades", told.trades)]
        {
            if lines.is_empty() {
                continue;
            }
            let message =
                json!({ "channel": name, "type": "update", "seq": stamped.seq, "time": time, name: lines });
            let message = Message::from(message.to_string());
            self.listeners.retain(|(wanted, outbox, from)| {
                *wanted != channel || stamped.seq <= *from || outbox.push(message.clone())
            });
            self.kept.push_back((stamped.seq, channel, message));
        }
        while self.kept.len() > room {
            let dropped = self.kept.pop_front().map_or(0, |(seq, ..)| seq);
            self.dropped = self.dropped.max(dropped);
        }
    }
}

pub(super) fn word_of(channel: Channel) -> &'static str {
    match channel {
        Channel::Orders => "orders",
        Channel::Trades | Channel::Tape(_) => "trades",
        Channel::Portfolio => "portfolio",
        Channel::Ticker(_) => "ticker",
        Channel::Book(_) => "orderbook",
        Channel::Signals(_) => "signals",
        Channel::Status(_) => "status",
    }
}

/// The owner's name for the order, and its limit, where the command is the one that placed it.
fn of_command(
    command: &Command,
    instrument: InstrumentId,
    side: Side,
) -> (Option<ClientOrderId>, Option<Price>) {
    match command {
        Command::PlaceOrder(order) if order.instrument == instrument && order.side == side => {
            (order.client_order_id, order.kind.limit())
        }
        Command::PlaceAlgo(algo) if algo.parent.instrument == instrument => {
            (algo.parent.client_order_id, algo.parent.kind.limit())
        }
        _ => (None, None),
    }
}
