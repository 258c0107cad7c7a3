//! Prices jump: of one asset, of a sector, of a class, or of all that follows a factor.
//!
//! Shocks add up. A part is value × shock, or value × sensitivity × shock for a factor.

use super::{Breakdown, Part};
use crate::error::{AnalyticsError, Result, require};
use crate::number::amount::share_of;
use crate::risk::Position;
use model::InstrumentClass;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// What a shock reaches.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Reach {
    Asset(String),
    Sector(String),
    Class(InstrumentClass),
    /// Every position, by its sensitivity to the factor.
    Factor(String),
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Shock {
    /// How the shock is called in the answer; no two alike.
    pub name: String,
    pub reach: Reach,
    /// The jump as a share: −0.1 is a fall of a tenth.
    pub jump: f64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Shocked {
    pub breakdown: Breakdown,
    /// Positions that no shock reached.
    pub untouched: Vec<String>,
    /// Shocks that reached no position.
    pub idle: Vec<String>,
}

/// `sensitivities` gives each position's move for a move of one of a factor, by position and factor. A position without
/// one for a factor that is shocked is an error, because leaving it out would pass for "does not move".
pub fn shock_prices(
    positions: &[Position],
    sensitivities: &BTreeMap<(String, String), f64>,
    shocks: &[Shock],
) -> Result<Shocked> {
    check_names("a position", positions.iter().map(|position| &position.name))?;
    check_names("a shock", shocks.iter().map(|shock| &shock.name))?;
    for shock in shocks {
        require(shock.jump.is_finite(), "the jump of a shock", "a finite number", shock.jump)?;
    }
    let mut parts = Vec::new();
    let mut untouched = Vec::new();
    for position in positions {
        let before = parts.len();
        let mut move_in_all = 0.0;
        for shock in shocks {
            let Some(share) = share(position, sensitivities, shock)? else { continue };
            move_in_all += share;
            let amount = share_of("a shock", position.value, share)?;
            parts.push(Part { position: position.name.clone(), cause: shock.name.clone(), amount });
        }
        require(move_in_all >= -1.0, "the shocks of one position together", "at least -1", move_in_all)?;
        if parts.len() == before {
            untouched.push(position.name.clone());
        }
    }
    let moved: BTreeSet<&String> = parts.iter().map(|part| &part.cause).collect();
    let idle = shocks.iter().map(|shock| &shock.name).filter(|name| !moved.contains(name)).cloned().collect();
    Ok(Shocked { breakdown: Breakdown::of(parts)?, untouched, idle })
}

/// How far the shock moves the position; `None` when it does not reach it.
fn share(
    position: &Position,
    sensitivities: &BTreeMap<(String, String), f64>,
    shock: &Shock,
) -> Result<Option<f64>> {
    let is_reached = match &shock.reach {
        Reach::Asset(name) => *name == position.name,
        Reach::Sector(name) => position.sector.as_ref() == Some(name),
        Reach::Class(class) => *class == position.class,
        Reach::Factor(factor) => {
            let sensitivity = sensitivities.get(&(position.name.clone(), factor.clone()));
            let missing = || AnalyticsError::Missing {
                what: "position",
                name: position.name.clone(),
                part: "its sensitivity to a shocked factor (zero is an answer too)",
            };
            let sensitivity = *sensitivity.ok_or_else(missing)?;
            require(sensitivity.is_finite(), "a sensitivity", "a finite number", sensitivity)?;
            return Ok(Some(sensitivity * shock.jump));
        }
    };
    Ok(is_reached.then_some(shock.jump))
}

pub(super) fn check_names<'a>(what: &'static str, names: impl Iterator<Item = &'a String>) -> Result<()> {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(AnalyticsError::Twice { what, name: name.clone() });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Money;

    fn position(name: &str, sector: &str, value: &str) -> Position {
        Position {
            name: name.to_owned(),
            sector: Some(sector.to_owned()),
            class: InstrumentClass::Equity,
            value: Money::parse(value).unwrap(),
        }
    }

    fn shock(name: &str, reach: Reach, jump: f64) -> Shock {
        Shock { name: name.to_owned(), reach, jump }
    }

    /// The worked example of the document, number for number.
    #[test]
    fn the_example_of_the_document() {
        let held = [
            position("XOM", "energy", "40000"),
            position("AAPL", "technology", "60000"),
            position("SPY", "index", "-50000"),
        ];
        let mut sensitivities = BTreeMap::new();
        for (name, sensitivity) in [("XOM", 0.8), ("AAPL", 1.2), ("SPY", 1.0)] {
            sensitivities.insert((name.to_owned(), "market".to_owned()), sensitivity);
        }
        let shocks = [
            shock("market falls 10 %", Reach::Factor("market".to_owned()), -0.10),
            shock("oil crash", Reach::Sector("energy".to_owned()), -0.20),
            shock("airline strike", Reach::Sector("airlines".to_owned()), -0.30),
        ];
        let answer = shock_prices(&held, &sensitivities, &shocks).unwrap();
        let parts: Vec<(String, String, String)> = answer
            .breakdown
            .parts
            .iter()
            .map(|part| (part.position.clone(), part.cause.clone(), part.amount.to_string()))
            .collect();
        let expected = [
            ("XOM", "market falls 10 %", "-3200"),
            ("XOM", "oil crash", "-8000"),
            ("AAPL", "market falls 10 %", "-7200"),
            ("SPY", "market falls 10 %", "5000"),
        ];
        let expected = expected.map(|(a, b, c)| (a.to_owned(), b.to_owned(), c.to_owned()));
        assert_eq!(parts, expected);
        assert_eq!(answer.breakdown.total.to_string(), "-13400");
        let by_cause = answer.breakdown.by_cause().unwrap();
        assert_eq!(by_cause[0], ("oil crash".to_owned(), Money::parse("-8000").unwrap()));
        assert_eq!(by_cause[1], ("market falls 10 %".to_owned(), Money::parse("-5400").unwrap()));
        assert_eq!(answer.breakdown.by_position().unwrap()[0].0, "XOM");
        assert_eq!(answer.idle, ["airline strike"]);
        assert!(answer.untouched.is_empty());
    }

    #[test]
    fn what_would_leave_something_out_is_refused() {
        let held = [position("A", "energy", "100")];
        let none = BTreeMap::new();
        let refused = |shocks: &[Shock]| shock_prices(&held, &none, shocks).unwrap_err();
        let factor = refused(&[shock("f", Reach::Factor("rates".to_owned()), 0.01)]);
        assert!(matches!(factor, AnalyticsError::Missing { .. }), "{factor}");
        let asset = || Reach::Asset("A".to_owned());
        let twice = refused(&[shock("f", asset(), -0.1), shock("f", asset(), -0.2)]);
        assert!(matches!(twice, AnalyticsError::Twice { .. }), "{twice}");
        let below_zero = refused(&[shock("f", asset(), -0.6), shock("g", asset(), -0.6)]);
        assert!(matches!(below_zero, AnalyticsError::OutOfRange { .. }), "{below_zero}");
        assert!(matches!(refused(&[shock("f", asset(), f64::NAN)]), AnalyticsError::OutOfRange { .. }));
        let away =
            shock_prices(&held, &none, &[shock("f", Reach::Class(InstrumentClass::Fx), -0.1)]).unwrap();
        assert_eq!(away.untouched, ["A"]);
        assert_eq!(away.breakdown.total, Money::ZERO);
    }
}
