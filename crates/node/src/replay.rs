//! History again: reads records, applies the commands and holds the events it makes against the events that
//! were recorded, byte for byte. Recovery, the shadow and `staysail journal replay` are this one piece of
//! code. A difference is an error that shows the first event that differs. Absent: repair.

use crate::ahead::{self, Portion};
use crate::{NodeError, Result};
use engine::Engine;
use journal::{Check, Disk, Reach, Reader};
use model::{Event, Stamped};

/// From so many records on, a second thread reads and decodes ahead.
const LONG: u64 = 1 << 16;

pub struct Replayer<D: Disk> {
    state: State,
    disk: D,
    reach: Reach,
    reader: Option<Reader<D>>,
}

struct State {
    engine: Engine,
    events: Vec<Event>,
    made: Vec<u8>,
}

impl<D: Disk> Replayer<D> {
    /// Goes on after the engine's last command; a new engine starts at the first record.
    #[must_use]
    pub fn new(disk: D, engine: Engine) -> Self {
        let state = State { engine, events: Vec::new(), made: Vec::new() };
        Self { state, disk, reach: Reach::Journal, reader: None }
    }

    /// Also through what was retired, as far as the archive has it.
    #[must_use]
    pub fn with_archive(self) -> Self {
        Self { reach: Reach::Archive, ..self }
    }

    fn scan(&self, from: u64) -> Result<Reader<D>> {
        Ok(journal::scan_within(&self.disk, self.reach, from, Check::Crc)?)
    }

    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.state.engine
    }

    #[must_use]
    pub fn into_engine(self) -> Engine {
        self.state.engine
    }

    /// The last record that was replayed.
    #[must_use]
    pub fn seq(&self) -> u64 {
        self.state.engine.seq()
    }

    /// Replays up to and including a record, which must be durable. Answers how many it replayed.
    pub fn advance(&mut self, up_to: u64) -> Result<u64> {
        let start = self.seq();
        if start >= up_to {
            return Ok(0);
        }
        let mut reader = match self.reader.take() {
            Some(reader) => reader,
            None => self.scan(start.saturating_add(1))?,
        };
        let state = &mut self.state;
        if up_to - start >= LONG {
            ahead::read(&mut reader, start, up_to, |portion| state.apply_portion(portion))?;
        } else {
            let mut looked_again = false;
            while state.engine.seq() < up_to {
                looked_again = match reader.next()? {
                    Some(record) => {
                        let unreadable = |cause| NodeError::Unreadable { seq: record.seq, cause };
                        let decoded = model::decode_command(record.seq, record.payload);
                        let (stamped, recorded) = decoded.map_err(unreadable)?;
                        state.step(&stamped, recorded)?;
                        false
                    }
                    // The reader may have looked ahead before the record was there.
                    None if !looked_again => true,
                    None => return Err(NodeError::Ends { last_seq: state.engine.seq(), wanted: up_to }),
                };
            }
        }
        self.reader = Some(reader);
        Ok(self.seq().saturating_sub(start))
    }

    /// Replays to the end of the journal as it is now. Answers how many records it replayed.
    pub fn advance_to_end(&mut self) -> Result<u64> {
        let start = self.seq();
        let mut reader = self.scan(start.saturating_add(1))?;
        let state = &mut self.state;
        match ahead::read(&mut reader, start, u64::MAX, |portion| state.apply_portion(portion)) {
            Ok(()) | Err(NodeError::Ends { .. }) => Ok(self.seq().saturating_sub(start)),
            Err(error) => Err(error),
        }
    }
}

impl State {
    fn apply_portion(&mut self, portion: &Portion) -> Result<()> {
        portion.iter().enumerate().try_for_each(|(at, (stamped, recorded))| {
            self.engine.foresee_in(portion.commands(), at);
            self.step(stamped, recorded)
        })
    }

    #[inline]
    fn step(&mut self, stamped: &Stamped, recorded: &[u8]) -> Result<()> {
        let (wanted, seq) = (self.engine.seq().saturating_add(1), stamped.seq);
        if wanted != seq {
            return Err(NodeError::OutOfPlace { wanted, found: seq });
        }
        self.events.clear();
        self.engine.apply(stamped, &mut self.events);
        self.made.clear();
        let encoded = model::encode_events(&self.events, &mut self.made);
        encoded.map_err(|cause| NodeError::Unreadable { seq, cause })?;
        if self.made != recorded {
            return Err(difference(stamped, recorded, &self.events));
        }
        Ok(())
    }
}

/// Names the first event that differs, or the place where one side has no more.
#[cold]
fn difference(stamped: &Stamped, recorded: &[u8], made: &[Event]) -> NodeError {
    let mut record = Vec::new();
    let encoded = model::encode_head(stamped.time, &stamped.command, &mut record);
    record.extend_from_slice(recorded);
    let recorded = match encoded.and_then(|()| model::decode(stamped.seq, &record)) {
        Ok(record) => record.events,
        Err(cause) => return NodeError::Unreadable { seq: stamped.seq, cause },
    };
    let same = recorded.iter().zip(made).take_while(|(recorded, made)| recorded == made).count();
    let show = |event: Option<&Event>| event.map_or("nothing".to_owned(), |event| format!("{event:?}"));
    let (recorded, made) = (show(recorded.get(same)), show(made.get(same)));
    NodeError::Diverged { seq: stamped.seq, index: same, recorded, made }
}
