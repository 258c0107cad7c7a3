//! What the archive holds is what the engine holds: every order, balance and position; also after starting again
//! anywhere, after a rebuild, and in either database.

use super::archives::{on_each, sqlite};
use super::story::{Story, all, assert_same, picture, story, story_outside};
use model::{
    AccountId, AssetId, BookId, Change, Event, InstrumentId, Life, Money, OrderFilter as Filter, OrderId,
    OrderStatus, Qty,
};
use std::collections::{BTreeMap, BTreeSet};
use store::{Config, Decimal, OrderFilter, Projector, Store};

fn project(config: &Config, story: &Story, batch: usize) -> Store {
    let mut projector = Projector::open(config).unwrap();
    for records in story.records.chunks(batch) {
        projector.apply(records).unwrap();
    }
    Store::open(config.clone()).unwrap()
}

fn word(status: OrderStatus) -> String {
    let mut word = String::new();
    for (at, letter) in format!("{status:?}").char_indices() {
        if at > 0 && letter.is_uppercase() {
            word.push('_');
        }
        word.push(letter.to_ascii_uppercase());
    }
    word
}

/// Accounts of which a request waits in a venue's line: what that reserves to the last unit is known when it leaves.
fn waiting(engine: &engine::Engine) -> BTreeSet<AccountId> {
    let open = engine.open_orders(&Filter::default()).into_iter();
    let waits = [OrderStatus::PendingNew, OrderStatus::PendingReplace];
    open.filter(|view| waits.contains(&view.status)).map(|view| view.account).collect()
}

fn check_money(name: &str, story: &Story, store: &Store) {
    let engine = &story.engine;
    let balances: BTreeMap<_, _> =
        store.balances(None).unwrap().into_iter().map(|row| ((row.account_id, row.asset_id), row)).collect();
    let waits = waiting(engine);
    let (accounts, assets) = (engine.accounts().len(), engine.assets().len());
    for account in (0..u32::try_from(accounts).unwrap()).map(AccountId) {
        for asset in (0..u32::try_from(assets).unwrap()).map(AssetId) {
            let engine = engine.balance(account, asset);
            let engine = engine.map_or([Money::ZERO; 3], |own| [own.total, own.available(), own.locked]);
            let row = balances.get(&(account, asset));
            if waits.contains(&account) {
                let total = row.map_or(Money::ZERO, |row| row.total_balance.to_money().unwrap());
                assert_eq!(total, engine[0], "{name}: {account} {asset}: total");
                continue;
            }
            let row = row.map_or([Money::ZERO; 3], |row| {
                [&row.total_balance, &row.available_balance, &row.locked_balance]
                    .map(|of| of.to_money().unwrap())
            });
            assert_eq!(row, engine, "{name}: {account} {asset}: total, available, locked");
        }
        for instrument in (0..engine.instruments().count()).map(|at| InstrumentId(u32::try_from(at).unwrap()))
        {
            let rows = store.positions(Some(account), None, true).unwrap();
            let row = rows.iter().find(|row| row.instrument_id == instrument);
            let own = engine
                .exposure(account, instrument)
                .map_or((Qty::ZERO, Money::ZERO), |own| (own.qty, own.cost));
            assert_eq!(row.map_or((Qty::ZERO, Money::ZERO), |row| (Qty(row.lots), row.cost)), own, "{name}");
        }
    }
    for row in store.book_positions(None).unwrap() {
        let own = engine.holding(row.book_id, row.instrument_id).unwrap();
        let shown = [&row.cost, &row.realized_pnl, &row.fees].map(|of| of.to_money().unwrap());
        assert_eq!((Qty(row.lots), shown), (own.qty, [own.cost, own.realised, own.fees]), "{name}: {row:?}");
    }
    let books = (0..u32::try_from(engine.books().len()).unwrap()).map(BookId);
    let held = books.flat_map(|book| {
        let instruments = 0..u32::try_from(engine.instruments().count()).unwrap();
        instruments.filter_map(move |at| engine.holding(book, InstrumentId(at)))
    });
    let traded = held.filter(|held| !held.qty.is_zero() || held.fees != Money::ZERO).count();
    let rows = store.book_positions(None).unwrap();
    let rows = rows.iter().filter(|row| row.lots != 0 || row.fees.to_money() != Some(Money::ZERO)).count();
    assert_eq!(rows, traded, "{name}: as many positions as the engine has");
}

fn check_orders(name: &str, story: &Story, store: &Store) {
    let rows = all(|page| store.orders(&OrderFilter::default(), page).unwrap());
    let accepted = story.records.iter().flat_map(|record| &record.events);
    let accepted = accepted.filter(|event| matches!(event, Event::OrderAccepted(_))).count();
    assert_eq!(rows.len(), accepted, "{name}: every order that was accepted");
    let mut open = 0;
    for row in &rows {
        let grid = story.engine.instrument(row.instrument_id).unwrap();
        let amount = |qty: Qty| Decimal::from(qty.to_money(grid.lot).unwrap());
        if let Some(view) = story.engine.order(row.id) {
            open += 1;
            assert_eq!(row.status, word(view.status), "{name}: {row:?}");
            assert_eq!(row.quantity, amount(view.qty), "{name}: {row:?}");
            assert_eq!(row.filled_quantity, amount(Qty(view.qty.0 - view.left.0)), "{name}: {row:?}");
            assert_eq!(row.client_order_id.as_deref(), view.client_order_id.as_ref().map(|id| id.as_str()));
        } else {
            assert!(
                ["FILLED", "CANCELLED", "EXPIRED", "REJECTED"].contains(&row.status.as_str()),
                "{name}: {row:?}"
            );
        }
    }
    assert_eq!(open, story.engine.open_orders(&Filter::default()).len(), "{name}: every open order");
    // The first orders and some of the others, step by step; a parent is held while its children trade, where
    // `Life` tells how much of it is filled.
    let plain = rows.iter().rev().filter(|row| row.algo_id.is_none());
    for row in plain.step_by(rows.len() / 40) {
        check_history(name, story, store, (row.account_id, row.id, row.instrument_id));
    }
}

fn check_history(
    name: &str,
    story: &Story,
    store: &Store,
    (account, order, instrument): (AccountId, OrderId, InstrumentId),
) {
    let lot = story.engine.instrument(instrument).unwrap().lot;
    let (mut life, mut waits) = (Life::of(account, order), false);
    let mut told: Vec<(u64, String, Decimal)> = Vec::new();
    for step in story.records.iter().filter_map(|record| life.hear(record)) {
        for Change { mut status, filled, event } in step.changes {
            // A pegged order comes out of its wait without a word; `Life` hears of it by its first trade.
            match event {
                Event::OrderHeld { .. } => waits = true,
                Event::Traded(_) | Event::OutsideTraded(_) => waits = false,
                _ => {}
            }
            if status == OrderStatus::Held && !filled.is_zero() && !waits {
                status = OrderStatus::PartiallyFilled;
            }
            told.push((step.cause.seq, word(status), Decimal::from(filled.to_money(lot).unwrap())));
        }
    }
    let rows = store.order_history(order, 0, 100_000).unwrap();
    let rows: Vec<_> = rows.into_iter().map(|row| (row.seq, row.status, row.filled_quantity)).collect();
    let (life, after) = rows.split_at(rows.len().min(told.len()));
    assert_eq!(life, told, "{name}: the life of {order}");
    // A venue may speak of it when it is over; that changes no status.
    let end = life.last().map(|row| &row.1);
    assert!(after.iter().all(|row| Some(&row.1) == end), "{name}: after the life of {order}: {after:?}");
}

#[test]
fn every_order_balance_and_position_is_the_engines() {
    on_each(|name, archive| {
        let story = story(11, 6_000);
        let store = project(&archive.config, &story, 1_000);
        check_money(name, &story, &store);
        check_orders(name, &story, &store);
    });
}

#[test]
fn work_at_an_outside_venue_is_the_engines_too() {
    on_each(|name, archive| {
        let story = story_outside(3, 6_000);
        let store = project(&archive.config, &story, 900);
        check_money(name, &story, &store);
        check_orders(name, &story, &store);
        let events = story.records.iter().flat_map(|record| &record.events);
        let filled = events.filter(|event| matches!(event, Event::OutsideTraded(_))).count();
        assert!(filled > 40, "{filled} fills of a venue");
    });
}

#[test]
fn many_seeds_with_an_outside_venue() {
    for seed in 200..212 {
        let (story, archive) = (story_outside(seed, 2_500), sqlite());
        let store = project(&archive.config, &story, 700);
        let name = format!("seed {seed}, outside");
        check_money(&name, &story, &store);
        check_orders(&name, &story, &store);
    }
}

#[test]
fn many_seeds_on_one_database() {
    for seed in 100..112 {
        let (story, archive) = (story(seed, 2_500), sqlite());
        let store = project(&archive.config, &story, 700);
        let name = format!("seed {seed}");
        check_money(&name, &story, &store);
        check_orders(&name, &story, &store);
    }
}

#[test]
fn starting_again_anywhere_and_rebuilding_give_the_same_tables_in_both_databases() {
    start_again(&story(5, 3_000));
}

#[test]
fn starting_again_amid_an_outside_venues_reports_gives_the_same_tables() {
    start_again(&story_outside(6, 3_000));
}

fn start_again(story: &Story) {
    let plain = picture(&project(&sqlite().config, story, 3_000));
    assert!(plain.len() > 3_000, "there is something to compare");
    on_each(|name, archive| {
        for (at, records) in story.records.chunks(137).enumerate() {
            // A new projector each time; and each batch offered with some of the one before.
            let mut projector = Projector::open(&archive.config).unwrap();
            let from = (at * 137).saturating_sub(20);
            let to = at * 137 + records.len();
            assert_eq!(projector.apply(&story.records[from..to]), Ok(u64::try_from(to).unwrap()), "{name}");
        }
        let store = Store::open(archive.config.clone()).unwrap();
        assert_same(&format!("{name}, started again"), &plain, &picture(&store));
        let mut projector = Projector::open(&archive.config).unwrap();
        projector.rebuild().unwrap();
        assert_eq!(projector.cursor(), Ok(0));
        assert_eq!(store.projected().unwrap().0, 0);
        for records in story.records.chunks(411) {
            projector.apply(records).unwrap();
        }
        assert_same(&format!("{name}, rebuilt"), &plain, &picture(&store));
    });
}
