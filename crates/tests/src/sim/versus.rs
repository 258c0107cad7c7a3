//! The engine against the naive twin: the same random orders, cancels and changes to both, every trade
//! compared as it happens, books and purses every so often and at the end.

use super::naive::{Asked, Life, Trade, Twin, Worth};
use super::setup::{self, FEES, START};
use engine::Engine;
use journal::Rng;
use model::{
    AccountId, AccountKind, AssetId, CancelOrder, Changes, Command, Event, InstrumentId, ModifyOrder, Money,
    NewOrder, OrderId, OrderRef, OrderType, Price, Qty, Side, Stamped, TimeInForce, Transfer,
};

const ACCOUNTS: u32 = 8;
const QUOTE: i128 = 200_000;
const BASE: i128 = 400;
const COMPARE_EVERY: u64 = 4096;
/// Orders whose names are still drawn for cancels and changes.
const RECENT: u64 = 600;

/// What a comparison came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    pub commands: u64,
    pub orders: u64,
    pub trades: u64,
    pub resting: usize,
}

struct Both {
    engine: Engine,
    events: Vec<Event>,
    twin: Twin,
    /// By the twin's number: the engine's id and the owner.
    ids: Vec<(OrderId, AccountId)>,
    /// By the engine's counter: the twin's number.
    numbers: Vec<u64>,
    rng: Rng,
    mid: i64,
    trades: u64,
}

/// # Errors
/// The first difference.
pub fn versus(commands: u64, seed: u64) -> Result<Compared, String> {
    let mut both = Both::new(seed)?;
    for at in 1..=commands {
        both.step().map_err(|wrong| format!("command {at} of seed {seed}: {wrong}"))?;
        if at % COMPARE_EVERY == 0 || at == commands {
            both.compare().map_err(|wrong| format!("after command {at} of seed {seed}: {wrong}"))?;
        }
    }
    both.engine.check()?;
    let orders = both.ids.len() as u64;
    Ok(Compared { commands, orders, trades: both.trades, resting: both.twin.live() })
}

impl Both {
    fn new(seed: u64) -> Result<Self, String> {
        let listing = setup::spot();
        let tick_lot = listing.tick.0 * listing.lot.0 / Money::ONE.0;
        let fee = |rate: model::Rate| tick_lot * i128::from(rate.0) / 1_000_000_000;
        let worth =
            Worth { tick_lot, lot: listing.lot.0, maker_fee: fee(FEES.maker), taker_fee: fee(FEES.taker) };
        let (quote, base) = (setup::units(QUOTE), setup::units(BASE));
        let twin = Twin::new(worth, ACCOUNTS as usize, quote.0, base.0);
        let mut both = Self {
            engine: Engine::new(),
            events: Vec::new(),
            twin,
            ids: Vec::new(),
            numbers: Vec::new(),
            rng: Rng::new(seed),
            mid: 1000,
            trades: 0,
        };
        let assets = ["USD", "BTC"].map(|code| Command::DefineAsset { code: setup::name(code) });
        assets.into_iter().for_each(|command| both.apply(command));
        both.apply(Command::ListInstrument(Box::new(listing)));
        both.apply(Command::AddUser { name: setup::name("ann") });
        for at in 0..ACCOUNTS {
            both.apply(setup::account(at, AccountKind::Cash));
            for (asset, amount) in [(AssetId(0), quote), (AssetId(1), base)] {
                let account = AccountId(at);
                both.apply(Command::Deposit(Transfer { account, asset, amount, reference: None }));
            }
        }
        both.engine.check()?;
        Ok(both)
    }

    fn apply(&mut self, command: Command) {
        self.events.clear();
        let stamped = Stamped { seq: self.engine.seq() + 1, time: START, command };
        self.engine.apply(&stamped, &mut self.events);
    }

    fn step(&mut self) -> Result<(), String> {
        if self.rng.below(16) == 0 {
            self.mid = (self.mid + self.number(3) - 1).clamp(100, 10_000);
        }
        self.twin.trades.clear();
        match self.rng.below(100) {
            0..55 => self.place(),
            55..80 => self.cancel(),
            _ => self.modify(),
        }
        let made = self.events.iter().filter_map(|event| match event {
            Event::Traded(traded) => Some(Trade {
                taker: self.number_of(traded.taker.order),
                maker: self.number_of(traded.maker.order),
                price: traded.price.0,
                qty: traded.qty.0,
            }),
            _ => None,
        });
        let made: Vec<Trade> = made.collect();
        self.trades += made.len() as u64;
        if made == self.twin.trades {
            return Ok(());
        }
        Err(format!("the engine traded {made:?}, the twin {:?}; events {:?}", self.twin.trades, self.events))
    }

    fn place(&mut self) {
        let id = self.ids.len() as u64;
        let account = self.rng.below(ACCOUNTS as usize);
        let side = if self.rng.coin() { Side::Buy } else { Side::Sell };
        let away = self.number(41) - 10;
        let price = (self.rng.below(10) > 0).then(|| self.mid - side.sign() * away);
        let life = match (price, self.rng.below(10)) {
            (Some(_), 0..7) => Life::Rests,
            (_, 9) => Life::AllOrNothing,
            _ => Life::Immediate,
        };
        let most = if self.rng.below(20) == 0 { 5000 } else { 60 };
        let qty = 1 + self.number(most);
        self.twin.place(&Asked { id, account, side, price, qty, life });
        let kind = price.map_or(OrderType::Market, |price| OrderType::Limit { price: Price(price) });
        let account = AccountId(u32::try_from(account).unwrap_or(0));
        let order = NewOrder::new(account, InstrumentId(0), side, Qty(qty), kind);
        let time_in_force = match life {
            Life::Rests => TimeInForce::Gtc,
            Life::Immediate => TimeInForce::Ioc,
            Life::AllOrNothing => TimeInForce::Fok,
        };
        self.numbers_grow(id);
        self.apply(Command::PlaceOrder(NewOrder { time_in_force, ..order }));
        let accepted = self.events.iter().find_map(|event| match event {
            Event::OrderAccepted(accepted) => Some(accepted.order),
            _ => None,
        });
        self.ids.push((accepted.unwrap_or_default(), account));
        if let Some(order) = accepted {
            // An order trades in the very command that accepts it, and counters go up by one.
            self.numbers_set(order, id);
        }
    }

    fn cancel(&mut self) {
        let Some(id) = self.pick() else { return self.events.clear() };
        self.twin.cancel(id);
        let (order, account) = self.id(id);
        self.apply(Command::CancelOrder(CancelOrder { account, order: OrderRef::Id(order) }));
    }

    fn modify(&mut self) {
        let Some(id) = self.pick() else { return self.events.clear() };
        let (order, account) = self.id(id);
        let (qty, price) = match self.engine.order(order) {
            Some(view) if self.rng.coin() => (view.qty.0 - self.number(8), view.price.unwrap_or_default().0),
            Some(view) => {
                (view.qty.0 + self.number(9) - 4, view.price.unwrap_or_default().0 + self.number(9) - 4)
            }
            None => (10, self.mid),
        };
        let (qty, price) = (qty.max(1), price.max(1));
        self.twin.modify(id, qty, price);
        let changes = Changes { qty: Some(Qty(qty)), price: Some(Price(price)), ..Changes::default() };
        self.apply(Command::ModifyOrder(ModifyOrder { account, order: OrderRef::Id(order), changes }));
    }

    /// A recent order, more often one that lives.
    fn pick(&mut self) -> Option<u64> {
        let count = self.ids.len() as u64;
        let recent = usize::try_from(count.min(RECENT)).unwrap_or(0);
        let mut draw = || (count > 0).then(|| count - 1 - self.rng.below(recent) as u64);
        let mut picked = draw()?;
        for _ in 0..8 {
            if self.twin.is_live(picked) {
                break;
            }
            picked = draw()?;
        }
        Some(picked)
    }

    fn compare(&self) -> Result<(), String> {
        for side in [Side::Buy, Side::Sell] {
            let ours: Vec<(i64, i64)> =
                self.engine.levels(InstrumentId(0), side).map(|level| (level.price.0, level.qty.0)).collect();
            let theirs = self.twin.levels(side);
            if ours != theirs {
                return Err(format!("{side:?} levels are {ours:?} in the engine, {theirs:?} in the twin"));
            }
        }
        for (account, purses) in (0..).map(AccountId).zip(&self.twin.purses) {
            for (asset, purse) in (0..).map(AssetId).zip(purses) {
                let balance = self.engine.balance(account, asset);
                let ours = balance.map(|balance| (balance.total.0, balance.locked.0)).unwrap_or_default();
                if ours != (purse.total, purse.locked) {
                    return Err(format!("account {account} has {ours:?} of {asset}, in the twin {purse:?}"));
                }
            }
        }
        Ok(())
    }

    fn id(&self, number: u64) -> (OrderId, AccountId) {
        let at = usize::try_from(number).unwrap_or(usize::MAX);
        self.ids.get(at).copied().unwrap_or_default()
    }

    fn number(&mut self, below: usize) -> i64 {
        i64::try_from(self.rng.below(below)).unwrap_or(0)
    }

    fn number_of(&self, order: OrderId) -> u64 {
        let at = usize::try_from(order.counter()).unwrap_or(usize::MAX);
        self.numbers.get(at).copied().unwrap_or(u64::MAX)
    }

    fn numbers_grow(&mut self, id: u64) {
        let len = usize::try_from(id).unwrap_or(0) + 2;
        if self.numbers.len() < len {
            self.numbers.resize(2 * len, u64::MAX);
        }
    }

    fn numbers_set(&mut self, order: OrderId, number: u64) {
        let at = usize::try_from(order.counter()).unwrap_or(usize::MAX);
        if let Some(place) = self.numbers.get_mut(at) {
            *place = number;
        }
    }
}
