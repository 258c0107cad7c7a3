//! ITCH 5.0, the binary feed of Nasdaq's order book: two bytes of length before each message, many symbols in
//! one file. Rows come out for one symbol; only its open orders are kept. Numbers are big-endian.

use super::Sourced;
use super::source::Text;
use super::time::{Clock, TimeUnit};
use crate::row::{OrderDeed, OrderRow};
use crate::{DataError, LineFault};
use model::{DecimalError, Grid, Money, Price, Qty, Side, Time};
use std::collections::HashMap;
use std::io::{BufReader, ErrorKind, Read};

const NEW_YORK: &str = "America/New_York";
/// A price counts ten-thousandths, in units of 10⁻¹⁸.
const MILL: i128 = 100_000_000_000_000;

struct Feed {
    name: String,
    read: BufReader<Box<dyn Read>>,
    symbol: String,
    midnight: Time,
    grid: Grid,
    open: HashMap<i64, OrderRow>,
    /// Of a replacement, what comes after the old order is gone.
    next: Option<OrderRow>,
    number: u64,
    failed: bool,
}

/// The rows of `symbol`; `date` is their day in New York. The line of a row is its message's number.
pub fn itch_messages(
    text: Text,
    date: &str,
    symbol: &str,
    grid: Grid,
) -> Result<impl Iterator<Item = Sourced<OrderRow>> + use<>, DataError> {
    let clock = Clock::new(TimeUnit::SOfDay, Some(NEW_YORK), Some(date), 0)?;
    let midnight = clock.parse("0").ok_or_else(|| DataError::Mapping(format!("`{date}` is not a date")))?;
    Ok(Feed {
        name: text.name,
        read: BufReader::new(text.read),
        symbol: symbol.to_owned(),
        midnight,
        grid,
        open: HashMap::new(),
        next: None,
        number: 0,
        failed: false,
    })
}

impl Iterator for Feed {
    type Item = Sourced<OrderRow>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.failed {
            if let Some(row) = self.next.take() {
                return Some(Ok((self.number, row)));
            }
            let message = match self.message() {
                Ok(message) => message?,
                Err(fault) => {
                    // Where one message ends nobody knows where the next begins.
                    self.failed = true;
                    return Some(Err(fault.at(&self.name, self.number)));
                }
            };
            match self.row(&message) {
                Ok(Some(row)) => return Some(Ok((self.number, row))),
                Ok(None) => {}
                Err(fault) => return Some(Err(fault.at(&self.name, self.number))),
            }
        }
        None
    }
}

impl Feed {
    fn message(&mut self) -> Result<Option<Vec<u8>>, LineFault> {
        self.number += 1;
        let mut length = [0; 2];
        match self.read.read(&mut length[..1]) {
            Ok(0) => return Ok(None),
            Ok(_) => {}
            Err(error) => return Err(LineFault::Malformed(error.to_string())),
        }
        let mut message = Vec::new();
        let read = self.read.read_exact(&mut length[1..]).and_then(|()| {
            message.resize(usize::from(u16::from_be_bytes(length)), 0);
            self.read.read_exact(&mut message)
        });
        match read {
            Ok(()) => Ok(Some(message)),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
                Err(LineFault::Malformed("the file ends within a message".to_owned()))
            }
            Err(error) => Err(LineFault::Malformed(error.to_string())),
        }
    }

    /// None for another symbol and for messages that change no order and tell no trade.
    fn row(&mut self, bytes: &[u8]) -> Result<Option<OrderRow>, LineFault> {
        let Some(kind) = bytes.first() else {
            return Err(LineFault::Malformed("an empty message".to_owned()));
        };
        match kind {
            b'A' | b'F' => self.named(bytes, OrderDeed::Add),
            b'P' => self.named(bytes, OrderDeed::Trade),
            b'E' | b'C' => self.taken(bytes, OrderDeed::Execute),
            b'X' => self.taken(bytes, OrderDeed::Reduce),
            b'D' => self.deleted(bytes, true),
            b'U' => self.replaced(bytes),
            b'H' => self.state(bytes),
            _ => Ok(None),
        }
    }

    fn named(&mut self, bytes: &[u8], deed: OrderDeed) -> Result<Option<OrderRow>, LineFault> {
        if !self.is_ours(bytes, 24)? {
            return Ok(None);
        }
        let side = match bytes.get(19) {
            Some(b'B') => Side::Buy,
            Some(b'S') => Side::Sell,
            _ => return Err(LineFault::Malformed("the side is neither B nor S".to_owned())),
        };
        let (id, qty) = (order(bytes, 11)?, self.shares(bytes, 20)?);
        let price = self.price(bytes, 32)?;
        let row =
            OrderRow { time: self.time(bytes)?, venue_time: None, deed, id, side, price, qty, last: true };
        if deed == OrderDeed::Add {
            self.open.insert(id, row.clone());
        }
        Ok(Some(row))
    }

    fn taken(&mut self, bytes: &[u8], deed: OrderDeed) -> Result<Option<OrderRow>, LineFault> {
        let id = order(bytes, 11)?;
        let Some(order) = self.open.get(&id).cloned() else { return Ok(None) };
        let taken = self.shares(bytes, 19)?;
        let left = Qty(order.qty.0.saturating_sub(taken.0));
        if left.0 <= 0 {
            self.open.remove(&id);
        } else {
            self.open.insert(id, OrderRow { qty: left, ..order.clone() });
        }
        Ok(Some(OrderRow { time: self.time(bytes)?, deed, qty: taken, ..order }))
    }

    fn deleted(&mut self, bytes: &[u8], last: bool) -> Result<Option<OrderRow>, LineFault> {
        let Some(order) = self.open.remove(&order(bytes, 11)?) else { return Ok(None) };
        Ok(Some(OrderRow { time: self.time(bytes)?, deed: OrderDeed::Delete, last, ..order }))
    }

    /// Another number, price and quantity, at the back of the queue.
    fn replaced(&mut self, bytes: &[u8]) -> Result<Option<OrderRow>, LineFault> {
        let Some(old) = self.deleted(bytes, false)? else { return Ok(None) };
        let (id, qty, price) = (order(bytes, 19)?, self.shares(bytes, 27)?, self.price(bytes, 31)?);
        let new = OrderRow { deed: OrderDeed::Add, id, qty, price, last: true, ..old.clone() };
        self.open.insert(id, new.clone());
        self.next = Some(new);
        Ok(Some(old))
    }

    fn state(&mut self, bytes: &[u8]) -> Result<Option<OrderRow>, LineFault> {
        if !self.is_ours(bytes, 11)? {
            return Ok(None);
        }
        let deed = if bytes.get(19) == Some(&b'T') { OrderDeed::Resume } else { OrderDeed::Halt };
        let (id, side, price, qty) = (0, Side::Buy, Price(0), Qty::ZERO);
        Ok(Some(OrderRow {
            time: self.time(bytes)?,
            venue_time: None,
            deed,
            id,
            side,
            price,
            qty,
            last: true,
        }))
    }

    fn is_ours(&self, bytes: &[u8], at: usize) -> Result<bool, LineFault> {
        let name = bytes.get(at..at + 8).ok_or_else(short)?;
        Ok(name.trim_ascii_end() == self.symbol.as_bytes())
    }

    fn time(&self, bytes: &[u8]) -> Result<Time, LineFault> {
        let since = i64::try_from(whole(bytes, 5, 6)?).ok().ok_or_else(short)?;
        Ok(self.midnight.saturating_add_ns(since))
    }

    fn shares(&self, bytes: &[u8], at: usize) -> Result<Qty, LineFault> {
        let shares = whole(bytes, at, 4)?;
        let lots = Money(i128::from(shares) * Money::ONE.0).steps_of(self.grid.lot);
        lots.map(Qty).map_err(|fault| number("shares", shares, fault))
    }

    fn price(&self, bytes: &[u8], at: usize) -> Result<Price, LineFault> {
        let price = whole(bytes, at, 4)?;
        let ticks = Money(i128::from(price) * MILL).steps_of(self.grid.tick);
        ticks.map(Price).map_err(|fault| number("price", price, fault))
    }
}

fn order(bytes: &[u8], at: usize) -> Result<i64, LineFault> {
    let id = whole(bytes, at, 8)?;
    i64::try_from(id).ok().ok_or_else(|| LineFault::Malformed(format!("the order {id} is above 2^63")))
}

fn whole(bytes: &[u8], at: usize, width: usize) -> Result<u64, LineFault> {
    let part = bytes.get(at..at + width).ok_or_else(short)?;
    Ok(part.iter().fold(0, |value, byte| value << 8 | u64::from(*byte)))
}

fn short() -> LineFault {
    LineFault::Malformed("the message is too short for its type".to_owned())
}

fn number(column: &str, value: u64, fault: DecimalError) -> LineFault {
    LineFault::Number { column: column.to_owned(), text: value.to_string(), fault }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn framed(kind: u8, rest: &[&[u8]]) -> Vec<u8> {
        let mut body = vec![kind, 0, 1, 0, 0, 0, 0, 0, 0, 0, 5];
        rest.iter().for_each(|part| body.extend_from_slice(part));
        let length = u16::try_from(body.len()).expect("short").to_be_bytes();
        [length.as_slice(), &body].concat()
    }

    #[test]
    fn every_message_that_changes_a_book() {
        let (one, two) = (1u64.to_be_bytes(), 2u64.to_be_bytes());
        let price = 1_424_100u32.to_be_bytes();
        let bytes = [
            framed(b'S', &[b"O"]),
            framed(b'A', &[&one, b"B", &100u32.to_be_bytes(), b"SPY     ", &price]),
            framed(b'A', &[&two, b"B", &100u32.to_be_bytes(), b"DIA     ", &price]),
            framed(b'E', &[&one, &40u32.to_be_bytes(), &one]),
            framed(b'D', &[&two]),
            framed(b'U', &[&one, &two, &70u32.to_be_bytes(), &price]),
            framed(b'X', &[&two, &20u32.to_be_bytes()]),
            framed(b'H', &[b"SPY     ", b"H", b" ", b"    "]),
            framed(b'D', &[&two]),
            vec![0, 9, 1],
        ]
        .concat();
        let text = Text { name: "a.itch".to_owned(), read: Box::new(Cursor::new(bytes)) };
        let grid = Grid { tick: Money::parse("0.01").expect("a tick"), lot: Money::ONE };
        let rows = itch_messages(text, "2012-06-21", "SPY", grid).expect("a date");
        let told: Vec<String> = rows
            .map(|row| match row {
                Ok((at, row)) => format!("{at}: {:?} {} x {} {}", row.deed, row.id, row.qty.0, row.last),
                Err(error) => error.to_string(),
            })
            .collect();
        let expected = [
            "2: Add 1 x 100 true",
            "4: Execute 1 x 40 true",
            "6: Delete 1 x 60 false",
            "6: Add 2 x 70 true",
            "7: Reduce 2 x 20 true",
            "8: Halt 0 x 0 true",
            "9: Delete 2 x 50 true",
            "a.itch:10: the file ends within a message",
        ];
        assert_eq!(told, expected);
    }
}
