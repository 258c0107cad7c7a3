//! History again: reads records, applies the commands and holds the events it makes against the events that
//! were recorded, byte for byte. Recovery, the shadow and `staysail journal replay` are this one piece of
//! code. A difference is an error that shows the first event that differs. Absent: repair.

use crate::{NodeError, Result};
use engine::Engine;
use journal::{Check, Disk, Reader, Record};
use model::Event;

pub struct Replayer<D: Disk> {
    engine: Engine,
    disk: D,
    reader: Option<Reader<D>>,
    events: Vec<Event>,
    made: Vec<u8>,
}

impl<D: Disk> Replayer<D> {
    /// Goes on after the engine's last command; a new engine starts at the first record.
    #[must_use]
    pub fn new(disk: D, engine: Engine) -> Self {
        Self { engine, disk, reader: None, events: Vec::new(), made: Vec::new() }
    }

    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    #[must_use]
    pub fn into_engine(self) -> Engine {
        self.engine
    }

    /// The last record that was replayed.
    #[must_use]
    pub fn seq(&self) -> u64 {
        self.engine.seq()
    }

    /// Replays up to and including a record, which must be durable. Answers how many it replayed.
    pub fn advance(&mut self, up_to: u64) -> Result<u64> {
        let start = self.engine.seq();
        let mut reader = match self.reader.take() {
            Some(reader) => reader,
            None if start >= up_to => return Ok(0),
            None => journal::scan(&self.disk, start.saturating_add(1), Check::Crc)?,
        };
        let mut looked_again = false;
        while self.engine.seq() < up_to {
            match reader.next()? {
                Some(record) => {
                    looked_again = false;
                    self.step(&record)?;
                }
                // The reader may have looked ahead before the record was there.
                None if !looked_again => looked_again = true,
                None => return Err(NodeError::Lost { wanted: self.engine.seq().saturating_add(1) }),
            }
        }
        self.reader = Some(reader);
        Ok(self.engine.seq().saturating_sub(start))
    }

    /// Replays to the end of the journal as it is now. Answers how many records it replayed.
    pub fn advance_to_end(&mut self) -> Result<u64> {
        let start = self.engine.seq();
        let mut reader = journal::scan(&self.disk, start.saturating_add(1), Check::Crc)?;
        while let Some(record) = reader.next()? {
            self.step(&record)?;
        }
        Ok(self.engine.seq().saturating_sub(start))
    }

    fn step(&mut self, record: &Record<'_>) -> Result<()> {
        let (wanted, seq) = (self.engine.seq().saturating_add(1), record.seq);
        if wanted != seq {
            return Err(NodeError::OutOfPlace { wanted, found: seq });
        }
        let unreadable = |source| NodeError::Unreadable { seq, source };
        let (stamped, recorded) = model::decode_command(seq, record.payload).map_err(unreadable)?;
        self.events.clear();
        self.engine.apply(&stamped, &mut self.events);
        self.made.clear();
        model::encode_events(&self.events, &mut self.made).map_err(unreadable)?;
        if self.made != recorded {
            return Err(difference(seq, record.payload, &self.events));
        }
        Ok(())
    }
}

/// Names the first event that differs, or the place where one side has no more.
#[cold]
fn difference(seq: u64, payload: &[u8], made: &[Event]) -> NodeError {
    let recorded = match model::decode(seq, payload) {
        Ok(record) => record.events,
        Err(source) => return NodeError::Unreadable { seq, source },
    };
    let same = recorded.iter().zip(made).take_while(|(recorded, made)| recorded == made).count();
    let show = |event: Option<&Event>| event.map_or("nothing".to_owned(), |event| format!("{event:?}"));
    NodeError::Diverged { seq, index: same, recorded: show(recorded.get(same)), made: show(made.get(same)) }
}
