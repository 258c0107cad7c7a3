//! What the catalogue promises: any split of appends is one append, a query is a filter, a compaction changes
//! nothing, a crash leaves nothing that a reader sees, and a day of any size takes a few batches of memory.

use crate::sample::{DAY_NS, grid, shelf, trade};
use data::{BATCH_ROWS, Catalogue, DataError, FlawKind, QuoteRow, Shelf, TradeRow};
use model::{Grid, Time};
use proptest::prelude::{Strategy, prop_assert_eq, proptest};
use std::fs;
use std::path::PathBuf;
use tempfile::TempDir;

const ALL: std::ops::Range<Time> = Time::MIN..Time::MAX;

fn read(catalogue: &Catalogue, shelf: &Shelf, range: std::ops::Range<Time>) -> Vec<TradeRow> {
    let scan = catalogue.scan::<TradeRow>(shelf, range).expect("a scan");
    scan.rows().collect::<Result<_, _>>().expect("rows")
}

fn the_grid() -> Grid {
    grid("0.01", "0.00001")
}

fn open() -> (TempDir, Catalogue, Shelf) {
    let folder = tempfile::tempdir().expect("a folder");
    let catalogue = Catalogue::open_to_write(folder.path()).expect("a catalogue");
    (folder, catalogue, shelf("BTC/USDT", "trades"))
}

/// Times of three days in any order, with many equal.
fn times() -> impl Strategy<Value = Vec<i64>> {
    proptest::collection::vec(
        (0i64..40).prop_map(|step| step * DAY_NS / 13 + 1_700_000_000_000_000_000),
        1..120,
    )
}

proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(12))]

    #[test]
    fn any_split_is_one_append_and_a_query_is_a_filter(
        times in times(),
        cuts in proptest::collection::vec(1usize..7, 1..60),
        from in 0i64..40,
        length in 0i64..40,
    ) {
        let rows: Vec<TradeRow> = times.iter().zip(0..).map(|(time, id)| trade(*time, id)).collect();
        let (_folder, catalogue, shelf) = open();
        let mut rest = rows.as_slice();
        for cut in cuts.iter().cycle() {
            let (now, later) = rest.split_at((*cut).min(rest.len()));
            catalogue.append(&shelf, the_grid(), now).expect("an append");
            rest = later;
            if rest.is_empty() {
                break;
            }
        }
        let mut expected = rows;
        expected.sort_by_key(|row| row.time);
        prop_assert_eq!(read(&catalogue, &shelf, ALL), expected.clone());

        let start = Time(1_700_000_000_000_000_000 + from * DAY_NS / 13);
        let range = start..start.saturating_add_ns(length * DAY_NS / 13);
        let filtered: Vec<TradeRow> = expected.iter().filter(|row| range.contains(&row.time)).cloned().collect();
        prop_assert_eq!(read(&catalogue, &shelf, range.clone()), filtered.clone());

        let done = catalogue.compact::<TradeRow>(&shelf).expect("a compaction");
        prop_assert_eq!(done.parts_after, done.partitions);
        prop_assert_eq!(read(&catalogue, &shelf, ALL), expected);
        prop_assert_eq!(read(&catalogue, &shelf, range), filtered);
        prop_assert_eq!(catalogue.verify().expect("a look"), []);
    }
}

#[test]
fn many_small_appends_stay_few_files() {
    let (_folder, catalogue, shelf) = open();
    for id in 0..300 {
        catalogue.append(&shelf, the_grid(), &[trade(DAY_NS + id, id)]).expect("an append");
    }
    let stats = catalogue.stats(&shelf).expect("figures");
    assert_eq!((stats.rows, stats.partitions), (300, 1));
    assert!(stats.parts <= 1 + 15 + 15, "{} parts", stats.parts);
    assert_eq!(stats.times, Some((Time(DAY_NS), Time(DAY_NS + 299))));
    assert_eq!(read(&catalogue, &shelf, ALL).len(), 300);
}

#[test]
fn a_large_day_takes_a_few_batches_of_memory() {
    const ROWS: i64 = 1_000_000;
    const APPENDS: i64 = 10;
    let (_folder, catalogue, shelf) = open();
    for part in 0..APPENDS {
        let rows: Vec<TradeRow> = (0..ROWS / APPENDS)
            .map(|at| part * (ROWS / APPENDS) + at)
            .map(|id| trade(id * 1000, id))
            .collect();
        catalogue.append(&shelf, the_grid(), &rows).expect("an append");
    }
    let mut scan = catalogue.scan::<TradeRow>(&shelf, ALL).expect("a scan");
    let mut next = 0;
    for batch in scan.by_ref() {
        let batch = batch.expect("a batch");
        assert!(batch.len() <= BATCH_ROWS);
        for row in batch {
            assert_eq!(row.id, Some(next));
            next += 1;
        }
    }
    assert_eq!(next, ROWS);
    let cost = scan.cost();
    assert!(cost.rows_held_max <= 3 * BATCH_ROWS, "{cost:?}");
    assert_eq!((cost.rows, cost.groups_skipped), (1_000_000, 0));

    let range = Time(500_000_000)..Time(500_010_000);
    let mut scan = catalogue.scan::<TradeRow>(&shelf, range).expect("a scan");
    assert_eq!(scan.by_ref().map(|batch| batch.expect("a batch").len()).sum::<usize>(), 10);
    let cost = scan.cost();
    assert_eq!((cost.parts, cost.groups_read, cost.groups_skipped), (1, 1, 1), "one row group of one part");
}

#[test]
fn what_a_crash_leaves_is_ignored_and_told() {
    let (folder, catalogue, shelf) = open();
    catalogue.append(&shelf, the_grid(), &[trade(DAY_NS, 1), trade(DAY_NS + 1, 2)]).expect("an append");
    let before = read(&catalogue, &shelf, ALL);
    let partition = partition(&folder);
    let part = partition.join("rows-00000001-00000001.parquet");
    let bytes = fs::read(&part).expect("a part");

    fs::write(partition.join("rows-00000002-00000002.parquet.new"), &bytes[..bytes.len() / 2])
        .expect("written");
    fs::write(partition.join("rows-00000002-00000002.parquet"), &bytes[..bytes.len() / 3]).expect("written");
    fs::write(partition.join("manifest.new"), "staysail ro").expect("written");
    assert_eq!(read(&catalogue, &shelf, ALL), before, "ignored");
    let kinds: Vec<FlawKind> =
        catalogue.verify().expect("a look").into_iter().map(|flaw| flaw.kind).collect();
    assert_eq!(kinds, [FlawKind::Unfinished, FlawKind::Unfinished, FlawKind::Unlisted], "told");
    assert!(kinds.iter().all(|kind| !kind.loses_rows()));

    catalogue.append(&shelf, the_grid(), &[trade(DAY_NS + 2, 3)]).expect("the next append takes the place");
    assert_eq!(read(&catalogue, &shelf, ALL).len(), 3);
    catalogue.repair().expect("repaired");
    assert_eq!(catalogue.verify().expect("a look"), []);
    assert_eq!(read(&catalogue, &shelf, ALL).len(), 3);
}

#[test]
fn a_torn_manifest_is_made_again_from_the_parts() {
    let (folder, catalogue, shelf) = open();
    for id in 0..20 {
        catalogue.append(&shelf, the_grid(), &[trade(DAY_NS + id, id)]).expect("an append");
    }
    let before = read(&catalogue, &shelf, ALL);
    let manifest = partition(&folder).join("manifest");
    let bytes = fs::read(&manifest).expect("a manifest");
    fs::write(&manifest, &bytes[..bytes.len() - 9]).expect("torn");
    assert!(matches!(catalogue.scan::<TradeRow>(&shelf, ALL), Err(DataError::Manifest(_))));
    let flaws = catalogue.repair().expect("repaired");
    assert_eq!(flaws.iter().map(|flaw| flaw.kind).collect::<Vec<_>>(), [FlawKind::Manifest]);
    assert_eq!(read(&catalogue, &shelf, ALL), before);
    assert_eq!(fs::read(&manifest).expect("a manifest"), bytes, "byte for byte");
}

#[test]
fn damage_is_an_error_and_never_a_shorter_answer() {
    let (folder, catalogue, shelf) = open();
    let rows: Vec<TradeRow> = (0..5000).map(|id| trade(DAY_NS + id, id)).collect();
    catalogue.append(&shelf, the_grid(), &rows).expect("an append");
    let part = partition(&folder).join("rows-00000001-00000001.parquet");
    let bytes = fs::read(&part).expect("a part");

    fs::write(&part, &bytes[..bytes.len() - 1]).expect("cut");
    let mut scan = catalogue.scan::<TradeRow>(&shelf, ALL).expect("a scan");
    assert!(matches!(scan.next(), Some(Err(DataError::Damaged { .. }))));
    assert!(scan.next().is_none());

    let mut changed = bytes.clone();
    changed[bytes.len() / 2] ^= 0x10;
    fs::write(&part, changed).expect("changed");
    let flaws = catalogue.verify().expect("a look");
    assert_eq!(flaws.iter().map(|flaw| flaw.kind).collect::<Vec<_>>(), [FlawKind::Damaged]);

    fs::remove_file(&part).expect("removed");
    let mut scan = catalogue.scan::<TradeRow>(&shelf, ALL).expect("a scan");
    assert!(matches!(scan.next(), Some(Err(DataError::Moved(_)))));
    assert!(catalogue.verify().expect("a look")[0].kind.loses_rows());
}

#[test]
fn one_writes_and_any_number_read() {
    let (folder, catalogue, shelf) = open();
    assert!(matches!(Catalogue::open_to_write(folder.path()), Err(DataError::Locked(_))));
    let reader = Catalogue::open(folder.path());
    let refused = reader.append(&shelf, the_grid(), &[trade(1, 1)]);
    assert!(matches!(refused, Err(DataError::ReadOnly(_))));
    catalogue.append(&shelf, the_grid(), &[trade(1, 1)]).expect("an append");
    assert_eq!(read(&reader, &shelf, ALL), [trade(1, 1)]);
    let other = catalogue.append(&shelf, grid("0.05", "1"), &[trade(2, 2)]);
    assert!(matches!(other, Err(DataError::GridDiffers { .. })));
    assert!(matches!(catalogue.scan::<QuoteRow>(&shelf, ALL), Err(DataError::WrongKind { .. })));
    let listed = reader.list(Some(&shelf.instrument)).expect("a list");
    assert_eq!((listed.len(), listed[0].shelf, listed[0].partition.as_str()), (1, shelf, "1970-01-01"));
    drop(catalogue);
    assert!(Catalogue::open_to_write(folder.path()).is_ok());
}

/// The only partition there is.
fn partition(folder: &TempDir) -> PathBuf {
    folder.path().join("BTC%2FUSDT").join("trades").join("1970-01-02")
}
