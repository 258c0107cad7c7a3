//! The volatility that a price implies: bracketed first, then Newton's steps that may not leave the bracket.

use super::closed::{european, european_greeks};
use super::lattice::american;
use super::terms::Contract;
use crate::error::{AnalyticsError, Result, require};

const HIGHEST: f64 = 20.0;
const STEPS: usize = 200;

/// Refused when no volatility gives the price, and when the price says nothing of it: at its floor or its ceiling.
pub fn implied_volatility(contract: &Contract, price: f64) -> Result<f64> {
    contract.check_market()?;
    let (floor, ceiling) = (contract.floor(), european_ceiling(contract));
    check_price(contract, price, floor, ceiling)?;
    // Digits lost next to a bound make every volatility below some point give the same price.
    let scale = contract.spot.max(contract.strike);
    if price - floor <= scale * 1e-13 || ceiling - price <= scale * 1e-13 {
        return Err(says_nothing());
    }
    // The half that is out of the money has the digits; parity carries the price over.
    let (contract, price) = out_of_the_money(contract, price);
    solve(&contract, price, |volatility| {
        Ok((european(&contract, volatility)?, Some(european_greeks(&contract, volatility)?.vega)))
    })
}

/// For American options, on a lattice of `steps`; good to about a thousandth.
pub fn implied_volatility_american(contract: &Contract, price: f64, steps: usize) -> Result<f64> {
    contract.check_market()?;
    let floor = contract.floor().max(contract.exercised(contract.spot));
    let at_once = if contract.sign() > 0.0 { contract.spot } else { contract.strike };
    check_price(contract, price, floor, european_ceiling(contract).max(at_once))?;
    if price - floor <= contract.spot.max(contract.strike) * 1e-9 {
        return Err(says_nothing());
    }
    let value = |volatility: f64| match american(contract, volatility, steps) {
        // Too little volatility for the lattice: the value is the floor.
        Err(error) if error.is_undefined() => Ok((floor, None)),
        found => Ok((found?, None)),
    };
    solve(contract, price, value)
}

fn says_nothing() -> AnalyticsError {
    let why = "the price lies at its bound, where every volatility gives the same";
    AnalyticsError::Undefined { what: "the implied volatility", why }
}

/// What the option is worth when it is certain to be exercised for nothing.
fn european_ceiling(contract: &Contract) -> f64 {
    if contract.sign() > 0.0 { contract.spot_less_yield() } else { contract.strike * contract.discount() }
}

fn check_price(contract: &Contract, price: f64, floor: f64, ceiling: f64) -> Result<()> {
    require(contract.years > 0.0, "the years to expiry", "above 0", contract.years)?;
    let fits = price.is_finite() && price >= floor * (1.0 - 1e-12) && price <= ceiling;
    require(fits, "the price of an option", "between its floor and its ceiling", price)
}

fn out_of_the_money(contract: &Contract, price: f64) -> (Contract, f64) {
    let forward = contract.spot_less_yield() - contract.strike * contract.discount();
    if contract.sign() * forward <= 0.0 {
        return (*contract, price);
    }
    let right = match contract.right {
        model::OptionRight::Call => model::OptionRight::Put,
        model::OptionRight::Put => model::OptionRight::Call,
    };
    (Contract { right, ..*contract }, price - contract.sign() * forward)
}

/// `value` gives the price and, where it is known, the slope; the price rises with the volatility.
fn solve(contract: &Contract, price: f64, value: impl Fn(f64) -> Result<(f64, Option<f64>)>) -> Result<f64> {
    let (mut low, mut high) = (0.0, HIGHEST);
    let top = value(high)?.0;
    require(top >= price, "the price of an option", "reached below a volatility of 20", price)?;
    let years = contract.years;
    let mut at = (2.0 * ((contract.spot / contract.strike).ln() / years).abs()).sqrt().clamp(0.05, 5.0);
    for _ in 0..STEPS {
        let (found, slope) = value(at)?;
        let error = found - price;
        if error > 0.0 {
            high = at
        } else {
            low = at
        }
        let newton = slope.filter(|slope| *slope > 0.0).map(|slope| at - error / slope);
        let next = newton.filter(|next| *next > low && *next < high).unwrap_or(f64::midpoint(low, high));
        if (next - at).abs() <= 1e-14 * at.max(1e-3) || high - low <= 1e-15 {
            return Ok(next);
        }
        at = next;
    }
    Err(AnalyticsError::NotSettled { what: "the implied volatility", steps: STEPS })
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::OptionRight;

    const PUT: Contract = Contract {
        right: OptionRight::Put,
        spot: 100.0,
        strike: 110.0,
        years: 0.5,
        rate: 0.03,
        carry_yield: 0.01,
    };

    #[test]
    fn a_price_gives_its_volatility_back() {
        for volatility in [0.02, 0.1, 0.45, 2.0] {
            for strike in [60.0, 95.0, 100.0, 140.0] {
                let contract = Contract { strike, ..PUT };
                let price = european(&contract, volatility).unwrap();
                match implied_volatility(&contract, price) {
                    Ok(found) => assert!((found - volatility).abs() < 1e-8, "{volatility} {strike}: {found}"),
                    // Far from the money at a small volatility the price is its floor.
                    Err(error) => {
                        assert!(error.is_undefined() && volatility < 0.11, "{volatility} {strike}: {error}")
                    }
                }
            }
        }
        let price = american(&PUT, 0.3, 200).unwrap();
        assert!((implied_volatility_american(&PUT, price, 200).unwrap() - 0.3).abs() < 1e-6);
    }

    #[test]
    fn a_price_out_of_bounds_is_refused() {
        for price in [-1.0, 0.0, 5.0, 111.0, f64::NAN] {
            assert!(implied_volatility(&PUT, price).is_err(), "{price}");
        }
        assert!(implied_volatility_american(&PUT, 10.0, 100).is_err(), "what exercise gives at once");
        assert!(implied_volatility(&Contract { years: 0.0, ..PUT }, 10.5).is_err());
    }
}
