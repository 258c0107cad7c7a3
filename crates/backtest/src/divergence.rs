//! What really came of orders against what the pretend venue makes of the same orders in the same market: a journal is
//! read once, and every request that left for a venue is asked of the pretend one at its moment. Each order's
//! difference is put under what it is due to, and the parts sum to it.
//!
//! - `reject`: one of the two refused it.
//! - `queue`: a resting order filled more in one of them. What a market order filled more counts as slippage.
//! - `timing`: the market was elsewhere when it filled, by the middle as the journal has it.
//! - `data`: the other data says another middle at the same moment; nothing where the run is over the journal's own.
//! - `slippage`: how far from the middle it filled. `fee`: what it was charged.
//!
//! Absent: orders in markets of the house itself, which the house matches; they are counted and not compared.

use crate::error::BacktestError;
use crate::feed::{Feed, Tick};
use crate::lane::Lane;
use model::{
    Command, Event, Instrument, InstrumentId, OrderId, OrderType, PaperRequest, Print, Quote, Record, Side,
    Symbol, Time, VenueAsk, VenueId, VenueReport, VenueRequest, VenueSay,
};
use serde::Serialize;
use sim::{FeeTable, Rules, Venue};
use std::collections::{BTreeMap, BTreeSet};

/// What differences are due to, in the quote currency; above zero the journal did better.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Parts {
    pub data: f64,
    pub timing: f64,
    pub queue: f64,
    pub slippage: f64,
    pub fee: f64,
    pub reject: f64,
}

/// One order in both worlds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Differs {
    pub order: u64,
    pub symbol: String,
    pub side: Side,
    pub filled: i64,
    pub filled_again: i64,
    pub total: f64,
    pub parts: Parts,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Divergence {
    pub orders: u64,
    /// Of markets of the house: nothing to compare.
    pub own: u64,
    pub same: u64,
    pub total: f64,
    pub parts: Parts,
    /// The largest first; as many as are kept.
    pub worst: Vec<Differs>,
}

const KEPT: usize = 100;

/// One side of an order.
#[derive(Clone, Copy, Debug, Default)]
struct Done {
    qty: i64,
    /// Sums over its fills: price × lots, middle at the fill × lots by both data.
    value: f64,
    middle: f64,
    other_middle: f64,
    fee: f64,
    is_refused: bool,
}

struct Followed {
    instrument: InstrumentId,
    side: Side,
    is_market: bool,
    real: Done,
    again: Done,
}

struct Market {
    symbol: Symbol,
    /// What a lot is worth for each tick.
    unit: f64,
    middle: Option<f64>,
    other: Option<Lane>,
    other_middle: Option<f64>,
}

/// Reads records one by one; `finish` tells what they came to.
pub struct Comparison {
    rules: Rules,
    venues: BTreeMap<VenueId, Venue>,
    outside: BTreeSet<VenueId>,
    markets: BTreeMap<InstrumentId, Market>,
    listed: BTreeMap<InstrumentId, VenueId>,
    orders: BTreeMap<OrderId, Followed>,
    own: u64,
    others: BTreeMap<String, Feed>,
}

impl Comparison {
    /// With the rules of the pretend venue, and by symbol other data to run over in place of the journal's.
    pub fn new(rules: Rules, others: BTreeMap<String, Feed>) -> Result<Self, BacktestError> {
        rules.check()?;
        Ok(Self {
            rules,
            venues: BTreeMap::new(),
            outside: BTreeSet::new(),
            markets: BTreeMap::new(),
            listed: BTreeMap::new(),
            orders: BTreeMap::new(),
            own: 0,
            others,
        })
    }

    pub fn hear(&mut self, record: &Record) -> Result<(), BacktestError> {
        let now = record.stamped.time;
        self.bring_others(now)?;
        self.settle(now);
        let is_refused = record.events.iter().any(|event| matches!(event, Event::CommandRejected { .. }));
        match &record.stamped.command {
            Command::Quote(quote) if !is_refused => self.quote(now, quote),
            Command::Print(print) if !is_refused => self.print(now, print),
            Command::Venue(report) => self.said(report),
            _ => {}
        }
        for event in &record.events {
            self.event(now, event)?;
        }
        self.settle(now);
        Ok(())
    }

    fn event(&mut self, now: Time, event: &Event) -> Result<(), BacktestError> {
        match event {
            Event::VenueDefined { venue, of } if of.kind == model::VenueKind::Outside => {
                self.outside.insert(*venue);
                self.venues.insert(*venue, Venue::new(*venue, self.rules.clone())?);
            }
            Event::InstrumentListed { instrument, listing } => self.list(*instrument, listing)?,
            Event::FeesChanged { instrument, fees } => {
                let venue = self.listed.get(instrument).and_then(|venue| self.venues.get_mut(venue));
                venue.into_iter().for_each(|venue| venue.charge(*instrument, fees));
            }
            Event::OrderAccepted(accepted) => {
                let venue = self.listed.get(&accepted.instrument);
                self.own += u64::from(venue.is_none_or(|venue| !self.outside.contains(venue)));
            }
            Event::PaperAsked(request) | Event::VenueAsked(request) => self.ask(now, request),
            Event::OutsideTraded(trade) => {
                let market = self.markets.get(&trade.instrument);
                let middle = market.and_then(|market| market.middle).unwrap_or(trade.price.0 as f64);
                if let Some(order) = self.orders.get_mut(&trade.order) {
                    order.real.fill(trade.price.0, trade.qty.0, (middle, middle));
                    order.real.fee += crate::tally::number(trade.fee);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn list(&mut self, instrument: InstrumentId, listing: &Instrument) -> Result<(), BacktestError> {
        self.listed.insert(instrument, listing.venue);
        let Some(venue) = self.venues.get_mut(&listing.venue) else { return Ok(()) };
        let (tick, lot, multiplier) = (listing.tick, listing.lot, listing.multiplier);
        let fees = FeeTable::of(&listing.fees, listing.quote);
        venue.list(sim::Terms { instrument, tick, lot, multiplier, fees });
        let number = crate::tally::number;
        let feed = self.others.get(listing.symbol.as_str());
        let other = feed.map(|feed| Lane::open(listing.symbol.as_str(), feed)).transpose()?;
        let unit = number(tick) * number(lot) * number(multiplier);
        let market = Market { symbol: listing.symbol, unit, middle: None, other, other_middle: None };
        self.markets.insert(instrument, market);
        Ok(())
    }

    fn ask(&mut self, now: Time, request: &VenueRequest) {
        if let VenueAsk::Submit { order, instrument, side, kind, .. } = &request.ask {
            let is_market = *kind == OrderType::Market;
            let (instrument, side, real, again) = (*instrument, *side, Done::default(), Done::default());
            self.orders.entry(*order).or_insert(Followed { instrument, side, is_market, real, again });
        }
        // Whatever venue it was for, here it is the pretend one that is asked.
        let asked = Event::PaperAsked(Box::new(request.clone()));
        if let (Some(venue), Some(asked)) = (self.venues.get_mut(&request.venue), PaperRequest::of(&asked)) {
            venue.ask(now, asked);
        }
    }

    fn said(&mut self, report: &VenueReport) {
        if let VenueSay::Rejected { order, .. } = report.say
            && let Some(order) = self.orders.get_mut(&order)
        {
            order.real.is_refused = true;
        }
    }

    fn quote(&mut self, now: Time, quote: &Quote) {
        let Some(market) = self.markets.get_mut(&quote.instrument) else { return };
        market.middle = middle(quote).or(market.middle);
        if market.other.is_none() {
            market.other_middle = market.middle;
            let venue = self.listed.get(&quote.instrument).and_then(|venue| self.venues.get_mut(venue));
            venue.into_iter().for_each(|venue| venue.quote(now, quote));
        }
    }

    fn print(&mut self, now: Time, print: &Print) {
        let Some(market) = self.markets.get_mut(&print.instrument) else { return };
        market.middle = market.middle.or(Some(print.price.0 as f64));
        if market.other.is_none() {
            market.other_middle = market.middle;
            let venue = self.listed.get(&print.instrument).and_then(|venue| self.venues.get_mut(venue));
            venue.into_iter().for_each(|venue| venue.print(now, print, None));
        }
    }

    /// Other data as far as it has come by now.
    fn bring_others(&mut self, now: Time) -> Result<(), BacktestError> {
        for (instrument, market) in &mut self.markets {
            let Some(lane) = &mut market.other else { continue };
            let venue = self.listed.get(instrument).and_then(|venue| self.venues.get_mut(venue));
            let Some(venue) = venue else { continue };
            while let Some((time, _)) = lane.next().filter(|(time, _)| *time <= now) {
                match *lane.tick() {
                    Tick::Quote(quote) => {
                        let quote = Quote { instrument: *instrument, ..quote };
                        market.other_middle = middle(&quote).or(market.other_middle);
                        venue.quote(time, &quote);
                    }
                    Tick::Print(print, taker) => {
                        let print = Print { instrument: *instrument, ..print };
                        market.other_middle = market.other_middle.or(Some(print.price.0 as f64));
                        venue.print(time, &print, taker);
                    }
                    _ => {}
                }
                lane.skip_tick()?;
            }
        }
        Ok(())
    }

    /// What the pretend venues have answered by now.
    fn settle(&mut self, now: Time) {
        for venue in self.venues.values_mut() {
            venue.advance(now);
            while let Some(report) = venue.hear(now) {
                match report.say {
                    VenueSay::Filled(fill) => {
                        let Some(order) = self.orders.get_mut(&fill.order) else { continue };
                        let market = self.markets.get(&order.instrument);
                        let price = fill.price.0 as f64;
                        let middle = market.and_then(|market| market.middle).unwrap_or(price);
                        let other = market.and_then(|market| market.other_middle).unwrap_or(middle);
                        order.again.fill(fill.price.0, fill.qty.0, (middle, other));
                        order.again.fee += crate::tally::number(fill.fee);
                    }
                    VenueSay::Rejected { order, .. } => {
                        if let Some(order) = self.orders.get_mut(&order) {
                            order.again.is_refused = true;
                        }
                    }
                    _ => {}
                }
            }
        }
    }

    #[must_use]
    pub fn finish(mut self) -> Divergence {
        // What is on its way when the journal ends still arrives.
        self.settle(Time::MAX);
        let mut found =
            Divergence { orders: self.orders.len() as u64, own: self.own, ..Divergence::default() };
        for (id, order) in &self.orders {
            let Some(market) = self.markets.get(&order.instrument) else { continue };
            let parts = order.parts(market);
            let total = parts.sum();
            found.parts.add(&parts);
            found.total += total;
            let is_same = order.real.qty == order.again.qty && total.abs() < 1e-9;
            found.same += u64::from(is_same);
            if !is_same {
                found.worst.push(Differs {
                    order: id.0,
                    symbol: market.symbol.as_str().to_owned(),
                    side: order.side,
                    filled: order.real.qty,
                    filled_again: order.again.qty,
                    total,
                    parts,
                });
            }
        }
        found.worst.sort_by(|a, b| b.total.abs().total_cmp(&a.total.abs()).then(a.order.cmp(&b.order)));
        found.worst.truncate(KEPT);
        found
    }
}

impl Done {
    fn fill(&mut self, price: i64, qty: i64, (middle, other): (f64, f64)) {
        self.qty += qty;
        self.value += price as f64 * qty as f64;
        self.middle += middle * qty as f64;
        self.other_middle += other * qty as f64;
    }

    fn mean(&self, sum: f64) -> f64 {
        if self.qty == 0 { 0.0 } else { sum / self.qty as f64 }
    }
}

impl Followed {
    fn parts(&self, market: &Market) -> Parts {
        let (real, again, sign) = (&self.real, &self.again, self.side.sign() as f64);
        let last = market.middle.unwrap_or(0.0);
        let mut parts = Parts { fee: again.fee - real.fee, ..Parts::default() };
        let matched = real.qty.min(again.qty) as f64;
        let more = (real.qty - again.qty) as f64;
        let side = if more > 0.0 { real } else { again };
        let unmatched = sign * more * (last - side.mean(side.value)) * market.unit;
        if more != 0.0 && real.is_refused != again.is_refused {
            parts.reject += unmatched;
        } else if self.is_market {
            parts.slippage += unmatched;
        } else {
            parts.queue += unmatched;
        }
        let apart = real.mean(real.value) - again.mean(again.value);
        // Where both filled at the same price it does not matter where the market was.
        if matched > 0.0 && apart != 0.0 {
            let money = -sign * matched * market.unit;
            let (then, now) = (again.mean(again.middle), real.mean(real.middle));
            let other = again.mean(again.other_middle);
            parts.timing += money * (now - then);
            parts.data += money * (then - other);
            parts.slippage += money * ((real.mean(real.value) - now) - (again.mean(again.value) - other));
        }
        parts
    }
}

impl Parts {
    #[must_use]
    pub fn sum(&self) -> f64 {
        self.data + self.timing + self.queue + self.slippage + self.fee + self.reject
    }

    fn add(&mut self, other: &Self) {
        self.data += other.data;
        self.timing += other.timing;
        self.queue += other.queue;
        self.slippage += other.slippage;
        self.fee += other.fee;
        self.reject += other.reject;
    }
}

fn middle(quote: &Quote) -> Option<f64> {
    let (bid, ask) = quote.bid.zip(quote.ask)?;
    Some((bid.price.0 as f64 + ask.price.0 as f64) / 2.0)
}
