//! What is refused, and with which words; what is refused leaves no trace.

use crate::data::{sample, walk};
use strategy::indicator::{Bar, Error, Indicator, Input, Kind, Pair, Quote, Snapshot, build, find, list};

fn said(name: &str, params: &[(&str, f64)]) -> String {
    build(name, params).expect_err("it is refused").to_string()
}

#[test]
fn bad_parameters_are_refused_and_told() {
    assert_eq!(said("smaa", &[]), "no indicator is called smaa; docs/INDICATORS.md lists them");
    assert_eq!(said("sma", &[("length", 3.0)]), "sma has no parameter length; it has period");
    assert_eq!(said("sma", &[("period", 0.0)]), "sma: period is 0; give a number from 1 to 10000");
    assert_eq!(said("sma", &[("period", f64::NAN)]), "sma: period is NaN; give a number from 1 to 10000");
    assert_eq!(said("sma", &[("period", 2.5)]), "sma: period is 2.5; give a whole number");
    assert_eq!(said("sma", &[("period", 2.0), ("period", 3.0)]), "sma: period is given twice; give it once");
    assert_eq!(
        said("macd", &[("fast", 26.0), ("slow", 26.0)]),
        "macd: fast must be less than slow; they are 26 and 26"
    );
    assert!(build("SMA", &[]).is_ok(), "letter case does not count");
}

#[test]
fn every_parameter_of_every_indicator_has_its_bounds_held() {
    for spec in list() {
        for param in spec.params {
            for value in [param.min - 1.0, param.max * 2.0 + 1.0, f64::INFINITY, f64::NAN] {
                let refused = build(spec.name, &[(param.name, value)]);
                assert!(matches!(refused, Err(Error::OutOfBounds { .. })), "{} {}", spec.name, param.name);
            }
            if param.is_whole {
                let refused = build(spec.name, &[(param.name, param.min + 0.5)]);
                assert!(matches!(refused, Err(Error::NotWhole { .. })), "{} {}", spec.name, param.name);
            }
        }
    }
}

/// At its bounds an indicator is built, or the order of its parameters is told; it takes inputs either way.
#[test]
fn every_indicator_works_at_the_bounds_of_its_parameters() {
    for spec in list() {
        let inputs = sample(spec);
        for at_most in [false, true] {
            for param in spec.params {
                let bound = if at_most { param.max.min(500.0) } else { param.min };
                match build(spec.name, &[(param.name, bound)]) {
                    Ok(mut indicator) => {
                        for input in inputs.iter().take(150) {
                            let refused = indicator.update(*input);
                            assert!(refused.is_ok(), "{} {} {bound}: {refused:?}", spec.name, param.name);
                        }
                    }
                    Err(error) => assert!(matches!(error, Error::Order { .. }), "{}: {error}", spec.name),
                }
            }
        }
    }
}

#[test]
fn bad_inputs_are_refused_and_told() {
    let good = Bar { time: 5, open: 2.0, high: 3.0, low: 1.0, close: 2.0, volume: 1.0 };
    let check = |bar: Bar, expected: &str| {
        let mut indicator = build("atr", &[]).expect("defaults are good");
        indicator.update(good).expect("a good bar");
        let before = indicator.save().expect("it can be saved");
        assert_eq!(indicator.update(bar).expect_err("it is refused").to_string(), expected);
        assert_eq!(indicator.save().expect("it can be saved"), before, "a refused input left a trace");
    };
    let nan = f64::NAN;
    check(Bar { close: nan, ..good }, "close is not a finite number; leave the input out or repair it");
    check(
        Bar { volume: f64::INFINITY, ..good },
        "volume is not a finite number; leave the input out or repair it",
    );
    check(Bar { volume: -1.0, ..good }, "volume is -1; it must not be negative");
    check(Bar { high: 2e15, ..good }, "high is 2000000000000000, beyond 1e15; scale the input");
    check(Bar { low: 2.5, ..good }, "the bar's low 2.5 and high 3 do not enclose its open 2 and close 2");
    check(
        Bar { time: 4, ..good },
        "the input is of 4, before the one of 5; feed inputs in the order of their times",
    );
    let mut indicator = build("atr", &[]).expect("defaults are good");
    let refused = indicator.update(Pair { time: 0, x: 1.0, y: 1.0 });
    assert_eq!(refused.expect_err("it is refused").to_string(), "atr takes a bar and was given a pair");
}

#[test]
fn every_indicator_refuses_what_is_no_number_and_what_it_does_not_take() {
    for spec in list() {
        let mut indicator = build(spec.name, &[]).expect("defaults are good");
        let nan = f64::NAN;
        let broken = match sample(spec)[0] {
            Input::Bar(bar) => Input::Bar(Bar { high: nan, ..bar }),
            Input::Quote(quote) => Input::Quote(Quote { ask: nan, ..quote }),
            Input::Print(mut print) => {
                print.price = nan;
                Input::Print(print)
            }
            Input::Pair(pair) => Input::Pair(Pair { y: nan, ..pair }),
        };
        assert!(matches!(indicator.update(broken), Err(Error::NotFinite { .. })), "{}", spec.name);
        let other = if spec.takes() == Kind::Bar { "mid" } else { "sma" };
        let other = sample(find(other).expect("it is listed"))[0];
        assert!(matches!(indicator.update(other), Err(Error::WrongInput { .. })), "{}", spec.name);
    }
}

/// A snapshot of something else, a torn one, and one with any byte changed are refused or go on as numbers.
#[test]
fn a_snapshot_that_was_changed_is_refused_or_harmless() {
    let bars = walk(31, 400);
    for spec in list().filter(|spec| spec.takes() == Kind::Bar) {
        let mut indicator = build(spec.name, &[]).expect("defaults are good");
        for bar in &bars[..200] {
            indicator.update(*bar).expect("a good bar");
        }
        let snapshot = indicator.save().expect("it can be saved");
        let later = Snapshot { version: 2, ..snapshot.clone() };
        assert!(matches!(Indicator::restore(&later), Err(Error::SnapshotVersion { found: 2, known: 1 })));
        let mut torn = snapshot.clone();
        torn.state.pop();
        if !snapshot.state.is_empty() {
            assert!(Indicator::restore(&torn).is_err(), "{} from a torn state", spec.name);
        }
        for at in 0..snapshot.state.len().min(60) {
            let mut changed = snapshot.clone();
            changed.state[at] ^= 0x55;
            let Ok(mut restored) = Indicator::restore(&changed) else { continue };
            for bar in &bars[200..260] {
                // It may say anything but must neither stop nor bring what is no number.
                if let Ok(Some(value)) = restored.update(*bar) {
                    assert!(value.iter().all(|number| number.is_finite()), "{}", spec.name);
                }
            }
        }
    }
}
