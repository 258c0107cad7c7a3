//! Accounts and what is in them: positions at the price of now, balances, money in and out, performance, alerts.

use super::{Page, Select, Span, rows};
use crate::decimal::Decimal;
use crate::error::{Result, StoreError};
use crate::pool::Store;
use crate::project::Market;
use crate::value::Row;
use model::{AccountId, AssetId, BookId, InstrumentId, Money, RuleId, Time, UserId};

rows! {
    AccountRow {
        id: AccountId, user_id: UserId, name: String, account_type: String, mode: String, exchange: String,
        currency: String, main_book_id: BookId, created_at: Time, is_active: bool, is_armed: bool,
    }
}

rows! {
    InstrumentRow {
        id: InstrumentId, symbol: String, exchange: String, class: String, base: Option<String>, quote: String,
        tick: Decimal, lot: Decimal, multiplier: Decimal, qty_min: Decimal, qty_max: Decimal,
        notional_min: Decimal, margin_initial: Decimal, margin_maintenance: Decimal, maker_fee: Decimal,
        taker_fee: Decimal, state: String, last_price: Option<Decimal>, mark_price: Option<Decimal>,
        bid_price: Option<Decimal>, bid_quantity: Option<Decimal>, ask_price: Option<Decimal>,
        ask_quantity: Option<Decimal>, updated_at: Time,
    }
}

rows! {
    /// `market_value` and `unrealized_pnl` are at the mark, or else at the last price; none where neither is known.
    PositionRow {
        account_id: AccountId, user_id: UserId, instrument_id: InstrumentId, symbol: String, lots: i64,
        quantity: Decimal, average_price: Decimal, cost: Money, market_value: Option<Decimal>,
        unrealized_pnl: Option<Decimal>, realized_pnl: Decimal, fees: Decimal, updated_at: Time,
        updated_seq: u64,
    }
}

rows! {
    BookPositionRow {
        account_id: AccountId, book_id: BookId, instrument_id: InstrumentId, symbol: String, lots: i64,
        quantity: Decimal, average_price: Decimal, cost: Decimal, realized_pnl: Decimal, fees: Decimal,
        updated_at: Time, updated_seq: u64,
    }
}

rows! {
    BalanceRow {
        account_id: AccountId, asset_id: AssetId, asset: String, total_balance: Decimal,
        available_balance: Decimal, locked_balance: Decimal, updated_at: Time, updated_seq: u64,
    }
}

rows! {
    /// Money that came, went, or was paid in a trade; the asset of a trade is its market's quote.
    LedgerRow {
        seq: i64, n: i64, time: Time, account_id: AccountId, kind: String, asset: String, amount: Decimal,
        reference: Option<String>,
    }
}

rows! {
    MetricRow {
        time: Time, user_id: UserId, account_id: AccountId, total_value: Decimal,
        unrealized_pnl: Option<Decimal>, realized_pnl: Option<Decimal>, net_deposits: Decimal,
        daily_return: Option<Decimal>, cumulative_return: Option<Decimal>,
    }
}

rows! {
    Alert {
        seq: u64, n: i64, time: Time, rule_id: RuleId, kind: String, severity: String, scope: String,
        account_id: Option<AccountId>, acknowledged_at: Option<Time>, resolved_at: Option<Time>,
        detail: Option<String>,
    }
}

const POSITIONS: &str = "positions p JOIN instruments i ON i.id = p.instrument_id";
const LEDGER: &str = "(SELECT seq, n, time, account_id, kind, asset, amount, reference FROM transfers UNION ALL \
    SELECT t.seq, t.id, t.timestamp, t.account_id, CASE t.trade_type WHEN 'MAKER' THEN 'trade_maker' ELSE 'trade_taker' END, i.quote, t.cash_change, NULL FROM trades t JOIN \
    instruments i ON i.id = t.instrument_id) entries";

impl Store {
    /// # Errors
    /// What the database says.
    pub fn accounts(&self, user: Option<UserId>) -> Result<Vec<AccountRow>> {
        let mut select = Select::new(&AccountRow::columns(), "accounts");
        select.equals("user_id", user);
        select.tail(" ORDER BY id LIMIT 10000".to_owned());
        self.all(&select, AccountRow::read)
    }

    /// # Errors
    /// What the database says.
    pub fn instruments(&self, symbol: Option<&str>) -> Result<Vec<InstrumentRow>> {
        let mut select = Select::new(&InstrumentRow::columns(), "instruments");
        select.text("symbol", symbol)?;
        select.tail(" ORDER BY id LIMIT 10000".to_owned());
        self.all(&select, InstrumentRow::read)
    }

    /// By account and symbol, those that are flat only where asked for.
    ///
    /// # Errors
    /// What the database says.
    pub fn positions(
        &self,
        account: Option<AccountId>,
        user: Option<UserId>,
        flat: bool,
    ) -> Result<Vec<PositionRow>> {
        let columns = PositionRow::columns_of("p");
        let worth = "COALESCE(i.mark_ticks, i.last_ticks), i.tick, i.lot, i.multiplier";
        let mut select = Select::new(&format!("{columns}, {worth}"), POSITIONS);
        select.equals("p.account_id", account);
        select.equals("p.user_id", user);
        select.compare("p.lots", "<>", (!flat).then_some(0i64));
        select.tail(" ORDER BY p.account_id, p.symbol LIMIT 10000".to_owned());
        self.all(&select, |Row(mut columns)| {
            let market = columns.split_off(PositionRow::COLUMNS.len());
            let mut market = Row(market).reader();
            let (ticks, tick, lot): (Option<i64>, Money, Money) =
                (market.take()?, market.take()?, market.take()?);
            let each = Market::each_of(tick, lot, market.take()?);
            let mut row = PositionRow::read(Row(columns))?;
            let worth = ticks
                .zip(each)
                .and_then(|(ticks, each)| i128::from(ticks).checked_mul(row.lots.into())?.checked_mul(each));
            row.market_value = worth.map(|worth| Money(worth).into());
            let open = worth.and_then(|worth| worth.checked_sub(row.cost.0));
            row.unrealized_pnl = open.map(|open| Money(open).into());
            Ok(row)
        })
    }

    /// What each book of an account holds, flat ones as well.
    ///
    /// # Errors
    /// What the database says.
    pub fn book_positions(&self, account: Option<AccountId>) -> Result<Vec<BookPositionRow>> {
        let mut select = Select::new(&BookPositionRow::columns(), "book_positions");
        select.equals("account_id", account);
        select.tail(" ORDER BY id LIMIT 10000".to_owned());
        self.all(&select, BookPositionRow::read)
    }

    /// # Errors
    /// What the database says.
    pub fn balances(&self, account: Option<AccountId>) -> Result<Vec<BalanceRow>> {
        let mut select = Select::new(&BalanceRow::columns(), "account_balances");
        select.equals("account_id", account);
        select.tail(" ORDER BY account_id, asset LIMIT 10000".to_owned());
        self.all(&select, BalanceRow::read)
    }

    /// An account's money, movement by movement, the newest record first.
    ///
    /// # Errors
    /// What the database says.
    pub fn ledger(&self, account: AccountId, page: &Page) -> Result<(Vec<LedgerRow>, Option<String>)> {
        let mut select = Select::new(&LedgerRow::columns(), LEDGER);
        select.equals("account_id", Some(account));
        self.whole_page(select, ("seq", "n, kind"), page, (LedgerRow::read, |row| row.seq))
    }

    /// What the account was worth, day by day, the first first.
    ///
    /// # Errors
    /// What the database says.
    pub fn performance(&self, account: AccountId, span: Span) -> Result<Vec<MetricRow>> {
        let mut select = Select::new(&MetricRow::columns(), "portfolio_metrics");
        select.equals("account_id", Some(account));
        select.within("time", span);
        select.tail(" ORDER BY time LIMIT 10000".to_owned());
        self.all(&select, MetricRow::read)
    }

    /// The newest first.
    ///
    /// # Errors
    /// What the database says.
    pub fn alerts(&self, account: Option<AccountId>, page: &Page) -> Result<(Vec<Alert>, Option<String>)> {
        let mut select = Select::new(&Alert::columns(), "risk_alerts");
        select.equals("account_id", account);
        self.whole_page(select, ("seq", "n"), page, (Alert::read, |alert| alert.seq.cast_signed()))
    }

    /// The last record in the tables, and its moment: how old the answers are.
    ///
    /// # Errors
    /// What the database says.
    pub fn projected(&self) -> Result<(u64, Time)> {
        let mut select = Select::new("seq, time", "projection");
        select.equals("name", Some("archive"));
        let read = |row: Row| {
            let mut row = row.reader();
            Ok((row.take()?, row.take()?))
        };
        self.all(&select, read)?.pop().ok_or(StoreError::NotFound { what: "cursor" })
    }
}
