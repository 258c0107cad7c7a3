//! After the sync, and not before: queries are answered, readers of the feed see the records, and the callers
//! get their events. Buffers come back from here. Absent: anything that waits for a caller or a reader.

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
    tell(&bundle);
    if !bundle.is_empty() {
        feed.publish(&bundle);
    }
    for answer in batch.answers.drain(..) {
        answer();
    }
    recycler.put_answers(batch.answers);
    bundle
}
