//! Rows to test with.

use data::{Kind, Shelf, TradeRow};
use model::{Grid, Money, Price, Qty, Side, Symbol, Time};

pub const DAY_NS: i64 = 86_400_000_000_000;

pub fn grid(tick: &str, lot: &str) -> Grid {
    Grid { tick: Money::parse(tick).expect("a tick"), lot: Money::parse(lot).expect("a lot") }
}

pub fn shelf(instrument: &str, kind: &str) -> Shelf {
    let kind: Kind = kind.parse().expect("a kind");
    Shelf { instrument: Symbol::new(instrument).expect("a symbol"), kind }
}

pub fn trade(time_ns: i64, id: i64) -> TradeRow {
    TradeRow {
        time: Time(time_ns),
        venue_time: (id % 3 == 0).then_some(Time(time_ns - 5)),
        price: Price(6_000_000 + id % 97),
        qty: Qty(1 + id % 13),
        aggressor: [None, Some(Side::Buy), Some(Side::Sell)][usize::try_from(id % 3).expect("an id")],
        id: Some(id),
    }
}
