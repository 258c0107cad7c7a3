//! What holds for every indicator of the list: no look-ahead, exact snapshots, bounded memory, the warm-up it
//! declares, and a value for a slice that is the value of a stream.

use crate::data::{Draw, random, sample};
use crate::library::choices;
use std::collections::BTreeSet;
use strategy::indicator::{Indicator, Input, Spec, Values, WarmUp, build, list, over};

fn stream(indicator: &mut Indicator, inputs: &[Input]) -> Vec<Option<Values>> {
    inputs.iter().map(|input| indicator.update(*input).expect("good inputs")).collect()
}

fn bits(values: &[Option<Values>]) -> Vec<Option<Vec<u64>>> {
    let of = |value: &Values| value.iter().map(|number| number.to_bits()).collect();
    values.iter().map(|value| value.as_ref().map(of)).collect()
}

fn inputs(spec: &Spec, seed: u64) -> Vec<Input> {
    random(spec, seed, 1300)
}

#[test]
fn the_list_is_long_and_each_row_says_what_it_is() {
    let names: BTreeSet<&str> = list().map(|spec| spec.name).collect();
    assert_eq!(names.len(), list().count(), "a name is there twice");
    let candles = names.iter().filter(|name| name.starts_with("cdl")).count();
    assert_eq!(candles, 61);
    assert!(names.len() - candles >= 200, "{} beside candles", names.len() - candles);
    for spec in list() {
        let is_name =
            |name: &str| name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        let about = spec.about;
        assert!(is_name(spec.name) && spec.outputs.iter().all(|name| is_name(name)), "{}", spec.name);
        assert!(about.len() > 10 && !about.ends_with('.'), "{}: {about}", spec.name);
        assert!(!spec.outputs.is_empty() && !spec.reads.is_empty());
        for param in spec.params {
            assert!(is_name(param.name) && (param.min..=param.max).contains(&param.default), "{}", spec.name);
        }
    }
}

#[test]
fn the_warm_up_is_what_the_row_declares() {
    for spec in list() {
        let inputs = random(spec, 21, 4000);
        for params in choices(spec) {
            let named: Vec<(&str, f64)> = spec.params.iter().map(|param| param.name).zip(params).collect();
            let mut indicator = build(spec.name, &named).expect("parameters within bounds");
            let values = stream(&mut indicator, &inputs);
            check_warm_up(spec, indicator.warm_up(), &values);
        }
    }
}

fn check_warm_up(spec: &Spec, warm_up: WarmUp, values: &[Option<Values>]) {
    let began = values.iter().position(Option::is_some);
    match warm_up {
        WarmUp::Exactly(count) => {
            assert_eq!(began, Some(count), "{}", spec.name);
            let missing = values.iter().skip(count).filter(|value| value.is_none()).count();
            // Flat stretches leave a few values undefined: a part of nothing.
            assert!(missing * 20 < values.len(), "{}: {missing} are missing", spec.name);
        }
        WarmUp::AtLeast(count) => {
            assert!(began.is_some_and(|began| began >= count), "{}: {began:?} before {count}", spec.name);
        }
    }
    let outputs = values.iter().flatten().all(|value| value.len() == spec.outputs.len());
    assert!(outputs, "{} has not {} outputs", spec.name, spec.outputs.len());
}

#[test]
fn no_value_changes_when_later_inputs_come() {
    let mut draw = Draw::new(22);
    for spec in list() {
        let inputs = inputs(spec, 22);
        let whole = over(spec.name, &[], &inputs).expect("good inputs");
        for part in [0.2, 0.5, 0.9] {
            let length = inputs.iter().filter(|_| draw.next() < part).count();
            let prefix = over(spec.name, &[], &inputs[..length]).expect("good inputs");
            assert_eq!(bits(&prefix), bits(&whole[..length]), "{} over {length}", spec.name);
        }
        // Whatever comes later, what was said stays said.
        let mut other = inputs[..700].to_vec();
        other.extend(inputs[..600].iter().map(|input| later(*input)));
        let changed = over(spec.name, &[], &other).expect("good inputs");
        assert_eq!(bits(&changed[..700]), bits(&whole[..700]), "{}", spec.name);
    }
}

fn later(input: Input) -> Input {
    let far = crate::data::hour(5000);
    match input {
        Input::Bar(mut bar) => {
            bar.time += far;
            bar.into()
        }
        Input::Quote(mut quote) => {
            quote.time += far;
            quote.into()
        }
        Input::Print(mut print) => {
            print.time += far;
            print.into()
        }
        Input::Pair(mut pair) => {
            pair.time += far;
            pair.into()
        }
    }
}

#[test]
fn a_slice_has_the_values_of_a_stream() {
    for spec in list() {
        let inputs = sample(spec);
        let mut indicator = build(spec.name, &[]).expect("defaults are good");
        let slice = over(spec.name, &[], &inputs).expect("good inputs");
        assert_eq!(bits(&stream(&mut indicator, &inputs)), bits(&slice), "{}", spec.name);
    }
}

#[test]
fn a_restored_state_goes_on_bit_for_bit() {
    for spec in list() {
        let inputs = inputs(spec, 23);
        let mut whole = build(spec.name, &[]).expect("defaults are good");
        let expected = stream(&mut whole, &inputs);
        let mut indicator = build(spec.name, &[]).expect("defaults are good");
        let mut fed = 0;
        for cut in [0, 1, 7, 40, 131, 640, 1100] {
            let before = stream(&mut indicator, &inputs[fed..cut]);
            assert_eq!(bits(&before), bits(&expected[fed..cut]), "{} until {cut}", spec.name);
            let snapshot = indicator.save().expect("any state can be saved");
            let bytes = postcard::to_allocvec(&snapshot).expect("a snapshot can be written");
            let read = postcard::from_bytes(&bytes).expect("and read");
            indicator = Indicator::restore(&read).expect("and restored");
            assert_eq!(indicator.save().expect("and saved again"), snapshot, "{}", spec.name);
            fed = cut;
        }
        let rest = stream(&mut indicator, &inputs[fed..]);
        assert_eq!(bits(&rest), bits(&expected[fed..]), "{} to the end", spec.name);
    }
}

#[test]
fn a_copy_goes_its_own_way() {
    for spec in list() {
        let inputs = inputs(spec, 24);
        let mut one = build(spec.name, &[]).expect("defaults are good");
        stream(&mut one, &inputs[..600]);
        let mut two = one.clone();
        let peeked = one.peek(inputs[600]).expect("good inputs");
        let first = stream(&mut two, &inputs[600..700]);
        assert_eq!(bits(&[peeked]), bits(&first[..1]), "{} peeked", spec.name);
        assert_eq!(bits(&stream(&mut one, &inputs[600..700])), bits(&first), "{}", spec.name);
    }
}

#[test]
fn memory_does_not_grow_with_what_was_seen() {
    for spec in list() {
        let mut indicator = build(spec.name, &[]).expect("defaults are good");
        let inputs = random(spec, 25, 5000);
        stream(&mut indicator, &inputs[..2500]);
        let early = indicator.save().expect("it can be saved").state.len();
        stream(&mut indicator, &inputs[2500..]);
        let late = indicator.save().expect("it can be saved").state.len();
        // Counters are written with as many bytes as they need.
        assert!(late <= early + 16, "{}: {early} bytes, then {late}", spec.name);
    }
}

/// Prices that stand still, fall to zero, go below it, or jump by powers of ten bring no value that is not a
/// number, no panic, and no state that stays broken.
#[test]
fn odd_prices_do_no_harm() {
    for spec in list().filter(|spec| spec.takes() == strategy::indicator::Kind::Bar) {
        let mut indicator = build(spec.name, &[]).expect("defaults are good");
        let normal = inputs(spec, 26);
        stream(&mut indicator, &normal[..300]);
        for (at, price) in
            [5.0, 5.0, 0.0, 0.0, -3.0, -3.0, 1e15, 1e-12, -1e15, 7.0].iter().cycle().take(400).enumerate()
        {
            let mut bar = strategy::indicator::Bar::of(*price);
            bar.time = crate::data::hour(5000 + at);
            bar.volume = if at % 3 == 0 { 0.0 } else { 1e15 };
            indicator.update(bar).expect("odd, and still good");
        }
        let after: Vec<Input> = normal[..600].iter().map(|input| later(later(*input))).collect();
        let values = stream(&mut indicator, &after);
        assert!(values.iter().rev().take(50).any(Option::is_some), "{} does not recover", spec.name);
    }
}
