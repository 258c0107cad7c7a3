//! The costs of many orders together. The parts still sum to the total.

use super::cost::{Costs, ExecutionCosts, basis_points};
use crate::error::{AnalyticsError, Result};
use crate::number::amount::sum;
use model::Money;
use serde::Serialize;

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct CostSummary {
    pub orders: usize,
    pub decided_value: Money,
    pub costs: Costs,
    /// The total over the value decided; `None` when that is not above zero.
    pub total_bps: Option<f64>,
}

pub fn cost_summary(orders: &[ExecutionCosts]) -> Result<CostSummary> {
    if orders.is_empty() {
        return Err(AnalyticsError::TooFew { what: "a summary of costs", needed: 1, found: 0 });
    }
    let costs = orders.iter().try_fold(Costs::default(), |costs, order| costs.plus(order.costs))?;
    let decided_value = sum("the value of orders", orders.iter().map(|order| order.decided_value))?;
    let total_bps = basis_points(costs.total, decided_value);
    Ok(CostSummary { orders: orders.len(), decided_value, costs, total_bps })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_orders_are_no_cost_of_nothing() {
        assert!(cost_summary(&[]).is_err());
    }
}
