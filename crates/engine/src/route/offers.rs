//! What the markets of an order offer: the levels they show, what there is at a price whether it is shown or not,
//! and how good a place each is to stand in. Read off the books, never changed here.

use super::choose::{Candidate, Offer, Place, price_within};
use crate::Engine;
use crate::listing::Listed;
use crate::order::middle;
use crate::watch::Toward;
use model::{InstrumentId, NewOrder, Price, Qty, Side};

impl Listed {
    /// A lot at this price with the fee of taking, or making, it: less is better for either side.
    fn net(&self, side: Side, price: Price, makes: bool) -> i128 {
        let one = Qty(1);
        if !self.units.countable(price, one) {
            return i128::MAX;
        }
        let fee = if makes { self.units.maker_fee(price, one) } else { self.units.taker_fee(price, one) };
        self.units.value(price, one).saturating_mul(i128::from(side.sign())).saturating_add(fee)
    }
}

impl Engine {
    fn listed_at(&self, market: InstrumentId) -> Option<&Listed> {
        self.listings.get(market.0 as usize)
    }

    /// The markets that trade now and show what they have, each with its offers within the limit, no more of them
    /// than the order could take.
    pub(super) fn candidates(
        &self,
        order: &NewOrder,
        limit: Option<Price>,
        qty: Qty,
        shut: &[InstrumentId],
    ) -> Vec<Candidate> {
        let markets = self.markets_of(order.instrument).into_iter();
        let open = markets.filter(|market| !shut.contains(market) && self.trades_now(*market));
        let candidates = open.filter_map(|market| {
            let listed = self.listed_at(market).filter(|listed| !listed.dark)?;
            let offers = self.offers(order, market, listed, limit, qty);
            Some(Candidate { market, venue: listed.instrument.venue, offers })
        });
        candidates.filter(|candidate| !candidate.offers.is_empty()).collect()
    }

    fn offers(
        &self,
        order: &NewOrder,
        market: InstrumentId,
        listed: &Listed,
        limit: Option<Price>,
        qty: Qty,
    ) -> Vec<Offer> {
        let side = order.side;
        let mut wanted = qty.min(self.reducible_at(order, market)).0;
        let levels = listed.book.levels(&self.orders.nodes, side.opposite(), true);
        let within = levels.take_while(|level| limit.is_none_or(|limit| side.reaches(limit, level.price)));
        let mut offers = Vec::new();
        for level in within {
            if wanted <= 0 {
                break;
            }
            let qty = Qty(level.qty.0.min(wanted));
            wanted = wanted.saturating_sub(qty.0);
            offers.push(Offer { price: level.price, qty, cost: listed.net(side, level.price, false) });
        }
        offers
    }

    /// What a reduce-only order can still take off in a market; anything for another.
    pub(super) fn reducible_at(&self, order: &NewOrder, market: InstrumentId) -> Qty {
        if !order.reduce_only {
            return Qty(i64::MAX);
        }
        let book = self.registry.book(order.account, order.book).ok();
        let holding = book.and_then(|book| self.ledger.positions.find(book, market));
        Qty(holding.map_or(0, |holding| self.ledger.reducible(holding, order.side)))
    }

    /// The dark markets that trade now.
    pub(super) fn dark_markets(&self, order: &NewOrder, shut: &[InstrumentId]) -> Vec<InstrumentId> {
        let markets = self.markets_of(order.instrument).into_iter();
        let dark = |market: &InstrumentId| self.listed_at(*market).is_some_and(|listed| listed.dark);
        markets.filter(|at| dark(at) && !shut.contains(at) && self.trades_now(*at)).collect()
    }

    /// What a dark market is asked to trade at: the middle between the best bid and the best ask of all markets
    /// that show theirs, or better; at the best offer where only that is known, at the limit where nothing is. Never
    /// dearer, fees included, than the best offer, and never beyond the limit.
    pub(super) fn dark_price(
        &self,
        order: &NewOrder,
        limit: Option<Price>,
        market: InstrumentId,
    ) -> Option<Price> {
        let side = order.side;
        let (own, other) =
            (self.best_shown(order.instrument, side), self.best_shown(order.instrument, side.opposite()));
        let toward = if side == Side::Buy { Toward::Rise } else { Toward::Fall };
        let stricter = |one: Price, two: Price| if side.reaches(one, two) { two } else { one };
        let reference = middle((own, other), toward).or(other).or(limit)?;
        let bounds = [other, limit].into_iter().flatten();
        let price = bounds.fold(reference, stricter);
        let best = self.candidates(order, None, Qty(1), &[]);
        let best = best.iter().flat_map(|one| &one.offers).map(|offer| offer.cost).min();
        let listed = self.listed_at(market)?;
        let price = match best {
            Some(best) => price_within(side, price, best, |price| listed.net(side, price, false))?,
            None => price,
        };
        (price.0 > 0 || !listed.instrument.class.is_delivered()).then_some(price)
    }

    /// The best displayed price of a side over all markets that trade.
    fn best_shown(&self, instrument: InstrumentId, side: Side) -> Option<Price> {
        let markets = self.markets_of(instrument).into_iter().filter(|market| self.trades_now(*market));
        let shown = markets.filter_map(|market| self.listed_at(market).filter(|listed| !listed.dark));
        let best = shown.filter_map(|listed| listed.book.best_price(side));
        best.reduce(|one, two| if side.reaches(one, two) { one } else { two })
    }

    /// The places that what is left may stand in: markets that take orders now; the named one if none does.
    pub(super) fn places(&self, order: &NewOrder, price: Price, shut: &[InstrumentId]) -> Vec<Place> {
        let markets = self.markets_of(order.instrument).into_iter();
        let open: Vec<InstrumentId> = markets.filter(|market| self.is_open(*market)).collect();
        let markets = if open.is_empty() { vec![order.instrument] } else { open };
        let place = |market: InstrumentId| {
            let listed = self.listed_at(market)?;
            let own = listed.book.levels(&self.orders.nodes, order.side, true).next();
            Some(Place {
                market,
                venue: listed.instrument.venue,
                shut: shut.contains(&market),
                dark: listed.dark,
                cost: listed.net(order.side, price, true),
                own: own.filter(|_| !listed.dark).map(|level| (level.price, level.qty)),
            })
        };
        markets.into_iter().filter_map(place).collect()
    }

    /// Whether a market takes orders that stand.
    pub(super) fn is_open(&self, market: InstrumentId) -> bool {
        self.listed_at(market).is_some_and(|listed| listed.trades() || listed.gathers())
    }
}
