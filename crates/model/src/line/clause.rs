//! What may follow an order's type, in any order, each once: its book, time in force, id, flags, place in the
//! queue, route, condition and origin.

use super::LineError;
use super::kind::{read_source, write_source};
use super::pen::Pen;
use super::reader::{Reader, one_of};
use crate::{Condition, Grid, NewOrder, PostOnly, Priority, Route, TimeInForce, TraceId, TriggerSource};

type Read<T> = Result<T, LineError>;

const CLAUSES: &str = "book, gtc, day, gtd, ioc, fok, at_open, at_close, id, post_only, reduce_only, stp, \
                       min, priority, deadline, route, if, confidence, trace";

pub(super) fn read(order: &mut NewOrder, reader: &mut Reader, grid: Option<Grid>) -> Read<()> {
    let (mut time_in_force, mut reduce_only, mut priority, mut route) = (None, None, None, None);
    while let Some(word) = reader.option() {
        if let Some(said) = read_time_in_force(word, reader)? {
            reader.once(&mut time_in_force, said)?;
            continue;
        }
        match word {
            "reduce_only" => reader.once(&mut reduce_only, true)?,
            "priority" => {
                let said = reader.choice("a priority")?;
                reader.once(&mut priority, said)?;
            }
            "route" => {
                let said = read_route(reader)?;
                reader.once(&mut route, said)?;
            }
            _ => read_slot(word, order, reader, grid)?,
        }
    }
    order.time_in_force = time_in_force.unwrap_or_default();
    order.reduce_only = reduce_only.unwrap_or_default();
    order.priority = priority.unwrap_or_default();
    order.route = route.unwrap_or_default();
    Ok(())
}

fn read_slot(word: &str, order: &mut NewOrder, reader: &mut Reader, grid: Option<Grid>) -> Read<()> {
    match word {
        "book" => {
            let book = reader.book_of(order.account)?;
            reader.once(&mut order.book, book)
        }
        "id" => {
            let id = reader.text("a client order id")?;
            reader.once(&mut order.client_order_id, id)
        }
        "post_only" => {
            let slide = reader.take("slide");
            reader.once(&mut order.post_only, if slide { PostOnly::Slide } else { PostOnly::Reject })
        }
        "stp" => {
            let mode = reader.choice("a mode of self-trade prevention")?;
            reader.once(&mut order.self_trade, mode)
        }
        "min" => {
            let qty = reader.qty("the least quantity to trade", grid)?;
            reader.once(&mut order.qty_min, qty)
        }
        "deadline" => {
            let time = reader.time("a moment")?;
            reader.once(&mut order.deadline, time)
        }
        "if" => {
            let condition = read_condition(order, reader)?;
            reader.once(&mut order.condition, condition)
        }
        "confidence" => {
            let rate = reader.rate("a share like 0.8")?;
            reader.once(&mut order.confidence, rate)
        }
        "trace" => {
            let trace = TraceId(reader.number("the number of a trace")?);
            reader.once(&mut order.trace, trace)
        }
        _ => Err(reader.unexpected(one_of(CLAUSES))),
    }
}

pub(super) fn write(order: &NewOrder, pen: &mut Pen, grid: Option<Grid>) {
    if order.time_in_force != TimeInForce::Gtc {
        write_time_in_force(order.time_in_force, pen);
    }
    if let Some(id) = &order.client_order_id {
        pen.word("id").text(id);
    }
    if let Some(post_only) = order.post_only {
        pen.word(if post_only == PostOnly::Slide { "post_only slide" } else { "post_only" });
    }
    if order.reduce_only {
        pen.word("reduce_only");
    }
    if let Some(mode) = order.self_trade {
        pen.word("stp").choice(mode);
    }
    if let Some(qty) = order.qty_min {
        pen.word("min").qty(qty, grid);
    }
    if let Some(book) = order.book {
        pen.word("book").book_of(order.account, book);
    }
    if order.priority != Priority::Normal {
        pen.word("priority").choice(order.priority);
    }
    if let Some(time) = order.deadline {
        pen.word("deadline").time(time);
    }
    write_route(order.route, pen);
    if let Some(condition) = order.condition {
        write_condition(condition, pen);
    }
    if let Some(rate) = order.confidence {
        pen.word("confidence").rate(rate);
    }
    if let Some(trace) = order.trace {
        pen.words("trace", trace);
    }
}

/// A time in force, if this word begins one.
pub(super) fn read_time_in_force(word: &str, reader: &mut Reader) -> Read<Option<TimeInForce>> {
    Ok(Some(match word {
        "gtc" => TimeInForce::Gtc,
        "day" => TimeInForce::Day,
        "gtd" => TimeInForce::Gtd(reader.time("the moment it ends")?),
        "ioc" => TimeInForce::Ioc,
        "fok" => TimeInForce::Fok,
        "at_open" => TimeInForce::AtOpen,
        "at_close" => TimeInForce::AtClose,
        _ => return Ok(None),
    }))
}

pub(super) fn write_time_in_force(time_in_force: TimeInForce, pen: &mut Pen) {
    match time_in_force {
        TimeInForce::Gtc => pen.word("gtc"),
        TimeInForce::Day => pen.word("day"),
        TimeInForce::Gtd(time) => pen.word("gtd").time(time),
        TimeInForce::Ioc => pen.word("ioc"),
        TimeInForce::Fok => pen.word("fok"),
        TimeInForce::AtOpen => pen.word("at_open"),
        TimeInForce::AtClose => pen.word("at_close"),
    };
}

fn read_route(reader: &mut Reader) -> Read<Route> {
    let expected = "listing, venue or smart";
    Ok(match reader.word(expected)? {
        "listing" => Route::Listing,
        "venue" => Route::Venue(reader.venue()?),
        "smart" => Route::Smart(reader.choice("how to spread the order")?),
        _ => return Err(reader.unexpected(expected)),
    })
}

fn write_route(route: Route, pen: &mut Pen) {
    match route {
        Route::Listing => pen,
        Route::Venue(venue) => pen.word("route venue").venue(venue),
        Route::Smart(plan) => pen.word("route smart").choice(plan),
    };
}

/// `if above BTC-USDT 100 [source mark]`, `if below …`, `if at TIME`, `if order #5 filled`.
fn read_condition(order: &NewOrder, reader: &mut Reader) -> Read<Condition> {
    let expected = "above, below, at or order";
    match reader.word(expected)? {
        side @ ("above" | "below") => {
            let instrument = reader.instrument()?;
            let grid = reader.grid(instrument);
            let price = reader.price("a price", grid)?;
            let source: TriggerSource = read_source(reader)?;
            Ok(if side == "above" {
                Condition::Above { instrument, price, source }
            } else {
                Condition::Below { instrument, price, source }
            })
        }
        "at" => Ok(Condition::At { time: reader.time("a moment")? }),
        "order" => {
            let order = reader.order_id(Some(order.account))?;
            Ok(Condition::Order { order, status: reader.choice("a status of an order")? })
        }
        _ => Err(reader.unexpected(expected)),
    }
}

fn write_condition(condition: Condition, pen: &mut Pen) {
    let (word, instrument, price, source) = match condition {
        Condition::Above { instrument, price, source } => ("if above", instrument, price, source),
        Condition::Below { instrument, price, source } => ("if below", instrument, price, source),
        Condition::At { time } => {
            pen.word("if at").time(time);
            return;
        }
        Condition::Order { order, status } => {
            pen.word("if order").order_id(order).choice(status);
            return;
        }
    };
    let grid = pen.grid(instrument);
    pen.word(word).instrument(instrument).price(price, grid);
    write_source(source, pen);
}
