//! The two threads that a command passes: the engine's, which stamps and applies what has arrived, and the
//! disk's, which makes it last and then tells. While a batch is synced the next one grows; no timer stands
//! in the way. They run the parts that `Core` runs in steps, and add only waiting.

use crate::Result;
use crate::clock::Clock;
use crate::durable::{Durable, Written};
use crate::inbox::Taken;
use crate::release::{Recycler, release};
use crate::sequencer::{Open, Sequencer};
use crate::shared::{Next, Shared, Watch};
use journal::{Disk, SegmentPool};
use std::time::{Duration, Instant};

/// How often a batch that waits for room is tried again.
const RETRY: Duration = Duration::from_millis(50);
/// How often a short disk is asked whether it has room again.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Runs until the door is closed and everything inside is applied, or until the node fails.
pub(crate) fn run_engine<D: Disk>(
    shared: &Shared<D>,
    mut sequencer: Sequencer,
    clock: &dyn Clock,
    burst_max: usize,
) -> Sequencer {
    let _watch = Watch(shared);
    let mut taken = Taken::default();
    while !shared.gate.is_stopped() {
        if taken.is_empty() {
            let waiting = shared.take_inbox(&mut taken);
            shared.metrics.queue_depth.set(waiting as u64);
        } else {
            shared.take_urgent(&mut taken);
        }
        let now = clock.now();
        let due = sequencer.engine().next_due();
        if taken.is_empty() && due.is_none_or(|due| now < due) {
            if shared.is_closed() && !shared.has_requests() {
                break;
            }
            shared.engine_bell.sleep(due.map(|due| clock.until(due)), || shared.has_arrived());
            continue;
        }
        let mut open = shared.take_open();
        let room = if open.urgent { 0 } else { shared.pace.most().saturating_sub(open.bundle.len()) };
        burst(shared, &mut sequencer, &mut taken, now, burst_max.min(room), &mut open);
        let full = open.urgent || sequencer.is_full(&open) || open.bundle.len() >= shared.pace.most();
        shared.put_open(open);
        if full {
            let goes_on = || shared.is_taken() || shared.has_urgent() || shared.gate.is_stopped();
            shared.engine_bell.sleep(None, goes_on);
        }
    }
    shared.close_handover();
    sequencer
}

fn burst<D: Disk>(
    shared: &Shared<D>,
    sequencer: &mut Sequencer,
    taken: &mut Taken,
    now: model::Time,
    max: usize,
    open: &mut Open,
) {
    let (commands, events, answers) = (open.bundle.len(), open.bundle.event_count(), open.answers.len());
    sequencer.work(taken, now, max, open);
    let timer = sequencer.tick(now, open);
    let metrics = &shared.metrics;
    metrics.commands.add((open.bundle.len() - commands) as u64);
    metrics.events.add((open.bundle.event_count() - events) as u64);
    metrics.queries.add((open.answers.len() - answers) as u64);
    metrics.timers.add(u64::from(timer));
}

/// Runs until the engine brings no more, or until the disk fails.
pub(crate) fn run_disk<D: Disk>(shared: &Shared<D>, mut durable: Durable<D>) -> Result<Durable<D>> {
    let _watch = Watch(shared);
    let (pool, mut recycler) = (durable.pool(), Recycler::default());
    loop {
        match shared.take_next() {
            Next::Batch(batch) => {
                shared.engine_bell.ring();
                let (commands, start) = (batch.bundle.len(), Instant::now());
                if let Err(error) = commit(shared, &mut durable, *batch, &mut recycler) {
                    shared.fail(&error.to_string());
                    return Err(error);
                }
                shared.pace.took(commands, start.elapsed());
                if !pool.is_ready() {
                    shared.prepare_bell.ring();
                }
            }
            Next::Nothing => shared.disk_bell.sleep(None, || shared.has_next()),
            Next::End => {
                return if shared.gate.is_stopped() { Err(shared.gate.error()) } else { Ok(durable) };
            }
        }
    }
}

fn commit<D: Disk>(
    shared: &Shared<D>,
    durable: &mut Durable<D>,
    batch: Open,
    recycler: &mut Recycler,
) -> Result<()> {
    durable.seal(&batch.bundle)?;
    while durable.write()? == Written::Full {
        if shared.is_closed() {
            shared.gate.stop("the disk was full when the node was shut down");
            return Err(shared.gate.error());
        }
        shared.prepare_bell.ring();
        std::thread::park_timeout(RETRY);
    }
    release(batch, &shared.feed, recycler, |bundle| shared.clients.deliver(bundle));
    if shared.needs_spare() {
        shared.put_spare(recycler.fresh());
    }
    Ok(())
}

/// Makes segments ahead of need, and asks a short disk again and again whether it has room.
pub(crate) fn run_preparer<D: Disk>(shared: &Shared<D>, pool: &SegmentPool<D>) {
    let _watch = Watch(shared);
    while !shared.is_ending() {
        if let Err(error) = crate::durable::prepare(pool, &shared.gate) {
            shared.metrics.note(error.to_string());
        }
        let patience = (!pool.is_ready() || pool.is_low()).then_some(LOOK_AGAIN);
        shared.prepare_bell.sleep(patience, || shared.is_ending() || (!pool.is_ready() && !pool.is_low()));
    }
}
