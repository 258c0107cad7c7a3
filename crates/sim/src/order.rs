//! An order as the venue holds it.

use model::{AccountId, Call, OrderId, OrderType, Price, Qty, Side, Time, TimeInForce};

#[derive(Clone, Copy, Debug)]
pub(crate) struct Working {
    pub(crate) order: OrderId,
    pub(crate) account: AccountId,
    pub(crate) side: Side,
    pub(crate) qty: Qty,
    pub(crate) left: Qty,
    /// Without one it is a market order.
    pub(crate) limit: Option<Price>,
    pub(crate) time_in_force: TimeInForce,
    /// It waits for this auction and trades nowhere else.
    pub(crate) call: Option<Call>,
    pub(crate) came: Time,
    /// Has stood there while others could have traded with it, so it makes.
    pub(crate) rests: bool,
    /// Lots that stand before it at its price, and its place where places are known.
    pub(crate) ahead: f64,
    pub(crate) place: u64,
}

impl Working {
    /// What an order type means here; the engine sends market and limit orders only.
    pub(crate) fn limit_of(kind: &OrderType) -> Option<Option<Price>> {
        match kind {
            OrderType::Market => Some(None),
            OrderType::Limit { price } => Some(Some(*price)),
            _ => None,
        }
    }

    /// Ends with the moment it comes, if nothing is there for it.
    pub(crate) fn is_immediate(&self) -> bool {
        matches!(self.time_in_force, TimeInForce::Ioc | TimeInForce::Fok)
    }

    pub(crate) fn reaches(&self, price: Price) -> bool {
        self.call.is_none() && self.limit.is_none_or(|limit| self.side.reaches(limit, price))
    }
}
