//! A small market to play in: three assets, two delivered instruments, a future whose price may be negative,
//! an index, five accounts of every kind with several books, all of them funded.

use model::{
    AccountId, AccountKind, AssetId, ClientOrderId, Command, FeeAsset, FeeBasis, Fees, Instrument,
    InstrumentClass, InstrumentId, InstrumentState, MarginMode, MarginRates, Mode, Money, Name, NewAccount,
    NewVenue, PositionMode, Qty, Rate, Terms, Time, Transfer, UserId, VenueId, VenueKind,
};

pub const START: Time = Time(1_767_225_600_000_000_000);
pub(super) const ACCOUNTS: u32 = 5;
/// The first account that may hold futures; the others are for what is delivered.
pub(super) const MARGIN: u32 = 3;
pub(super) const BOOKS: u32 = 3 * ACCOUNTS;
pub const INSTRUMENTS: u32 = 7;
/// The venue outside, once it is defined.
pub const OUTSIDE: VenueId = VenueId(3);
/// The first of the markets that trade the same as others, and the second of the future.
pub(super) const SIBLINGS: u32 = 4;
const FUTURE_TOO: u32 = 6;
pub(super) const ASSETS: u32 = 3;
/// The future.
pub(super) const FUTURE: u32 = 2;

pub const FEES: Fees = Fees {
    maker: Rate(200_000),
    taker: Rate(500_000),
    basis: FeeBasis::Value,
    asset: FeeAsset::Quote,
    cap: None,
};

/// Those in the house and the one outside.
pub(super) fn is_future(instrument: InstrumentId) -> bool {
    [FUTURE, FUTURE_TOO, INSTRUMENTS + 1].contains(&instrument.0)
}

pub(super) fn name(text: &str) -> Name {
    Name::new(text).unwrap_or_else(|error| unreachable!("{error}"))
}

pub fn client_id(text: &str) -> ClientOrderId {
    ClientOrderId::new(text).unwrap_or_else(|error| unreachable!("{error}"))
}

pub fn units(count: i128) -> Money {
    Money(Money::ONE.0 * count)
}

/// Every command is accepted, in this order.
pub fn commands() -> Vec<Command> {
    let mut all: Vec<Command> =
        ["USD", "BTC", "ETH"].map(|code| Command::DefineAsset { code: name(code) }).into();
    for (venue, kind) in [("east", VenueKind::Own), ("pool", VenueKind::Dark)] {
        let (name, patience_ns) = (name(venue), NewVenue::PATIENCE_NS);
        all.push(Command::DefineVenue(Box::new(NewVenue { name, kind, budget: None, patience_ns })));
    }
    all.extend(listings().map(|listing| Command::ListInstrument(Box::new(listing))));
    all.push(Command::AddUser { name: name("ann") });
    let kinds =
        [AccountKind::Cash, AccountKind::Cash, AccountKind::Cash, AccountKind::Margin, AccountKind::Futures];
    all.extend((0..).zip(kinds).map(|(at, kind)| account(at, kind)));
    for at in 0..ACCOUNTS {
        for book in ["one", "two"] {
            all.push(Command::OpenBook { account: AccountId(at), name: name(book) });
        }
        for asset in 0..ASSETS {
            let amount = units(if asset == 0 { 20_000 } else { 40 });
            let transfer =
                Transfer { account: AccountId(at), asset: AssetId(asset), amount, reference: None };
            all.push(Command::Deposit(transfer));
        }
    }
    all
}

pub(super) fn account(at: u32, kind: AccountKind) -> Command {
    Command::OpenAccount(Box::new(NewAccount {
        user: UserId(0),
        name: name(&format!("account{at}")),
        mode: Mode::Paper,
        kind,
        currency: AssetId(0),
        position_mode: PositionMode::Netting,
        // The margins of one of them do not know each other.
        margin_mode: if kind == AccountKind::Futures { MarginMode::Isolated } else { MarginMode::Cross },
        broker: None,
    }))
}

fn listings() -> [Instrument; INSTRUMENTS as usize] {
    let spot = spot();
    let margin = MarginRates { initial: Rate(100_000_000), maintenance: Rate(50_000_000) };
    let rebate = Fees { maker: Rate(-100_000), taker: Rate(333_333), ..FEES };
    let future = Instrument {
        symbol: name("OIL-FUT"),
        class: InstrumentClass::Future,
        base: None,
        tick: units(1),
        lot: units(1),
        multiplier: units(10),
        terms: Terms::Future { expiry: Time::MAX },
        margin,
        ..spot.clone()
    };
    [
        spot.clone(),
        Instrument { symbol: name("ETH-USD"), base: Some(AssetId(2)), fees: rebate, ..spot.clone() },
        future.clone(),
        Instrument { symbol: name("IDX"), class: InstrumentClass::Index, base: None, ..spot.clone() },
        Instrument {
            symbol: name("BTC-USD.E"),
            venue: VenueId(1),
            fees: rebate,
            qty_min: Qty(2),
            ..spot.clone()
        },
        Instrument { symbol: name("BTC-USD.P"), venue: VenueId(2), ..spot },
        Instrument { symbol: name("OIL-FUT.E"), venue: VenueId(1), fees: rebate, ..future },
    ]
}

/// An outside venue and two markets on it, after [`commands`].
pub fn outside() -> Vec<Command> {
    let venue = OUTSIDE;
    let [spot, _, future, ..] = listings();
    let listings = [
        Instrument { symbol: name("BTC-USD.X"), venue, ..spot },
        Instrument { symbol: name("OIL-FUT.X"), venue, ..future },
    ];
    let mut all = vec![Command::DefineVenue(Box::new(super::exchange::Exchange::venue()))];
    all.extend(listings.map(|listing| Command::ListInstrument(Box::new(listing))));
    all
}

/// A tick is a unit of the quote asset, a lot a tenth of the base asset.
pub(super) fn spot() -> Instrument {
    Instrument {
        symbol: name("BTC-USD"),
        venue_symbol: None,
        venue: VenueId(0),
        class: InstrumentClass::Spot,
        base: Some(AssetId(1)),
        quote: AssetId(0),
        settlement: AssetId(0),
        tick: units(1),
        lot: Money(Money::ONE.0 / 10),
        qty_min: Qty(1),
        qty_max: Qty(1_000_000),
        notional_min: Money::ZERO,
        multiplier: units(1),
        band: None,
        fees: FEES,
        margin: MarginRates { initial: Rate(200_000_000), maintenance: Rate(100_000_000) },
        sector: None,
        calendar: None,
        terms: Terms::Plain,
        state: InstrumentState::Trading,
    }
}
