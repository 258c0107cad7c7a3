//! The probabilistic Sharpe ratio beside quantstats, and bootstraps that repeat for any input and seed.

use super::golden::{close, json, number, returns_of};
use analytics::evidence::{Method, SharpeMoments, probabilistic_sharpe, reality_check, resample};
use proptest::prelude::{any, prop, prop_assert, prop_assert_eq, proptest};

#[test]
fn the_probabilistic_sharpe_ratio_is_that_of_quantstats() {
    let cases = [
        ("metrics_ibm.json", "ibm_close.csv", "2010-01-01", "2019-12-31"),
        ("metrics_spy.json", "spy_close.csv", "2007-01-01", "2020-12-31"),
    ];
    for (golden, file, first, last) in cases {
        let golden = json(golden);
        let moments = SharpeMoments::of(&returns_of(file, first, last)).unwrap();
        let at = |key: &str| number(&golden, &["quantstats", key]);
        // quantstats corrects skew and kurtosis for the size of the sample; the paper does not, and neither do we.
        let theirs = SharpeMoments { skew: at("skew"), kurtosis: at("kurtosis") + 3.0, ..moments };
        let found = probabilistic_sharpe(&theirs, 0.0).unwrap();
        close("probability", found, at("probabilistic_sharpe_ratio"), 1e-9);
        let ours = probabilistic_sharpe(&moments, 0.0).unwrap();
        assert!((found - ours).abs() < 1e-5, "{ours} {found}");
    }
}

proptest! {
    #[test]
    fn a_bootstrap_repeats_and_takes_only_what_is_there(
        values in prop::collection::vec(-0.5..0.5_f64, 2..40),
        block in 1..10_usize,
        seed in any::<u64>(),
    ) {
        let length = block.min(values.len());
        for method in [
            Method::Shuffle,
            Method::Blocks { length },
            Method::Stationary { mean_length: length as f64 },
        ] {
            let run = || resample(&values, method, 5, seed, |again| {
                assert_eq!(again.len(), values.len());
                assert!(again.iter().all(|one| values.contains(one)));
                Ok(again.iter().enumerate().map(|(place, one)| place as f64 * one).sum())
            }).unwrap();
            prop_assert_eq!(run(), run());
        }
    }

    #[test]
    fn a_reality_check_repeats_and_is_a_probability(
        series in prop::collection::vec(prop::collection::vec(-0.1..0.1_f64, 20), 1..4),
        seed in any::<u64>(),
    ) {
        let run = || reality_check(&series, 3.0, 100, seed).unwrap();
        prop_assert_eq!(run(), run());
        prop_assert!(run().p_value > 0.0 && run().p_value <= 1.0);
    }
}
