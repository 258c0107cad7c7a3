//! From a client's order to a proposal: names are looked up, words that the engine does not act on are refused,
//! pairs that mean nothing together are refused, a post-only price is settled.

use super::pairs;
use super::special::is_special;
use super::{Look, Proposal, Remainder};
use crate::Engine;
use crate::ledger::Holding;
use crate::listing::Listed;
use crate::risk::NO_HOLDING;
use model::{
    BookId, Bound, Call, Combination, Feature, InstrumentId, Money, NewOrder, OrderType, PostOnly, Price,
    Priority, Qty, Rate, Reject, Side, Time, TimeInForce, TrailBy,
};

/// Parts that an iceberg may come in.
const PARTS_MAX: i64 = 1000;

impl Engine {
    #[inline(always)]
    pub(crate) fn propose(&mut self, order: &NewOrder) -> Result<Proposal, Reject> {
        self.catch_up(order.account);
        let form = self.form(order)?;
        let holding = self.holding_of(order, form.book)?;
        let held = self.ledger.positions.at(holding);
        let kind = (held.on_margin, held.outside);
        if held.outside {
            self.check_for_outside(order)?;
        }
        form.proposal(order, holding, kind)
    }

    /// The same of an order that is only asked about: nothing is opened for it.
    pub(crate) fn imagine(&self, order: &NewOrder) -> Result<Proposal, Reject> {
        let form = self.form(order)?;
        let outside = self.is_outside(order.instrument);
        if outside {
            self.check_for_outside(order)?;
        }
        match self.ledger.positions.find(form.book, order.instrument) {
            Some(at) => form.proposal(order, at, (self.ledger.positions.at(at).on_margin, outside)),
            None => form.proposal(order, NO_HOLDING, (self.may_hold(order)?, outside)),
        }
    }

    #[inline(always)]
    fn form(&self, order: &NewOrder) -> Result<Form, Reject> {
        self.check_words(order)?;
        if let Some(what) = pairs::check(order) {
            return Err(Reject::IllegalCombination { what });
        }
        let (price, hidden) = self.priced(order)?;
        let (remainder, day, ends) = self.until(order.time_in_force, price.is_none())?;
        let book = self.registry.book(order.account, order.book)?;
        Ok(Form { price, hidden, remainder, day, ends, book })
    }

    /// Its price and whether it is hidden; no price is whatever price there is. Of an order that waits for its
    /// price: what it will be.
    #[inline]
    fn priced(&self, order: &NewOrder) -> Result<(Option<Price>, bool), Reject> {
        match order.kind {
            OrderType::Market => Ok((None, false)),
            OrderType::Limit { price } => Ok((Some(price), false)),
            OrderType::Hidden { price } => Ok((Some(price), true)),
            _ => self.priced_special(order),
        }
    }

    #[cold]
    fn priced_special(&self, order: &NewOrder) -> Result<(Option<Price>, bool), Reject> {
        check_numbers(order)?;
        Ok(match order.kind {
            OrderType::StopLimit { price, .. }
            | OrderType::LimitIfTouched { price, .. }
            | OrderType::Iceberg { price, .. } => (Some(price), false),
            OrderType::MarketToLimit if self.gathers(order.instrument) => {
                return Err(Reject::InstrumentNotTrading);
            }
            // No outside venue takes it, which is said where the venue is looked at.
            OrderType::MarketToLimit if self.is_outside(order.instrument) => (None, false),
            OrderType::MarketToLimit => {
                let best = self.best_against(order.instrument, order.side);
                (Some(best.ok_or(Reject::NoLiquidity)?), false)
            }
            // Where there is nothing to follow yet, the limit if there is one.
            OrderType::Pegged { limit, .. } => (self.peg_price(order).or(limit), true),
            _ => (None, false),
        })
    }

    fn until(&self, time_in_force: TimeInForce, market: bool) -> Result<(Remainder, bool, Time), Reject> {
        let rests = if market { Remainder::Cancelled } else { Remainder::Rests };
        match time_in_force {
            TimeInForce::Gtc => Ok((rests, false, Time::MAX)),
            TimeInForce::Day => Ok((rests, true, Time::MAX)),
            TimeInForce::Ioc => Ok((Remainder::Cancelled, false, Time::MAX)),
            TimeInForce::Fok => Ok((Remainder::AllOrNothing, false, Time::MAX)),
            TimeInForce::Gtd(end) if end <= self.time => Err(Reject::EndNotInFuture),
            TimeInForce::Gtd(end) => Ok((rests, false, end)),
            // What its auction leaves of it goes with the auction.
            TimeInForce::AtOpen | TimeInForce::AtClose => Ok((Remainder::Rests, false, Time::MAX)),
        }
    }

    /// The book's holding in the instrument, opened at its first order.
    #[inline(always)]
    fn holding_of(&mut self, order: &NewOrder, book: BookId) -> Result<u32, Reject> {
        match self.ledger.positions.find(book, order.instrument) {
            Some(at) => Ok(at),
            None => self.open_holding(order, book),
        }
    }

    /// Whether the account may hold the instrument at all, and if so, whether on margin.
    fn may_hold(&self, order: &NewOrder) -> Result<bool, Reject> {
        let (account, instrument) = (order.account, order.instrument);
        let on_margin = Self::on_margin(self.registry.account(account)?.kind);
        let listed = self.listings.get(instrument.0 as usize);
        let class = listed.ok_or(Reject::UnknownInstrument { instrument })?.instrument.class;
        if class == model::InstrumentClass::Index {
            return Err(Reject::NotTradable);
        }
        if !on_margin && !class.is_delivered() {
            return Err(Reject::AccountKindNotAllowed);
        }
        Ok(on_margin)
    }

    #[cold]
    fn open_holding(&mut self, order: &NewOrder, book: BookId) -> Result<u32, Reject> {
        let on_margin = self.may_hold(order)?;
        let (account, instrument) = (order.account, order.instrument);
        let outside = self.is_outside(instrument);
        let listed = self.listings.get(instrument.0 as usize);
        let listed = listed.ok_or(Reject::UnknownInstrument { instrument })?;
        let isolated = self.registry.account(account)?.margin == model::MarginMode::Isolated;
        let own = self.ledger.balances.find_or_open(account, listed.instrument.quote, None)?;
        let quote = if isolated {
            self.ledger.balances.find_or_open(account, listed.instrument.quote, Some(instrument))?
        } else {
            own
        };
        let base = match listed.delivers() {
            Some(base) if !on_margin => self.ledger.balances.find_or_open(account, base, None)?,
            _ => quote,
        };
        let exposures = self.ledger.positions.exposures.len();
        let exposure = self.ledger.positions.expose(account, instrument)?;
        let fresh = self.ledger.positions.exposures.len() > exposures;
        if on_margin
            && fresh
            && let Some(listed) = self.listings.get_mut(instrument.0 as usize)
        {
            listed.holders.push(exposure);
            listed.feel();
        }
        let opened = self.ledger.positions.open(Holding {
            book,
            instrument,
            account,
            exposure,
            quote,
            base,
            on_margin,
            outside,
            reducing: 0,
            qty: Qty::ZERO,
            cost: Money::ZERO,
            realised: Money::ZERO,
            fees: Money::ZERO,
        })?;
        if self.ledger.lines.on {
            let user = self.user_of(account);
            let venue = self.venue_of(instrument);
            self.ledger.lines.add(exposure, (user, venue), (account, book, instrument));
        }
        Ok(opened)
    }

    /// Where a post-only order may stand: at its price if that does not trade, else as its mode says.
    pub(crate) fn settle_post_only(&self, proposal: &mut Proposal) -> Result<(), Reject> {
        let (Some(mode), Some(price)) = (proposal.post_only, proposal.price) else { return Ok(()) };
        let Some(best) = self.best_against(proposal.instrument, proposal.side) else { return Ok(()) };
        if !proposal.side.reaches(price, best) {
            return Ok(());
        }
        if mode == PostOnly::Reject {
            return Err(Reject::WouldTrade);
        }
        let away = proposal.side.sign().wrapping_neg();
        let price = best.checked_add(away).ok_or(Reject::NoRoomToSlide)?;
        if price.0 <= 0 && !self.may_be_negative(proposal.instrument) {
            return Err(Reject::NoRoomToSlide);
        }
        proposal.price = Some(price);
        Ok(())
    }

    fn may_be_negative(&self, instrument: InstrumentId) -> bool {
        let listed = self.listings.get(instrument.0 as usize);
        listed.is_some_and(|listed| !listed.instrument.class.is_delivered())
    }

    /// Words that are in the vocabulary and not yet in the engine, or that have no meaning in our own market.
    #[inline]
    fn check_words(&self, order: &NewOrder) -> Result<(), Reject> {
        let queues = order.priority != Priority::Normal || order.deadline.is_some();
        if queues && !self.is_outside(order.instrument) {
            return Err(Reject::NotSupported { what: Feature::Queue });
        }
        Ok(())
    }

    /// The best price an order of `side` would meet at once, hidden orders included.
    #[inline]
    pub(crate) fn best_against(&self, instrument: InstrumentId, side: Side) -> Option<Price> {
        let listed = self.listings.get(instrument.0 as usize).filter(|listed| !listed.gathers());
        listed?.book.best_any(side.opposite())
    }

    #[inline]
    pub(crate) fn gathers(&self, instrument: InstrumentId) -> bool {
        self.listings.get(instrument.0 as usize).is_some_and(Listed::gathers)
    }

    /// Walks the book for a proposal whose checks depend on what it would meet.
    pub(crate) fn look_if_needed(&self, proposal: &mut Proposal) {
        let all_or_nothing = proposal.remainder == Remainder::AllOrNothing;
        let pays_unknown = proposal.price.is_none() && proposal.side == Side::Buy;
        let looks = !self.gathers(proposal.instrument);
        if looks && (all_or_nothing || pays_unknown || proposal.on_margin || proposal.qty_min.is_some()) {
            proposal.look = Some(Look::ahead(self, proposal));
        }
    }
}

/// What an order says for itself, its names resolved.
struct Form {
    price: Option<Price>,
    hidden: bool,
    remainder: Remainder,
    day: bool,
    ends: Time,
    book: BookId,
}

impl Form {
    #[inline(always)]
    fn proposal(
        self,
        order: &NewOrder,
        holding: u32,
        (on_margin, outside): (bool, bool),
    ) -> Result<Proposal, Reject> {
        if order.reduce_only && !on_margin {
            return Err(Reject::IllegalCombination { what: Combination::ReduceOnlyCash });
        }
        let Self { price, hidden, remainder, day, ends, book } = self;
        Ok(Proposal {
            account: order.account,
            book,
            instrument: order.instrument,
            holding,
            on_margin,
            side: order.side,
            qty: order.qty,
            price,
            hidden,
            remainder,
            // An outside venue knows when its own auctions are.
            call: if outside { None } else { Call::of(order.time_in_force) },
            day,
            ends,
            post_only: order.post_only,
            reduce_only: order.reduce_only,
            self_trade: order.self_trade,
            special: outside || is_special(order),
            qty_min: order.qty_min,
            look: None,
            filled: None,
            confidence: order.confidence,
            forced: false,
        })
    }
}

/// Distances and displays that mean something.
fn check_numbers(order: &NewOrder) -> Result<(), Reject> {
    if let OrderType::Iceberg { display, .. } = order.kind {
        check_display(display, order.qty)?;
    }
    let above_zero = match &order.kind {
        OrderType::TrailingStop { trail } | OrderType::TrailingStopLimit { trail, .. } => {
            let sound = match trail.by {
                TrailBy::Amount(ticks) | TrailBy::Ticks(ticks) => ticks > 0,
                TrailBy::Percent(rate) => rate > Rate::ZERO && rate < Rate::ONE,
            };
            sound && trail.step.is_none_or(|step| step > 0)
        }
        _ => true,
    };
    if above_zero { Ok(()) } else { Err(Reject::IllegalCombination { what: Combination::NotAboveZero }) }
}

/// An iceberg shows something, and is not cut so fine that one sweep through it would never end.
pub(super) fn check_display(display: Qty, qty: Qty) -> Result<(), Reject> {
    if display.0 <= 0 {
        return Err(Reject::IllegalCombination { what: Combination::NotAboveZero });
    }
    let parts = qty.0.checked_div(display.0).unwrap_or(i64::MAX);
    if parts > PARTS_MAX { Err(Reject::BoundReached { what: Bound::Parts }) } else { Ok(()) }
}
