//! Walks the batches of a journal in order, over all its segments, with a bounded window on the file.
//!
//! The one place that decides what comes next, what is the end, and what is damage: recovery, scan and
//! verify all stand on it, so they cannot disagree. Nothing is skipped: the walk ends at the end or with an
//! error that names the record. Absent: writing.

use std::io;

use crate::chain::Chain;
use crate::check::{Expected, Records, Trouble, check_batch};
use crate::disk::{Disk, DiskFile};
use crate::error::{JournalError, Result};
use crate::layout::{
    ARCHIVE, BATCH_HEADER, BatchHeader, FORMAT_VERSION, HeaderFault, SECTOR, SEGMENT_HEADER, SegmentHeader,
    parse_segment_name, segment_name,
};
use crate::scan::{Check, Reach};
use crate::tear::{self, Verdict};
use crate::watermark::Mark;
use crate::window::{Window, window_len};
use crate::wire::first_nonzero;

/// So often a place is looked at again before it is called torn or damaged. The first time tells what was read
/// ahead from what a writer has put there since; and if a batch is seen behind one that is not whole, then that
/// one was being written and is whole at the second.
const LOOKS_MAX: u32 = 2;

pub(crate) struct Walker<D: Disk> {
    disk: D,
    reach: Reach,
    check: Check,
    /// The last record that is known to have been synced.
    mark: Option<Mark>,
    shard: Option<u32>,
    from_seq: u64,
    /// First records of the segments not yet left behind.
    segments: Vec<u64>,
    current: Option<Current<D::File>>,
    next_seq: u64,
    chain: Chain,
    /// The end was reached; the next call looks again.
    ended: bool,
    torn: Option<Torn>,
}

struct Current<F> {
    file: F,
    name: String,
    first_seq: u64,
    len: u64,
    /// Where the next batch starts.
    at: u64,
    /// The batch that was answered last.
    batch: Option<(u64, BatchHeader)>,
    window: Window,
}

/// A batch at the very end that was never whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Torn {
    pub at: u64,
    pub bytes: u64,
    pub why: &'static str,
}

/// Where a walk stands in a segment.
pub(crate) struct Place<'a> {
    pub segment: &'a str,
    pub first_seq: u64,
    pub end: u64,
    pub len: u64,
    pub last_batch: Option<(u64, BatchHeader)>,
}

impl<D: Disk> Walker<D> {
    /// Starts in the segment that holds `from_seq`, at its first batch.
    pub(crate) fn new(
        disk: D,
        reach: Reach,
        check: Check,
        mark: Option<Mark>,
        shard: Option<u32>,
        from_seq: u64,
    ) -> Result<Self> {
        let mut walker = Self {
            disk,
            reach,
            check,
            mark,
            shard,
            from_seq,
            segments: Vec::new(),
            current: None,
            next_seq: 1,
            chain: Chain::genesis(shard.unwrap_or_default()),
            ended: false,
            torn: None,
        };
        walker.look()?;
        Ok(walker)
    }

    /// The next batch, checked; `None` at the end, after which the walk may be tried again.
    pub(crate) fn next_batch(&mut self) -> Result<Option<BatchHeader>> {
        if std::mem::take(&mut self.ended) {
            self.look()?;
        }
        let Some(mut current) = self.current.take() else {
            return self.end().map(|()| None);
        };
        let outcome = self.step(&mut current);
        self.current.get_or_insert(current);
        outcome
    }

    pub(crate) fn batch_bytes(&self) -> &[u8] {
        let batch = self.current.as_ref().and_then(|current| {
            let (at, header) = current.batch?;
            current.window.get(at, header.used_len())
        });
        batch.unwrap_or_default()
    }

    /// Looks for the tag that a record of the current batch carries.
    pub(crate) fn tag_of(&self, seq: u64) -> Option<u64> {
        let (_, header) = self.current.as_ref()?.batch?;
        let mut records = Records::new(self.batch_bytes(), &header);
        loop {
            let here = records.seq;
            let record = records.next()?;
            if here == seq {
                return Some(record.tag);
            }
        }
    }

    pub(crate) fn place(&self) -> Option<Place<'_>> {
        self.current.as_ref().map(|current| Place {
            segment: &current.name,
            first_seq: current.first_seq,
            end: current.at,
            len: current.len,
            last_batch: current.batch,
        })
    }

    pub(crate) fn torn(&self) -> Option<&Torn> {
        self.torn.as_ref()
    }

    pub(crate) fn next_seq(&self) -> u64 {
        self.next_seq
    }

    pub(crate) fn chain(&self) -> Chain {
        self.chain
    }

    pub(crate) fn error_here(&self, why: impl Into<String>) -> JournalError {
        let (segment, offset) = match &self.current {
            Some(current) => (current.name.clone(), current.at),
            None => (segment_name(self.next_seq), 0),
        };
        JournalError::Corrupt { segment, offset, seq: self.next_seq, why: why.into() }
    }

    /// Lists the segments again; opens the first one if none is open.
    fn look(&mut self) -> Result<()> {
        self.torn = None;
        let names = self.disk.list().map_err(JournalError::io("listing", "the journal"))?;
        self.segments = names.iter().filter_map(|name| self.first_seq_of(name)).collect();
        self.segments.sort_unstable();
        // A segment on its way to the archive may be in both places.
        self.segments.dedup();
        let here = self.current.as_ref().map_or(self.from_seq, |current| current.first_seq);
        let first = self.segments.iter().rposition(|first| *first <= here).unwrap_or(0);
        self.segments.drain(..first);
        match &mut self.current {
            Some(current) => current.window.clear(),
            None => {
                if let Some(first) = self.segments.first().copied() {
                    self.current = Some(self.open(first, None)?);
                }
            }
        }
        Ok(())
    }

    fn first_seq_of(&self, name: &str) -> Option<u64> {
        let archived = name.strip_prefix(ARCHIVE).filter(|_| self.reach == Reach::Archive);
        parse_segment_name(archived.unwrap_or(name))
    }

    /// The segment of this name, wherever it is by now.
    fn find(&self, first_seq: u64) -> Result<(String, D::File)> {
        let mut name = segment_name(first_seq);
        let mut file = self.disk.open(&name);
        if self.reach == Reach::Archive && is_missing(&file) {
            name.insert_str(0, ARCHIVE);
            file = self.disk.open(&name);
        }
        let file = file.map_err(JournalError::io("opening", &name))?;
        Ok((name, file))
    }

    fn open(&mut self, first_seq: u64, before: Option<Chain>) -> Result<Current<D::File>> {
        let (name, file) = self.find(first_seq)?;
        let len = file.len().map_err(JournalError::io("measuring", &name))?;
        let mut window = Window::default();
        let bytes = window.load(&file, 0, SEGMENT_HEADER, len);
        let parsed = SegmentHeader::parse(bytes.map_err(JournalError::io("reading", &name))?);
        let corrupt = |why: &str| JournalError::Corrupt {
            segment: name.clone(),
            offset: 0,
            seq: first_seq,
            why: why.to_owned(),
        };
        let header = parsed.map_err(|fault| match fault {
            HeaderFault::Version(found) => unknown_version(&name, found),
            HeaderFault::Invalid => corrupt("the segment header is damaged"),
        })?;
        if header.first_seq != first_seq {
            return Err(corrupt(&format!("the segment is that of record {}", header.first_seq)));
        }
        let shard = *self.shard.get_or_insert(header.shard);
        if header.shard != shard {
            return Err(JournalError::WrongShard { file: name, found: header.shard, expected: shard });
        }
        let before = before.or((first_seq == 1).then(|| Chain::genesis(shard)));
        if before.is_some_and(|before| before != header.chain) {
            return Err(JournalError::ChainBroken {
                segment: name,
                offset: 0,
                seq: first_seq,
                why: "the segment does not continue the one before it".to_owned(),
            });
        }
        self.next_seq = first_seq;
        self.chain = header.chain;
        Ok(Current { file, name, first_seq, len, at: SEGMENT_HEADER as u64, batch: None, window })
    }

    fn step(&mut self, current: &mut Current<D::File>) -> Result<Option<BatchHeader>> {
        let mut looks = 0;
        loop {
            let expected =
                Expected { seq: self.next_seq, chain: self.chain, shard: self.shard.unwrap_or_default() };
            let bytes = current.load_batch()?;
            match check_batch(bytes, &expected, self.check) {
                Ok((header, chain)) => {
                    self.check_mark(current, &header, chain)?;
                    current.batch = Some((current.at, header));
                    current.at += header.total_len() as u64;
                    self.next_seq = header.next_seq();
                    self.chain = chain;
                    return Ok(Some(header));
                }
                Err(trouble) => match self.following() {
                    Some(next) => *current = self.cross(current, &trouble, next)?,
                    // What was read ahead may be older than what a writer at work has put there since.
                    None if looks == 0 => current.window.clear(),
                    None => match self.judge_end(current, &trouble) {
                        // A writer at work may have been in the middle of it.
                        Ok(Some(_)) | Err(_) if looks < LOOKS_MAX => current.window.clear(),
                        judged => {
                            self.torn = judged?;
                            self.ended = true;
                            return Ok(None);
                        }
                    },
                },
            }
            looks += 1;
        }
    }

    fn following(&self) -> Option<u64> {
        self.segments.get(1).copied()
    }

    /// From the end of one segment to the next, if this is the end.
    fn cross(
        &mut self,
        current: &Current<D::File>,
        trouble: &Trouble,
        next: u64,
    ) -> Result<Current<D::File>> {
        if !matches!(trouble, Trouble::Empty) || current.last_byte()?.is_some() {
            return Err(self.damage(current, trouble, "more segments follow, so it was synced"));
        }
        if next != self.next_seq {
            let why = match next.checked_sub(1) {
                Some(last) if last >= self.next_seq => {
                    format!("records {} to {last} are missing before {}", self.next_seq, segment_name(next))
                }
                _ => format!("{} starts before this segment ends", segment_name(next)),
            };
            let segment = current.name.clone();
            return Err(JournalError::Corrupt { segment, offset: current.at, seq: self.next_seq, why });
        }
        let opened = self.open(next, Some(self.chain))?;
        self.segments.drain(..1);
        Ok(opened)
    }

    /// At the end of the last segment: clean, torn, or damaged?
    fn judge_end(&self, current: &Current<D::File>, trouble: &Trouble) -> Result<Option<Torn>> {
        let tearable = matches!(trouble, Trouble::Empty | Trouble::NoHeader | Trouble::Body { .. });
        if !tearable {
            return Err(self.damage(current, trouble, "it is no torn write"));
        }
        if self.mark.is_some_and(|mark| mark.seq >= self.next_seq) {
            return Err(self.damage(current, trouble, "it was synced"));
        }
        if current.at == SEGMENT_HEADER as u64 {
            return Err(self.damage(
                current,
                trouble,
                "the first batch of a segment is synced before it is named",
            ));
        }
        let Some(last) = current.last_byte()? else { return Ok(None) };
        let bytes = last + 1 - current.at;
        let mut tail = vec![0; usize::try_from(bytes).map_err(io::Error::other).map_err(current.reading())?];
        current.file.read_full(&mut tail, current.at).map_err(current.reading())?;
        let sector_room = SECTOR - usize::try_from(current.at % SECTOR as u64).unwrap_or(0);
        match tear::judge(&tail, sector_room, self.next_seq) {
            Verdict::Torn(why) => Ok(Some(Torn { at: current.at, bytes, why })),
            Verdict::Damaged(why) => Err(self.damage(current, trouble, &why)),
        }
    }

    /// At the end of a journal without segments.
    fn end(&mut self) -> Result<()> {
        if self.mark.is_some_and(|mark| mark.seq >= self.next_seq) {
            return Err(self.error_here("it was synced, and all segments are missing"));
        }
        self.ended = true;
        Ok(())
    }

    /// The batch that the watermark names must be the one that was synced then.
    fn check_mark(&self, current: &Current<D::File>, header: &BatchHeader, chain: Chain) -> Result<()> {
        let Some(mark) = self.mark.filter(|mark| (header.first_seq..=header.last_seq()).contains(&mark.seq))
        else {
            return Ok(());
        };
        if mark.seq == header.last_seq() && mark.tag == chain.tag() {
            return Ok(());
        }
        Err(JournalError::ChainBroken {
            segment: current.name.clone(),
            offset: current.at,
            seq: header.first_seq,
            why: "another batch was synced here, as the watermark tells".to_owned(),
        })
    }

    fn damage(&self, current: &Current<D::File>, trouble: &Trouble, evidence: &str) -> JournalError {
        let segment = current.name.clone();
        let offset = |at: usize| current.at + at as u64;
        let corrupt = |at, seq, what: &str| JournalError::Corrupt {
            segment: segment.clone(),
            offset: offset(at),
            seq,
            why: format!("{what}; {evidence}"),
        };
        match trouble {
            Trouble::Version(found) => unknown_version(&segment, *found),
            Trouble::Hash { seq, at, why } => {
                let (seq, offset) = (*seq, offset(*at));
                JournalError::ChainBroken { segment: segment.clone(), offset, seq, why: (*why).to_owned() }
            }
            Trouble::Empty => corrupt(0, self.next_seq, "it is missing"),
            Trouble::NoHeader => corrupt(0, self.next_seq, "there is no batch header here"),
            Trouble::Misplaced(why) => corrupt(0, self.next_seq, why),
            Trouble::Body { seq, at, why } => corrupt(*at, *seq, why),
        }
    }
}

impl<F: DiskFile> Current<F> {
    fn reading(&self) -> impl FnOnce(io::Error) -> JournalError {
        JournalError::io("reading", &self.name)
    }

    /// The bytes of the batch that stands next, as far as its header tells and the file goes.
    fn load_batch(&mut self) -> Result<&[u8]> {
        let head = self.window.load(&self.file, self.at, BATCH_HEADER, self.len);
        let head = head.map_err(JournalError::io("reading", &self.name))?;
        let len = BatchHeader::parse(head).map_or(BATCH_HEADER, |header| header.total_len());
        self.window.load(&self.file, self.at, len, self.len).map_err(JournalError::io("reading", &self.name))
    }

    /// Where the last byte that is not zero stands, from here on.
    fn last_byte(&self) -> Result<Option<u64>> {
        let mut chunk = vec![0; window_len(self.len.saturating_sub(self.at))];
        let (mut at, mut last) = (self.at, None);
        while at < self.len && !chunk.is_empty() {
            let read = self.file.read_full(&mut chunk, at).map_err(self.reading())?;
            let found = chunk.get(..read).unwrap_or_default();
            if first_nonzero(found).is_some()
                && let Some(place) = found.iter().rposition(|byte| *byte != 0)
            {
                last = Some(at + place as u64);
            }
            if read == 0 {
                break;
            }
            at += read as u64;
        }
        Ok(last)
    }
}

fn is_missing<F>(opened: &io::Result<F>) -> bool {
    opened.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
}

fn unknown_version(file: &str, found: u16) -> JournalError {
    JournalError::UnknownVersion { file: file.to_owned(), found, supported: FORMAT_VERSION }
}
