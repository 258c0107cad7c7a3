//! A split at the venue: its working orders become as many more or fewer at prices as much lower or higher, as the house
//! counts them too, and nothing is said of it. What cannot be an order any more ends. What was known of the market is
//! of before, and forgotten.

use crate::depth::Depth;
use crate::exact::Exact;
use crate::venue::Venue;
use model::{InstrumentId, OrderId, Price, Qty, Side, Time};

impl Venue {
    /// `new` for every `old`. Whatever was on its way has to have arrived.
    pub fn split(&mut self, now: Time, instrument: InstrumentId, (old, new): (u32, u32)) {
        let Some(stall) = self.stall_mut(instrument) else { return };
        let (old, new) = (i128::from(old.max(1)), i128::from(new.max(1)));
        let lots = |qty: Qty| Qty(whole(i128::from(qty.0).saturating_mul(new).checked_div(old)));
        let price = |price: Price, side: Side| {
            let all = i128::from(price.0).saturating_mul(old);
            let up = i128::from(side == Side::Sell && all.checked_rem_euclid(new) != Some(0));
            Price(whole(all.checked_div_euclid(new).map(|down| down.saturating_add(up))))
        };
        let mut over: Vec<OrderId> = Vec::new();
        for working in &mut stall.working {
            let filled = working.qty.0.saturating_sub(working.left.0);
            let left = lots(working.left);
            if left.0 <= 0 {
                over.push(working.order);
                continue;
            }
            working.left = left;
            working.qty = Qty(filled.saturating_add(working.left.0));
            working.limit = working.limit.map(|limit| price(limit, working.side));
            working.ahead = 0.0;
        }
        stall.last = stall.last.map(|last| price(last, Side::Buy));
        (stall.depth, stall.exact) = (Depth::default(), Exact::default());
        stall.printed.clear();
        over.into_iter().for_each(|order| self.expire(now, order));
    }
}

fn whole(number: Option<i128>) -> i64 {
    number.and_then(|number| i64::try_from(number).ok()).unwrap_or(0)
}
