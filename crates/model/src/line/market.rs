//! Time and the market in words: `time`, `quote BTC-USDT bid 100 x 5 ask 101 x 3`, `print`, `mark`,
//! `funding`, `borrow`, `statistic`. The venue is ours (0) unless said.

use super::LineError;
use super::pen::Pen;
use super::reader::{Reader, one_of};
use super::risk::{read_scope, write_scope};
use crate::{Borrow, Command, Funding, Grid, Level, Mark, Print, Quote, Statistic, VenueId};

type Read<T> = Result<T, LineError>;

pub(super) fn read(verb: &str, reader: &mut Reader) -> Read<Option<Command>> {
    Ok(Some(match verb {
        "time" => Command::AdvanceTime,
        "quote" => Command::Quote(read_quote(reader)?),
        "print" => Command::Print(read_print(reader)?),
        "mark" => {
            let instrument = reader.instrument()?;
            let price = reader.price("a price", reader.grid(instrument))?;
            Command::Mark(Mark { instrument, price })
        }
        "funding" => {
            let instrument = reader.instrument()?;
            Command::Funding(Funding { instrument, rate: reader.rate("a rate like 0.0001")? })
        }
        "borrow" => {
            let instrument = reader.instrument()?;
            Command::Borrow(Borrow { instrument, rate: reader.rate("a rate like 0.0001")? })
        }
        "statistic" => Command::Statistic(read_statistic(reader)?),
        _ => return Ok(None),
    }))
}

pub(super) fn write(command: &Command, pen: &mut Pen) -> bool {
    match command {
        Command::AdvanceTime => {
            pen.word("time");
        }
        Command::Quote(quote) => write_quote("quote", quote, pen),
        Command::Print(print) => write_print("print", print, pen),
        Command::Mark(mark) => write_mark("mark", mark, pen),
        Command::Funding(Funding { instrument, rate }) => {
            pen.word("funding").instrument(*instrument).rate(*rate);
        }
        Command::Borrow(Borrow { instrument, rate }) => {
            pen.word("borrow").instrument(*instrument).rate(*rate);
        }
        Command::Statistic(statistic) => {
            pen.word("statistic");
            write_statistic(statistic, pen);
        }
        _ => return false,
    }
    true
}

fn read_venue(reader: &mut Reader) -> Read<VenueId> {
    if reader.take("venue") { reader.venue() } else { Ok(VenueId(0)) }
}

fn write_venue(venue: VenueId, pen: &mut Pen) {
    if venue != VenueId(0) {
        pen.word("venue").venue(venue);
    }
}

fn read_quote(reader: &mut Reader) -> Read<Quote> {
    let instrument = reader.instrument()?;
    let grid = reader.grid(instrument);
    let venue = read_venue(reader)?;
    let (mut bid, mut ask) = (None, None);
    while let Some(word) = reader.option() {
        let slot = match word {
            "bid" => &mut bid,
            "ask" => &mut ask,
            _ => return Err(reader.unexpected(one_of("bid, ask"))),
        };
        let level = read_level(reader, grid)?;
        reader.once(slot, level)?;
    }
    Ok(Quote { instrument, venue, bid, ask })
}

fn read_level(reader: &mut Reader, grid: Option<Grid>) -> Read<Level> {
    let price = reader.price("a price", grid)?;
    reader.expect("x")?;
    Ok(Level { price, qty: reader.qty("a quantity", grid)? })
}

pub(super) fn write_quote(verb: &str, quote: &Quote, pen: &mut Pen) {
    let grid = pen.grid(quote.instrument);
    pen.word(verb).instrument(quote.instrument);
    write_venue(quote.venue, pen);
    for (word, level) in [("bid", quote.bid), ("ask", quote.ask)] {
        if let Some(Level { price, qty }) = level {
            pen.word(word).price(price, grid).word("x").qty(qty, grid);
        }
    }
}

fn read_print(reader: &mut Reader) -> Read<Print> {
    let instrument = reader.instrument()?;
    let grid = reader.grid(instrument);
    let venue = read_venue(reader)?;
    let qty = reader.qty("a quantity", grid)?;
    reader.expect("@")?;
    Ok(Print { instrument, venue, price: reader.price("a price", grid)?, qty })
}

pub(super) fn write_print(verb: &str, print: &Print, pen: &mut Pen) {
    let grid = pen.grid(print.instrument);
    pen.word(verb).instrument(print.instrument);
    write_venue(print.venue, pen);
    pen.qty(print.qty, grid).word("@").price(print.price, grid);
}

pub(super) fn write_mark(verb: &str, mark: &Mark, pen: &mut Pen) {
    let grid = pen.grid(mark.instrument);
    pen.word(verb).instrument(mark.instrument).price(mark.price, grid);
}

const STATISTICS: [&str; 6] =
    ["volatility", "correlation", "average_volume", "value_at_risk", "expected_shortfall", "fx_rate"];

fn read_statistic(reader: &mut Reader) -> Read<Statistic> {
    let expected = "a statistic";
    Ok(match reader.word(expected)? {
        "volatility" => {
            let instrument = reader.instrument()?;
            Statistic::Volatility { instrument, value: reader.rate("a volatility like 0.35")? }
        }
        "correlation" => {
            let (a, b) = (reader.instrument()?, reader.instrument()?);
            Statistic::Correlation { a, b, value: reader.rate("a correlation like -0.2")? }
        }
        "average_volume" => {
            let instrument = reader.instrument()?;
            let value = reader.qty("a quantity", reader.grid(instrument))?;
            Statistic::AverageVolume { instrument, value }
        }
        "value_at_risk" => {
            let (scope, asset) = (read_scope(reader)?, reader.asset()?);
            Statistic::ValueAtRisk { scope, asset, value: reader.money("an amount")? }
        }
        "expected_shortfall" => {
            let (scope, asset) = (read_scope(reader)?, reader.asset()?);
            Statistic::ExpectedShortfall { scope, asset, value: reader.money("an amount")? }
        }
        "fx_rate" => {
            let (from, to) = (reader.asset()?, reader.asset()?);
            Statistic::FxRate { from, to, value: reader.money("what one unit of the first is worth")? }
        }
        _ => return Err(reader.unexpected(expected).among(STATISTICS.iter().map(ToString::to_string))),
    })
}

fn write_statistic(statistic: &Statistic, pen: &mut Pen) {
    match statistic {
        Statistic::Volatility { instrument, value } => {
            pen.word("volatility").instrument(*instrument).rate(*value);
        }
        Statistic::Correlation { a, b, value } => {
            pen.word("correlation").instrument(*a).instrument(*b).rate(*value);
        }
        Statistic::AverageVolume { instrument, value } => {
            let grid = pen.grid(*instrument);
            pen.word("average_volume").instrument(*instrument).qty(*value, grid);
        }
        Statistic::ValueAtRisk { scope, asset, value } => {
            pen.word("value_at_risk");
            write_scope(*scope, pen).asset(*asset).money(*value);
        }
        Statistic::ExpectedShortfall { scope, asset, value } => {
            pen.word("expected_shortfall");
            write_scope(*scope, pen).asset(*asset).money(*value);
        }
        Statistic::FxRate { from, to, value } => {
            pen.word("fx_rate").asset(*from).asset(*to).money(*value);
        }
    }
}
