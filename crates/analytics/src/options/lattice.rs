//! American options on the lattice of Cox, Ross and Rubinstein (1979).
//!
//! The last step is priced in closed form, and two lattices of different size are extrapolated (Broadie and Detemple,
//! 1996): this takes away the saw of the plain lattice, so that some hundred steps are good to a tenth of a cent.

use super::closed::{Greeks, european};
use super::terms::Contract;
use crate::error::{AnalyticsError, Result, require};

const MOST_STEPS: usize = 5_000;

/// `steps` is that of the larger lattice: even, from 20 to 5000.
pub fn american(contract: &Contract, volatility: f64, steps: usize) -> Result<f64> {
    Ok(extrapolated(contract, volatility, steps)?.value)
}

/// Delta, gamma and theta from the lattice itself; vega and rho from small moves of volatility and rate.
pub fn american_greeks(contract: &Contract, volatility: f64, steps: usize) -> Result<Greeks> {
    const MOVE: f64 = 1e-3;
    let middle = extrapolated(contract, volatility, steps)?;
    let at = |rate: f64, volatility: f64| american(&Contract { rate, ..*contract }, volatility, steps);
    let lower = (volatility - MOVE).max(0.0);
    let vega =
        (at(contract.rate, volatility + MOVE)? - at(contract.rate, lower)?) / (volatility + MOVE - lower);
    let rho = (at(contract.rate + MOVE, volatility)? - at(contract.rate - MOVE, volatility)?) / (2.0 * MOVE);
    Ok(Greeks { delta: middle.delta, gamma: middle.gamma, vega, theta: middle.theta, rho })
}

#[derive(Clone, Copy)]
struct Node {
    value: f64,
    delta: f64,
    gamma: f64,
    theta: f64,
}

fn extrapolated(contract: &Contract, volatility: f64, steps: usize) -> Result<Node> {
    contract.check(volatility)?;
    let is_even = steps.is_multiple_of(2) && (20..=MOST_STEPS).contains(&steps);
    require(is_even, "the number of steps", "even, from 20 to 5000", steps as f64)?;
    if contract.years <= 0.0 || volatility <= 0.0 {
        return still(contract);
    }
    let (coarse, fine) = (walk(contract, volatility, steps / 2)?, walk(contract, volatility, steps)?);
    let beyond = |pick: fn(&Node) -> f64| 2.0 * pick(&fine) - pick(&coarse);
    let exercised = contract.exercised(contract.spot);
    Ok(Node {
        value: beyond(|node| node.value).max(exercised),
        delta: beyond(|node| node.delta),
        gamma: beyond(|node| node.gamma),
        theta: beyond(|node| node.theta),
    })
}

/// Without time or volatility the holder picks the best moment of a path that is known.
fn still(contract: &Contract) -> Result<Node> {
    const MOMENTS: u32 = 1_000;
    let mut best = Node { value: 0.0, delta: 0.0, gamma: 0.0, theta: 0.0 };
    for moment in 0..=MOMENTS {
        let years = contract.years * f64::from(moment) / f64::from(MOMENTS);
        let value = european(&Contract { years, ..*contract }, 0.0)?;
        if value > best.value {
            best = Node { value, delta: contract.sign() * (-contract.carry_yield * years).exp(), ..best };
        }
    }
    Ok(best)
}

fn walk(contract: &Contract, volatility: f64, steps: usize) -> Result<Node> {
    let step = contract.years / steps as f64;
    let up = (volatility * step.sqrt()).exp();
    let growth = ((contract.rate - contract.carry_yield) * step).exp();
    let share = (growth - 1.0 / up) / (up - 1.0 / up);
    if !(share > 0.0 && share < 1.0) {
        let why = "the drift of a step is larger than its volatility; take more steps";
        return Err(AnalyticsError::Undefined { what: "a lattice", why });
    }
    let discount = (-contract.rate * step).exp();
    let (rise, fall) = (discount * share, discount * (1.0 - share));
    // Spots from the lowest up; a level of the tree uses every second of them.
    let spots: Vec<f64> = ladder(contract.spot, up, steps);
    let last_step = |level_spot: f64| {
        let one = Contract { spot: level_spot, years: step, ..*contract };
        Ok(european(&one, volatility)?.max(contract.exercised(level_spot)))
    };
    let spot_at = |level: usize, node: usize| spots[steps + 2 * node - level];
    let mut values: Vec<f64> =
        (0..steps).map(|node| last_step(spot_at(steps - 1, node))).collect::<Result<_>>()?;
    let mut early = [0.0; 3];
    for level in (0..steps - 1).rev() {
        if level == 1 {
            early.copy_from_slice(&values[..3]);
        }
        for node in 0..=level {
            let kept = rise * values[node + 1] + fall * values[node];
            values[node] = kept.max(contract.exercised(spot_at(level, node)));
        }
        if level == 1 {
            let slope = |a: usize, b: usize| (early[b] - early[a]) / (spot_at(2, b) - spot_at(2, a));
            let width = (spot_at(2, 2) - spot_at(2, 0)) / 2.0;
            let gamma = (slope(1, 2) - slope(0, 1)) / width;
            let delta = (values[1] - values[0]) / (spot_at(1, 1) - spot_at(1, 0));
            let root = (rise * values[1] + fall * values[0]).max(contract.exercised(contract.spot));
            let theta = (early[1] - root) / (2.0 * step);
            return Ok(Node { value: root, delta, gamma, theta });
        }
    }
    Err(AnalyticsError::TooFew { what: "a lattice", needed: 3, found: steps })
}

/// The spots from `steps` falls to `steps` rises, one rise apart.
fn ladder(spot: f64, up: f64, steps: usize) -> Vec<f64> {
    let lowest = spot * (-up.ln() * steps as f64).exp();
    (0..=2 * steps).map(|rises| lowest * (up.ln() * rises as f64).exp()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::OptionRight;

    const PUT: Contract = Contract {
        right: OptionRight::Put,
        spot: 100.0,
        strike: 105.0,
        years: 1.0,
        rate: 0.05,
        carry_yield: 0.0,
    };

    #[test]
    fn a_call_without_yield_is_never_exercised_early_and_a_put_may_be() {
        let call = Contract { right: OptionRight::Call, ..PUT };
        let difference = american(&call, 0.3, 400).unwrap() - european(&call, 0.3).unwrap();
        assert!(difference.abs() < 1e-3, "{difference}");
        assert!(american(&PUT, 0.3, 400).unwrap() > european(&PUT, 0.3).unwrap() + 0.1);
    }

    #[test]
    fn greeks_are_slopes_of_the_value() {
        let greeks = american_greeks(&PUT, 0.3, 400).unwrap();
        let value = |spot: f64| american(&Contract { spot, ..PUT }, 0.3, 400).unwrap();
        assert!((greeks.delta - (value(100.5) - value(99.5))).abs() < 1e-3);
        assert!((greeks.gamma - (value(102.0) - 2.0 * value(100.0) + value(98.0)) / 4.0).abs() < 1e-3);
        let older = american(&Contract { years: 0.99, ..PUT }, 0.3, 400).unwrap();
        assert!((greeks.theta - (older - value(100.0)) / 0.01).abs() < 0.05);
        assert!(greeks.vega > 0.0 && greeks.rho < 0.0);
    }

    #[test]
    fn without_time_or_volatility_the_best_moment_counts() {
        assert!((american(&Contract { years: 0.0, ..PUT }, 0.3, 100).unwrap() - 5.0).abs() < 1e-12);
        assert!(
            (american(&PUT, 0.0, 100).unwrap() - 5.0).abs() < 1e-12,
            "a put is exercised before the spot grows"
        );
        let call = Contract { right: OptionRight::Call, carry_yield: 0.02, ..PUT };
        assert!(american(&call, 0.0, 100).unwrap() >= european(&call, 0.0).unwrap());
        assert!(american(&PUT, 0.3, 101).is_err());
        assert!(american(&PUT, 1e-5, 100).unwrap_err().is_undefined());
    }
}
