//! PITCH, the text that the Cboe markets tell their order books in: a line a message, many symbols in one file.
//! Rows come out for one symbol. A line that takes from an order names no symbol, so the orders of the symbol
//! that are open are kept, and nothing else.

use super::Sourced;
use super::decimal::Decimal;
use super::source::Text;
use super::time::{Clock, TimeUnit};
use crate::row::{OrderDeed, OrderRow};
use crate::{DataError, LineFault};
use model::{Grid, Price, Qty, Side};
use std::collections::HashMap;
use std::io::{BufRead, BufReader};

const NEW_YORK: &str = "America/New_York";
/// Messages that change no order and tell no trade of one symbol: auctions, states, breaks, summaries.
const SILENT: &[u8] = b"BHIRSJ";

/// What is known of the orders of one symbol, while they are open.
struct Tape {
    name: String,
    symbol: String,
    clock: Clock,
    grid: Grid,
    open: HashMap<i64, OrderRow>,
}

/// The rows of `symbol`; `date` is their day in New York.
pub fn pitch_messages(
    text: Text,
    date: &str,
    symbol: &str,
    grid: Grid,
) -> Result<impl Iterator<Item = Sourced<OrderRow>> + use<>, DataError> {
    let clock = Clock::new(TimeUnit::MsOfDay, Some(NEW_YORK), Some(date), 0)?;
    let mut tape = Tape { name: text.name, symbol: symbol.to_owned(), clock, grid, open: HashMap::new() };
    Ok(BufReader::new(text.read).lines().zip(1u64..).filter_map(move |(line, number)| {
        let line = line.map_err(|error| LineFault::Malformed(error.to_string()));
        let row = line.and_then(|line| tape.read(line.trim_end()));
        row.map_err(|fault| fault.at(&tape.name, number)).transpose().map(|row| row.map(|row| (number, row)))
    }))
}

impl Tape {
    /// None where the line is about another symbol or no order.
    fn read(&mut self, line: &str) -> Result<Option<OrderRow>, LineFault> {
        if line.is_empty() {
            return Ok(None);
        }
        let kind = *line.as_bytes().get(8).ok_or_else(|| short(line))?;
        match kind {
            b'A' => self.named(line, 6, OrderDeed::Add),
            b'd' => self.named(line, 8, OrderDeed::Add),
            b'P' => self.named(line, 6, OrderDeed::Trade),
            b'r' => self.named(line, 8, OrderDeed::Trade),
            b'E' => self.taken(line, OrderDeed::Execute),
            b'X' => self.taken(line, OrderDeed::Reduce),
            other if SILENT.contains(&other) => Ok(None),
            other => Err(LineFault::Value {
                column: "type".to_owned(),
                text: char::from(other).to_string(),
                known: "A, d, E, X, P, r, B, H, I, R, S, J".to_owned(),
            }),
        }
    }

    /// A line with side and symbol in it, the symbol `width` letters wide.
    fn named(&mut self, line: &str, width: usize, deed: OrderDeed) -> Result<Option<OrderRow>, LineFault> {
        if part(line, 28, width)?.trim_end() != self.symbol {
            return Ok(None);
        }
        let side = match part(line, 21, 1)? {
            "B" => Side::Buy,
            "S" => Side::Sell,
            other => {
                let (column, known) = ("side".to_owned(), "B, S".to_owned());
                return Err(LineFault::Value { column, text: other.to_owned(), known });
            }
        };
        let digits = part(line, 28 + width, 10)?;
        let price = Decimal::parse(digits).and_then(|price| price.times(Decimal::parse("0.0001")?)?.money());
        let price = price.and_then(|price| price.steps_of(self.grid.tick));
        let price = price.map_err(|fault| number("price", digits, fault))?;
        let (qty, id) = (self.shares(part(line, 22, 6)?)?, order(line)?);
        let row = OrderRow {
            time: self.time(line)?,
            venue_time: None,
            deed,
            id,
            side,
            price: Price(price),
            qty,
            last: true,
        };
        if deed == OrderDeed::Add {
            self.open.insert(id, row.clone());
        }
        Ok(Some(row))
    }

    /// A line that takes from an open order.
    fn taken(&mut self, line: &str, deed: OrderDeed) -> Result<Option<OrderRow>, LineFault> {
        let id = order(line)?;
        let Some(order) = self.open.get(&id) else { return Ok(None) };
        let taken = self.shares(part(line, 21, 6)?)?;
        let left = Qty(order.qty.0.saturating_sub(taken.0));
        let row = OrderRow { time: self.time(line)?, deed, qty: taken, ..order.clone() };
        if left.0 <= 0 {
            self.open.remove(&id);
        } else if let Some(order) = self.open.get_mut(&id) {
            order.qty = left;
        }
        Ok(Some(row))
    }

    fn time(&self, line: &str) -> Result<model::Time, LineFault> {
        let text = part(line, 0, 8)?;
        self.clock.parse(text).ok_or_else(|| LineFault::Time {
            column: "time".to_owned(),
            text: text.to_owned(),
            unit: self.clock.unit(),
        })
    }

    fn shares(&self, text: &str) -> Result<Qty, LineFault> {
        let shares = Decimal::parse(text).and_then(Decimal::money);
        let lots = shares.and_then(|shares| shares.steps_of(self.grid.lot));
        lots.map(Qty).map_err(|fault| number("shares", text, fault))
    }
}

/// Twelve digits to the base 36 stay below 2⁶³.
fn order(line: &str) -> Result<i64, LineFault> {
    let text = part(line, 9, 12)?;
    i64::from_str_radix(text, 36).ok().ok_or_else(|| LineFault::Value {
        column: "order".to_owned(),
        text: text.to_owned(),
        known: "twelve letters and digits".to_owned(),
    })
}

fn part(line: &str, from: usize, width: usize) -> Result<&str, LineFault> {
    line.get(from..from + width).ok_or_else(|| short(line))
}

fn short(line: &str) -> LineFault {
    LineFault::Malformed(format!("the message ends after {} letters", line.len()))
}

fn number(column: &str, text: &str, fault: model::DecimalError) -> LineFault {
    LineFault::Number { column: column.to_owned(), text: text.to_owned(), fault }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Money;
    use std::io::Cursor;

    #[test]
    fn the_rows_of_one_symbol() {
        let lines = "28800011A0000000000A1B000100SPY   0001424100Y\n\
                     28800012A0000000000A2S000300DIA   0001424100Y\n\
                     28800013E0000000000A100004000000000000B1\n\
                     28800014X0000000000A2000300\n\
                     28800015X0000000000A1000060\n\
                     28800016P0000000000A3B000050SPY   000142410000000000000B2\n\
                     28800017X0000000000A1000060\n\
                     28800018Z\n\
                     288\n";
        let text = Text { name: "a.pitch".to_owned(), read: Box::new(Cursor::new(lines)) };
        let grid = Grid { tick: Money::parse("0.01").expect("a tick"), lot: Money::ONE };
        let rows = pitch_messages(text, "2009-01-02", "SPY", grid).expect("a date");
        let told: Vec<String> = rows
            .map(|row| match row {
                Ok((line, row)) => format!("{line}: {:?} {} at {}", row.deed, row.qty.0, row.price.0),
                Err(error) => error.to_string(),
            })
            .collect();
        let expected = [
            "1: Add 100 at 14241",
            "3: Execute 40 at 14241",
            "5: Reduce 60 at 14241",
            "6: Trade 50 at 14241",
            "a.pitch:8: `type` is `Z`, which is not one of A, d, E, X, P, r, B, H, I, R, S, J",
            "a.pitch:9: the message ends after 3 letters",
        ];
        assert_eq!(told, expected);
    }
}
