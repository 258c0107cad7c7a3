//! What it cost to trade: an order's fills against the market of its life, taken apart until nothing is left over.
//!
//! Costs are exact money and positive when they hurt; the parts are the total, by construction and by test.

mod benchmark;
mod cost;
mod market;
mod markout;
mod total;

pub use benchmark::{Benchmarks, benchmarks};
pub use cost::{Costs, ExecutionCosts, FillCosts, execution_costs};
pub use market::{Fill, Parent, Tape, TapePrint, TapeQuote, Terms};
pub use markout::{Markout, markouts};
pub use total::{CostSummary, cost_summary};
