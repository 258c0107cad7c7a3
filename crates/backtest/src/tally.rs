//! What a run adds up to while it goes: the worth of each account at every bar, its peak and its deepest fall, its
//! days, an evenly thinned curve, round trips, and a hash over every fill. Memory is bounded whatever the length of
//! the data: a curve that gets too long loses every second point and goes on half as dense.

use crate::ledger::Leg;
use crate::plan::Plan;
use analytics::Day;
use model::{Bar, CashCause, Money, NANOS_PER_SECOND, OutsideTrade, PositionAdjusted, Qty, Side, Time};
use serde::Serialize;
use std::collections::BTreeMap;
use xxhash_rust::xxh3::Xxh3;

const DAY_NS: i64 = 86_400 * NANOS_PER_SECOND;

/// A round trip. Prices are averages in ticks; excursions are shares of the entry.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Trade {
    /// Its place in the lists of strategies and markets.
    pub strategy: usize,
    pub market: usize,
    pub side: Side,
    pub lots: i64,
    pub opened: Time,
    pub closed: Time,
    pub entry: f64,
    pub exit: f64,
    pub gross: Money,
    pub fees: Money,
    /// Dividends, funding and what was borrowed while it was open, and parts of lots that a split paid out.
    pub carry: Money,
    pub adverse: f64,
    pub favourable: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Sample {
    pub time: Time,
    pub equity: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AccountOutcome {
    pub name: String,
    pub currency: String,
    pub start: Money,
    /// As the engine counts it, to the last digit; none where a position has no price.
    pub equity: Option<Money>,
    /// Of every bar, as a share of the peak before.
    pub max_drawdown: f64,
    pub lowest: f64,
    pub bars: u64,
    pub bars_invested: u64,
    /// What was bought and sold in all.
    pub turnover: f64,
    pub fees: Money,
    /// What positions brought or cost without a trade, by its cause.
    pub carry: BTreeMap<&'static str, Money>,
    pub curve: Vec<Sample>,
    /// The worth at the end of each UTC day that has data.
    pub days: Vec<(Day, f64)>,
    /// How it was spread over the markets at those ends; of a run that is reported.
    #[serde(skip)]
    pub parts: Vec<Part>,
}

/// How an account stood at the end of a day, market by market.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    pub equity: f64,
    /// What each position was worth, what was paid for it in the course of the day, and the market's price of a lot.
    pub held: Vec<f64>,
    pub spent: Vec<f64>,
    pub prices: Vec<f64>,
}

struct Purse {
    cash: f64,
    /// Lots by market.
    held: Vec<i64>,
    peak: f64,
    fall: f64,
    lowest: f64,
    bars: u64,
    bars_invested: u64,
    turnover: f64,
    fees: i128,
    carry: BTreeMap<&'static str, Money>,
    curve: Vec<Sample>,
    stride: u64,
    next_point: u64,
    days: Vec<(Day, f64)>,
    day_end: i64,
    latest: (Time, f64),
    /// By market: cash that went into it since the day began; and the days.
    spent: Vec<f64>,
    parts: Vec<Part>,
    /// Something was filled or paid since the worth was last looked at.
    is_moved: bool,
}

pub(crate) struct Tally {
    purses: Vec<Purse>,
    /// By market: what a lot is worth for each tick, exactly and as a number, and the last price in ticks.
    units: Vec<Money>,
    values: Vec<f64>,
    last: Vec<i64>,
    /// By strategy and market.
    legs: Vec<Vec<Leg>>,
    pub(crate) trades: Vec<Trade>,
    pub(crate) trades_made: u64,
    pub(crate) fills: u64,
    trades_kept: usize,
    points_kept: usize,
    /// The end of the day whose parts are noted next; none where no report is made of it.
    parts_end: Option<i64>,
    hash: Xxh3,
}

impl Tally {
    pub(crate) fn new(plan: &Plan) -> Self {
        let units = plan.markets.iter().map(|market| {
            let scale = |amount: i128, by: Money| amount.saturating_mul(by.0) / Money::ONE.0;
            Money(scale(scale(market.tick.0, market.lot), market.multiplier))
        });
        let units: Vec<Money> = units.collect();
        let purse = |cash: Money| Purse {
            cash: number(cash),
            held: vec![0; plan.markets.len()],
            peak: number(cash),
            fall: 0.0,
            lowest: number(cash),
            bars: 0,
            bars_invested: 0,
            turnover: 0.0,
            fees: 0,
            carry: BTreeMap::new(),
            curve: Vec::new(),
            stride: 1,
            next_point: 0,
            days: Vec::new(),
            day_end: i64::MIN,
            latest: (Time::MIN, number(cash)),
            spent: vec![0.0; plan.markets.len()],
            parts: Vec::new(),
            is_moved: false,
        };
        Self {
            purses: plan.accounts.iter().map(|account| purse(account.cash)).collect(),
            values: units.iter().map(|unit| number(*unit)).collect(),
            units,
            last: vec![0; plan.markets.len()],
            legs: plan.strategies.iter().map(|_| vec![Leg::default(); plan.markets.len()]).collect(),
            trades: Vec::new(),
            trades_made: 0,
            fills: 0,
            trades_kept: plan.trades_kept,
            points_kept: plan.points_kept.max(2),
            parts_end: (plan.points_kept > 2).then_some(i64::MIN),
            hash: Xxh3::new(),
        }
    }

    pub(crate) fn tick_value(&self, market: usize) -> f64 {
        self.values[market]
    }

    pub(crate) fn equity(&self, account: usize) -> f64 {
        let purse = &self.purses[account];
        let held = purse.held.iter().zip(&self.last).zip(&self.values);
        purse.cash + held.map(|((lots, last), value)| *lots as f64 * *last as f64 * value).sum::<f64>()
    }

    /// A price of a market between bars.
    pub(crate) fn see(&mut self, market: usize, price: i64) {
        self.last[market] = price;
    }

    pub(crate) fn fill(
        &mut self,
        strategy: usize,
        market: usize,
        account: usize,
        fill: &OutsideTrade,
        time: Time,
    ) {
        self.fills += 1;
        self.hash_fill(strategy, fill, time);
        let value = self.values[market] * fill.price.0 as f64 * fill.qty.0 as f64;
        let purse = &mut self.purses[account];
        purse.cash -= value * fill.side.sign() as f64 + number(fill.fee);
        purse.held[market] += fill.qty.0 * fill.side.sign();
        purse.spent[market] += value * fill.side.sign() as f64 + number(fill.fee);
        purse.turnover += value.abs();
        purse.fees += fill.fee.0;
        purse.is_moved = true;
        self.last[market] = fill.price.0;
        let done = self.legs[strategy][market].take(fill, time, self.units[market]);
        self.keep(strategy, market, done);
    }

    fn keep(&mut self, strategy: usize, market: usize, done: Option<Trade>) {
        let Some(trade) = done else { return };
        self.trades_made += 1;
        if self.trades.len() < self.trades_kept {
            self.trades.push(Trade { strategy, market, ..trade });
        }
    }

    /// Whether any account is short of a market.
    pub(crate) fn is_short(&self, market: usize) -> bool {
        self.purses.iter().any(|purse| purse.held[market] < 0)
    }

    /// Cash that a position brought, or cost, without a trade.
    pub(crate) fn pay(
        &mut self,
        (account, strategy, market): (usize, usize, usize),
        amount: Money,
        cause: CashCause,
    ) {
        let purse = &mut self.purses[account];
        purse.cash += number(amount);
        purse.spent[market] -= number(amount);
        let name = match cause {
            CashCause::Dividend => "dividends",
            CashCause::Funding => "funding",
            CashCause::Borrow => "borrow",
            CashCause::Split => "split",
        };
        purse.carry.entry(name).or_default().0 += amount.0;
        self.legs[strategy][market].carry(amount);
    }

    /// A position after a split or a delisting.
    pub(crate) fn adjust(
        &mut self,
        (account, strategy, market): (usize, usize, usize),
        adjusted: &PositionAdjusted,
        time: Time,
    ) {
        let purse = &mut self.purses[account];
        let leg = &mut self.legs[strategy][market];
        purse.held[market] += adjusted.qty.0 - leg.qty;
        // On margin only what was won is paid; here all of a position is counted as if it had been paid for.
        let paid =
            number(adjusted.realised) + self.values[market] * leg.cost_out(adjusted, self.units[market]);
        purse.cash += paid;
        purse.spent[market] -= paid;
        let done = leg.adjust(adjusted, time, self.units[market]);
        self.keep(strategy, market, done);
    }

    pub(crate) fn turn_price(&mut self, market: usize, turn: impl Fn(i64) -> i64) {
        self.last[market] = turn(self.last[market]);
    }

    /// A quote or a print of a market. Where a price is given that is not the last one, everybody is worth another.
    #[inline]
    pub(crate) fn tick(&mut self, market: usize, price: Option<i64>, time: Time) {
        let is_new = price.is_some_and(|price| price != self.last[market]);
        if let Some(price) = price.filter(|_| is_new) {
            if self.parts_end.is_some_and(|end| time.0 > end) {
                self.turn_parts_at(time);
            }
            self.last[market] = price;
            let legs = self.legs.iter_mut().filter_map(|legs| legs.get_mut(market));
            legs.filter(|leg| leg.qty != 0).for_each(|leg| leg.see(price, price));
        } else if !self.is_due(time) {
            self.purses.iter_mut().for_each(Purse::count_tick);
            return;
        }
        for purse in &mut self.purses {
            let held = purse.held.iter().zip(&self.last).zip(&self.values);
            let worth = held.map(|((lots, last), value)| *lots as f64 * *last as f64 * value).sum::<f64>();
            purse.see_tick(time, purse.cash + worth, self.points_kept);
        }
    }

    /// A day is over for somebody, or a fill has come since the last look.
    #[inline]
    fn is_due(&self, time: Time) -> bool {
        self.purses.iter().any(|purse| time.0 > purse.day_end || purse.is_moved)
    }

    fn hash_fill(&mut self, strategy: usize, fill: &OutsideTrade, time: Time) {
        let words = [
            strategy as u64,
            u64::from(fill.instrument.0),
            time.0.cast_unsigned(),
            fill.price.0.cast_unsigned(),
            (fill.qty.0.saturating_mul(fill.side.sign())).cast_unsigned(),
            u64::from_le_bytes(fill.fee.0.to_le_bytes().first_chunk().copied().unwrap_or_default()),
        ];
        words.iter().for_each(|word| self.hash.update(&word.to_le_bytes()));
    }

    /// Bars of one market have closed, one after the other, and nothing else has happened meanwhile.
    pub(crate) fn bars(&mut self, market: usize, bars: &[Bar]) {
        let (Some(first), Some(last)) = (bars.first(), bars.last()) else { return };
        let value = self.values[market];
        self.turn_parts(market, bars);
        for purse in &mut self.purses {
            let lots = purse.held[market];
            let others = (0..self.values.len()).filter(|other| *other != market);
            let rest: f64 = purse.cash
                + others
                    .map(|other| purse.held[other] as f64 * self.last[other] as f64 * self.values[other])
                    .sum::<f64>();
            let worth = Worth { rest, each: lots as f64 * value };
            purse.see_bars(worth, bars, self.points_kept);
        }
        for leg in self.legs.iter_mut().filter_map(|legs| legs.get_mut(market)).filter(|leg| leg.qty != 0) {
            let low = bars.iter().fold(first.low.0, |low, bar| low.min(bar.low.0));
            let high = bars.iter().fold(first.high.0, |high, bar| high.max(bar.high.0));
            leg.see(low, high);
        }
        self.last[market] = last.close.0;
    }

    /// Notes how accounts stand at the end of each day that these bars bring to its end.
    fn turn_parts(&mut self, market: usize, bars: &[Bar]) {
        let Some(end) = self.parts_end else { return };
        let Some(first) = bars.first().filter(|_| end == i64::MIN) else {
            return self.turn_parts_from(market, bars, end);
        };
        self.parts_end = Some(day_end(first.end));
        self.turn_parts_from(market, bars, day_end(first.end));
    }

    fn turn_parts_from(&mut self, market: usize, bars: &[Bar], mut end: i64) {
        while bars.last().is_some_and(|last| last.end.0 > end) {
            let next = bars.partition_point(|bar| bar.end.0 <= end);
            if let Some(before) = next.checked_sub(1).and_then(|at| bars.get(at)) {
                self.last[market] = before.close.0;
            }
            self.note_parts();
            end = bars.get(next).map_or(end, |bar| day_end(bar.end));
        }
        self.parts_end = Some(end);
    }

    fn turn_parts_at(&mut self, time: Time) {
        match self.parts_end {
            Some(i64::MIN) => self.parts_end = Some(day_end(time)),
            Some(end) if time.0 > end => {
                self.note_parts();
                self.parts_end = Some(day_end(time));
            }
            _ => {}
        }
    }

    fn note_parts(&mut self) {
        let prices: Vec<f64> =
            self.last.iter().zip(&self.values).map(|(last, value)| *last as f64 * value).collect();
        for purse in &mut self.purses {
            let held: Vec<f64> =
                purse.held.iter().zip(&prices).map(|(lots, price)| *lots as f64 * price).collect();
            let spent = std::mem::replace(&mut purse.spent, vec![0.0; prices.len()]);
            let equity = purse.cash + held.iter().sum::<f64>();
            purse.parts.push(Part { equity, held, spent, prices: prices.clone() });
        }
    }

    /// The tail of the run: the last day, and the last point of each curve.
    pub(crate) fn finish(&mut self) {
        if self.parts_end.is_some_and(|end| end != i64::MIN) {
            self.note_parts();
        }
        for purse in &mut self.purses {
            let (time, equity) = purse.latest;
            if purse.bars > 0 {
                purse.days.push((Day::of(Time(time.0 - 1)), equity));
                if purse.curve.last().is_none_or(|sample| sample.time != time) {
                    purse.curve.push(Sample { time, equity });
                }
            }
        }
    }

    pub(crate) fn fills_hash(&self) -> u128 {
        self.hash.digest128()
    }

    pub(crate) fn accounts(&mut self, plan: &Plan, equity: &[Option<Money>]) -> Vec<AccountOutcome> {
        let both = plan.accounts.iter().zip(self.purses.drain(..)).zip(equity);
        both.map(|((account, purse), equity)| AccountOutcome {
            name: account.name.clone(),
            currency: account.currency.clone(),
            start: account.cash,
            equity: *equity,
            max_drawdown: purse.fall,
            lowest: purse.lowest,
            bars: purse.bars,
            bars_invested: purse.bars_invested,
            turnover: purse.turnover,
            fees: Money(purse.fees),
            carry: purse.carry,
            curve: purse.curve,
            days: purse.days,
            parts: purse.parts,
        })
        .collect()
    }
}

/// Worth as a line over the price of one market.
#[derive(Clone, Copy)]
struct Worth {
    rest: f64,
    each: f64,
}

impl Worth {
    fn at(self, bar: &Bar) -> f64 {
        self.rest + self.each * bar.close.0 as f64
    }
}

impl Purse {
    #[inline]
    fn count_tick(&mut self) {
        self.bars += 1;
        self.bars_invested += u64::from(self.held.iter().any(|lots| *lots != 0));
    }

    fn see_tick(&mut self, time: Time, equity: f64, points_kept: usize) {
        if self.day_end == i64::MIN {
            self.day_end = day_end(time);
        } else if time.0 > self.day_end {
            self.days.push((Day::of(Time(self.day_end - 1)), self.latest.1));
            self.day_end = day_end(time);
        }
        self.count_tick();
        self.is_moved = false;
        self.peak = self.peak.max(equity);
        self.lowest = self.lowest.min(equity);
        self.fall = self.fall.max(1.0 - equity / self.peak);
        if self.bars > self.next_point {
            self.curve.push(Sample { time, equity });
            self.next_point = self.bars + self.stride;
            if self.curve.len() >= points_kept {
                self.thin();
            }
        }
        self.latest = (time, equity);
    }

    fn see_bars(&mut self, worth: Worth, bars: &[Bar], points_kept: usize) {
        let (Some(first), Some(last)) = (bars.first(), bars.last()) else { return };
        self.turn_days(worth, bars, first);
        let flat = worth.each == 0.0;
        let walked = if flat { &bars[..1] } else { bars };
        let (mut peak, mut fall, mut lowest) = (self.peak, self.fall, self.lowest);
        for bar in walked {
            let equity = worth.at(bar);
            peak = peak.max(equity);
            lowest = lowest.min(equity);
            fall = fall.max(1.0 - equity / peak);
        }
        (self.peak, self.fall, self.lowest) = (peak, fall, lowest);
        let (before, count) = (self.bars, bars.len() as u64);
        while self.next_point < before + count {
            let place = usize::try_from(self.next_point - before).unwrap_or(0);
            if let Some(bar) = bars.get(place) {
                self.curve.push(Sample { time: bar.end, equity: worth.at(bar) });
            }
            self.next_point += self.stride;
            if self.curve.len() >= points_kept {
                self.thin();
            }
        }
        self.bars += count;
        self.bars_invested += if self.held.iter().any(|lots| *lots != 0) { count } else { 0 };
        self.latest = (last.end, worth.at(last));
    }

    /// Every second point goes, and the next comes where it would have come anyway.
    fn thin(&mut self) {
        let mut at = 0_usize;
        self.curve.retain(|_| {
            at += 1;
            at % 2 == 1
        });
        self.stride *= 2;
        self.next_point = self.next_point.next_multiple_of(self.stride);
    }

    /// Notes the worth at the end of each day that these bars bring to its end.
    fn turn_days(&mut self, worth: Worth, bars: &[Bar], first: &Bar) {
        if self.day_end == i64::MIN {
            self.day_end = day_end(first.end);
        }
        let mut from = 0;
        while bars.last().is_some_and(|last| last.end.0 > self.day_end) {
            let until = self.day_end;
            let next = from + bars[from..].partition_point(|bar| bar.end.0 <= until);
            let equity = if next == 0 { self.latest.1 } else { worth.at(&bars[next - 1]) };
            self.days.push((Day::of(Time(until - 1)), equity));
            self.day_end = bars.get(next).map_or(until, |bar| day_end(bar.end));
            from = next;
        }
    }
}

/// The end of the UTC day that a bar which ends then belongs to: midnight belongs to the day before.
fn day_end(end: Time) -> i64 {
    ((end.0 - 1).div_euclid(DAY_NS) + 1) * DAY_NS
}

#[must_use]
pub(crate) fn number(money: Money) -> f64 {
    money.0 as f64 / Money::ONE.0 as f64
}

/// Lots as the strategy holds them.
pub(crate) fn signed(side: Side, qty: Qty) -> i64 {
    qty.0 * side.sign()
}
