//! A small market to work in: one instrument, four rich accounts, and orders drawn from a seed.

use journal::{Archive, MemDisk, Options, Retention, Rng};
use model::{
    AccountId, AccountKind, AssetId, CancelOrder, ClientOrderId, Command, FeeAsset, FeeBasis, Fees,
    Instrument, InstrumentClass, InstrumentId, InstrumentState, MarginMode, MarginRates, Mode, Money, Name,
    NewAccount, NewOrder, OrderRef, OrderType, PositionMode, Price, Qty, Rate, Side, Terms, Time,
    TimeInForce, Transfer, UserId, VenueId,
};
use node::{Bundle, Config, Core, Report};
use std::sync::Arc;

pub const START: Time = Time(1_795_271_400_000_000_000);
pub const ACCOUNTS: u32 = 4;

pub fn config() -> Config {
    Config {
        journal: Options { segment_bytes: 64 << 10, reserve_bytes: 64 << 10, ..Options::default() },
        inbox_max: 1000,
        snapshot_every: 0,
        retention: Retention { segments_min: 2, archive: Archive::Delete },
        ..Config::default()
    }
}

pub fn open(disk: &MemDisk) -> (Core<MemDisk>, Report) {
    Core::open(disk.clone(), config()).expect("it holds in this world")
}

pub fn name(text: &str) -> Name {
    Name::new(text).expect("it holds in this world")
}

/// What makes the market.
pub fn setup() -> Vec<Command> {
    let mut all = vec![
        Command::DefineAsset { code: name("USDT") },
        Command::DefineAsset { code: name("BTC") },
        Command::ListInstrument(Box::new(listing())),
        Command::AddUser { name: name("someone") },
    ];
    for at in 0..ACCOUNTS {
        all.push(Command::OpenAccount(Box::new(NewAccount {
            user: UserId(0),
            name: name(&format!("account{at}")),
            mode: Mode::Paper,
            kind: AccountKind::Cash,
            currency: AssetId(0),
            position_mode: PositionMode::Netting,
            margin_mode: MarginMode::Cross,
            broker: None,
        })));
        for asset in 0..2 {
            let amount = Money(Money::ONE.0 * 1_000_000_000);
            let to = Transfer { account: AccountId(at), asset: AssetId(asset), amount, reference: None };
            all.push(Command::Deposit(to));
        }
    }
    all
}

fn listing() -> Instrument {
    Instrument {
        symbol: name("BTC-USDT"),
        venue_symbol: None,
        venue: VenueId(0),
        class: InstrumentClass::Spot,
        base: Some(AssetId(1)),
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

pub fn order(account: u32, side: Side, qty: i64, price: i64, id: &str) -> Command {
    let kind = OrderType::Limit { price: Price(price) };
    let order = NewOrder::new(AccountId(account), InstrumentId(0), side, Qty(qty), kind);
    Command::PlaceOrder(NewOrder { client_order_id: ClientOrderId::new(id).ok(), ..order })
}

pub fn order_until(end: Time, id: &str) -> Command {
    match order(0, Side::Buy, 1, 5, id) {
        Command::PlaceOrder(order) => {
            Command::PlaceOrder(NewOrder { time_in_force: TimeInForce::Gtd(end), ..order })
        }
        other => other,
    }
}

/// Orders that trade with each other, and cancels, from a seed.
pub fn flow(seed: u64, count: usize) -> Vec<Command> {
    let mut rng = Rng::new(seed);
    let mut ids: Vec<(u32, String)> = Vec::new();
    (0..count)
        .map(|at| {
            if rng.below(4) == 0 && !ids.is_empty() {
                let (account, id) = &ids[rng.below(ids.len())];
                let order = OrderRef::Client(ClientOrderId::new(id).expect("it holds in this world"));
                return Command::CancelOrder(CancelOrder { account: AccountId(*account), order });
            }
            let account = u32::try_from(rng.below(ACCOUNTS as usize)).expect("it holds in this world");
            let side = if rng.coin() { Side::Buy } else { Side::Sell };
            let (qty, price) = (rng.below(50) + 1, rng.below(40) + 1000);
            ids.push((account, format!("{seed}-{at}")));
            let (qty, price) = (
                i64::try_from(qty).expect("it holds in this world"),
                i64::try_from(price).expect("it holds in this world"),
            );
            order(account, side, qty, price, &format!("{seed}-{at}"))
        })
        .collect()
}

/// Runs commands in batches of a size, a microsecond apart, and answers the bundles.
pub fn run(core: &mut Core<MemDisk>, commands: &[Command], batch: usize) -> Vec<Arc<Bundle>> {
    let mut bundles = Vec::new();
    for piece in commands.chunks(batch) {
        for (tag, command) in (0..).zip(piece) {
            // The same moment for a command whatever the batch.
            core.submit(0, tag, command.clone()).expect("it holds in this world");
            let seq = core.engine().seq() + 1;
            core.step_apply(Time(START.0 + i64::try_from(seq).expect("it holds in this world") * 1000), 1)
                .expect("it holds in this world");
        }
        bundles.extend(core.step_sync().expect("it holds in this world"));
    }
    bundles
}

/// A core that has made the market.
pub fn ready(disk: &MemDisk) -> Core<MemDisk> {
    let (mut core, _) = open(disk);
    run(&mut core, &setup(), 100);
    core
}
