//! The market dries up: spreads widen, volume falls, and everything has to be sold.
//!
//! Cost of a position = half its spread, widened, and an impact that grows with the square root of the share of a day's
//! volume that it is.

use super::price::check_names;
use super::{Breakdown, Part};
use crate::error::{Result, require};
use crate::number::amount::{from_float, share_of, to_float};
use model::Money;
use serde::Serialize;

/// A position and the market it would be sold into.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Liquidity {
    pub name: String,
    pub value: Money,
    /// Half the distance of bid and ask, as a share of the price.
    pub half_spread: f64,
    /// What trades on a usual day, in the same money as the value.
    pub daily_volume: Money,
    /// The deviation of a day's returns.
    pub daily_deviation: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct LiquidityShock {
    /// How many times as wide spreads are; at least 1.
    pub spread_factor: f64,
    /// What is left of the usual volume; above 0, at most 1.
    pub volume_left: f64,
    /// The largest share of a day's volume that we may be; above 0, at most 1.
    pub participation: f64,
    /// Impact for a whole day's volume, in daily deviations; about 1 for most markets.
    pub impact_coefficient: f64,
}

/// The costs by position, and how many days each takes to sell at the participation allowed.
pub fn dry_up(positions: &[Liquidity], shock: LiquidityShock) -> Result<(Breakdown, Vec<(String, f64)>)> {
    check_shock(shock)?;
    check_names("a position", positions.iter().map(|position| &position.name))?;
    let mut parts = Vec::with_capacity(2 * positions.len());
    let mut days_to_sell = Vec::with_capacity(positions.len());
    for position in positions {
        check_position(position)?;
        let size = to_float(position.value).abs();
        let volume = to_float(position.daily_volume) * shock.volume_left;
        let spread = position.half_spread * shock.spread_factor;
        let impact = shock.impact_coefficient * position.daily_deviation * (size / volume).sqrt();
        let whole = Money(-position.value.0.saturating_abs());
        let spread_cost = share_of("the cost of a spread", whole, spread)?;
        let impact_cost = from_float("the cost of impact", -size * impact)?;
        for (cause, amount) in [("spread", spread_cost), ("impact", impact_cost)] {
            parts.push(Part { position: position.name.clone(), cause: cause.to_owned(), amount });
        }
        days_to_sell.push((position.name.clone(), size / (volume * shock.participation)));
    }
    Ok((Breakdown::of(parts)?, days_to_sell))
}

fn check_shock(shock: LiquidityShock) -> Result<()> {
    let share = |value: f64| value > 0.0 && value <= 1.0;
    let (factor, impact) = (shock.spread_factor, shock.impact_coefficient);
    require(factor >= 1.0 && factor.is_finite(), "the spread factor", "at least 1", factor)?;
    require(share(shock.volume_left), "the volume left", "above 0 and at most 1", shock.volume_left)?;
    require(share(shock.participation), "the participation", "above 0 and at most 1", shock.participation)?;
    require(impact >= 0.0 && impact.is_finite(), "the impact coefficient", "at least 0", impact)
}

fn check_position(position: &Liquidity) -> Result<()> {
    let (spread, deviation) = (position.half_spread, position.daily_deviation);
    let volume = to_float(position.daily_volume);
    require((0.0..=1.0).contains(&spread), "a half spread", "between 0 and 1", spread)?;
    require(deviation >= 0.0 && deviation.is_finite(), "a daily deviation", "at least 0", deviation)?;
    require(volume > 0.0, "a daily volume", "above 0", volume)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_of_a_days_volume_costs_half_a_deviation() {
        let position = Liquidity {
            name: "A".to_owned(),
            value: Money::parse("-1000").unwrap(),
            half_spread: 0.001,
            daily_volume: Money::parse("8000").unwrap(),
            daily_deviation: 0.02,
        };
        let shock = LiquidityShock {
            spread_factor: 3.0,
            volume_left: 0.5,
            participation: 0.1,
            impact_coefficient: 1.0,
        };
        let (costs, days) = dry_up(std::slice::from_ref(&position), shock).unwrap();
        let amounts: Vec<String> = costs.parts.iter().map(|part| part.amount.to_string()).collect();
        assert_eq!(amounts, ["-3", "-10"]);
        assert_eq!(costs.total.to_string(), "-13");
        assert!((days[0].1 - 2.5).abs() < 1e-12);
        let unknown = Liquidity { daily_volume: Money::ZERO, ..position };
        assert!(dry_up(&[unknown], shock).is_err(), "no volume is no market, not a free one");
        assert!(dry_up(&[], LiquidityShock { volume_left: 0.0, ..shock }).is_err());
    }
}
