//! Every indicator that TA-Lib has too, against its batch call over all of the past, with several parameters.
//!
//! What comes from the library's window must not depend on what is before the window; what we compute with a state
//! of our own must come to the same numbers as the library.

use crate::data::walk;
use strategy::indicator::{Bar, Input, Kind, Pair, Spec, Values, build, list};
use ta_lib::Core;
use ta_lib::abstract_api::{FuncId, InputType, OptInputType, OutputType, get_func_handle};

/// Ours and the library's, where the names differ.
const ALIASES: &[(&str, &str)] = &[
    ("mcginley", "MCGD"),
    ("keltner", "KC"),
    ("connors_rsi", "CRSI"),
    ("derivative_oscillator", "DOSC"),
    ("chande_kroll_stop", "CKSP"),
    ("schaff_trend_cycle", "STC"),
    ("premier_stochastic", "PSO"),
    ("force_index", "EFI"),
    ("klinger", "KVO"),
    ("heikin_ashi", "HA"),
    ("squeeze_momentum", "SQZMOM"),
];

/// Ours that have one of the library's names and more to say than it.
const WIDER: &[&str] = &["ichimoku", "zigzag"];

pub fn function(name: &str) -> Option<FuncId> {
    let alias = ALIASES.iter().find(|(ours, _)| *ours == name);
    get_func_handle(alias.map_or(&name.to_uppercase(), |(_, theirs)| theirs))
}

fn whole(value: f64) -> i32 {
    format!("{value:.0}").parse().expect("a small whole number")
}

/// The library's batch call over all inputs: for each input its outputs, none before the first.
pub fn batch(function: FuncId, params: &[f64], inputs: &[Input]) -> (usize, Vec<Option<Vec<f64>>>) {
    let core = Core::new();
    let info = function.info();
    let column = |of: fn(&Bar) -> f64| -> Vec<f64> {
        inputs
            .iter()
            .filter_map(|input| if let Input::Bar(bar) = input { Some(of(bar)) } else { None })
            .collect()
    };
    let [open, high, low, close, volume] = [
        column(|bar| bar.open),
        column(|bar| bar.high),
        column(|bar| bar.low),
        column(|bar| bar.close),
        column(|bar| bar.volume),
    ];
    let pair = |of: fn(&Pair) -> f64| -> Vec<f64> {
        inputs
            .iter()
            .filter_map(|input| if let Input::Pair(pair) = input { Some(of(pair)) } else { None })
            .collect()
    };
    let (x, y) = (pair(|pair| pair.x), pair(|pair| pair.y));
    let mut call = function.new_call(&core);
    for (slot, input) in info.inputs.iter().enumerate() {
        if input.kind == InputType::Real {
            let series = if close.is_empty() { [&x, &y][slot] } else { &close };
            call.set_input(slot, series).expect("a series");
        } else {
            let [open, high, low, close, volume] =
                [&open, &high, &low, &close, &volume].map(|of| Some(&of[..]));
            call.set_price_input(slot, open, high, low, close, volume, None).expect("prices");
        }
    }
    let mut params = params.iter();
    for (slot, option) in info.opt_inputs.iter().enumerate() {
        match option.kind {
            OptInputType::IntegerRange { .. } => {
                call.set_opt_input(slot, whole(*params.next().expect("a count"))).expect("a count");
            }
            OptInputType::RealRange { .. } => {
                call.set_opt_input(slot, *params.next().expect("a number")).expect("a number");
            }
            _ => {}
        }
    }
    let lookback = call.lookback().expect("good parameters");
    let mut reals = vec![vec![0.0; inputs.len()]; info.outputs.len()];
    let mut wholes = vec![vec![0; inputs.len()]; info.outputs.len()];
    for (slot, (real, whole)) in reals.iter_mut().zip(&mut wholes).enumerate() {
        if info.outputs[slot].kind == OutputType::Real {
            call.set_output(slot, real).expect("room");
        } else {
            call.set_int_output(slot, whole).expect("room");
        }
    }
    let range = call.call(0, inputs.len() - 1).expect("good inputs");
    let value = |at: usize| {
        let at = at.checked_sub(range.beg_idx)?;
        let of = |slot: usize| {
            if info.outputs[slot].kind == OutputType::Real {
                reals[slot][at]
            } else {
                f64::from(wholes[slot][at])
            }
        };
        Some((0..info.outputs.len()).map(of).collect())
    };
    (lookback, (0..inputs.len()).map(value).collect())
}

/// The defaults, and other sets within bounds.
pub fn choices(spec: &Spec) -> Vec<Vec<f64>> {
    let scaled = |factor: f64| {
        let scale = |param: &strategy::indicator::Param| {
            let value = (param.default * factor).clamp(param.min, param.max);
            if param.is_whole { value.ceil() } else { value }
        };
        spec.params.iter().map(scale).collect::<Vec<f64>>()
    };
    vec![scaled(1.0), scaled(0.5), scaled(1.7), scaled(0.9)]
}

fn inputs(spec: &Spec, seed: u64) -> Vec<Input> {
    let bars = walk(seed, 700);
    match spec.takes() {
        Kind::Pair => {
            let pair = |bar: &Bar| Input::Pair(Pair { time: bar.time, x: bar.high, y: bar.low });
            bars.iter().map(pair).collect()
        }
        _ => bars.into_iter().map(Input::Bar).collect(),
    }
}

pub fn same(ours: f64, theirs: f64, tolerance: f64) -> bool {
    (ours - theirs).abs() <= tolerance * (1.0 + theirs.abs())
}

fn check(spec: &'static Spec, function: FuncId, params: &[f64], inputs: &[Input]) -> Option<String> {
    if spec.name == "frama" && params[0] % 2.0 != 0.0 {
        // The library refuses an odd period, of which it cannot take the half.
        return None;
    }
    let named: Vec<(&str, f64)> =
        spec.params.iter().map(|param| param.name).zip(params.iter().copied()).collect();
    let mut indicator = build(spec.name, &named).expect("parameters within bounds");
    let ours: Vec<Option<Values>> =
        inputs.iter().map(|input| indicator.update(*input).expect("good inputs")).collect();
    let (lookback, theirs) = batch(function, params, inputs);
    let began = ours.iter().position(Option::is_some);
    if began != Some(lookback) {
        return Some(format!("{} {named:?} begins at {began:?}, the library at {lookback}", spec.name));
    }
    for (at, (ours, theirs)) in ours.iter().zip(&theirs).enumerate() {
        let theirs = theirs.as_deref().filter(|theirs| theirs.iter().all(|value| value.is_finite()));
        let agree = match (ours.as_deref(), theirs) {
            (None, None) => true,
            (Some(ours), Some(theirs)) => {
                ours.len() == theirs.len()
                    && ours.iter().zip(theirs).all(|(one, other)| same(*one, *other, 1e-8))
            }
            _ => false,
        };
        if !agree {
            return Some(format!("{} {named:?} at {at}: {ours:?}, the library {theirs:?}", spec.name));
        }
    }
    None
}

#[test]
fn every_indicator_of_the_library_has_its_values() {
    let mut found = Vec::new();
    let mut compared = 0;
    for spec in list().filter(|spec| !WIDER.contains(&spec.name)) {
        let Some(function) = function(spec.name) else { continue };
        compared += 1;
        for (params, seed) in choices(spec).iter().zip([11, 12, 13, 14]) {
            found.extend(check(spec, function, params, &inputs(spec, seed)));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    assert!(compared >= 190, "only {compared} were compared");
}

#[test]
fn what_the_library_says_less_of_has_its_values_too() {
    let spec = strategy::indicator::find("zigzag").expect("it is listed");
    let inputs = inputs(spec, 14);
    let (_, theirs) = batch(FuncId::ZIGZAG, &[5.0, 1.0], &inputs);
    let ours = strategy::indicator::over("zigzag", &[], &inputs).expect("good inputs");
    let mut compared = 0;
    for (at, (ours, theirs)) in ours.iter().zip(&theirs).enumerate() {
        let (Some(ours), Some(theirs)) = (ours, theirs) else { continue };
        let pivot = at as f64 - ours[2];
        assert_eq!((ours[0], ours[1], pivot), (theirs[0], theirs[1], theirs[2]), "at {at}");
        compared += 1;
    }
    assert!(compared > 500);

    let (_, theirs) = batch(FuncId::ICHIMOKU, &[9.0, 26.0, 52.0], &inputs);
    let ours = strategy::indicator::over("ichimoku", &[], &inputs).expect("good inputs");
    for at in 77..inputs.len() {
        let (ours, theirs) = (ours[at].expect("a value"), theirs[at].as_deref().expect("a value"));
        assert!(ours.iter().zip(theirs).all(|(one, other)| same(*one, *other, 1e-12)), "at {at}");
    }
}
