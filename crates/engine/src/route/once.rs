//! All or nothing over several markets, and a least quantity. Before anything is sent it is found out what every
//! market is sure to do, hidden parts included, and the parts are rehearsed: each passes the checks with the ones
//! before it done, on the real ledger, which is put back as it was. A market whose part does not pass is left out
//! and the rest is tried again. Only what is sure as a whole is sent, and nothing can come between its parts.

use super::choose::{Slice, Why, choose, gathered};
use super::send::taking;
use crate::Engine;
use crate::ledger::{Balance, Exposure, Fill, Holding, House, Margin};
use crate::order::{Look, Proposal};
use crate::risk::Count;
use model::{AlgoId, AssetId, CancelCause, Event, InstrumentId, NewOrder, Qty, Reject, TimeInForce};

/// What a rehearsed part changes in the ledger, as it was before.
struct Before {
    holding: (u32, Holding),
    exposure: (u32, Exposure, Margin),
    /// Of quote and base, and the account's own beside one that stands behind a position.
    balances: Vec<(u32, Balance)>,
    houses: Vec<(AssetId, House)>,
    counts: Vec<(u32, Count)>,
}

impl Engine {
    pub(super) fn route_at_once(&mut self, id: AlgoId, order: &NewOrder, events: &mut Vec<Event>) {
        let left = self.routed_left(id);
        let all = order.time_in_force == TimeInForce::Fok;
        let needed = if all { left } else { order.qty_min.unwrap_or(left) };
        let (mut shut, mut refused) = (Vec::new(), None);
        let slices = loop {
            let slices = self.sure_slices(order, left, &shut);
            let sure = slices.iter().fold(0i64, |sum, slice| sum.saturating_add(slice.qty.0));
            if sure < needed.0 {
                let cause =
                    refused.map_or(CancelCause::NotAllFillable, |reason| CancelCause::Refused { reason });
                return self.give_up(id, cause, events);
            }
            match self.rehearse(order, &slices) {
                Ok(()) => break slices,
                Err((market, reason)) => {
                    shut.push(market);
                    refused = Some(reason);
                }
            }
        };
        for slice in &slices {
            let least = order.qty_min.filter(|_| slice.why == Why::Dark).map(|least| least.min(slice.qty));
            self.take_slice(id, slice, least, events);
        }
        if self.routed_left(id) > Qty::ZERO {
            self.give_up(id, CancelCause::NothingLeftToTrade, events);
        }
    }

    /// One slice a market, each of what is sure to trade: the dark ones, what is shown by its cost, and then what
    /// is behind it.
    fn sure_slices(&mut self, order: &NewOrder, qty: Qty, shut: &[InstrumentId]) -> Vec<Slice> {
        let (limit, mut left, mut slices) = (order.kind.limit(), qty, Vec::new());
        for market in self.dark_markets(order, shut) {
            let price = self.dark_price(order, limit, market);
            let slice = price.and_then(|price| self.slice_at(market, left, Some(price), Why::Dark));
            let slice = slice.and_then(|slice| self.sure_of(order, slice));
            let least = order.qty_min.map_or(Qty::ZERO, |least| least.min(left));
            if let Some(slice) = slice.filter(|slice| slice.qty >= least) {
                left = Qty(left.0.saturating_sub(slice.qty.0));
                slices.push(slice);
            }
        }
        let candidates = self.candidates(order, limit, left, shut);
        for slice in gathered(choose(order.side, &candidates, left)) {
            if let Some(slice) = self.sure_of(order, slice) {
                left = Qty(left.0.saturating_sub(slice.qty.0));
                slices.push(slice);
            }
        }
        for market in self.markets_of(order.instrument) {
            if !shut.contains(&market) && self.trades_now(market) {
                left = self.deepen(order, market, left, &mut slices);
            }
        }
        slices
    }

    /// Asks more of a market, up to the limit; gives what is left after that.
    fn deepen(&mut self, order: &NewOrder, market: InstrumentId, left: Qty, slices: &mut Vec<Slice>) -> Qty {
        let at = slices.iter().position(|slice| slice.market == market);
        let before = at.and_then(|at| slices.get(at)).map_or(Qty::ZERO, |slice| slice.qty);
        let why = at.and_then(|at| slices.get(at)).map_or(Why::Hidden, |slice| slice.why);
        let whole = Qty(before.0.saturating_add(left.0));
        let slice = self.slice_at(market, whole, order.kind.limit(), why).filter(|_| left > Qty::ZERO);
        let Some(slice) = slice.and_then(|slice| self.sure_of(order, slice)) else { return left };
        if slice.qty <= before {
            return left;
        }
        match at.and_then(|at| slices.get_mut(at)) {
            Some(known) => *known = slice,
            None => slices.push(slice),
        }
        Qty(whole.0.saturating_sub(slice.qty.0))
    }

    fn sure_of(&mut self, order: &NewOrder, slice: Slice) -> Option<Slice> {
        let sure = self.looked(&taking(order, &slice))?.qty.min(slice.qty);
        (sure > Qty::ZERO).then_some(Slice { qty: sure, ..slice })
    }

    /// What an order would meet now.
    pub(super) fn looked(&mut self, child: &NewOrder) -> Option<Look> {
        let proposal = self.propose(child).ok()?;
        self.trades_now(child.instrument).then(|| Look::ahead(self, &proposal))
    }

    fn rehearse(&mut self, order: &NewOrder, slices: &[Slice]) -> Result<(), (InstrumentId, Reject)> {
        let mut done = Vec::with_capacity(slices.len());
        let mut wrong = Ok(());
        for slice in slices {
            match self.rehearse_one(order, slice) {
                Ok(before) => done.push(before),
                Err(reason) => {
                    wrong = Err((slice.market, reason));
                    break;
                }
            }
        }
        for before in done.into_iter().rev() {
            self.put_back(before);
        }
        wrong
    }

    /// Checks a part and posts it, as dear as it can come.
    fn rehearse_one(&mut self, order: &NewOrder, slice: &Slice) -> Result<Before, Reject> {
        let mut proposal = self.propose(&taking(order, slice))?;
        let counts = self.counts_on_the_way(&proposal);
        let Proposal { qty, holding, side, on_margin, .. } = *self.approve(&mut proposal)?.get();
        if qty < slice.qty {
            return Err(Reject::NothingToReduce);
        }
        let look = Look::ahead(self, &proposal);
        let before = Before { counts, ..self.before(holding, slice.market)? };
        let listed = self.listings.get(slice.market.0 as usize);
        let listed = listed.ok_or(Reject::UnknownInstrument { instrument: slice.market })?;
        let (units, initial) = (listed.units, listed.instrument.margin.initial);
        // Every fill may round its fee up by one.
        let fee = look.fees.saturating_add(i128::from(qty.0));
        let fill = Fill { holding, side, qty, value: look.net, fee, reduces: false };
        self.ledger.post_fill(&fill, &units, listed.delivers(), listed.instrument.quote);
        if on_margin {
            self.ledger.relock_holding(holding, initial);
        }
        Ok(before)
    }

    fn before(&self, holding: u32, market: InstrumentId) -> Result<Before, Reject> {
        let unknown = Reject::UnknownInstrument { instrument: market };
        let listing = &self.listings.get(market.0 as usize).ok_or(unknown)?.instrument;
        let ledger = &self.ledger;
        let held = *ledger.positions.at(holding);
        let balance = |at: u32| (at, *ledger.balances.at(at));
        let house = |asset: AssetId| ledger.house.get(asset.0 as usize).map(|house| (asset, *house));
        let (exposure, margin) =
            (*ledger.positions.exposure(held.exposure), *ledger.positions.margin(held.exposure));
        Ok(Before {
            holding: (holding, held),
            exposure: (held.exposure, exposure, margin),
            balances: [Some(held.quote), Some(held.base), ledger.balances.beside(held.quote)]
                .into_iter()
                .flatten()
                .map(balance)
                .collect(),
            houses: [Some(listing.quote), listing.base].into_iter().flatten().filter_map(house).collect(),
            counts: Vec::new(),
        })
    }

    fn put_back(&mut self, before: Before) {
        let Before { holding: (at, held), exposure, balances, houses, counts } = before;
        let (exposed, exposure, margin) = exposure;
        self.put_back_counts(&counts);
        let ledger = &mut self.ledger;
        if ledger.lines.on {
            let now = ledger.positions.at(at).qty;
            ledger.lines.shift(at, held.qty.0.wrapping_sub(now.0));
        }
        *ledger.positions.at_mut(at) = held;
        *ledger.positions.exposure_mut(exposed) = exposure;
        *ledger.positions.margin_mut(exposed) = margin;
        for (at, balance) in balances {
            *ledger.balances.at_mut(at) = balance;
        }
        for (asset, house) in houses {
            *ledger.house_mut(asset) = house;
        }
    }
}
