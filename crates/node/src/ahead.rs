//! Reading and decoding on a second thread, ahead of the one that applies: half of a long replay's work.
//! Portions go to and fro in bounded channels and are used again. An error comes after everything that was
//! good before it. Absent: any idea of what is done with a portion.

use crate::{NodeError, Result};
use crossbeam_channel::{Receiver, Sender, bounded};
use journal::{Disk, Reader};
use model::Stamped;
use std::thread;

const PORTIONS: usize = 4;
const RECORDS: usize = 1024;

/// Decoded commands, each with the bytes of the events that were recorded.
#[derive(Default)]
pub(crate) struct Portion {
    commands: Vec<Stamped>,
    recorded: Vec<u8>,
    /// Where each command's events end.
    ends: Vec<usize>,
}

impl Portion {
    pub fn iter(&self) -> impl Iterator<Item = (&Stamped, &[u8])> {
        let mut start = 0;
        self.commands.iter().zip(&self.ends).map(move |(stamped, end)| {
            let recorded = self.recorded.get(start..*end).unwrap_or_default();
            start = *end;
            (stamped, recorded)
        })
    }

    pub fn commands(&self) -> &[Stamped] {
        &self.commands
    }

    fn clear(&mut self) {
        self.commands.clear();
        self.recorded.clear();
        self.ends.clear();
    }

    fn push(&mut self, seq: u64, payload: &[u8]) -> Result<()> {
        let decoded = model::decode_command(seq, payload);
        let (stamped, recorded) = decoded.map_err(|cause| NodeError::Unreadable { seq, cause })?;
        self.commands.push(stamped);
        self.recorded.extend_from_slice(recorded);
        self.ends.push(self.recorded.len());
        Ok(())
    }
}

/// Gives the records after `from`, up to and including `up_to`, to `apply`, portion by portion.
pub(crate) fn read<D: Disk>(
    reader: &mut Reader<D>,
    from: u64,
    up_to: u64,
    mut apply: impl FnMut(&Portion) -> Result<()>,
) -> Result<()> {
    let (give, take) = bounded(PORTIONS);
    let (give_back, take_back) = bounded(PORTIONS);
    thread::scope(|scope| {
        scope.spawn(move || run(reader, from, up_to, &give, &take_back));
        for portion in take {
            let (portion, outcome): (Portion, Result<()>) = portion;
            apply(&portion)?;
            outcome?;
            // A reader that has ended needs no portions.
            give_back.try_send(portion).unwrap_or_default();
        }
        Ok(())
    })
}

fn run<D: Disk>(
    reader: &mut Reader<D>,
    from: u64,
    up_to: u64,
    give: &Sender<(Portion, Result<()>)>,
    take_back: &Receiver<Portion>,
) {
    let mut last = from;
    while last < up_to {
        let mut portion: Portion = take_back.try_recv().unwrap_or_default();
        portion.clear();
        let outcome = fill(reader, &mut last, up_to, &mut portion);
        let ended = outcome.is_err();
        if give.send((portion, outcome)).is_err() || ended {
            return;
        }
    }
}

fn fill<D: Disk>(reader: &mut Reader<D>, last: &mut u64, up_to: u64, portion: &mut Portion) -> Result<()> {
    let mut looked_again = false;
    while portion.commands.len() < RECORDS && *last < up_to {
        looked_again = match reader.next()? {
            Some(record) => {
                portion.push(record.seq, record.payload)?;
                *last = record.seq;
                false
            }
            // The reader may have looked ahead before the record was there.
            None if !looked_again => true,
            None => return Err(NodeError::Ends { last_seq: *last, wanted: up_to }),
        };
    }
    Ok(())
}
