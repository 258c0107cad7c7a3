//! The state, from the tables. What is open, held and owned is all there: a projector that starts again goes on
//! as if it had never stopped.

use super::bars::{Bar, FRAMES, start_of};
use super::ledger::{Balance, Holder, Holding, Position};
use super::market::Market;
use super::metrics::{DAY_NS, Past, day_of};
use super::order::{More, Order};
use super::state::{Account, Algo, State, Venue};
use super::words;
use crate::database::Database;
use crate::decimal::Decimal;
use crate::error::{Result, StoreError};
use crate::value::Reader;
use model::{
    AccountId, AlgoId, AssetId, BookId, GroupId, InstrumentId, Level, Money, Name, OrderId, Price, Qty, Rate,
    Side, Time, UserId, VenueId,
};

pub(crate) const CURSOR: &str = "SELECT seq, time FROM projection WHERE name = 'archive'";
const BARS: &str = "SELECT symbol, exchange, open_price, high_price, low_price, close_price, volume, quote_volume, \
     trades_count, timeframe, time FROM market_data WHERE (time = $1 AND timeframe = '1m') OR (time = $2 AND \
     timeframe = '1h') OR (time = $3 AND timeframe = '1d')";
const FLOWS: &str = "SELECT t.account_id, b.asset_id, t.amount FROM transfers t JOIN account_balances b ON \
     b.account_id = t.account_id AND b.asset = t.asset WHERE t.time >= $1 AND \
     t.kind <> 'fee'";

/// Orders at outside venues are known until a day after their end.
const ENDED_OUTSIDE: &str = "SELECT o.id, o.user_id, o.account_id, o.book_id, o.instrument_id, o.side, \
     o.client_order_id, o.lots, o.filled_lots, o.filled_value, o.fee, o.status, o.rest_ticks, o.algo_id, o.group_id, \
     o.price, o.stop_price, o.display_quantity, o.time_in_force, o.expires_at, o.change_ticks, o.change_lots, \
     o.change_sent, o.updated_at, o.reason FROM orders o JOIN instruments i ON i.id = o.instrument_id JOIN venues v ON v.id = i.venue_id \
     WHERE v.kind = 'outside' AND o.updated_at >= $1 AND o.status IN ('FILLED', 'CANCELLED', 'EXPIRED', 'REJECTED') \
     ORDER BY o.updated_at, o.id";

pub(crate) const LOADS: [&str; 13] = [
    "SELECT id, code FROM assets",
    "SELECT id, name, kind FROM venues",
    "SELECT id, user_id, account_type, currency_id FROM accounts",
    "SELECT id, symbol, exchange, venue_id, base_id, quote_id, tick, lot, multiplier, class, margin_initial, maker_fee, \
     taker_fee, state, last_ticks, mark_ticks, bid_price, bid_quantity, ask_price, ask_quantity FROM instruments",
    "SELECT id, order_id, done_lots FROM algos WHERE ended_at IS NULL",
    "SELECT account_id, asset_id, total_balance, locked_balance FROM account_balances",
    "SELECT account_id, instrument_id, lots, cost, realized_pnl, fees FROM positions",
    "SELECT account_id, book_id, instrument_id, lots, cost, realized_pnl, fees FROM book_positions",
    "SELECT id, user_id, account_id, book_id, instrument_id, side, client_order_id, lots, filled_lots, \
     filled_value, fee, status, rest_ticks, algo_id, group_id, price, stop_price, display_quantity, \
     time_in_force, expires_at, change_ticks, change_lots, change_sent FROM orders WHERE status IN ('ACCEPTED', \
     'HELD', 'OPEN', 'PARTIALLY_FILLED', 'PENDING_NEW', 'PENDING_CANCEL', 'PENDING_REPLACE', 'UNKNOWN')",
    ENDED_OUTSIDE,
    BARS,
    "SELECT account_id, total_value, net_deposits, cumulative_return FROM portfolio_metrics m WHERE time = \
     (SELECT MAX(time) FROM portfolio_metrics n WHERE n.account_id = m.account_id)",
    FLOWS,
];

/// Place by place, what takes the rows of `LOADS`.
const TAKES: [fn(&mut State, &mut Reader) -> Result<()>; 13] = [
    take_asset,
    take_venue,
    take_account,
    take_market,
    take_algo,
    take_balance,
    take_position,
    take_holding,
    take_order,
    take_ended,
    take_bar,
    take_past,
    take_flow,
];

impl State {
    pub(super) fn load(database: &mut Database) -> Result<Self> {
        let mut state = Self::default();
        let cursor = database.query_one(CURSOR, &[])?.ok_or(StoreError::NotFound { what: "cursor" })?;
        let mut cursor = cursor.reader();
        (state.now.seq, state.now.time) = (cursor.take()?, cursor.take()?);
        if state.now.seq == 0 {
            state.now.time = Time::MIN;
            return Ok(state);
        }
        let today = day_of(state.now.time);
        state.metrics.day = Some(today);
        for (sql, take) in LOADS.iter().zip(TAKES) {
            let values = match *sql {
                BARS => FRAMES.iter().map(|(_, length)| start_of(state.now.time, *length).into()).collect(),
                FLOWS => vec![Time(today.saturating_mul(DAY_NS)).into()],
                ENDED_OUTSIDE => vec![state.now.time.saturating_add_ns(-DAY_NS).into()],
                _ => Vec::new(),
            };
            for row in database.query(sql, &values)? {
                take(&mut state, &mut row.reader())?;
            }
        }
        state.recall().ok_or(impossible(&state))?;
        Ok(state)
    }

    /// What resting orders and positions have locked as margin is in the balances; here it is counted again.
    fn recall(&mut self) -> Option<()> {
        let resting: Vec<(Holder, super::ledger::Resting)> =
            self.orders.values().filter_map(|order| Some((order.holder, order.resting()?))).collect();
        let held: Vec<(AccountId, InstrumentId)> = self.ledger.positions.iter().map(|(key, _)| key).collect();
        for (holder, resting) in resting {
            let market = self.markets.get(holder.instrument)?.as_deref()?;
            self.ledger.recall(&holder, market, Some(&resting))?;
        }
        for (account, instrument) in held {
            let holder = self.holder(account, BookId(0), instrument)?;
            let market = self.markets.get(instrument)?.as_deref()?;
            self.ledger.recall(&holder, market, None)?;
        }
        Some(())
    }
}

fn impossible(state: &State) -> StoreError {
    StoreError::Unfounded { seq: state.now.seq, what: "the tables do not fit each other: rebuild them" }
}

fn rate_of(money: Money) -> Rate {
    Rate(i64::try_from(money.0 / 1_000_000_000).unwrap_or(0))
}

fn take_asset(state: &mut State, row: &mut Reader) -> Result<()> {
    state.assets.insert(AssetId(row.take()?), row.take::<Name>()?);
    Ok(())
}

fn take_venue(state: &mut State, row: &mut Reader) -> Result<()> {
    let id = u16::try_from(row.take::<u32>()?).or(Err(impossible(state)))?;
    let name = row.take::<Name>()?;
    let outside = row.take::<String>()? == "outside";
    state.venues.insert(VenueId(id), Venue { name, outside });
    Ok(())
}

fn take_account(state: &mut State, row: &mut Reader) -> Result<()> {
    let id = AccountId(row.take()?);
    let user = UserId(row.take()?);
    let on_margin = row.take::<String>()? != "spot";
    state.accounts.insert(id, Account { user, on_margin, currency: AssetId(row.take()?) });
    Ok(())
}

fn take_market(state: &mut State, row: &mut Reader) -> Result<()> {
    let id = InstrumentId(row.take()?);
    let (symbol, exchange) = (row.take()?, row.take()?);
    let venue = VenueId(u16::try_from(row.take::<u32>()?).or(Err(impossible(state)))?);
    let outside = state.venues.get(&venue).is_some_and(|venue| venue.outside);
    let (base, quote) = (row.take::<Option<u32>>()?.map(AssetId), AssetId(row.take()?));
    let (tick, lot, multiplier) = (row.take()?, row.take()?, row.take()?);
    let each = Market::each_of(tick, lot, multiplier).ok_or_else(|| impossible(state))?;
    let class = row.take::<String>()?;
    let delivered = ["spot", "equity", "etf", "fx"].contains(&class.as_str());
    let (initial, maker, taker) = (rate_of(row.take()?), rate_of(row.take()?), rate_of(row.take()?));
    let word = row.take::<String>()?;
    let state_word = words::INSTRUMENT_STATES.iter().find(|known| **known == word).copied();
    let price = |ticks: Option<i64>| ticks.map(Price);
    let (last, mark) = (price(row.take()?), price(row.take()?));
    let level = |row: &mut Reader| -> Result<Option<Level>> {
        let (price, qty) = (row.take::<Option<Money>>()?, row.take::<Option<Money>>()?);
        let level = price.zip(qty).and_then(|(price, qty)| {
            Some(Level { price: Price(price.steps_of(tick).ok()?), qty: Qty(qty.steps_of(lot).ok()?) })
        });
        Ok(level)
    };
    let (bid, ask) = (level(row)?, level(row)?);
    let market = Market {
        symbol,
        exchange,
        venue,
        outside,
        base,
        quote,
        tick,
        lot,
        each,
        delivered,
        initial,
        maker,
        taker,
        state: state_word.ok_or_else(|| impossible(state))?,
        last,
        mark,
        bid,
        ask,
        listing: None,
    };
    state.markets.load(id, Some(Box::new(market)));
    Ok(())
}

fn take_algo(state: &mut State, row: &mut Reader) -> Result<()> {
    let id = AlgoId(row.take()?);
    let parent = OrderId(row.take()?);
    state.algos.load(id, Algo { parent, done: Qty(row.take()?), ended: None });
    Ok(())
}

fn take_balance(state: &mut State, row: &mut Reader) -> Result<()> {
    let key = (AccountId(row.take()?), AssetId(row.take()?));
    let (total, locked) = (row.take::<Money>()?.0, row.take::<Money>()?.0);
    state.ledger.balances.load(key, Balance { total, locked });
    Ok(())
}

fn position(row: &mut Reader) -> Result<Position> {
    let qty = row.take()?;
    let [cost, realised, fees] = [row.take::<Money>()?.0, row.take::<Money>()?.0, row.take::<Money>()?.0];
    Ok(Position { qty, cost, realised, fees, traded: Price(0) })
}

fn take_position(state: &mut State, row: &mut Reader) -> Result<()> {
    let key = (AccountId(row.take()?), InstrumentId(row.take()?));
    state.ledger.positions.load(key, position(row)?);
    Ok(())
}

fn take_holding(state: &mut State, row: &mut Reader) -> Result<()> {
    let account = AccountId(row.take()?);
    let key = (BookId(row.take()?), InstrumentId(row.take()?));
    state.ledger.holdings.load(key, Holding { account, position: position(row)? });
    Ok(())
}

fn take_order(state: &mut State, row: &mut Reader) -> Result<()> {
    let (id, order) = read_order(state, row)?;
    if let Some(client) = order.client {
        state.clients.insert((order.holder.account, client), id);
    }
    state.orders.insert(id, order);
    Ok(())
}

fn take_ended(state: &mut State, row: &mut Reader) -> Result<()> {
    let (id, mut order) = read_order(state, row)?;
    order.by.time = row.take()?;
    let reason = row.take::<Option<String>>()?;
    order.reason = words::CANCEL_CAUSES.iter().find(|known| Some(**known) == reason.as_deref()).copied();
    state.over.push_back((order.by.time, id));
    state.orders.insert(id, order);
    Ok(())
}

fn read_order(state: &State, row: &mut Reader) -> Result<(OrderId, Order)> {
    let id = OrderId(row.take()?);
    let user = UserId(row.take()?);
    let (account, book, instrument) =
        (AccountId(row.take()?), BookId(row.take()?), InstrumentId(row.take()?));
    let holder = state.holder(account, book, instrument).ok_or_else(|| impossible(state))?;
    let side = if row.take::<String>()? == "BUY" { Side::Buy } else { Side::Sell };
    let client = row.take()?;
    let (qty, filled) = (row.take()?, row.take()?);
    let (value, fee) = (row.take::<Money>()?.0, row.take::<Money>()?.0);
    let status = words::status_of(&row.take::<String>()?).ok_or_else(|| impossible(state))?;
    let rest = row.take::<Option<i64>>()?.map(Price);
    let algo = row.take::<Option<u64>>()?.map(AlgoId);
    let works = algo.filter(|algo| state.algos.get(*algo).is_some_and(|algo| algo.parent == id));
    let group = row.take::<Option<u64>>()?.map(GroupId);
    let [price, stop, display] = [row.take::<Option<Decimal>>()?, row.take()?, row.take()?];
    let word = row.take::<String>()?;
    let time_in_force = words::TIMES_IN_FORCE.iter().find(|known| **known == word).copied();
    let ends = row.take()?;
    let (price_then, lots_then, sent) = (row.take::<Option<i64>>()?, row.take::<Option<i64>>()?, row.take()?);
    let more = price_then.zip(lots_then).zip(sent);
    let more = more.map(|((ticks, lots), sent)| More { price: Price(ticks), lots, sent });
    let order = Order {
        holder,
        user,
        side,
        client,
        qty,
        filled,
        value,
        fee,
        status,
        rest,
        more,
        child_of: algo.filter(|_| works.is_none()),
        works,
        group,
        price,
        stop,
        display,
        time_in_force: time_in_force.ok_or_else(|| impossible(state))?,
        ends,
        reason: None,
        by: state.now,
        touched: false,
        new: None,
    };
    Ok((id, order))
}

fn take_bar(state: &mut State, row: &mut Reader) -> Result<()> {
    let (symbol, exchange) = (row.take::<String>()?, row.take::<String>()?);
    let markets = state.markets.iter().filter_map(|(id, market)| Some((id, market.as_deref()?)));
    let mut markets = markets.filter(|(_, market)| market.symbol.as_str() == symbol);
    let Some((id, market)) = markets.next() else { return Ok(()) };
    let named =
        state.venues.iter().find(|(_, known)| known.name.as_str() == exchange).map(|(venue, _)| *venue);
    let numbered = exchange.strip_prefix("venue-").and_then(|number| number.parse().ok()).map(VenueId);
    let own = (exchange == VenueId::OWN_NAME).then_some(VenueId::OWN);
    let Some(venue) = own.or(named).or(numbered) else { return Ok(()) };
    let tick = market.tick;
    let price = |amount: Money| amount.steps_of(tick).map(Price).or(Err(impossible(state)));
    let [open, high, low, close] =
        [price(row.take()?)?, price(row.take()?)?, price(row.take()?)?, price(row.take()?)?];
    let (volume, value, count) = (row.take()?, row.take()?, row.take()?);
    let (word, start) = (row.take::<String>()?, row.take()?);
    let Some(frame) = FRAMES.iter().position(|(frame, _)| *frame == word) else { return Ok(()) };
    let bar = Bar { start, open, high, low, close, volume, value, count };
    state.bars.open.load((id, venue, frame), Some(bar));
    Ok(())
}

fn take_past(state: &mut State, row: &mut Reader) -> Result<()> {
    let account = AccountId(row.take()?);
    let (value, deposits) = (row.take::<Money>()?.0, row.take::<Money>()?.0);
    let cumulative = row.take::<Money>()?.0 / 1_000_000_000_000;
    state.metrics.past.insert(account, Past { value, deposits, cumulative });
    Ok(())
}

fn take_flow(state: &mut State, row: &mut Reader) -> Result<()> {
    let (account, asset) = (AccountId(row.take()?), AssetId(row.take()?));
    let amount = row.take::<Money>()?.0;
    state.metrics.flow(account, asset, amount).ok_or_else(|| impossible(state))
}
