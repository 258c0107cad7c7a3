//! Identities of risk that hold for any input: parts sum, shortfall is not below value at risk, seeds repeat.

use analytics::number::amount::sum;
use analytics::number::matrix::Matrix;
use analytics::risk::stress::{Holding, Reach, Shock, replay_window, shock_prices};
use analytics::risk::{
    Position, Shape, Simulation, contributions, cornish_fisher, covariances, historical, normal,
    shortfall_shares, simulate,
};
use model::{InstrumentClass, Money};
use proptest::prelude::{Strategy, any, prop, prop_assert, prop_assert_eq, proptest};
use std::collections::BTreeMap;

fn series() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(-0.2..0.2, 40..80)
}

/// Three series of one length and three amounts.
fn portfolio() -> impl Strategy<Value = (Vec<f64>, Vec<Vec<f64>>)> {
    let series = prop::collection::vec(prop::collection::vec(-0.2..0.2, 40), 3);
    (prop::collection::vec(-1e6..1e6, 3), series)
}

proptest! {
    #[test]
    fn the_shortfall_is_never_below_the_value_at_risk(returns in series(), confidence in 0.8..0.97) {
        let plain = historical(&returns, confidence).unwrap();
        prop_assert!(plain.expected_shortfall >= plain.value_at_risk);
        let gauss = normal(&returns, confidence).unwrap();
        prop_assert!(gauss.expected_shortfall >= gauss.value_at_risk);
        if let Ok(bent) = cornish_fisher(&returns, confidence) {
            prop_assert!(bent.risk.expected_shortfall >= bent.risk.value_at_risk);
        }
    }

    #[test]
    fn more_confidence_is_never_less_risk(returns in series(), confidence in 0.6..0.9) {
        let (less, more) = (historical(&returns, confidence).unwrap(), historical(&returns, confidence + 0.05).unwrap());
        prop_assert!(more.value_at_risk >= less.value_at_risk);
        prop_assert!(more.expected_shortfall >= less.expected_shortfall - 1e-12);
    }

    #[test]
    fn components_sum_to_the_whole((amounts, series) in portfolio()) {
        let matrix = covariances(&series).unwrap();
        let means = [0.001, -0.002, 0.0];
        let (whole, parts) = contributions(&amounts, &means, &matrix, 0.99).unwrap();
        let sum: f64 = parts.iter().map(|part| part.component).sum();
        prop_assert!((sum - whole.value_at_risk).abs() <= 1e-9 * amounts.iter().map(|a| a.abs()).sum::<f64>());
        let shares = shortfall_shares(&amounts, &series, 0.95).unwrap();
        prop_assert_eq!(shares.parts.iter().sum::<f64>(), shares.risk.expected_shortfall);
        prop_assert!(shares.risk.expected_shortfall >= shares.risk.value_at_risk - 1e-9 * shares.risk.value_at_risk.abs());
    }

    #[test]
    fn a_simulation_repeats_from_its_seed(seed in any::<u64>(), degrees in 2.5..20.0) {
        let matrix = Matrix::from_rows(&[vec![4e-4, 1e-4], vec![1e-4, 9e-4]]).unwrap();
        let simulation = Simulation { shape: Shape::StudentT { degrees }, draws: 1_000, seed };
        let run = || simulate(&[10.0, 20.0], &[0.0; 2], &matrix, 0.95, simulation).unwrap();
        prop_assert_eq!(run(), run());
        prop_assert!(run().expected_shortfall >= run().value_at_risk);
    }

    #[test]
    fn the_parts_of_a_stress_are_its_total(
        values in prop::collection::vec(any::<i64>(), 1..8),
        jumps in prop::collection::vec(-0.2..0.5_f64, 1..5),
        sensitivity in -1.0..1.0_f64,
    ) {
        let class = InstrumentClass::Equity;
        let name = |place: usize| format!("asset {place}");
        let held: Vec<Position> = values.iter().enumerate().map(|(place, value)| Position {
            name: name(place),
            sector: Some(format!("sector {}", place % 3)),
            class,
            value: Money(i128::from(*value) * 1_000_000_007),
        }).collect();
        let sensitivities: BTreeMap<_, _> =
            held.iter().map(|one| ((one.name.clone(), "market".to_owned()), sensitivity)).collect();
        let reach = |place: usize| match place % 4 {
            0 => Reach::Factor("market".to_owned()),
            1 => Reach::Sector("sector 1".to_owned()),
            2 => Reach::Class(class),
            _ => Reach::Asset(name(0)),
        };
        let shocks: Vec<Shock> = jumps.iter().enumerate()
            .map(|(place, jump)| Shock { name: format!("shock {place}"), reach: reach(place), jump: *jump })
            .collect();
        let answer = shock_prices(&held, &sensitivities, &shocks).unwrap().breakdown;
        for rows in [answer.by_position().unwrap(), answer.by_cause().unwrap()] {
            prop_assert_eq!(sum("rows", rows.into_iter().map(|(_, amount)| amount)).unwrap(), answer.total);
        }
    }

    #[test]
    fn the_days_of_a_window_sum_to_what_it_does(value in any::<i64>(), returns in prop::collection::vec(-0.5..0.5_f64, 1..30)) {
        let days: Vec<String> = (0..returns.len()).map(|day| day.to_string()).collect();
        let value = Money(i128::from(value) * 1_000_000_000);
        let replayed = replay_window(&[Holding { name: "A", value, returns: &returns }], &days).unwrap();
        let growth: f64 = returns.iter().fold(1.0, |growth, one| growth * (1.0 + one));
        let expected = analytics::number::amount::share_of("whole", value, growth - 1.0).unwrap();
        prop_assert_eq!(replayed.total, expected);
    }
}
