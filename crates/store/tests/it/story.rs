//! Records of a real engine that heard made-up commands, and the engine as it was at the end; and a picture of an
//! archive, to hold two of them to each other.

use engine::Engine;
use model::{Command, Record, Stamped, Time};
use std::fmt::Debug;
use store::{OrderFilter, Page, Span, Store, TradeFilter};
use tests::sim;

pub struct Story {
    pub engine: Engine,
    pub records: Vec<Record>,
}

pub fn story(seed: u64, count: usize) -> Story {
    told(sim::commands(seed, count))
}

/// With an outside venue that says anything.
pub fn story_outside(seed: u64, count: usize) -> Story {
    told(sim::commands_outside(seed, count))
}

fn told(commands: Vec<(Time, Command)>) -> Story {
    let (mut engine, mut records) = (Engine::new(), Vec::new());
    for (seq, (time, command)) in (1u64..).zip(commands) {
        let (stamped, mut events) = (Stamped { seq, time, command }, Vec::new());
        engine.apply(&stamped, &mut events);
        records.push(Record { stamped, events });
    }
    Story { engine, records }
}

/// All pages of a list.
pub fn all<T>(mut page: impl FnMut(&Page) -> (Vec<T>, Option<String>)) -> Vec<T> {
    let (mut rows, mut after) = (Vec::new(), None);
    loop {
        let (more, next) = page(&Page { limit: 333, after });
        rows.extend(more);
        if next.is_none() {
            return rows;
        }
        after = next;
    }
}

/// Every row that a query can see, as text.
pub fn picture(store: &Store) -> Vec<String> {
    let mut lines = vec![format!("{:?}", store.projected().unwrap().0)];
    let mut add = |rows: &[&dyn Debug]| lines.extend(rows.iter().map(|row| format!("{row:?}")));
    let orders = all(|page| store.orders(&OrderFilter::default(), page).unwrap());
    orders.iter().for_each(|row| add(&[row]));
    for order in &orders {
        store.order_history(order.id, 0, 100_000).unwrap().iter().for_each(|row| add(&[row]));
    }
    all(|page| store.trades(&TradeFilter::default(), page).unwrap()).iter().for_each(|row| add(&[row]));
    store.trade_summary(&TradeFilter::default()).unwrap().iter().for_each(|row| add(&[row]));
    all(|page| store.rejections(None, Span::default(), page).unwrap()).iter().for_each(|row| add(&[row]));
    store.positions(None, None, true).unwrap().iter().for_each(|row| add(&[row]));
    store.book_positions(None).unwrap().iter().for_each(|row| add(&[row]));
    store.balances(None).unwrap().iter().for_each(|row| add(&[row]));
    all(|page| store.alerts(None, page).unwrap()).iter().for_each(|row| add(&[row]));
    for account in store.accounts(None).unwrap() {
        add(&[&account]);
        store.performance(account.id, Span::default()).unwrap().iter().for_each(|row| add(&[row]));
        all(|page| store.ledger(account.id, page).unwrap()).iter().for_each(|row| add(&[row]));
    }
    for instrument in store.instruments(None).unwrap() {
        add(&[&instrument]);
        for frame in ["1m", "15m", "4h", "1d"] {
            let bars = store.bars(&instrument.symbol, None, frame, (Span::default(), 1000)).unwrap();
            bars.iter().for_each(|row| add(&[row]));
        }
        store.tape(&instrument.symbol, Span::default(), 1000).unwrap().iter().for_each(|row| add(&[row]));
    }
    lines
}

/// The first line in which two pictures differ.
pub fn assert_same(what: &str, one: &[String], other: &[String]) {
    for (at, (one, other)) in one.iter().zip(other).enumerate() {
        assert_eq!(one, other, "{what}, line {at}");
    }
    assert_eq!(one.len(), other.len(), "{what}");
}
