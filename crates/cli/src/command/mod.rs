//! What can be typed after `staysail`: one file each.

mod bench;
mod connect;
mod data;
mod journal;
mod risk;
mod serve;
mod statistics;

use anyhow::Result;
use clap::Subcommand;

#[derive(Subcommand)]
pub enum Command {
    Serve(serve::Serve),
    Connect(connect::Connect),
    #[command(subcommand)]
    Journal(journal::Journal),
    #[command(subcommand)]
    Risk(risk::Risk),
    Data(data::Data),
    Bench(bench::Bench),
}

impl Command {
    pub fn run(&self) -> Result<()> {
        match self {
            Self::Serve(serve) => serve.run(),
            Self::Connect(connect) => connect.run(),
            Self::Journal(journal) => journal.run(),
            Self::Risk(risk) => risk.run(),
            Self::Data(data) => data.run(),
            Self::Bench(bench) => bench.run(),
        }
    }
}

/// A state hash as people compare it.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_hash_is_two_digits_a_byte() {
        assert_eq!(super::hex(&[0, 10, 255]), "000aff");
    }
}
