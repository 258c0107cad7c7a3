//! Implementation shortfall (Perold, 1988) of one order, taken apart fill by fill.
//!
//! For each fill: from the decision's price to the mid of the moment is *drift* (timing and our own impact), from the mid
//! to the touch is *spread*, beyond the touch is *depth*, then *fees*. What was not filled costs the *opportunity*: the
//! move from the decision to the end. All in half ticks times lots, so that the sum is an identity of integers.

use super::market::{Fill, Parent, Tape, Terms};
use crate::error::{AnalyticsError, Result};
use model::{Money, Qty, Time};
use serde::Serialize;

/// Positive costs hurt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Costs {
    /// The market's move from the decision to the fill: timing, and our own impact, which no tape tells apart.
    pub drift: Money,
    /// From the mid to the touch; negative for a fill that others crossed the spread to give.
    pub spread: Money,
    /// Beyond the touch, into the book.
    pub depth: Money,
    pub fees: Money,
    /// Of what was not filled.
    pub opportunity: Money,
    pub total: Money,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct FillCosts {
    pub time: Time,
    pub qty: Qty,
    pub costs: Costs,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExecutionCosts {
    pub filled: Qty,
    pub fill_rate: f64,
    /// What the whole order was worth at the decision; basis points are of this.
    pub decided_value: Money,
    pub fills: Vec<FillCosts>,
    pub costs: Costs,
    /// The total in basis points; `None` when the decision's price is not above zero.
    pub total_bps: Option<f64>,
}

impl Costs {
    /// The sum of the parts, each counted in half ticks on lots.
    fn of(halves: Halves, fees: Money, terms: Terms) -> Result<Self> {
        let uncountable = || AnalyticsError::Uncountable { what: "the cost of an order" };
        // One half tick must be a whole number of 10⁻¹⁸ units, or the identity would be rounded away.
        let half = terms.tick_on_lot.0 / 2;
        if terms.tick_on_lot.0 <= 0 || terms.tick_on_lot.0 % 2 != 0 {
            return Err(uncountable());
        }
        let money = |count: i128| count.checked_mul(half).map(Money).ok_or_else(uncountable);
        let parts = Self {
            drift: money(halves.drift)?,
            spread: money(halves.spread)?,
            depth: money(halves.depth)?,
            fees,
            opportunity: money(halves.opportunity)?,
            total: Money::ZERO,
        };
        let list = [parts.drift, parts.spread, parts.depth, parts.fees, parts.opportunity];
        let total = list.into_iter().try_fold(Money::ZERO, Money::checked_add).ok_or_else(uncountable)?;
        Ok(Self { total, ..parts })
    }

    pub(super) fn plus(self, other: Self) -> Result<Self> {
        let add = |left: Money, right: Money| {
            left.checked_add(right).ok_or(AnalyticsError::Uncountable { what: "the cost of orders" })
        };
        Ok(Self {
            drift: add(self.drift, other.drift)?,
            spread: add(self.spread, other.spread)?,
            depth: add(self.depth, other.depth)?,
            fees: add(self.fees, other.fees)?,
            opportunity: add(self.opportunity, other.opportunity)?,
            total: add(self.total, other.total)?,
        })
    }
}

/// Half ticks on lots.
#[derive(Clone, Copy, Default)]
struct Halves {
    drift: i128,
    spread: i128,
    depth: i128,
    opportunity: i128,
}

pub fn execution_costs(
    parent: &Parent,
    fills: &[Fill],
    tape: &Tape<'_>,
    terms: Terms,
) -> Result<ExecutionCosts> {
    parent.check(fills)?;
    tape.check()?;
    let arrival = parent.arrival(tape)?;
    let mut rows = Vec::with_capacity(fills.len());
    let mut costs = Costs::default();
    for fill in fills {
        let halves = fill_halves(parent, fill, arrival, tape)?;
        let row = FillCosts { time: fill.time, qty: fill.qty, costs: Costs::of(halves, fill.fee, terms)? };
        costs = costs.plus(row.costs)?;
        rows.push(row);
    }
    let filled = Qty(fills.iter().map(|fill| fill.qty.0).sum());
    let rest = i128::from(parent.qty.0 - filled.0);
    if rest > 0 {
        let end = tape.quote_at(parent.ended, "a quote at the end, to value what was not filled")?;
        let moved = i128::from(parent.side.sign()) * (end.half_ticks() - arrival);
        let opportunity = on_lots(moved, rest)?;
        costs = costs.plus(Costs::of(Halves { opportunity, ..Halves::default() }, Money::ZERO, terms)?)?;
    }
    let value =
        arrival.checked_mul(i128::from(parent.qty.0)).and_then(|v| v.checked_mul(terms.tick_on_lot.0 / 2));
    let value = value.map(Money).ok_or(AnalyticsError::Uncountable { what: "the value of an order" })?;
    Ok(ExecutionCosts {
        filled,
        fill_rate: filled.0 as f64 / parent.qty.0 as f64,
        decided_value: value,
        fills: rows,
        costs,
        total_bps: basis_points(costs.total, value),
    })
}

pub(super) fn basis_points(cost: Money, of: Money) -> Option<f64> {
    (of > Money::ZERO).then(|| cost.0 as f64 / of.0 as f64 * 1e4)
}

fn fill_halves(parent: &Parent, fill: &Fill, arrival: i128, tape: &Tape<'_>) -> Result<Halves> {
    let sign = i128::from(parent.side.sign());
    let lots = i128::from(fill.qty.0);
    let quote = tape.quote_at(fill.time, "a quote at a fill")?;
    let from_mid = sign * (2 * i128::from(fill.price.0) - quote.half_ticks());
    let spread = from_mid.min(quote.half_spread());
    Ok(Halves {
        drift: on_lots(sign * (quote.half_ticks() - arrival), lots)?,
        spread: on_lots(spread, lots)?,
        depth: on_lots(from_mid - spread, lots)?,
        opportunity: 0,
    })
}

fn on_lots(half_ticks: i128, lots: i128) -> Result<i128> {
    half_ticks.checked_mul(lots).ok_or(AnalyticsError::Uncountable { what: "the cost of an order" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::execution::TapeQuote;
    use model::{Price, Side};

    /// One tick on one lot is worth 0.01.
    fn terms() -> Terms {
        Terms { tick_on_lot: Money::parse("0.01").unwrap() }
    }

    fn quote(time: i64, bid: i64, ask: i64) -> TapeQuote {
        TapeQuote { time: Time(time), bid: Price(bid), ask: Price(ask) }
    }

    fn fill(time: i64, price: i64, qty: i64, fee: &str) -> Fill {
        Fill { time: Time(time), price: Price(price), qty: Qty(qty), fee: Money::parse(fee).unwrap() }
    }

    const PARENT: Parent =
        Parent { side: Side::Buy, qty: Qty(100), decided: Time(10), ended: Time(40), arrival: None };

    #[test]
    fn an_order_by_hand() {
        let quotes = [quote(5, 10_000, 10_002), quote(20, 10_003, 10_006), quote(35, 10_010, 10_012)];
        let tape = Tape { quotes: &quotes, prints: &[] };
        // At once at the ask; then two ticks beyond the ask of a market that moved; then passively at the bid.
        let fills = [fill(10, 10_002, 40, "0.1"), fill(20, 10_008, 20, "0.2"), fill(30, 10_003, 10, "-0.05")];
        let found = execution_costs(&PARENT, &fills, &tape, terms()).unwrap();
        let shown = |money: Money| money.to_string();
        let costs = found.costs;
        // Drift: 3.5 ticks on 20 and on 10 lots. Spread: 1 on 40, 1.5 on 20, −1.5 on 10. Depth: 2 on 20.
        assert_eq!(shown(costs.drift), "1.05");
        assert_eq!(shown(costs.spread), "0.55");
        assert_eq!(shown(costs.depth), "0.4");
        assert_eq!(shown(costs.fees), "0.25");
        // 30 lots were not bought, and the mid rose by 10 ticks.
        assert_eq!(shown(costs.opportunity), "3");
        assert_eq!(shown(costs.total), "5.25");
        assert_eq!((found.filled, found.fill_rate), (Qty(70), 0.7));
        assert_eq!(shown(found.decided_value), "10001");
        assert!((found.total_bps.unwrap() - 5.25 / 10_001.0 * 1e4).abs() < 1e-9);
    }

    #[test]
    fn what_would_be_a_guess_is_refused() {
        let quotes = [quote(5, 100, 102), quote(20, 101, 103)];
        let tape = Tape { quotes: &quotes, prints: &[] };
        let refused = |parent: Parent, fills: &[Fill], tape: Tape<'_>| {
            execution_costs(&parent, fills, &tape, terms()).unwrap_err()
        };
        let early = Parent { decided: Time(1), ..PARENT };
        assert!(matches!(refused(early, &[], tape), AnalyticsError::Missing { .. }));
        assert!(matches!(refused(PARENT, &[fill(9, 100, 1, "0")], tape), AnalyticsError::OutOfOrder { .. }));
        assert!(matches!(
            refused(PARENT, &[fill(15, 100, 101, "0")], tape),
            AnalyticsError::OutOfRange { .. }
        ));
        assert!(matches!(refused(PARENT, &[fill(15, 100, 0, "0")], tape), AnalyticsError::OutOfRange { .. }));
        let crossed = [quote(5, 103, 102)];
        let crossed = Tape { quotes: &crossed, prints: &[] };
        assert!(matches!(refused(PARENT, &[], crossed), AnalyticsError::OutOfRange { .. }));
        let empty = Tape { quotes: &[], prints: &[] };
        assert!(matches!(refused(PARENT, &[], empty), AnalyticsError::Missing { .. }));
        let odd = Terms { tick_on_lot: Money(3) };
        assert!(execution_costs(&PARENT, &[fill(15, 100, 1, "0")], &tape, odd).is_err());
    }
}
