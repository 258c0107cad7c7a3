//! The same flow as commands of the engine: a thousand funded accounts, client ids on every order, fees, cancels
//! and changes by the ids that the engine gave. Made by a first run, so that measured runs only apply.

use crate::flow::{self, Kind, Tally};
use engine::Engine;
use model::{
    AccountId, AccountKind, AssetId, CancelOrder, Changes, ClientOrderId, Command, Event, FeeAsset, FeeBasis,
    Fees, Instrument, InstrumentClass, InstrumentId, InstrumentState, MarginMode, MarginRates, Mode,
    ModifyOrder, Money, Name, NewAccount, NewOrder, OrderId, OrderRef, OrderType, PositionMode, Price, Qty,
    Rate, Stamped, Terms, Time, TimeInForce, Transfer, UserId, VenueId,
};

/// What a run of the engine starts from, and what it applies.
pub(crate) struct Traffic {
    pub setup: Vec<Stamped>,
    pub flow: Vec<Stamped>,
    /// What the trades of the first run come to, to hold against the oracle.
    #[cfg(test)]
    pub tally: Tally,
}

const ACCOUNTS: u32 = 1000;
const START: i64 = 1_767_225_600_000_000_000;
/// A command every hundred nanoseconds.
const STEP_NS: i64 = 100;

impl Traffic {
    /// `symbols` symbols, `commands` commands after the setup.
    pub fn new(symbols: usize, commands: usize, seed: u64) -> Self {
        Self::of(Maker::default(), symbols, commands, seed)
    }

    /// The same, every order from a signal that is quite sure.
    pub fn with_confidence(symbols: usize, commands: usize, seed: u64) -> Self {
        let maker = Maker { confidence: Some(Rate(900_000_000)), ..Maker::default() };
        Self::of(maker, symbols, commands, seed)
    }

    fn of(mut maker: Maker, symbols: usize, commands: usize, seed: u64) -> Self {
        for command in setup(symbols) {
            maker.apply(command);
        }
        let setup = std::mem::take(&mut maker.made);
        for command in flow::generate(symbols, commands, seed) {
            maker.follow(&command);
        }
        Self {
            setup,
            flow: maker.made,
            #[cfg(test)]
            tally: maker.tally,
        }
    }

    /// An engine that has applied the setup, with the room that a node reserves at its start.
    pub fn engine(&self) -> Engine {
        let (mut engine, mut events) = (Engine::new(), Vec::new());
        engine.reserve(1 << 18, self.flow.len());
        for stamped in &self.setup {
            engine.apply(stamped, &mut events);
            events.clear();
        }
        engine
    }
}

/// Turns flow into commands while it runs them.
#[derive(Default)]
struct Maker {
    engine: Engine,
    events: Vec<Event>,
    made: Vec<Stamped>,
    seq: u64,
    /// By flow id: the engine's id and the owner.
    ids: Vec<Option<(OrderId, AccountId)>>,
    /// By the engine's counter: the flow id.
    flow_ids: Vec<u64>,
    confidence: Option<Rate>,
    tally: Tally,
}

impl Maker {
    fn apply(&mut self, command: Command) {
        self.seq += 1;
        let time = Time(START + i64::try_from(self.seq).unwrap_or(0) * STEP_NS);
        let stamped = Stamped { seq: self.seq, time, command };
        self.events.clear();
        self.engine.apply(&stamped, &mut self.events);
        self.made.push(stamped);
    }

    fn follow(&mut self, command: &flow::Command) {
        let known = self.ids.get(usize::try_from(command.id).unwrap_or(0)).copied().flatten();
        let asked = match command.kind {
            Kind::Cancel => self.cancel(known),
            Kind::Replace => self.replace(command, known),
            _ => order(command, self.confidence),
        };
        self.apply(asked);
        for event in &self.events {
            match event {
                Event::OrderAccepted(accepted) => {
                    let id = usize::try_from(command.id).unwrap_or(0);
                    self.ids.resize(self.ids.len().max(id + 1), None);
                    self.ids[id] = Some((accepted.order, accepted.account));
                    let counter = usize::try_from(accepted.order.counter()).unwrap_or(0);
                    self.flow_ids.resize(counter + 1, 0);
                    self.flow_ids[counter] = command.id;
                }
                Event::Traded(traded) => {
                    let maker = self.flow_id(traded.maker.order);
                    let qty = traded.qty.0.unsigned_abs();
                    self.tally.trade(command.id, maker, traded.price.0, qty);
                }
                Event::OrderRejected { reason, .. } => unreachable!("the flow is funded: {reason}"),
                _ => {}
            }
        }
    }

    fn flow_id(&self, order: OrderId) -> u64 {
        self.flow_ids.get(usize::try_from(order.counter()).unwrap_or(0)).copied().unwrap_or(0)
    }

    fn cancel(&self, known: Option<(OrderId, AccountId)>) -> Command {
        let (id, account) = known.unwrap_or((OrderId(0), AccountId(0)));
        Command::CancelOrder(CancelOrder { account, order: OrderRef::Id(id) })
    }

    fn replace(&self, command: &flow::Command, known: Option<(OrderId, AccountId)>) -> Command {
        let (id, account) = known.unwrap_or((OrderId(0), AccountId(0)));
        let filled = self.engine.order(id).map_or(0, |order| order.qty.0 - order.left.0);
        let changes = Changes {
            qty: Some(Qty(filled + i64::from(command.qty))),
            price: Some(Price(command.price)),
            ..Changes::default()
        };
        Command::ModifyOrder(ModifyOrder { account, order: OrderRef::Id(id), changes })
    }
}

fn order(command: &flow::Command, confidence: Option<Rate>) -> Command {
    let price = Price(command.price);
    let (kind, time_in_force) = match command.kind {
        Kind::Market => (OrderType::Market, TimeInForce::Ioc),
        Kind::Ioc => (OrderType::Limit { price }, TimeInForce::Ioc),
        _ => (OrderType::Limit { price }, TimeInForce::Gtc),
    };
    let account = AccountId(command.account % ACCOUNTS);
    let instrument = InstrumentId(u32::from(command.symbol));
    let id = ClientOrderId::new(&command.id.to_string()).ok();
    let qty = Qty(i64::from(command.qty));
    let order = NewOrder::new(account, instrument, command.side, qty, kind);
    Command::PlaceOrder(NewOrder { time_in_force, client_order_id: id, confidence, ..order })
}

fn setup(symbols: usize) -> Vec<Command> {
    let name = |text: String| Name::new(&text).unwrap_or_else(|error| unreachable!("{error}"));
    let symbols = u32::try_from(symbols).unwrap_or(u32::MAX);
    let assets = ["USDT".to_owned()].into_iter().chain((0..symbols).map(|at| format!("A{at}")));
    let mut all: Vec<Command> = assets.map(|code| Command::DefineAsset { code: name(code) }).collect();
    all.extend(
        (0..symbols).map(|at| Command::ListInstrument(Box::new(listing(at, name(format!("A{at}-USDT")))))),
    );
    all.push(Command::AddUser { name: name("bench".to_owned()) });
    for at in 0..ACCOUNTS {
        all.push(Command::OpenAccount(Box::new(NewAccount {
            user: UserId(0),
            name: name(format!("account{at}")),
            mode: Mode::Paper,
            kind: AccountKind::Cash,
            currency: AssetId(0),
            position_mode: PositionMode::Netting,
            margin_mode: MarginMode::Cross,
            broker: None,
        })));
        for asset in 0..=symbols {
            let (account, amount) = (AccountId(at), Money(Money::ONE.0 * 1_000_000_000_000));
            all.push(Command::Deposit(Transfer { account, asset: AssetId(asset), amount, reference: None }));
        }
    }
    all
}

fn listing(at: u32, symbol: Name) -> Instrument {
    Instrument {
        symbol,
        venue_symbol: None,
        venue: VenueId(0),
        class: InstrumentClass::Spot,
        base: Some(AssetId(at + 1)),
        quote: AssetId(0),
        settlement: AssetId(0),
        tick: Money(Money::ONE.0 / 100),
        lot: Money(Money::ONE.0 / 1000),
        qty_min: Qty(1),
        qty_max: Qty(1_000_000_000),
        notional_min: Money::ZERO,
        multiplier: Money::ONE,
        band: None,
        fees: Fees {
            maker: Rate(200_000),
            taker: Rate(500_000),
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
