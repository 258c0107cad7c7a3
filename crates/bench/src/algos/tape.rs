//! A tape: what a market really did, as the displayed quantity of each price and the trades, in the order it
//! happened. On disk it is a compressed CSV: a line with name, tick, lot and the time it begins at, then a line a
//! moment: nanoseconds since the line before, what, price in ticks, quantity in lots.
//! `b` and `a` set what is bid or asked at a price; `B` and `S` are trades by who came to buy or to sell.

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use model::{Money, Price, Qty, Side, Time};
use std::io::{self, Read, Write};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tape {
    /// Lower case with underscores: it begins the names of figures.
    pub name: String,
    pub tick: Money,
    pub lot: Money,
    pub moments: Vec<Moment>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    pub time: Time,
    pub what: What,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// So much is displayed at the price from now on.
    Level { side: Side, price: Price, qty: Qty },
    /// Somebody came and traded.
    Trade { side: Side, price: Price, qty: Qty },
}

/// Recorded by others and published under the MIT licence; `tapes/README.md` says where and how.
const BUNDLED: [&[u8]; 2] =
    [include_bytes!("../../tapes/btcusdt_spot.csv.gz"), include_bytes!("../../tapes/ethusd_perp.csv.gz")];

impl Tape {
    #[must_use]
    pub fn bundled() -> Vec<Self> {
        BUNDLED.iter().map(|bytes| Self::read(*bytes).expect("bundled tapes are sound")).collect()
    }

    /// # Errors
    /// When it cannot be read, or a line is not what this page says.
    pub fn read(from: impl Read) -> io::Result<Self> {
        let mut text = String::new();
        GzDecoder::new(from).read_to_string(&mut text)?;
        let mut lines = text.lines().zip(1..);
        let bad = |number: usize| io::Error::other(format!("line {number} of the tape makes no sense"));
        let (mut tape, mut time) = lines.next().and_then(|(line, _)| first(line)).ok_or_else(|| bad(1))?;
        for (line, number) in lines {
            let moment = parse(line, time).ok_or_else(|| bad(number))?;
            time = moment.time;
            tape.moments.push(moment);
        }
        Ok(tape)
    }

    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, to: impl Write) -> io::Result<()> {
        let mut out = GzEncoder::new(to, Compression::best());
        let mut time = self.begins();
        writeln!(out, "{},{},{},{}", self.name, self.tick, self.lot, time.0)?;
        for moment in &self.moments {
            let (letter, price, qty) = match moment.what {
                What::Level { side: Side::Buy, price, qty } => ('b', price, qty),
                What::Level { side: Side::Sell, price, qty } => ('a', price, qty),
                What::Trade { side: Side::Buy, price, qty } => ('B', price, qty),
                What::Trade { side: Side::Sell, price, qty } => ('S', price, qty),
            };
            writeln!(out, "{},{letter},{},{}", moment.time.0 - time.0, price.0, qty.0)?;
            time = moment.time;
        }
        out.finish()?.flush()
    }

    #[must_use]
    pub fn begins(&self) -> Time {
        self.moments.first().map_or(Time(0), |moment| moment.time)
    }

    #[must_use]
    pub fn ends(&self) -> Time {
        self.moments.last().map_or(Time(0), |moment| moment.time)
    }

    /// The moments from `start` on and before `end`.
    #[must_use]
    pub fn between(&self, start: Time, end: Time) -> &[Moment] {
        let at = |time| self.moments.partition_point(|moment| moment.time < time);
        self.moments.get(at(start)..at(end)).unwrap_or_default()
    }

    /// The trades from `start` on and before `end`: time, price in ticks, quantity in lots.
    pub fn trades(&self, start: Time, end: Time) -> impl Iterator<Item = (Time, i64, i64)> {
        self.between(start, end).iter().filter_map(|moment| match moment.what {
            What::Trade { price, qty, .. } => Some((moment.time, price.0, qty.0)),
            What::Level { .. } => None,
        })
    }
}

fn first(line: &str) -> Option<(Tape, Time)> {
    let [name, tick, lot, time] = line.split(',').collect::<Vec<_>>().try_into().ok()?;
    let (tick, lot) = (Money::parse(tick).ok()?, Money::parse(lot).ok()?);
    let begins = Time(time.parse().ok()?);
    Some((Tape { name: name.to_owned(), tick, lot, moments: Vec::new() }, begins))
}

fn parse(line: &str, before: Time) -> Option<Moment> {
    let [since, letter, price, qty] = line.split(',').collect::<Vec<_>>().try_into().ok()?;
    let since: i64 = since.parse().ok().filter(|since| *since >= 0)?;
    let (price, qty) = (Price(price.parse().ok()?), Qty(qty.parse().ok()?));
    let what = match letter {
        "b" => What::Level { side: Side::Buy, price, qty },
        "a" => What::Level { side: Side::Sell, price, qty },
        "B" => What::Trade { side: Side::Buy, price, qty },
        "S" => What::Trade { side: Side::Sell, price, qty },
        _ => return None,
    };
    Some(Moment { time: Time(before.0.checked_add(since)?), what })
}

#[cfg(test)]
mod tests {
    use super::{Moment, Tape, What};
    use model::{Money, Price, Qty, Side, Time};

    #[test]
    fn a_tape_is_read_as_it_was_written() {
        let at = |time, what| Moment { time: Time(time), what };
        let (side, price, qty) = (Side::Sell, Price(101), Qty(7));
        let moments = vec![at(5, What::Level { side, price, qty }), at(9, What::Trade { side, price, qty })];
        let tape = Tape { name: "a".to_owned(), tick: Money::ONE, lot: Money::ONE, moments };
        let mut bytes = Vec::new();
        tape.write(&mut bytes).unwrap();
        assert_eq!(Tape::read(bytes.as_slice()).unwrap(), tape);
        assert_eq!(tape.trades(Time(0), Time(9)).count(), 0);
        assert_eq!(tape.trades(Time(0), Time(10)).collect::<Vec<_>>(), [(Time(9), 101, 7)]);
        assert!(Tape::read(&b"no tape"[..]).is_err());
    }

    /// What the publisher's files come to, counted apart from this code.
    #[test]
    fn the_bundled_tapes_hold_every_trade() {
        let sum = |tape: &Tape| {
            tape.trades(Time::MIN, Time::MAX).fold((0, 0), |(n, q), (_, _, qty)| (n + 1, q + qty))
        };
        let [spot, perpetual] = Tape::bundled().try_into().unwrap();
        assert_eq!(sum(&spot), (9_756, 21_201_315));
        assert_eq!(sum(&perpetual), (1_732, 249_559));
        for tape in [spot, perpetual] {
            assert!(tape.moments.is_sorted_by_key(|moment| moment.time), "{}", tape.name);
        }
    }
}
