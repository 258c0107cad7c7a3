//! Made-up commands: what traders, operators and careless programs send, drawn from a seed. It knows the ids
//! that were answered and nothing of the engine's state, as a client would.

use super::risky::because;
use super::setup::{self, ACCOUNTS, ASSETS, BOOKS, FEES, FUTURE, FUTURE_TOO, INSTRUMENTS, SIBLINGS};
use journal::Rng;
use model::line::Query;
use model::{
    AccountId, AssetId, BookId, CancelOrder, Changes, ClientOrderId, Command, Fees, Funding, InstrumentId,
    InstrumentState, Level, LimitKind, Mark, ModifyOrder, Money, NewOrder, OrderFilter, OrderId, OrderRef,
    OrderType, PositionMode, PostOnly, Price, Print, Priority, Qty, Quote, Rate, Route, RoutePlan, Scope,
    SelfTrade, Setting, Side, Time, TimeInForce, Transfer, VenueId,
};
use node::MarketData;

#[derive(Debug)]
pub(super) struct Work {
    pub rng: Rng,
    /// Orders that were accepted, with their accounts; the newest last.
    known: Vec<(AccountId, OrderId)>,
    /// Gives every order its client id.
    ids: u64,
    /// Limits that were asked for.
    pub(super) limits: Vec<(Scope, LimitKind)>,
    /// What was stopped, killed and limited, to be taken back.
    pub(super) stopped: Vec<Scope>,
    pub(super) killed: Vec<Scope>,
    pub(super) limited: Vec<(Scope, LimitKind)>,
    /// There is an outside venue.
    pub outside: bool,
}

impl Work {
    pub fn new(seed: u64) -> Self {
        let (limits, stopped, killed, limited) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let (rng, known, outside) = (Rng::new(seed), Vec::new(), false);
        Self { rng, known, ids: 0, limits, stopped, killed, limited, outside }
    }

    pub fn learn(&mut self, account: AccountId, order: OrderId) {
        self.known.push((account, order));
        if self.known.len() > 64 {
            self.known.remove(0);
        }
    }

    pub fn command(&mut self, now: Time) -> Command {
        match self.rng.below(100) {
            0..52 => Command::PlaceOrder(self.order(now)),
            52..56 => self.group(now),
            56..58 => self.algo(now),
            58..60 => self.call_off(),
            60..72 => {
                let (account, order) = self.working();
                Command::CancelOrder(CancelOrder { account, order })
            }
            72..82 => self.modify(),
            82..84 => Command::CancelMany(self.filter()),
            84..88 => self.market_data(),
            88..91 => self.transfer(),
            91..94 => self.admin(),
            94..96 => self.risk(),
            96..98 => self.risky(),
            98 => self.unsupported(),
            _ => Command::AdvanceTime,
        }
    }

    pub(super) fn order(&mut self, now: Time) -> NewOrder {
        let instrument = self.instrument();
        let side = if self.rng.coin() { Side::Buy } else { Side::Sell };
        let price = self.price(instrument, side);
        let kind = match self.rng.below(20) {
            0..2 => OrderType::Market,
            2..4 => OrderType::Hidden { price },
            4..9 => self.special_kind(price, side),
            _ => OrderType::Limit { price },
        };
        let mut order = NewOrder::new(self.account(), instrument, side, self.qty(), kind);
        order.time_in_force = match self.rng.below(16) {
            0 | 1 => TimeInForce::Ioc,
            2 => TimeInForce::Fok,
            3 | 4 => TimeInForce::Day,
            5 => TimeInForce::Gtd(now.saturating_add_ns(self.number(40) * 1_000_000)),
            6 if self.rng.below(3) == 0 => TimeInForce::AtOpen,
            7 if self.rng.below(3) == 0 => TimeInForce::AtClose,
            _ => TimeInForce::Gtc,
        };
        order.post_only = match self.rng.below(12) {
            0 => Some(PostOnly::Reject),
            1 => Some(PostOnly::Slide),
            _ => None,
        };
        order.reduce_only = self.rng.below(8) == 0;
        order.self_trade = self.self_trade();
        order.condition = (self.rng.below(16) == 0).then(|| self.condition(now));
        order.qty_min = (self.rng.below(24) == 0).then(|| Qty(self.number(10)));
        order.book = match self.rng.below(8) {
            0..4 => None,
            4..7 => Some(BookId(ACCOUNTS + 2 * order.account.0 + self.small(2))),
            _ => Some(BookId(self.small(BOOKS + 2))),
        };
        order.confidence = self.rng.coin().then(|| Rate(self.number(1_000_000_000)));
        order.client_order_id = self.next_id();
        order.route = self.route();
        if self.is_outside(instrument) {
            self.send_out(&mut order, now);
        }
        order
    }

    fn route(&mut self) -> Route {
        match self.rng.below(12) {
            0 => Route::Smart(RoutePlan::Spray),
            1 => Route::Smart(RoutePlan::Sequential),
            2 if self.rng.coin() => Route::Venue(VenueId(u16::try_from(self.rng.below(4)).unwrap_or(0))),
            _ => Route::Listing,
        }
    }

    fn is_outside(&self, instrument: InstrumentId) -> bool {
        self.outside && instrument.0 >= INSTRUMENTS
    }

    /// Mostly what an outside venue takes, with its place in the line.
    fn send_out(&mut self, order: &mut NewOrder, now: Time) {
        if self.rng.below(8) > 0 {
            (order.post_only, order.self_trade, order.qty_min) = (None, None, None);
        }
        order.priority = match self.rng.below(8) {
            0 => Priority::High,
            1 => Priority::Critical,
            2 => Priority::StopLoss,
            _ => Priority::Normal,
        };
        order.deadline = (self.rng.below(6) == 0).then(|| now.saturating_add_ns(self.number(60) * 1_000_000));
    }

    pub(super) fn self_trade(&mut self) -> Option<SelfTrade> {
        match self.rng.below(8) {
            0 => Some(SelfTrade::CancelNewest),
            1 => Some(SelfTrade::CancelOldest),
            2 => Some(SelfTrade::CancelBoth),
            3 => Some(SelfTrade::Decrement),
            _ => None,
        }
    }

    /// A client id, mostly: now and then an old one, now and then none.
    pub(super) fn next_id(&mut self) -> Option<ClientOrderId> {
        if self.rng.below(8) == 0 {
            return None;
        }
        self.ids += 1;
        let named = if self.rng.below(40) == 0 { self.ids / 2 } else { self.ids };
        Some(setup::client_id(&format!("o{named}")))
    }

    /// An order that was accepted once.
    pub(super) fn known_order(&mut self) -> OrderId {
        self.known.get(self.rng.below(self.known.len())).map_or(OrderId(0), |known| known.1)
    }

    fn modify(&mut self) -> Command {
        let (account, order) = self.working();
        let instrument = self.instrument();
        let side = if self.rng.coin() { Side::Buy } else { Side::Sell };
        let qty = (self.rng.below(4) > 0).then(|| self.qty());
        let price = self.rng.coin().then(|| self.price(instrument, side));
        let mut changes = Changes { qty, price, ..Changes::default() };
        if self.rng.below(6) == 0 {
            let price = self.price(instrument, side);
            changes = self.special_changes(price, changes);
        }
        Command::ModifyOrder(ModifyOrder { account, order, changes })
    }

    fn filter(&mut self) -> OrderFilter {
        OrderFilter {
            account: Some(self.account()),
            book: (self.rng.below(4) == 0).then(|| BookId(self.small(BOOKS))),
            instrument: self.rng.coin().then(|| self.instrument()),
            side: (self.rng.below(3) == 0).then_some(Side::Sell),
            group: None,
        }
    }

    fn market_data(&mut self) -> Command {
        match self.market() {
            MarketData::Quote(quote) => Command::Quote(quote),
            MarketData::Print(print) => Command::Print(print),
            MarketData::Mark(mark) => Command::Mark(mark),
        }
    }

    pub fn market(&mut self) -> MarketData {
        let (instrument, venue) = (self.instrument(), VenueId(u16::from(self.rng.coin())));
        let price = self.price(instrument, Side::Buy);
        match self.rng.below(3) {
            0 => {
                let bid = self.rng.coin().then_some(Level { price, qty: Qty(5) });
                let above = price.0.saturating_add(2);
                let ask = self.rng.coin().then_some(Level { price: Price(above), qty: Qty(7) });
                MarketData::Quote(Quote { instrument, venue, bid, ask })
            }
            1 => MarketData::Print(Print { instrument, venue, price, qty: self.qty() }),
            _ => MarketData::Mark(Mark { instrument, price }),
        }
    }

    fn transfer(&mut self) -> Command {
        self.ids += 1;
        let amount = match self.rng.below(12) {
            0 => Money(0),
            1 => Money(-5),
            2 => Money(i128::MAX),
            3 => Money(self.number(1000).into()),
            _ => setup::units(i128::from(self.number(2000))),
        };
        let reference = self.rng.coin().then(|| setup::client_id(&format!("t{}", self.ids)));
        let asset = AssetId(self.small(ASSETS));
        let transfer = Transfer { account: self.account(), asset, amount, reference };
        if self.rng.coin() { Command::Deposit(transfer) } else { Command::Withdraw(transfer) }
    }

    fn admin(&mut self) -> Command {
        let instrument = self.instrument();
        match self.rng.below(8) {
            0 => {
                let states = [
                    InstrumentState::Halted,
                    InstrumentState::Closed,
                    InstrumentState::PreOpen,
                    InstrumentState::Auction,
                    InstrumentState::Auction,
                    InstrumentState::Trading,
                ];
                let at = self.rng.below(states.len());
                let state = states.get(at).copied().unwrap_or_default();
                Command::SetInstrumentState { instrument, state }
            }
            1..4 => Command::SetInstrumentState { instrument, state: InstrumentState::Trading },
            4 => {
                let taker = Rate(self.number(9) * 111_111);
                Command::SetFees {
                    instrument,
                    fees: Fees { taker, maker: Rate(self.number(3) * -50_000), ..FEES },
                }
            }
            5 => Command::OpenBook { account: self.account(), name: setup::name("one") },
            _ => Command::Configure(self.setting()),
        }
    }

    /// How long and how many ids are remembered; now and then so few that orders are refused for it.
    fn setting(&mut self) -> Setting {
        match self.rng.below(8) {
            0 => Setting::ClientIdRetention { ns: 0 },
            1 | 2 => Setting::ClientIdRetention { ns: 1 + self.number(2_000_000_000) },
            3 => Setting::ClientIdRetention { ns: 86_400_000_000_000 },
            4 => Setting::ClientIdsMax { count: self.small(100) },
            _ => Setting::ClientIdsMax { count: 1 << 26 },
        }
    }

    /// A look at something, by a client that may have the wrong number.
    pub fn query(&mut self) -> Query {
        let (account, instrument) = (self.account(), self.instrument());
        match self.rng.below(6) {
            4 => Query::Equity { account },
            5 => Query::Alerts,
            0 => Query::Book { instrument },
            1 => Query::Balance { account, asset: AssetId(self.small(ASSETS)) },
            2 => {
                let book = self.rng.coin().then(|| BookId(self.small(BOOKS)));
                Query::Position { account, instrument, book }
            }
            _ => Query::Orders { account, after: None },
        }
    }

    fn unsupported(&mut self) -> Command {
        let (account, instrument) = (self.account(), self.instrument());
        match self.rng.below(3) {
            0 => Command::Funding(Funding { instrument, rate: Rate(1) }),
            1 => Command::SetPositionMode { account, mode: PositionMode::Hedging },
            _ => Command::SetLimit { limit: Box::new(self.unsupported_limit()), because: because() },
        }
    }

    /// A name of an order that may still be working, by either kind of name, at times in another account.
    fn working(&mut self) -> (AccountId, OrderRef) {
        let at = self.rng.below(self.known.len());
        let (account, order) = self.known.get(at).copied().unwrap_or_default();
        let account = if self.rng.below(20) == 0 { self.account() } else { account };
        if self.rng.below(4) == 0 {
            let id = self.ids.saturating_sub(self.rng.below(20) as u64);
            return (account, OrderRef::Client(setup::client_id(&format!("o{id}"))));
        }
        (account, OrderRef::Id(order))
    }

    pub(super) fn account(&mut self) -> AccountId {
        if self.rng.below(100) == 0 { AccountId(99) } else { AccountId(self.small(ACCOUNTS)) }
    }

    pub(super) fn instrument(&mut self) -> InstrumentId {
        if self.outside && self.rng.below(5) < 2 {
            return InstrumentId(INSTRUMENTS + self.small(2));
        }
        match self.rng.below(24) {
            0 => InstrumentId(self.small(INSTRUMENTS + 2)),
            1..11 => InstrumentId(0),
            11..13 => InstrumentId(1),
            13..16 => InstrumentId(SIBLINGS + self.small(INSTRUMENTS - SIBLINGS)),
            _ => InstrumentId(FUTURE),
        }
    }

    /// Around a hundred, the future around zero; now and then anything.
    pub(super) fn price(&mut self, instrument: InstrumentId, side: Side) -> Price {
        let mid = if [FUTURE, FUTURE_TOO].contains(&instrument.0) { 0 } else { 100 };
        match self.rng.below(60) {
            0 => Price(i64::MAX),
            1 => Price(i64::MIN),
            2 => Price(0),
            3 => Price(mid + side.sign() * 5000),
            _ => Price(mid - side.sign() * (self.number(14) - 6)),
        }
    }

    pub(super) fn qty(&mut self) -> Qty {
        match self.rng.below(80) {
            0 => Qty(0),
            1 => Qty(-3),
            2 => Qty(i64::MAX),
            3 => Qty(1000),
            _ => Qty(1 + self.number(20)),
        }
    }

    pub(super) fn small(&mut self, below: u32) -> u32 {
        u32::try_from(self.rng.below(below as usize)).unwrap_or(0)
    }

    pub(super) fn number(&mut self, below: usize) -> i64 {
        i64::try_from(self.rng.below(below)).unwrap_or(0)
    }
}
