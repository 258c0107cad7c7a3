//! `staysail store check`: asks the database whether it takes every statement, makes the engine of the archive's
//! record from the journal, and holds money, positions and open orders in the tables to the engine's own.

use super::Where;
use crate::command::journal::newest_engine;
use anyhow::{Result, bail};
use engine::Engine;
use model::{AccountId, AssetId, InstrumentId, Money, OrderFilter, OrderId, OrderStatus, Qty};
use node::Replayer;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use store::{Page, Store};

/// So often it is looked again where the archive moved while it was looked at.
const TRIES: usize = 20;

/// Holds the archive to the journal.
#[derive(clap::Args)]
pub struct CheckStore {
    #[command(flatten)]
    place: Where,
}

/// What the tables say, all of it of one record.
#[derive(Default)]
struct Tables {
    balances: BTreeMap<(AccountId, AssetId), Option<Money>>,
    positions: BTreeMap<(AccountId, InstrumentId), (Qty, Money)>,
    open: BTreeSet<OrderId>,
}

impl CheckStore {
    pub fn run(&self) -> Result<()> {
        let (disk, config) = (self.place.place.open()?, self.place.existing()?);
        let mut out = io::stdout().lock();
        let store = Store::open(config.clone())?;
        writeln!(out, "{} statements taken", store::check_statements(&config)?)?;
        let (seq, tables) = still(&store)?;
        let mut replayer = Replayer::new(disk.clone(), newest_engine(&disk, seq)?).with_archive();
        replayer.advance(seq)?;
        let engine = replayer.into_engine();
        let findings = compare(&engine, &tables);
        for finding in &findings {
            writeln!(out, "{finding}")?;
        }
        if !findings.is_empty() {
            bail!("the archive is not what the journal tells at record {seq}: run `staysail store rebuild`");
        }
        let (balances, positions, open) = (tables.balances.len(), tables.positions.len(), tables.open.len());
        writeln!(
            out,
            "record {seq}: {balances} balances, {positions} positions and {open} open orders are the engine's"
        )?;
        Ok(())
    }
}

/// The tables as they are at one record.
fn still(store: &Store) -> Result<(u64, Tables)> {
    for _ in 0..TRIES {
        let (before, _) = store.projected()?;
        let tables = look(store)?;
        if store.projected()?.0 == before {
            return Ok((before, tables));
        }
    }
    bail!("the archive moves faster than it can be looked at: try again when there is less to do")
}

fn look(store: &Store) -> Result<Tables> {
    let mut tables = Tables::default();
    for row in store.balances(None)? {
        tables.balances.insert((row.account_id, row.asset_id), row.total_balance.to_money());
    }
    for row in store.positions(None, None, true)? {
        tables.positions.insert((row.account_id, row.instrument_id), (Qty(row.lots), row.cost));
    }
    let statuses = vec![
        OrderStatus::Accepted,
        OrderStatus::Held,
        OrderStatus::Open,
        OrderStatus::PartiallyFilled,
        OrderStatus::PendingNew,
        OrderStatus::PendingCancel,
        OrderStatus::PendingReplace,
        OrderStatus::Unknown,
    ];
    let filter = store::OrderFilter { statuses, ..store::OrderFilter::default() };
    let mut page = Page { limit: 1000, after: None };
    loop {
        let (rows, next) = store.orders(&filter, &page)?;
        tables.open.extend(rows.into_iter().map(|row| row.id));
        if next.is_none() {
            return Ok(tables);
        }
        page.after = next;
    }
}

fn compare(engine: &Engine, tables: &Tables) -> Vec<String> {
    let mut findings = Vec::new();
    for ((account, asset), total) in &tables.balances {
        let own = engine.balance(*account, *asset).map_or(Money::ZERO, |balance| balance.total);
        if *total != Some(own) {
            let total = total.map_or("an amount beyond counting".to_owned(), |total| total.to_string());
            findings.push(format!("account {account} asset {asset}: {total}, and {own} in the engine"));
        }
    }
    for ((account, instrument), held) in &tables.positions {
        let own = engine.exposure(*account, *instrument);
        let own = own.map_or((Qty::ZERO, Money::ZERO), |own| (own.qty, own.cost));
        if *held != own {
            findings.push(format!(
                "account {account} instrument {instrument}: {} lots at {}, and {} at {} in the engine",
                held.0.0, held.1, own.0.0, own.1
            ));
        }
    }
    let open: BTreeSet<OrderId> =
        engine.open_orders(&OrderFilter::default()).iter().map(|view| view.id).collect();
    for order in open.symmetric_difference(&tables.open) {
        let place = if open.contains(order) { "the engine" } else { "the archive" };
        findings.push(format!("order {order} is open in {place} alone"));
    }
    findings
}
