//! Rows of the market's smallest moves: trades, quotes, levels of depth, single orders.

use super::{Column, Form, Kind, Put, Row, Take};
use model::{Level, Price, Qty, Side, Time};

/// A trade of others.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TradeRow {
    pub time: Time,
    pub venue_time: Option<Time>,
    pub price: Price,
    pub qty: Qty,
    /// Who took; none where the source does not say.
    pub aggressor: Option<Side>,
    /// The venue's number of the trade.
    pub id: Option<i64>,
}

/// The best bid and ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuoteRow {
    pub time: Time,
    pub venue_time: Option<Time>,
    pub bid: Option<Level>,
    pub ask: Option<Level>,
}

/// One level of a change of depth, or an event without any.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DepthRow {
    pub time: Time,
    pub venue_time: Option<Time>,
    /// The venue's number of the event, and of the one it continues.
    pub sequence: i64,
    pub previous: i64,
    /// The event says the whole book; what was before is gone.
    pub snapshot: bool,
    /// The last row of its event: the book is whole again after it.
    pub last: bool,
    pub change: Option<DepthChange>,
}

/// A level as it is now; quantity zero removes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DepthChange {
    pub side: Side,
    pub price: Price,
    pub qty: Qty,
}

/// What happened to one order of a venue's book.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OrderRow {
    pub time: Time,
    pub venue_time: Option<Time>,
    pub deed: OrderDeed,
    pub id: i64,
    pub side: Side,
    pub price: Price,
    pub qty: Qty,
    /// The last row of its packet.
    pub last: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OrderDeed {
    Add,
    /// `qty` of it is taken away.
    Reduce,
    Delete,
    /// `qty` of it traded.
    Execute,
    /// It is as this row says now.
    Modify,
    /// A trade that changes no order in the book.
    Trade,
    /// All orders are gone.
    Clear,
    Halt,
    Resume,
}

const DEEDS: [OrderDeed; 9] = [
    OrderDeed::Add,
    OrderDeed::Reduce,
    OrderDeed::Delete,
    OrderDeed::Execute,
    OrderDeed::Modify,
    OrderDeed::Trade,
    OrderDeed::Clear,
    OrderDeed::Halt,
    OrderDeed::Resume,
];

impl Row for TradeRow {
    const COLUMNS: &'static [Column] = &[
        Column::new("time", Form::Time),
        Column::maybe("venue_time", Form::Time),
        Column::new("price", Form::Int),
        Column::new("qty", Form::Int),
        Column::maybe("aggressor", Form::Int),
        Column::maybe("id", Form::Int),
    ];

    fn fits(kind: &Kind) -> bool {
        *kind == Kind::Trades
    }

    fn time(&self) -> Time {
        self.time
    }

    fn put(&self, cells: &mut Put) {
        cells.int(self.time.0);
        cells.maybe_int(self.venue_time.map(|time| time.0));
        cells.int(self.price.0);
        cells.int(self.qty.0);
        cells.maybe_int(self.aggressor.map(Side::sign));
        cells.maybe_int(self.id);
    }

    fn take(cells: &mut Take<'_>) -> Option<Self> {
        Some(Self {
            time: Time(cells.int()),
            venue_time: cells.maybe_int().map(Time),
            price: Price(cells.int()),
            qty: Qty(cells.int()),
            aggressor: cells.maybe_int().map(|sign| side(sign).ok_or(())).transpose().ok()?,
            id: cells.maybe_int(),
        })
    }
}

impl Row for QuoteRow {
    const COLUMNS: &'static [Column] = &[
        Column::new("time", Form::Time),
        Column::maybe("venue_time", Form::Time),
        Column::maybe("bid", Form::Int),
        Column::maybe("bid_qty", Form::Int),
        Column::maybe("ask", Form::Int),
        Column::maybe("ask_qty", Form::Int),
    ];

    fn fits(kind: &Kind) -> bool {
        *kind == Kind::Quotes
    }

    fn time(&self) -> Time {
        self.time
    }

    fn put(&self, cells: &mut Put) {
        cells.int(self.time.0);
        cells.maybe_int(self.venue_time.map(|time| time.0));
        for level in [self.bid, self.ask] {
            cells.maybe_int(level.map(|level| level.price.0));
            cells.maybe_int(level.map(|level| level.qty.0));
        }
    }

    fn take(cells: &mut Take<'_>) -> Option<Self> {
        let time = Time(cells.int());
        let venue_time = cells.maybe_int().map(Time);
        Some(Self { time, venue_time, bid: take_level(cells)?, ask: take_level(cells)? })
    }
}

impl std::hash::Hash for QuoteRow {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        let level = |level: Option<Level>| level.map(|level| (level.price, level.qty));
        (self.time, self.venue_time, level(self.bid), level(self.ask)).hash(state);
    }
}

impl Row for DepthRow {
    const COLUMNS: &'static [Column] = &[
        Column::new("time", Form::Time),
        Column::maybe("venue_time", Form::Time),
        Column::new("sequence", Form::Int),
        Column::new("previous", Form::Int),
        Column::new("flags", Form::Int),
        Column::maybe("side", Form::Int),
        Column::maybe("price", Form::Int),
        Column::maybe("qty", Form::Int),
    ];

    fn fits(kind: &Kind) -> bool {
        *kind == Kind::Depth
    }

    fn time(&self) -> Time {
        self.time
    }

    fn put(&self, cells: &mut Put) {
        cells.int(self.time.0);
        cells.maybe_int(self.venue_time.map(|time| time.0));
        cells.int(self.sequence);
        cells.int(self.previous);
        cells.int(i64::from(self.snapshot) | i64::from(self.last) << 1);
        cells.maybe_int(self.change.map(|change| change.side.sign()));
        cells.maybe_int(self.change.map(|change| change.price.0));
        cells.maybe_int(self.change.map(|change| change.qty.0));
    }

    fn take(cells: &mut Take<'_>) -> Option<Self> {
        let time = Time(cells.int());
        let venue_time = cells.maybe_int().map(Time);
        let (sequence, previous, flags) = (cells.int(), cells.int(), cells.int());
        let change = match (cells.maybe_int(), cells.maybe_int(), cells.maybe_int()) {
            (Some(sign), Some(price), Some(qty)) => {
                Some(DepthChange { side: side(sign)?, price: Price(price), qty: Qty(qty) })
            }
            (None, None, None) => None,
            _ => return None,
        };
        let (snapshot, last) = (flags & 1 != 0, flags & 2 != 0);
        (flags & !3 == 0).then_some(Self { time, venue_time, sequence, previous, snapshot, last, change })
    }
}

impl Row for OrderRow {
    const COLUMNS: &'static [Column] = &[
        Column::new("time", Form::Time),
        Column::maybe("venue_time", Form::Time),
        Column::new("deed", Form::Int),
        Column::new("id", Form::Int),
        Column::new("side", Form::Int),
        Column::new("price", Form::Int),
        Column::new("qty", Form::Int),
        Column::new("last", Form::Int),
    ];

    fn fits(kind: &Kind) -> bool {
        *kind == Kind::Orders
    }

    fn time(&self) -> Time {
        self.time
    }

    fn put(&self, cells: &mut Put) {
        let deed = DEEDS.iter().zip(0i64..).find(|(deed, _)| **deed == self.deed);
        cells.int(self.time.0);
        cells.maybe_int(self.venue_time.map(|time| time.0));
        cells.int(deed.map_or(0, |(_, number)| number));
        cells.int(self.id);
        cells.int(self.side.sign());
        cells.int(self.price.0);
        cells.int(self.qty.0);
        cells.int(i64::from(self.last));
    }

    fn take(cells: &mut Take<'_>) -> Option<Self> {
        Some(Self {
            time: Time(cells.int()),
            venue_time: cells.maybe_int().map(Time),
            deed: *DEEDS.get(usize::try_from(cells.int()).ok()?)?,
            id: cells.int(),
            side: side(cells.int())?,
            price: Price(cells.int()),
            qty: Qty(cells.int()),
            last: cells.int() != 0,
        })
    }
}

/// The outer none is a cell no row puts; the inner one a side without a quote.
#[expect(clippy::option_option, reason = "a missing side and a broken row are two things")]
fn take_level(cells: &mut Take<'_>) -> Option<Option<Level>> {
    match (cells.maybe_int(), cells.maybe_int()) {
        (Some(price), Some(qty)) => Some(Some(Level { price: Price(price), qty: Qty(qty) })),
        (None, None) => Some(None),
        _ => None,
    }
}

fn side(sign: i64) -> Option<Side> {
    [Side::Buy, Side::Sell].into_iter().find(|side| side.sign() == sign)
}
