//! The whole way through the node: in at the inbox, out after the sync. How many commands a second it carries
//! with many clients in flight, and what it adds, at ten thousand a second, to what the disk takes by itself
//! for the same bytes: the bare sync of the same file system is measured in the same run.

use crate::measure::median;
use crate::traffic::Traffic;
use crate::{Figure, Options};
use ::journal::{Disk, DiskFile, FileDisk};
use ::node::{Client, Config, Node, Refused, SystemClock};
use hdrhistogram::Histogram;
use model::{Command, Stamped};
use rustix::time::{ClockId, clock_gettime};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const CLIENTS: usize = 64;
/// Commands that a client hands in at once.
const BLOCK: usize = 128;
const IN_FLIGHT: usize = 1 << 16;
const OFFERED_PER_S: u64 = 10_000;
const OFFERED: usize = 50_000;

pub(crate) fn run(options: &Options) -> Vec<Figure> {
    let commands = options.n.min(5_000_000);
    let traffic = Traffic::new(1, commands.max(OFFERED), 42);
    let runs: Vec<_> =
        (0..options.runs.clamp(1, 3)).map(|_| sustained(options, &traffic, commands)).collect();
    let figures = |pick: fn(&Sustained) -> f64| median(runs.iter().map(pick).collect());
    let offered = offered(options, &traffic);
    vec![
        Figure::new("node_durable_per_s", figures(|run| run.per_s), "/s").at_least(2e6),
        Figure::new("node_cpu_ns", figures(|run| run.cpu_ns), "ns/command"),
        Figure::new("node_batch", figures(|run| run.batch), "commands"),
        Figure::new("node_sync_p50_us", figures(|run| run.sync_us), "us"),
        Figure::new("node_added_p50_us", offered.added(0.5), "us").at_most(100.0),
        Figure::new("node_added_p99_us", offered.added(0.99), "us").at_most(1000.0),
        Figure::new("node_offered_p50_us", micros(&offered.node, 0.5), "us"),
        Figure::new("node_offered_p99_us", micros(&offered.node, 0.99), "us"),
        Figure::new("bare_sync_p50_us", micros(&offered.bare, 0.5), "us"),
        Figure::new("bare_sync_p99_us", micros(&offered.bare, 0.99), "us"),
        Figure::new("bare_group_p50_us", micros(&offered.group, 0.5), "us"),
        Figure::new("node_offered_batch", offered.batch, "commands"),
    ]
}

struct Sustained {
    per_s: f64,
    cpu_ns: f64,
    batch: f64,
    sync_us: f64,
}

/// As fast as it goes, with a bounded number in flight.
fn sustained(options: &Options, traffic: &Traffic, commands: usize) -> Sustained {
    let (directory, node) = start(options, 64 << 20);
    let mut clients: Vec<_> = (0..CLIENTS).map(|_| node.connect().expect("there is room")).collect();
    drive(&mut clients, &traffic.setup);
    let (batches, start, cpu) = (node.metrics().batches.get(), Instant::now(), process_seconds());
    let flow = traffic.flow.get(..commands).unwrap_or(&traffic.flow);
    drive(&mut clients, flow);
    let (seconds, cpu) = (start.elapsed().as_secs_f64(), process_seconds() - cpu);
    let batches = node.metrics().batches.get() - batches;
    let sync_us = node.metrics().sync_us(0.5) as f64;
    drop(clients);
    node.shutdown().expect("a clean end");
    drop(directory);
    let count = flow.len() as f64;
    Sustained { per_s: count / seconds, cpu_ns: cpu / count * 1e9, batch: count / batches as f64, sync_us }
}

pub(crate) fn start(options: &Options, segment_bytes: u64) -> (tempfile::TempDir, Node<FileDisk>) {
    let directory = crate::replay::directory(options);
    let disk = FileDisk::open(directory.path()).expect("a directory to write to");
    let journal = ::journal::Options { segment_bytes, ..::journal::Options::default() };
    let config = Config { journal, ..Config::default() };
    let (node, _) = Node::start(disk, config, SystemClock::new()).expect("an empty directory");
    (directory, node)
}

/// Hands the commands in, in order, each block by the next client, and takes the answers.
fn drive(clients: &mut [Client<FileDisk>], commands: &[Stamped]) {
    saturate(clients, commands, None);
}

/// How a saturating flow goes on, for who measures beside it.
#[derive(Default)]
pub(crate) struct Load {
    /// It is to stop.
    pub over: AtomicBool,
    /// It has nothing more to send.
    pub ended: AtomicBool,
    /// Handed in and not answered.
    pub in_flight: AtomicUsize,
}

/// The same, as long as it is not over.
pub(crate) fn saturate(clients: &mut [Client<FileDisk>], commands: &[Stamped], load: Option<&Load>) {
    let (mut blocks, mut in_flight, mut next) = (commands.chunks(BLOCK), 0, 0);
    let mut block = VecDeque::with_capacity(BLOCK);
    let mut owed: VecDeque<(usize, usize)> = VecDeque::new();
    loop {
        while in_flight < IN_FLIGHT {
            if block.is_empty() {
                if load.is_some_and(|load| load.over.load(Ordering::Acquire)) {
                    break;
                }
                let Some(piece) = blocks.next() else {
                    if let Some(load) = load {
                        load.ended.store(true, Ordering::Release);
                    }
                    break;
                };
                block.extend(piece.iter().map(|stamped| (stamped.seq, stamped.command.clone())));
            }
            match clients[next].submit_all(&mut block) {
                Ok(sent) => {
                    in_flight += sent;
                    owed.push_back((next, sent));
                    next = (next + 1) % clients.len();
                }
                Err(Refused::Busy) => break,
                Err(refused) => unreachable!("the disk works: {refused}"),
            }
        }
        if let Some(load) = load {
            load.in_flight.store(in_flight, Ordering::Release);
        }
        let Some((client, count)) = owed.pop_front() else { return };
        let mut left = count;
        while left > 0 {
            let mut replies = clients[client].recv_batch().expect("the node runs");
            let before = replies.len();
            while left > 0
                && let Some(answer) = replies.take()
            {
                assert!(!answer.events.is_empty());
                left -= 1;
            }
            in_flight -= before - replies.len();
            clients[client].put_back(replies);
        }
    }
}

struct Offered {
    node: Histogram<u64>,
    bare: Histogram<u64>,
    /// What a group commit that costs no time of its own would take over the same bare syncs.
    group: Histogram<u64>,
    batch: f64,
}

impl Offered {
    /// What the node takes beyond the bare sync, at a quantile of each.
    fn added(&self, quantile: f64) -> f64 {
        micros(&self.node, quantile) - micros(&self.bare, quantile)
    }
}

/// Ten thousand a second whatever comes back: the time from handing in to holding the answer.
fn offered(options: &Options, traffic: &Traffic) -> Offered {
    let (directory, node) = start(options, 64 << 20);
    let disk = FileDisk::open(directory.path()).expect("it is there");
    let mut client = node.connect().expect("there is room");
    drive(std::slice::from_mut(&mut client), &traffic.setup);
    let (mut syncs, mut took) = (bare_syncs(&disk), histogram());
    let before = (node.metrics().batches.get(), node.metrics().bytes.get());
    let flow = traffic.flow.get(..OFFERED).unwrap_or(&traffic.flow);
    let (sender, start) = (client.sender(), Instant::now());
    std::thread::scope(|scope| {
        scope.spawn(move || offer(flow, start, |command, tag| sender.submit(command, tag)));
        for _ in flow {
            let reply = client.recv().expect("the node runs");
            let now = u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX);
            took.saturating_record(now.saturating_sub(reply.tag));
        }
    });
    let batches = node.metrics().batches.get() - before.0;
    syncs.extend(bare_syncs(&disk));
    drop(client);
    node.shutdown().expect("a clean end");
    let mut bare = histogram();
    syncs.iter().for_each(|sync| bare.saturating_record(*sync));
    Offered { node: took, bare, group: group_commit(&syncs), batch: flow.len() as f64 / batches as f64 }
}

/// Hands each command in when its time has come; the tag is the moment it was handed in.
fn offer(flow: &[Stamped], start: Instant, submit: impl Fn(Command, u64) -> Result<(), Refused>) {
    for (at, stamped) in (0u64..).zip(flow) {
        let due = Duration::from_nanos(at * 1_000_000_000 / OFFERED_PER_S);
        while let Some(left) = due.checked_sub(start.elapsed()).filter(|left| !left.is_zero()) {
            std::thread::sleep(left);
        }
        let now = u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX);
        submit(stamped.command.clone(), now).expect("ten thousand a second are few");
    }
}

/// What the disk takes by itself: the bytes of a small batch, written into a prepared file and synced.
fn bare_syncs(disk: &FileDisk) -> Vec<u64> {
    const SYNCS: u64 = 3000;
    const BYTES: usize = 512;
    let file = disk.create("bare.tmp").expect("a file to write");
    file.allocate(SYNCS * BYTES as u64).and_then(|()| file.sync_data()).expect("room for it");
    let sync = |at: u64| {
        let start = Instant::now();
        file.write_at(&[7; BYTES], at * BYTES as u64).and_then(|()| file.sync_data()).expect("a sync");
        u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX)
    };
    let syncs = (0..SYNCS).map(sync).collect();
    disk.remove("bare.tmp").expect("it was there");
    syncs
}

/// The same offer against the bare syncs, one after the other, each carrying all that has arrived before it
/// starts: the least that one sync in flight can give.
fn group_commit(syncs: &[u64]) -> Histogram<u64> {
    let (mut took, step) = (histogram(), 1_000_000_000 / OFFERED_PER_S);
    let (mut free_at, mut arrived) = (0, 0);
    for sync in syncs {
        let start = free_at.max(arrived);
        free_at = start + sync;
        while arrived <= start {
            took.saturating_record(free_at - arrived);
            arrived += step;
        }
    }
    took
}

fn histogram() -> Histogram<u64> {
    Histogram::new_with_max(10_000_000_000, 3).expect("invariant: three digits are allowed")
}

fn micros(histogram: &Histogram<u64>, quantile: f64) -> f64 {
    histogram.value_at_quantile(quantile) as f64 / 1e3
}

/// CPU seconds of all threads together.
fn process_seconds() -> f64 {
    let now = clock_gettime(ClockId::ProcessCPUTime);
    now.tv_sec as f64 + now.tv_nsec as f64 * 1e-9
}
