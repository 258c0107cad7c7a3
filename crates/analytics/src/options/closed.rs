//! European options in closed form: Black and Scholes (1973) with Merton's yield, and Black (1976) on futures.

use super::terms::Contract;
use crate::error::Result;
use crate::number::normal::{below, density};
use model::OptionRight;
use serde::Serialize;

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Greeks {
    /// Per one of the spot.
    pub delta: f64,
    pub gamma: f64,
    /// Per 1.00 of volatility.
    pub vega: f64,
    /// Per year that passes.
    pub theta: f64,
    /// Per 1.00 of the rate.
    pub rho: f64,
}

/// The two places of the normal distribution, and what the formulas share.
struct Places {
    first: f64,
    second: f64,
    root: f64,
}

/// `None` without time or volatility, where the value is its floor and the distribution a step.
fn places(contract: &Contract, volatility: f64) -> Option<Places> {
    let root = volatility * contract.years.sqrt();
    if root <= 0.0 {
        return None;
    }
    let drift = contract.rate - contract.carry_yield;
    let first = ((contract.spot / contract.strike).ln() + drift * contract.years) / root + root / 2.0;
    Some(Places { first, second: first - root, root })
}

pub fn european(contract: &Contract, volatility: f64) -> Result<f64> {
    contract.check(volatility)?;
    let Some(places) = places(contract, volatility) else { return Ok(contract.floor()) };
    let sign = contract.sign();
    let gained = contract.spot_less_yield() * below(sign * places.first);
    let paid = contract.strike * contract.discount() * below(sign * places.second);
    Ok((sign * (gained - paid)).max(0.0))
}

/// Without time or volatility: the greeks of what will certainly be exercised, or of nothing.
pub fn european_greeks(contract: &Contract, volatility: f64) -> Result<Greeks> {
    contract.check(volatility)?;
    let (sign, years) = (contract.sign(), contract.years);
    let (gained, paid) = (contract.spot_less_yield(), contract.strike * contract.discount());
    let certain = if contract.floor() > 0.0 { 1.0 } else { 0.0 };
    let (first, second, bell, root) = match places(contract, volatility) {
        Some(at) => (below(sign * at.first), below(sign * at.second), density(at.first), at.root),
        None => (certain, certain, 0.0, 1.0),
    };
    let time_value = if years > 0.0 { gained * bell * volatility / (2.0 * years.sqrt()) } else { 0.0 };
    Ok(Greeks {
        delta: sign * gained / contract.spot * first,
        gamma: gained / contract.spot * bell / (contract.spot * root),
        vega: gained * bell * years.sqrt(),
        theta: sign * (contract.carry_yield * gained * first - contract.rate * paid * second) - time_value,
        rho: sign * years * paid * second,
    })
}

/// An option on a future, whose price carries nothing: the yield is the rate.
fn on_future(right: OptionRight, future: f64, strike: f64, years: f64, rate: f64) -> Contract {
    Contract { right, spot: future, strike, years, rate, carry_yield: rate }
}

pub fn black_76(
    right: OptionRight,
    future: f64,
    strike: f64,
    years: f64,
    rate: f64,
    volatility: f64,
) -> Result<f64> {
    european(&on_future(right, future, strike, years, rate), volatility)
}

/// Delta and gamma are per one of the future's price. Rho is −years × value: the rate only discounts.
pub fn black_76_greeks(
    right: OptionRight,
    future: f64,
    strike: f64,
    years: f64,
    rate: f64,
    volatility: f64,
) -> Result<Greeks> {
    let contract = on_future(right, future, strike, years, rate);
    let value = european(&contract, volatility)?;
    Ok(Greeks { rho: -years * value, ..european_greeks(&contract, volatility)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALL: Contract = Contract {
        right: OptionRight::Call,
        spot: 100.0,
        strike: 95.0,
        years: 0.5,
        rate: 0.04,
        carry_yield: 0.01,
    };

    #[test]
    fn a_call_less_a_put_is_a_forward() {
        let put = Contract { right: OptionRight::Put, ..CALL };
        for volatility in [0.0, 0.05, 0.4, 3.0] {
            let difference = european(&CALL, volatility).unwrap() - european(&put, volatility).unwrap();
            let forward = 100.0 * (-0.005_f64).exp() - 95.0 * (-0.02_f64).exp();
            assert!((difference - forward).abs() < 1e-12, "{volatility}");
        }
    }

    #[test]
    fn the_moment_of_expiry_is_what_exercise_gives() {
        let expired = Contract { years: 0.0, ..CALL };
        assert!((european(&expired, 0.3).unwrap() - 5.0).abs() < 1e-12);
        let greeks = european_greeks(&expired, 0.3).unwrap();
        assert_eq!((greeks.delta, greeks.gamma, greeks.vega), (1.0, 0.0, 0.0));
        let out = Contract { strike: 105.0, ..expired };
        assert_eq!(european_greeks(&out, 0.3).unwrap().delta, 0.0);
    }

    #[test]
    fn greeks_on_a_future_are_the_slopes_of_the_price() {
        let price = |future: f64, rate: f64, volatility: f64| {
            black_76(OptionRight::Put, future, 95.0, 0.5, rate, volatility).unwrap()
        };
        let greeks = black_76_greeks(OptionRight::Put, 100.0, 95.0, 0.5, 0.04, 0.3).unwrap();
        let slope = |up: f64, down: f64, step: f64| (up - down) / (2.0 * step);
        let delta = slope(price(100.01, 0.04, 0.3), price(99.99, 0.04, 0.3), 0.01);
        let rho = slope(price(100.0, 0.0401, 0.3), price(100.0, 0.0399, 0.3), 1e-4);
        let vega = slope(price(100.0, 0.04, 0.3001), price(100.0, 0.04, 0.2999), 1e-4);
        assert!((greeks.delta - delta).abs() < 1e-6);
        assert!((greeks.rho - rho).abs() < 1e-6);
        assert!((greeks.vega - vega).abs() < 1e-5);
    }

    #[test]
    fn senseless_inputs_are_refused() {
        for wrong in [
            Contract { spot: 0.0, ..CALL },
            Contract { strike: -1.0, ..CALL },
            Contract { years: -0.1, ..CALL },
            Contract { rate: f64::NAN, ..CALL },
        ] {
            assert!(european(&wrong, 0.3).is_err(), "{wrong:?}");
        }
        assert!(european(&CALL, -0.1).is_err());
    }
}
