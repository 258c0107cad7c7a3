//! Venues in words: `venue nyse outside requests 10 within_ns 1000000000`; and what they say and are asked: `report 3 alice at 2026-01-01T10:00:00Z filled #16777216 f9 0.5 @ 100
//! fee 0.1 USDT`. The venue by number, the account, the venue's own time, then what it says.

use super::LineError;
use super::clause::write_time_in_force;
use super::pen::Pen;
use super::reader::{Reader, one_of};
use super::{event, kind};
use crate::{
    AccountId, Command, Grid, Money, NewVenue, OrderId, OutsideTrade, Price, Priority, Qty, RequestBudget,
    TimeInForce, VenueAsk, VenueFill, VenueReport, VenueRequest, VenueSay,
};

type Read<T> = Result<T, LineError>;

pub(super) fn read(verb: &str, reader: &mut Reader) -> Read<Option<Command>> {
    match verb {
        "venue" => read_venue(reader).map(|venue| Some(Command::DefineVenue(Box::new(venue)))),
        "report" => read_report(reader).map(|report| Some(Command::Venue(Box::new(report)))),
        _ => Ok(None),
    }
}

/// `nyse outside [requests 10 within_ns 1000000000] [patience_ns 5000000000]`
fn read_venue(reader: &mut Reader) -> Read<NewVenue> {
    let name = reader.text("a name")?;
    let kind = reader.choice("a kind of venue")?;
    let (mut budget, mut patience_ns) = (None, None);
    while let Some(word) = reader.option() {
        match word {
            "requests" => {
                let requests = reader.number("a count")?;
                reader.expect("within_ns")?;
                let window_ns = reader.number("nanoseconds")?;
                reader.once(&mut budget, RequestBudget { requests, window_ns })?;
            }
            "patience_ns" => {
                let ns = reader.number("nanoseconds")?;
                reader.once(&mut patience_ns, ns)?;
            }
            _ => return Err(reader.unexpected(one_of("requests, patience_ns"))),
        }
    }
    Ok(NewVenue { name, kind, budget, patience_ns: patience_ns.unwrap_or(NewVenue::PATIENCE_NS) })
}

pub(super) fn write_venue(verb: &str, venue: &NewVenue, pen: &mut Pen) {
    pen.word(verb).text(&venue.name).choice(venue.kind);
    if let Some(budget) = venue.budget {
        pen.words("requests", budget.requests).words("within_ns", budget.window_ns);
    }
    if venue.patience_ns != NewVenue::PATIENCE_NS {
        pen.words("patience_ns", venue.patience_ns);
    }
}

fn read_report(reader: &mut Reader) -> Read<VenueReport> {
    let venue = reader.venue()?;
    let account = reader.account()?;
    reader.expect("at")?;
    let time = reader.time("the venue's time")?;
    let say = read_say(account, reader)?;
    Ok(VenueReport { venue, account, time, say })
}

pub(super) fn write(command: &Command, pen: &mut Pen) -> bool {
    match command {
        Command::Venue(report) => {
            write_report("report", report, pen);
            true
        }
        Command::DefineVenue(venue) => {
            write_venue("venue", venue, pen);
            true
        }
        _ => false,
    }
}

pub(super) fn write_report(verb: &str, report: &VenueReport, pen: &mut Pen) {
    pen.word(verb).venue(report.venue).account(report.account).word("at").time(report.time);
    write_say(&report.say, pen);
}

const SAYS: [&str; 15] = [
    "accepted",
    "rejected",
    "filled",
    "cancelled",
    "replaced",
    "cancel_rejected",
    "replace_rejected",
    "expired",
    "silent",
    "not_found",
    "position",
    "balance",
    "up",
    "down",
    "reconciled",
];

fn read_say(account: AccountId, reader: &mut Reader) -> Read<VenueSay> {
    let expected = "what the venue says";
    Ok(match reader.word(expected)? {
        "position" => {
            let instrument = reader.instrument()?;
            let qty = reader.qty("a quantity", reader.grid(instrument))?;
            reader.expect("cost")?;
            VenueSay::Position { instrument, qty, cost: reader.money("an amount")? }
        }
        "balance" => {
            let asset = reader.asset()?;
            reader.expect("total")?;
            let total = reader.money("an amount")?;
            reader.expect("available")?;
            VenueSay::Balance { asset, total, available: reader.money("an amount")? }
        }
        "up" => VenueSay::Up,
        "down" => VenueSay::Down,
        "reconciled" => VenueSay::Reconciled,
        word if SAYS.contains(&word) => read_of_order(word, account, reader)?,
        _ => return Err(reader.unexpected(expected).among(SAYS.iter().map(ToString::to_string))),
    })
}

fn read_of_order(word: &str, account: AccountId, reader: &mut Reader) -> Read<VenueSay> {
    let order = reader.order_id(Some(account))?;
    let grid = reader.orders.instrument_of(order).and_then(|id| reader.grid(id));
    Ok(match word {
        "accepted" => VenueSay::Accepted { order, venue_order: reader.text("the venue's order id")? },
        "rejected" => VenueSay::Rejected { order, code: reader.text("the venue's code")? },
        "filled" => VenueSay::Filled(read_fill(order, reader, grid)?),
        "cancelled" => VenueSay::Cancelled { order, left: read_left(reader, grid)? },
        "replaced" => {
            reader.expect("qty")?;
            let qty = reader.qty("a quantity", grid)?;
            let price = if reader.take("@") { Some(reader.price("a price", grid)?) } else { None };
            VenueSay::Replaced { order, qty, price }
        }
        "cancel_rejected" => VenueSay::CancelRejected { order, code: reader.text("the venue's code")? },
        "replace_rejected" => VenueSay::ReplaceRejected { order, code: reader.text("the venue's code")? },
        "expired" => VenueSay::Expired { order, left: read_left(reader, grid)? },
        "silent" => VenueSay::Silent { order },
        _ => VenueSay::NotFound { order },
    })
}

fn read_left(reader: &mut Reader, grid: Option<Grid>) -> Read<Qty> {
    reader.expect("left")?;
    reader.qty("a quantity", grid)
}

fn read_fill(order: OrderId, reader: &mut Reader, grid: Option<Grid>) -> Read<VenueFill> {
    let fill = reader.text("the venue's fill id")?;
    let qty = reader.qty("a quantity", grid)?;
    reader.expect("@")?;
    let price = reader.price("a price", grid)?;
    reader.expect("fee")?;
    let fee = reader.money("an amount")?;
    Ok(VenueFill { order, fill, price, qty, fee, fee_asset: reader.asset()? })
}

fn write_say(say: &VenueSay, pen: &mut Pen) {
    match say {
        VenueSay::Accepted { order, venue_order } => pen.word("accepted").order_id(*order).text(venue_order),
        VenueSay::Rejected { order, code } => pen.word("rejected").order_id(*order).text(code),
        VenueSay::Filled(fill) => {
            let grid = pen.grid_of(fill.order);
            pen.word("filled").order_id(fill.order).text(&fill.fill).qty(fill.qty, grid);
            pen.word("@").price(fill.price, grid).word("fee").money(fill.fee).asset(fill.fee_asset)
        }
        VenueSay::Cancelled { order, left } => write_left("cancelled", *order, *left, pen),
        VenueSay::Replaced { order, qty, price } => {
            write_replace("replaced", *order, *qty, *price, pen);
            pen
        }
        VenueSay::CancelRejected { order, code } => pen.word("cancel_rejected").order_id(*order).text(code),
        VenueSay::ReplaceRejected { order, code } => pen.word("replace_rejected").order_id(*order).text(code),
        VenueSay::Expired { order, left } => write_left("expired", *order, *left, pen),
        VenueSay::Silent { order } => pen.word("silent").order_id(*order),
        VenueSay::NotFound { order } => pen.word("not_found").order_id(*order),
        VenueSay::Position { instrument, qty, cost } => {
            let grid = pen.grid(*instrument);
            pen.word("position").instrument(*instrument).qty(*qty, grid).word("cost").money(*cost)
        }
        VenueSay::Balance { asset, total, available } => {
            pen.word("balance").asset(*asset).word("total").money(*total).word("available").money(*available)
        }
        VenueSay::Up => pen.word("up"),
        VenueSay::Down => pen.word("down"),
        VenueSay::Reconciled => pen.word("reconciled"),
    };
}

fn write_left<'p, 'a>(word: &str, order: OrderId, left: Qty, pen: &'p mut Pen<'a>) -> &'p mut Pen<'a> {
    let grid = pen.grid_of(order);
    pen.word(word).order_id(order).word("left").qty(left, grid)
}

fn write_replace(word: &str, order: OrderId, qty: Qty, price: Option<Price>, pen: &mut Pen) {
    pen.word(word).order_id(order);
    write_to(order, qty, price, pen);
}

fn write_to(order: OrderId, qty: Qty, price: Option<Price>, pen: &mut Pen) {
    let grid = pen.grid_of(order);
    pen.word("qty").qty(qty, grid);
    if let Some(price) = price {
        pen.word("@").price(price, grid);
    }
}

/// `trade_outside nyse AAPL.NYSE 0.3 @ 100 sell a1 left 0.2 fee 0.1 USD`
pub(super) fn write_trade(trade: &OutsideTrade, pen: &mut Pen) {
    let grid = pen.grid(trade.instrument);
    pen.word("trade_outside").venue(trade.venue).instrument(trade.instrument).qty(trade.qty, grid).word("@");
    pen.price(trade.price, grid).choice(trade.side).order(trade.order);
    if trade.left == Qty::ZERO {
        pen.word("filled");
    } else {
        pen.word("left").qty(trade.left, grid);
    }
    if trade.fee != Money::ZERO {
        pen.word("fee").money(trade.fee).asset(trade.fee_asset);
    }
}

/// What a venue is asked; only ever an event, so it is not read back.
pub(super) fn write_request(verb: &str, request: &VenueRequest, pen: &mut Pen) {
    pen.word(verb).venue(request.venue).account(request.account);
    match &request.ask {
        VenueAsk::Submit { order, instrument, side, qty, kind, time_in_force, reduce_only } => {
            let grid = pen.grid(*instrument);
            pen.word("submit").order(*order).choice(*side).qty(*qty, grid).instrument(*instrument);
            kind::write(kind, pen, grid);
            if *time_in_force != TimeInForce::Gtc {
                write_time_in_force(*time_in_force, pen);
            }
            event::flag("reduce_only", *reduce_only, pen);
        }
        VenueAsk::Cancel { order } => {
            pen.word("cancel").order(*order);
        }
        VenueAsk::Replace { order, qty, price } => {
            pen.word("replace").order(*order);
            write_to(*order, *qty, *price, pen);
        }
        VenueAsk::Query { order } => {
            pen.word("query").order(*order);
        }
        VenueAsk::Reconcile => {
            pen.word("reconcile");
        }
    }
    if request.priority != Priority::Normal {
        pen.word("priority").choice(request.priority);
    }
    if let Some(deadline) = request.deadline {
        pen.word("deadline").time(deadline);
    }
}
