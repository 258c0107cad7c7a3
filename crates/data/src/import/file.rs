//! A whole file into the catalogue, by the name of its format. What the format leaves open - grid, day, zone,
//! the symbol among many - comes with the call; what is not known is asked for and never guessed.

use super::{
    BytesRead, Import, Imported, LeanFile, Mapped, Mapping, Progress, Sourced, capture, csv_rows,
    feather_rows, itch_messages, json_rows, lean_mapping, lobster_messages, open_text_counted, parquet_rows,
    pitch_messages,
};
use crate::DataError;
use crate::catalogue::{Catalogue, Shelf};
use crate::check::Checked;
use crate::dispatch::RowWork;
use crate::row::{BarSpec, DepthRow, Kind, OrderRow, Row};
use model::{Grid, Time};
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::str::FromStr;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Csv,
    Json,
    Parquet,
    Feather,
    BinanceKlines,
    BinanceTrades,
    BinanceAggTrades,
    BinanceBookTicker,
    BinanceDepth,
    BinanceCapture,
    Freqtrade,
    Nautilus,
    Lean,
    Lobster,
    Pitch,
    Itch,
}

/// Every format and its name.
pub const FORMATS: [(Format, &str); 16] = [
    (Format::Csv, "csv"),
    (Format::Json, "json"),
    (Format::Parquet, "parquet"),
    (Format::Feather, "feather"),
    (Format::BinanceKlines, "binance-klines"),
    (Format::BinanceTrades, "binance-trades"),
    (Format::BinanceAggTrades, "binance-agg-trades"),
    (Format::BinanceBookTicker, "binance-book-ticker"),
    (Format::BinanceDepth, "binance-depth"),
    (Format::BinanceCapture, "binance-capture"),
    (Format::Freqtrade, "freqtrade"),
    (Format::Nautilus, "nautilus"),
    (Format::Lean, "lean"),
    (Format::Lobster, "lobster"),
    (Format::Pitch, "pitch"),
    (Format::Itch, "itch"),
];

/// What is imported, as what, and where to.
#[derive(Clone, Debug)]
pub struct FileImport {
    pub path: PathBuf,
    pub format: Format,
    pub shelf: Shelf,
    pub grid: Grid,
    /// In place of the format's own.
    pub mapping: Option<Mapping>,
    /// The day of files whose times count from midnight.
    pub date: Option<String>,
    /// The zone of times without one.
    pub zone: Option<String>,
    /// The instrument's name in files of many; its own if absent.
    pub symbol: Option<String>,
    /// Lean keeps prices of equities ten-thousandfold.
    pub is_equity: bool,
    pub faults_max: u64,
    /// Only the rows of these stretches, for a backfill; all if absent.
    pub within: Option<Vec<Range<Time>>>,
}

type Rows<R> = Box<dyn Iterator<Item = Sourced<R>>>;

impl Format {
    /// What the name of a file says, if it says it.
    #[must_use]
    pub fn of(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?;
        let stem = name.trim_end_matches(".gz").trim_end_matches(".zip");
        let ending = Path::new(stem).extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        let is_dump = |word: &str| name.contains(&format!("-{word}-20"));
        let is_kline = name.split('-').nth(1).is_some_and(|word| word.parse::<BarSpec>().is_ok());
        Some(match ending {
            "parquet" => Self::Parquet,
            "feather" => Self::Feather,
            "json" | "jsonl" | "ndjson" => Self::Json,
            _ if is_dump("aggTrades") => Self::BinanceAggTrades,
            _ if is_dump("trades") => Self::BinanceTrades,
            _ if is_dump("bookTicker") => Self::BinanceBookTicker,
            _ if is_kline => Self::BinanceKlines,
            _ if name.contains("_message_") => Self::Lobster,
            "pitch" => Self::Pitch,
            "itch" | "itch50" => Self::Itch,
            "csv" => Self::Csv,
            _ => return None,
        })
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = FORMATS.iter().find(|(format, _)| format == self).map_or("", |(_, name)| name);
        f.write_str(name)
    }
}

impl FromStr for Format {
    type Err = DataError;

    fn from_str(text: &str) -> Result<Self, DataError> {
        let known = || FORMATS.map(|(_, name)| name).join(", ");
        let found = FORMATS.iter().find(|(_, name)| *name == text).map(|(format, _)| *format);
        found.ok_or_else(|| {
            DataError::Mapping(format!("`{text}` is not a format: take one of {known}", known = known()))
        })
    }
}

impl Catalogue {
    /// `bytes` grows as the file is read. A file without rows of the kind is an error.
    pub fn import_file(
        &self,
        file: &FileImport,
        bytes: &BytesRead,
        progress: &mut dyn FnMut(Progress) -> bool,
    ) -> Result<Imported, DataError> {
        let done = match (file.format, file.shelf.kind) {
            (Format::BinanceCapture, Kind::Trades) => {
                let rows = file.texts(bytes, |text, file| Ok(capture(text, file.grid).trades()))?;
                self.keep(file, rows, progress)
            }
            (Format::BinanceCapture, Kind::Quotes) => {
                let rows = file.texts(bytes, |text, file| Ok(capture(text, file.grid).quotes()))?;
                self.keep(file, rows, progress)
            }
            (Format::BinanceCapture, Kind::Depth) => {
                let rows = file.texts(bytes, |text, file| Ok(capture(text, file.grid).depth()))?;
                self.keep(file, rows, progress)
            }
            (Format::BinanceDepth, Kind::Depth) => {
                let rows = WholeEvents { rows: file.mapped::<DepthRow>(bytes)?, next: None };
                self.keep(file, rows, progress)
            }
            (Format::Lobster | Format::Pitch | Format::Itch, Kind::Orders) => {
                self.keep(file, file.orders(bytes)?, progress)
            }
            _ => file.shelf.kind.with_rows(MappedFile { catalogue: self, file, bytes, progress }),
        }?;
        if done.rows_new + done.rows_known == 0 && file.within.is_none() {
            let (file, kind) = (file.path.clone(), file.shelf.kind.to_string());
            return Err(DataError::EmptyFile { file, kind, faults: done.faults });
        }
        Ok(done)
    }

    fn keep<R: Row>(
        &self,
        file: &FileImport,
        rows: impl Iterator<Item = Sourced<R>>,
        progress: &mut dyn FnMut(Progress) -> bool,
    ) -> Result<Imported, DataError> {
        let wanted = |row: &Sourced<R>| row.as_ref().map_or(true, |(_, row)| file.wants(row.time()));
        self.import(&file.import(), rows.filter(wanted), progress)
    }
}

struct MappedFile<'a> {
    catalogue: &'a Catalogue,
    file: &'a FileImport,
    bytes: &'a BytesRead,
    progress: &'a mut dyn FnMut(Progress) -> bool,
}

impl RowWork for MappedFile<'_> {
    type Out = Result<Imported, DataError>;

    fn with<R: Mapped + Checked>(self) -> Self::Out {
        let rows = self.file.mapped::<R>(self.bytes)?;
        self.catalogue.keep(self.file, rows, self.progress)
    }
}

impl FileImport {
    fn import(&self) -> Import {
        let source = self.path.file_name().unwrap_or(self.path.as_os_str()).to_string_lossy().into_owned();
        let part =
            self.within.iter().flatten().map(|range| format!(" from {} until {}", range.start, range.end));
        let source = source + &part.collect::<String>();
        Import { shelf: self.shelf, grid: self.grid, source, faults_max: self.faults_max }
    }

    fn wants(&self, time: Time) -> bool {
        self.within.as_ref().is_none_or(|ranges| ranges.iter().any(|range| range.contains(&time)))
    }

    fn symbol(&self) -> String {
        self.symbol.clone().unwrap_or_else(|| self.shelf.instrument.to_string())
    }

    /// The day that was given, or that the name has as `2012-06-21`.
    fn day(&self) -> Result<String, DataError> {
        let name = self.path.to_string_lossy();
        let is_day = |part: &&str| {
            part.len() == 10
                && part.bytes().enumerate().all(|(at, byte)| match at {
                    4 | 7 => byte == b'-',
                    _ => byte.is_ascii_digit(),
                })
        };
        let named = name.split(['_', '/', '.']).find(is_day).map(str::to_owned);
        let missing = || DataError::Mapping(format!("times in {} files need a date", self.format));
        self.date.clone().or(named).ok_or_else(missing)
    }

    /// The rows of all texts of the file, one text after the other.
    fn texts<R: 'static, I: Iterator<Item = Sourced<R>> + 'static>(
        &self,
        bytes: &BytesRead,
        read: impl Fn(super::Text, &Self) -> Result<I, DataError>,
    ) -> Result<Rows<R>, DataError> {
        let texts = open_text_counted(&self.path, bytes)?;
        let rows: Result<Vec<I>, DataError> = texts.into_iter().map(|text| read(text, self)).collect();
        Ok(Box::new(rows?.into_iter().flatten()))
    }

    /// Of the formats that tell single orders.
    fn orders(&self, bytes: &BytesRead) -> Result<Rows<OrderRow>, DataError> {
        let (date, symbol) = (self.day()?, self.symbol());
        match self.format {
            Format::Pitch => self.texts(bytes, |text, file| pitch_messages(text, &date, &symbol, file.grid)),
            Format::Itch => self.texts(bytes, |text, file| itch_messages(text, &date, &symbol, file.grid)),
            _ => self.texts(bytes, |text, file| lobster_messages(text, &date, file.grid)),
        }
    }

    fn mapped<R: Mapped>(&self, bytes: &BytesRead) -> Result<Rows<R>, DataError> {
        if self.format == Format::Lean {
            return self.texts(bytes, |text, file| {
                let mapping = file.lean(&text.name)?;
                csv_rows(text, &mapping, file.grid)
            });
        }
        let mapping = match &self.mapping {
            Some(mapping) => self.completed(mapping.clone()),
            None => self.completed(self.preset()?),
        };
        let is_parquet = self.path.extension().is_some_and(|ending| ending == "parquet");
        match self.format {
            Format::Parquet => Ok(Box::new(parquet_rows(&self.path, &mapping, self.grid)?)),
            Format::Nautilus if is_parquet => Ok(Box::new(parquet_rows(&self.path, &mapping, self.grid)?)),
            Format::Feather | Format::Freqtrade | Format::Nautilus => {
                Ok(Box::new(feather_rows(&self.path, &mapping, self.grid)?))
            }
            Format::Json => self.texts(bytes, |text, file| json_rows(text, &mapping, file.grid)),
            _ => self.texts(bytes, |text, file| csv_rows(text, &mapping, file.grid)),
        }
    }

    /// A mapping with what the call says beside it.
    fn completed(&self, mut mapping: Mapping) -> Mapping {
        if let Kind::Bars(BarSpec::Time(ns)) = self.shelf.kind {
            mapping.length = mapping.length.or_else(|| Some(BarSpec::Time(ns).to_string()));
        }
        mapping.time.zone = self.zone.clone().or(mapping.time.zone);
        mapping.time.date = self.date.clone().or(mapping.time.date);
        mapping
    }

    fn lean(&self, name: &str) -> Result<Mapping, DataError> {
        let zone = self.zone.as_deref();
        let zone = zone.ok_or_else(|| DataError::Mapping("times in lean files need a zone".to_owned()))?;
        lean_mapping(&LeanFile { name, is_equity: self.is_equity, zone })
    }

    fn preset(&self) -> Result<Mapping, DataError> {
        let length = match self.shelf.kind {
            Kind::Bars(spec) => spec.to_string(),
            _ => String::new(),
        };
        let wrong = || {
            let (format, kind) = (self.format, self.shelf.kind);
            DataError::Mapping(format!("{format} files hold no {kind}: name another kind, or give a mapping"))
        };
        Ok(match (self.format, self.shelf.kind) {
            (Format::Csv | Format::Json | Format::Parquet | Format::Feather, _) => Mapping::default(),
            (Format::BinanceKlines, Kind::Bars(_)) => Mapping::binance_klines(),
            (Format::BinanceTrades, Kind::Trades) => Mapping::binance_trades(),
            (Format::BinanceAggTrades, Kind::Trades) => Mapping::binance_agg_trades(),
            (Format::BinanceBookTicker, Kind::Quotes) => Mapping::binance_book_ticker(),
            (Format::BinanceDepth, Kind::Depth) => Mapping::binance_depth(),
            (Format::Freqtrade, Kind::Bars(_)) => Mapping::freqtrade_candles(&length),
            (Format::Freqtrade, Kind::Trades) => Mapping::freqtrade_trades(),
            (Format::Nautilus, Kind::Bars(_)) => Mapping::nautilus_bars(&length),
            (Format::Nautilus, Kind::Quotes) => Mapping::nautilus_quotes(),
            (Format::Nautilus, Kind::Trades) => Mapping::nautilus_trades(),
            (Format::Nautilus, Kind::Orders) => Mapping::nautilus_orders(),
            _ => return Err(wrong()),
        })
    }
}

/// Rows of depth whose events show by their number only: the last row of one is the row before the next.
struct WholeEvents<I> {
    rows: I,
    next: Option<Sourced<DepthRow>>,
}

impl<I: Iterator<Item = Sourced<DepthRow>>> Iterator for WholeEvents<I> {
    type Item = Sourced<DepthRow>;

    fn next(&mut self) -> Option<Self::Item> {
        let row = self.next.take().or_else(|| self.rows.next())?;
        self.next = self.rows.next();
        Some(row.map(|(line, row)| {
            let goes_on = match &self.next {
                Some(Ok((_, next))) => next.sequence == row.sequence && next.snapshot == row.snapshot,
                _ => false,
            };
            (line, DepthRow { last: !goes_on, ..row })
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_say_formats() {
        let check = |name: &str, expected: Option<Format>| {
            assert_eq!(Format::of(Path::new(name)), expected, "{name}")
        };
        check("BTCUSDT-1m-2024-08.zip", Some(Format::BinanceKlines));
        check("BTCUSDT-trades-2024-08-08.zip", Some(Format::BinanceTrades));
        check("BTCUSDT-aggTrades-2024-08-08.csv", Some(Format::BinanceAggTrades));
        check("BTCUSDT-bookTicker-2024-03-30.zip", Some(Format::BinanceBookTicker));
        check("AAPL_2012-06-21_34200000_37800000_message_50.csv.gz", Some(Format::Lobster));
        check("rows.csv.gz", Some(Format::Csv));
        check("a.jsonl.gz", Some(Format::Json));
        check("BTC_USDT-5m.feather", Some(Format::Feather));
        check("20131007_trade.zip", None);
        check("notes.txt", None);
        for (format, name) in FORMATS {
            assert_eq!((name.parse::<Format>().ok(), format.to_string().as_str()), (Some(format), name));
        }
        assert!("excel".parse::<Format>().is_err());
    }
}
