//! `staysail divergence`: what really came of orders, against the pretend venue on the same market.

use super::backtest::folder;
use super::journal::{Place, first_seq};
use super::say;
use anyhow::{Context, Result, bail};
use backtest::config::Config;
use backtest::divergence::{Comparison, Divergence, Parts};
use journal::{Check, Reach, scan_within};
use model::decode;
use sim::Rules;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

/// Asks every order of a journal of the pretend venue again, and says what each difference is due to.
#[derive(clap::Args)]
pub struct DivergenceOf {
    #[command(flatten)]
    place: Place,
    /// A file as `backtest` takes it: its [venue] says how the pretend venue behaves.
    #[arg(long)]
    rules: Option<PathBuf>,
    /// Run over the markets and data of that file in place of what the journal heard.
    #[arg(long, requires = "rules")]
    other_data: bool,
    /// How many orders to tell.
    #[arg(long, default_value_t = 10)]
    worst: usize,
    #[arg(long)]
    json: bool,
}

impl DivergenceOf {
    pub fn run(&self) -> Result<()> {
        let (mut rules, mut others) = (Rules::default(), BTreeMap::new());
        if let Some(file) = &self.rules {
            let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
            let config = Config::parse(&text).with_context(|| format!("in {}", file.display()))?;
            rules = config.rules()?;
            if self.other_data {
                let loaded = config.load(folder(file)).with_context(|| format!("in {}", file.display()))?;
                let feeds = loaded.plan.markets.into_iter().map(|market| (market.symbol, market.feed));
                others = feeds.filter(|(_, feed)| feed.is_ticks()).collect();
                if others.is_empty() {
                    bail!(
                        "{} has no market of quotes: bars are no data to compare orders on",
                        file.display()
                    );
                }
            }
        }
        let found = self.compare(rules, others)?;
        if found.orders == 0 {
            let own = found.own;
            bail!(
                "no order of this journal went to a venue ({own} were matched by the house): there is nothing to compare"
            );
        }
        if self.json {
            return say(&serde_json::to_string_pretty(&found)?);
        }
        say(text(&found, self.worst)?.trim_end())
    }

    fn compare(&self, rules: Rules, others: BTreeMap<String, backtest::Feed>) -> Result<Divergence> {
        let disk = self.place.open()?;
        let first = first_seq(&disk, Reach::Archive)?;
        if first > 1 {
            bail!(
                "records before {first} were retired, and with them what was listed: bring back older segments"
            );
        }
        let mut comparison = Comparison::new(rules, others)?;
        let mut reader = scan_within(&disk, Reach::Archive, first, Check::Crc)?;
        while let Some(record) = reader.next()? {
            let seq = record.seq;
            let record =
                decode(seq, record.payload).with_context(|| format!("record {seq} cannot be read"))?;
            comparison.hear(&record)?;
        }
        Ok(comparison.finish())
    }
}

fn text(found: &Divergence, worst: usize) -> Result<String> {
    let mut out = String::new();
    let Divergence { orders, own, same, total, .. } = found;
    writeln!(
        out,
        "{orders} orders at venues, {same} of them the same again; {own} others were matched by the house"
    )?;
    writeln!(out, "the journal is {total:.2} better than its run again, in quote currency; of that")?;
    for (name, part) in named(&found.parts) {
        writeln!(out, "  {name:<10}{part:>16.2}")?;
    }
    if worst > 0 && !found.worst.is_empty() {
        writeln!(
            out,
            "\n{:<12}{:<14}{:>8}{:>8}{:>14}  due to",
            "order", "market", "filled", "again", "total"
        )?;
    }
    for order in found.worst.iter().take(worst) {
        let due = named(&order.parts).into_iter().filter(|(_, part)| part.abs() > 1e-9);
        let due: Vec<String> = due.map(|(name, part)| format!("{name} {part:.2}")).collect();
        let (id, symbol, total) = (order.order, &order.symbol, order.total);
        let (filled, again) = (order.filled, order.filled_again);
        writeln!(out, "{id:<12}{symbol:<14}{filled:>8}{again:>8}{total:>14.2}  {}", due.join(", "))?;
    }
    Ok(out)
}

fn named(parts: &Parts) -> [(&'static str, f64); 6] {
    let Parts { data, timing, queue, slippage, fee, reject } = *parts;
    [
        ("data", data),
        ("timing", timing),
        ("queue", queue),
        ("slippage", slippage),
        ("fee", fee),
        ("reject", reject),
    ]
}
