//! `staysail serve`: recovers what is in the folder, says what it found, answers lines until it is told to
//! stop, and leaves a last snapshot.

use super::{hex, statistics};
use crate::doors::Doors;
use crate::server::{self, KillFile, Server};
use anyhow::{Context, Result};
use journal::FileDisk;
use model::Time;
use node::{Client, Config, Names, Node, Report, SystemClock};
use std::io::{self, ErrorKind, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;

/// Opens a journal and serves the line language over TCP.
#[derive(clap::Args)]
pub struct Serve {
    /// The folder of the journal; made if it is missing.
    #[arg(long, default_value = "data")]
    data: PathBuf,
    /// Where to listen; port 0 takes a free one. There is no password: leave it on this machine.
    #[arg(long, default_value = server::ADDRESS, value_parser = server::address)]
    listen: SocketAddr,
    /// Commands between two snapshots; 0 for none but the one at the end.
    #[arg(long, default_value_t = Config::default().snapshot_every)]
    snapshot_every: u64,
    /// The size of one journal file, in MiB.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u64).range(1..=4096))]
    segment_mib: u64,
    #[command(flatten)]
    doors: Doors,
    /// A file that throws the kill switch of the house when it comes to be there; SIGUSR2 does the same.
    #[arg(long)]
    kill_file: Option<PathBuf>,
    #[command(flatten)]
    statistics: statistics::Arguments,
}

impl Serve {
    pub fn run(&self) -> Result<()> {
        let signals = server::Signals::new().context("signals cannot be listened to")?;
        let listener = self.bind()?;
        let address = listener.local_addr()?;
        let doors = self.doors.bind(&self.data)?;
        let disk = FileDisk::open(&self.data)?;
        let (node, report) = Node::start(disk, self.config()?, SystemClock::new())
            .with_context(|| format!("the journal in {} cannot be served", self.data.display()))?;
        let mut out = io::stdout().lock();
        tell(&report, &node.connect()?, &mut out)?;
        let names = Arc::new(Names::learn(&node, report.last_seq)?);
        let mut doors = self.doors.open(doors, (&node, &names), &self.data, &mut out)?;
        let server = Server::new(&node, &names, self.kill_file.as_deref().map(KillFile::new));
        writeln!(out, "ready on {address}")?;
        out.flush()?;
        let outcome = server.run(&listener, &signals);
        drop(server);
        writeln!(out, "stopping")?;
        doors.close();
        let trouble = node.metrics().trouble().map(str::to_owned);
        let stopped = node.stopped();
        let ended = node.shutdown().context("the end was not clean; what was answered is in the journal");
        if let Some(behind) = doors.finish() {
            writeln!(out, "{behind}")?;
        }
        if let Some(trouble) = trouble {
            writeln!(out, "trouble beside the trading: {trouble}")?;
        }
        if let Some(error) = stopped {
            return Err(error.into());
        }
        let ended = ended?;
        if let Some(why) = ended.no_snapshot {
            writeln!(out, "no snapshot was taken: {why}")?;
            writeln!(out, "nothing is lost: the next start replays the records since the last snapshot")?;
        }
        outcome?;
        writeln!(out, "stopped after record {}", ended.last_seq)?;
        Ok(())
    }

    fn bind(&self) -> Result<TcpListener> {
        TcpListener::bind(self.listen).map_err(|error| {
            let advice = match error.kind() {
                ErrorKind::AddrInUse => "is in use by another program: stop it, or choose --listen",
                ErrorKind::PermissionDenied => "needs more rights: choose a port above 1023 with --listen",
                _ => "cannot be listened on: choose an address of this machine with --listen",
            };
            anyhow::Error::from(error).context(format!("{} {advice}", self.listen))
        })
    }

    fn config(&self) -> Result<Config> {
        let statistics = self.statistics.settings()?;
        let mut config = Config { snapshot_every: self.snapshot_every, statistics, ..Config::default() };
        config.journal.segment_bytes = self.segment_mib << 20;
        config.journal.reserve_bytes = config.journal.reserve_bytes.min(config.journal.segment_bytes);
        Ok(config)
    }
}

fn tell(report: &Report, client: &Client<FileDisk>, out: &mut impl Write) -> Result<()> {
    for skipped in &report.snapshots_skipped {
        writeln!(out, "snapshot {} was left out: {}", skipped.seq, skipped.why)?;
    }
    if let Some(cut) = &report.cut {
        let (bytes, segment, why) = (cut.bytes, &cut.segment, cut.why);
        writeln!(out, "cut {bytes} bytes of an unfinished batch at the end of {segment}: {why}")?;
    }
    let (seq, took) = (report.last_seq, report.took.as_millis());
    match report.snapshot_seq {
        _ if seq == 0 => writeln!(out, "recovered nothing: a new journal")?,
        Some(at) => {
            writeln!(out, "recovered {seq} records: snapshot {at}, {} replayed, {took} ms", report.replayed)?;
        }
        None => writeln!(out, "recovered {seq} records: no snapshot, all replayed, {took} ms")?,
    }
    let (time, digest): (Time, [u8; 32]) = client.query(|engine| (engine.time(), engine.digest()))?;
    if seq > 0 {
        writeln!(out, "last record at {time}")?;
    }
    writeln!(out, "digest {}", hex(&digest))?;
    Ok(())
}
