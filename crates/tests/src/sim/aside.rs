//! What goes beside the commands: market data, which the node may conflate, and looks at the state, which are
//! answered with the sync of all they saw. Held against what was pushed, and against the acknowledged history.

use super::memory::ensure;
use engine::Engine;
use journal::MemDisk;
use model::Command;
use model::line::{Answer, Query};
use node::{Core, MarketData, Passed, Pending, show};
use std::collections::VecDeque;

#[derive(Default)]
pub(super) struct Aside {
    /// Market data on its way, as it should come.
    market: VecDeque<MarketData>,
    asked: Vec<(Query, Pending<(u64, Answer)>)>,
    /// Answers that came, by the record that was the last one then.
    told: Vec<(u64, Query, Answer)>,
    pub conflated: u64,
    pub answers: u64,
}

impl Aside {
    pub fn push(&mut self, core: &mut Core<MemDisk>, data: MarketData) -> Result<(), String> {
        match core.market(data) {
            Ok(Passed::Queued) => self.market.push_back(data),
            Ok(Passed::Replaced) => {
                let older = self.market.iter_mut().rev().find(|older| is_newer(&data, older));
                *older.ok_or_else(|| format!("{data:?} replaced nothing"))? = data;
                self.conflated += 1;
            }
            Ok(Passed::Dropped) => {
                ensure(matches!(data, MarketData::Print(_)), || format!("{data:?} was dropped"))?;
                self.conflated += 1;
            }
            Ok(Passed::Refused) | Err(_) => {}
        }
        Ok(())
    }

    pub fn ask(&mut self, core: &mut Core<MemDisk>, query: Query) {
        let pending = core.query(move |engine| (engine.seq(), show(engine, &query)));
        self.asked.extend(pending.ok().map(|pending| (query, pending)));
    }

    /// A record that no client asked for: time that passes, or the market data that is next.
    pub fn by_nobody(&mut self, command: &Command) -> Result<(), String> {
        if matches!(command, Command::AdvanceTime) {
            return Ok(());
        }
        let next = self.market.pop_front();
        let same = match (&next, command) {
            (Some(MarketData::Quote(pushed)), Command::Quote(came)) => pushed == came,
            (Some(MarketData::Print(pushed)), Command::Print(came)) => pushed == came,
            (Some(MarketData::Mark(pushed)), Command::Mark(came)) => pushed == came,
            _ => false,
        };
        ensure(same, || format!("{command:?} came from nobody, {next:?} was next"))
    }

    /// Takes the answers that have come; none of them may say more than the disk holds.
    pub fn hear(&mut self, held: u64) -> Result<(), String> {
        for (query, pending) in std::mem::take(&mut self.asked) {
            match pending.try_take() {
                Some((seq, answer)) => {
                    ensure(seq <= held, || {
                        format!("{query:?} was answered at record {seq}, {held} is held")
                    })?;
                    self.told.push((seq, query, answer));
                }
                None => self.asked.push((query, pending)),
            }
        }
        Ok(())
    }

    pub fn told(&mut self, seq: u64, query: Query, answer: Answer, held: u64) -> Result<(), String> {
        ensure(seq <= held, || format!("{query:?} was answered at record {seq}, {held} is held"))?;
        self.told.push((seq, query, answer));
        Ok(())
    }

    /// As if the newest piece of market data had not been pushed.
    pub fn forget_one(&mut self) {
        self.market.pop_back();
    }

    /// The answers that were given where the history stands now.
    pub fn compare(&mut self, shadow: &Engine) -> Result<(), String> {
        for (_, query, answer) in self.told.extract_if(.., |(seq, ..)| *seq == shadow.seq()) {
            let known = show(shadow, &query);
            self.answers += 1;
            ensure(known == answer, || format!("{query:?} was answered {answer:?}, history says {known:?}"))?;
        }
        Ok(())
    }

    /// After a batch every answer has found its place.
    pub fn settle(&self) -> Result<(), String> {
        ensure(self.told.is_empty(), || format!("answers out of place: {:?}", self.told))
    }

    pub fn is_idle(&self) -> bool {
        self.market.is_empty() && self.asked.is_empty()
    }

    /// The process ended: what was on its way is gone, and no one is told.
    pub fn crash(&mut self) {
        self.market.clear();
        self.asked.clear();
    }
}

/// Whether one says the same as the other, later.
fn is_newer(data: &MarketData, older: &MarketData) -> bool {
    match (data, older) {
        (MarketData::Quote(new), MarketData::Quote(old)) => {
            (new.instrument, new.venue) == (old.instrument, old.venue)
        }
        (MarketData::Mark(new), MarketData::Mark(old)) => new.instrument == old.instrument,
        _ => false,
    }
}
