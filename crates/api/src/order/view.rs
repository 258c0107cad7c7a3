//! An order in JSON, from wherever it is known: from the events of its own command, or from the archive.

use crate::decimal::Decimal;
use model::line::Worded;
use model::{
    CancelCause, Directory, Event, Grid, Money, NewOrder, OrderId, OrderStatus, OrderType, Price, Qty, Time,
    TimeInForce, Traded,
};
use serde::Serialize;
use store::OrderRow;
use utoipa::ToSchema;

/// An order.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct OrderView {
    pub(crate) id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) client_order_id: Option<String>,
    pub(crate) user_id: u32,
    pub(crate) account: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) book: Option<String>,
    pub(crate) symbol: String,
    pub(crate) side: String,
    pub(crate) order_type: String,
    pub(crate) quantity: Decimal,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) price: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) stop_price: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) display_quantity: Option<Decimal>,
    pub(crate) time_in_force: String,
    /// Where it is in its life.
    pub(crate) execution_status: String,
    /// The same in older words: pending, filled, cancelled, failed.
    pub(crate) status: String,
    pub(crate) filled_quantity: Decimal,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) average_price: Option<Decimal>,
    pub(crate) reduce_only: bool,
    /// Why it ended without being filled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fee: Option<Decimal>,
    pub(crate) created_at: String,
    pub(crate) updated_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) expires_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) algo_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) group_id: Option<String>,
    /// The record of the journal that this is the state after.
    pub(crate) seq: u64,
}

/// What came of a new order at once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fate {
    pub(crate) order: OrderId,
    pub(crate) status: OrderStatus,
    pub(crate) filled: Qty,
    /// Of the fills: price × quantity, in ticks and lots; and their fees.
    pub(super) value: i128,
    pub(super) fee: Money,
    pub(super) cause: Option<CancelCause>,
}

impl Fate {
    /// From the events of its own command.
    pub(crate) fn of(order: OrderId, events: &[Event]) -> Self {
        let (value, fee) = (0, Money::ZERO);
        let status = OrderStatus::Accepted;
        let mut fate = Self { order, status, filled: Qty::ZERO, value, fee, cause: None };
        events.iter().for_each(|event| fate.hear(event));
        fate
    }

    fn hear(&mut self, event: &Event) {
        match event {
            Event::Traded(traded) => self.trade(traded),
            Event::OrderRested { order, .. } if *order == self.order => {
                let fresh = self.filled.is_zero();
                self.status = if fresh { OrderStatus::Open } else { OrderStatus::PartiallyFilled };
            }
            Event::OrderHeld { order } if *order == self.order => self.status = OrderStatus::Held,
            Event::OrderTriggered { order, .. } if *order == self.order => {
                self.status = OrderStatus::Accepted
            }
            Event::OrderCancelled { order, cause, .. } if *order == self.order => {
                (self.status, self.cause) = (OrderStatus::Cancelled, Some(*cause));
            }
            Event::OrderExpired { order, .. } if *order == self.order => self.status = OrderStatus::Expired,
            Event::OrderStatusChanged { order, status } if *order == self.order => self.status = *status,
            Event::VenueAsked(_) | Event::PaperAsked(_) if self.status == OrderStatus::Accepted => {
                self.status = OrderStatus::PendingNew;
            }
            _ => {}
        }
    }

    fn trade(&mut self, traded: &Traded) {
        for side in [traded.taker, traded.maker].iter().filter(|side| side.order == self.order) {
            self.filled = Qty(self.filled.0.saturating_add(traded.qty.0));
            let value = i128::from(traded.price.0).saturating_mul(traded.qty.0.into());
            self.value = self.value.saturating_add(value);
            self.fee = Money(self.fee.0.saturating_add(side.fee.0));
            self.status =
                if side.left.is_zero() { OrderStatus::Filled } else { OrderStatus::PartiallyFilled };
        }
    }
}

pub(crate) fn price_text(price: Price, grid: Grid) -> Decimal {
    Decimal(price.to_money(grid.tick).map_or_else(|| price.0.to_string(), |money| money.to_string()))
}

pub(crate) fn qty_text(qty: Qty, grid: Grid) -> Decimal {
    Decimal(qty.to_money(grid.lot).map_or_else(|| qty.0.to_string(), |money| money.to_string()))
}

/// An average of prices: exact where it can be written with eighteen digits, else cut there.
pub(crate) fn average(value: i128, qty: Qty, grid: Grid) -> Option<Decimal> {
    let whole = value.checked_mul(grid.tick.0)?.checked_div(qty.0.into())?;
    Some(Decimal(Money(whole).to_string()))
}

impl OrderView {
    /// A new order and what came of it at once.
    pub(crate) fn placed(
        order: &NewOrder,
        fate: &Fate,
        (time, seq): (Time, u64),
        names: &Directory,
    ) -> Option<Self> {
        let listed = names.instrument(order.instrument)?;
        let opened = names.account(order.account)?;
        let grid = listed.grid;
        let word = fate.status.word();
        let moment = time.to_string();
        Some(Self {
            id: fate.order.to_string(),
            client_order_id: order.client_order_id.map(|id| id.to_string()),
            user_id: opened.user.0,
            account: opened.name.to_string(),
            book: Some(
                order
                    .book
                    .and_then(|book| names.book(book))
                    .map_or_else(|| "main".to_owned(), |(_, name)| name.to_string()),
            ),
            symbol: listed.symbol.to_string(),
            side: order.side.word().to_owned(),
            order_type: type_word(&order.kind).to_owned(),
            quantity: qty_text(order.qty, grid),
            price: order.kind.limit().map(|price| price_text(price, grid)),
            stop_price: trigger_of(&order.kind).map(|price| price_text(price, grid)),
            display_quantity: display_of(&order.kind).map(|qty| qty_text(qty, grid)),
            time_in_force: time_in_force_word(order.time_in_force).to_owned(),
            execution_status: word.to_owned(),
            status: fate.status.derived().to_owned(),
            filled_quantity: qty_text(fate.filled, grid),
            average_price: average(fate.value, fate.filled, grid),
            reduce_only: order.reduce_only,
            reason: fate.cause.as_ref().map(|cause| cause_word(cause).to_owned()),
            fee: (!fate.filled.is_zero()).then(|| Decimal(fate.fee.to_string())),
            created_at: moment.clone(),
            updated_at: moment,
            expires_at: match order.time_in_force {
                TimeInForce::Gtd(end) => Some(end.to_string()),
                _ => None,
            },
            algo_id: None,
            group_id: None,
            seq,
        })
    }

    /// As the archive has it.
    pub(crate) fn kept(row: OrderRow, names: &Directory) -> Self {
        let account = names
            .account(row.account_id)
            .map_or_else(|| row.account_id.to_string(), |of| of.name.to_string());
        let text = |decimal: store::Decimal| Decimal(decimal.to_string());
        let execution_status = row.status.to_lowercase();
        let status = OrderStatus::of(&execution_status).map_or("pending", OrderStatus::derived).to_owned();
        Self {
            id: row.id.to_string(),
            client_order_id: row.client_order_id,
            user_id: row.user_id.0,
            account,
            book: names.book(row.book_id).map(|(_, name)| name.to_string()),
            symbol: row.symbol,
            side: row.side.to_lowercase(),
            order_type: row.order_type.to_lowercase(),
            quantity: text(row.quantity),
            price: row.price.map(text),
            stop_price: row.stop_price.map(text),
            display_quantity: row.display_quantity.map(text),
            time_in_force: row.time_in_force.to_lowercase(),
            execution_status,
            status,
            filled_quantity: text(row.filled_quantity),
            average_price: row.average_price.map(text),
            reduce_only: row.reduce_only,
            reason: row.reason.map(|reason| reason.to_lowercase()),
            fee: Some(text(row.fee)),
            created_at: row.created_at.to_string(),
            updated_at: row.updated_at.to_string(),
            expires_at: row.expires_at.map(|time| time.to_string()),
            algo_id: row.algo_id.map(|id| id.to_string()),
            group_id: row.group_id.map(|id| id.to_string()),
            seq: row.updated_seq,
        }
    }
}

pub(crate) fn type_word(kind: &OrderType) -> &'static str {
    match kind {
        OrderType::Market => "market",
        OrderType::Limit { .. } => "limit",
        OrderType::Stop { .. } => "stop",
        OrderType::StopLimit { .. } => "stop_limit",
        OrderType::MarketIfTouched { .. } => "market_if_touched",
        OrderType::LimitIfTouched { .. } => "limit_if_touched",
        OrderType::TrailingStop { .. } => "trailing_stop",
        OrderType::TrailingStopLimit { .. } => "trailing_stop_limit",
        OrderType::Iceberg { .. } => "iceberg",
        OrderType::Hidden { .. } => "hidden",
        OrderType::MarketToLimit => "market_to_limit",
        OrderType::Pegged { .. } => "pegged",
    }
}

fn trigger_of(kind: &OrderType) -> Option<Price> {
    match kind {
        OrderType::Stop { trigger }
        | OrderType::StopLimit { trigger, .. }
        | OrderType::MarketIfTouched { trigger }
        | OrderType::LimitIfTouched { trigger, .. } => Some(trigger.price),
        _ => None,
    }
}

fn display_of(kind: &OrderType) -> Option<Qty> {
    match kind {
        OrderType::Iceberg { display, .. } => Some(*display),
        _ => None,
    }
}

pub(crate) fn time_in_force_word(time_in_force: TimeInForce) -> &'static str {
    match time_in_force {
        TimeInForce::Gtc => "gtc",
        TimeInForce::Day => "day",
        TimeInForce::Gtd(_) => "gtd",
        TimeInForce::Ioc => "ioc",
        TimeInForce::Fok => "fok",
        TimeInForce::AtOpen => "at_open",
        TimeInForce::AtClose => "at_close",
    }
}

/// Why an order ended that was not filled.
pub(crate) fn cause_word(cause: &CancelCause) -> &'static str {
    match cause {
        CancelCause::Asked => "asked",
        CancelCause::Mass => "mass",
        CancelCause::NothingLeftToTrade => "nothing_left_to_trade",
        CancelCause::NotAllFillable => "not_all_fillable",
        CancelCause::SelfTrade => "self_trade",
        CancelCause::NothingToReduce => "nothing_to_reduce",
        CancelCause::SessionEnded => "session_ended",
        CancelCause::Delisted => "delisted",
        CancelCause::KillSwitch => "kill_switch",
        CancelCause::Group => "group",
        CancelCause::Deadline { .. } => "deadline",
        CancelCause::Disconnected => "disconnected",
        CancelCause::NoAuction => "no_auction",
        CancelCause::CannotPay => "cannot_pay",
        CancelCause::Refused { reason } => reason.code(),
        CancelCause::ConditionFailed => "condition_failed",
        CancelCause::Algo => "algo",
        CancelCause::Risk => "risk",
        CancelCause::Liquidation => "liquidation",
        CancelCause::PartEnded => "part_ended",
        CancelCause::CorporateAction => "corporate_action",
    }
}
