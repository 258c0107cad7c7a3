//! Which listings trade the same thing: of one class, in the same assets, with the same multiplier and terms. An
//! order can be moved between those whose ticks and lots are the same; the others are no candidates, because what
//! cannot be converted exactly is not converted. Rebuilt from the listings.

use crate::Engine;
use model::{AssetId, Instrument, InstrumentClass, InstrumentId, Money, Reject, Terms, VenueId};
use std::collections::{BTreeMap, BTreeSet};

/// So many markets are looked at for one order.
const MARKETS_MAX: usize = 64;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Kin {
    class: InstrumentClass,
    base: Option<AssetId>,
    quote: AssetId,
    settlement: AssetId,
    multiplier: Money,
    terms: Terms,
}

impl Kin {
    fn of(listing: &Instrument) -> Self {
        let Instrument { class, base, quote, settlement, multiplier, terms, .. } = *listing;
        Self { class, base, quote, settlement, multiplier, terms }
    }
}

/// By what they trade, in the order of the venues.
#[derive(Debug, Default)]
pub(crate) struct Siblings(BTreeMap<Kin, BTreeSet<(VenueId, InstrumentId)>>);

impl Siblings {
    pub(crate) fn add(&mut self, market: InstrumentId, listing: &Instrument) {
        self.0.entry(Kin::of(listing)).or_default().insert((listing.venue, market));
    }

    fn of(&self, listing: &Instrument) -> impl Iterator<Item = (VenueId, InstrumentId)> {
        self.0.get(&Kin::of(listing)).into_iter().flatten().copied()
    }
}

impl Engine {
    /// The markets that an order for `instrument` can go to, itself among them, in the order of their venues.
    pub(crate) fn markets_of(&self, instrument: InstrumentId) -> Vec<InstrumentId> {
        let Some(listed) = self.listings.get(instrument.0 as usize) else { return Vec::new() };
        let all = self.siblings.of(&listed.instrument).map(|(_, market)| market);
        let own = all.filter(|market| !self.is_outside(*market));
        own.filter(|market| self.same_grid(instrument, *market)).take(MARKETS_MAX).collect()
    }

    /// The market in `instrument` at a venue.
    pub(crate) fn market_at(&self, instrument: InstrumentId, venue: VenueId) -> Result<InstrumentId, Reject> {
        self.registry.venue(venue)?;
        let listed = self.listings.get(instrument.0 as usize);
        let listed = listed.ok_or(Reject::UnknownInstrument { instrument })?;
        if listed.instrument.venue == venue {
            return Ok(instrument);
        }
        let there = self.siblings.of(&listed.instrument).filter(|(at, _)| *at == venue);
        let there: Vec<InstrumentId> = there.map(|(_, market)| market).collect();
        let same = there.iter().find(|market| self.same_grid(instrument, **market));
        match same {
            Some(market) => Ok(*market),
            None if there.is_empty() => Err(Reject::NotListedThere { venue }),
            None => Err(Reject::OtherGrid { venue }),
        }
    }

    fn same_grid(&self, one: InstrumentId, other: InstrumentId) -> bool {
        let grid = |id: InstrumentId| {
            let listed = self.listings.get(id.0 as usize)?;
            Some((listed.instrument.tick, listed.instrument.lot))
        };
        grid(one) == grid(other)
    }
}
