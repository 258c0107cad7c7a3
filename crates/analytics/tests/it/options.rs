//! Option prices, greeks and implied volatility against QuantLib.

use super::golden::{close, read, rows};
use analytics::options::{
    Contract, Greeks, american, american_greeks, european, european_greeks, implied_volatility,
};
use model::OptionRight;

struct Row {
    contract: Contract,
    volatility: f64,
    cells: Vec<String>,
}

impl Row {
    /// `None` for an empty cell.
    fn cell(&self, place: usize) -> Option<f64> {
        self.cells[place].parse().ok()
    }
}

fn table(name: &str) -> Vec<Row> {
    let row = |cells: Vec<String>| {
        let at = |place: usize| cells[place].parse::<f64>().unwrap_or(f64::NAN);
        let right = if cells[0] == "C" { OptionRight::Call } else { OptionRight::Put };
        // The years are written with twelve digits; the days they come from are exact.
        let years = at(3) / 365.0;
        let contract = Contract { right, spot: at(1), strike: at(2), years, rate: at(5), carry_yield: at(6) };
        Row { contract, volatility: at(7), cells }
    };
    rows(name).into_iter().map(row).collect()
}

#[test]
fn european_prices_and_greeks_agree() {
    assert!(
        read("options_european.csv")
            .starts_with("right,spot,strike,days,t_years,r,q,vol,price,delta,gamma,vega")
    );
    let table = table("options_european.csv");
    assert_eq!(table.len(), 400);
    for row in &table {
        let price = european(&row.contract, row.volatility).unwrap();
        close("price", price, row.cell(8).unwrap(), 1e-9);
        let Greeks { delta, gamma, vega, theta, rho } =
            european_greeks(&row.contract, row.volatility).unwrap();
        for (what, found, place) in [
            ("delta", delta, 9),
            ("gamma", gamma, 10),
            ("vega", vega, 11),
            ("theta", theta, 12),
            ("rho", rho, 13),
        ] {
            close(what, found, row.cell(place).unwrap(), 1e-9);
        }
    }
}

#[test]
fn prices_imply_the_volatility_they_were_made_with() {
    let mut compared = 0;
    for row in table("options_european.csv") {
        let Some(expected) = row.cell(15) else { continue };
        // The exact price: the written one has twelve digits, which far from the money are not enough.
        let price = european(&row.contract, row.volatility).unwrap();
        // What a price can say of its volatility ends where the digits of the price do.
        let known = 1e-12 * row.contract.strike.max(row.contract.spot) / row.cell(11).unwrap();
        match implied_volatility(&row.contract, price) {
            Ok(found) => {
                let error = (found - expected).abs();
                assert!(error < 1e-8_f64.max(known), "{}: {found}", row.cells.join(","));
                compared += usize::from(known < 1e-8);
            }
            Err(error) => assert!(error.is_undefined(), "{}: {error}", row.cells.join(",")),
        }
    }
    assert!(compared > 200, "{compared}");
}

#[test]
fn american_prices_agree_with_a_fine_lattice() {
    let table = table("options_american.csv");
    assert_eq!(table.len(), 160);
    let mut greeks_compared = 0;
    for (place, row) in table.iter().enumerate() {
        let expected = row.cell(11).unwrap();
        let found = american(&row.contract, row.volatility, 400).unwrap();
        close(&row.cells.join(","), found, expected, 1e-3);
        // Next to early exercise, finite differences and the lattice see the kink at different places.
        let is_exercised = (found - row.contract.spot + row.contract.strike).abs() < 1e-6
            || (found + row.contract.spot - row.contract.strike).abs() < 1e-6;
        if place % 4 == 0 && !is_exercised {
            let greeks = american_greeks(&row.contract, row.volatility, 400).unwrap();
            close("delta", greeks.delta, row.cell(9).unwrap(), 5e-3);
            greeks_compared += 1;
        }
    }
    assert!(greeks_compared > 20, "{greeks_compared}");
}
