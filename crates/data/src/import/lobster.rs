//! LOBSTER's pair of files: messages, and the book after each of them.

use super::Sourced;
use super::decimal::Decimal;
use super::source::Text;
use super::time::{Clock, TimeUnit};
use crate::row::{DepthChange, DepthRow, OrderDeed, OrderRow};
use crate::{DataError, LineFault};
use model::{Grid, Price, Qty, Side, Time};
use std::io::{BufRead, BufReader};

/// Prices count ten-thousandths; an absent level has one of these.
const NO_PRICE: [&str; 2] = ["9999999999", "-9999999999"];
const NEW_YORK: &str = "America/New_York";

/// `seconds,type,order,size,price,direction` a line; `date` is their day in New York.
pub fn lobster_messages(
    text: Text,
    date: &str,
    grid: Grid,
) -> Result<impl Iterator<Item = Sourced<OrderRow>> + use<>, DataError> {
    let clock = Clock::new(TimeUnit::SOfDay, Some(NEW_YORK), Some(date), 0)?;
    let name = text.name;
    Ok(BufReader::new(text.read).lines().zip(1u64..).map(move |(line, number)| {
        let line = line.map_err(|error| LineFault::Malformed(error.to_string()).at(&name, number))?;
        let row = message(&line, &clock, grid).map_err(|fault| fault.at(&name, number))?;
        Ok((number, row))
    }))
}

/// The book after each message, as snapshots of as many levels as the file has. Times come from the messages.
pub fn lobster_books(
    text: Text,
    times: impl Iterator<Item = Time>,
    grid: Grid,
) -> impl Iterator<Item = Sourced<DepthRow>> {
    let name = text.name;
    let lines = BufReader::new(text.read).lines().zip(times).zip(1u64..);
    lines.flat_map(move |((line, time), number)| {
        let line = line.map_err(|error| LineFault::Malformed(error.to_string()));
        match line.and_then(|line| book(&line, time, number, grid)) {
            Ok(rows) => rows.into_iter().map(|row| Ok((number, row))).collect(),
            Err(fault) => vec![Err(fault.at(&name, number))],
        }
    })
}

fn message(line: &str, clock: &Clock, grid: Grid) -> Result<OrderRow, LineFault> {
    let cells: Vec<&str> = line.trim().split(',').collect();
    let [time, kind, id, size, price, direction] = cells.as_slice() else {
        return Err(LineFault::Malformed(format!("{} cells instead of 6", cells.len())));
    };
    let time = clock.parse(time).ok_or_else(|| LineFault::Time {
        column: "time".to_owned(),
        text: (*time).to_owned(),
        unit: clock.unit(),
    })?;
    let (deed, is_halt) = match *kind {
        "1" => (OrderDeed::Add, false),
        "2" => (OrderDeed::Reduce, false),
        "3" => (OrderDeed::Delete, false),
        "4" => (OrderDeed::Execute, false),
        "5" | "6" => (OrderDeed::Trade, false),
        "7" if *price == "-1" => (OrderDeed::Halt, true),
        "7" => (OrderDeed::Resume, true),
        other => return Err(unknown("type", other, "1 to 7")),
    };
    let side = match *direction {
        "1" => Side::Buy,
        "-1" => Side::Sell,
        other => return Err(unknown("direction", other, "1, -1")),
    };
    Ok(OrderRow {
        time,
        venue_time: None,
        deed,
        id: id.parse().ok().ok_or_else(|| unknown("order", id, "whole numbers"))?,
        side,
        price: if is_halt { Price(0) } else { price_of(price, grid)? },
        qty: if is_halt { Qty::ZERO } else { qty_of(size, grid)? },
        last: true,
    })
}

fn book(line: &str, time: Time, number: u64, grid: Grid) -> Result<Vec<DepthRow>, LineFault> {
    let cells: Vec<&str> = line.trim().split(',').collect();
    if !cells.len().is_multiple_of(4) {
        return Err(LineFault::Malformed(format!("{} cells, not 4 a level", cells.len())));
    }
    let sequence = i64::try_from(number).unwrap_or(i64::MAX);
    let mut rows = Vec::with_capacity(cells.len() / 2);
    for (pair, side) in cells.chunks(2).zip([Side::Sell, Side::Buy].into_iter().cycle()) {
        if NO_PRICE.contains(&pair[0]) {
            continue;
        }
        let change = DepthChange { side, price: price_of(pair[0], grid)?, qty: qty_of(pair[1], grid)? };
        rows.push(DepthRow {
            time,
            venue_time: None,
            sequence,
            previous: sequence - 1,
            snapshot: true,
            last: false,
            change: Some(change),
        });
    }
    if let Some(row) = rows.last_mut() {
        row.last = true;
    }
    Ok(rows)
}

fn price_of(text: &str, grid: Grid) -> Result<Price, LineFault> {
    let price = Decimal::parse(text).and_then(|price| price.times(Decimal::parse("0.0001")?)?.money());
    price.and_then(|price| price.steps_of(grid.tick)).map(Price).map_err(|fault| number("price", text, fault))
}

fn qty_of(text: &str, grid: Grid) -> Result<Qty, LineFault> {
    let size = Decimal::parse(text).and_then(Decimal::money);
    size.and_then(|size| size.steps_of(grid.lot)).map(Qty).map_err(|fault| number("size", text, fault))
}

fn number(column: &str, text: &str, fault: model::DecimalError) -> LineFault {
    LineFault::Number { column: column.to_owned(), text: text.to_owned(), fault }
}

fn unknown(column: &str, text: &str, known: &str) -> LineFault {
    LineFault::Value { column: column.to_owned(), text: text.to_owned(), known: known.to_owned() }
}
