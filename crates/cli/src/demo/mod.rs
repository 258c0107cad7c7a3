//! The present of the demo: a made-up market in the house's own book, with its traders, and one paper account that a
//! strategy trades on. Only what a client could do: commands in, looks at the state.

mod crowd;

use anyhow::{Context, Result, anyhow, bail};
use journal::FileDisk;
use model::{
    AccountId, AccountKind, AssetId, Bar, Command, Event, FeeAsset, FeeBasis, Fees, Instrument,
    InstrumentClass, InstrumentId, InstrumentState, MarginMode, MarginRates, Mode, Money, Name, NewAccount,
    NewOrder, OrderType, PositionMode, Price, Qty, Rate, Side, Terms, Time, TimeInForce, Transfer, UserId,
    VenueId,
};
use node::Client;
use sim::market::{Kind, Trader};
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;
use strategy::{Intent, Intents, Look, Strategy, View, strategies};

const SYMBOL: &str = "DEMO-USD";
const PAPER: &str = "paper";
const TRADERS: [Kind; 12] = [
    Kind::Maker,
    Kind::Maker,
    Kind::Maker,
    Kind::Noise,
    Kind::Noise,
    Kind::Noise,
    Kind::Noise,
    Kind::Noise,
    Kind::Momentum,
    Kind::Momentum,
    Kind::Informed,
    Kind::Informed,
];
/// A hundred dollars, in cents.
const VALUE: Price = Price(10_000);
const BAR: Duration = Duration::from_secs(1);

pub struct Market {
    instrument: InstrumentId,
    traders: Vec<Trader>,
    paper: AccountId,
    asset: AssetId,
}

type Disk = FileDisk;

impl Market {
    /// Finds the market in the journal, or makes it.
    pub fn open(client: &mut Client<Disk>) -> Result<Self> {
        let found = client.query(|engine| {
            let at = engine.instruments().position(|of| of.symbol.as_str() == SYMBOL)?;
            let names: Vec<String> =
                engine.accounts().iter().map(|account| account.name.to_string()).collect();
            Some((at, names))
        })?;
        let (instrument, names) = match found {
            Some((at, names)) => (InstrumentId(u32::try_from(at)?), names),
            None => make(client)?,
        };
        let account = |name: &str| {
            let place = names.iter().position(|known| known == name);
            let place =
                place.ok_or_else(|| anyhow!("the journal is of something else: choose another --dir"))?;
            Ok::<_, anyhow::Error>(AccountId(u32::try_from(place)?))
        };
        let trader = |(at, kind): (usize, &Kind)| {
            Ok(Trader { account: account(&format!("trader{at}"))?, kind: *kind })
        };
        let traders = TRADERS.iter().enumerate().map(trader).collect::<Result<_>>()?;
        Ok(Self { instrument, traders, paper: account(PAPER)?, asset: AssetId(0) })
    }

    /// A strategy on bars of a second, as it would run over the past.
    pub fn trade(&self, client: &mut Client<Disk>, over: &AtomicBool) -> Result<()> {
        let mut strategy = strategies::build("ma_cross", &[("fast", 3.0), ("slow", 9.0), ("qty", 10.0)], 1)?;
        let (instrument, paper, asset) = (self.instrument, self.paper, self.asset);
        let mut bar: Option<Bar> = None;
        while !over.load(Ordering::Relaxed) {
            thread::sleep(BAR / 4);
            let (now, last, held, cash) = client.query(move |engine| {
                let held = engine.exposure(paper, instrument).map_or(Qty::ZERO, |of| of.qty);
                (engine.time(), engine.last(instrument), held, engine.available(paper, asset))
            })?;
            let Some(last) = last else { continue };
            let begun = bar.get_or_insert(Bar {
                begin: now,
                end: now,
                open: last,
                high: last,
                low: last,
                close: last,
                volume: Qty::ZERO,
            });
            (begun.high, begun.low, begun.close, begun.end) =
                (begun.high.max(last), begun.low.min(last), last, now);
            let length = i64::try_from(BAR.as_nanos())?;
            if now.0 - begun.begin.0 >= length {
                let closed = *begun;
                bar = None;
                for order in self.wanted(strategy.as_mut(), &closed, held, cash) {
                    let reply = client.call(Command::PlaceOrder(order))?;
                    tell(reply.events())?;
                }
            }
        }
        Ok(())
    }

    /// What the strategy wants, as orders for what is missing.
    fn wanted(&self, strategy: &mut dyn Strategy, bar: &Bar, held: Qty, cash: Money) -> Vec<NewOrder> {
        let markets =
            [strategy::Market { tick: 0.01, tick_value: 0.01, held, last: Some(bar.close), quote: None }];
        let mut out = Intents::new();
        let worth = Worth(cash.0 as f64 / Money::ONE.0 as f64);
        strategy.on_bar(0, bar, &View::new(bar.end, &markets, &worth), &mut out);
        let order = |intent| match intent {
            Intent::Target { qty, .. } if qty != held => {
                let missing = qty.0 - held.0;
                let side = if missing > 0 { Side::Buy } else { Side::Sell };
                let mut order =
                    NewOrder::new(self.paper, self.instrument, side, Qty(missing.abs()), OrderType::Market);
                order.time_in_force = TimeInForce::Ioc;
                Some(order)
            }
            _ => None,
        };
        out.drain().filter_map(order).collect()
    }
}

struct Worth(f64);

impl Look for Worth {
    fn equity(&self) -> Option<f64> {
        Some(self.0)
    }
}

fn tell(events: &[Event]) -> Result<()> {
    let mut out = io::stdout().lock();
    for event in events {
        if let Event::Traded(trade) = event {
            let deed = if trade.taker_side == Side::Buy { "bought" } else { "sold" };
            let price = trade.price.0 as f64 / 100.0;
            writeln!(out, "  {deed} {} DEMO-USD at {price:.2}, fee {}", trade.qty.0, trade.taker.fee)?;
        }
    }
    Ok(())
}

/// Assets, the market and everybody's accounts.
fn make(client: &mut Client<Disk>) -> Result<(InstrumentId, Vec<String>)> {
    let name = |text: &str| Name::new(text).context("a name of the demo");
    for code in ["USD", "DEMO"] {
        set(client, Command::DefineAsset { code: name(code)? })?;
    }
    let cent = Money(Money::ONE.0 / 100);
    let listing = Instrument {
        symbol: Name::new(SYMBOL).context("a symbol of the demo")?,
        venue_symbol: None,
        venue: VenueId::OWN,
        class: InstrumentClass::Equity,
        base: Some(AssetId(1)),
        quote: AssetId(0),
        settlement: AssetId(0),
        tick: cent,
        lot: Money::ONE,
        qty_min: Qty(1),
        qty_max: Qty(1_000_000),
        notional_min: Money::ZERO,
        multiplier: Money::ONE,
        band: None,
        fees: Fees {
            maker: Rate::ZERO,
            taker: Rate(100_000),
            basis: FeeBasis::Value,
            asset: FeeAsset::Quote,
            cap: None,
        },
        margin: MarginRates { initial: Rate(100_000_000), maintenance: Rate(50_000_000) },
        sector: None,
        calendar: None,
        terms: Terms::Plain,
        state: InstrumentState::Trading,
    };
    set(client, Command::ListInstrument(Box::new(listing)))?;
    set(client, Command::AddUser { name: name("demo")? })?;
    let mut names = vec![PAPER.to_owned()];
    names.extend((0..TRADERS.len()).map(|at| format!("trader{at}")));
    for (at, of) in (0_u32..).zip(&names) {
        let is_paper = of == PAPER;
        let account = NewAccount {
            user: UserId(0),
            name: name(of)?,
            mode: Mode::Paper,
            kind: if is_paper { AccountKind::Cash } else { AccountKind::Margin },
            currency: AssetId(0),
            position_mode: PositionMode::Netting,
            margin_mode: MarginMode::Cross,
            broker: None,
        };
        set(client, Command::OpenAccount(Box::new(account)))?;
        let amount = Money(Money::ONE.0 * if is_paper { 100_000 } else { 100_000_000 });
        set(
            client,
            Command::Deposit(Transfer { account: AccountId(at), asset: AssetId(0), amount, reference: None }),
        )?;
    }
    Ok((InstrumentId(0), names))
}

fn set(client: &mut Client<Disk>, command: Command) -> Result<()> {
    let reply = client.call(command)?;
    match reply.events().first() {
        Some(Event::CommandRejected { reason }) => bail!("the demo could not be set up: {reason}"),
        _ => Ok(()),
    }
}

/// The time that the seed of the crowd is made of: each start has another day.
fn seed(time: Time) -> u64 {
    time.0.unsigned_abs() | 1
}
