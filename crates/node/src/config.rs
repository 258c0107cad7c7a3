//! What can be set for a node. Every bound is here: no collection in the node grows past one of these, and
//! reaching a bound is an answer, never a stall of the engine.

use crate::Statistics;
use journal::{Archive, Options, Retention};
use std::time::Duration;

#[derive(Clone, Debug)]
pub struct Config {
    pub journal: Options,
    /// Requests that may wait; one more is `Busy`.
    pub inbox_max: usize,
    /// From so many waiting requests on, market data is conflated.
    pub congested_at: usize,
    /// Market data that may wait; beyond it a print is dropped.
    pub market_max: usize,
    /// A batch goes to the disk when the disk is free; this bounds what gathers while it is not.
    pub batch_commands_max: usize,
    pub batch_events_max: usize,
    /// A batch is kept so small that the disk is done with it in this time.
    pub batch_patience: Duration,
    /// The engine looks at the clock and hands over at least this often.
    pub burst_max: usize,
    pub clients_max: usize,
    /// Live orders and remembered client order ids that memory is taken for at the start, so that growing does
    /// not pause the engine.
    pub orders_expected: usize,
    pub client_ids_expected: usize,
    /// Commands of one client that it has not yet got the answer of; one more is `Busy`.
    pub in_flight_max: usize,
    /// Batches that a live reader may lag behind before it reads from the journal again.
    pub live_batches_max: usize,
    /// Commands between two snapshots; 0 for none but the last one.
    pub snapshot_every: u64,
    pub snapshots_kept: usize,
    pub retention: Retention,
    /// What the node computes by itself for the limits that need it; nothing without.
    pub statistics: Option<Statistics>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            journal: Options::default(),
            inbox_max: 1 << 16,
            congested_at: 1 << 12,
            market_max: 1 << 14,
            batch_commands_max: 1 << 14,
            batch_events_max: 1 << 17,
            batch_patience: Duration::from_millis(2),
            burst_max: 512,
            clients_max: 1 << 16,
            orders_expected: 1 << 10,
            client_ids_expected: 1 << 10,
            in_flight_max: 1 << 16,
            live_batches_max: 64,
            snapshot_every: 1_000_000,
            snapshots_kept: 3,
            retention: Retention {
                segments_min: 4,
                archive: Archive::Keep { segments_max: 256, bytes_max: 16 << 30 },
            },
            statistics: None,
        }
    }
}
