//! Opening and closing auctions, of which the past says one price and a volume. Orders for one wait for it and trade
//! with nobody before; all of them that reach its price trade at it, as far as the share of its volume that may be
//! ours, and what does not trade in it goes. A bar of a day has both. Where bars are shorter, and with ticks, the
//! hours of the session say when they are; bars without any take the first and the last of a UTC day.

use crate::venue::Venue;
use model::{Bar, Call, InstrumentId, NANOS_PER_SECOND, OrderId, Price, Qty, Time};
use serde::{Deserialize, Serialize};

const DAY_NS: i64 = 86_400 * NANOS_PER_SECOND;
/// A bar as long as this is a session of its own.
const SESSION_NS: i64 = 20 * 3600 * NANOS_PER_SECOND;

/// When trading begins and ends, in seconds after midnight UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Session {
    pub open_s: i64,
    pub close_s: i64,
}

impl Session {
    pub(crate) fn is_sane(self) -> bool {
        let day = 0..=86_400;
        day.contains(&self.open_s) && day.contains(&self.close_s) && self.open_s < self.close_s
    }
}

fn of_day(time: Time) -> i64 {
    time.0.rem_euclid(DAY_NS)
}

fn day(time: Time) -> i64 {
    time.0.div_euclid(DAY_NS)
}

fn ns(seconds: i64) -> i64 {
    seconds.saturating_mul(NANOS_PER_SECOND)
}

impl Venue {
    /// The open of this bar is the price of an opening auction.
    pub(crate) fn opens(&mut self, instrument: InstrumentId, bar: &Bar) -> bool {
        let from = self.rules.session.map_or(0, |session| ns(session.open_s));
        let is_session = bar.end.0.saturating_sub(bar.begin.0) >= SESSION_NS;
        let Some(stall) = self.stall_mut(instrument) else { return false };
        let today = day(bar.begin);
        let is_first = stall.opened != today && of_day(bar.begin) >= from;
        if is_first {
            stall.opened = today;
        }
        is_session || is_first
    }

    /// The close of this bar is the price of a closing auction.
    pub(crate) fn closes(&mut self, instrument: InstrumentId, bar: &Bar) -> bool {
        let is_session = bar.end.0.saturating_sub(bar.begin.0) >= SESSION_NS;
        let until = self.rules.session.map_or(DAY_NS, |session| ns(session.close_s));
        // An end at midnight belongs to the day before.
        let last = Time(bar.end.0.saturating_sub(1));
        let Some(stall) = self.stall_mut(instrument) else { return false };
        let is_last = stall.closed != day(last) && of_day(last).saturating_add(1) >= until;
        if is_last {
            stall.closed = day(last);
        }
        is_session || is_last
    }

    /// A print of the market may be that of an auction: the first at or after the hour of each.
    pub(crate) fn call_by_print(&mut self, now: Time, instrument: InstrumentId, price: Price, qty: Qty) {
        let Some(session) = self.rules.session else { return };
        let share = self.rules.volume_share_max;
        let Some(stall) = self.stall_mut(instrument) else { return };
        let (today, hour) = (day(now), of_day(now));
        let opens = stall.opened != today && hour >= ns(session.open_s) && hour < ns(session.close_s);
        let closes = stall.closed != today && hour >= ns(session.close_s);
        if !opens && !closes {
            return;
        }
        if opens {
            stall.opened = today;
        } else {
            stall.closed = today;
        }
        stall.room = share.map(|share| crate::number::whole(qty.0 as f64 * share));
        self.auction(now, instrument, if opens { Call::Open } else { Call::Close }, price);
        if let Some(stall) = self.stall_mut(instrument) {
            stall.room = None;
        }
    }

    /// Everybody who waits for it trades at its price, or goes.
    pub(crate) fn auction(&mut self, now: Time, instrument: InstrumentId, call: Call, price: Price) {
        let Some(stall) = self.stall(instrument) else { return };
        let waiting = stall.working.iter().filter(|working| working.call == Some(call));
        let waiting: Vec<OrderId> = waiting.map(|working| working.order).collect();
        for order in waiting {
            let Some(stall) = self.stall(instrument) else { return };
            let Some(at) = stall.find(order) else { continue };
            let Some(working) = stall.working.get(at).copied() else { continue };
            let reaches = working.limit.is_none_or(|limit| working.side.reaches(limit, price));
            let qty = stall.allowed(working.left);
            if reaches && qty.0 > 0 && !self.is_halted(now, instrument) {
                self.fill(now, instrument, at, price, qty);
            }
            self.expire(now, order);
        }
    }
}
