//! Value at risk, shortfall, GARCH, covariances and the backtest against numpy, scipy, arch and PyPortfolioOpt.

use super::golden::{close, close_relative, json, number, read, returns_of, rows, simple_returns};
use analytics::risk::{
    Backtest, Garch, Innovation, conditional_normal, cornish_fisher, covariances, ewma_variance, fit_student,
    historical, kupiec, ledoit_wolf, normal, student,
};
use serde_json::Value;

fn cases() -> [(Value, Vec<f64>); 2] {
    let spy = returns_of("spy_close.csv", "2010-01-01", "2020-12-31");
    let btc = returns_of("btc_close.csv", "2015-01-01", "2018-08-13");
    [(json("risk_spy.json"), spy), (json("risk_btc.json"), btc)]
}

#[test]
fn tails_agree_with_numpy_and_scipy() {
    for (golden, returns) in cases() {
        assert_eq!(returns.len() as f64, number(&golden, &["n"]));
        for (level, confidence) in [("0.95", 0.95), ("0.975", 0.975), ("0.99", 0.99)] {
            let at = |key: &str| number(&golden, &[level, key]);
            let plain = historical(&returns, confidence).unwrap();
            close("historical", plain.value_at_risk, at("historical_var_linear_quantile"), 1e-12);
            close("its shortfall", plain.expected_shortfall, at("historical_es_mean_of_leq_quantile"), 1e-12);
            let gauss = normal(&returns, confidence).unwrap();
            close("normal", gauss.value_at_risk, at("parametric_normal_var"), 1e-12);
            close("its shortfall", gauss.expected_shortfall, at("parametric_normal_es"), 1e-12);
            let bent = cornish_fisher(&returns, confidence).unwrap();
            close("Cornish–Fisher", bent.risk.value_at_risk, at("cornish_fisher_var"), 1e-12);
            assert!(bent.risk.expected_shortfall >= bent.risk.value_at_risk);
            assert!(!bent.is_within_domain, "these series are far from normal, and it says so");
            // scipy stops its search early; four digits are what two searches agree on.
            let fit = fit_student(&returns).unwrap();
            let heavy = student(&fit, confidence).unwrap();
            close_relative("Student's t", heavy.value_at_risk, at("student_t_var_mle"), 1e-3);
            let degrees = golden[level]["student_t_params"][0].as_f64().unwrap();
            close_relative("its degrees", fit.degrees, degrees, 1e-3);
        }
    }
}

#[test]
fn conditional_variance_agrees_with_the_recursion() {
    for (golden, returns) in cases() {
        let at = |key: &str| number(&golden, &["ewma_riskmetrics_lambda_0.94", key]);
        let variance = ewma_variance(&returns, 0.94).unwrap();
        close("variance", variance, at("final_variance"), 1e-12);
        let risk = conditional_normal(variance, 0.99).unwrap();
        close("tomorrow", risk.value_at_risk, at("var99_next_day"), 1e-12);
    }
}

#[test]
fn garch_finds_the_peak_that_arch_finds() {
    let models = [("garch11_normal_constmean", Innovation::Normal), ("garch11_t", Innovation::StudentT)];
    for (golden, returns) in cases() {
        let returns: Vec<f64> = returns.iter().map(|value| value * 100.0).collect();
        for (name, innovation) in models {
            let at = |path: &[&str]| number(&golden, &[&[name], path].concat());
            let fit = Garch::fit(&returns, innovation).unwrap();
            let difference = fit.log_likelihood - at(&["loglik"]);
            assert!(difference.abs() < 0.01, "{name}: {difference}");
            close_relative("mean", fit.mean, at(&["params", "mu"]), 0.02);
            close_relative("omega", fit.omega, at(&["params", "omega"]), 0.02);
            close_relative("alpha", fit.alpha, at(&["params", "alpha[1]"]), 0.02);
            close_relative("beta", fit.beta, at(&["params", "beta[1]"]), 0.02);
            if let Some(degrees) = fit.degrees {
                close_relative("degrees", degrees, at(&["params", "nu"]), 0.02);
            }
            close_relative("last", fit.last_variance.sqrt(), at(&["last_conditional_vol"]), 0.01);
            for (step, found) in fit.forecast(5).into_iter().enumerate() {
                let expected = golden[name]["variance_forecast_1_to_5"][step].as_f64().unwrap();
                close_relative("forecast", found, expected, 0.01);
            }
        }
    }
}

#[test]
fn a_rolling_forecast_is_backtested_as_in_the_golden_file() {
    let golden = json("risk_spy_backtest.json");
    let returns = returns_of("spy_close.csv", "2010-01-01", "2020-12-31");
    let forecast = |window: &[f64]| historical(window, 0.99).unwrap().value_at_risk;
    let forecasts: Vec<f64> = returns.windows(250).map(forecast).collect();
    // The forecast from a window is for the day after it.
    let days = &returns[250..];
    let backtest = Backtest::of_forecasts(days, &forecasts[..days.len()], 0.99).unwrap();
    assert_eq!(backtest.days as f64, number(&golden, &["n"]));
    assert_eq!(backtest.exceptions as f64, number(&golden, &["exceptions"]));
    close("statistic", backtest.unconditional.statistic, number(&golden, &["kupiec_lr"]), 1e-12);
    close("p", backtest.unconditional.p_value, number(&golden, &["kupiec_p"]), 1e-12);
    let transitions: Vec<usize> = serde_json::from_value(golden["transitions"].clone()).unwrap();
    assert_eq!(backtest.transitions.to_vec(), transitions);
    assert_eq!(kupiec(36, 2518, 0.99).unwrap(), backtest.unconditional);
    // Five of 36 exceptions followed one: far more than chance, which the count alone does not say.
    // The numbers are Christoffersen's formula on the transitions above, computed apart.
    let (independence, conditional) = (backtest.independence.unwrap(), backtest.conditional.unwrap());
    close("independence", independence.statistic, 14.955_064_036_552, 1e-11);
    close("its p", independence.p_value, 0.000_110_102_160_650_2, 1e-12);
    close("conditional p", conditional.p_value, 7.120_633_700_208e-5, 1e-12);
}

#[test]
fn covariances_agree_with_pyportfolioopt() {
    let prices = rows("etf_close.csv");
    let assets = prices[0].len() - 1;
    let series: Vec<Vec<f64>> = (1..=assets)
        .map(|column| {
            // The file holds 32-bit floats; the reference widened them.
            let closes: Vec<f64> =
                prices.iter().map(|row| f64::from(row[column].parse::<f32>().unwrap())).collect();
            simple_returns(&closes)
        })
        .collect();
    let shrunk = ledoit_wolf(&series).unwrap();
    assert!(shrunk.matrix.cholesky().is_ok());
    let plain = covariances(&series).unwrap();
    for (name, matrix) in [("etf_sample_cov.csv", plain), ("etf_ledoit_wolf.csv", shrunk.matrix)] {
        assert_eq!(read(name).lines().count(), assets + 1);
        for (row, cells) in rows(name).iter().enumerate() {
            for column in 0..assets {
                let expected: f64 = cells[column + 1].parse().unwrap();
                let found = matrix.get(row, column).unwrap() * 252.0;
                // Twelve digits are in the file, so the promised 1e-6 is left far behind.
                assert!((found - expected).abs() < 1e-12, "{name} {row} {column}: {found} {expected}");
            }
        }
    }
}
