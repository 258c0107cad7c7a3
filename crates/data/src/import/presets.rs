//! Mappings for files that many people have: the public dumps of Binance, and what freqtrade and nautilus keep.

use super::mapping::{Mapping, Values};
use super::time::TimeUnit;

impl Mapping {
    /// Binance's public dumps of klines, spot and futures.
    #[must_use]
    pub fn binance_klines() -> Self {
        let fields = [("time", 0), ("open", 1), ("high", 2), ("low", 3), ("close", 4), ("volume", 5)];
        let mut mapping = Self::numbered(&fields);
        mapping.columns.extend([("end".to_owned(), "6".to_owned()), ("trades".to_owned(), "8".to_owned())]);
        mapping
    }

    /// Binance's public dumps of trades. The maker's side is told, so the taker's is the other.
    #[must_use]
    pub fn binance_trades() -> Self {
        let fields = [("id", 0), ("price", 1), ("qty", 2), ("time", 4), ("aggressor", 5)];
        Self { values: buyer_is_maker(), ..Self::numbered(&fields) }
    }

    #[must_use]
    pub fn binance_agg_trades() -> Self {
        let fields = [("id", 0), ("price", 1), ("qty", 2), ("time", 5), ("aggressor", 6)];
        Self { values: buyer_is_maker(), ..Self::numbered(&fields) }
    }

    /// Binance's dumps of the best bid and ask of its futures.
    #[must_use]
    pub fn binance_book_ticker() -> Self {
        let fields = [("bid", 1), ("bid_qty", 2), ("ask", 3), ("ask_qty", 4), ("time", 6), ("venue_time", 5)];
        Self::numbered(&fields)
    }

    /// Binance's dumps of changes of depth: `symbol,timestamp,first_update_id,last_update_id,side,update_type,
    /// price,qty,pu`. A row names its event only; which is the last of one shows where the next begins.
    #[must_use]
    pub fn binance_depth() -> Self {
        let fields = [
            ("time", 1),
            ("sequence", 3),
            ("side", 4),
            ("snapshot", 5),
            ("price", 6),
            ("qty", 7),
            ("previous", 8),
        ];
        Self::numbered(&fields)
    }

    /// Candles of freqtrade, `BTC_USDT-5m.feather`; `length` is that of its name.
    #[must_use]
    pub fn freqtrade_candles(length: &str) -> Self {
        let fields = ["open", "high", "low", "close", "volume"];
        let mut mapping = Self::named(&fields.map(|name| (name, name)));
        mapping.columns.insert("time".to_owned(), "date".to_owned());
        mapping.length = Some(length.to_owned());
        mapping
    }

    /// Trades of freqtrade, `BTC_USDT-trades.feather`.
    #[must_use]
    pub fn freqtrade_trades() -> Self {
        let fields = [
            ("time", "timestamp"),
            ("price", "price"),
            ("qty", "amount"),
            ("aggressor", "side"),
            ("id", "id"),
        ];
        let mut mapping = Self::named(&fields);
        mapping.time.unit = TimeUnit::Ms;
        mapping
    }

    /// Bars of nautilus, named there by when they end; `length` is what its type says.
    #[must_use]
    pub fn nautilus_bars(length: &str) -> Self {
        let fields = ["open", "high", "low", "close", "volume"];
        let mut mapping = Self::named(&fields.map(|name| (name, name)));
        mapping.columns.insert("time".to_owned(), "ts_event".to_owned());
        mapping.length = Some(length.to_owned());
        mapping.time.unit = TimeUnit::Ns;
        mapping.time.shift = Some(format!("-{length}"));
        mapping
    }

    #[must_use]
    pub fn nautilus_quotes() -> Self {
        let fields =
            [("bid", "bid_price"), ("ask", "ask_price"), ("bid_qty", "bid_size"), ("ask_qty", "ask_size")];
        Self::nautilus(&fields)
    }

    /// Trade numbers of nautilus are text that need not be a number, so they stay behind.
    #[must_use]
    pub fn nautilus_trades() -> Self {
        Self::nautilus(&[("price", "price"), ("qty", "size"), ("aggressor", "aggressor_side")])
    }

    /// Changes of a book by single orders.
    #[must_use]
    pub fn nautilus_orders() -> Self {
        let fields =
            [("deed", "action"), ("id", "order_id"), ("side", "side"), ("price", "price"), ("qty", "size")];
        Self::nautilus(&fields)
    }

    /// Times are those at which the recorder knew, and the venue's beside them.
    fn nautilus(fields: &[(&str, &str)]) -> Self {
        let mut mapping = Self::named(fields);
        mapping.columns.insert("time".to_owned(), "ts_init".to_owned());
        mapping.columns.insert("venue_time".to_owned(), "ts_event".to_owned());
        mapping.time.unit = TimeUnit::Ns;
        let list = |name: &str| vec![name.to_owned()];
        mapping.values = Values { buy: list("1"), sell: list("2"), none: list("0") };
        mapping
    }

    /// Fields by the name of their column.
    #[must_use]
    pub fn named(fields: &[(&str, &str)]) -> Self {
        let own = |(field, column): &(&str, &str)| ((*field).to_owned(), (*column).to_owned());
        Self { columns: fields.iter().map(own).collect(), ..Self::default() }
    }
}

fn buyer_is_maker() -> Values {
    let list = |names: [&str; 2]| names.map(str::to_owned).to_vec();
    Values { buy: list(["false", "False"]), sell: list(["true", "True"]), none: Vec::new() }
}
