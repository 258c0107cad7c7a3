//! Markets: what is traded, at what prices, and what was. The present comes from the engine, the past from the
//! archive.

use crate::auth::Power;
use crate::call::{Call, Outcome, ok};
use crate::decimal::Decimal;
use crate::order::list::span;
use crate::order::view::{price_text, qty_text};
use crate::problem::Problem;
use crate::route::{Need, Route};
use axum::http::Method;
use engine::Engine;
use model::line::Worded;
use model::{Directory, Grid, InstrumentId, Side};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Levels of a book, if nothing else is said, and at the most.
const LEVELS: usize = 20;
const LEVELS_MAX: usize = 1000;

/// What is traded.
#[derive(Serialize, ToSchema)]
struct SymbolView {
    symbol: String,
    class: &'static str,
    base: Option<String>,
    quote: String,
    state: &'static str,
    tick: Decimal,
    lot: Decimal,
    min_quantity: Decimal,
    max_quantity: Decimal,
    min_notional: Decimal,
    multiplier: Decimal,
}

/// Which market; all, if none is named.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TickerQuery {
    symbol: Option<String>,
}

/// A market now.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct Ticker {
    symbol: String,
    state: &'static str,
    bid_price: Option<Decimal>,
    bid_quantity: Option<Decimal>,
    ask_price: Option<Decimal>,
    ask_quantity: Option<Decimal>,
    last_price: Option<Decimal>,
    mark_price: Option<Decimal>,
}

/// Which book, and how deep.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct BookQuery {
    symbol: String,
    /// Levels of each side: 1 to 1000; 20 if not said.
    depth: Option<usize>,
}

/// A book: each level is price and quantity, the best first.
#[derive(Serialize, ToSchema)]
struct BookView {
    symbol: String,
    /// The record that it is the book after.
    seq: u64,
    #[schema(value_type = Vec<Vec<String>>)]
    bids: Vec<[String; 2]>,
    #[schema(value_type = Vec<Vec<String>>)]
    asks: Vec<[String; 2]>,
}

/// Which bars.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct BarQuery {
    symbol: String,
    /// 1m, 5m, 15m, 30m, 1h, 4h, 12h or 1d; 1m if not said.
    timeframe: Option<String>,
    exchange: Option<String>,
    from: Option<String>,
    to: Option<String>,
    limit: Option<usize>,
}

/// A bar.
#[derive(Serialize, ToSchema)]
struct BarView {
    time: String,
    open: Decimal,
    high: Decimal,
    low: Decimal,
    close: Decimal,
    volume: Decimal,
    quote_volume: Option<Decimal>,
    trades: Option<i64>,
}

/// Which part of the tape.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TapeQuery {
    symbol: String,
    from: Option<String>,
    to: Option<String>,
    limit: Option<u32>,
}

/// A trade of the market.
#[derive(Serialize, ToSchema)]
struct TickView {
    id: String,
    price: Decimal,
    quantity: Decimal,
    /// Of who took.
    side: String,
    timestamp: String,
}

impl Ticker {
    pub(crate) fn symbol(&self) -> &str {
        &self.symbol
    }
}

pub(crate) fn routes() -> Vec<Route> {
    let read = Need::Power(Power::Read);
    let get = |path, summary, run: fn(Call) -> crate::route::Running| {
        Route::new(Method::GET, path, read, summary, run)
    };
    vec![
        get("/api/v1/market-data/symbols", "What is traded", |call| Box::pin(symbols(call)))
            .lists::<SymbolView>(),
        get("/api/v1/market-data/ticker", "Markets now", |call| Box::pin(ticker(call)))
            .query::<TickerQuery>()
            .lists::<Ticker>()
            .refuses(&[404]),
        get("/api/v1/market-data/ohlcv", "Bars, the first first", |call| Box::pin(bars(call)))
            .query::<BarQuery>()
            .lists::<BarView>()
            .refuses(&[404]),
        get("/api/v1/market-data/trades", "The tape, the newest first", |call| Box::pin(tape(call)))
            .query::<TapeQuery>()
            .lists::<TickView>()
            .refuses(&[404]),
        get("/api/v1/market-data/orderbook", "The book", |call| Box::pin(book(call)))
            .query::<BookQuery>()
            .gives::<BookView>()
            .refuses(&[404]),
    ]
}

async fn symbols(call: Call) -> Outcome {
    let views = call.desk.door.look(|engine| {
        let text = |asset: model::AssetId| {
            engine.assets().get(asset.0 as usize).map(ToString::to_string).unwrap_or_default()
        };
        let view = |listing: &model::Instrument| {
            let grid = Grid { tick: listing.tick, lot: listing.lot };
            SymbolView {
                symbol: listing.symbol.to_string(),
                class: listing.class.word(),
                base: listing.base.map(text),
                quote: text(listing.quote),
                state: listing.state.word(),
                tick: Decimal(listing.tick.to_string()),
                lot: Decimal(listing.lot.to_string()),
                min_quantity: qty_text(listing.qty_min, grid),
                max_quantity: qty_text(listing.qty_max, grid),
                min_notional: Decimal(listing.notional_min.to_string()),
                multiplier: Decimal(listing.multiplier.to_string()),
            }
        };
        engine.instruments().map(view).collect::<Vec<_>>()
    });
    ok(&views.await?)
}

/// A symbol's instrument and grid.
pub(crate) async fn find(call: &Call, symbol: &str) -> Result<(InstrumentId, Grid), Problem> {
    let names = call.desk.names_with(|names| names.instrument_named(symbol).is_some()).await;
    let found = names.instrument_named(symbol).and_then(|id| Some((id, names.grid(id)?)));
    found.ok_or_else(|| Problem::not_found("symbol"))
}

/// A market as it is: our own best prices, or what was quoted from outside where our book is empty.
pub(crate) fn ticker_of(engine: &Engine, instrument: InstrumentId, grid: Grid) -> Option<Ticker> {
    let listing = engine.instrument(instrument)?;
    let quote = engine.quote(instrument);
    let best = |side| {
        let own = engine.levels(instrument, side).next().map(|level| (level.price, level.qty));
        let quoted = quote.and_then(|quote| if side == Side::Buy { quote.bid } else { quote.ask });
        own.or_else(|| quoted.map(|level| (level.price, level.qty)))
    };
    let (bid, ask) = (best(Side::Buy), best(Side::Sell));
    Some(Ticker {
        symbol: listing.symbol.to_string(),
        state: listing.state.word(),
        bid_price: bid.map(|(price, _)| price_text(price, grid)),
        bid_quantity: bid.map(|(_, qty)| qty_text(qty, grid)),
        ask_price: ask.map(|(price, _)| price_text(price, grid)),
        ask_quantity: ask.map(|(_, qty)| qty_text(qty, grid)),
        last_price: engine.last(instrument).map(|price| price_text(price, grid)),
        mark_price: engine.mark(instrument).map(|price| price_text(price, grid)),
    })
}

async fn ticker(call: Call) -> Outcome {
    let query: TickerQuery = call.query()?;
    let wanted: Vec<(InstrumentId, Grid)> = match &query.symbol {
        Some(symbol) => vec![find(&call, symbol).await?],
        None => {
            let names: std::sync::Arc<Directory> = call.desk.names.now();
            names.instruments().map(|(id, listed)| (id, listed.grid)).collect()
        }
    };
    let tickers = call.desk.door.look(move |engine| {
        wanted.iter().filter_map(|(id, grid)| ticker_of(engine, *id, *grid)).collect::<Vec<_>>()
    });
    ok(&tickers.await?)
}

async fn book(call: Call) -> Outcome {
    let query: BookQuery = call.query()?;
    let (instrument, grid) = find(&call, &query.symbol).await?;
    let depth = query.depth.unwrap_or(LEVELS).clamp(1, LEVELS_MAX);
    let looked = call.desk.door.look(move |engine| {
        let side = |side| {
            let levels = engine.levels(instrument, side).take(depth);
            levels
                .map(|level| [price_text(level.price, grid).0, qty_text(level.qty, grid).0])
                .collect::<Vec<_>>()
        };
        (engine.seq(), side(Side::Buy), side(Side::Sell))
    });
    let (seq, bids, asks) = looked.await?;
    ok(&BookView { symbol: query.symbol, seq, bids, asks })
}

async fn bars(call: Call) -> Outcome {
    let query: BarQuery = call.query()?;
    find(&call, &query.symbol).await?;
    let span = span(query.from.as_deref(), query.to.as_deref())?;
    let limit = query.limit.unwrap_or(100).clamp(1, 1000);
    call.desk.archived().await;
    let bars = call.desk.ask(move |store| {
        let timeframe = query.timeframe.as_deref().unwrap_or("1m");
        store.bars(&query.symbol, query.exchange.as_deref(), timeframe, (span, limit))
    });
    let text = |money: model::Money| Decimal(money.to_string());
    let views = bars.await?.into_iter().map(|bar| BarView {
        time: bar.time.to_string(),
        open: text(bar.open_price),
        high: text(bar.high_price),
        low: text(bar.low_price),
        close: text(bar.close_price),
        volume: text(bar.volume),
        quote_volume: bar.quote_volume.map(text),
        trades: bar.trades_count,
    });
    ok(&views.collect::<Vec<_>>())
}

async fn tape(call: Call) -> Outcome {
    let query: TapeQuery = call.query()?;
    find(&call, &query.symbol).await?;
    let span = span(query.from.as_deref(), query.to.as_deref())?;
    let limit = query.limit.unwrap_or(50).clamp(1, 1000);
    call.desk.archived().await;
    let ticks = call.desk.ask(move |store| store.tape(&query.symbol, span, limit)).await?;
    let views = ticks.into_iter().map(|tick| TickView {
        id: tick.id.to_string(),
        price: crate::trade::decimal(&tick.price),
        quantity: crate::trade::decimal(&tick.quantity),
        side: tick.side.to_lowercase(),
        timestamp: tick.timestamp.to_string(),
    });
    ok(&views.collect::<Vec<_>>())
}
