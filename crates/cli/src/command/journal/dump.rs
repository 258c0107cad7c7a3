//! `staysail journal dump`: every command with what came of it, in the line language. What is printed from
//! the first record on is a scenario: the same lines against a new engine bring the same events.

use super::{Place, first_seq};
use crate::command::hex;
use anyhow::{Context, Result, bail};
use journal::{Check, FileDisk, Reach, scan_within};
use model::Record;
use model::line::{OrderNames, render_command, render_event};
use model::{Directory, decode};
use std::io::{self, BufWriter, Write};

/// Prints each record: its number, its time, the command, and what came of it.
#[derive(clap::Args)]
pub struct Dump {
    #[command(flatten)]
    place: Place,
    /// The first record to print.
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// The last record to print; to the end when not given.
    #[arg(long)]
    to: Option<u64>,
    /// The bytes of each record in hexadecimal in place of words.
    #[arg(long)]
    raw: bool,
}

impl Dump {
    pub fn run(&self) -> Result<()> {
        let disk = self.place.open()?;
        let mut out = BufWriter::new(io::stdout().lock());
        if self.raw {
            self.raw(&disk, &mut out)?
        } else {
            self.words(&disk, &mut out)?
        }
        out.flush()?;
        Ok(())
    }

    fn raw(&self, disk: &FileDisk, out: &mut impl Write) -> Result<()> {
        let from = self.from.max(first_seq(disk, Reach::Archive)?);
        let mut reader = scan_within(disk, Reach::Archive, from, Check::Crc)?;
        let mut last = None;
        while let Some(record) = reader.next()?.filter(|record| self.wants_more(record.seq)) {
            last = Some(record.seq);
            writeln!(out, "{} {} {}", record.seq, record.time_ns, hex(record.payload))?;
        }
        self.check_found(last)
    }

    /// Reads from the start in any case, for the names.
    fn words(&self, disk: &FileDisk, out: &mut impl Write) -> Result<()> {
        let mut names = (Directory::default(), OrderNames::new(1 << 20));
        let first = first_seq(disk, Reach::Archive)?;
        if self.from < first {
            writeln!(out, "# records before {first} were retired and are not in the archive")?;
            writeln!(out, "# names that were given there are numbers here")?;
        }
        let mut reader = scan_within(disk, Reach::Archive, first, Check::Crc)?;
        let mut last = None;
        while let Some(record) = reader.next()?.filter(|record| self.wants_more(record.seq)) {
            let seq = record.seq;
            last = Some(seq);
            let record = decode(seq, record.payload)
                .with_context(|| format!("record {seq} cannot be read; see its bytes with --raw"))?;
            let shown = seq >= self.from;
            tell(&record, &mut names, out, shown)?;
        }
        self.check_found(last)
    }

    /// Whether the last record that was read is one that was asked for.
    fn check_found(&self, last: Option<u64>) -> Result<()> {
        let from = self.from;
        if self.to.is_some_and(|to| to < from) {
            bail!("--to is before --from, which is {from}");
        }
        if from > 1 && last.is_none_or(|last| last < from) {
            bail!("the journal ends before record {from}; name an earlier one with --from");
        }
        Ok(())
    }

    fn wants_more(&self, seq: u64) -> bool {
        self.to.is_none_or(|to| seq <= to)
    }
}

fn tell(
    record: &Record,
    (directory, orders): &mut (Directory, OrderNames),
    out: &mut impl Write,
    shown: bool,
) -> Result<()> {
    let stamped = &record.stamped;
    if shown {
        writeln!(out, "# {}", stamped.seq)?;
        writeln!(out, "at {}", stamped.time)?;
        writeln!(out, "{}", render_command(&stamped.command, directory, orders))?;
    }
    orders.hear(&stamped.command);
    for event in &record.events {
        directory.learn(event);
        orders.learn(event);
        if shown {
            writeln!(out, "    {}", render_event(event, directory, orders))?;
        }
    }
    Ok(())
}
