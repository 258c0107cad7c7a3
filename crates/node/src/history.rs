//! The life of an order, read back from the journal. Order ids count up, so where it began is found by halving;
//! from there the records are read until it ended. Reads beside the engine and never waits for it.

use crate::{NodeError, Result};
use journal::{Check, Disk, JournalError, Reach, scan_within};
use model::{AccountId, Event, Life, OrderId, Record, Step};

/// So many records are read one by one rather than halved again.
const FEW: u64 = 1 << 12;

/// What became of an account's order up to and including a record; nothing if the account never had it.
pub fn history<D: Disk>(disk: &D, account: AccountId, order: OrderId, up_to: u64) -> Result<Vec<Step>> {
    let (mut life, mut steps) = (Life::of(account, order), Vec::new());
    let from = beginning(disk, order, up_to)?;
    each(disk, from, up_to, |record| {
        steps.extend(life.hear(record));
        !life.has_ended()
    })?;
    Ok(steps)
}

/// A record at or shortly before the one that accepted the order.
fn beginning<D: Disk>(disk: &D, order: OrderId, up_to: u64) -> Result<u64> {
    let (mut low, mut high) = (first_seq(disk)?, up_to);
    while high.saturating_sub(low) > FEW {
        let middle = low + (high - low) / 2;
        match next_accepted(disk, middle, high)? {
            Some(next) if next <= order => low = middle,
            _ => high = middle,
        }
    }
    Ok(low)
}

/// The first order accepted in these records.
fn next_accepted<D: Disk>(disk: &D, from: u64, up_to: u64) -> Result<Option<OrderId>> {
    let mut found = None;
    each(disk, from, up_to, |record| {
        found = record.events.iter().find_map(|event| match event {
            Event::OrderAccepted(accepted) => Some(accepted.order),
            _ => None,
        });
        found.is_none()
    })?;
    Ok(found)
}

/// Reads records in order for as long as they are wanted.
fn each<D: Disk>(disk: &D, from: u64, up_to: u64, mut wants_more: impl FnMut(&Record) -> bool) -> Result<()> {
    let mut reader = scan_within(disk, Reach::Archive, from, Check::Crc)?;
    while let Some(found) = reader.next()? {
        let seq = found.seq;
        let unreadable = |cause| NodeError::Unreadable { seq, cause };
        if seq > up_to || !wants_more(&model::decode(seq, found.payload).map_err(unreadable)?) {
            break;
        }
    }
    Ok(())
}

/// The oldest record that is still there.
fn first_seq<D: Disk>(disk: &D) -> Result<u64> {
    match scan_within(disk, Reach::Archive, 1, Check::Crc) {
        Ok(_) => Ok(1),
        Err(JournalError::MissingStart { first_seq, .. }) => Ok(first_seq),
        Err(error) => Err(error.into()),
    }
}
