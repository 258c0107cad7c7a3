//! How well algos work: each runs in the real engine, on its own, beside a recorded market, from many moments on and
//! on both sides. Nothing is drawn and no clock is read, so the figures are the same on every machine.
//! What an algo is given, a size and a profile, is made of what was recorded before it starts; where not, the
//! name of the figure says *known future*.

pub mod binance;
mod cost;
pub mod lobster;
mod market;
mod study;
pub mod tape;
mod trial;

use crate::{Figure, Options};
use study::Study;
use tape::Tape;

/// Where a LOBSTER sample is looked for in the directory of `--data`.
const SAMPLE: &str = "lobster_aapl_20120621";

pub(crate) fn run(options: &Options) -> Vec<Figure> {
    let mut figures: Vec<_> = Tape::bundled().iter().flat_map(|tape| figures_of(tape, options)).collect();
    match sample(options) {
        Some(tape) => figures.extend(figures_of(&tape, options)),
        None => figures.push(Figure::new("aapl_runs", 0.0, "runs: skipped, no --data")),
    }
    figures
}

fn figures_of(tape: &Tape, options: &Options) -> Vec<Figure> {
    Study::new(tape, if options.smoke { study::SPARSE } else { study::DENSE }).figures()
}

/// A sample that may not be passed on; it is looked at where it is.
fn sample(options: &Options) -> Option<Tape> {
    let folder = options.data.as_ref()?.join(SAMPLE);
    lobster::tape(&folder).expect("--data holds a sample that can be read")
}
