//! Order types in words: `@ 100`, `market`, `stop 95 @ 94 source mark`, `trail percent 0.02`,
//! `iceberg @ 100 display 1`, `hidden @ 100`, `pegged mid offset -0.05`.

use super::LineError;
use super::pen::Pen;
use super::reader::Reader;
use crate::{Grid, OrderType, PegTo, Price, Trail, TrailBy, Trigger, TriggerSource};

type Read<T> = Result<T, LineError>;

const KINDS: [&str; 9] =
    ["@", "market", "stop", "touch", "trail", "iceberg", "hidden", "market_to_limit", "pegged"];

pub(super) fn read(reader: &mut Reader, grid: Option<Grid>) -> Read<OrderType> {
    let expected = "an order type";
    Ok(match reader.word(expected)? {
        "@" => OrderType::Limit { price: reader.price("a price", grid)? },
        "market" => OrderType::Market,
        "stop" => match read_trigger(reader, grid)? {
            (trigger, Some(price)) => OrderType::StopLimit { trigger, price },
            (trigger, None) => OrderType::Stop { trigger },
        },
        "touch" => match read_trigger(reader, grid)? {
            (trigger, Some(price)) => OrderType::LimitIfTouched { trigger, price },
            (trigger, None) => OrderType::MarketIfTouched { trigger },
        },
        "trail" => {
            let trail = Box::new(read_trail(reader, grid)?);
            if reader.take("limit_offset") {
                let limit_offset = reader.distance("a distance in price", grid)?;
                OrderType::TrailingStopLimit { trail, limit_offset }
            } else {
                OrderType::TrailingStop { trail }
            }
        }
        "iceberg" => {
            let price = read_at(reader, grid)?;
            reader.expect("display")?;
            OrderType::Iceberg { price, display: reader.qty("a quantity to show", grid)? }
        }
        "hidden" => OrderType::Hidden { price: read_at(reader, grid)? },
        "market_to_limit" => OrderType::MarketToLimit,
        "pegged" => read_pegged(reader, grid)?,
        _ => return Err(reader.unexpected(expected).among(KINDS.iter().map(ToString::to_string))),
    })
}

pub(super) fn write(kind: &OrderType, pen: &mut Pen, grid: Option<Grid>) {
    match kind {
        OrderType::Limit { price } => pen.word("@").price(*price, grid),
        OrderType::Market => pen.word("market"),
        OrderType::Stop { trigger } => write_trigger("stop", trigger, None, pen, grid),
        OrderType::StopLimit { trigger, price } => write_trigger("stop", trigger, Some(*price), pen, grid),
        OrderType::MarketIfTouched { trigger } => write_trigger("touch", trigger, None, pen, grid),
        OrderType::LimitIfTouched { trigger, price } => {
            write_trigger("touch", trigger, Some(*price), pen, grid)
        }
        OrderType::TrailingStop { trail } => write_trail(trail, pen, grid),
        OrderType::TrailingStopLimit { trail, limit_offset } => {
            write_trail(trail, pen, grid).word("limit_offset").distance(*limit_offset, grid)
        }
        OrderType::Iceberg { price, display } => {
            pen.word("iceberg @").price(*price, grid).word("display").qty(*display, grid)
        }
        OrderType::Hidden { price } => pen.word("hidden @").price(*price, grid),
        OrderType::MarketToLimit => pen.word("market_to_limit"),
        OrderType::Pegged { to, offset, limit } => {
            pen.word("pegged").choice(*to).word("offset").distance(*offset, grid);
            match limit {
                Some(limit) => pen.word("limit").price(*limit, grid),
                None => pen,
            }
        }
    };
}

fn read_at(reader: &mut Reader, grid: Option<Grid>) -> Read<Price> {
    reader.expect("@")?;
    reader.price("a price", grid)
}

/// `95 [@ 94] [source mark]`
fn read_trigger(reader: &mut Reader, grid: Option<Grid>) -> Read<(Trigger, Option<Price>)> {
    let price = reader.price("a price that sets it off", grid)?;
    let limit = if reader.take("@") { Some(reader.price("a price", grid)?) } else { None };
    let source = read_source(reader)?;
    Ok((Trigger { price, source }, limit))
}

fn write_trigger<'p, 'a>(
    word: &str,
    trigger: &Trigger,
    limit: Option<Price>,
    pen: &'p mut Pen<'a>,
    grid: Option<Grid>,
) -> &'p mut Pen<'a> {
    pen.word(word).price(trigger.price, grid);
    if let Some(limit) = limit {
        pen.word("@").price(limit, grid);
    }
    write_source(trigger.source, pen)
}

pub(super) fn read_source(reader: &mut Reader) -> Read<TriggerSource> {
    if reader.take("source") { reader.choice("a source of prices") } else { Ok(TriggerSource::Last) }
}

pub(super) fn write_source<'p, 'a>(source: TriggerSource, pen: &'p mut Pen<'a>) -> &'p mut Pen<'a> {
    if source == TriggerSource::Last { pen } else { pen.word("source").choice(source) }
}

/// `amount 5 | percent 0.02 | ticks 500 [activation 110] [step 1] [source mark]`
fn read_trail(reader: &mut Reader, grid: Option<Grid>) -> Read<Trail> {
    let expected = "amount, percent or ticks";
    let by = match reader.word(expected)? {
        "amount" => TrailBy::Amount(reader.distance("a distance in price", grid)?),
        "percent" => TrailBy::Percent(reader.rate("a share like 0.02")?),
        "ticks" => TrailBy::Ticks(reader.number("a number of ticks")?),
        _ => return Err(reader.unexpected(expected)),
    };
    let activation = if reader.take("activation") { Some(reader.price("a price", grid)?) } else { None };
    let step = if reader.take("step") { Some(reader.distance("a distance in price", grid)?) } else { None };
    Ok(Trail { by, activation, step, source: read_source(reader)? })
}

fn write_trail<'p, 'a>(trail: &Trail, pen: &'p mut Pen<'a>, grid: Option<Grid>) -> &'p mut Pen<'a> {
    pen.word("trail");
    match trail.by {
        TrailBy::Amount(distance) => pen.word("amount").distance(distance, grid),
        TrailBy::Percent(rate) => pen.word("percent").rate(rate),
        TrailBy::Ticks(ticks) => pen.words("ticks", ticks),
    };
    if let Some(price) = trail.activation {
        pen.word("activation").price(price, grid);
    }
    if let Some(step) = trail.step {
        pen.word("step").distance(step, grid);
    }
    write_source(trail.source, pen)
}

fn read_pegged(reader: &mut Reader, grid: Option<Grid>) -> Read<OrderType> {
    let to: PegTo = reader.choice("what the order is pegged to")?;
    let offset = if reader.take("offset") { reader.distance("a distance in price", grid)? } else { 0 };
    let limit = if reader.take("limit") { Some(reader.price("a price", grid)?) } else { None };
    Ok(OrderType::Pegged { to, offset, limit })
}
