//! What a careful reader would say of a run before believing it: each doubt with the number that raises it.

use super::figures::{Report, net};
use crate::plan::Plan;
use sim::{BarFill, Slippage};

const FEW_TRADES: u64 = 30;
const FEW_DAYS: usize = 60;

#[must_use]
pub fn critique(plan: &Plan, report: &Report) -> Vec<String> {
    let mut doubts = Vec::new();
    let trades = report.outcome.trades_made;
    match trades {
        0 => doubts.push("No round trip was closed, so there is nothing to judge: lengthen the data or loosen the rules.".to_owned()),
        1..FEW_TRADES => doubts.push(format!("Only {trades} round trips: too few to tell skill from luck; {FEW_TRADES} is the least to begin with.")),
        _ => {}
    }
    too_poor(plan, report, &mut doubts);
    concentration(report, &mut doubts);
    costs(report, &mut doubts);
    path(report, &mut doubts);
    for account in &report.accounts {
        let days = account.day_returns.len();
        if days < FEW_DAYS {
            doubts.push(format!("{} has {days} days: ratios for a year are extrapolated from that and mean little below {FEW_DAYS}.", account.name));
        }
        if let Some(held) = account.held_return.filter(|held| *held > account.total_return) {
            let (held, own) = (percent(held), percent(account.total_return));
            doubts.push(format!(
                "Buying at the start and holding would have made {held}, and the run made {own}."
            ));
        }
    }
    assumptions(plan, report, &mut doubts);
    doubts
}

/// An account that cannot pay for a lot does nothing, and says nothing either.
fn too_poor(plan: &Plan, report: &Report, doubts: &mut Vec<String>) {
    let number = crate::tally::number;
    let lots = plan.markets.iter().zip(&report.candles).filter_map(|(market, (_, candles))| {
        Some(candles.first()?.open * number(market.lot) * number(market.multiplier))
    });
    let cheapest = lots.fold(f64::INFINITY, f64::min);
    for account in report.accounts.iter().filter(|account| account.start < cheapest) {
        doubts.push(format!(
            "{} starts with {:.2}, and one lot costs {cheapest:.2}: give it more cash.",
            account.name, account.start
        ));
    }
}

/// One trade or a few make the profit.
fn concentration(report: &Report, doubts: &mut Vec<String>) {
    let mut nets: Vec<f64> = report.outcome.trades.iter().map(net).collect();
    let total: f64 = nets.iter().sum();
    nets.sort_by(|a, b| b.total_cmp(a));
    let Some(best) = nets.first() else { return };
    if total > 0.0 && *best > total / 2.0 && nets.len() > 1 {
        doubts.push(format!(
            "The best trade makes {} of the profit: without it the run is another one.",
            percent(best / total)
        ));
    }
    let few: f64 = nets.iter().take(nets.len().div_ceil(20)).sum();
    if total > 0.0 && nets.len() >= 40 && few > total {
        doubts.push(
            "The best twentieth of the trades makes more than the whole profit; the rest loses.".to_owned(),
        );
    }
}

fn costs(report: &Report, doubts: &mut Vec<String>) {
    let Some(trades) = &report.trades else { return };
    let to = crate::tally::number;
    let (fees, after) = (to(trades.fees), to(trades.net));
    let before = after + fees;
    if before > 0.0 && fees > before / 2.0 {
        doubts.push(format!("Costs eat {} of what the trades make before them.", percent(fees / before)));
    }
}

fn path(report: &Report, doubts: &mut Vec<String>) {
    let Some(bounds) = report.bounds else { return };
    let start: f64 = report.accounts.iter().map(|account| account.start).sum();
    let width = (bounds.best - bounds.worst) / start;
    if width > 0.01 {
        let (worst, best) = (bounds.worst / start - 1.0, bounds.best / start - 1.0);
        doubts.push(format!(
            "What happened inside the bars decides: the return lies from {} to {}. Shorter bars would narrow that.",
            percent(worst),
            percent(best)
        ));
    }
}

fn assumptions(plan: &Plan, report: &Report, doubts: &mut Vec<String>) {
    if plan.rules.fill == BarFill::Close {
        doubts.push("Orders fill at the very close they were decided on, which nobody can do.".to_owned());
    }
    let is_free = plan.markets.iter().all(|market| market.fees.taker.0 == 0 && market.fees.maker.0 == 0);
    if is_free && plan.rules.slippage == Slippage::None {
        doubts.push("No fee and no slippage are assumed: real results are worse.".to_owned());
    }
    let refused: u64 = report.outcome.strategies.iter().flat_map(|of| of.refused.values()).sum();
    if refused > 0 {
        let why = report
            .outcome
            .strategies
            .iter()
            .flat_map(|of| of.refused.iter())
            .max_by_key(|(_, count)| **count);
        let why = why.map(|(why, count)| format!(" ({count} times: {why})")).unwrap_or_default();
        doubts
            .push(format!("{refused} orders were refused{why}: the strategy did not do all that it wanted."));
    }
    for (why, count) in &report.outcome.undone {
        doubts.push(format!("{count} times funding, a split or a dividend could not be done: {why}."));
    }
    if report.outcome.trades_made > report.outcome.trades.len() as u64 {
        doubts.push(format!(
            "Trades are listed up to {}; {} were made.",
            report.outcome.trades.len(),
            report.outcome.trades_made
        ));
    }
    doubts.push("The parameters are judged on the data they may have been chosen on: see `optimise` and `walk-forward` for what they are worth outside of it.".to_owned());
}

pub(super) fn percent(share: f64) -> String {
    format!("{:.2} %", share * 100.0)
}
