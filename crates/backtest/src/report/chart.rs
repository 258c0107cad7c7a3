//! Pictures as SVG text: a line or an area over time, candles with trades on them, a heat map of months, a histogram.
//! Each is drawn once, here, with its scale and its labels; nothing is loaded and no script is needed to see it.

use super::figures::Candle;
use crate::tally::Trade;
use analytics::performance::MonthlyRow;
use model::{Side, Time};
use sim::whole;
use std::fmt::Write;

const WIDTH: f64 = 960.0;
const LEFT: f64 = 74.0;
const RIGHT: f64 = 14.0;
const TOP: f64 = 10.0;
const BOTTOM: f64 = 24.0;

/// Where values lie on the picture.
struct Frame {
    height: f64,
    times: (f64, f64),
    values: (f64, f64),
}

impl Frame {
    fn new(height: f64, times: (i64, i64), low: f64, high: f64) -> Self {
        let room = if high > low { (high - low) * 0.04 } else { high.abs().max(1.0) * 0.01 };
        Self { height, times: (times.0 as f64, times.1 as f64), values: (low - room, high + room) }
    }

    fn x(&self, time: i64) -> f64 {
        let span = (self.times.1 - self.times.0).max(1.0);
        LEFT + (time as f64 - self.times.0) / span * (WIDTH - LEFT - RIGHT)
    }

    fn y(&self, value: f64) -> f64 {
        let span = self.values.1 - self.values.0;
        TOP + (self.values.1 - value) / span * (self.height - TOP - BOTTOM)
    }

    fn begin(&self, title: &str, label: impl Fn(f64) -> String) -> String {
        let height = self.height;
        let mut out = format!(
            "<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{title}\"><title>{title}</title>"
        );
        for value in steps(self.values.0, self.values.1) {
            let y = self.y(value);
            push(
                &mut out,
                format_args!(
                    "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{:.1}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/><text class=\"label\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
                    WIDTH - RIGHT,
                    LEFT - 8.0,
                    y + 4.0,
                    label(value)
                ),
            );
        }
        let span = self.times.1 - self.times.0;
        for part in 0..=5_u8 {
            let time = whole(self.times.0 + span * f64::from(part) / 5.0);
            let anchor = match part {
                0 => "start",
                5 => "end",
                _ => "middle",
            };
            push(
                &mut out,
                format_args!(
                    "<text class=\"label\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\">{}</text>",
                    self.x(time),
                    height - 6.0,
                    day(time, span)
                ),
            );
        }
        out
    }
}

/// Round values between two, some four or five.
fn steps(low: f64, high: f64) -> Vec<f64> {
    let rough = ((high - low) / 4.0).max(f64::MIN_POSITIVE);
    let size = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|times| times * size)
        .find(|step| *step >= rough)
        .unwrap_or(rough);
    let first = (low / step).ceil();
    (0..12_u8).map(|at| (first + f64::from(at)) * step).take_while(|value| *value <= high).collect()
}

fn day(time: i64, span: f64) -> String {
    let text = Time(time).to_string();
    let cut = if span < 3.0 * 86_400e9 { 5..16 } else { 0..10 };
    text.get(cut).unwrap_or(&text).replace('T', " ")
}

fn push(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    out.write_fmt(text).unwrap_or_default();
}

/// A line over time, filled down to a base where there is one.
pub(super) fn line(
    title: &str,
    class: &str,
    points: &[(i64, f64)],
    base: Option<f64>,
    label: impl Fn(f64) -> String,
) -> String {
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return String::new() };
    let lowest = points.iter().map(|point| point.1).chain(base).fold(f64::INFINITY, f64::min);
    let highest = points.iter().map(|point| point.1).chain(base).fold(f64::NEG_INFINITY, f64::max);
    let frame = Frame::new(if base.is_some() { 170.0 } else { 260.0 }, (first.0, last.0), lowest, highest);
    let mut out = frame.begin(title, label);
    let path: Vec<String> =
        points.iter().map(|(time, value)| format!("{:.1},{:.1}", frame.x(*time), frame.y(*value))).collect();
    let path = path.join(" ");
    if let Some(base) = base {
        let (from, to, y) = (frame.x(first.0), frame.x(last.0), frame.y(base));
        push(
            &mut out,
            format_args!(
                "<polygon class=\"{class} area\" points=\"{from:.1},{y:.1} {path} {to:.1},{y:.1}\"/>"
            ),
        );
    }
    push(&mut out, format_args!("<polyline class=\"{class}\" points=\"{path}\"/></svg>"));
    out
}

/// Candles, with an arrow where a trade was opened and a mark where it was closed.
pub(super) fn candles(title: &str, candles: &[Candle], trades: &[(&Trade, f64)]) -> String {
    let (Some(first), Some(last)) = (candles.first(), candles.last()) else { return String::new() };
    let low = candles.iter().map(|candle| candle.low).fold(f64::INFINITY, f64::min);
    let high = candles.iter().map(|candle| candle.high).fold(f64::NEG_INFINITY, f64::max);
    let frame = Frame::new(360.0, (first.time.0, last.time.0), low, high);
    let mut out = frame.begin(title, plain);
    let width = ((WIDTH - LEFT - RIGHT) / candles.len() as f64 * 0.7).clamp(0.6, 9.0);
    for candle in candles {
        let class = if candle.close >= candle.open { "up" } else { "down" };
        let x = frame.x(candle.time.0);
        let (top, bottom) = (frame.y(candle.open.max(candle.close)), frame.y(candle.open.min(candle.close)));
        push(
            &mut out,
            format_args!(
                "<g class=\"{class}\"><title>{} open {} high {} low {} close {}</title><line x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{:.1}\" y2=\"{:.1}\"/><rect x=\"{:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{:.1}\"/></g>",
                candle.time,
                plain(candle.open),
                plain(candle.high),
                plain(candle.low),
                plain(candle.close),
                frame.y(candle.high),
                frame.y(candle.low),
                x - width / 2.0,
                (bottom - top).max(0.6)
            ),
        );
    }
    for (trade, tick) in trades {
        let (x1, y1) = (frame.x(trade.opened.0), frame.y(trade.entry * tick));
        let (x2, y2) = (frame.x(trade.closed.0), frame.y(trade.exit * tick));
        let won = super::figures::net(trade) > 0.0;
        let class = if won { "won" } else { "lost" };
        let (tip, side) = if trade.side == Side::Buy { (7.0, "long") } else { (-7.0, "short") };
        push(
            &mut out,
            format_args!(
                "<g class=\"trade {class}\"><title>{side} {} to {}: {:.2} after costs</title><line x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\"/><path d=\"M{x1:.1} {y1:.1}l-4 {tip}h8z\"/><circle cx=\"{x2:.1}\" cy=\"{y2:.1}\" r=\"2.6\"/></g>",
                trade.opened,
                trade.closed,
                super::figures::net(trade)
            ),
        );
    }
    out.push_str("</svg>");
    out
}

pub(super) fn plain(value: f64) -> String {
    let size = value.abs();
    if size >= 1_000_000.0 {
        format!("{:.2}M", value / 1e6)
    } else if size >= 1_000.0 {
        format!("{value:.0}")
    } else {
        format!("{value:.2}")
    }
}

/// A row a year, a cell a month: green for a gain, red for a loss, deeper for more.
pub(super) fn months(rows: &[MonthlyRow]) -> String {
    let most =
        rows.iter().flat_map(|row| row.months.iter().flatten()).map(|value| value.abs()).fold(0.0, f64::max);
    let cell = |value: Option<f64>| match value {
        None => "<td class=\"none\"></td>".to_owned(),
        Some(value) => {
            let depth = 0.12 + 0.68 * (value.abs() / most.max(1e-9)).sqrt();
            let colour = if value >= 0.0 { "18,128,92" } else { "196,56,56" };
            let ink = if depth > 0.55 { "#fff" } else { "inherit" };
            format!(
                "<td style=\"background:rgba({colour},{depth:.2});color:{ink}\">{:.1}</td>",
                value * 100.0
            )
        }
    };
    let head = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "year"];
    let head: String = head.iter().map(|name| format!("<th>{name}</th>")).collect();
    let rows: String = rows
        .iter()
        .map(|row| {
            let cells: String = row.months.iter().map(|value| cell(*value)).collect();
            format!("<tr><th>{}</th>{cells}<td class=\"sum\">{:.1}</td></tr>", row.year, row.total * 100.0)
        })
        .collect();
    format!("<table class=\"months\"><thead><tr><th></th>{head}</tr></thead><tbody>{rows}</tbody></table>")
}

/// How often results of about a size came.
pub(super) fn histogram(title: &str, values: &[f64]) -> String {
    const BINS: usize = 41;
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if values.len() < 2 || low >= high {
        return String::new();
    }
    let size = (high - low) / BINS as f64;
    let mut bins = [0_u32; BINS];
    for value in values {
        let place = usize::try_from(whole((value - low) / size)).unwrap_or(0).min(BINS - 1);
        bins[place] += 1;
    }
    let most = f64::from(bins.iter().copied().max().unwrap_or(1));
    let (height, floor) = (200.0, 170.0);
    let mut out = format!(
        "<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{title}\"><title>{title}</title>"
    );
    let width = (WIDTH - LEFT - RIGHT) / BINS as f64;
    for (at, count) in bins.iter().enumerate() {
        let from = low + size * at as f64;
        let class = if from + size / 2.0 >= 0.0 { "up" } else { "down" };
        let tall = f64::from(*count) / most * 150.0;
        push(
            &mut out,
            format_args!(
                "<g class=\"{class}\"><title>{count} from {} to {}</title><rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{tall:.1}\"/></g>",
                plain(from),
                plain(from + size),
                LEFT + width * at as f64 + 0.5,
                floor - tall,
                width - 1.0
            ),
        );
    }
    for value in steps(low, high) {
        let x = LEFT + (value - low) / (high - low) * (WIDTH - LEFT - RIGHT);
        push(
            &mut out,
            format_args!(
                "<text class=\"label\" x=\"{x:.1}\" y=\"190\" text-anchor=\"middle\">{}</text>",
                plain(value)
            ),
        );
    }
    out.push_str("</svg>");
    out
}
