//! Real markets that are built into the program, for a first run without a network. `samples/README.md` says
//! where each is from.

use crate::DataError;
use crate::catalogue::{Catalogue, Shelf};
use crate::import::{Import, Imported, Mapping, Text, TimeUnit, capture, csv_rows};
use crate::row::{BarRow, BarSpec, Kind};
use flate2::read::GzDecoder;
use model::{Grid, Money, Symbol};
use std::io::Cursor;

/// A sample by name; some hold several kinds of one instrument.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    pub name: &'static str,
    pub about: &'static str,
    pub instrument: &'static str,
    pub kinds: &'static [&'static str],
    tick: &'static str,
    lot: &'static str,
    zone: Option<&'static str>,
    file: &'static str,
    bytes: &'static [u8],
}

/// The file's name and what is in it.
macro_rules! file {
    ($name:literal) => {
        ($name, include_bytes!(concat!("../samples/", $name)))
    };
}

const NEW_YORK: Option<&str> = Some("America/New_York");
const DAYS: &[&str] = &["bars-1d"];
const MINUTES: &[&str] = &["bars-1m"];

pub const SAMPLES: [Sample; 7] = [
    stock("spy-daily", "SPY, days of 1998 to 2021", "SPY", DAYS, None, file!("SPY_daily.csv.gz")),
    stock("aapl-daily", "AAPL, days of 1998 to 2021", "AAPL", DAYS, None, file!("AAPL_daily.csv.gz")),
    stock("ibm-daily", "IBM, days of 1998 to 2021", "IBM", DAYS, None, file!("IBM_daily.csv.gz")),
    stock(
        "spy-minute",
        "SPY, minutes of a week in 2013",
        "SPY",
        MINUTES,
        NEW_YORK,
        file!("SPY_20131007_11.csv.gz"),
    ),
    coin("btc-daily", "BTC-USD, days of 2014 to 2018", DAYS, file!("coinbase_BTCUSD_daily.csv.gz")),
    coin(
        "btc-minute",
        "BTC-USD, minutes of three days in 2018",
        MINUTES,
        file!("coinbase_BTCUSD_minute_20180404_06.csv.gz"),
    ),
    Sample {
        instrument: "BTC-USDT",
        lot: "0.00000001",
        ..coin(
            "btc-ticks",
            "BTC-USDT, every trade, quote and change of depth of some seconds in 2024",
            &["trades", "quotes", "depth"],
            file!("spot_btcusdt_20240808_head.jsonl.gz"),
        )
    },
];

type Packed<const N: usize> = (&'static str, &'static [u8; N]);

const fn stock<const N: usize>(
    name: &'static str,
    about: &'static str,
    instrument: &'static str,
    kinds: &'static [&'static str],
    zone: Option<&'static str>,
    (file, bytes): Packed<N>,
) -> Sample {
    Sample { name, about, instrument, kinds, tick: "0.0001", lot: "1", zone, file, bytes }
}

const fn coin<const N: usize>(
    name: &'static str,
    about: &'static str,
    kinds: &'static [&'static str],
    (file, bytes): Packed<N>,
) -> Sample {
    let (tick, lot) = ("0.01", "0.000000000001");
    Sample { name, about, instrument: "BTC-USD", kinds, tick, lot, zone: None, file, bytes }
}

impl Catalogue {
    /// Imports all kinds of a sample; again changes nothing.
    pub fn import_sample(&self, sample: &Sample) -> Result<Imported, DataError> {
        let mut all = Imported::default();
        for kind in sample.kinds {
            let done = self.import_kind(sample, kind.parse()?)?;
            all.rows_new += done.rows_new;
            all.rows_known += done.rows_known;
        }
        Ok(all)
    }

    fn import_kind(&self, sample: &Sample, kind: Kind) -> Result<Imported, DataError> {
        let amount = |text: &str| Money::parse(text).or(Err(broken(sample)));
        let grid = Grid { tick: amount(sample.tick)?, lot: amount(sample.lot)? };
        let instrument = Symbol::new(sample.instrument).or(Err(broken(sample)))?;
        let import =
            Import { shelf: Shelf { instrument, kind }, grid, source: sample.file.to_owned(), faults_max: 0 };
        let text =
            Text { name: sample.file.to_owned(), read: Box::new(GzDecoder::new(Cursor::new(sample.bytes))) };
        let go_on = &mut |_| true;
        match kind {
            Kind::Trades => self.import(&import, capture(text, grid).trades(), go_on),
            Kind::Quotes => self.import(&import, capture(text, grid).quotes(), go_on),
            Kind::Depth => self.import(&import, capture(text, grid).depth(), go_on),
            Kind::Bars(spec) => {
                let rows = csv_rows::<BarRow>(text, &bars(spec, sample.zone), grid)?;
                self.import(&import, rows, go_on)
            }
            _ => Err(broken(sample)),
        }
    }
}

/// The columns of the files of bars; days are named by date, minutes by time.
fn bars(spec: BarSpec, zone: Option<&str>) -> Mapping {
    let fields = ["open", "high", "low", "close", "volume"].map(|name| (name, name));
    let mut mapping = Mapping::named(&fields);
    let is_day = spec == BarSpec::Time(86_400_000_000_000);
    mapping.columns.insert("time".to_owned(), if is_day { "date" } else { "time" }.to_owned());
    mapping.length = Some(spec.to_string());
    mapping.time.unit = TimeUnit::Iso;
    mapping.time.zone = zone.map(str::to_owned);
    mapping
}

fn broken(sample: &Sample) -> DataError {
    DataError::Mapping(format!("the sample {} is not as it was built", sample.name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::row::{QuoteRow, TradeRow};
    use model::Time;

    #[test]
    fn every_sample_is_whole_and_sane() {
        let folder = tempfile::tempdir().expect("a folder");
        let catalogue = Catalogue::open_to_write(folder.path()).expect("a catalogue");
        let expected = [5_849, 5_849, 5_849, 4_128, 1_318, 3_887, 651];
        for (sample, least) in SAMPLES.iter().zip(expected) {
            let done = catalogue.import_sample(sample).expect(sample.name);
            assert!(done.rows_new >= least, "{}: {} rows", sample.name, done.rows_new);
            let again = catalogue.import_sample(sample).expect(sample.name);
            assert_eq!((again.rows_new, again.rows_known), (0, done.rows_new), "{}", sample.name);
        }
        let all = Time::MIN..Time::MAX;
        let shelf = |instrument: &str, kind: &str| Shelf {
            instrument: Symbol::new(instrument).expect("a symbol"),
            kind: kind.parse().expect("a kind"),
        };
        for (instrument, kind) in [("SPY", "bars-1d"), ("IBM", "bars-1d"), ("BTC-USD", "bars-1m")] {
            let rows = catalogue.scan::<BarRow>(&shelf(instrument, kind), all.clone()).expect("a scan");
            assert!(rows.rows().all(|bar| bar.expect("a bar").is_sane()));
        }
        let ticks = |kind| shelf("BTC-USDT", kind);
        assert_eq!(
            catalogue.scan::<TradeRow>(&ticks("trades"), all.clone()).expect("a scan").rows().count(),
            408
        );
        assert!(catalogue.scan::<QuoteRow>(&ticks("quotes"), all).expect("a scan").rows().count() > 100);
    }
}
