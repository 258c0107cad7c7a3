//! Looking at the engine from outside its thread. The closure runs between two commands; its answer leaves
//! only when everything the engine had applied by then is durable, so no one is ever told what a crash could
//! still take back. Absent: any way to change the engine.

use crate::inbox::{Answer, Query};
use crossbeam_channel::{Receiver, bounded};
use engine::Engine;

/// An answer on its way.
#[derive(Debug)]
pub struct Pending<T>(Receiver<T>);

impl<T> Pending<T> {
    /// The answer, if it has come.
    #[must_use]
    pub fn try_take(&self) -> Option<T> {
        self.0.try_recv().ok()
    }

    /// Waits; none if the node stopped before it could answer.
    #[must_use]
    pub fn wait(self) -> Option<T> {
        self.0.recv().ok()
    }
}

pub(crate) fn ask<T: Send + 'static>(
    look: impl FnOnce(&Engine) -> T + Send + 'static,
) -> (Query, Pending<T>) {
    let (give, take) = bounded(1);
    let query: Query = Box::new(move |engine| -> Answer {
        let answer = look(engine);
        // Who asked may be gone.
        Box::new(move || give.send(answer).unwrap_or_default())
    });
    (query, Pending(take))
}
