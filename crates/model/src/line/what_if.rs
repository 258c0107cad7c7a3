//! An order that is only asked about: `what_if buy alice 1 BTC-USDT @ 100`. The answer is a line for each limit
//! on its way, then what it would lock and cost, the most of it that would pass, and the verdict.

use super::pen::Pen;
use super::reader::Reader;
use super::reject::{self, write_number};
use super::risk::write_scope;
use super::{LineError, OrderNames, order};
use crate::{Command, Directory, LimitUse, NewOrder, WhatIf};

pub(super) fn read(reader: &mut Reader) -> Result<NewOrder, LineError> {
    let expected = "buy or sell";
    let verb = reader.word(expected)?;
    match order::read(verb, reader)? {
        Some(Command::PlaceOrder(order)) => Ok(order),
        _ => Err(reader.unexpected(expected)),
    }
}

pub(super) fn write_answer(
    order: &NewOrder,
    answer: &WhatIf,
    directory: &Directory,
    orders: &OrderNames,
) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = |write: &dyn Fn(&mut Pen)| {
        let mut pen = Pen::new(directory, orders);
        write(&mut pen);
        lines.push(pen.done());
    };
    let (grid, quote) = (directory.grid(order.instrument), answer.quote);
    for LimitUse { at, kind, used } in &answer.limits {
        line(&|pen| {
            write_scope(*at, pen.word("limit")).choice(*kind);
            match used {
                Ok(reached) => {
                    write_number("most", reached.most(), reached, grid, pen);
                    write_number("before", reached.before(), reached, grid, pen);
                    write_number("after", reached.after(), reached, grid, pen);
                }
                Err(reason) => reject::write(reason, Some(order.instrument), pen),
            }
        });
    }
    line(&|pen| {
        pen.word("needs").money(answer.margin).asset(quote);
    });
    line(&|pen| {
        pen.word("now").qty(answer.qty_now, grid).word("worth").money(answer.value_now).asset(quote);
        if let Some(spread) = answer.spread {
            pen.word("spread").money(spread);
        }
        pen.word("fees").money(answer.fees);
    });
    line(&|pen| {
        pen.word("largest").qty(answer.qty_most, grid);
    });
    line(&|pen| match &answer.verdict {
        Ok(()) => {
            pen.word("would_pass");
        }
        Err(reason) => {
            pen.word("would_be_rejected");
            reject::write(reason, Some(order.instrument), pen);
        }
    });
    lines
}
