//! What a disk in memory holds: contents, names, what of both is durable, and what a loss of power takes.
//!
//! A sync copies whole pages, as a page cache does; a sync that failed forgets what it should have kept, and
//! the bytes stay readable until the power goes. Absent: counting and failing operations.

use std::collections::{BTreeMap, BTreeSet};

use super::fault::{Crash, DataLoss, Fault, NameLoss, Rng};
use super::pages::Pages;
use crate::layout::SECTOR;

pub(super) type Names = BTreeMap<String, usize>;

#[derive(Clone, Debug, Default)]
pub(super) struct State {
    pub files: Vec<Contents>,
    pub names: Names,
    /// Only with `tracked`: the names that survive, and the steps from them to `names`.
    pub durable_names: Names,
    pub name_steps: Vec<NameStep>,
    /// Only with `tracked`: writes since the last sync of their file, in order.
    pub unsynced: Vec<Write>,
    pub tracked: bool,
    pub fault: Option<Fault>,
    pub operations: u64,
    pub syncs: u64,
    pub capacity: Option<u64>,
    pub locked: bool,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Contents {
    pub live: Pages,
    pub durable: Pages,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Write {
    file: usize,
    at: usize,
    len: usize,
}

/// One change of the directory; a rename is both parts at once.
#[derive(Clone, Debug)]
pub(super) struct NameStep {
    pub gone: Option<String>,
    pub here: Option<(String, usize)>,
}

impl NameStep {
    fn apply(&self, names: &mut Names) {
        if let Some(name) = &self.gone {
            names.remove(name);
        }
        if let Some((name, file)) = &self.here {
            names.insert(name.clone(), *file);
        }
    }
}

impl State {
    pub(super) fn rename_step(&mut self, step: NameStep) {
        step.apply(&mut self.names);
        if self.tracked {
            self.name_steps.push(step);
        }
    }

    pub(super) fn has_room_for(&self, file: usize, len: usize) -> bool {
        let Some(capacity) = self.capacity else { return true };
        let grows = len.saturating_sub(self.files.get(file).map_or(0, |file| file.live.len()));
        grows == 0 || self.used() + grows as u64 <= capacity
    }

    pub(super) fn used(&self) -> u64 {
        self.names.values().filter_map(|file| self.files.get(*file)).map(|file| file.live.len() as u64).sum()
    }

    pub(super) fn write(&mut self, file: usize, at: usize, bytes: &[u8]) {
        if let Some(contents) = self.files.get_mut(file) {
            contents.live.write(at, bytes);
        }
        self.note(file, at, bytes.len());
    }

    pub(super) fn note(&mut self, file: usize, at: usize, len: usize) {
        if self.tracked {
            self.unsynced.push(Write { file, at, len });
        }
    }

    pub(super) fn sync(&mut self, file: usize, kept: bool) {
        self.syncs += 1;
        let (own, others) = std::mem::take(&mut self.unsynced).into_iter().partition(|w| w.file == file);
        self.unsynced = others;
        let own: Vec<Write> = own;
        if let Some(Contents { live, durable }) = self.files.get_mut(file).filter(|_| kept) {
            own.iter().for_each(|write| durable.take_pages(live, write.at, write.len));
        }
    }

    /// File and start of every sector that is not synced, once each, in the order of writing.
    pub(super) fn unsynced_sectors(&self) -> Vec<(usize, usize)> {
        let (mut sectors, mut seen) = (Vec::new(), BTreeSet::new());
        for write in &self.unsynced {
            for sector in write.at / SECTOR..(write.at + write.len).div_ceil(SECTOR) {
                if seen.insert((write.file, sector)) {
                    sectors.push((write.file, sector * SECTOR));
                }
            }
        }
        sectors
    }

    pub(super) fn crash(&mut self, crash: Crash) {
        self.fault = None;
        self.operations = 0;
        if let Crash::Power { data, names } = crash {
            if self.tracked {
                self.lose_names(names);
                self.lose_data(data);
            }
            self.unsynced.clear();
            self.name_steps.clear();
            self.durable_names.clone_from(&self.names);
        }
    }

    fn lose_names(&mut self, loss: NameLoss) {
        let mut rng = match loss {
            NameLoss::Kept => return,
            NameLoss::Lost => None,
            NameLoss::Torn { seed } => Some(Rng::new(seed ^ 0x6e61_6d65)),
        };
        self.names.clone_from(&self.durable_names);
        for step in &self.name_steps {
            if rng.as_mut().is_some_and(Rng::coin) {
                step.apply(&mut self.names);
            }
        }
    }

    fn lose_data(&mut self, loss: DataLoss) {
        match loss {
            DataLoss::Lost => {}
            DataLoss::Kept => self.keep_sectors(|_| true),
            DataLoss::Torn { seed } => {
                let mut rng = Rng::new(seed);
                self.keep_sectors(|_| rng.coin());
            }
            DataLoss::Sectors { arrived } => {
                self.keep_sectors(|index| index < 128 && arrived >> index & 1 == 1);
            }
            DataLoss::Cut { bytes } => {
                let mut left = usize::try_from(bytes).unwrap_or(usize::MAX);
                for write in std::mem::take(&mut self.unsynced) {
                    let len = write.len.min(left);
                    left -= len;
                    self.keep(write.file, write.at, len);
                }
            }
        }
        for file in &mut self.files {
            file.live.clone_from(&file.durable);
        }
    }

    fn keep_sectors(&mut self, mut arrives: impl FnMut(usize) -> bool) {
        for (index, (file, at)) in self.unsynced_sectors().into_iter().enumerate() {
            if arrives(index) {
                self.keep(file, at, SECTOR);
            }
        }
    }

    fn keep(&mut self, file: usize, at: usize, len: usize) {
        if let Some(Contents { live, durable }) = self.files.get_mut(file) {
            durable.take_bytes(live, at, len);
        }
    }
}
