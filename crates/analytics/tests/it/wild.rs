//! Whatever is put in: a finite figure or a typed error comes out, never a panic, NaN or infinity.

use analytics::evidence::{
    Method, SharpeMoments, deflated_sharpe, probabilistic_sharpe, probability_of_overfitting, reality_check,
    resampled_figures, shuffled_trades,
};
use analytics::options::{Contract, american, european, european_greeks, implied_volatility};
use analytics::performance::{Convention, Returns, relative, summary};
use analytics::risk::{
    beta, conditional_normal, contributions, cornish_fisher, correlations, covariances, ewma_covariances,
    ewma_variance, historical, ledoit_wolf, normal, shortfall_shares,
};
use model::OptionRight;
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop, prop_oneof, proptest};
use std::fmt::Debug;

/// Mostly returns, sometimes anything that a float can be.
fn number() -> impl Strategy<Value = f64> {
    let edges = prop::sample::select(vec![0.0, -0.0, -1.0, 1e-300, -5e-324, 1e59, -1e59, 1e301, 1e-30, 7e30]);
    prop_oneof![60 => -0.5..0.5_f64, 20 => edges, 2 => any::<f64>()]
}

/// The same, but tame more often than not, so that figures are reached behind the first check.
fn series(length: usize) -> impl Strategy<Value = Vec<f64>> {
    let tame = prop::collection::vec(-0.5..0.5_f64, length);
    let odd =
        prop::collection::vec(prop_oneof![8 => Just(0.0), 1 => -1.0..40.0_f64, 1 => 0.0..1e-20_f64], length);
    prop_oneof![2 => tame, 2 => odd, 1 => prop::collection::vec(number(), length)]
}

/// Looks at every number inside, also in parts that are shown only.
#[track_caller]
fn finite<T: Debug, E: Debug>(found: Result<T, E>) {
    if let Ok(found) = found {
        let shown = format!("{found:?}");
        let mut words = shown.split(|c: char| !c.is_alphanumeric() && c != '_');
        assert!(!words.any(|word| word == "NaN" || word == "inf"), "{shown}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn of_a_series(values in series(30), other in series(30), confidence in number(), seed in any::<u64>()) {
        for confidence in [0.9, confidence] {
            finite(historical(&values, confidence));
            finite(normal(&values, confidence));
            finite(cornish_fisher(&values, confidence));
            finite(ewma_variance(&values, confidence).and_then(|variance| conditional_normal(variance, 0.99)));
        }
        finite(beta(&values, &other));
        let convention = Convention::EXCHANGE_DAYS;
        finite(summary(&values, convention));
        let pair = Returns::new(&values).and_then(|ours| Ok((ours, Returns::new(&other)?)));
        finite(pair.and_then(|(ours, theirs)| relative(ours, theirs, convention)));
        let moments = SharpeMoments::of(&values);
        finite(moments.clone().and_then(|moments| probabilistic_sharpe(&moments, confidence)));
        finite(moments.and_then(|moments| deflated_sharpe(&moments, &other)));
        let method = Method::Stationary { mean_length: 3.0 };
        finite(resampled_figures(&values, convention, method, (10, seed), 0.1));
        finite(shuffled_trades(&values, 0.5, 10, seed));
    }

    #[test]
    fn of_several_series(series in prop::collection::vec(series(24), 1..4), amounts in prop::collection::vec(number(), 3), seed in any::<u64>()) {
        finite(correlations(&series));
        finite(ewma_covariances(&series, 0.94));
        finite(ledoit_wolf(&series));
        let means = vec![0.0; amounts.len()];
        finite(covariances(&series).and_then(|matrix| contributions(&amounts, &means, &matrix, 0.95)));
        finite(shortfall_shares(&amounts, &series, 0.9));
        finite(probability_of_overfitting(&series, 4));
        finite(reality_check(&series, 2.0, 100, seed));
    }

    #[test]
    fn of_an_option(
        is_call in any::<bool>(),
        market in (1e-3..1e4_f64, 1e-3..1e4_f64, 0.0..30.0_f64, -0.2..0.5_f64, -0.2..0.5_f64),
        volatility in prop_oneof![0.0..3.0_f64, number()],
        price in prop_oneof![0.0..1e4_f64, number()],
    ) {
        let right = if is_call { OptionRight::Call } else { OptionRight::Put };
        let (spot, strike, years, rate, carry_yield) = market;
        let contract = Contract { right, spot, strike, years, rate, carry_yield };
        finite(european(&contract, volatility));
        finite(european_greeks(&contract, volatility));
        finite(american(&contract, volatility, 20));
        finite(implied_volatility(&contract, price));
    }
}
