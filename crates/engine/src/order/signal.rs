//! What the market says reaches who waits for it. Here a price becomes a moment that has come: the order is
//! put in line, and `settle.rs` takes the line in turn. Trailing stops follow here, at every price, so that a
//! high in the middle of a sweep counts.

use super::Due;
use crate::Engine;
use crate::index::halves;
use crate::listing::Listed;
use crate::watch::{Purpose, Signal, Toward, Watch};
use model::{InstrumentId, OrderId, OrderType, Price, Rate, Side, Trail, TrailBy, TriggerSource};

impl Listed {
    /// The best displayed prices: of the own book, and of the outside where the own book shows none. None at all
    /// unless the instrument trades.
    pub(crate) fn best(&self) -> (Option<Price>, Option<Price>) {
        if !self.trades() {
            return (None, None);
        }
        let (bid, ask) = self.quote.map_or((None, None), |quote| (quote.bid, quote.ask));
        let own = |side, outside: Option<model::Level>| {
            let shown = if self.dark { None } else { self.book.best_price(side) };
            shown.or_else(|| outside.map(|level| level.price))
        };
        (own(Side::Buy, bid), own(Side::Sell, ask))
    }

    /// What a signal says now.
    fn says(&self, signal: Signal, toward: Toward) -> Option<Price> {
        match signal {
            _ if !self.trades() => None,
            Signal::Last => self.last,
            // Two trades from now on.
            Signal::Twice | Signal::Again => None,
            Signal::Bid => self.best().0,
            Signal::Ask => self.best().1,
            Signal::Mid => middle(self.best(), toward),
            Signal::Mark => self.mark,
        }
    }
}

/// Halfway, rounded so that it counts as reached only when it is.
pub(crate) fn middle(best: (Option<Price>, Option<Price>), toward: Toward) -> Option<Price> {
    let (bid, ask) = (best.0?, best.1?);
    let sum = i128::from(bid.0).saturating_add(i128::from(ask.0));
    let up = i128::from(toward == Toward::Fall);
    let (_, low) = halves(sum.saturating_add(up).div_euclid(2).cast_unsigned());
    Some(Price(low.cast_signed()))
}

/// The signal that a source of prices is for an order of this side.
pub(crate) fn signal_of(source: TriggerSource, side: Side) -> Signal {
    match (source, side) {
        (TriggerSource::Last, _) => Signal::Last,
        (TriggerSource::DoubleLast, _) => Signal::Twice,
        (TriggerSource::Mid, _) => Signal::Mid,
        (TriggerSource::Mark, _) => Signal::Mark,
        // What it would trade with.
        (TriggerSource::BidAsk, Side::Buy) => Signal::Ask,
        (TriggerSource::BidAsk, Side::Sell) => Signal::Bid,
    }
}

impl Engine {
    /// Somebody waits for a trade like this.
    #[cold]
    pub(crate) fn hear_last(&mut self, instrument: InstrumentId, price: Price) {
        if !self.trades_now(instrument) {
            return;
        }
        self.hear(instrument, Signal::Again, price);
        self.pass_on(instrument, Signal::Again, Signal::Twice, |_| true);
        self.pass_on(instrument, Signal::Twice, Signal::Again, |watch| watch.is_reached(price));
        self.hear(instrument, Signal::Last, price);
    }

    /// The best prices of an instrument may have changed.
    pub(crate) fn hear_best(&mut self, instrument: InstrumentId) {
        let Some(listed) = self.listings.get(instrument.0 as usize) else { return };
        let best = listed.best();
        for (signal, price) in [(Signal::Bid, best.0), (Signal::Ask, best.1)] {
            if let Some(price) = price {
                self.hear(instrument, signal, price);
            }
        }
        for toward in Toward::BOTH {
            if let Some(price) = middle(best, toward) {
                self.hear_toward(instrument, (Signal::Mid, toward), price);
            }
        }
    }

    pub(crate) fn hear(&mut self, instrument: InstrumentId, signal: Signal, price: Price) {
        for toward in Toward::BOTH {
            self.hear_toward(instrument, (signal, toward), price);
        }
    }

    /// While an instrument does not trade its prices set nothing off.
    fn hear_toward(&mut self, instrument: InstrumentId, what: (Signal, Toward), price: Price) {
        if !self.trades_now(instrument) {
            return;
        }
        while let Some(watch) = self.watchers(instrument).and_then(|all| all.take_reached(what, price)) {
            match watch.purpose {
                Purpose::Fire => self.put_in_line(OrderId(watch.order), Some(price)),
                Purpose::Follow => self.follow(OrderId(watch.order), price),
            }
        }
    }

    /// Moves those that wait for two trades in a row from one to the other.
    fn pass_on(
        &mut self,
        instrument: InstrumentId,
        from: Signal,
        to: Signal,
        which: impl Fn(&Watch) -> bool,
    ) {
        let Some(watchers) = self.watchers(instrument) else { return };
        let mut taken = Vec::new();
        while let Some(watch) = watchers.take_any(from) {
            taken.push(watch);
        }
        for watch in taken {
            let watch = if which(&watch) { watch.of(to) } else { watch };
            self.watch(instrument, OrderId(watch.order).slot(), watch);
        }
    }

    /// The order's moment has come.
    pub(crate) fn put_in_line(&mut self, order: OrderId, price: Option<Price>) {
        self.unwatch(order.slot());
        self.due.push_back(Due { order, price });
        self.unsettled = true;
    }

    /// The order waits for no price any more, and a moment that had come for it is gone.
    pub(crate) fn stand_down(&mut self, slot: u32) {
        self.unwatch(slot);
        let id = self.orders.at(slot).id;
        self.due.retain(|due| due.order != id);
    }

    pub(crate) fn trades_now(&self, instrument: InstrumentId) -> bool {
        self.listings.get(instrument.0 as usize).is_some_and(Listed::trades)
    }

    /// It trades again: what its prices say by now is heard, and what follows them has something to follow.
    /// Whether the last price is news: of an auction that has just been.
    pub(crate) fn resume(&mut self, instrument: InstrumentId, traded: bool) {
        let Some(listed) = self.listings.get_mut(instrument.0 as usize) else { return };
        listed.mind();
        let (last, mark) = (listed.last, listed.mark);
        self.touch(instrument);
        match last {
            Some(last) if traded => self.hear_last(instrument, last),
            Some(last) => self.hear(instrument, Signal::Last, last),
            None => {}
        }
        if let Some(mark) = mark {
            self.hear(instrument, Signal::Mark, mark);
        }
    }

    /// What the signal says of an instrument now.
    pub(crate) fn says(&self, instrument: InstrumentId, signal: Signal, toward: Toward) -> Option<Price> {
        self.listings.get(instrument.0 as usize)?.says(signal, toward)
    }

    /// The order waits for this from now on.
    pub(crate) fn watch(&mut self, instrument: InstrumentId, slot: u32, watch: Watch) {
        if let Some(listed) = self.listings.get_mut(instrument.0 as usize) {
            listed.watchers.add(watch);
            listed.mind();
        }
        if let Some(special) = self.orders.special_mut(slot) {
            match watch.purpose {
                Purpose::Fire => special.fires = Some(watch),
                Purpose::Follow => special.follows = Some(watch),
            }
        }
    }

    /// The order waits for no price any more.
    pub(crate) fn unwatch(&mut self, slot: u32) {
        let Some(special) = self.orders.special_mut(slot) else { return };
        let watches = [special.fires.take(), special.follows.take()];
        let instruments = [self.watched_by(slot), Some(self.instrument_of(slot))];
        for watchers in instruments.into_iter().flatten() {
            if let Some(watchers) = self.watchers(watchers) {
                watches.iter().flatten().for_each(|watch| watchers.remove(watch));
            }
        }
    }

    /// The instrument that an order's condition looks at.
    pub(crate) fn watched_by(&self, slot: u32) -> Option<InstrumentId> {
        match self.orders.special(slot)?.order.condition? {
            model::Condition::Above { instrument, .. } | model::Condition::Below { instrument, .. } => {
                Some(instrument)
            }
            _ => None,
        }
    }

    pub(crate) fn instrument_of(&self, slot: u32) -> InstrumentId {
        self.ledger.positions.at(self.orders.at(slot).holding).instrument
    }

    pub(crate) fn watchers(&mut self, instrument: InstrumentId) -> Option<&mut crate::watch::Watchers> {
        self.listings.get_mut(instrument.0 as usize).map(|listed| &mut listed.watchers)
    }

    /// Begins to trail: from the price of now, or from the first that comes, once the market has been where the
    /// order becomes active.
    pub(crate) fn trail(&mut self, slot: u32) {
        let Some(trail) = self.trail_of(slot) else { return };
        let (id, side) = (self.orders.at(slot).id, self.orders.at(slot).side);
        let (signal, toward) = (followed(&trail, side), following(side));
        let instrument = self.instrument_of(slot);
        let now = self.says(instrument, signal, toward);
        let from = trail.activation.unwrap_or(match toward {
            Toward::Rise => Price::MIN,
            Toward::Fall => Price::MAX,
        });
        let start = Watch::new(signal, toward, from, id.0, Purpose::Follow);
        match now.filter(|now| start.is_reached(*now)) {
            Some(now) => self.follow(id, now),
            None => self.watch(instrument, slot, start),
        }
    }

    /// The market is at a new best price for a trailing stop.
    fn follow(&mut self, order: OrderId, price: Price) {
        let slot = order.slot();
        let Some(trail) = self.trail_of(slot) else { return };
        self.unwatch(slot);
        if let Some(special) = self.orders.special_mut(slot) {
            special.peak = Some(price);
        }
        self.set_trail(slot, &trail, price);
    }

    /// Waits at the stop that belongs to a peak, and for a better peak.
    pub(crate) fn set_trail(&mut self, slot: u32, trail: &Trail, peak: Price) {
        let (order, side) = (self.orders.at(slot).id.0, self.orders.at(slot).side);
        let instrument = self.instrument_of(slot);
        let stop = stop_of(trail, side, peak);
        let toward = following(side);
        let next = away(peak, side.opposite(), trail.step.unwrap_or(1));
        let against = if toward == Toward::Rise { Toward::Fall } else { Toward::Rise };
        let fires = Watch::new(signal_of(trail.source, side), against, stop, order, Purpose::Fire);
        self.watch(instrument, slot, fires);
        // Where prices end there is no better one to wait for.
        if next != peak {
            let follows = Watch::new(followed(trail, side), toward, next, order, Purpose::Follow);
            self.watch(instrument, slot, follows);
        }
    }

    pub(crate) fn trail_of(&self, slot: u32) -> Option<Trail> {
        match &self.orders.special(slot)?.order.kind {
            OrderType::TrailingStop { trail } | OrderType::TrailingStopLimit { trail, .. } => Some(**trail),
            _ => None,
        }
    }
}

/// The market moves this way for a trailing stop to follow it.
fn following(side: Side) -> Toward {
    match side {
        Side::Sell => Toward::Rise,
        Side::Buy => Toward::Fall,
    }
}

/// Two trades in a row are asked of the end, not of the way there.
fn followed(trail: &Trail, side: Side) -> Signal {
    match signal_of(trail.source, side) {
        Signal::Twice => Signal::Last,
        other => other,
    }
}

/// Where the stop stands for a peak.
pub(crate) fn stop_of(trail: &Trail, side: Side, peak: Price) -> Price {
    let distance = match trail.by {
        TrailBy::Amount(ticks) | TrailBy::Ticks(ticks) => ticks,
        TrailBy::Percent(rate) => share_of(peak, rate),
    };
    away(peak, side, distance.max(1))
}

/// The price so many ticks away in the direction that is worse for the order: below for a sell.
pub(crate) fn away(price: Price, side: Side, ticks: i64) -> Price {
    Price(price.0.saturating_add(ticks.saturating_mul(side.sign())))
}

fn share_of(price: Price, rate: Rate) -> i64 {
    let share = i128::from(price.0.saturating_abs()).saturating_mul(i128::from(rate.0));
    i64::try_from(share.checked_div(i128::from(Rate::ONE.0)).unwrap_or(0)).unwrap_or(i64::MAX)
}
