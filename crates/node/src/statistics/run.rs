//! The thread: sleeps until a limit asks, then follows the feed, and every so often hands figures in and looks
//! whether they were taken. It gives way to the trading: a full inbox is no error, the figures come later or
//! grow old. What goes wrong is told as trouble beside the trading.

use super::figures::Figures;
use super::{History, Needs, Statistics};
use crate::client::Client;
use crate::clock::Clock;
use crate::feed::Cursor;
use crate::shared::Shared;
use crate::{NodeError, Refused};
use journal::{Disk, JournalError};
use model::{Command, Event, Statistic};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Records that are heard between two looks at whether it should end.
const SLICE: usize = 1 << 10;
/// How long it waits for a record at most before it looks whether it should end.
const PATIENCE: Duration = Duration::from_millis(100);

struct Judge<'a, D: Disk> {
    settings: &'a Statistics,
    shared: &'a Arc<Shared<D>>,
    client: Client<D>,
    clock: &'a dyn Clock,
    /// While a limit asks.
    following: Option<(Cursor<D>, History)>,
    /// The interval that figures were handed in for last.
    told: Option<i64>,
}

/// Runs until the node ends.
pub(crate) fn run<D: Disk>(
    settings: &Statistics,
    shared: &Arc<Shared<D>>,
    client: Client<D>,
    clock: &dyn Clock,
) {
    let mut judge = Judge { settings, shared, client, clock, following: None, told: None };
    while !shared.is_ending() {
        let next = Instant::now() + settings.every;
        match judge.round() {
            Ok(()) | Err(NodeError::Stopped { .. }) => {}
            Err(error) => {
                shared.metrics.note(format!("statistics: {error}"));
                // It begins anew from the journal.
                judge.following = None;
            }
        }
        if let Err(error) = judge.rest(next) {
            shared.metrics.note(format!("statistics: {error}"));
            judge.following = None;
        }
    }
}

impl<D: Disk> Judge<'_, D> {
    /// Looks what is asked for, and hands it in.
    fn round(&mut self) -> crate::Result<()> {
        let needs = match self.client.query(Needs::of) {
            Ok(needs) => needs,
            // The inbox is full: later.
            Err(Refused::Busy | Refused::Full) => return Ok(()),
            Err(refused) => return Err(NodeError::stopped(refused)),
        };
        if needs.is_empty() {
            (self.following, self.told) = (None, None);
            return Ok(());
        }
        self.catch_up()?;
        let Some((_, history)) = &self.following else { return Ok(()) };
        let now = self.clock.now().max(needs.time);
        let figures = Figures::new(self.settings, history, &needs, now);
        let interval = history.interval(now);
        let mut all = figures.of_the_moment();
        if self.told != Some(interval) {
            all.extend(figures.of_the_interval());
        }
        if self.hand_in(all) {
            self.told = Some(interval);
        }
        Ok(())
    }

    /// Hears everything that is durable.
    fn catch_up(&mut self) -> crate::Result<()> {
        let held = self.shared.held.get().seq;
        if held == 0 {
            return Ok(());
        }
        if self.following.is_none() {
            let from = held.saturating_sub(self.settings.records_back).saturating_add(1);
            let from = first_kept(self.shared, from)?;
            let cursor = self.shared.feed.subscribe(from);
            self.following = Some((cursor, History::new(self.settings)));
        }
        while self.following.as_ref().is_some_and(|(cursor, _)| cursor.next_seq() <= held)
            && !self.shared.is_ending()
        {
            self.hear(SLICE, Duration::ZERO)?;
        }
        Ok(())
    }

    fn hear(&mut self, most: usize, patience: Duration) -> crate::Result<()> {
        let Some((cursor, history)) = &mut self.following else { return Ok(()) };
        let mut found = cursor.next(patience)?;
        for _ in 0..most {
            let Some(record) = found else { break };
            history.hear(&record);
            found = cursor.try_next()?;
        }
        if let Some(record) = found {
            history.hear(&record);
        }
        Ok(())
    }

    /// Until the next round: follows the feed, or sleeps if nobody asks.
    fn rest(&mut self, until: Instant) -> crate::Result<()> {
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() || self.shared.is_ending() {
                return Ok(());
            }
            if self.following.is_some() && !self.shared.gate.is_stopped() {
                self.hear(SLICE, left.min(PATIENCE))?;
            } else {
                self.shared.statistics_bell.sleep(Some(left), || self.shared.is_ending());
            }
        }
    }

    /// Whether all of it went in. What was refused is told: nobody else reads these answers.
    fn hand_in(&mut self, all: Vec<Statistic>) -> bool {
        let mut waiting: VecDeque<_> = all.into_iter().map(|one| (0, Command::Statistic(one))).collect();
        while !waiting.is_empty() {
            let Ok(mut owed) = self.client.submit_all(&mut waiting) else { return false };
            while owed > 0 {
                let Ok(mut replies) = self.client.recv_batch() else { return false };
                while let Some(answer) = replies.take() {
                    owed = owed.saturating_sub(1);
                    self.shared.metrics.statistics.add(1);
                    for event in answer.events {
                        if let Event::CommandRejected { reason } = event {
                            self.shared.metrics.note(format!("a statistic was refused: {reason}"));
                        }
                    }
                }
            }
        }
        true
    }
}

/// A record, or the first that is still there.
fn first_kept<D: Disk>(shared: &Shared<D>, from: u64) -> crate::Result<u64> {
    match journal::scan(shared.feed.disk(), from, journal::Check::Crc) {
        Ok(_) => Ok(from),
        Err(JournalError::MissingStart { first_seq, .. }) => Ok(first_seq),
        Err(error) => Err(error.into()),
    }
}
