//! Parent orders in words: `algo [ buy alice 100 BTC-USDT market ] twap slices 10 end 2026-01-01T16:00:00Z`.
//! Prices and quantities are in the terms of the parent's instrument.

use super::LineError;
use super::order::{read_nested, write_nested};
use super::pen::Pen;
use super::reader::{Reader, one_of};
use crate::{Algo, Grid, NewAlgo, Quoting, Slice};

type Read<T> = Result<T, LineError>;

const ALGOS: [&str; 7] = ["twap", "vwap", "pov", "shortfall", "iceberg_slicer", "sniper", "quoting"];

pub(super) fn read(reader: &mut Reader) -> Read<NewAlgo> {
    let parent = read_nested(reader)?;
    let grid = reader.grid(parent.instrument);
    let algo = read_algo(reader, grid)?;
    let (mut start, mut end, mut participation_max, mut price_limit) = (None, None, None, None);
    while let Some(word) = reader.option() {
        match word {
            "start" | "end" => {
                let time = reader.time("a moment")?;
                reader.once(if word == "start" { &mut start } else { &mut end }, time)?;
            }
            "participation" => {
                let rate = reader.rate("a share of the volume like 0.1")?;
                reader.once(&mut participation_max, rate)?;
            }
            "limit" => {
                let price = reader.price("a price", grid)?;
                reader.once(&mut price_limit, price)?;
            }
            _ => return Err(reader.unexpected(one_of("start, end, participation, limit"))),
        }
    }
    Ok(NewAlgo { parent, algo, start, end, participation_max, price_limit })
}

pub(super) fn write(algo: &NewAlgo, pen: &mut Pen) {
    let grid = pen.grid(algo.parent.instrument);
    pen.word("algo");
    write_nested(&algo.parent, pen);
    write_algo(&algo.algo, pen, grid);
    for (word, time) in [("start", algo.start), ("end", algo.end)] {
        if let Some(time) = time {
            pen.word(word).time(time);
        }
    }
    if let Some(rate) = algo.participation_max {
        pen.word("participation").rate(rate);
    }
    if let Some(price) = algo.price_limit {
        pen.word("limit").price(price, grid);
    }
}

fn read_algo(reader: &mut Reader, grid: Option<Grid>) -> Read<Algo> {
    let expected = "an algo";
    Ok(match reader.word(expected)? {
        "twap" => {
            reader.expect("slices")?;
            Algo::Twap { slices: reader.number("how many slices")? }
        }
        "vwap" => Algo::Vwap { profile: read_slices(reader)? },
        "pov" => Algo::Pov { rate: reader.rate("a share of the volume like 0.1")? },
        "shortfall" => Algo::ImplementationShortfall { schedule: read_slices(reader)? },
        "iceberg_slicer" => {
            reader.expect("display")?;
            let display = reader.qty("a quantity to show", grid)?;
            reader.expect("refresh_ns")?;
            Algo::IcebergSlicer { display, refresh_ns: reader.number("nanoseconds")? }
        }
        "sniper" => {
            reader.expect("@")?;
            let price = reader.price("a price", grid)?;
            reader.expect("min")?;
            Algo::Sniper { price, qty_min: reader.qty("the least quantity to take", grid)? }
        }
        "quoting" => Algo::Quoting { quoting: read_quoting(reader, grid)? },
        _ => return Err(reader.unexpected(expected).among(ALGOS.iter().map(ToString::to_string))),
    })
}

fn write_algo(algo: &Algo, pen: &mut Pen, grid: Option<Grid>) {
    match algo {
        Algo::Twap { slices } => {
            pen.words("twap slices", slices);
        }
        Algo::Vwap { profile } => write_slices("vwap", profile, pen),
        Algo::Pov { rate } => {
            pen.word("pov").rate(*rate);
        }
        Algo::ImplementationShortfall { schedule } => write_slices("shortfall", schedule, pen),
        Algo::IcebergSlicer { display, refresh_ns } => {
            pen.word("iceberg_slicer display").qty(*display, grid).words("refresh_ns", refresh_ns);
        }
        Algo::Sniper { price, qty_min } => {
            pen.word("sniper @").price(*price, grid).word("min").qty(*qty_min, grid);
        }
        Algo::Quoting { quoting } => write_quoting(quoting, pen, grid),
    }
}

/// `[ 2026-01-01T10:00:00Z 0.25 2026-01-01T11:00:00Z 1 ]`: by then, so much of the whole.
fn read_slices(reader: &mut Reader) -> Read<Vec<Slice>> {
    let mut slices = Vec::new();
    reader.expect("[")?;
    while !reader.take("]") {
        let at = reader.time("a moment, or `]`")?;
        slices.push(Slice { at, done: reader.rate("the share done by then")? });
    }
    Ok(slices)
}

fn write_slices(word: &str, slices: &[Slice], pen: &mut Pen) {
    pen.word(word).word("[");
    for slice in slices {
        pen.time(slice.at).rate(slice.done);
    }
    pen.word("]");
}

fn read_quoting(reader: &mut Reader, grid: Option<Grid>) -> Read<Quoting> {
    reader.expect("half_spread")?;
    let half_spread = reader.distance("a distance in price", grid)?;
    reader.expect("qty")?;
    let qty = reader.qty("a quantity", grid)?;
    reader.expect("levels")?;
    let levels = reader.number("how many levels")?;
    reader.expect("level_step")?;
    let level_step = reader.distance("a distance in price", grid)?;
    reader.expect("inventory_max")?;
    let inventory_max = reader.qty("a quantity", grid)?;
    reader.expect("skew")?;
    let skew = reader.distance("a distance in price", grid)?;
    reader.expect("refresh")?;
    let refresh = reader.distance("a distance in price", grid)?;
    reader.expect("stale_ns")?;
    let stale_ns = reader.number("nanoseconds")?;
    Ok(Quoting { half_spread, qty, levels, level_step, inventory_max, skew, refresh, stale_ns })
}

fn write_quoting(quoting: &Quoting, pen: &mut Pen, grid: Option<Grid>) {
    let Quoting { half_spread, qty, levels, level_step, inventory_max, skew, refresh, stale_ns } = quoting;
    pen.word("quoting half_spread").distance(*half_spread, grid).word("qty").qty(*qty, grid);
    pen.words("levels", levels).word("level_step").distance(*level_step, grid);
    pen.word("inventory_max").qty(*inventory_max, grid).word("skew").distance(*skew, grid);
    pen.word("refresh").distance(*refresh, grid).words("stale_ns", stale_ns);
}
