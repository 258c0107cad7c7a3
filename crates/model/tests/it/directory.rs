//! A small house to speak of: two users, three accounts, three instruments, a few orders.

use model::line::OrderNames;
use model::{
    AccountId, AccountKind, AssetId, BookId, ClientOrderId, Command, Directory, Event, Fees, Instrument,
    InstrumentClass, InstrumentId, InstrumentState, MarginRates, Mode, Money, Name, NewOrder, OrderAccepted,
    OrderId, OrderType, Price, Qty, Side, Symbol, Terms, UserId, VenueId,
};

pub fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

pub fn client(text: &str) -> ClientOrderId {
    ClientOrderId::new(text).unwrap()
}

pub fn instrument(symbol: &str, class: InstrumentClass, tick: &str, lot: &str) -> Instrument {
    Instrument {
        symbol: Symbol::new(symbol).unwrap(),
        venue_symbol: None,
        venue: VenueId(0),
        class,
        base: (class != InstrumentClass::Index).then_some(AssetId(1)),
        quote: AssetId(0),
        settlement: AssetId(0),
        tick: Money::parse(tick).unwrap(),
        lot: Money::parse(lot).unwrap(),
        qty_min: Qty(1),
        qty_max: Qty(i64::MAX),
        notional_min: Money::ZERO,
        multiplier: Money::ONE,
        band: None,
        fees: Fees::default(),
        margin: MarginRates::default(),
        sector: None,
        calendar: None,
        terms: Terms::Plain,
        state: InstrumentState::Trading,
    }
}

pub fn house() -> Directory {
    let mut house = Directory::default();
    for (id, code) in [(0, "USDT"), (1, "BTC"), (2, "odd/name")] {
        house.learn(&Event::AssetDefined { asset: AssetId(id), code: name(code) });
    }
    let listings = [
        instrument("BTC-USDT", InstrumentClass::Spot, "0.01", "0.0001"),
        instrument("BTC-PERP", InstrumentClass::Perpetual, "0.5", "1"),
        instrument("#7", InstrumentClass::Index, "0.000000000000000001", "0.3"),
    ];
    for (id, listing) in (0..).zip(listings) {
        house.learn(&Event::InstrumentListed { instrument: InstrumentId(id), listing: Box::new(listing) });
    }
    for (id, user) in [(0, "ann"), (1, "ben")] {
        house.learn(&Event::UserAdded { user: UserId(id), name: name(user) });
    }
    for (id, account) in [(0, "alice"), (1, "bob"), (2, "\\odd")] {
        let (account, book) = ((AccountId(id), name(account)), BookId(id));
        let (mode, kind, main) = (Mode::Paper, AccountKind::Cash, book);
        let (user, name_of) = (UserId(0), account.1);
        house.learn(&Event::AccountOpened { account: account.0, user, name: name_of, mode, kind, main });
        house.learn(&Event::BookOpened { account: account.0, book, name: name("main") });
    }
    house.learn(&Event::BookOpened { account: AccountId(0), book: BookId(3), name: name("momentum") });
    house
}

/// Orders 0 and 1 are alice's `c0` and bob's `c1`; order 2 has no name.
pub fn orders() -> OrderNames {
    let mut orders = OrderNames::default();
    for (id, named) in [(0, Some("c0")), (1, Some("c1")), (2, None)] {
        let account = AccountId(id);
        let instrument = InstrumentId(id);
        let mut order =
            NewOrder::new(account, instrument, Side::Buy, Qty(5), OrderType::Limit { price: Price(1) });
        order.client_order_id = named.map(client);
        orders.hear(&Command::PlaceOrder(order));
        orders.learn(&Event::OrderAccepted(OrderAccepted {
            order: OrderId(u64::from(id)),
            account,
            book: BookId(id),
            instrument,
            side: Side::Buy,
            qty: Qty(5),
        }));
    }
    orders
}
