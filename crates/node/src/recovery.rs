//! From what is on the disk to an engine that stands where it stood: the newest snapshot that is sound, and
//! the tail replayed and compared. A snapshot that cannot be used is reported and an older one serves; with
//! none, the whole journal does, if it is whole. Absent: starting after a difference.

use crate::replay::Replayer;
use crate::{Config, Held, Result};
use engine::Engine;
use journal::{Cut, DamagedSnapshot, Disk, Journal, JournalError, SnapshotStore};
use std::time::{Duration, Instant};

/// What was found at the start, and what it took.
#[derive(Clone, Debug)]
pub struct Report {
    /// The snapshot that served.
    pub snapshot_seq: Option<u64>,
    /// Those that could not, newest first.
    pub snapshots_skipped: Vec<DamagedSnapshot>,
    /// Records applied again and compared.
    pub replayed: u64,
    pub last_seq: u64,
    /// A batch that was never whole, and so never acknowledged.
    pub cut: Option<Cut>,
    pub took: Duration,
}

pub(crate) struct Recovery<D: Disk> {
    pub journal: Journal<D>,
    pub engine: Engine,
    pub held: Held,
    pub report: Report,
}

pub(crate) fn recover<D: Disk>(disk: &D, config: &Config) -> Result<Recovery<D>> {
    let start = Instant::now();
    let (journal, found) = Journal::open(disk.clone(), config.journal.clone())?;
    let last_seq = found.next_seq.saturating_sub(1);
    let mut skipped = Vec::new();
    let store = SnapshotStore::new(disk.clone(), config.journal.shard);
    let engine = newest_sound(&store, last_seq, &mut skipped)?;
    let snapshot_seq = engine.as_ref().map(Engine::seq);
    let mut replayer = Replayer::new(disk.clone(), engine.unwrap_or_default());
    let replayed = replayer.advance(last_seq)?;
    let engine = replayer.into_engine();
    let took = start.elapsed();
    let report =
        Report { snapshot_seq, snapshots_skipped: skipped, replayed, last_seq, cut: found.cut, took };
    Ok(Recovery { journal, engine, held: Held { seq: last_seq, chain: found.chain }, report })
}

/// The engine of the newest snapshot whose bytes are sound and whose state has the hash it was saved with.
fn newest_sound<D: Disk>(
    store: &SnapshotStore<D>,
    last_seq: u64,
    skipped: &mut Vec<DamagedSnapshot>,
) -> Result<Option<Engine>> {
    for seq in store.list()?.into_iter().filter(|seq| *seq <= last_seq) {
        let loaded = match store.load(seq) {
            Ok(loaded) => loaded,
            Err(JournalError::SnapshotBad { seq, why }) => {
                skipped.push(DamagedSnapshot { seq, why });
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        let why = match Engine::restore(&loaded.body) {
            Err(error) => error.to_string(),
            Ok(engine) if engine.seq() != seq => format!("its state is that of record {}", engine.seq()),
            Ok(engine) if engine.digest() != loaded.info.state_hash => {
                "its state has not the hash it was saved with".to_owned()
            }
            Ok(engine) => return Ok(Some(engine)),
        };
        skipped.push(DamagedSnapshot { seq, why });
    }
    Ok(None)
}
