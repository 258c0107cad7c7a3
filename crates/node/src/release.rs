//! After the sync, and not before: the feed shows the records, the callers get their events, queries are
//! answered, and readers that sleep are woken. In this order, so that whoever has an answer finds it in the
//! feed. Buffers come back from here. Absent: anything that waits for a caller or a reader.

use crate::bundle::Bundle;
use crate::feed::Feed;
use crate::sequencer::Open;
use journal::Disk;
use std::collections::VecDeque;
use std::sync::Arc;

/// Buffers that were used, for the next batches. Bundles come back when their last reader has let go of them.
#[derive(Default)]
pub(crate) struct Recycler {
    answers: Vec<Vec<crate::inbox::Answer>>,
    given_out: VecDeque<Arc<Bundle>>,
}

impl Recycler {
    /// Bundles that are looked after; readers that hold more cost an allocation.
    const KEPT: usize = 8;

    pub fn fresh(&mut self) -> Open {
        let mut open = Open {
            bundle: self.free_bundle().unwrap_or_default(),
            answers: self.answers.pop().unwrap_or_default(),
            ..Open::default()
        };
        open.clear();
        open
    }

    fn put_answers(&mut self, answers: Vec<crate::inbox::Answer>) {
        if self.answers.len() < Self::KEPT {
            self.answers.push(answers);
        }
    }

    fn lend(&mut self, bundle: &Arc<Bundle>) {
        if self.given_out.len() >= Self::KEPT {
            self.given_out.pop_front();
        }
        self.given_out.push_back(Arc::clone(bundle));
    }

    fn free_bundle(&mut self) -> Option<Bundle> {
        for _ in 0..self.given_out.len() {
            match Arc::try_unwrap(self.given_out.pop_front()?) {
                Ok(bundle) => return Some(bundle),
                Err(still_read) => self.given_out.push_back(still_read),
            }
        }
        None
    }
}

/// Tells what is durable now.
pub(crate) fn release<D: Disk>(
    mut batch: Open,
    feed: &Feed<D>,
    recycler: &mut Recycler,
    tell: impl FnOnce(&Arc<Bundle>),
) -> Arc<Bundle> {
    let bundle = Arc::new(std::mem::take(&mut batch.bundle));
    recycler.lend(&bundle);
    if !bundle.is_empty() {
        feed.publish(&bundle);
    }
    tell(&bundle);
    for answer in batch.answers.drain(..) {
        answer();
    }
    feed.wake();
    recycler.put_answers(batch.answers);
    bundle
}

#[cfg(test)]
mod tests {
    use super::{Recycler, release};
    use crate::durable::{Held, HeldMark};
    use crate::feed::Feed;
    use crate::metrics::Metrics;
    use crate::{ClientId, Config};
    use journal::{Chain, MemDisk};
    use model::{Command, Event, Stamped, Time};
    use std::sync::Arc;

    #[test]
    fn whoever_is_told_finds_it_in_the_feed() {
        let held = Arc::new(HeldMark::new(Held { seq: 1, chain: Chain::genesis(0) }));
        let feed = Feed::new(MemDisk::new(), &Config::default(), held, Arc::new(Metrics::new()));
        let feed = Arc::new(feed);
        let mut cursor = feed.subscribe(1);
        let (mut recycler, mut told) = (Recycler::default(), 0);
        let mut batch = recycler.fresh();
        let stamped = Stamped { seq: 1, time: Time(0), command: Command::AdvanceTime };
        batch.bundle.push(ClientId::new(0), 0, stamped).1.push(Event::TimeAdvanced);
        batch.bundle.close();
        release(batch, &feed, &mut recycler, |bundle| {
            // Nothing is in the journal of this disk: it can only come from the live part.
            let found = cursor.try_next().expect("it is live").map(|record| record.stamped.seq);
            told = bundle.last_seq();
            assert_eq!(found, Some(told));
        });
        assert_eq!(told, 1);
    }
}
