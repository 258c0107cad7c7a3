//! `sim`: the simulator from a shell. It prints how far it is, and of a run that failed the seed, what was
//! broken, and the line that runs it again.

use clap::Parser;
use std::io::{Result, Write};
use std::process::ExitCode;
use std::time::Instant;
use tests::sim::Outcome;

/// Random work and faults on the real node, one seed a run.
#[derive(Parser)]
struct Arguments {
    /// How many seeds to run.
    #[arg(long, default_value_t = 200)]
    seeds: u64,
    /// Runs this seed alone.
    #[arg(long)]
    seed: Option<u64>,
    /// Steps of a run.
    #[arg(long, default_value_t = 300)]
    steps: u64,
    /// Compares the engine with its naive twin over this many commands instead.
    #[arg(long)]
    naive: Option<u64>,
}

/// How many seeds between two lines.
const PROGRESS: u64 = 100;
/// Commands of one comparison; the next goes on with the next seed.
const NAIVE_RUN: u64 = 1_000_000;

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let mut out = std::io::stdout().lock();
    let failed = match arguments.naive {
        Some(commands) => naive(&mut out, commands, arguments.seed.unwrap_or(1))?,
        None => simulate(&mut out, &arguments)?,
    };
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn simulate(out: &mut impl Write, arguments: &Arguments) -> Result<u64> {
    let start = Instant::now();
    let (first, count) = arguments.seed.map_or((0, arguments.seeds), |seed| (seed, 1));
    let (mut failed, mut sum) = (0, Outcome::default());
    for at in 0..count {
        let (seed, steps) = (first + at, arguments.steps);
        match tests::sim::run(seed, steps) {
            Ok(outcome) => {
                sum.add(&outcome);
                if count == 1 {
                    writeln!(out, "{outcome:?}")?;
                }
            }
            Err(wrong) => {
                failed += 1;
                writeln!(out, "seed {seed} failed: {wrong}")?;
                writeln!(out, "  run it again: cargo x sim --seed {seed} --steps {steps}")?;
            }
        }
        if (at + 1) % PROGRESS == 0 {
            writeln!(out, "{} of {count} seeds, {failed} failed, {:.0?}", at + 1, start.elapsed())?;
        }
    }
    writeln!(out, "{sum}")?;
    writeln!(out, "{} passed, {failed} failed", count - failed)?;
    Ok(failed)
}

fn naive(out: &mut impl Write, commands: u64, first: u64) -> Result<u64> {
    let start = Instant::now();
    let (mut done, mut seed, mut failed, mut passed) = (0, first, 0, 0);
    while done < commands {
        let part = NAIVE_RUN.min(commands - done);
        match tests::sim::versus(part, seed) {
            Ok(compared) => {
                passed += 1;
                writeln!(out, "seed {seed}: {compared:?}, {:.0?}", start.elapsed())?;
            }
            Err(wrong) => {
                failed += 1;
                writeln!(out, "seed {seed} failed: {wrong}")?;
                writeln!(out, "  run it again: cargo x sim --naive {part} --seed {seed}")?;
            }
        }
        (done, seed) = (done + part, seed + 1);
    }
    writeln!(out, "{passed} passed, {failed} failed")?;
    Ok(failed)
}
