//! A start after a kill: ten million commands in the journal, a snapshot every million, and the last snapshot
//! as old as it can be. Counted from opening the directory to an engine that stands where it stood.

use crate::replay::{directory, record};
use crate::traffic::Traffic;
use crate::{Figure, Options};
use ::journal::FileDisk;
use ::node::{Config, Core};

/// So many times the commands of a flow: ten million by default.
const TIMES: usize = 2;

pub(crate) fn run(options: &Options) -> Vec<Figure> {
    let directory = directory(options);
    let disk = FileDisk::open(directory.path()).expect("a directory to write to");
    let commands = options.n * TIMES;
    let traffic = Traffic::new(1, commands, 42);
    // The tail is one snapshot's distance long.
    record(&disk, &traffic, (commands + traffic.setup.len()) / 10 + 1);
    drop(traffic);
    let (core, report) = Core::open(disk, Config::default()).expect("the journal is sound");
    drop(core);
    let took = report.took.as_secs_f64();
    let tail = Figure::new("recovery_tail", report.replayed as f64, "commands");
    if commands < 10_000_000 {
        return vec![Figure::new("recovery_10m_s", took, "s, fewer"), tail];
    }
    vec![Figure::new("recovery_10m_s", took, "s").at_most(3.0), tail]
}
