//! How many bars a second a typical set of indicators takes, one by one: `cargo run --release -p strategy --example
//! speed`. A set is what one strategy follows; every indicator is told on a line of its own below it.

use std::hint::black_box;
use std::io::Write;
use std::time::Instant;
use strategy::indicator::{Bar, Error, Indicator, Kind, build, list};

const BARS: usize = 20_000;
const SET: [&str; 12] = [
    "sma",
    "ema",
    "bbands",
    "rsi",
    "macd",
    "atr",
    "adx",
    "stoch",
    "obv",
    "vwap_session",
    "supertrend",
    "cdlengulfing",
];

/// A walk that comes back to where it was.
fn bars() -> Vec<Bar> {
    let mut bars = Vec::with_capacity(BARS);
    for at in 0..u16::try_from(BARS).unwrap_or(u16::MAX) {
        let angle = f64::from(at) / 40.0;
        let close = 100.0 + 10.0 * angle.sin() + (angle * 7.3).cos();
        let open = close - 0.3 * (angle * 31.0).sin();
        let (high, low) = (open.max(close) + 0.2, open.min(close) - 0.2);
        let time = i64::from(at) * 60_000_000_000;
        bars.push(Bar { time, open, high, low, close, volume: 1000.0 + f64::from(at % 97) });
    }
    bars
}

/// Nanoseconds a bar.
#[expect(clippy::disallowed_methods, reason = "a yardstick reads the clock; indicators do not")]
fn measure(indicators: &mut [Indicator], bars: &[Bar]) -> Result<f64, Error> {
    let start = Instant::now();
    for bar in bars {
        for indicator in &mut *indicators {
            black_box(indicator.update(*bar)?);
        }
    }
    Ok(start.elapsed().as_secs_f64() * 1e9 / bars.len() as f64)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let bars = bars();
    let mut out = std::io::stdout().lock();
    let mut set = SET.iter().map(|name| build(name, &[])).collect::<Result<Vec<_>, _>>()?;
    let nanos = measure(&mut set, &bars)?;
    writeln!(out, "set of {}: {nanos:.0} ns a bar, {:.0} bars a second", SET.len(), 1e9 / nanos)?;
    for spec in list().filter(|spec| spec.takes() == Kind::Bar) {
        let nanos = measure(&mut [build(spec.name, &[])?], &bars)?;
        writeln!(out, "{:24} {nanos:8.0} ns", spec.name)?;
    }
    Ok(())
}
