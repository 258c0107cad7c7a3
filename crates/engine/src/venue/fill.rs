//! A fill that a venue reports: counted once by the venue's own id, and booked whatever the order's state is here,
//! because money that moved has moved. The other side is the venue's account in our books, so all postings still
//! sum to zero. What an order did not have open is a break, and is told.

use crate::Engine;
use crate::amount::{ORDER_VALUE_MAX, POSITION_QTY_MAX, POSITION_VALUE_MAX, SUPPLY_MAX};
use crate::index::halves;
use crate::ledger::Fill;
use model::{
    AccountId, AssetId, CancelCause, Event, Misfit, OrderId, OrderStatus, OutsideTrade, Qty, TradeId,
    VenueFill, VenueId,
};
use xxhash_rust::xxh3::xxh3_128;

/// What of a fill the order had open.
#[derive(Clone, Copy)]
struct Counted {
    open: Qty,
    ended: bool,
}

impl Engine {
    pub(super) fn take_fill(
        &mut self,
        venue: VenueId,
        account: AccountId,
        fill: &VenueFill,
        events: &mut Vec<Event>,
    ) {
        let misfit = |what| Event::ReportMisfit { venue, account, order: Some(fill.order), what };
        let Some(known) = self.desks.all.get(&venue).and_then(|desk| desk.order(fill.order)) else { return };
        let name = halves(xxh3_128(fill.fill.as_bytes()));
        if !known.is_sent() {
            return events.push(misfit(Misfit::NotAsked));
        }
        if known.fills.contains(&name) {
            return events.push(misfit(Misfit::Repeated));
        }
        let ended = known.ended;
        let room = self.desks.all.get(&venue).is_some_and(|desk| desk.fills < super::FILLS_MAX);
        if !room || !self.is_bookable(venue, known.holding, fill) {
            return events.push(misfit(Misfit::Uncountable));
        }
        if !ended {
            self.grow_to(fill, events);
        }
        let before = if ended { Qty::ZERO } else { self.orders.left(fill.order.slot()) };
        let counted = Counted { open: fill.qty.min(before), ended };
        if let Some(desk) = self.desks.all.get_mut(&venue) {
            desk.fills = desk.fills.saturating_add(1);
            if let Some(known) = desk.order_mut(fill.order) {
                known.fills.insert(name);
                known.filled = Qty(known.filled.0.saturating_add(fill.qty.0));
            }
        }
        self.book_fill(venue, fill, counted, events);
        if counted.open < fill.qty {
            events.push(misfit(if ended { Misfit::Late } else { Misfit::Overfilled }));
            self.tell_break(venue, fill, counted, events);
        }
        self.go_on_after(venue, fill, counted, events);
    }

    /// A fill of what an order has not got shows that the larger quantity on its way has arrived.
    fn grow_to(&mut self, fill: &VenueFill, events: &mut Vec<Event>) {
        let slot = fill.order.slot();
        let Some(change) = self.outside(slot).and_then(|known| known.change) else { return };
        let arrived = change.sent && fill.qty > self.orders.left(slot);
        if arrived && change.qty > self.orders.at(slot).qty {
            if let Some(known) = self.outside_mut(slot) {
                known.change = None;
            }
            if let (Some(place), Some(desk)) = (change.way.place(), self.desk_mut(slot)) {
                desk.line.leave(place);
            }
            self.apply_change(slot, change.qty, change.price, false, events);
        }
    }

    /// Whether everything it would move stays in range.
    fn is_bookable(&self, venue: VenueId, holding: u32, fill: &VenueFill) -> bool {
        let held = self.ledger.positions.at(holding);
        let Some(listed) = self.listings.get(held.instrument.0 as usize) else { return false };
        let known_asset = (fill.fee_asset.0 as usize) < self.registry.kept.assets.len();
        let countable = fill.qty.0 > 0
            && fill.qty.0 < POSITION_QTY_MAX
            && listed.units.countable(fill.price, fill.qty)
            && fill.fee.0.unsigned_abs() <= ORDER_VALUE_MAX.unsigned_abs();
        if !known_asset || !countable {
            return false;
        }
        let exposure = self.ledger.positions.exposure(held.exposure);
        let small = |amount: i128, most: i128| amount.unsigned_abs() < most.unsigned_abs();
        let quote = listed.instrument.quote;
        let own = [Some(quote), Some(fill.fee_asset), listed.delivers()];
        let balances = own.into_iter().flatten().all(|asset| {
            let of = self.ledger.balances.find(held.account, asset).map(|at| self.ledger.balances.at(at));
            let theirs = self.ledger.outside_of(venue, asset);
            let house = self.ledger.house.get(asset.0 as usize).map_or(0, |house| house.clearing.0);
            of.is_none_or(|balance| small(balance.total.0, SUPPLY_MAX))
                && small(theirs, SUPPLY_MAX)
                && small(house, SUPPLY_MAX)
        });
        balances
            && small(exposure.cost.0, POSITION_VALUE_MAX)
            && small(held.cost.0, POSITION_VALUE_MAX)
            && small(held.realised.0, SUPPLY_MAX)
            && small(held.fees.0, SUPPLY_MAX)
            && exposure.qty.0.saturating_abs() < POSITION_QTY_MAX
            && held.qty.0.saturating_abs() < POSITION_QTY_MAX
    }

    /// Posts it: position and money, the venue's account against them, and the fee as reported.
    fn book_fill(&mut self, venue: VenueId, fill: &VenueFill, counted: Counted, events: &mut Vec<Event>) {
        let Some(known) = self.desks.all.get(&venue).and_then(|desk| desk.order(fill.order)) else { return };
        let (holding, side, account, reserved) = (known.holding, known.side, known.account, known.reserved);
        let (held, slot) = (*self.ledger.positions.at(holding), fill.order.slot());
        let Some(listed) = self.listings.get(held.instrument.0 as usize) else { return };
        let (base, quote, units) = (listed.delivers(), listed.instrument.quote, listed.units);
        let (initial, value) = (listed.instrument.margin.initial, units.value(fill.price, fill.qty));
        let felt = listed.felt;
        let post = Fill { holding, side, qty: fill.qty, value, fee: 0, reduces: false };
        self.ledger.post_fill(&post, &units, base, quote);
        let sign = i128::from(side.sign());
        self.ledger.post_outside(venue, quote, value.saturating_mul(sign));
        if let Some(base) = base {
            let lots = i128::from(fill.qty.0).saturating_mul(units.lot).saturating_mul(sign);
            self.ledger.post_outside(venue, base, lots.saturating_neg());
        }
        let fee_at = self.ledger.post_outside_fee(venue, &held, (holding, quote), fill);
        let left = if counted.ended {
            Qty::ZERO
        } else {
            let left = Qty(self.orders.left(slot).0.saturating_sub(counted.open.0));
            self.orders.set_reserve(slot, left);
            let open = reserved.1.0.saturating_sub(counted.open.0).max(left.0);
            self.reserve_outside(slot, (reserved.0, Qty(open)));
            let claimed = self.outside(slot).map(|known| known.claimed).unwrap_or_default();
            self.claim_outside(slot, Qty(claimed.0.saturating_sub(counted.open.0).max(0)));
            left
        };
        if held.on_margin {
            self.ledger.relock_holding(holding, initial);
        }
        for at in [Some(held.quote), Some(held.base), fee_at].into_iter().flatten() {
            self.note_owing(at);
        }
        self.trades = self.trades.wrapping_add(1);
        events.push(Event::OutsideTraded(Box::new(OutsideTrade {
            trade: TradeId(self.trades),
            venue,
            order: fill.order,
            account,
            book: held.book,
            instrument: held.instrument,
            side,
            price: fill.price,
            qty: fill.qty,
            left,
            fee: fill.fee,
            fee_asset: fill.fee_asset,
        })));
        if felt {
            self.feel_trade([holding; 2], held.instrument, events);
        }
    }

    /// An order there has ended: it counts as one that traded if it did.
    pub(super) fn count_outside(&mut self, slot: u32) {
        if self.risk.is_on() && self.outside(slot).is_some_and(|known| known.filled > Qty::ZERO) {
            self.count_traded(self.orders.at(slot).holding);
        }
    }

    /// A cash balance that is below zero, or is not any more.
    pub(crate) fn note_owing(&mut self, at: u32) {
        let balance = self.ledger.balances.at(at);
        if balance.available().0 < 0 {
            self.desks.owing.insert(at);
        } else {
            self.desks.owing.remove(&at);
        }
    }

    /// Our orders account for a smaller position than the venue has made.
    fn tell_break(&self, venue: VenueId, fill: &VenueFill, counted: Counted, events: &mut Vec<Event>) {
        let Some(known) = self.desks.all.get(&venue).and_then(|desk| desk.order(fill.order)) else { return };
        let held = self.ledger.positions.at(known.holding);
        let theirs = self.ledger.positions.exposure(held.exposure).qty;
        let beyond = fill.qty.0.saturating_sub(counted.open.0).saturating_mul(known.side.sign());
        let (account, instrument) = (held.account, held.instrument);
        let ours = Qty(theirs.0.saturating_sub(beyond));
        events.push(Event::BreakFound { account, instrument, ours, theirs });
    }

    /// What the fill means for the order, its group, its algo, and those that reduce the same position.
    fn go_on_after(&mut self, venue: VenueId, fill: &VenueFill, counted: Counted, events: &mut Vec<Event>) {
        let slot = fill.order.slot();
        let Some(holding) =
            self.desks.all.get(&venue).and_then(|desk| desk.order(fill.order)).map(|known| known.holding)
        else {
            return;
        };
        if !counted.ended {
            self.count_fill(slot, counted.open);
            // The end of a leg is the end of the others anyway.
            if !self.orders.left(slot).is_zero() {
                self.follow_fill(slot, counted.open, events);
            }
            self.lower_those_behind(fill.order, counted.open, events);
        }
        if !counted.ended && !self.orders.at(slot).status.is_final() {
            self.end_if_done(fill.order, events);
        }
        self.trim(holding, events);
        self.stir_desks();
    }

    /// The order is filled, or as filled as the venue said it would be.
    pub(super) fn end_if_done(&mut self, order: OrderId, events: &mut Vec<Event>) {
        let slot = order.slot();
        let Some(known) = self.outside(slot).filter(|known| !known.ended) else { return };
        let (left, closing) = (self.orders.left(slot), known.closing);
        if left.is_zero() {
            self.release_outside(slot);
            self.count_outside(slot);
            return self.end_order(slot, OrderStatus::Filled, events);
        }
        match closing {
            Some((status, open)) if left <= open => self.end_outside(order, status, None, events),
            _ => self.restate(order, events),
        }
    }

    /// The venue has ended it.
    pub(super) fn end_outside(
        &mut self,
        order: OrderId,
        status: OrderStatus,
        cause: Option<CancelCause>,
        events: &mut Vec<Event>,
    ) {
        let slot = order.slot();
        let Some(known) = self.outside(slot) else { return };
        let status =
            if known.expires && status == OrderStatus::Cancelled { OrderStatus::Expired } else { status };
        let cause = cause.or(known.cancel.map(|(cause, _)| cause)).unwrap_or_else(|| self.unasked(slot));
        let left = self.take_out(slot);
        events.push(match status {
            OrderStatus::Expired => Event::OrderExpired { order, left },
            _ => Event::OrderCancelled { order, left, cause },
        });
        self.count_outside(slot);
        self.end_order(slot, status, events);
        self.stir_desks();
    }
}

/// The venue's own account.
impl crate::ledger::Ledger {
    pub(crate) fn outside_of(&self, venue: VenueId, asset: AssetId) -> i128 {
        self.outside.get(&(venue, asset)).map_or(0, |amount| amount.0)
    }

    fn post_outside(&mut self, venue: VenueId, asset: AssetId, amount: i128) {
        let account = self.outside.entry((venue, asset)).or_default();
        crate::amount::add(&mut account.0, amount);
    }

    /// The fee goes to the venue, from the account's balance in the asset it is in. Gives which that is.
    fn post_outside_fee(
        &mut self,
        venue: VenueId,
        held: &crate::ledger::Holding,
        (holding, quote): (u32, AssetId),
        fill: &VenueFill,
    ) -> Option<u32> {
        if fill.fee.0 == 0 {
            return None;
        }
        let at = self.balances.find_or_open(held.account, fill.fee_asset, None).ok()?;
        self.balances.at_mut(at).debit(fill.fee.0);
        self.lines.end_leave(held.account);
        self.post_outside(venue, fill.fee_asset, fill.fee.0);
        if fill.fee_asset == quote {
            crate::amount::add(&mut self.positions.at_mut(holding).fees.0, fill.fee.0);
        }
        Some(at)
    }
}
