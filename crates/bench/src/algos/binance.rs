//! A tape from a Binance capture: lines of `local_ns json` with a REST snapshot of the book, depth updates and
//! trades. Everything is put in the order of the exchange's own clock, trades before the depth update that holds
//! what they did: a trade meets the book that was there before it. Of the book the best levels are kept.

use super::tape::{Moment, Tape, What};
use model::{Money, Price, Qty, Side, Time};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead};

/// Levels of each side that a tape keeps.
const LEVELS: usize = 50;

/// By price so that the best comes first, so many lots.
type Levels = BTreeMap<i64, i64>;

struct Maker {
    tape: Tape,
    /// Bids by their negative price, and asks: the whole of them, and what the tape shows.
    whole: [Levels; 2],
    shown: [Levels; 2],
    /// Where trades were since the last update: what is there now is said again.
    traded: [BTreeSet<i64>; 2],
    /// The number of the last depth update.
    last: u64,
    begun: bool,
}

const SIDES: [(Side, &str, &str); 2] = [(Side::Buy, "bids", "b"), (Side::Sell, "asks", "a")];

/// Makes the tape of a capture. Tick and lot are the instrument's.
///
/// # Errors
/// When it cannot be read, holds no snapshot, or a number does not fit tick or lot.
pub fn tape(name: &str, tick: Money, lot: Money, capture: impl BufRead) -> io::Result<Tape> {
    let mut snapshot = None;
    let mut updates = Vec::new();
    for line in capture.lines() {
        let line = line?;
        let json = line.split_once(' ').map_or("", |(_, json)| json);
        let mut value: Value = serde_json::from_str(json)?;
        if value.get("stream").is_none() {
            snapshot = snapshot.or(Some(value));
            continue;
        }
        let data = value["data"].take();
        let is_trade = data.get("t").is_some();
        if is_trade || data["e"] == "depthUpdate" {
            let clock = if data["T"].is_u64() { &data["T"] } else { &data["E"] };
            let millis = clock.as_i64().ok_or_else(|| bad("an update without its time"))?;
            updates.push((millis, !is_trade, data));
        }
    }
    // Stable: what has one time stays in the order it came.
    updates.sort_by_key(|(millis, is_depth, _)| (*millis, *is_depth));
    let tape = Tape { name: name.to_owned(), tick, lot, moments: Vec::new() };
    let mut maker = Maker {
        tape,
        whole: Default::default(),
        shown: Default::default(),
        traded: Default::default(),
        last: 0,
        begun: false,
    };
    maker.begin(&snapshot.ok_or_else(|| bad("no snapshot of the book"))?)?;
    for (millis, is_depth, data) in updates {
        let time = Time(millis.saturating_mul(1_000_000));
        if is_depth { maker.depth(time, &data)? } else { maker.trade(time, &data)? }
    }
    Ok(maker.tape)
}

fn bad(what: &str) -> io::Error {
    io::Error::other(format!("the capture has {what}"))
}

impl Maker {
    fn begin(&mut self, snapshot: &Value) -> io::Result<()> {
        self.last = snapshot["lastUpdateId"].as_u64().ok_or_else(|| bad("a snapshot without its number"))?;
        self.set(|name, _| &snapshot[name])
    }

    fn depth(&mut self, time: Time, update: &Value) -> io::Result<()> {
        let number = update["u"].as_u64().ok_or_else(|| bad("a depth update without its number"))?;
        if number > self.last {
            (self.last, self.begun) = (number, true);
            self.set(|_, letter| &update[letter])?;
            self.show(time);
        }
        Ok(())
    }

    fn set<'a>(&mut self, of: impl Fn(&str, &str) -> &'a Value) -> io::Result<()> {
        for ((side, name, letter), levels) in SIDES.into_iter().zip(&mut self.whole) {
            let all = of(name, letter).as_array().ok_or_else(|| bad("a book without its sides"))?;
            for level in all {
                // Far from the market there is dust from times of a finer lot.
                let whole = whole_lots(&level[1], self.tape.lot)?;
                let (price, qty) = pair(&level[0], &whole, &self.tape)?;
                let key = -price * side.sign();
                if qty == 0 {
                    levels.remove(&key)
                } else {
                    levels.insert(key, qty)
                };
            }
        }
        Ok(())
    }

    /// Writes down what has changed of the best levels: first what has gone, of both sides, so that the tape's
    /// book is at no moment crossed.
    fn show(&mut self, time: Time) {
        let best =
            |levels: &Levels| levels.iter().take(LEVELS).map(|(key, qty)| (*key, *qty)).collect::<Levels>();
        let now = [best(&self.whole[0]), best(&self.whole[1])];
        let (mut gone, mut set) = (Vec::new(), Vec::new());
        for (at, ((side, ..), now)) in SIDES.into_iter().zip(&now).enumerate() {
            let (before, traded) = (&self.shown[at], std::mem::take(&mut self.traded[at]));
            let level =
                |key: &i64, qty| What::Level { side, price: Price(-key * side.sign()), qty: Qty(qty) };
            gone.extend(before.keys().filter(|key| !now.contains_key(key)).map(|key| level(key, 0)));
            let changed =
                now.iter().filter(|(key, qty)| before.get(key) != Some(qty) || traded.contains(key));
            set.extend(changed.map(|(key, qty)| level(key, *qty)));
        }
        let what = gone.into_iter().chain(set);
        self.tape.moments.extend(what.map(|what| Moment { time, what }));
        self.shown = now;
    }

    /// Trades before the first update after the snapshot would meet a book that is not there yet.
    fn trade(&mut self, time: Time, trade: &Value) -> io::Result<()> {
        let (price, qty) = pair(&trade["p"], &trade["q"], &self.tape)?;
        let sold = trade["m"].as_bool().ok_or_else(|| bad("a trade without its side"))?;
        if self.begun && qty > 0 {
            let side = if sold { Side::Sell } else { Side::Buy };
            let what = What::Trade { side, price: Price(price), qty: Qty(qty) };
            self.tape.moments.push(Moment { time, what });
            self.meet(side, price, qty);
        }
        Ok(())
    }

    /// Notes where a trade meets the book that the tape shows. The next update may know nothing of it: what was
    /// there had gone in between, or what is beyond was taken in its place.
    fn meet(&mut self, side: Side, price: i64, qty: i64) {
        let against = usize::from(side == Side::Buy);
        let limit = price * side.sign();
        let mut left = qty;
        for (key, shown) in self.shown[against].range_mut(..=limit) {
            if left == 0 {
                break;
            }
            let met = left.min(*shown);
            (left, *shown) = (left - met, *shown - met);
            self.traded[against].insert(*key);
        }
    }
}

/// A quantity without what is no whole lot of it.
fn whole_lots(qty: &Value, lot: Money) -> io::Result<Value> {
    let qty = Money::parse(qty.as_str().unwrap_or_default()).or(Err(bad("a level without its quantity")))?;
    Ok(Value::String(Money(qty.0 - qty.0 % lot.0).to_string()))
}

/// Price in ticks and quantity in lots.
fn pair(price: &Value, qty: &Value, tape: &Tape) -> io::Result<(i64, i64)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (price, qty) = (text(price), text(qty));
    match (Price::parse(&price, tape.tick), Qty::parse(&qty, tape.lot)) {
        (Ok(price), Ok(qty)) => Ok((price.0, qty.0)),
        _ => Err(bad(&format!("a price of {price} or a quantity of {qty} that does not fit tick or lot"))),
    }
}

#[cfg(test)]
mod tests {
    use super::tape;
    use crate::algos::tape::{Moment, What};
    use model::{Money, Price, Qty, Side, Time};

    const CAPTURE: &str = r#"1 {"lastUpdateId":10,"bids":[["9","5"],["8","1.5"]],"asks":[["11","4"]]}
2 {"stream":"x@trade","data":{"e":"trade","T":99,"t":1,"p":"9","q":"1","m":true}}
3 {"stream":"x@depth","data":{"e":"depthUpdate","E":100,"u":10,"b":[["9","77"]],"a":[]}}
4 {"stream":"x@depth","data":{"e":"depthUpdate","E":100,"u":11,"b":[],"a":[["12","3"]]}}
5 {"stream":"x@depth","data":{"e":"depthUpdate","E":200,"u":12,"b":[["9","0"],["8","2"]],"a":[]}}
6 {"stream":"x@bookTicker","data":{"u":13,"b":"8","B":"2","a":"11","A":"4"}}
7 {"stream":"x@trade","data":{"e":"trade","T":200,"t":2,"p":"9","q":"5","m":true}}
8 {"stream":"x@trade","data":{"e":"trade","T":201,"t":3,"p":"0","q":"0","m":false}}
"#;

    #[test]
    fn a_trade_comes_before_the_update_that_holds_it() {
        let made = tape("x", Money::ONE, Money::ONE, CAPTURE.as_bytes()).unwrap();
        let level = |side, price, qty| What::Level { side, price: Price(price), qty: Qty(qty) };
        let trade = What::Trade { side: Side::Sell, price: Price(9), qty: Qty(5) };
        let expected = [
            (100, level(Side::Buy, 9, 5)),
            (100, level(Side::Buy, 8, 1)),
            (100, level(Side::Sell, 11, 4)),
            (100, level(Side::Sell, 12, 3)),
            (200, trade),
            (200, level(Side::Buy, 9, 0)),
            (200, level(Side::Buy, 8, 2)),
        ];
        let expected = expected.map(|(millis, what)| Moment { time: Time(millis * 1_000_000), what });
        assert_eq!(made.moments, expected);
    }

    #[test]
    fn what_is_no_capture_is_refused() {
        let check = |text: &str| tape("x", Money::ONE, Money::ONE, text.as_bytes()).unwrap_err().to_string();
        assert_eq!(check(""), "the capture has no snapshot of the book");
        let half = r#"1 {"lastUpdateId":10,"bids":[["9.5","5"]],"asks":[]}"#;
        assert_eq!(
            check(half),
            "the capture has a price of 9.5 or a quantity of 5 that does not fit tick or lot"
        );
    }
}
