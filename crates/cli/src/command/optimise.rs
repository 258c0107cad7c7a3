//! `staysail optimise FILE` and `staysail walk-forward FILE`: parameters are searched, and the best is doubted.

use super::backtest::{folder, load};
use super::say;
use anyhow::{Context, Result};
use backtest::config::{Config, Loaded};
use backtest::search::{
    self, Evidence, MonteCarlo, Noisy, Objective, Space, Split, Trial, evidence, monte_carlo, note_trials,
    trials_before,
};
use std::fmt::Write;
use std::num::NonZero;
use std::path::PathBuf;

/// Tries parameters, and says what the best of them is worth.
#[derive(clap::Args)]
pub struct Optimise {
    /// The file that says what to run; its [search] says what varies.
    file: PathBuf,
    /// Workers; what is found does not depend on their number.
    #[arg(long)]
    threads: Option<usize>,
    /// How many of the best to tell.
    #[arg(long, default_value_t = 10)]
    best: usize,
    /// Where every trial on this data is counted; beside the catalogue if not given.
    #[arg(long)]
    ledger: Option<PathBuf>,
    /// Run the best again over prices that are moved by chance, by this share of each bar's range.
    #[arg(long)]
    noise: Option<f64>,
    /// How often.
    #[arg(long, default_value_t = 100)]
    rounds: usize,
}

/// Chooses on one stretch of time and judges on the next, again and again.
#[derive(clap::Args)]
pub struct WalkForward {
    /// The file that says what to run; its [search] and [walk_forward] say how.
    file: PathBuf,
    #[arg(long)]
    threads: Option<usize>,
}

fn workers(asked: Option<usize>) -> usize {
    asked.or_else(|| std::thread::available_parallelism().ok().map(NonZero::get)).unwrap_or(1)
}

fn data_of(loaded: &Loaded) -> String {
    loaded.data.iter().map(|(_, found)| found.hash.as_str()).collect::<Vec<_>>().join("+")
}

impl Optimise {
    pub fn run(&self) -> Result<()> {
        let (_, config, loaded) = load(&self.file)?;
        let (space, of) = config.space()?;
        let threads = workers(self.threads.or(of.threads));
        let trials = search::search(&loaded.plan, &space, of.method, of.objective, threads)
            .with_context(|| format!("{} was not searched", self.file.display()))?;
        let data = data_of(&loaded);
        let ledger = self
            .ledger
            .clone()
            .unwrap_or_else(|| folder(&self.file).join(&config.catalogue).join("trials.jsonl"));
        let before = trials_before(&ledger, &data)?;
        let kind = loaded.plan.strategies.get(space.strategy).map(|of| of.kind.clone()).unwrap_or_default();
        note_trials(&ledger, &data, &kind, trials.len() as u64)?;
        let found = evidence(&trials, of.objective, before, 1)?;
        let mut out = String::new();
        table(&mut out, &space, &trials, of.objective, self.best)?;
        doubts(&mut out, &trials, &found)?;
        if let Some(best) = trials.get(found.best) {
            futures(&mut out, &monte_carlo(&best.returns, &[], 1_000, 1))?;
            if let Some(share) = self.noise {
                let plan = space.plan(&loaded.plan, &best.values);
                moved(&mut out, &search::noisy(&plan, (self.rounds, share), 1, threads)?)?;
            }
        }
        say(out.trim_end())
    }
}

fn table(out: &mut String, space: &Space, trials: &[Trial], objective: Objective, best: usize) -> Result<()> {
    let mut ranked: Vec<&Trial> = trials.iter().collect();
    ranked.sort_by(|a, b| b.score(objective).total_cmp(&a.score(objective)).then(a.number.cmp(&b.number)));
    writeln!(out, "{} trials; the best {}", trials.len(), best.min(trials.len()))?;
    let names: Vec<String> = space.axes.iter().map(|axis| format!("{:>10}", axis.name)).collect();
    writeln!(out, "{} {:>10} {:>8} {:>10} {:>7}", names.join(""), "return", "Sharpe", "fall", "trades")?;
    for trial in ranked.into_iter().take(best) {
        let values: Vec<String> = trial.values.iter().map(|value| format!("{value:>10}")).collect();
        let ratio = trial.sharpe.map_or("-".to_owned(), |ratio| format!("{ratio:.2}"));
        let (total, fall) = (trial.total_return * 100.0, trial.max_drawdown * 100.0);
        writeln!(out, "{} {total:>8.2} % {ratio:>8} {fall:>8.2} % {:>7}", values.join(""), trial.trades)?;
    }
    Ok(())
}

fn doubts(out: &mut String, trials: &[Trial], found: &Evidence) -> Result<()> {
    let figure = |figure: Option<f64>| figure.map_or("-".to_owned(), |figure| format!("{figure:.3}"));
    writeln!(out, "\nis the best skill or luck?")?;
    writeln!(out, "  trials here, and before on this data   {}, {}", trials.len(), found.trials_before)?;
    writeln!(out, "  deflated Sharpe (above 0.95 is skill)   {}", figure(found.deflated_sharpe))?;
    writeln!(out, "  overfitting (below 0.5)                 {}", figure(found.overfit))?;
    writeln!(out, "  White's reality check (below 0.05)      {}", figure(found.p_value))?;
    let verdict = if found.is_significant {
        "the best is more than luck, as far as this data can say"
    } else {
        "the best is not distinguishable from the best of as many without skill"
    };
    writeln!(out, "  {verdict}")?;
    Ok(())
}

fn futures(out: &mut String, found: &MonteCarlo) -> Result<()> {
    let (Some([low, middle, high]), Some([_, fall, worst])) = (found.total, found.drawdown) else {
        return Ok(());
    };
    writeln!(out, "\n{} futures of the best, its days drawn again in blocks", found.rounds)?;
    writeln!(
        out,
        "  return     {:.2} % to {:.2} %, middle {:.2} %",
        low * 100.0,
        high * 100.0,
        middle * 100.0
    )?;
    writeln!(
        out,
        "  deepest fall {:.2} % in the middle, {:.2} % in one of twenty",
        fall * 100.0,
        worst * 100.0
    )?;
    Ok(())
}

fn moved(out: &mut String, found: &Noisy) -> Result<()> {
    let percent = |share: f64| format!("{:.2} %", share * 100.0);
    let [low, middle, high] = found.totals.map(percent);
    let (rounds, share) = (found.rounds, percent(found.share));
    writeln!(out, "\n{rounds} runs of the best, every price moved by chance, by {share} of its bar's range")?;
    writeln!(out, "  return       {} as it was; {low} to {high}, middle {middle}", percent(found.total))?;
    let [_, middle, high] = found.drawdowns.map(percent);
    writeln!(
        out,
        "  deepest fall {} as it was; {middle} in the middle, {high} in one of twenty",
        percent(found.drawdown)
    )?;
    writeln!(out, "  {} of the runs lose", percent(found.losing))?;
    Ok(())
}

impl WalkForward {
    pub fn run(&self) -> Result<()> {
        let (_, config, loaded) = load(&self.file)?;
        let (space, of) = config.space()?;
        let split = split(&config);
        let threads = workers(self.threads.or(of.threads));
        let found = search::walk_forward(&loaded.plan, &space, of.method, of.objective, split, threads)
            .with_context(|| format!("{} was not walked", self.file.display()))?;
        let mut out = String::new();
        writeln!(
            out,
            "{:<21} {:<21} {:>24} {:>9} {:>9}",
            "judged from", "until", "chosen", "inside", "outside"
        )?;
        for (fold, chosen, judged) in &found.folds {
            let values: Vec<String> = chosen.values.iter().map(ToString::to_string).collect();
            let (from, until) = fold.test;
            let (inside, outside) = (chosen.total_return * 100.0, judged.total_return * 100.0);
            writeln!(
                out,
                "{from:<21} {until:<21} {:>24} {inside:>7.2} % {outside:>7.2} %",
                values.join(" ")
            )?;
        }
        let day = |share: f64| share * 10_000.0;
        writeln!(
            out,
            "\na day: {:.2} bp where they were chosen, {:.2} bp where they were judged",
            day(found.inside),
            day(found.outside)
        )?;
        say(out.trim_end())
    }
}

fn split(config: &Config) -> Split {
    config.walk_forward.unwrap_or(Split::Anchored { folds: 5 })
}
