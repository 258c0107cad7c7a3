//! Returns and rolling volatility beside each bar: statistics, so floating point. Nothing looks ahead.

use super::Session;
use crate::row::BarRow;
use model::Time;
use std::collections::VecDeque;

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EnrichedBar {
    pub bar: BarRow,
    /// Close against the close before; none for the first bar and for prices that are not positive.
    pub simple: Option<f64>,
    pub log: Option<f64>,
    /// Deviation of the last log returns, of a sample; none before the window is full.
    pub volatility: Option<f64>,
    /// When the trading session of the bar began; none outside of one, and where no session is known.
    pub session: Option<Time>,
}

#[derive(Clone, Debug)]
pub struct Enrich {
    window: usize,
    close: Option<i64>,
    returns: VecDeque<f64>,
    session: Option<Session>,
}

impl Enrich {
    /// `window` returns make a volatility; at least two.
    #[must_use]
    pub fn new(window: usize) -> Self {
        Self { window: window.max(2), close: None, returns: VecDeque::new(), session: None }
    }

    /// Says of each bar which session it is in.
    #[must_use]
    pub fn within(self, session: Session) -> Self {
        Self { session: Some(session), ..self }
    }

    pub fn add(&mut self, bar: BarRow) -> EnrichedBar {
        let ratio = self.close.replace(bar.close.0).filter(|close| *close > 0 && bar.close.0 > 0);
        let ratio = ratio.map(|close| bar.close.0 as f64 / close as f64);
        if let Some(ratio) = ratio {
            if self.returns.len() == self.window {
                self.returns.pop_front();
            }
            self.returns.push_back(ratio.ln());
        }
        let volatility = (self.returns.len() == self.window).then(|| self.deviation());
        let session = self.session.as_ref().and_then(|session| session.around(bar.time));
        let session = session.map(|range| range.start);
        EnrichedBar {
            bar,
            simple: ratio.map(|ratio| ratio - 1.0),
            log: ratio.map(f64::ln),
            volatility,
            session,
        }
    }

    fn deviation(&self) -> f64 {
        let count = self.returns.len() as f64;
        let mean = self.returns.iter().sum::<f64>() / count;
        let squares: f64 = self.returns.iter().map(|value| (value - mean).powi(2)).sum();
        (squares / (count - 1.0)).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Price, Qty};

    #[test]
    fn returns_and_their_deviation() {
        let mut enrich = Enrich::new(2);
        let mut add = |close: i64| {
            let price = Price(close);
            let (open, high, low, close) = (price, price, price, price);
            let (time, volume) = (Time(0), Qty(0));
            enrich.add(BarRow { time, end: time, open, high, low, close, volume, value: None, trades: None })
        };
        assert_eq!(add(100).simple, None);
        let second = add(110);
        assert!((second.simple.unwrap_or(0.0) - 0.1).abs() < 1e-12);
        assert_eq!(second.volatility, None);
        let third = add(99);
        let (one, two) = (1.1f64.ln(), 0.9f64.ln());
        let expected = (one - two).abs() / 2f64.sqrt();
        assert!((third.volatility.unwrap_or(0.0) - expected).abs() < 1e-12);
        assert_eq!(third.session, None);
        let mut enrich = Enrich::new(2).within(Session::days_of("UTC").expect("a zone"));
        let noon = Time(86_400_000_000_000 * 3 / 2);
        let (open, high, low, close) = (Price(1), Price(1), Price(1), Price(1));
        let bar = BarRow {
            time: noon,
            end: noon,
            open,
            high,
            low,
            close,
            volume: Qty(0),
            value: None,
            trades: None,
        };
        assert_eq!(enrich.add(bar).session, Some(Time(86_400_000_000_000)));
    }
}
