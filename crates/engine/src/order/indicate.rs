//! What an auction would come to: found again whenever the book of an instrument that gathers has changed, and
//! told when it is not what was told before. Orders for the auction itself do not count before it: whether they
//! take part is seen when they pass the checks.

use crate::Engine;
use crate::auction::{self, Bounds, Indication, Wanted};
use crate::listing::Listed;
use model::{Event, InstrumentId, Price, Qty, Side};

impl Listed {
    /// Prices the instrument can have; and the last trade, else the mark.
    fn bounds(&self) -> Bounds {
        let least = if self.instrument.class.is_delivered() { Price(1) } else { Price::MIN };
        let band = self.instrument.band;
        Bounds {
            low: band.map_or(least, |band| band.low.max(least)),
            high: band.map_or(Price::MAX, |band| band.high),
            reference: self.last.or(self.mark),
        }
    }
}

impl Engine {
    /// The auction of what stands in the book, and of so many lots more that buy and sell at any price.
    pub(crate) fn indication(&self, listed: &Listed, any: [i64; 2]) -> Option<Indication> {
        let [buy, sell] = any;
        let mut buys = self.wanted(listed, Side::Buy, sell > 0);
        let mut sells = self.wanted(listed, Side::Sell, buy > 0);
        buys.any = buys.any.saturating_add(buy);
        sells.any = sells.any.saturating_add(sell);
        auction::price(&mut buys, &mut sells, &listed.bounds())
    }

    /// What a side wants at prices that the other side reaches; or at all prices.
    fn wanted(&self, listed: &Listed, side: Side, all: bool) -> Wanted {
        let mut wanted = Wanted::default();
        let against = listed.book.best_any(side.opposite());
        let meets = |price| all || against.is_some_and(|best| side.reaches(price, best));
        for visible in [true, false] {
            let levels = listed.book.levels(&self.orders.nodes, side, visible);
            let levels = levels.take_while(|level| meets(level.price));
            levels.for_each(|level| wanted.add(side, level.price, level.qty));
        }
        for &slot in &listed.icebergs {
            let order = self.orders.at(slot);
            if order.side == side && meets(order.price) {
                wanted.add(side, order.price, self.orders.reserve_of(slot));
            }
        }
        wanted
    }

    /// Tells what the auction would come to, if that is news. Nothing any more is told as none of it.
    pub(crate) fn indicate(&mut self, instrument: InstrumentId, events: &mut Vec<Event>) {
        let Some(listed) = self.listings.get(instrument.0 as usize).filter(|listed| listed.gathers()) else {
            return;
        };
        let (before, now) = (listed.indicated, self.indication(listed, [0, 0]));
        let gone = before.map(|before| Indication { qty: Qty::ZERO, imbalance: Qty::ZERO, ..before });
        let Some(Indication { price, qty, imbalance }) = now.or(gone).filter(|_| now != before) else {
            return;
        };
        events.push(Event::AuctionIndicated { instrument, price, qty, imbalance });
        if let Some(listed) = self.listings.get_mut(instrument.0 as usize) {
            listed.indicated = now;
        }
    }

    /// After a restart: what was told last is what there is to tell.
    pub(crate) fn indicate_again(&mut self) {
        for at in 0..self.listings.len() {
            let Some(listed) = self.listings.get(at).filter(|listed| listed.gathers()) else { continue };
            let indicated = self.indication(listed, [0, 0]);
            if let Some(listed) = self.listings.get_mut(at) {
                listed.indicated = indicated;
            }
        }
    }
}

impl Wanted {
    fn add(&mut self, side: Side, price: Price, qty: Qty) {
        if price == any_price(side) {
            self.any = self.any.saturating_add(qty.0);
        } else {
            self.limits.push((price, qty.0));
        }
    }
}

/// Where orders stand that take any price.
fn any_price(side: Side) -> Price {
    match side {
        Side::Buy => Price::MAX,
        Side::Sell => Price::MIN,
    }
}
