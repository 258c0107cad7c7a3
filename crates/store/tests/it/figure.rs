//! How many records a second go into an SQLite archive. A figure, not a bound: the machine may be busy.

use super::archives::sqlite;
use super::story::{Story, story};
use std::time::Instant;
use store::Projector;

#[test]
fn the_pace_of_projection() {
    let Story { records, .. } = story(77, 40_000);
    let archive = sqlite();
    let mut projector = Projector::open(&archive.config).unwrap();
    let start = Instant::now();
    for batch in records.chunks(8_192) {
        projector.apply(batch).unwrap();
    }
    let seconds = start.elapsed().as_secs_f64();
    let count = records.len();
    println!("{count} records in {seconds:.2} s: {:.0} records/s on sqlite", count as f64 / seconds);
    assert_eq!(projector.cursor(), Ok(u64::try_from(count).unwrap()));
}
