//! The choice between markets: what each of them shows, what it costs net of fees, and where an order goes. Pure
//! functions over candidates, and a candidate is a list of offers: whether they are read off a book of the house
//! or told by somebody else's venue makes no difference here.
//! The rule: less net cost first, then the larger displayed size, then the order of the candidates.

use model::{InstrumentId, Name, Price, Qty, Side, VenueId};
use std::cmp::Reverse;

/// So much shown at a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Offer {
    pub(crate) price: Price,
    pub(crate) qty: Qty,
    /// What a lot comes to with the fee of taking it; less is better for buys and for sells.
    pub(crate) cost: i128,
}

/// A market that an order may go to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Candidate {
    pub(crate) market: InstrumentId,
    pub(crate) venue: VenueId,
    /// Best first.
    pub(crate) offers: Vec<Offer>,
}

/// A part of an order for one market, and the worst price it may trade at there; none is any price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slice {
    pub(crate) market: InstrumentId,
    pub(crate) venue: VenueId,
    pub(crate) qty: Qty,
    pub(crate) price: Option<Price>,
    pub(crate) why: Why,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// A venue that shows nothing is asked first.
    Dark,
    /// The best price, the best after fees, the most at the same cost, the first of equals; and nobody else.
    Price,
    Fee,
    Size,
    First,
    Only,
    /// What a market has behind what it shows.
    Hidden,
    /// What is left stands here.
    Rest,
    /// Another market did not do what was asked of it.
    Reroute,
}

impl Why {
    pub(crate) fn word(self) -> Name {
        let word = match self {
            Self::Dark => "dark",
            Self::Price => "price",
            Self::Fee => "fee",
            Self::Size => "size",
            Self::First => "first",
            Self::Only => "only",
            Self::Hidden => "hidden",
            Self::Rest => "rest",
            Self::Reroute => "reroute",
        };
        Name::new(word).expect("invariant: a plain word is a name")
    }
}

/// Walks the offers of all candidates from the best to the worst, until `qty` is found. What follows in one market
/// is one slice.
pub(crate) fn choose(side: Side, candidates: &[Candidate], qty: Qty) -> Vec<Slice> {
    let mut slices: Vec<Slice> = Vec::new();
    let mut next = vec![0usize; candidates.len()];
    let mut left = qty;
    while !left.is_zero() {
        let Some((at, offer, why)) = best(side, candidates, &next) else { break };
        let Some(candidate) = candidates.get(at) else { break };
        let take = left.min(offer.qty);
        left = Qty(left.0.saturating_sub(take.0));
        if let Some(next) = next.get_mut(at) {
            *next = next.saturating_add(1);
        }
        match slices.last_mut().filter(|last| last.market == candidate.market) {
            Some(last) => {
                last.qty = Qty(last.qty.0.saturating_add(take.0));
                last.price = Some(offer.price);
            }
            None => {
                let (market, venue) = (candidate.market, candidate.venue);
                slices.push(Slice { market, venue, qty: take, price: Some(offer.price), why });
            }
        }
    }
    slices
}

/// The slices of each market as one, in the order in which the markets were chosen first.
pub(crate) fn gathered(slices: Vec<Slice>) -> Vec<Slice> {
    let mut all: Vec<Slice> = Vec::new();
    for slice in slices {
        match all.iter_mut().find(|other| other.market == slice.market) {
            Some(other) => {
                other.qty = Qty(other.qty.0.saturating_add(slice.qty.0));
                other.price = slice.price;
            }
            None => all.push(slice),
        }
    }
    all
}

/// The best offer that is next in its market, and what made it the best.
fn best(side: Side, candidates: &[Candidate], next: &[usize]) -> Option<(usize, Offer, Why)> {
    let heads = candidates.iter().zip(next).enumerate();
    let heads = heads.filter_map(|(at, (one, next))| one.offers.get(*next).map(|offer| (at, *offer)));
    let mut heads: Vec<(usize, Offer)> = heads.collect();
    heads.sort_by_key(|(at, offer)| (offer.cost, Reverse(offer.qty), *at));
    let (at, offer) = *heads.first()?;
    let why = heads.get(1).map_or(Why::Only, |(_, other)| reason(side, &offer, other));
    Some((at, offer, why))
}

fn reason(side: Side, one: &Offer, other: &Offer) -> Why {
    if one.cost == other.cost {
        return if one.qty > other.qty { Why::Size } else { Why::First };
    }
    let better = one.price != other.price && side.reaches(other.price, one.price);
    if better { Why::Price } else { Why::Fee }
}

/// The price nearest to `reference`, and no worse than it, at which a lot costs no more than `cost_max`.
pub(crate) fn price_within(
    side: Side,
    reference: Price,
    cost_max: i128,
    cost: impl Fn(Price) -> i128,
) -> Option<Price> {
    let away = |ticks: i64| reference.checked_add(side.sign().wrapping_neg().checked_mul(ticks)?);
    let suits = |ticks: i64| away(ticks).is_some_and(|price| cost(price) <= cost_max);
    if suits(0) {
        return Some(reference);
    }
    // Costs rise with the price, so the first that suits lies between one that does not and one that does.
    let mut high = 1i64;
    while !suits(high) {
        away(high)?;
        high = high.checked_mul(2)?;
    }
    let mut low = high.checked_div(2)?;
    while high.saturating_sub(low) > 1 {
        let middle = low.midpoint(high);
        *(if suits(middle) { &mut high } else { &mut low }) = middle;
    }
    away(high)
}

/// A market that what is left of an order may stand in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) market: InstrumentId,
    pub(crate) venue: VenueId,
    /// It did not do what was asked of it before.
    pub(crate) shut: bool,
    pub(crate) dark: bool,
    /// What a lot comes to with the fee of making; less is better.
    pub(crate) cost: i128,
    /// The best displayed price of the order's own side, and how much stands there.
    pub(crate) own: Option<(Price, Qty)>,
}

/// The best place first: shown, the cheapest to make in, the best price of its own side, the longest queue there.
pub(crate) fn rank_places(side: Side, places: &mut [Place]) {
    places.sort_by_key(|place| {
        let own = place.own.map(|(price, qty)| {
            // For a buy the highest bid is the best.
            let rank = i128::from(price.0).saturating_mul(i128::from(side.sign()));
            (Reverse(rank), Reverse(qty))
        });
        (place.shut, place.dark, place.cost, own.is_none(), own)
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With a fee in percent.
    fn cost_at(side: Side, price: i64, fee: i128) -> i128 {
        let (price, sign) = (i128::from(price), i128::from(side.sign()));
        price.saturating_mul(sign.saturating_mul(100)).saturating_add(price.saturating_mul(fee))
    }

    fn candidate(side: Side, at: u32, fee: i128, offers: &[(i64, i64)]) -> Candidate {
        let offer = |&(price, qty): &(i64, i64)| {
            let cost = cost_at(side, price, fee);
            Offer { price: Price(price), qty: Qty(qty), cost }
        };
        let offers = offers.iter().map(offer).collect();
        Candidate { market: InstrumentId(at), venue: VenueId(0), offers }
    }

    fn check(side: Side, qty: i64, markets: &[(i128, &[(i64, i64)])], expected: &[(u32, i64, i64, Why)]) {
        let candidates = (0..).zip(markets).map(|(at, (fee, offers))| candidate(side, at, *fee, offers));
        let chosen = choose(side, &candidates.collect::<Vec<_>>(), Qty(qty));
        let chosen: Vec<_> = chosen
            .iter()
            .map(|slice| (slice.market.0, slice.qty.0, slice.price.map_or(0, |price| price.0), slice.why))
            .collect();
        assert_eq!(chosen, expected);
    }

    #[test]
    fn the_cheapest_net_comes_first() {
        // Fees are in percent.
        check(Side::Buy, 5, &[(0, &[(101, 5)]), (0, &[(100, 5)])], &[(1, 5, 100, Why::Price)]);
        check(Side::Buy, 5, &[(0, &[(101, 5)]), (2, &[(100, 5)])], &[(0, 5, 101, Why::Fee)]);
        check(Side::Sell, 5, &[(3, &[(100, 5)]), (0, &[(99, 5)])], &[(1, 5, 99, Why::Fee)]);
        check(Side::Sell, 5, &[(0, &[(100, 5)]), (0, &[(99, 5)])], &[(0, 5, 100, Why::Price)]);
        check(Side::Buy, 5, &[(0, &[(100, 5)]), (0, &[(100, 6)])], &[(1, 5, 100, Why::Size)]);
        check(Side::Buy, 5, &[(0, &[(100, 5)]), (0, &[(100, 5)])], &[(0, 5, 100, Why::First)]);
        check(Side::Buy, 5, &[(0, &[(100, 3)])], &[(0, 3, 100, Why::Only)]);
    }

    #[test]
    fn levels_alternate_between_markets() {
        let one: &[(i64, i64)] = &[(100, 1), (102, 1), (103, 1)];
        let other: &[(i64, i64)] = &[(101, 1), (104, 1)];
        let expected = [
            (0, 1, 100, Why::Price),
            (1, 1, 101, Why::Price),
            (0, 2, 103, Why::Price),
            (1, 1, 104, Why::Only),
        ];
        check(Side::Buy, 9, &[(0, one), (0, other)], &expected);
    }

    #[test]
    fn a_price_within_a_cost_is_the_nearest() {
        let cost = |side: Side, price: Price| cost_at(side, price.0, 1);
        let within = |side, reference, cost_max| {
            price_within(side, Price(reference), cost_max, |price| cost(side, price)).map(|price| price.0)
        };
        assert_eq!(within(Side::Buy, 100, 101 * 100), Some(100));
        assert_eq!(within(Side::Buy, 100, 99 * 101), Some(99));
        assert_eq!(within(Side::Buy, 1_000, 500 * 101 + 7), Some(500));
        assert_eq!(within(Side::Sell, 100, -101 * 99), Some(101));
        assert_eq!(within(Side::Sell, 100, -12_345 * 99), Some(12_345));
    }
}
