//! Faults that no node should have, planted where the simulator stands between the node, its disk and its
//! clients. A run with one of them must fail, and say what is wrong. Absent: any change of the node itself.

use engine::Engine;
use journal::{Batch, Check, Crash, Journal, MemDisk, Options, SnapshotStore};
use model::{AccountId, AssetId, Command, Event, Money, Record, Setting, Stamped, Transfer};
use node::Held;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sabotage {
    /// A disk that says it synced and did not, or a node that answers before the sync: it looks the same.
    LyingSync,
    /// The journal comes back without its last record, and whole otherwise.
    LostRecord,
    /// The journal comes back with a last record that says otherwise, all checksums and hashes put right.
    ForgedRecord,
    /// A sound snapshot of a state that never was.
    WrongSnapshot,
    /// One side of a trade was charged more than the ledger says.
    ChangedPosting,
    /// Two answers change places.
    SwappedAnswers,
    /// A look at the state is answered at once, whatever the disk holds.
    EarlyAnswer,
    /// A piece of market data that nobody pushed.
    InventedQuote,
    /// Ids are forgotten before their time, so that a retry is done again.
    ForgottenIds,
    /// A trade that nobody is told of.
    SilentTrade,
    /// Money that comes from nowhere.
    FoundMoney,
    /// A request to an outside venue leaves twice.
    SentTwice,
}

impl Sabotage {
    pub const ALL: [Self; 12] = [
        Self::LyingSync,
        Self::LostRecord,
        Self::ForgedRecord,
        Self::WrongSnapshot,
        Self::ChangedPosting,
        Self::SwappedAnswers,
        Self::EarlyAnswer,
        Self::InventedQuote,
        Self::ForgottenIds,
        Self::SilentTrade,
        Self::FoundMoney,
        Self::SentTwice,
    ];

    /// What the simulator must say, one of these.
    #[must_use]
    pub fn complaints(self) -> &'static [&'static str] {
        match self {
            Self::LyingSync | Self::LostRecord => &["records were acknowledged"],
            Self::ForgedRecord => &["was made by another engine than this"],
            Self::WrongSnapshot => {
                &["is not its replay", "is another", "another engine", "came out otherwise"]
            }
            Self::ChangedPosting => &["the shadow made"],
            Self::SwappedAnswers => &[" after ", "came from nobody"],
            Self::EarlyAnswer => &["was answered at record", "answers out of place"],
            Self::InventedQuote => &["came from nobody", "replaced nothing"],
            Self::ForgottenIds => &[
                "an answer that does not fit to what was known",
                "a transfer was done twice",
                "one more id was taken beyond",
            ],
            Self::SilentTrade => {
                &["left, of and filled", "left of (", "its fills say", "that does not fit", "the children of"]
            }
            Self::FoundMoney => &["was paid in"],
            Self::SentTwice => &["was sent twice", "requests and one more left"],
        }
    }
}

/// Stands at the seams and does what it was told to, or nothing.
#[derive(Default)]
pub(super) struct Saboteur {
    what: Option<Sabotage>,
    /// The disk before the last sync.
    stale: Option<MemDisk>,
}

impl Saboteur {
    pub fn new(what: Option<Sabotage>) -> Self {
        Self { what, stale: None }
    }

    pub fn does(&self, what: Sabotage) -> bool {
        self.what == Some(what)
    }

    pub fn before_sync(&mut self, disk: &MemDisk) {
        if self.does(Sabotage::LyingSync) {
            self.stale = Some(disk.fork());
        }
    }

    /// What the next process finds.
    pub fn crash(&mut self, disk: &MemDisk, crash: Crash, options: &Options) -> MemDisk {
        let found = self.stale.take().map_or_else(|| disk.crash(crash), |stale| stale.crash(crash));
        let rewritten = match self.what {
            Some(Sabotage::LostRecord) => rewrite(&found, options, |payloads| drop(payloads.pop())),
            Some(Sabotage::ForgedRecord) => rewrite(&found, options, |payloads| forge(payloads)),
            _ => None,
        };
        rewritten.unwrap_or(found)
    }

    /// Puts another state in the place of a snapshot that was just made.
    pub fn snapshot(
        &self,
        engine: &Engine,
        held: Held,
        store: &SnapshotStore<MemDisk>,
    ) -> Result<(), String> {
        if !self.does(Sabotage::WrongSnapshot) {
            return Ok(());
        }
        let mut body = Vec::new();
        engine.snapshot(&mut body);
        let mut wrong = Engine::restore(&body).map_err(|error| error.to_string())?;
        let (account, asset, amount) = (AccountId(0), AssetId(0), Money(1));
        let command = Command::Deposit(Transfer { account, asset, amount, reference: None });
        wrong.apply(&Stamped { seq: held.seq, time: engine.time(), command }, &mut Vec::new());
        body.clear();
        wrong.snapshot(&mut body);
        // On a disk that is full or fails the true one is all there is.
        let _planted: bool = store.save(held.seq, held.chain, wrong.digest(), &body).is_ok();
        Ok(())
    }

    /// An answer on its way to the clients.
    pub fn told(&self, mut record: Record) -> Record {
        if self.does(Sabotage::ChangedPosting) {
            for event in &mut record.events {
                if let Event::Traded(traded) = event {
                    traded.taker.fee.0 += 1;
                }
            }
        }
        record
    }

    /// What the clients make of it: the engine did more, or less, than they hear.
    pub fn heard(&self, mut record: Record) -> Record {
        let reference = match &record.stamped.command {
            Command::Deposit(transfer) => transfer.reference,
            _ => None,
        };
        let deaf_to = |event: &Event| match self.what {
            Some(Sabotage::ForgottenIds) => {
                matches!(event, Event::Configured(Setting::ClientIdRetention { .. }))
            }
            Some(Sabotage::SilentTrade) => matches!(event, Event::Traded(_)),
            Some(Sabotage::FoundMoney) => matches!(event, Event::Deposited { .. }) && reference.is_none(),
            _ => false,
        };
        record.events.retain(|event| !deaf_to(event));
        record
    }
}

/// The same journal with other records, as good as the first; none if its beginning was retired.
fn rewrite(disk: &MemDisk, options: &Options, edit: impl FnOnce(&mut Vec<Vec<u8>>)) -> Option<MemDisk> {
    // A torn end is cut before.
    drop(Journal::open(disk.fork(), options.clone()).ok()?);
    let mut reader = journal::scan(disk, 1, Check::Chain).ok()?;
    let mut payloads = Vec::new();
    while let Ok(Some(record)) = reader.next() {
        payloads.push(record.payload.to_vec());
    }
    edit(&mut payloads);
    let copy = MemDisk::faulty();
    let (mut journal, _) = Journal::open(copy.clone(), options.clone()).ok()?;
    for payload in payloads {
        let mut batch = Batch::default();
        batch.push(&payload).ok()?;
        journal.commit(&mut batch, 0).ok()?;
    }
    journal.close().ok()?;
    Some(copy)
}

/// The last record's command came to something else.
fn forge(payloads: &mut [Vec<u8>]) {
    let seq = payloads.len() as u64;
    let Some(last) = payloads.last_mut() else { return };
    let Ok(record) = model::decode(seq, last) else { return };
    let mut forged = Vec::new();
    let events = [record.events, vec![Event::TimeAdvanced]].concat();
    let head = model::encode_head(record.stamped.time, &record.stamped.command, &mut forged);
    if head.and_then(|()| model::encode_events(&events, &mut forged)).is_ok() {
        *last = forged;
    }
}
