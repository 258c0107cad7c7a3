//! Trades and curves as comma-separated text, for a spreadsheet.

use super::figures::{Report, net};
use crate::plan::Plan;
use crate::tally::number;
use model::Side;

/// One round trip a line.
#[must_use]
pub fn trades_csv(plan: &Plan, report: &Report) -> String {
    let head =
        "strategy,symbol,side,quantity,opened,closed,entry,exit,gross,fees,carry,net,adverse,favourable\n";
    let line = |trade: &crate::tally::Trade| {
        let market = plan.markets.get(trade.market);
        let (tick, lot) = market.map_or((1.0, 1.0), |market| (number(market.tick), number(market.lot)));
        let symbol = market.map(|market| market.symbol.as_str()).unwrap_or_default();
        let strategy = plan.strategies.get(trade.strategy).map(|of| of.name.as_str()).unwrap_or_default();
        let side = if trade.side == Side::Buy { "long" } else { "short" };
        format!(
            "{},{},{side},{},{},{},{},{},{},{},{},{},{:.6},{:.6}\n",
            quoted(strategy),
            quoted(symbol),
            trade.lots as f64 * lot,
            trade.opened,
            trade.closed,
            trade.entry * tick,
            trade.exit * tick,
            trade.gross,
            trade.fees,
            trade.carry,
            net(trade),
            trade.adverse,
            trade.favourable
        )
    };
    std::iter::once(head.to_owned()).chain(report.outcome.trades.iter().map(line)).collect()
}

/// The worth of each account, a point a line.
#[must_use]
pub fn equity_csv(report: &Report) -> String {
    let lines = report.outcome.accounts.iter().flat_map(|account| {
        account
            .curve
            .iter()
            .map(|sample| format!("{},{},{:.6}\n", quoted(&account.name), sample.time, sample.equity))
    });
    std::iter::once("account,time,equity\n".to_owned()).chain(lines).collect()
}

fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}
