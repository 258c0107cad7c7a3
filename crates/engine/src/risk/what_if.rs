//! The same checks without the order: what each limit on its way would say, what it would lock and cost, the
//! most of it that would pass. The verdict is that of the checks themselves, so it is the decision that the
//! order would get now under a client id that is new. Changes nothing.

use super::worth::value;
use super::{View, funds, limit, reduce};
use crate::Engine;
use crate::order::{Look, Proposal};
use model::{InstrumentId, LimitUse, Money, NewOrder, OrderType, Price, Qty, Reject, Route, WhatIf};

/// Where the holding of an order would stand that has none yet.
pub(crate) const NO_HOLDING: u32 = u32::MAX;

impl Engine {
    /// What would come of the order if it were placed now.
    #[must_use]
    pub fn what_if(&self, order: &NewOrder) -> WhatIf {
        let verdict = self.verdict(order);
        let listed = self.listings.get(order.instrument.0 as usize);
        let mut answer = WhatIf {
            limits: Vec::new(),
            quote: listed.map(|listed| listed.instrument.quote).unwrap_or_default(),
            margin: Money::ZERO,
            qty_now: Qty::ZERO,
            value_now: Money::ZERO,
            spread: None,
            fees: Money::ZERO,
            qty_most: self.largest(order),
            verdict,
        };
        if let Ok(mut proposal) = self.imagine(order)
            && !(proposal.special && self.waits(order))
            && self.make_ready(&mut proposal).is_ok()
        {
            self.tell(&mut proposal, &mut answer);
        }
        answer
    }

    fn tell(&self, proposal: &mut Proposal, answer: &mut WhatIf) {
        let Some(listed) = self.listings.get(proposal.instrument.0 as usize) else { return };
        reduce::cap(self, proposal);
        let view = View { engine: self, listed, order: proposal };
        answer.limits = if self.risk.is_on() { limit::uses(&view) } else { Vec::<LimitUse>::new() };
        answer.margin = funds::needed(&view).unwrap_or(Money::ZERO).max(Money::ZERO);
        if listed.gathers() {
            return;
        }
        let look = Look::ahead(self, proposal);
        let middle = self.middle_of(proposal.instrument);
        let fair = middle.and_then(|[low, high]| {
            // Twice the middle is a whole number of ticks.
            let low = value(&listed.units, low, look.qty_most.0).ok()?;
            let high = value(&listed.units, high, look.qty_most.0).ok()?;
            low.checked_add(high)?.checked_div(2)
        });
        answer.qty_now = look.qty_most;
        answer.value_now = Money(look.value);
        answer.fees = Money(look.fees);
        answer.spread = fair.filter(|_| look.qty_most > Qty::ZERO).map(|fair| {
            let beyond = look.value.saturating_sub(fair);
            Money(beyond.saturating_mul(proposal.side.sign().into()))
        });
    }

    fn middle_of(&self, instrument: InstrumentId) -> Option<[Price; 2]> {
        let book = &self.listings.get(instrument.0 as usize)?.book;
        Some([book.best_any(model::Side::Buy)?, book.best_any(model::Side::Sell)?])
    }

    /// The decision that the order would get.
    pub(super) fn verdict(&self, order: &NewOrder) -> Result<(), Reject> {
        self.registry.main(order.account)?;
        if order.client_order_id.is_some() {
            self.clients.check_room()?;
        }
        if let Route::Venue(venue) = order.route {
            let instrument = self.market_at(order.instrument, venue)?;
            return self.verdict(&NewOrder { instrument, route: Route::Listing, ..order.clone() });
        }
        let mut proposal = self.imagine(order)?;
        if let Route::Smart(_) = order.route {
            self.check_smart(order)?;
            return self.check_waiting(order, &proposal);
        }
        if proposal.special && self.waits(order) {
            return self.check_waiting(order, &proposal);
        }
        if self.is_outside(order.instrument) {
            self.make_ready_outside(&mut proposal)?;
        } else {
            self.make_ready(&mut proposal)?;
        }
        super::check(self, &mut proposal).map(|_approved| ())
    }

    /// The largest quantity of the order that would pass, 0 if none would. What is refused for its size at one
    /// quantity is taken to be refused at every larger one.
    pub(super) fn largest(&self, order: &NewOrder) -> Qty {
        let Some(listed) = self.listings.get(order.instrument.0 as usize) else { return Qty::ZERO };
        let sized = |qty: i64| {
            let kind = match order.kind.clone() {
                OrderType::Iceberg { price, display } => {
                    OrderType::Iceberg { price, display: display.min(Qty(qty)) }
                }
                other => other,
            };
            NewOrder { qty: Qty(qty), kind, ..order.clone() }
        };
        let passes = |qty: i64| match self.verdict(&sized(qty)) {
            Ok(()) | Err(Reject::QtyTooSmall { .. } | Reject::NotionalTooSmall { .. }) => true,
            Err(_) => false,
        };
        let (mut low, mut high) = (0i64, listed.instrument.qty_max.0);
        while low < high {
            let middle = high.saturating_sub(high.saturating_sub(low) / 2);
            if passes(middle) {
                low = middle;
            } else {
                high = middle.saturating_sub(1);
            }
        }
        if low > 0 && self.verdict(&sized(low)).is_ok() { Qty(low) } else { Qty::ZERO }
    }
}
