//! A tape from a LOBSTER sample: messages of one day of one stock with the order book that it opens with. The files
//! may not be passed on, so they are read where they are and no tape of them is kept.
//! Ids of orders from before the first message are unknown, so only quantities by price are followed.

use super::tape::{Moment, Tape, What};
use flate2::read::GzDecoder;
use model::{Money, Price, Qty, Side, Time};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Prices are in ten-thousandths of a dollar, and hidden trades use all four digits.
const TICK: Money = Money(Money::ONE.0 / 10_000);
/// What an empty level of the opening book has in place of a price.
const NO_PRICE: i64 = 9_999_999_999;

struct Message {
    time: Time,
    kind: u8,
    qty: i64,
    price: i64,
    /// Of the order that rested.
    side: Side,
}

/// The tape of the sample in the folder; none if there is no such folder.
///
/// # Errors
/// When a file of it cannot be read or makes no sense.
pub fn tape(folder: &Path) -> io::Result<Option<Tape>> {
    if !folder.is_dir() {
        return Ok(None);
    }
    let opening = text(&folder.join("orderbook_50_first672.csv.gz"))?;
    let messages = text(&folder.join("message_50.csv.gz"))?;
    Ok(Some(make("aapl", &opening, &messages)?))
}

fn text(path: &Path) -> io::Result<String> {
    let said = |error| io::Error::other(format!("{}: {error}", path.display()));
    let mut text = String::new();
    GzDecoder::new(File::open(path).map_err(said)?).read_to_string(&mut text).map_err(said)?;
    Ok(text)
}

fn make(name: &str, opening: &str, messages: &str) -> io::Result<Tape> {
    let bad = |number: usize| io::Error::other(format!("line {number} of the messages makes no sense"));
    let mut messages = messages.lines().zip(1..);
    // The opening book already holds the first message.
    let (first, _) = messages.next().ok_or_else(|| bad(1))?;
    let begins = parse(first).ok_or_else(|| bad(1))?.time;
    let mut tape = Tape { name: name.to_owned(), tick: TICK, lot: Money::ONE, moments: Vec::new() };
    let mut levels = open(opening).ok_or_else(|| io::Error::other("the opening book makes no sense"))?;
    for (&(side, price), qty) in &levels {
        let what = What::Level { side, price: Price(price), qty: Qty(*qty) };
        tape.moments.push(Moment { time: begins, what });
    }
    for (line, number) in messages {
        let Message { time, kind, qty, price, side } = parse(line).ok_or_else(|| bad(number))?;
        let level = levels.entry((side, price)).or_default();
        let after = match kind {
            1 => level.saturating_add(qty),
            2..=4 => level.saturating_sub(qty).max(0),
            _ => *level,
        };
        *level = after;
        if matches!(kind, 4 | 5) {
            let what = What::Trade { side: side.opposite(), price: Price(price), qty: Qty(qty) };
            tape.moments.push(Moment { time, what });
        }
        if matches!(kind, 1..=5) {
            let what = What::Level { side, price: Price(price), qty: Qty(after) };
            tape.moments.push(Moment { time, what });
        }
    }
    Ok(tape)
}

/// `ask price, ask size, bid price, bid size` a level.
fn open(book: &str) -> Option<BTreeMap<(Side, i64), i64>> {
    let numbers: Vec<i64> =
        book.lines().next()?.split(',').map(|number| number.parse().ok()).collect::<Option<_>>()?;
    let (rows, rest) = numbers.as_chunks::<4>();
    let levels = rows
        .iter()
        .flat_map(|[ask, asked, bid, bids]| [((Side::Sell, *ask), *asked), ((Side::Buy, *bid), *bids)]);
    rest.is_empty().then(|| levels.filter(|((_, price), _)| price.abs() != NO_PRICE).collect())
}

/// `seconds, type, order id, size, price, direction`.
fn parse(line: &str) -> Option<Message> {
    let [seconds, kind, _, qty, price, direction] = line.split(',').collect::<Vec<_>>().try_into().ok()?;
    // Some lines have more digits than nanoseconds, left over from a float.
    let nanos = i64::try_from(Money::parse(seconds).ok()?.0 / (Money::ONE.0 / 1_000_000_000)).ok()?;
    let side = if direction == "1" { Side::Buy } else { Side::Sell };
    Some(Message {
        time: Time(nanos),
        kind: kind.parse().ok()?,
        qty: qty.parse().ok()?,
        price: price.parse().ok()?,
        side,
    })
}

#[cfg(test)]
mod tests {
    use super::make;
    use crate::algos::tape::What;
    use model::{Price, Qty, Side};

    #[test]
    fn messages_become_levels_and_trades() {
        let opening = "101,5,99,7,9999999999,0,-9999999999,0\n";
        let messages = "0.5,1,1,7,99,1\n0.600000000004,1,2,3,99,1\n1.000000001,4,9,4,101,-1\n2,3,2,3,99,1\n3,5,0,1,100,1\n";
        let tape = make("x", opening, messages).unwrap();
        let level = |side, price, qty| What::Level { side, price: Price(price), qty: Qty(qty) };
        let trade = |side, price, qty| What::Trade { side, price: Price(price), qty: Qty(qty) };
        let expected = [
            level(Side::Buy, 99, 7),
            level(Side::Sell, 101, 5),
            level(Side::Buy, 99, 10),
            trade(Side::Buy, 101, 4),
            level(Side::Sell, 101, 1),
            level(Side::Buy, 99, 7),
            trade(Side::Sell, 100, 1),
            level(Side::Buy, 100, 0),
        ];
        assert_eq!(tape.moments.iter().map(|moment| moment.what).collect::<Vec<_>>(), expected);
        assert_eq!(tape.ends().0, 3_000_000_000);
        assert!(make("x", opening, "nothing\n").is_err());
    }
}
