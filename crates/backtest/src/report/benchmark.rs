//! A result against a benchmark, day by day (Brinson and Fachler): what came of being in other markets or sectors than
//! the benchmark, what of doing better in them, what of both. Segments are sectors where the plan has any, else
//! markets. What a day won where it held nothing at its beginning counts with the cash.

use crate::plan::Plan;
use crate::tally::{AccountOutcome, Part, number};
use analytics::performance::{Brinson, Segment, brinson_linked};
use std::collections::BTreeMap;

const CASH: &str = "cash";

/// None without a benchmark, and where there are no days to compare.
pub(super) fn brinson(plan: &Plan, account: &AccountOutcome) -> Option<Brinson> {
    if plan.benchmark.is_empty() {
        return None;
    }
    let start = number(account.start);
    let count = plan.markets.len();
    let first = account.parts.first()?;
    let before =
        Part { equity: start, held: vec![0.0; count], spent: vec![0.0; count], prices: first.prices.clone() };
    let pairs = std::iter::once(&before).chain(&account.parts).zip(&account.parts);
    let periods: Vec<Vec<Segment>> = pairs.filter_map(|(from, to)| period(plan, from, to)).collect();
    brinson_linked(&periods).ok()
}

#[derive(Clone, Copy, Default)]
struct Sum {
    weight: f64,
    won: f64,
    benchmark_weight: f64,
    benchmark_won: f64,
}

fn period(plan: &Plan, from: &Part, to: &Part) -> Option<Vec<Segment>> {
    if from.equity <= 0.0 {
        return None;
    }
    let has_sectors = plan.markets.iter().any(|market| market.sector.is_some());
    let mut sums: BTreeMap<String, Sum> = BTreeMap::new();
    let mut cash = Sum { weight: 1.0, benchmark_weight: 1.0, ..Sum::default() };
    for (at, market) in plan.markets.iter().enumerate() {
        let name = market.sector.clone().filter(|_| has_sectors).unwrap_or_else(|| market.symbol.clone());
        let weight = from.held[at] / from.equity;
        let won = (to.held[at] - from.held[at] - to.spent[at]) / from.equity;
        let share: f64 = plan.benchmark.iter().filter(|(of, _)| *of == at).map(|(_, share)| share).sum();
        let moved = if from.prices[at] > 0.0 { to.prices[at] / from.prices[at] - 1.0 } else { 0.0 };
        let sum = sums.entry(name).or_default();
        sum.benchmark_weight += share;
        sum.benchmark_won += share * moved;
        cash.benchmark_weight -= share;
        if weight == 0.0 {
            cash.won += won;
            continue;
        }
        sum.weight += weight;
        sum.won += won;
        cash.weight -= weight;
    }
    if cash.weight.abs() <= 1e-12 {
        // All was invested: what the day won beside that is with the largest part.
        let largest = sums.values_mut().max_by(|a, b| a.weight.abs().total_cmp(&b.weight.abs()));
        largest.into_iter().for_each(|sum| sum.won += std::mem::take(&mut cash.won));
    }
    sums.insert(CASH.to_owned(), cash);
    let whole = |name: String, sum: Sum| {
        let of = |won: f64, weight: f64| if weight.abs() > 1e-12 { won / weight } else { 0.0 };
        let benchmark_result = of(sum.benchmark_won, sum.benchmark_weight);
        // Where one of the two has nothing, the other's result stands for both, so that it is no selection.
        let result = if sum.weight.abs() > 1e-12 { sum.won / sum.weight } else { benchmark_result };
        let benchmark_result =
            if sum.benchmark_weight.abs() > 1e-12 || name == CASH { benchmark_result } else { result };
        Segment { name, weight: sum.weight, benchmark_weight: sum.benchmark_weight, result, benchmark_result }
    };
    Some(sums.into_iter().map(|(name, sum)| whole(name, sum)).collect())
}
