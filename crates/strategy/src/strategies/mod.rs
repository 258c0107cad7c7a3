//! The built-in strategies: one file each and one line in the list.

mod donchian;
mod moving_average;
mod quoting;
mod rebalance;
mod relative_strength;
mod size;

use crate::contract::{Args, Row, Strategy, StrategyError};

pub const STRATEGIES: &[&Row] =
    &[&moving_average::ROW, &relative_strength::ROW, &donchian::ROW, &quoting::ROW, &rebalance::ROW];

/// The row with this name; letter case does not count.
pub fn find(name: &str) -> Result<&'static Row, StrategyError> {
    let found = STRATEGIES.iter().copied().find(|row| row.name.eq_ignore_ascii_case(name));
    found.ok_or_else(|| StrategyError::UnknownStrategy {
        name: name.to_owned(),
        known: STRATEGIES.iter().map(|row| row.name).collect::<Vec<_>>().join(", "),
    })
}

/// The strategy of this name; parameters that are not given keep their defaults.
pub fn build(name: &str, params: &[(&str, f64)], markets: usize) -> Result<Box<dyn Strategy>, StrategyError> {
    let row = find(name)?;
    row.build(&Args::resolve(row, params.iter().copied())?, markets)
}
