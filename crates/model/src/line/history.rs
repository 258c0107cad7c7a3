//! The life of an order in words: what it was caused by, then each change with the state it left.
//! `because 3 2026-01-01T10:00:00Z buy alice 1 BTC-USDT @ 90 id a1`, `open filled 0: rests a1 1 @ 90`.

use super::pen::Pen;
use super::reader::Reader;
use super::{LineError, OrderNames, render_command, render_event};
use crate::{AccountId, Directory, Event, InstrumentId, OrderId, OrderRef, Step};

/// `history alice a1`, or `history alice #167`
pub(super) fn read(reader: &mut Reader) -> Result<(AccountId, OrderId), LineError> {
    let account = reader.account()?;
    let order = match reader.order_ref()? {
        OrderRef::Id(order) => order,
        OrderRef::Client(client) => {
            let found = reader.orders.find(account, client.as_str());
            found.ok_or_else(|| reader.unexpected("an order whose id is remembered, or # and its number"))?
        }
    };
    Ok((account, order))
}

/// The steps of an order's life as lines.
#[must_use]
pub fn render_history(steps: &[Step], directory: &Directory, orders: &mut OrderNames) -> Vec<String> {
    let grid = instrument_of(steps).and_then(|instrument| directory.grid(instrument));
    let mut lines = Vec::new();
    for step in steps {
        orders.hear(&step.cause.command);
        let cause = render_command(&step.cause.command, directory, orders);
        lines.push(format!("because {} {} {cause}", step.cause.seq, step.cause.time));
        for change in &step.changes {
            let mut pen = Pen::new(directory, orders);
            pen.choice(change.status).word("filled").qty(change.filled, grid);
            lines.push(format!("{}: {}", pen.done(), render_event(&change.event, directory, orders)));
        }
    }
    lines
}

fn instrument_of(steps: &[Step]) -> Option<InstrumentId> {
    let mut events = steps.iter().flat_map(|step| &step.changes).map(|change| &change.event);
    events.find_map(|event| match event {
        Event::OrderAccepted(accepted) => Some(accepted.instrument),
        _ => None,
    })
}
