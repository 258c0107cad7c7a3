//! `bench [GROUP|NAME] [--json] [--runs N] [--n N] [--smoke] [--dir DIR] [--data DIR]`.

use clap::Parser;
use std::io;

#[global_allocator]
static MEMORY: node::LargePages = node::LargePages;

#[derive(Parser)]
#[command(about = "Measures what we claim, beside naive and recorded peers.")]
struct Arguments {
    #[command(flatten)]
    options: bench::Options,
}

fn main() -> io::Result<()> {
    bench::run(&Arguments::parse().options, &mut io::stdout().lock())?;
    Ok(())
}
