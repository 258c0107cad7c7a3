//! What all instruments did, learnt from durable records in their order. An interval counts from the first
//! record on that falls into it as a whole. Absent: clocks; time is the records' own.

use super::Statistics;
use super::series::{Series, Source};
use model::{Command, Event, InstrumentId, Price, Qty, Quote, Record, Time};
use std::collections::BTreeMap;

#[derive(Clone, Debug)]
pub struct History {
    interval_ns: i64,
    window: usize,
    instruments_max: usize,
    /// The first interval that was heard from its beginning.
    whole_from: Option<i64>,
    series: BTreeMap<InstrumentId, Series>,
}

impl History {
    #[must_use]
    pub fn new(settings: &Statistics) -> Self {
        Self {
            interval_ns: settings.interval_ns.max(1),
            window: settings.window.max(1),
            instruments_max: settings.instruments_max,
            whole_from: None,
            series: BTreeMap::new(),
        }
    }

    #[must_use]
    pub fn interval(&self, time: Time) -> i64 {
        time.0.div_euclid(self.interval_ns)
    }

    pub fn hear(&mut self, record: &Record) {
        let interval = self.interval(record.stamped.time);
        self.whole_from.get_or_insert(interval.saturating_add(1));
        if let Command::Corporate { instrument, .. } = &record.stamped.command
            && !record.events.iter().any(|event| matches!(event, Event::CommandRejected { .. }))
            && let Some(series) = self.series.get_mut(instrument)
        {
            series.forget();
        }
        for event in &record.events {
            match event {
                Event::Marked(mark) => self.price(interval, mark.instrument, Source::Mark, mark.price),
                Event::Quoted(quote) => self.quote(interval, quote),
                Event::Printed(print) => self.trade(interval, print.instrument, print.price, print.qty),
                Event::Traded(traded) => self.trade(interval, traded.instrument, traded.price, traded.qty),
                Event::OutsideTraded(traded) => {
                    self.trade(interval, traded.instrument, traded.price, traded.qty);
                }
                _ => {}
            }
        }
    }

    #[must_use]
    pub fn of(&self, instrument: InstrumentId) -> Option<&Series> {
        self.series.get(&instrument)
    }

    pub fn instruments(&self) -> impl Iterator<Item = InstrumentId> {
        self.series.keys().copied()
    }

    /// The intervals that returns may be of, before an open one: from the first that was heard whole, as far
    /// back as the window.
    #[must_use]
    pub fn reach(&self, open: i64) -> std::ops::Range<i64> {
        let back = open.saturating_sub(i64::try_from(self.window).unwrap_or(i64::MAX));
        self.whole_from.map_or(open, |whole| whole.max(back)).min(open)..open
    }

    fn quote(&mut self, interval: i64, quote: &Quote) {
        if let (Some(bid), Some(ask)) = (quote.bid, quote.ask) {
            let middle = Price(bid.price.0.midpoint(ask.price.0));
            self.price(interval, quote.instrument, Source::Quote, middle);
        }
    }

    fn trade(&mut self, interval: i64, instrument: InstrumentId, price: Price, qty: Qty) {
        self.price(interval, instrument, Source::Trade, price);
        let window = self.window;
        if let Some(series) = self.series_of(instrument) {
            series.volume(interval, window, qty);
        }
    }

    fn price(&mut self, interval: i64, instrument: InstrumentId, source: Source, price: Price) {
        let window = self.window;
        if let Some(series) = self.series_of(instrument) {
            series.price(interval, window, source, price);
        }
    }

    /// None for one too many.
    fn series_of(&mut self, instrument: InstrumentId) -> Option<&mut Series> {
        let room = self.series.len() < self.instruments_max;
        if !room && !self.series.contains_key(&instrument) {
            return None;
        }
        Some(self.series.entry(instrument).or_default())
    }
}
