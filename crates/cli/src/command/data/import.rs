//! `staysail data import`: files of others, or the samples that are built in, into the catalogue.

use super::progress::{Shown, Stop};
use super::series::{kind, symbol};
use anyhow::{Context, Result, anyhow, bail};
use data::{Catalogue, FORMATS, FileImport, Format, Imported, Kind, Mapping, SAMPLES, Shelf};
use model::{Grid, Money, Symbol};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Puts rows of files into the catalogue. Run again after a stop or a kill, it goes on where it was.
#[derive(clap::Args)]
pub struct Import {
    /// The files: plain, .gz or .zip text, Parquet, or Feather.
    #[arg(required_unless_present = "sample")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    shape: Shape,
    /// The instrument that the rows are of.
    #[arg(long, value_parser = symbol, required_unless_present = "sample")]
    instrument: Option<Symbol>,
    /// The kind of rows: trades, quotes, depth, orders, bars-1m, funding, actions, news, facts, series-NAME.
    #[arg(long, value_parser = kind, required_unless_present = "sample")]
    kind: Option<Kind>,
    /// Real data that is built in, by its name; `all` for every sample, `list` to see them.
    #[arg(long, conflicts_with_all = ["files", "instrument", "kind"])]
    sample: Option<String>,
}

/// How files are to be read.
#[derive(clap::Args)]
pub struct Shape {
    /// What the files are, where their names do not say it.
    #[arg(long, value_parser = format)]
    format: Option<Format>,
    /// A TOML file that says which column is which field; docs/DATA.md has an example.
    #[arg(long)]
    mapping: Option<PathBuf>,
    /// The step of prices, once for an instrument.
    #[arg(long, value_parser = amount, requires = "lot")]
    tick: Option<Money>,
    /// The step of quantities, once for an instrument.
    #[arg(long, value_parser = amount, requires = "tick")]
    lot: Option<Money>,
    /// The day of files whose times count from midnight, such as 2012-06-21.
    #[arg(long)]
    date: Option<String>,
    /// The zone of times without one, such as America/New_York.
    #[arg(long)]
    zone: Option<String>,
    /// What the files call the instrument, where they hold many.
    #[arg(long)]
    symbol: Option<String>,
    /// Prices of Lean files are those of an equity, ten-thousandfold.
    #[arg(long)]
    equity: bool,
    /// Faulty rows to leave out before giving up.
    #[arg(long, default_value_t = 0)]
    faults: u64,
}

impl Import {
    pub fn run(&self, root: &Path) -> Result<()> {
        let stop = Stop::new()?;
        let mut out = io::stdout().lock();
        if let Some(name) = &self.sample {
            return samples(root, name, &mut out);
        }
        let (instrument, kind) = self.instrument.zip(self.kind).context("name --instrument and --kind")?;
        let catalogue = Catalogue::open_to_write(root)?;
        for path in &self.files {
            let file = self.shape.file(&catalogue, path, Shelf { instrument, kind })?;
            let shown = Shown::of_bytes(&file_name(path), size(path)?, &stop);
            let done = catalogue
                .import_file(&file, &shown.bytes(), &mut |progress| shown.step(progress))
                .with_context(|| format!("{} was not imported whole", path.display()))?;
            drop(shown);
            tell(&mut out, path, &file, &done)?;
            if stop.is_wished() {
                bail!("stopped; run the same command again to go on");
            }
        }
        Ok(())
    }
}

impl Shape {
    pub fn file(&self, catalogue: &Catalogue, path: &Path, shelf: Shelf) -> Result<FileImport> {
        let unknown = || {
            let known = FORMATS.map(|(_, name)| name).join(", ");
            anyhow!("the name {} says no format: say one with --format: {known}", path.display())
        };
        Ok(FileImport {
            path: path.to_owned(),
            format: self.format.or_else(|| Format::of(path)).ok_or_else(unknown)?,
            shelf,
            grid: self.grid(catalogue, &shelf)?,
            mapping: self.mapping()?,
            date: self.date.clone(),
            zone: self.zone.clone(),
            symbol: self.symbol.clone(),
            is_equity: self.equity,
            faults_max: self.faults,
            within: None,
        })
    }

    fn mapping(&self) -> Result<Option<Mapping>> {
        let Some(path) = &self.mapping else { return Ok(None) };
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        Mapping::parse(&text).map(Some).with_context(|| format!("in {}", path.display()))
    }

    /// What was typed, or what the instrument's rows are kept on already. Text has no grid.
    fn grid(&self, catalogue: &Catalogue, shelf: &Shelf) -> Result<Grid> {
        if let Some((tick, lot)) = self.tick.zip(self.lot) {
            return Ok(Grid { tick, lot });
        }
        if let Some(grid) = catalogue.grid_of(&shelf.instrument)? {
            return Ok(grid);
        }
        if matches!(shelf.kind, Kind::News | Kind::Facts | Kind::Series(_)) {
            return Ok(Grid { tick: Money::ONE, lot: Money::ONE });
        }
        let name = shelf.instrument;
        bail!("{name} is new here: say its grid, such as --tick 0.01 --lot 0.00001")
    }
}

pub fn tell(out: &mut impl Write, path: &Path, file: &FileImport, done: &Imported) -> Result<()> {
    let Shelf { instrument, kind } = file.shelf;
    let Imported { rows_new, rows_known, faults, told } = done;
    let (name, known) = (path.display(), format!("{rows_known} known, {faults} faulty"));
    writeln!(out, "{name}: {rows_new} new rows of {instrument} {kind}, {known}")?;
    told.iter().try_for_each(|fault| writeln!(out, "  left out: {fault}"))?;
    Ok(())
}

pub fn size(path: &Path) -> Result<u64> {
    Ok(fs::metadata(path).with_context(|| format!("cannot read {}", path.display()))?.len())
}

pub fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

fn samples(root: &Path, name: &str, out: &mut impl Write) -> Result<()> {
    let chosen: Vec<_> = SAMPLES.iter().filter(|sample| name == "all" || sample.name == name).collect();
    if chosen.is_empty() {
        for sample in &SAMPLES {
            let kinds = sample.kinds.join(", ");
            writeln!(out, "{:12} {} ({} {kinds})", sample.name, sample.about, sample.instrument)?;
        }
        return if name == "list" { Ok(()) } else { Err(anyhow!("`{name}` is no sample; these are")) };
    }
    let catalogue = Catalogue::open_to_write(root)?;
    for sample in chosen {
        let done = catalogue.import_sample(sample)?;
        let Imported { rows_new, rows_known, .. } = done;
        let (name, instrument, kinds) = (sample.name, sample.instrument, sample.kinds.join(", "));
        writeln!(out, "{name}: {rows_new} new rows of {instrument} {kinds}, {rows_known} known")?;
    }
    Ok(())
}

fn format(text: &str) -> Result<Format> {
    Ok(text.parse()?)
}

fn amount(text: &str) -> Result<Money> {
    let amount = Money::parse(text)?;
    if amount > Money::ZERO { Ok(amount) } else { Err(anyhow!("a step is above zero")) }
}
