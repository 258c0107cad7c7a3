//! Makes a tape for `bench algos` from a Binance capture: `tape NAME TICK LOT CAPTURE.jsonl.gz TAPE.csv.gz`.

use bench::algos;
use clap::Parser;
use flate2::bufread::MultiGzDecoder;
use model::Money;
use std::fs::File;
use std::io::{self, BufReader};
use std::path::PathBuf;

#[derive(Parser)]
#[command(about = "Makes a tape for `bench algos` from a Binance capture.")]
struct Arguments {
    /// Lower case with underscores; it begins the names of figures.
    name: String,
    tick: Money,
    lot: Money,
    capture: PathBuf,
    tape: PathBuf,
}

fn main() -> io::Result<()> {
    let Arguments { name, tick, lot, capture, tape } = Arguments::parse();
    let capture = MultiGzDecoder::new(BufReader::new(File::open(capture)?));
    let made = algos::binance::tape(&name, tick, lot, BufReader::new(capture))?;
    made.write(File::create(tape)?)
}
