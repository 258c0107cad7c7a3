//! The answers to `show` lines, read off the engine between two commands. Whoever answers them, a server or a
//! scenario, answers from here. Absent: text, which is the line language's.

use engine::Engine;
use model::line::{Answer, Depth, Query, Working, Worth};
use model::{AccountId, AssetId, BookId, InstrumentId, Money, OrderFilter, OrderId, Qty, Side};

/// Orders told at once.
const PAGE: usize = 1000;

/// The engine's answer to a query.
#[must_use]
pub fn show(engine: &Engine, query: &Query) -> Answer {
    match *query {
        Query::Book { instrument } => book(engine, instrument),
        Query::Balance { account, asset } => balance(engine, account, asset),
        Query::Position { account, instrument, book } => position(engine, account, instrument, book),
        Query::Orders { account, after } => orders(engine, account, after),
        Query::Equity { account } => equity(engine, account),
        Query::Alerts => Answer::Alerts(engine.alerts().to_vec()),
    }
}

fn book(engine: &Engine, instrument: InstrumentId) -> Answer {
    let side = |side| engine.levels(instrument, side).map(|at| Depth { price: at.price, qty: at.qty });
    Answer::Book { bids: side(Side::Buy).collect(), asks: side(Side::Sell).collect() }
}

fn balance(engine: &Engine, account: AccountId, asset: AssetId) -> Answer {
    let balance = engine.balance(account, asset);
    let (total, locked) = balance.map_or((Money::ZERO, Money::ZERO), |at| (at.total, at.locked));
    let available = engine.available(account, asset);
    Answer::Balance { total, available, locked }
}

fn equity(engine: &Engine, account: AccountId) -> Answer {
    let currency = engine.accounts().get(account.0 as usize).map_or(AssetId(0), |account| account.currency);
    Answer::Equity(Worth { currency, equity: engine.equity(account), margins: engine.margins(account) })
}

/// Of one book, or the account's own net with what its books realised and paid.
fn position(engine: &Engine, account: AccountId, instrument: InstrumentId, book: Option<BookId>) -> Answer {
    let books = (0..)
        .map(BookId)
        .zip(engine.books())
        .filter(|(id, of)| of.account == account && book.is_none_or(|asked| asked == *id));
    let (mut qty, mut cost, mut realised, mut fees) = (0i64, 0i128, 0i128, 0i128);
    for held in books.filter_map(|(id, _)| engine.holding(id, instrument)) {
        qty = qty.saturating_add(held.qty.0);
        cost = cost.saturating_add(held.cost.0);
        realised = realised.saturating_add(held.realised.0);
        fees = fees.saturating_add(held.fees.0);
    }
    if let (None, Some(exposure)) = (book, engine.exposure(account, instrument)) {
        (qty, cost) = (exposure.qty.0, exposure.cost.0);
    }
    Answer::Position { qty: Qty(qty), cost: Money(cost), realised: Money(realised), fees: Money(fees) }
}

/// A page of the account's orders.
fn orders(engine: &Engine, account: AccountId, after: Option<OrderId>) -> Answer {
    let filter = OrderFilter { account: Some(account), ..OrderFilter::default() };
    let mut page = engine.open_orders_after(&filter, after, PAGE + 1);
    let more = page.len() > PAGE;
    page.truncate(PAGE);
    let working = page.into_iter().map(|order| Working {
        order: order.id,
        instrument: order.instrument,
        side: order.side,
        qty: order.qty,
        filled: Qty(order.qty.0 - order.left.0),
        price: order.price,
        trigger: order.trigger,
        status: order.status,
    });
    Answer::Orders { page: working.collect(), more }
}
