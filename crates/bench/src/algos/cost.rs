//! What an order cost against the price it was decided at, in parts that sum to the whole: exactly, since all of it
//! is counted in whole units of money. Positive is a cost, negative a gain, for buys and sells alike.
//! Besides, what it paid against the averages of the market: the recorded one, in which we had no part.

use super::tape::{Tape, What};
use super::trial::{Outcome, Task};
use model::{Money, OrderId, Side, Time};
use std::collections::BTreeMap;

/// In units of 10⁻¹⁸ of what prices are quoted in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cost {
    /// The middle of the book has moved between arrival and each trade. What our own trades before it moved is in it.
    pub drift: i128,
    /// From the middle to the best price, where it took; back from it, where it stood and was taken.
    pub spread: i128,
    /// Beyond the best price, where a child took more than was there.
    pub impact: i128,
    /// What was not done, at the middle when it was over.
    pub missed: i128,
    pub fees: i128,
    /// All that was paid beyond the whole at the price of arrival, what was not done included; counted by itself.
    pub total: i128,
    /// The whole at the price of arrival.
    pub worth: i128,
}

impl Cost {
    pub fn of(task: &Task<'_>, outcome: &Outcome) -> Self {
        let sign = i128::from(task.side.sign());
        let half = half_tick_lot(task.tape);
        let mut best: BTreeMap<OrderId, i64> = BTreeMap::new();
        let (mut cost, mut paid) = (Self::default(), 0);
        for fill in &outcome.fills {
            // A child that takes begins at the best price there is.
            let best = if fill.takes { *best.entry(fill.order).or_insert(fill.price) } else { fill.price };
            let part = |from: i64, to: i64| sign * i128::from(to - from) * i128::from(fill.qty) * half;
            cost.drift += part(outcome.arrival, fill.mid);
            cost.spread += part(fill.mid, 2 * best);
            cost.impact += part(2 * best, 2 * fill.price);
            cost.fees += fill.fee.0;
            paid += 2 * i128::from(fill.price) * i128::from(fill.qty) * half;
        }
        let (arrival, last) = (i128::from(outcome.arrival), i128::from(outcome.last));
        let (qty, done) = (i128::from(task.qty), i128::from(outcome.done));
        cost.missed = sign * (last - arrival) * (qty - done) * half;
        cost.worth = arrival * qty * half;
        cost.total = sign * (paid + last * (qty - done) * half - cost.worth) + cost.fees;
        cost
    }

    pub fn parts(&self) -> [(&'static str, i128); 5] {
        let Self { drift, spread, impact, missed, fees, .. } = *self;
        [("drift", drift), ("spread", spread), ("impact", impact), ("missed", missed), ("fees", fees)]
    }

    /// A part of it in hundredths of a percent of the whole.
    pub fn bp(&self, part: i128) -> f64 {
        part as f64 / self.worth.max(1) as f64 * 1e4
    }
}

/// What half a tick of one lot is worth.
fn half_tick_lot(tape: &Tape) -> i128 {
    let (whole, unit) = (tape.tick.0 * tape.lot.0, 2 * Money::ONE.0);
    assert_eq!(whole % unit, 0, "half a tick of a lot of {} is not whole units of money", tape.name);
    whole / unit
}

/// The averages of the recorded market, each as a sum and what to divide it by.
pub(crate) struct Averages<'a> {
    tape: &'a Tape,
    /// Twice the middle of the book from each moment on.
    mids: Vec<(Time, i64)>,
}

impl<'a> Averages<'a> {
    pub fn new(tape: &'a Tape) -> Self {
        let mut sides: [BTreeMap<i64, i64>; 2] = Default::default();
        let mut mids: Vec<(Time, i64)> = Vec::new();
        for moment in &tape.moments {
            let What::Level { side, price, qty } = moment.what else { continue };
            let levels = &mut sides[usize::from(side == Side::Sell)];
            if qty.is_zero() {
                levels.remove(&price.0)
            } else {
                levels.insert(price.0, qty.0)
            };
            let [bids, asks] = &sides;
            if let (Some((bid, _)), Some((ask, _))) = (bids.last_key_value(), asks.first_key_value()) {
                let mid = bid + ask;
                match mids.last_mut().filter(|(time, _)| *time == moment.time) {
                    Some(last) => last.1 = mid,
                    None => mids.push((moment.time, mid)),
                }
            }
        }
        Self { tape, mids }
    }

    /// By volume; none where nothing traded.
    pub fn vwap(&self, start: Time, end: Time) -> Option<f64> {
        let sum = |(value, volume), (_, price, qty): (Time, i64, i64)| {
            (value + i128::from(price) * i128::from(qty), volume + i128::from(qty))
        };
        let (value, volume) = self.tape.trades(start, end).fold((0i128, 0i128), sum);
        (volume > 0).then(|| value as f64 / volume as f64)
    }

    /// By time.
    pub fn twap(&self, start: Time, end: Time) -> Option<f64> {
        let first = self.mids.partition_point(|(time, _)| *time <= start).checked_sub(1)?;
        let mut sum = 0i128;
        for (at, (time, mid)) in
            self.mids.iter().enumerate().skip(first).take_while(|(_, (time, _))| *time < end)
        {
            let until = self.mids.get(at + 1).map_or(end, |(next, _)| (*next).min(end));
            sum += i128::from(*mid) * i128::from(until.0 - time.0.max(start.0));
        }
        Some(sum as f64 / (end.0 - start.0) as f64 / 2.0)
    }
}

/// By how much the average price was worse than another, in hundredths of a percent of it.
pub(crate) fn worse_bp(task: &Task<'_>, outcome: &Outcome, than: f64) -> f64 {
    let paid: i128 = outcome.fills.iter().map(|fill| i128::from(fill.price) * i128::from(fill.qty)).sum();
    let average = paid as f64 / outcome.done.max(1) as f64;
    (average - than) / than * task.side.sign() as f64 * 1e4
}

#[cfg(test)]
mod tests {
    use super::{Averages, Cost, worse_bp};
    use crate::algos::market::Fill;
    use crate::algos::tape::{Moment, Tape, What};
    use crate::algos::trial::{Outcome, Task};
    use model::{Money, OrderId, Price, Qty, Side, Time};

    fn tape() -> Tape {
        let level = |time, side, price, qty| Moment {
            time: Time(time),
            what: What::Level { side, price: Price(price), qty: Qty(qty) },
        };
        let trade = |time, price, qty| Moment {
            time: Time(time),
            what: What::Trade { side: Side::Buy, price: Price(price), qty: Qty(qty) },
        };
        let moments = vec![
            level(0, Side::Buy, 99, 5),
            level(0, Side::Sell, 101, 5),
            trade(1, 101, 3),
            trade(2, 105, 1),
            level(5, Side::Sell, 101, 0),
            level(5, Side::Sell, 103, 5),
        ];
        let hundredth = Money(Money::ONE.0 / 100);
        Tape { name: "x".to_owned(), tick: hundredth, lot: Money::ONE, moments }
    }

    /// Five to buy at a middle of 100: one of two waits at 99 and is met, two are taken at 102 and 104 once the
    /// middle is 101, and at the end, at 103, two are not done.
    #[test]
    fn the_parts_of_a_cost_sum_to_it() {
        let tape = tape();
        let (start, end, side) = (Time(0), Time(10), Side::Buy);
        let task = Task { tape: &tape, start, end, side, qty: 5, thinner: 1, algo: None };
        let fill = |order, takes, price, fee, mid| Fill {
            time: Time(0),
            order: OrderId(order),
            takes,
            price,
            qty: 1,
            fee: Money(fee),
            mid,
        };
        let fills = vec![fill(1, false, 99, 7, 200), fill(2, true, 102, 8, 202), fill(2, true, 104, 8, 202)];
        let outcome = Outcome {
            fills,
            done: 3,
            arrival: 200,
            last: 206,
            off_plan_max: 0,
            volume: 0,
            recorded: 0,
            matched: 0,
            children: 0,
            refused: 0,
        };
        let cost = Cost::of(&task, &outcome);
        let tick = Money::ONE.0 / 100;
        let parts =
            [("drift", 2 * tick), ("spread", tick), ("impact", 2 * tick), ("missed", 6 * tick), ("fees", 23)];
        assert_eq!(cost.parts(), parts);
        assert_eq!(cost.total, 11 * tick + 23);
        assert_eq!(cost.worth, 500 * tick);
        assert_eq!(cost.bp(cost.drift), 40.0);
        let average = 305.0 / 3.0;
        let averages = Averages::new(&tape);
        assert_eq!(averages.vwap(start, end), Some(102.0));
        assert_eq!(averages.vwap(Time(3), end), None);
        assert_eq!(averages.twap(start, end), Some(100.5));
        assert_eq!(averages.twap(Time(4), Time(6)), Some(100.5));
        assert!((worse_bp(&task, &outcome, 100.0) - (average - 100.0) * 100.0).abs() < 1e-9);
        let sold = Task { side: Side::Sell, ..task };
        assert_eq!(Cost::of(&sold, &outcome).total, -11 * tick + 23);
    }
}
