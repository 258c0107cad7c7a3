//! What sudden moves of prices would do to what is held: of everything together, of each class, of each sector.
//! Every answer lists the positions that moved; the parts are the total.

use analytics::risk::Position;
use analytics::risk::stress::{Reach, Shock, shock_prices};
use model::{InstrumentClass, Money};
use std::collections::{BTreeMap, BTreeSet};

/// One stress and what it would do; gains are positive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stress {
    pub name: String,
    pub total: Money,
    /// The largest loss first.
    pub by_position: Vec<(String, Money)>,
}

const FALL: f64 = -0.1;
const CRASH: f64 = -0.3;
const RISE: f64 = 0.1;

/// What could not be computed is told.
pub(super) fn of(positions: &[Position], missing: &mut Vec<String>) -> Vec<Stress> {
    if positions.is_empty() {
        return Vec::new();
    }
    let classes: BTreeSet<InstrumentClass> = positions.iter().map(|position| position.class).collect();
    let sectors: BTreeSet<&String> =
        positions.iter().filter_map(|position| position.sector.as_ref()).collect();
    let every =
        |jump| -> Vec<(Reach, f64)> { classes.iter().map(|class| (Reach::Class(*class), jump)).collect() };
    let mut asked = vec![
        ("all prices fall 10 %".to_owned(), every(FALL)),
        ("all prices fall 30 %".to_owned(), every(CRASH)),
        ("all prices rise 10 %".to_owned(), every(RISE)),
    ];
    for class in classes.iter().filter(|_| classes.len() > 1) {
        let name = format!("{class:?} falls 30 %").to_lowercase();
        asked.push((name, vec![(Reach::Class(*class), CRASH)]));
    }
    for sector in sectors {
        asked.push((format!("{sector} falls 30 %"), vec![(Reach::Sector(sector.clone()), CRASH)]));
    }
    asked.into_iter().filter_map(|(name, shocks)| one(positions, name, shocks, missing)).collect()
}

fn one(
    positions: &[Position],
    name: String,
    shocks: Vec<(Reach, f64)>,
    missing: &mut Vec<String>,
) -> Option<Stress> {
    let shocks: Vec<Shock> = shocks
        .into_iter()
        .enumerate()
        .map(|(nth, (reach, jump))| Shock { name: nth.to_string(), reach, jump })
        .collect();
    let shocked = shock_prices(positions, &BTreeMap::new(), &shocks).and_then(|shocked| {
        let by_position = shocked.breakdown.by_position()?;
        Ok((shocked.breakdown.total, by_position))
    });
    match shocked {
        Ok((total, by_position)) => Some(Stress { name, total, by_position }),
        Err(error) => {
            missing.push(format!("{name}: {error}"));
            None
        }
    }
}
