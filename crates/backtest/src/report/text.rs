//! The report for a terminal.

use super::critique::percent;
use super::figures::{AccountFigures, Report, tag_name};
use crate::tally::number;
use std::fmt::Write;

#[must_use]
pub fn text(report: &Report) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    write_all(report, &mut out).unwrap_or_default();
    out
}

fn write_all(report: &Report, out: &mut String) -> std::fmt::Result {
    let outcome = &report.outcome;
    writeln!(out, "{}", outcome.name)?;
    writeln!(out, "  {} to {}", outcome.from, outcome.until)?;
    let (bars, ticks) = (outcome.bars, outcome.ticks);
    writeln!(out, "  {bars} bars, {ticks} ticks, {} commands, {} fills", outcome.commands, outcome.fills)?;
    report.accounts.iter().try_for_each(|account| write_account(account, out))?;
    write_trades(report, out)?;
    write_attribution(report, out)?;
    if let Some(bounds) = report.bounds {
        let (worst, base, best) = (bounds.worst, bounds.base, bounds.best);
        writeln!(
            out,
            "\nfinal worth by what happened inside bars: worst {worst:.2}, base {base:.2}, best {best:.2}"
        )?;
    }
    writeln!(out, "\nbefore you believe it")?;
    report.critique.iter().try_for_each(|doubt| writeln!(out, "  - {doubt}"))?;
    writeln!(out, "\ndigest {}", outcome.digest)?;
    writeln!(out, "configuration {}", report.manifest.config)?;
    report.manifest.data.iter().try_for_each(|(symbol, hash)| writeln!(out, "data {symbol} {hash}"))?;
    writeln!(out, "staysail {}", report.manifest.version)
}

fn write_account(account: &AccountFigures, out: &mut String) -> std::fmt::Result {
    let AccountFigures { name, currency, start, equity, .. } = account;
    writeln!(out, "\naccount {name}, {currency}")?;
    let mut row = |what: &str, value: String| writeln!(out, "  {what:<24}{value:>18}");
    row("start", format!("{start:.2}"))?;
    row("end", format!("{equity:.2}"))?;
    row("return", percent(account.total_return))?;
    row("bought and held", account.held_return.map_or("-".to_owned(), percent))?;
    row("deepest fall", percent(account.max_drawdown))?;
    row("time in the market", percent(account.exposure))?;
    row("turnover a year", account.turnover.map_or("-".to_owned(), |times| format!("{times:.2}x")))?;
    row("fees", format!("{:.2}", account.fees))?;
    account.carry.iter().try_for_each(|(name, amount)| row(name, format!("{amount:.2}")))?;
    let Some(summary) = &account.summary else { return row("ratios", "too few days".to_owned()) };
    let ratio = |ratio: Option<f64>| ratio.map_or("-".to_owned(), |ratio| format!("{ratio:.2}"));
    row("a year", summary.annual.map_or("-".to_owned(), percent))?;
    row("volatility", percent(summary.volatility))?;
    row("Sharpe", ratio(summary.sharpe))?;
    row("Sortino", ratio(summary.sortino))?;
    row("Calmar", ratio(summary.calmar))?;
    row("Omega", ratio(summary.omega))?;
    row("tail ratio", ratio(summary.tail_ratio))?;
    if let Some(tail) = &summary.historical {
        row("value at risk, 95 %", percent(tail.value_at_risk))?;
        row("expected shortfall", percent(tail.expected_shortfall))?;
    }
    Ok(())
}

fn write_trades(report: &Report, out: &mut String) -> std::fmt::Result {
    let Some(trades) = &report.trades else { return writeln!(out, "\nno round trip was closed") };
    let ratio = |ratio: Option<f64>| ratio.map_or("-".to_owned(), |ratio| format!("{ratio:.2}"));
    writeln!(out, "\ntrades")?;
    let mut row = |what: &str, value: String| writeln!(out, "  {what:<24}{value:>18}");
    row("round trips", report.outcome.trades_made.to_string())?;
    row("won", percent(trades.win_rate))?;
    row("profit factor", ratio(trades.profit_factor))?;
    row("expectancy", format!("{:.2}", trades.expectancy))?;
    row("best", format!("{:.2}", number(trades.best)))?;
    row("worst", format!("{:.2}", number(trades.worst)))?;
    row("longest losing run", trades.longest_losing_run.to_string())?;
    row("hours held", format!("{:.2}", trades.mean_seconds_held / 3600.0))
}

/// By hour, and what else has more than one row; and against the benchmark.
fn write_attribution(report: &Report, out: &mut String) -> std::fmt::Result {
    for (tag, found) in report.attribution.iter().filter(|(_, found)| found.rows.len() > 1) {
        writeln!(out, "\nresults by {}", tag_name(*tag))?;
        for row in &found.rows {
            let name = row.tag.as_deref().unwrap_or("none");
            let (net, trades) = (number(row.net), row.trades);
            writeln!(out, "  {name:<24}{net:>18.2}{trades:>8} trades")?;
        }
    }
    for account in &report.accounts {
        let Some(found) = &account.brinson else { continue };
        let (own, benchmark) = (percent(found.portfolio), percent(found.benchmark));
        writeln!(out, "\n{} against the benchmark: {own} and {benchmark}", account.name)?;
        writeln!(out, "  {:<24}{:>12}{:>12}{:>12}", "", "allocation", "selection", "both")?;
        for row in &found.rows {
            let (allocation, selection) = (percent(row.allocation), percent(row.selection));
            writeln!(
                out,
                "  {:<24}{allocation:>12}{selection:>12}{:>12}",
                row.name,
                percent(row.interaction)
            )?;
        }
    }
    Ok(())
}
