//! Orders, what became of them, what was refused, and trades.

use super::{Page, Select, Span, rows};
use crate::decimal::Decimal;
use crate::error::Result;
use crate::pool::Store;
use crate::project::status;
use crate::value::Value;
use model::{
    AccountId, AlgoId, BookId, GroupId, InstrumentId, OrderId, OrderStatus, Side, Time, TradeId, UserId,
};

rows! {
    OrderRow {
        id: OrderId, user_id: UserId, account_id: AccountId, book_id: BookId, instrument_id: InstrumentId,
        symbol: String, side: String, order_type: String, client_order_id: Option<String>, reduce_only: bool,
        post_only: Option<String>, priority: String, trace_id: Option<u64>, created_at: Time, created_seq: u64,
        quantity: Decimal, price: Option<Decimal>, stop_price: Option<Decimal>,
        display_quantity: Option<Decimal>, time_in_force: String, expires_at: Option<Time>, status: String,
        filled_quantity: Decimal, average_price: Option<Decimal>, filled_value: Decimal, fee: Decimal,
        reason: Option<String>, algo_id: Option<AlgoId>, group_id: Option<GroupId>, updated_at: Time,
        updated_seq: u64,
    }
}

rows! {
    HistoryRow {
        order_id: OrderId, seq: u64, n: i64, time: Time, command: String, event: String, status: String,
        quantity: Decimal, filled_quantity: Decimal, price: Option<Decimal>, last_quantity: Option<Decimal>,
        reason: Option<String>,
    }
}

rows! {
    RejectionRow {
        seq: u64, n: i64, time: Time, account_id: Option<AccountId>, command: String,
        client_order_id: Option<String>, order_id: Option<OrderId>, symbol: Option<String>,
        side: Option<String>, quantity: Option<Decimal>, price: Option<Decimal>, code: String, message: String,
    }
}

rows! {
    TradeRow {
        id: TradeId, trade_type: String, order_id: OrderId, account_id: AccountId, user_id: UserId,
        book_id: BookId, instrument_id: InstrumentId, symbol: String, side: String, quantity: Decimal,
        price: Decimal, value: Decimal, fee: Decimal, realized_pnl: Decimal, cash_change: Decimal,
        timestamp: Time, seq: u64,
    }
}

/// One symbol on one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    pub symbol: String,
    pub day: Time,
    pub count: i64,
    pub quantity: Decimal,
    pub value: Decimal,
    pub fees: Decimal,
    pub realized_pnl: Decimal,
    pub won: i64,
    pub lost: i64,
}

/// What is absent matches all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrderFilter {
    pub user: Option<UserId>,
    pub account: Option<AccountId>,
    pub book: Option<BookId>,
    pub symbol: Option<String>,
    pub side: Option<Side>,
    pub statuses: Vec<OrderStatus>,
    pub created: Span,
}

/// What is absent matches all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TradeFilter {
    pub user: Option<UserId>,
    pub account: Option<AccountId>,
    pub order: Option<OrderId>,
    pub symbol: Option<String>,
    pub span: Span,
}

fn side_word(side: Side) -> &'static str {
    match side {
        Side::Buy => "BUY",
        Side::Sell => "SELL",
    }
}

impl TradeFilter {
    fn select(&self, columns: &str) -> Result<Select> {
        let mut select = Select::new(columns, "trades");
        select.equals("user_id", self.user);
        select.equals("account_id", self.account);
        select.equals("order_id", self.order);
        select.text("symbol", self.symbol.as_deref())?;
        select.within("timestamp", self.span);
        Ok(select)
    }
}

impl Store {
    /// The newest first.
    ///
    /// # Errors
    /// What the database says.
    pub fn orders(&self, filter: &OrderFilter, page: &Page) -> Result<(Vec<OrderRow>, Option<String>)> {
        let mut select = Select::new(&OrderRow::columns(), "orders");
        select.equals("user_id", filter.user);
        select.equals("account_id", filter.account);
        select.equals("book_id", filter.book);
        select.text("symbol", filter.symbol.as_deref())?;
        select.equals("side", filter.side.map(side_word));
        select.any_of("status", filter.statuses.iter().map(|of| Value::Word(status(*of))).collect());
        select.within("created_at", filter.created);
        select.newest("id", "", page)?;
        self.page(&select, page, OrderRow::read, |order| order.id.0.cast_signed())
    }

    /// # Errors
    /// What the database says.
    pub fn order(&self, id: OrderId) -> Result<Option<OrderRow>> {
        let mut select = Select::new(&OrderRow::columns(), "orders");
        select.equals("id", Some(id));
        Ok(self.all(&select, OrderRow::read)?.pop())
    }

    /// The latest order that the account called so.
    ///
    /// # Errors
    /// What the database says.
    pub fn order_of_client(&self, account: AccountId, client_order_id: &str) -> Result<Option<OrderRow>> {
        let mut select = Select::new(&OrderRow::columns(), "orders");
        select.equals("account_id", Some(account));
        select.text("client_order_id", Some(client_order_id))?;
        select.tail(" ORDER BY id DESC LIMIT 1".to_owned());
        Ok(self.all(&select, OrderRow::read)?.pop())
    }

    /// What became of an order, step by step, the first first; at most so many steps after a record.
    ///
    /// # Errors
    /// What the database says.
    pub fn order_history(&self, order: OrderId, after: u64, limit: u32) -> Result<Vec<HistoryRow>> {
        let mut select = Select::new(&HistoryRow::columns(), "order_events");
        select.equals("order_id", Some(order));
        select.compare("seq", ">", Some(after));
        select.tail(format!(" ORDER BY seq, n LIMIT {limit}"));
        self.all(&select, HistoryRow::read)
    }

    /// What was refused, the newest first.
    ///
    /// # Errors
    /// What the database says.
    pub fn rejections(
        &self,
        account: Option<AccountId>,
        span: Span,
        page: &Page,
    ) -> Result<(Vec<RejectionRow>, Option<String>)> {
        let mut select = Select::new(&RejectionRow::columns(), "rejections");
        select.equals("account_id", account);
        select.within("time", span);
        self.whole_page(select, ("seq", "n"), page, (RejectionRow::read, |row| row.seq.cast_signed()))
    }

    /// Both sides of each trade that match, the newest first; a page does not part the sides of one trade.
    ///
    /// # Errors
    /// What the database says.
    pub fn trades(&self, filter: &TradeFilter, page: &Page) -> Result<(Vec<TradeRow>, Option<String>)> {
        let select = filter.select(&TradeRow::columns())?;
        self.whole_page(
            select,
            ("id", "trade_type"),
            page,
            (TradeRow::read, |trade| trade.id.0.cast_signed()),
        )
    }

    /// By symbol and day, the latest day first.
    ///
    /// # Errors
    /// What the database says.
    pub fn trade_summary(&self, filter: &TradeFilter) -> Result<Vec<Summary>> {
        let columns = "symbol, {day}, COUNT(*), {exact_sum}(quantity), {exact_sum}(value), {exact_sum}(fee), \
             {exact_sum}(realized_pnl), COUNT(CASE WHEN {won} THEN 1 END), COUNT(CASE WHEN {lost} THEN 1 END)";
        let mut select = filter.select(columns)?;
        select.tail(" GROUP BY symbol, {day} ORDER BY 2 DESC, symbol LIMIT 10000".to_owned());
        self.all(&select, |row| {
            let mut row = row.reader();
            Ok(Summary {
                symbol: row.take()?,
                day: row.take()?,
                count: row.take()?,
                quantity: row.take()?,
                value: row.take()?,
                fees: row.take()?,
                realized_pnl: row.take()?,
                won: row.take()?,
                lost: row.take()?,
            })
        })
    }
}
