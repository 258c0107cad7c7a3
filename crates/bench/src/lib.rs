//! The yardstick: every figure we claim, measured here beside a naive or recorded peer in the same run.
//! A bench is one function in one file and one line in [`BENCHES`]; it returns figures and prints nothing.
//! Rates count CPU time of the measuring thread, so that a shared machine disturbs them least.

pub mod algos;
mod api;
mod apply;
mod backtest;
mod book;
mod data;
mod fast;
mod flow;
mod kill;
mod measure;
mod naive;
mod node;
mod peers;
mod recovery;
mod replay;
mod report;
mod risk;
mod ticks;
mod traffic;
mod worst;

pub use report::{Figure, Goal};

use std::io::{self, Write};

/// What is measured, and how.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// A group, or one bench by its name; all of them when not given.
    pub what: Option<String>,
    /// One JSON object a line in place of tables.
    #[arg(long)]
    pub json: bool,
    /// Repetitions; figures are medians.
    #[arg(long, default_value_t = 5)]
    pub runs: usize,
    /// Commands in a flow, where a bench has one.
    #[arg(long, default_value_t = 5_000_000)]
    pub n: usize,
    /// A short run of everything: it proves that the benches work, and its figures mean nothing.
    #[arg(long)]
    pub smoke: bool,
    /// Where journals are written, on the disk to be measured; removed afterwards.
    #[arg(long, default_value = "target")]
    pub dir: std::path::PathBuf,
    /// Where recorded markets are that may not be passed on; without them their figures are skipped.
    #[arg(long)]
    pub data: Option<std::path::PathBuf>,
}

#[derive(Debug)]
pub struct Bench {
    pub name: &'static str,
    pub group: &'static str,
    pub run: fn(&Options) -> Vec<Figure>,
}

const SMOKE_COMMANDS: usize = 100_000;

pub const BENCHES: &[Bench] = &[
    Bench { name: "book", group: "heart", run: book::run },
    Bench { name: "apply", group: "heart", run: apply::run },
    Bench { name: "risk", group: "heart", run: risk::run },
    Bench { name: "worst", group: "heart", run: worst::run },
    Bench { name: "node", group: "heart", run: node::run },
    Bench { name: "kill", group: "heart", run: kill::run },
    Bench { name: "replay", group: "heart", run: replay::run },
    Bench { name: "recovery", group: "heart", run: recovery::run },
    Bench { name: "api", group: "api", run: api::run },
    Bench { name: "algos", group: "algos", run: algos::run },
    Bench { name: "bars", group: "backtest", run: backtest::bars },
    Bench { name: "sweep", group: "backtest", run: backtest::sweep },
    Bench { name: "ticks", group: "backtest", run: ticks::run },
    Bench { name: "data", group: "data", run: data::run },
];

/// Runs what was asked for, prints each bench's figures as they come, and returns all of them.
///
/// # Errors
/// When `out` cannot be written, or no bench has the name.
pub fn run(options: &Options, out: &mut dyn Write) -> io::Result<Vec<Figure>> {
    let short = Options { runs: 1, n: options.n.min(SMOKE_COMMANDS), ..options.clone() };
    let options = if options.smoke { &short } else { options };
    let chosen = |bench: &&Bench| match options.what.as_deref() {
        Some(what) => what == bench.name || what == bench.group,
        None => true,
    };
    let mut all = Vec::new();
    for bench in BENCHES.iter().filter(chosen) {
        let figures = (bench.run)(options);
        if options.json {
            report::json(&figures, out)?;
        } else {
            report::table(bench.name, &figures, out)?;
            report::peers(peers::of(bench.name), out)?;
        }
        all.extend(figures);
    }
    if all.is_empty() {
        let names: Vec<_> = BENCHES.iter().map(|bench| bench.name).collect();
        return Err(io::Error::other(format!("no such bench or group; there are {}", names.join(", "))));
    }
    Ok(all)
}
