//! `staysail journal history`: what became of one order, from its acceptance on, with the cause of every change.

use super::{Place, first_seq};
use anyhow::{Context, Result, bail};
use journal::{Check, FileDisk, Reach, scan_within};
use model::line::{OrderNames, render_history};
use model::{AccountId, Directory, OrderId, Step, decode};
use std::io::{self, Write};

/// Tells the life of one order.
#[derive(clap::Args)]
pub struct History {
    #[command(flatten)]
    place: Place,
    /// The name of the account.
    account: String,
    /// The order: its client id, or # and its number. A client id that was used again is the latest.
    order: String,
}

/// What reading the journal once brings: the names, and how far it goes.
struct Known {
    directory: Directory,
    orders: OrderNames,
    last_seq: u64,
}

impl History {
    pub fn run(&self) -> Result<()> {
        let disk = self.place.open()?;
        let mut known = Known::read(&disk)?;
        let (account, order) = self.find(&known)?;
        let steps: Vec<Step> = node::history(&disk, account, order, known.last_seq)?;
        if steps.is_empty() {
            bail!(
                "{} had no order {} in what is kept of the journal; check its number",
                self.account,
                self.order
            );
        }
        let mut out = io::stdout().lock();
        for line in render_history(&steps, &known.directory, &mut known.orders) {
            writeln!(out, "{line}")?;
        }
        Ok(())
    }

    fn find(&self, known: &Known) -> Result<(AccountId, OrderId)> {
        let account = known.directory.account_named(&self.account);
        let account =
            account.with_context(|| format!("there is no account {} in the journal", self.account))?;
        let order = match self.order.strip_prefix('#') {
            Some(number) => number.parse().ok().map(OrderId),
            None => known.orders.find(account, &self.order),
        };
        let missing = || format!("{} has no order {}; name it by # and its number", self.account, self.order);
        Ok((account, order.with_context(missing)?))
    }
}

impl Known {
    fn read(disk: &FileDisk) -> Result<Self> {
        let (directory, orders) = (Directory::default(), OrderNames::new(1 << 20));
        let mut known = Self { directory, orders, last_seq: 0 };
        let mut reader = scan_within(disk, Reach::Archive, first_seq(disk, Reach::Archive)?, Check::Crc)?;
        while let Some(found) = reader.next()? {
            let seq = found.seq;
            let record =
                decode(seq, found.payload).with_context(|| format!("record {seq} cannot be read"))?;
            known.orders.hear(&record.stamped.command);
            for event in &record.events {
                known.directory.learn(event);
                known.orders.learn(event);
            }
            known.last_seq = seq;
        }
        Ok(known)
    }
}
