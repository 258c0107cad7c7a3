//! Indicators that TA-Lib lacks, against a second implementation: plain definitions in another language, run over
//! the same sample. `tests/golden/reference/make.py` has them.

use crate::data::{Table, sample};
use crate::library::{function, same};
use std::collections::{BTreeMap, BTreeSet};
use strategy::indicator::{Spec, Values, find, list, over};

/// Without a reference of their own, each with what holds it instead.
const HELD_OTHERWISE: &[(&str, &str)] = &[
    ("dmi", "its outputs are those of plus_di, minus_di and adx"),
    ("ichimoku", "TA-Lib's lines, and the cloud of a charting tool"),
    ("bars_since_high", "TA-Lib's index of the highest"),
    ("bars_since_low", "TA-Lib's index of the lowest"),
];

#[test]
fn a_second_implementation_agrees() {
    let table = Table::read("reference/reference.csv.gz");
    let (names, outputs) = (table.text("indicator"), table.text("output"));
    let (rows, expected) = (table.text("row"), table.numbers("value"));
    let mut computed: BTreeMap<&str, (&Spec, Vec<Option<Values>>)> = BTreeMap::new();
    let mut compared: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut wrong = BTreeMap::new();
    for at in 0..names.len() {
        let (spec, values) = computed.entry(names[at]).or_insert_with(|| {
            let spec = find(names[at]).expect("it is listed");
            (spec, over(spec.name, &[], &sample(spec)).expect("the sample is good"))
        });
        let row: usize = rows[at].parse().expect("a row");
        let slot = spec.outputs.iter().position(|output| *output == outputs[at]).expect("an output");
        let expected = expected[at].expect("a value");
        *compared.entry((names[at], outputs[at])).or_default() += 1;
        let ours = values[row].as_ref().map(|value| value[slot]);
        if !ours.is_some_and(|ours| same(ours, expected, 1e-8)) {
            let said = format!("{} {} at {row}: {ours:?} is not {expected}", names[at], outputs[at]);
            wrong.entry((names[at], outputs[at])).or_insert(said);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.into_values().collect::<Vec<_>>().join("\n"));
    for ((name, output), count) in compared {
        assert!(count >= 40, "{name} {output} is compared {count} times only");
    }
}

/// What it says is defined is defined there too: neither side has a value that the other lacks.
#[test]
fn the_second_implementation_has_the_same_rows() {
    let table = Table::read("reference/reference.csv.gz");
    let (names, outputs, rows) = (table.text("indicator"), table.text("output"), table.text("row"));
    let mut expected: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    for ((name, output), row) in names.iter().zip(&outputs).zip(&rows) {
        let spec = find(name).expect("it is listed");
        if spec.takes() != strategy::indicator::Kind::Print && *output == spec.outputs[0] {
            expected.entry(name).or_default().insert(row.parse().expect("a row"));
        }
    }
    for (name, rows) in expected {
        let values = over(name, &[], &sample(find(name).expect("it is listed"))).expect("the sample is good");
        let ours: BTreeSet<usize> =
            values.iter().enumerate().filter(|(_, value)| value.is_some()).map(|(at, _)| at).collect();
        assert_eq!(ours, rows, "{name}");
    }
}

/// No indicator stands on our word alone.
#[test]
fn every_indicator_is_held_to_something() {
    let table = Table::read("reference/reference.csv.gz");
    let referred: BTreeSet<&str> = table.text("indicator").into_iter().collect();
    let free: Vec<&str> = list()
        .map(|spec| spec.name)
        .filter(|name| function(name).is_none() && !referred.contains(name))
        .filter(|name| HELD_OTHERWISE.iter().all(|(held, _)| held != name))
        .collect();
    assert!(free.is_empty(), "held to nothing: {free:?}");
}

#[test]
fn the_directions_together_are_the_directions_alone() {
    let spec = find("dmi").expect("it is listed");
    let inputs = sample(spec);
    let together = over("dmi", &[], &inputs).expect("good inputs");
    for (slot, name) in ["plus_di", "minus_di", "adx"].into_iter().enumerate() {
        let alone = over(name, &[], &inputs).expect("good inputs");
        for (together, alone) in together.iter().zip(&alone).skip(27) {
            assert_eq!(together.map(|value| value[slot]), alone.map(|value| value.first()), "{name}");
        }
    }
}
