//! `staysail demo`: what it is, in a minute and without a network. First the past: real data that is built in, a
//! strategy over it, a report. Then the present: a server on a made-up market, and a funded paper account that the
//! same kind of strategy trades on.

use super::backtest::{keep, manifest};
use super::say;
use crate::demo;
use crate::doors::Doors;
use crate::server::{self, Server};
use anyhow::{Context, Result, anyhow};
use backtest::config::Config;
use backtest::report;
use data::{Catalogue, SAMPLES};
use journal::FileDisk;
use node::{Node, SystemClock};
use signal_hook::consts::SIGTERM;
use signal_hook::low_level::raise;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// Shows a finished backtest, then a live paper market; needs nothing.
#[derive(clap::Args)]
pub struct Demo {
    /// Where it keeps its data, its report and its journal.
    #[arg(long, default_value = "demo")]
    dir: PathBuf,
    /// Where the server listens; port 0 takes a free one. There is no password: leave it on this machine.
    #[arg(long, default_value = server::ADDRESS, value_parser = server::address)]
    listen: SocketAddr,
    #[command(flatten)]
    doors: Doors,
    /// Stops by itself after so long; until it is interrupted if not given.
    #[arg(long)]
    seconds: Option<u64>,
}

const RUN: &str = include_str!("../demo/run.toml");
const SAMPLE: &str = "spy-daily";

impl Demo {
    pub fn run(&self) -> Result<()> {
        self.past()?;
        self.present()
    }

    fn past(&self) -> Result<()> {
        let root = self.dir.join("catalogue");
        let sample = SAMPLES.iter().find(|sample| sample.name == SAMPLE);
        let sample = sample.ok_or_else(|| anyhow!("the sample {SAMPLE} is not built in"))?;
        Catalogue::open_to_write(&root)?.import_sample(sample)?;
        let config = Config::parse(RUN)?;
        let loaded = config.load(&self.dir)?;
        let report = report::report(&loaded.plan, manifest(RUN, &loaded))?;
        let out = self.dir.join("report");
        keep(&out, RUN, &root, &loaded, &report)?;
        say(&report::text(&report))?;
        say(&format!("the whole report: {}\n", out.join("report.html").display()))
    }

    fn present(&self) -> Result<()> {
        let signals = server::Signals::new().context("signals cannot be listened to")?;
        let listener = TcpListener::bind(self.listen)
            .with_context(|| format!("cannot listen on {}: choose another with --listen", self.listen))?;
        let address = listener.local_addr()?;
        let home = self.dir.join("journal");
        let doors = self.doors.bind(&home)?;
        let disk = FileDisk::open(&home)?;
        let (node, recovered) = Node::start(disk, node::Config::default(), SystemClock::new())?;
        let market = demo::Market::open(&mut node.connect()?)?;
        let names = Arc::new(node::Names::learn(&node, recovered.last_seq)?);
        let mut doors = self.doors.open(doors, (&node, &names), &home, &mut io::stdout().lock())?;
        let server = Server::new(&node, &names, None);
        let over = AtomicBool::new(false);
        welcome(address, &self.dir)?;
        let outcome = thread::scope(|scope| -> Result<()> {
            let (mut crowd, mut trader) = (node.connect()?, node.connect()?);
            let (market, over) = (&market, &over);
            let makes = scope.spawn(move || market.run(&mut crowd, over));
            let trades = scope.spawn(move || market.trade(&mut trader, over));
            if let Some(seconds) = self.seconds {
                scope.spawn(move || {
                    thread::sleep(Duration::from_secs(seconds));
                    // If the process cannot be told to stop, it goes on, which does no harm.
                    raise(SIGTERM).unwrap_or_default();
                });
            }
            let outcome = server.run(&listener, &signals);
            over.store(true, Ordering::Relaxed);
            for worker in [makes, trades] {
                worker.join().map_err(|_panic| anyhow!("a part of the demo came to a sudden end"))??;
            }
            outcome
        });
        drop(server);
        doors.close();
        let ended = node.shutdown().context("the end was not clean; what was answered is in the journal");
        if let Some(behind) = doors.finish() {
            say(&format!("{behind}\n"))?;
        }
        outcome?;
        say(&format!("stopped after record {}", ended?.last_seq))
    }
}

fn welcome(address: SocketAddr, dir: &std::path::Path) -> Result<()> {
    say(&format!(
        "a made-up market trades now, and the paper account `paper` with it\n\
         \n  lines over TCP   {address} (no login: it is this machine's only)\
         \n  look             staysail connect {address}, then: show book DEMO-USD, show position paper DEMO-USD\
         \n  journal          {}\
         \n  next             staysail data import --sample list; then write a run.toml: docs/BACKTEST.md\
         \n\nfills of the paper account, as they come (interrupt to stop):",
        dir.join("journal").display()
    ))
}
