//! Market data: bars of any of the usual lengths, and the tape of our own trades.

use super::{Select, Span, rows};
use crate::decimal::Decimal;
use crate::error::{Result, StoreError};
use crate::pool::Store;
use crate::project::{MINUTE_NS, start_of};
use model::{Money, Time, TradeId};

rows! {
    Bar {
        time: Time, open_price: Money, high_price: Money, low_price: Money, close_price: Money, volume: Money,
        quote_volume: Option<Money>, trades_count: Option<i64>,
    }
}

rows! {
    Tick { id: TradeId, side: String, price: Decimal, quantity: Decimal, timestamp: Time }
}

/// A length that can be asked for, the one it is made of, and its minutes.
const FRAMES: [(&str, &str, i64); 8] = [
    ("1m", "1m", 1),
    ("5m", "1m", 5),
    ("15m", "1m", 15),
    ("30m", "1m", 30),
    ("1h", "1h", 60),
    ("4h", "1h", 240),
    ("12h", "1h", 720),
    ("1d", "1d", 1_440),
];
const BARS_MAX: usize = 1_000;
/// Of what they are made of.
const PARTS_MAX: usize = 30 * BARS_MAX;

impl Store {
    /// The last so many bars of a span, the first first. A time in which nothing traded has no bar.
    ///
    /// # Errors
    /// A length that is not kept; what the database says.
    pub fn bars(
        &self,
        symbol: &str,
        exchange: Option<&str>,
        timeframe: &str,
        (span, limit): (Span, usize),
    ) -> Result<Vec<Bar>> {
        let frame = FRAMES.iter().find(|(name, ..)| *name == timeframe);
        let why = "write one of 1m, 5m, 15m, 30m, 1h, 4h, 12h, 1d";
        let (_, of, minutes) = frame.ok_or(StoreError::NotAllowed { what: "timeframe", why })?;
        let mut select = Select::new(&Bar::columns(), "market_data");
        select.text("symbol", Some(symbol))?;
        select.text("exchange", exchange)?;
        select.equals("timeframe", Some(*of));
        select.within("time", span);
        select.tail(format!(" ORDER BY time DESC, exchange DESC LIMIT {PARTS_MAX}"));
        let mut parts = self.all(&select, Bar::read)?;
        let cut = parts.len() == PARTS_MAX;
        parts.reverse();
        let mut bars: Vec<Bar> = Vec::new();
        for part in parts {
            let start = start_of(part.time, minutes.saturating_mul(MINUTE_NS));
            match bars.last_mut().filter(|bar| bar.time == start) {
                Some(bar) => bar.take_in(&part),
                None => bars.push(Bar { time: start, ..part }),
            }
        }
        // The first may lack what was before the cut.
        let first = usize::from(cut && *minutes > 1);
        let skipped = bars.len().saturating_sub(limit.clamp(1, BARS_MAX)).max(first.min(bars.len()));
        Ok(bars.split_off(skipped))
    }

    /// Our own trades in a market, the newest first.
    ///
    /// # Errors
    /// What the database says.
    pub fn tape(&self, symbol: &str, span: Span, limit: u32) -> Result<Vec<Tick>> {
        let mut select = Select::new(&Tick::columns(), "trades");
        select.text("symbol", Some(symbol))?;
        select.equals("trade_type", Some("TAKER"));
        select.within("timestamp", span);
        select.tail(format!(" ORDER BY id DESC LIMIT {}", limit.clamp(1, 1_000)));
        self.all(&select, Tick::read)
    }
}

impl Bar {
    fn take_in(&mut self, later: &Self) {
        self.high_price = self.high_price.max(later.high_price);
        self.low_price = self.low_price.min(later.low_price);
        self.close_price = later.close_price;
        self.volume = Money(self.volume.0.saturating_add(later.volume.0));
        let both = self.quote_volume.zip(later.quote_volume);
        self.quote_volume = both.map(|(one, other)| Money(one.0.saturating_add(other.0)));
        let both = self.trades_count.zip(later.trades_count);
        self.trades_count = both.map(|(one, other)| one.saturating_add(other));
    }
}
