//! Orders in words: `buy alice 0.5 BTC-USDT @ 100 ioc id c1`; their cancels, changes and groups.
//! First who, how much and what, then the type (`kind.rs`), then clauses in any order (`clause.rs`).

use super::pen::Pen;
use super::reader::{Reader, one_of};
use super::words::Worded;
use super::{LineError, algo, clause, kind};
use crate::{CancelOrder, Changes, Command, GroupId, ModifyOrder, NewGroup, NewOrder, OrderFilter, Side};

type Read<T> = Result<T, LineError>;

pub(super) fn read(verb: &str, reader: &mut Reader) -> Read<Option<Command>> {
    Ok(Some(match verb {
        "buy" => Command::PlaceOrder(read_rest_of_order(Side::Buy, reader)?),
        "sell" => Command::PlaceOrder(read_rest_of_order(Side::Sell, reader)?),
        "cancel" => {
            let account = reader.account()?;
            Command::CancelOrder(CancelOrder { account, order: reader.order_ref()? })
        }
        "modify" => Command::ModifyOrder(read_modify(reader)?),
        "cancel_all" => Command::CancelMany(read_filter(reader)?),
        "cancel_abandoned" => Command::CancelAbandoned(read_filter(reader)?),
        "oco" | "oto" | "bracket" => Command::PlaceGroup(Box::new(read_group(verb, reader)?)),
        "cancel_group" => {
            let account = reader.account()?;
            Command::CancelGroup { account, group: GroupId(reader.number("the number of a group")?) }
        }
        "algo" => Command::PlaceAlgo(Box::new(algo::read(reader)?)),
        "cancel_algo" => {
            let account = reader.account()?;
            Command::CancelAlgo { account, algo: crate::AlgoId(reader.number("the number of an algo")?) }
        }
        _ => return Ok(None),
    }))
}

pub(super) fn write(command: &Command, pen: &mut Pen) -> bool {
    match command {
        Command::PlaceOrder(order) => write_order(order, pen),
        Command::CancelOrder(CancelOrder { account, order }) => {
            pen.word("cancel").account(*account).order_ref(*order);
        }
        Command::ModifyOrder(modify) => write_modify(modify, pen),
        Command::CancelMany(filter) => write_filter("cancel_all", filter, pen),
        Command::CancelAbandoned(filter) => write_filter("cancel_abandoned", filter, pen),
        Command::PlaceGroup(group) => write_group(group, pen),
        Command::CancelGroup { account, group } => {
            pen.word("cancel_group").account(*account).word(group);
        }
        Command::PlaceAlgo(algo) => algo::write(algo, pen),
        Command::CancelAlgo { account, algo } => {
            pen.word("cancel_algo").account(*account).word(algo);
        }
        _ => return false,
    }
    true
}

fn read_rest_of_order(side: Side, reader: &mut Reader) -> Read<NewOrder> {
    let account = reader.account()?;
    let amount = reader.pass("a quantity")?;
    let instrument = reader.instrument()?;
    let grid = reader.grid(instrument);
    let qty = reader.read_passed(amount, |reader| reader.qty("a quantity", grid))?;
    let kind = kind::read(reader, grid)?;
    let mut order = NewOrder::new(account, instrument, side, qty, kind);
    clause::read(&mut order, reader, grid)?;
    Ok(order)
}

fn write_order(order: &NewOrder, pen: &mut Pen) {
    let grid = pen.grid(order.instrument);
    pen.choice(order.side).account(order.account).qty(order.qty, grid).instrument(order.instrument);
    kind::write(&order.kind, pen, grid);
    clause::write(order, pen, grid);
}

/// `[ buy alice 1 BTC-USDT @ 100 ]`: an order inside another command.
pub(super) fn read_nested(reader: &mut Reader) -> Read<NewOrder> {
    reader.expect("[")?;
    let side: Side = reader.choice("a side")?;
    let order = read_rest_of_order(side, reader)?;
    reader.expect("]")?;
    Ok(order)
}

pub(super) fn write_nested(order: &NewOrder, pen: &mut Pen) {
    pen.word("[");
    write_order(order, pen);
    pen.word("]");
}

fn read_group(verb: &str, reader: &mut Reader) -> Read<NewGroup> {
    let first = Box::new(read_nested(reader)?);
    match verb {
        "oco" => Ok(NewGroup::Oco { first, second: Box::new(read_nested(reader)?) }),
        "oto" => {
            let mut then = Vec::new();
            while reader.peek().is_some() {
                then.push(read_nested(reader)?);
            }
            Ok(NewGroup::Oto { first, then })
        }
        _ => {
            let (mut stop, mut target) = (None, None);
            while let Some(word) = reader.option() {
                let slot = match word {
                    "stop" => &mut stop,
                    "target" => &mut target,
                    _ => return Err(reader.unexpected(one_of("stop, target"))),
                };
                let order = Box::new(read_nested(reader)?);
                reader.once(slot, order)?;
            }
            Ok(NewGroup::Bracket { entry: first, stop, target })
        }
    }
}

fn write_group(group: &NewGroup, pen: &mut Pen) {
    match group {
        NewGroup::Oco { first, second } => {
            pen.word("oco");
            write_nested(first, pen);
            write_nested(second, pen);
        }
        NewGroup::Oto { first, then } => {
            pen.word("oto");
            write_nested(first, pen);
            then.iter().for_each(|order| write_nested(order, pen));
        }
        NewGroup::Bracket { entry, stop, target } => {
            pen.word("bracket");
            write_nested(entry, pen);
            for (word, order) in [("stop", stop), ("target", target)] {
                if let Some(order) = order {
                    pen.word(word);
                    write_nested(order, pen);
                }
            }
        }
    }
}

const CHANGES: &str = "of, qty, price, trigger, display, peg_offset, or a time in force";

fn read_modify(reader: &mut Reader) -> Read<ModifyOrder> {
    let account = reader.account()?;
    let order = reader.order_ref()?;
    let instrument =
        if reader.take("of") { Some(reader.instrument()?) } else { reader.orders.instrument(account, order) };
    let grid = instrument.and_then(|id| reader.grid(id));
    let mut changes = Changes::default();
    while let Some(word) = reader.option() {
        if let Some(time_in_force) = clause::read_time_in_force(word, reader)? {
            reader.once(&mut changes.time_in_force, time_in_force)?;
            continue;
        }
        match word {
            "qty" => {
                let qty = reader.qty("the new total quantity", grid)?;
                reader.once(&mut changes.qty, qty)?;
            }
            "price" | "trigger" => {
                let price = reader.price("a price", grid)?;
                let slot = if word == "price" { &mut changes.price } else { &mut changes.trigger };
                reader.once(slot, price)?;
            }
            "display" => {
                let qty = reader.qty("a quantity to show", grid)?;
                reader.once(&mut changes.display, qty)?;
            }
            "peg_offset" => {
                let offset = reader.distance("a distance in price", grid)?;
                reader.once(&mut changes.peg_offset, offset)?;
            }
            _ => return Err(reader.unexpected(one_of(CHANGES))),
        }
    }
    Ok(ModifyOrder { account, order, changes })
}

fn write_modify(modify: &ModifyOrder, pen: &mut Pen) {
    let instrument = pen.orders.instrument(modify.account, modify.order);
    let grid = instrument.and_then(|id| pen.grid(id));
    pen.word("modify").account(modify.account).order_ref(modify.order);
    write_changes(&modify.changes, pen, grid);
}

pub(super) fn write_changes(changes: &Changes, pen: &mut Pen, grid: Option<crate::Grid>) {
    let Changes { qty, price, trigger, display, time_in_force, peg_offset } = changes;
    for (word, value) in [("qty", qty), ("display", display)] {
        if let Some(qty) = value {
            pen.word(word).qty(*qty, grid);
        }
    }
    for (word, value) in [("price", price), ("trigger", trigger)] {
        if let Some(price) = value {
            pen.word(word).price(*price, grid);
        }
    }
    if let Some(time_in_force) = time_in_force {
        clause::write_time_in_force(*time_in_force, pen);
    }
    if let Some(offset) = peg_offset {
        pen.word("peg_offset").distance(*offset, grid);
    }
}

/// `cancel [account …]` or `keep`: what is to become of orders when a connection ends.
pub(super) fn read_farewell(reader: &mut Reader) -> Read<Option<OrderFilter>> {
    let expected = one_of("cancel, keep");
    match reader.word(&expected)? {
        "cancel" => read_filter(reader).map(Some),
        "keep" => Ok(None),
        _ => Err(reader.unexpected(expected)),
    }
}

pub(super) fn write_farewell(farewell: Option<&OrderFilter>, pen: &mut Pen) {
    match farewell {
        Some(filter) => write_filter("on_disconnect cancel", filter, pen),
        None => drop(pen.word("on_disconnect keep")),
    }
}

fn read_filter(reader: &mut Reader) -> Read<OrderFilter> {
    let mut filter = OrderFilter::default();
    while let Some(word) = reader.option() {
        match word {
            "account" => {
                let account = reader.account()?;
                reader.once(&mut filter.account, account)?;
            }
            "book" => {
                let book = reader.book()?;
                reader.once(&mut filter.book, book)?;
            }
            "instrument" => {
                let instrument = reader.instrument()?;
                reader.once(&mut filter.instrument, instrument)?;
            }
            "side" => {
                let side = reader.choice("a side")?;
                reader.once(&mut filter.side, side)?;
            }
            "group" => {
                let group = GroupId(reader.number("the number of a group")?);
                reader.once(&mut filter.group, group)?;
            }
            _ => return Err(reader.unexpected(one_of("account, book, instrument, side, group"))),
        }
    }
    Ok(filter)
}

fn write_filter(verb: &str, filter: &OrderFilter, pen: &mut Pen) {
    let OrderFilter { account, book, instrument, side, group } = filter;
    pen.word(verb);
    if let Some(account) = account {
        pen.word("account").account(*account);
    }
    if let Some(book) = book {
        pen.word("book").book(*book);
    }
    if let Some(instrument) = instrument {
        pen.word("instrument").instrument(*instrument);
    }
    if let Some(side) = side {
        pen.words("side", side.word());
    }
    if let Some(group) = group {
        pen.words("group", group);
    }
}
