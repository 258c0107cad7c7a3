//! The node under test with its disk, and what the outside has seen of it: every acknowledged record, a second
//! engine that applied exactly those, and the clients' memory. After every recovery all of it is compared.

use super::aside::Aside;
use super::memory::{Memory, ensure};
use super::sabotage::{Sabotage, Saboteur};
use engine::Engine;
use journal::{Crash, JournalError, MemDisk, Rng, SnapshotStore};
use model::line::Query;
use model::{Command, Record, Stamped, Time};
use node::{Answered, ClientId, Config, Core, MarketData, NodeError, Replayer};
use std::collections::BTreeMap;

pub(super) struct House {
    disk: MemDisk,
    config: Config,
    core: Option<Core<MemDisk>>,
    known: Vec<Record>,
    /// After each batch.
    digests: BTreeMap<u64, [u8; 32]>,
    shadow: Engine,
    memory: Memory,
    aside: Aside,
    saboteur: Saboteur,
    /// Sent and not answered, by tag.
    waiting: BTreeMap<u64, (u32, Command)>,
    tag: u64,
}

/// What came of a step.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Came {
    Fine,
    /// The node stopped for its disk and has to be opened again.
    Stopped,
}

impl House {
    pub fn new(config: Config, saboteur: Saboteur) -> Result<Self, String> {
        let (disk, shadow) = (MemDisk::faulty(), Engine::new());
        let mut house = Self {
            disk,
            config,
            core: None,
            known: Vec::new(),
            digests: BTreeMap::from([(0, shadow.digest())]),
            shadow,
            memory: Memory::default(),
            aside: Aside::default(),
            saboteur,
            waiting: BTreeMap::new(),
            tag: 0,
        };
        house.open()?;
        Ok(house)
    }

    pub fn disk(&self) -> &MemDisk {
        &self.disk
    }

    pub fn config(&self) -> &Config {
        &self.config
    }

    pub fn acked(&self) -> u64 {
        self.known.len() as u64
    }

    /// Whether the venue gets its requests twice.
    pub fn sends_twice(&self) -> bool {
        self.saboteur.does(Sabotage::SentTwice)
    }

    pub fn memory(&self) -> &Memory {
        &self.memory
    }

    pub fn aside(&self) -> &Aside {
        &self.aside
    }

    pub fn last_known(&self, count: usize) -> &[Record] {
        self.known.get(self.known.len().saturating_sub(count)..).unwrap_or_default()
    }

    pub fn digest_at(&self, seq: u64) -> Option<[u8; 32]> {
        self.digests.get(&seq).copied()
    }

    pub fn core(&mut self) -> Result<&mut Core<MemDisk>, String> {
        self.core.as_mut().ok_or_else(|| "the node is not open".to_owned())
    }

    /// Answers whether the node took it.
    pub fn submit(&mut self, client: u32, command: &Command) -> Result<bool, String> {
        self.tag += 1;
        let tag = self.tag;
        let taken = self.core()?.submit(client, tag, command.clone()).is_ok();
        if taken {
            self.waiting.insert(tag, (client, command.clone()));
        }
        Ok(taken)
    }

    pub fn market(&mut self, data: MarketData) -> Result<(), String> {
        let core = self.core.as_mut().ok_or("the node is not open")?;
        self.aside.push(core, data)?;
        if self.saboteur.does(Sabotage::InventedQuote) {
            self.aside.forget_one();
        }
        Ok(())
    }

    pub fn ask(&mut self, query: Query) -> Result<(), String> {
        let core = self.core.as_mut().ok_or("the node is not open")?;
        if self.saboteur.does(Sabotage::EarlyAnswer) {
            let answer = node::show(core.engine(), &query);
            return self.aside.told(core.engine().seq(), query, answer, core.held().seq);
        }
        self.aside.ask(core, query);
        Ok(())
    }

    pub fn apply(&mut self, now: Time, max: usize) -> Result<Came, String> {
        let core = self.core()?;
        if core.step_apply(now, max).is_err() {
            return Ok(Came::Stopped);
        }
        core.engine().check()?;
        let held = core.held().seq;
        self.aside.hear(held)?;
        Ok(Came::Fine)
    }

    pub fn sync(&mut self) -> Result<Came, String> {
        self.saboteur.before_sync(&self.disk);
        let bundle = match self.core()?.step_sync() {
            Ok(Some(bundle)) => bundle,
            Ok(None) => return Ok(Came::Fine),
            Err(_) => return Ok(Came::Stopped),
        };
        let held = self.core()?.held().seq;
        self.aside.hear(held)?;
        self.aside.compare(&self.shadow)?;
        let mut answers: Vec<_> = bundle.iter().collect();
        if self.saboteur.does(Sabotage::SwappedAnswers) {
            answers.reverse();
        }
        for answered in answers {
            self.answered(&answered)?;
        }
        self.aside.settle()?;
        self.compare()?;
        Ok(Came::Fine)
    }

    /// Only where nothing is open; a failure of the disk leaves the node as it was.
    pub fn snapshot(&mut self) -> Result<bool, String> {
        let core = self.core.as_mut().ok_or("the node is not open")?;
        let made = core.backlog().1 == 0 && core.held().seq > 0 && core.snapshot().is_ok();
        if made {
            let store = SnapshotStore::new(self.disk.clone(), self.config.journal.shard);
            self.saboteur.snapshot(core.engine(), core.held(), &store)?;
        }
        Ok(made)
    }

    /// Old segments go, as the node lets them go after a snapshot. Answers how many.
    pub fn retire(&mut self) -> Result<usize, String> {
        let (held, config) = (self.core()?.held().seq, &self.config);
        let store = SnapshotStore::new(self.disk.clone(), config.journal.shard);
        let retired = journal::retire(&self.disk, &store, held, &config.retention);
        Ok(retired.map_or(0, |retired| retired.segments))
    }

    pub fn prepare(&mut self) -> Result<bool, String> {
        Ok(self.core()?.prepare().is_ok())
    }

    /// The process ends. What was sent and not answered is handed back: nobody knows whether it was done.
    pub fn crash(&mut self, crash: Crash) -> Vec<Command> {
        self.core = None;
        self.disk = self.saboteur.crash(&self.disk, crash, &self.config.journal);
        self.disk.set_fault(None);
        self.aside.crash();
        std::mem::take(&mut self.waiting).into_values().map(|(_, command)| command).collect()
    }

    /// Recovers on a disk that fails; answers whether it came up all the same.
    pub fn try_open(&mut self, rng: &mut Rng) -> Result<bool, String> {
        self.disk.set_fault(Some(super::faults::fault(rng)));
        let opened = Core::open(self.disk.clone(), self.config.clone());
        self.disk.set_fault(None);
        Ok(opened.is_ok())
    }

    /// Recovers, and compares everything that was ever acknowledged.
    pub fn open(&mut self) -> Result<(), String> {
        let opened = Core::open(self.disk.clone(), self.config.clone());
        let (core, report) = opened.map_err(|error| format!("recovery failed: {error}"))?;
        let acked = self.acked();
        ensure(report.last_seq >= acked, || {
            format!("{acked} records were acknowledged, {} are there: {report:?}", report.last_seq)
        })?;
        let first = first_kept(&core)?;
        ensure(first <= acked + 1, || format!("the journal begins at {first}, {acked} are known"))?;
        let mut cursor = core.subscribe(first);
        while let Some(record) = cursor.try_next().map_err(|error| format!("a cursor failed: {error}"))? {
            let at = usize::try_from(record.stamped.seq - 1).unwrap_or(usize::MAX);
            match self.known.get(at) {
                Some(known) => ensure(*known == record, || format!("{known:?} has become {record:?}"))?,
                None => self.learn(record)?,
            }
        }
        drop(cursor);
        ensure(self.acked() == report.last_seq, || "a cursor ended early".to_owned())?;
        self.core = Some(core);
        self.compare()
    }

    /// The end of a run: all is answered, the node closes, and every way back leads to the same state.
    pub fn finish(&mut self, now: Time) -> Result<(), String> {
        while self.core()?.backlog() != (0, 0) {
            let came = (self.apply(now, 64)?, self.sync()?);
            ensure(came == (Came::Fine, Came::Fine), || "a sound disk stopped the node".to_owned())?;
        }
        // Answers alone make no record, and wait for a sync all the same.
        self.sync()?;
        ensure(self.aside.is_idle(), || "market data or queries were left behind".to_owned())?;
        ensure(self.waiting.is_empty(), || format!("never answered: {:?}", self.waiting))?;
        let core = self.core.take().ok_or("the node is not open")?;
        let first = first_kept(&core)?;
        core.close().map_err(|error| format!("closing failed: {error}"))?;
        let report = journal::verify(&self.disk).map_err(|error| format!("verify: {error}"))?;
        let mut replayer = Replayer::new(self.disk.clone(), self.oldest(first)?);
        replayer.advance(report.last_seq).map_err(|error| format!("replay: {error}"))?;
        ensure(replayer.engine().digest() == self.shadow.digest(), || "a full replay differs".to_owned())?;
        self.open()
    }

    /// Where a full replay begins: with nothing, or with the oldest snapshot if the first segments were retired.
    fn oldest(&self, first_seq: u64) -> Result<Engine, String> {
        if first_seq == 1 {
            return Ok(Engine::new());
        }
        let store = SnapshotStore::new(self.disk.clone(), self.config.journal.shard);
        let seqs = store.list().map_err(|error| error.to_string())?;
        let oldest = seqs.last().ok_or("segments were retired, and there is no snapshot")?;
        ensure(oldest + 1 >= first_seq, || format!("{first_seq} is first, {oldest} the oldest snapshot"))?;
        let loaded = store.load(*oldest).map_err(|error| error.to_string())?;
        Engine::restore(&loaded.body).map_err(|error| error.to_string())
    }

    fn answered(&mut self, answered: &Answered<'_>) -> Result<(), String> {
        if answered.client != ClientId::NOBODY {
            let asked = self.waiting.remove(&answered.tag);
            let (client, command) = asked.ok_or("an answer that nobody waits for")?;
            let fits = answered.client.slot == client && answered.stamped.command == command;
            ensure(fits, || format!("{command:?} was answered as {answered:?}"))?;
        } else {
            self.aside.by_nobody(&answered.stamped.command)?;
        }
        let record = Record { stamped: answered.stamped.clone(), events: answered.events.to_vec() };
        self.learn(self.saboteur.told(record))
    }

    fn learn(&mut self, record: Record) -> Result<(), String> {
        let Stamped { seq, .. } = record.stamped;
        ensure(seq == self.acked() + 1, || format!("record {seq} after {}", self.acked()))?;
        let mut events = Vec::new();
        self.shadow.apply(&record.stamped, &mut events);
        ensure(events == record.events, || format!("the shadow made {events:?} of {record:?}"))?;
        self.memory.take(&self.saboteur.heard(record.clone()))?;
        self.known.push(record);
        self.aside.compare(&self.shadow)
    }

    /// State, shadow, memory: at the end of a batch.
    fn compare(&mut self) -> Result<(), String> {
        let (seq, digest) = (self.acked(), self.shadow.digest());
        self.digests.insert(seq, digest);
        self.memory.compare(&self.shadow)?;
        self.shadow.check()?;
        let core = self.core()?;
        ensure(core.held().seq == seq, || format!("{:?} is held, {seq} is known", core.held()))?;
        if core.engine().seq() != seq {
            return Ok(());
        }
        ensure(core.digest() == digest, || format!("the live state after record {seq} is not its replay"))
    }
}

/// The first record that the journal still has.
fn first_kept(core: &Core<MemDisk>) -> Result<u64, String> {
    match core.subscribe(1).try_next() {
        Ok(_) => Ok(1),
        Err(NodeError::Journal(JournalError::MissingStart { first_seq, .. })) => Ok(first_seq),
        Err(error) => Err(format!("a cursor failed: {error}")),
    }
}
