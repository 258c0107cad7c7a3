//! `docs/INDICATORS.md` is the list as the code has it, with an example of each indicator that is run here.

use crate::data::sample;
use std::fmt::Write;
use std::path::Path;
use strategy::indicator::{Category, Kind, Param, Spec, build, list};

const HEAD: &str = "# Indicators\n\n\
    What `strategy::indicator::build(name, params)` knows. Letter case does not count in names; a parameter that is\n\
    not given keeps its default. An indicator takes one input at a time — a bar, a quote, a print, or a pair of two\n\
    series — and gives its outputs, or nothing while it warms up and where a value is not defined, such as a part of\n\
    nothing. No value changes when later inputs come. A state can be saved and goes on bit for bit. Where TA-Lib has\n\
    an indicator, values are TA-Lib's. Inputs that are no numbers, larger than 1e15, or out of order are refused.\n\n\
    *Warm-up* is how many inputs bring nothing, with the defaults. *Example* is what the indicator says, with the\n\
    defaults, after the last row of a sample: `bars.csv`, `quotes.csv`, `prints.csv` or `pairs.csv` in\n\
    `crates/strategy/tests/golden/sample`. A parameter is written with its default and its bounds; `period` and\n\
    other counts go up to 10,000. This page is made from `crates/strategy/src/indicator/family`; do not edit it by\n\
    hand.\n";

const CATEGORIES: [(Category, &str); 10] = [
    (Category::Overlap, "Overlap: lines over prices"),
    (Category::Momentum, "Momentum"),
    (Category::Volatility, "Volatility"),
    (Category::Volume, "Volume"),
    (Category::Cycle, "Cycle"),
    (Category::Statistics, "Statistics"),
    (Category::Price, "Price transforms"),
    (Category::Structure, "Structure: pivots and swings"),
    (Category::OrderFlow, "Order flow"),
    (Category::Candlestick, "Candlestick patterns"),
];

fn bounds(param: &Param) -> String {
    let Param { name, default, min, max, is_whole } = *param;
    if is_whole && max == 10_000.0 {
        return format!("`{name}` {default} (≥ {min})");
    }
    format!("`{name}` {} ({}…{})", short(default), bound(min), bound(max))
}

/// Large and tiny bounds by their powers of ten.
fn bound(value: f64) -> String {
    let is_plain = value == 0.0 || (1e-4..1e6).contains(&value.abs());
    if is_plain { format!("{value}") } else { format!("{value:e}") }
}

fn params(spec: &Spec) -> String {
    let mut said: Vec<String> = spec.params.iter().map(bounds).collect();
    said.extend(spec.ordered.iter().map(|(less, more)| format!("`{less}` < `{more}`")));
    said.join(", ")
}

/// Six digits, which is more than any platform's logarithms differ by.
fn short(value: f64) -> String {
    let text = format!("{value:.5e}");
    let exact: f64 = text.parse().expect("a number that was just written");
    if exact != 0.0 && !(1e-3..1e9).contains(&exact.abs()) {
        format!("{exact:e}")
    } else {
        format!("{exact}")
    }
}

fn example(spec: &Spec) -> String {
    let mut indicator = build(spec.name, &[]).expect("defaults are good");
    let mut last = None;
    for input in sample(spec) {
        last = indicator.update(input).expect("the sample is good").or(last);
    }
    let last = last.unwrap_or_else(|| panic!("{} has no value over the sample", spec.name));
    last.iter().map(|value| short(*value)).collect::<Vec<_>>().join(", ")
}

fn reads(spec: &Spec) -> String {
    spec.reads.iter().map(|field| field.name()).collect::<Vec<_>>().join(", ")
}

fn row(spec: &'static Spec) -> String {
    let warm_up = build(spec.name, &[]).expect("defaults are good").warm_up();
    let outputs = spec.outputs.join(", ");
    format!(
        "| `{}` | {} | {} | {} | {outputs} | {warm_up} | {} |\n",
        spec.name,
        spec.about,
        params(spec),
        reads(spec),
        example(spec)
    )
}

fn page() -> String {
    let mut page = HEAD.to_owned();
    let count = list().count();
    write!(page, "\nThere are {count}.\n").expect("a string grows");
    for (category, title) in CATEGORIES {
        let head = "| name | what it is | parameters | reads | outputs | warm-up | example |\n|---|---|---|---|---|---|---|\n";
        write!(page, "\n## {title}\n\n{head}").expect("a string grows");
        for spec in list().filter(|spec| spec.category == category) {
            page.push_str(&row(spec));
        }
    }
    page
}

#[test]
fn the_page_of_indicators_is_what_the_list_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/INDICATORS.md");
    let page = page();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, page).expect("the page can be written");
        return;
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    for (kept, made) in kept.lines().zip(page.lines()) {
        assert_eq!(
            kept, made,
            "docs/INDICATORS.md is out of date; run `UPDATE=1 cargo test -p strategy indicators`"
        );
    }
    assert_eq!(kept.len(), page.len(), "docs/INDICATORS.md is out of date");
}

/// Candles are patterns, not a category of numbers; everything else has its example by its kind of input.
#[test]
fn every_kind_of_input_has_its_indicators() {
    for kind in [Kind::Bar, Kind::Quote, Kind::Print, Kind::Pair] {
        assert!(list().filter(|spec| spec.takes() == kind).count() >= 4, "few for a {kind}");
    }
    let categories = list().map(|spec| spec.category);
    assert!(categories.into_iter().all(|category| CATEGORIES.iter().any(|(known, _)| *known == category)));
}
