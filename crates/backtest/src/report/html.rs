//! The report as one HTML file that loads nothing: it can be sent, kept and printed.

use super::chart::{candles, histogram, line, months, plain};
use super::critique::percent;
use super::figures::{AccountFigures, Report, net, tag_name};
use crate::plan::Plan;
use crate::tally::{AccountOutcome, Trade, number};
use std::fmt::Write;

const STYLE: &str = include_str!("style.css");
/// Trades drawn on candles; more hide the candles.
const DRAWN: usize = 400;
const LISTED: usize = 200;

#[must_use]
pub fn html(plan: &Plan, report: &Report) -> String {
    let name = escape(&report.outcome.name);
    let mut out = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>{name}</title><style>{STYLE}</style></head><body><main>"
    );
    let (from, until) = (report.outcome.from, report.outcome.until);
    let kinds: Vec<String> = plan.strategies.iter().map(strategy).collect();
    push(
        &mut out,
        format_args!(
            "<header><h1>{name}</h1><p>{} on {}</p><p class=\"quiet\">{from} to {until}, {} bars, {} ticks, {} fills</p></header>",
            kinds.join("; "),
            escape(&plan.markets.iter().map(|market| market.symbol.as_str()).collect::<Vec<_>>().join(", ")),
            report.outcome.bars,
            report.outcome.ticks,
            report.outcome.fills
        ),
    );
    for (figures, account) in report.accounts.iter().zip(&report.outcome.accounts) {
        account_part(figures, account, &mut out);
    }
    market_part(plan, report, &mut out);
    trades_part(plan, report, &mut out);
    attribution_part(report, &mut out);
    critique_part(report, &mut out);
    manifest_part(report, &mut out);
    out.push_str("</main></body></html>\n");
    out
}

fn push(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    out.write_fmt(text).unwrap_or_default();
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn strategy(of: &crate::plan::StrategyPlan) -> String {
    let params: Vec<String> = of.params.iter().map(|(name, value)| format!("{name} {value}")).collect();
    let params = if params.is_empty() { "defaults".to_owned() } else { params.join(", ") };
    escape(&format!("{} ({}: {params})", of.name, of.kind))
}

fn tile(out: &mut String, name: &str, value: &str, tone: f64) {
    let class = if tone > 0.0 {
        "good"
    } else if tone < 0.0 {
        "bad"
    } else {
        ""
    };
    push(out, format_args!("<div class=\"tile\"><b class=\"{class}\">{value}</b><span>{name}</span></div>"));
}

fn account_part(figures: &AccountFigures, account: &AccountOutcome, out: &mut String) {
    let name = escape(&format!("{}, {}", figures.name, figures.currency));
    push(out, format_args!("<section><h2>{name}</h2><div class=\"tiles\">"));
    let ratio = |ratio: Option<f64>| ratio.map_or("–".to_owned(), |ratio| format!("{ratio:.2}"));
    tile(out, "worth at the end", &format!("{:.2}", figures.equity), 0.0);
    tile(out, "return", &percent(figures.total_return), figures.total_return);
    if let Some(held) = figures.held_return {
        tile(out, "bought and held", &percent(held), held);
    }
    tile(out, "deepest fall", &percent(figures.max_drawdown), 0.0);
    tile(out, "time in the market", &percent(figures.exposure), 0.0);
    tile(out, "fees", &format!("{:.2}", figures.fees), 0.0);
    figures.carry.iter().for_each(|(name, amount)| tile(out, name, &format!("{amount:.2}"), *amount));
    if let Some(summary) = &figures.summary {
        tile(out, "a year", &summary.annual.map_or("–".to_owned(), percent), summary.annual.unwrap_or(0.0));
        tile(out, "volatility", &percent(summary.volatility), 0.0);
        tile(out, "Sharpe", &ratio(summary.sharpe), 0.0);
        tile(out, "Sortino", &ratio(summary.sortino), 0.0);
        tile(out, "Calmar", &ratio(summary.calmar), 0.0);
        tile(out, "Omega", &ratio(summary.omega), 0.0);
    }
    out.push_str("</div>");
    let points: Vec<(i64, f64)> = account.curve.iter().map(|sample| (sample.time.0, sample.equity)).collect();
    push(out, format_args!("<h3>Equity</h3>{}", line("Equity", "equity", &points, None, plain)));
    let mut peak = f64::MIN;
    let falls: Vec<(i64, f64)> = points
        .iter()
        .map(|(time, value)| {
            peak = peak.max(*value);
            (*time, -(1.0 - value / peak) * 100.0)
        })
        .collect();
    let label = |value: f64| format!("{value:.1} %");
    push(out, format_args!("<h3>Below the peak</h3>{}", line("Drawdown", "fall", &falls, Some(0.0), label)));
    if !figures.months.is_empty() {
        push(out, format_args!("<h3>Months, in per cent</h3>{}", months(&figures.months)));
    }
    if !figures.drawdowns.is_empty() {
        out.push_str("<h3>Deepest falls</h3><table><thead><tr><th>depth</th><th>from</th><th>trough</th><th>recovered</th></tr></thead><tbody>");
        for fall in figures.drawdowns.iter().take(5) {
            let back = fall.recovery.map_or("not yet".to_owned(), |day| day.to_string());
            push(
                out,
                format_args!(
                    "<tr><td>{}</td><td>{}</td><td>{}</td><td>{back}</td></tr>",
                    percent(fall.depth),
                    fall.start,
                    fall.trough
                ),
            );
        }
        out.push_str("</tbody></table>");
    }
    out.push_str("</section>");
}

fn market_part(plan: &Plan, report: &Report, out: &mut String) {
    for (at, (symbol, bars)) in report.candles.iter().enumerate().filter(|(_, (_, bars))| !bars.is_empty()) {
        let tick = plan.markets.get(at).map_or(1.0, |market| number(market.tick));
        let own: Vec<(&Trade, f64)> = report
            .outcome
            .trades
            .iter()
            .filter(|trade| trade.market == at)
            .map(|trade| (trade, tick))
            .collect();
        let shown = if own.len() > DRAWN { &own[own.len() - DRAWN..] } else { &own[..] };
        let note = if own.len() > DRAWN {
            format!(" (the last {DRAWN} trades of {})", own.len())
        } else {
            String::new()
        };
        let title = format!("{} with trades", escape(symbol));
        push(
            out,
            format_args!(
                "<section><h2>{}{note}</h2>{}</section>",
                escape(symbol),
                candles(&title, bars, shown)
            ),
        );
    }
}

fn trades_part(plan: &Plan, report: &Report, out: &mut String) {
    let Some(figures) = &report.trades else { return };
    let ratio = |ratio: Option<f64>| ratio.map_or("–".to_owned(), |ratio| format!("{ratio:.2}"));
    out.push_str("<section><h2>Trades</h2><div class=\"tiles\">");
    tile(out, "round trips", &report.outcome.trades_made.to_string(), 0.0);
    tile(out, "won", &percent(figures.win_rate), 0.0);
    tile(out, "profit factor", &ratio(figures.profit_factor), 0.0);
    tile(out, "expectancy", &format!("{:.2}", figures.expectancy), figures.expectancy);
    tile(out, "best", &format!("{:.2}", number(figures.best)), 0.0);
    tile(out, "worst", &format!("{:.2}", number(figures.worst)), 0.0);
    out.push_str("</div>");
    let nets: Vec<f64> = report.outcome.trades.iter().map(net).collect();
    push(out, format_args!("<h3>Results after costs</h3>{}", histogram("Distribution of results", &nets)));
    push(
        out,
        format_args!(
            "<details><summary>The last {} of them</summary><table><thead><tr><th>opened</th><th>closed</th><th>side</th><th>entry</th><th>exit</th><th>net</th><th>against</th><th>for</th></tr></thead><tbody>",
            nets.len().min(LISTED)
        ),
    );
    for trade in report.outcome.trades.iter().rev().take(LISTED) {
        let tick = plan.markets.get(trade.market).map_or(1.0, |market| number(market.tick));
        push(
            out,
            format_args!(
                "<tr><td>{}</td><td>{}</td><td>{}</td><td>{:.4}</td><td>{:.4}</td><td>{:.2}</td><td>{}</td><td>{}</td></tr>",
                trade.opened,
                trade.closed,
                if trade.side == model::Side::Buy { "long" } else { "short" },
                trade.entry * tick,
                trade.exit * tick,
                net(trade),
                percent(trade.adverse),
                percent(trade.favourable)
            ),
        );
    }
    out.push_str("</tbody></table></details></section>");
}

fn attribution_part(report: &Report, out: &mut String) {
    let several: Vec<_> = report.attribution.iter().filter(|(_, found)| found.rows.len() > 1).collect();
    let brinson: Vec<_> =
        report.accounts.iter().filter_map(|account| Some((account, account.brinson.as_ref()?))).collect();
    if several.is_empty() && brinson.is_empty() {
        return;
    }
    out.push_str("<section><h2>What it is due to</h2>");
    for (account, found) in brinson {
        push(
            out,
            format_args!(
                "<h3>{} against the benchmark: {} and {}</h3><table><thead><tr><th>part</th><th>allocation</th><th>selection</th><th>both</th></tr></thead><tbody>",
                escape(&account.name),
                percent(found.portfolio),
                percent(found.benchmark)
            ),
        );
        for row in &found.rows {
            push(
                out,
                format_args!(
                    "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
                    escape(&row.name),
                    percent(row.allocation),
                    percent(row.selection),
                    percent(row.interaction)
                ),
            );
        }
        out.push_str("</tbody></table>");
    }
    for (tag, found) in several {
        push(
            out,
            format_args!(
                "<h3>By {}</h3><table><thead><tr><th></th><th>trades</th><th>won</th><th>fees</th><th>net</th></tr></thead><tbody>",
                tag_name(*tag)
            ),
        );
        for row in &found.rows {
            push(
                out,
                format_args!(
                    "<tr><td>{}</td><td>{}</td><td>{}</td><td>{:.2}</td><td>{:.2}</td></tr>",
                    escape(row.tag.as_deref().unwrap_or("none")),
                    row.trades,
                    row.wins,
                    number(row.fees),
                    number(row.net)
                ),
            );
        }
        out.push_str("</tbody></table>");
    }
    out.push_str("</section>");
}

fn critique_part(report: &Report, out: &mut String) {
    out.push_str("<section class=\"critique\"><h2>Before you believe it</h2>");
    if let Some(bounds) = report.bounds {
        push(
            out,
            format_args!(
                "<p>By what happened inside the bars, the worth at the end lies between <b>{:.2}</b> and <b>{:.2}</b>; taken as usual it is <b>{:.2}</b>.</p>",
                bounds.worst, bounds.best, bounds.base
            ),
        );
    }
    out.push_str("<ul>");
    report.critique.iter().for_each(|doubt| push(out, format_args!("<li>{}</li>", escape(doubt))));
    out.push_str("</ul></section>");
}

fn manifest_part(report: &Report, out: &mut String) {
    push(
        out,
        format_args!(
            "<footer><p>digest <code>{}</code></p><p>configuration <code>{}</code></p>",
            report.outcome.digest, report.manifest.config
        ),
    );
    for (symbol, hash) in &report.manifest.data {
        push(out, format_args!("<p>data {} <code>{hash}</code></p>", escape(symbol)));
    }
    push(out, format_args!("<p>staysail {}</p></footer>", escape(&report.manifest.version)));
}
