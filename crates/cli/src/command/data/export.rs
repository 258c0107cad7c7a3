//! `staysail data export`: rows for other programs, in a file that is whole or not there.

use super::progress::{Shown, Stop};
use super::series::Series;
use anyhow::{Context, Result};
use data::{Catalogue, Checked, DataError, ExportFormat, Mapped, RowWork, Shelf};
use model::Time;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// Writes rows as CSV, JSON lines or Parquet; what is written can be imported again without a mapping.
#[derive(clap::Args)]
pub struct Export {
    #[command(flatten)]
    series: Series,
    /// Where to; the terminal or pipe if absent.
    #[arg(long)]
    out: Option<PathBuf>,
    /// The form; if absent what the name of the file ends in, and else CSV.
    #[arg(long, value_enum)]
    format: Option<Form>,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Form {
    Csv,
    Json,
    Parquet,
}

impl Export {
    pub fn run(&self, root: &Path) -> Result<()> {
        let (catalogue, stop) = (Catalogue::open(root), Stop::new()?);
        let shown = Shown::of_rows("exporting", &stop);
        let Some(path) = &self.out else {
            self.write(&catalogue, BufWriter::new(io::stdout()), &shown)?;
            return Ok(());
        };
        let beside = path.with_added_extension("new");
        let file = File::create(&beside).with_context(|| format!("cannot write {}", beside.display()))?;
        let written = self.write(&catalogue, BufWriter::new(file), &shown);
        if written.is_err() {
            fs::remove_file(&beside).with_context(|| format!("cannot remove {}", beside.display()))?;
        }
        let rows = written?;
        fs::rename(&beside, path).with_context(|| format!("cannot write {}", path.display()))?;
        drop(shown);
        writeln!(
            io::stdout(),
            "{}: {rows} rows of {} {}",
            path.display(),
            self.series.instrument,
            self.series.kind
        )?;
        Ok(())
    }

    fn write(&self, catalogue: &Catalogue, out: impl Write + Send, shown: &Shown) -> Result<u64> {
        let (shelf, range) = (self.series.shelf(), self.series.range()?);
        let format = self.form();
        let done = shelf.kind.with_rows(Written { catalogue, shelf, range, format, out, shown });
        done.map_err(|error| match error {
            // A closed pipe is no fault, and known by its kind.
            DataError::Out(error) => error.into(),
            error => error.into(),
        })
    }

    fn form(&self) -> ExportFormat {
        let ending = self.out.as_deref().and_then(Path::extension).and_then(|ending| ending.to_str());
        match (self.format, ending) {
            (Some(Form::Csv), _) => ExportFormat::Csv,
            (Some(Form::Json), _) | (None, Some("json" | "jsonl" | "ndjson")) => ExportFormat::Json,
            (Some(Form::Parquet), _) | (None, Some("parquet")) => ExportFormat::Parquet,
            (None, _) => ExportFormat::Csv,
        }
    }
}

struct Written<'a, W> {
    catalogue: &'a Catalogue,
    shelf: Shelf,
    range: Range<Time>,
    format: ExportFormat,
    out: W,
    shown: &'a Shown,
}

impl<W: Write + Send> RowWork for Written<'_, W> {
    type Out = Result<u64, DataError>;

    fn with<R: Mapped + Checked>(mut self) -> Self::Out {
        let step = &mut |progress| self.shown.step(progress);
        self.catalogue.export::<R>(&self.shelf, self.range, self.format, &mut self.out, step)
    }
}
