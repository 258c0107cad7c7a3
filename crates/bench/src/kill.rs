//! The kill switch while everything else is busy: as many orders as go in are in flight, and one caller throws the
//! switch of an account now and then. It goes past the queue; releasing it waits its turn and is the figure beside.
//! A throw counts only if the flow was still going when it was answered, and how much was in flight is told.

use crate::node::{Load, saturate, start};
use crate::traffic::Traffic;
use crate::{Figure, Options};
use ::journal::FileDisk;
use ::node::{Client, Refused};
use model::{AccountId, Because, Command, Name, Scope, UserId};
use std::sync::atomic::Ordering;
use std::sync::{Mutex, mpsc};
use std::time::{Duration, Instant};

/// How often it is thrown at the most, and how long there is between.
const THROWS: u32 = 500;
/// Nobody waits for a release to throw the next, so that several are on their way.
const RELEASERS: usize = 16;
const PAUSE: Duration = Duration::from_millis(10);

pub(crate) fn run(options: &Options) -> Vec<Figure> {
    let commands = options.n.min(5_000_000);
    let traffic = Traffic::new(1, commands, 42);
    let throws = if options.smoke { 3 } else { THROWS };
    let (directory, node) = start(options, 64 << 20);
    let mut clients: Vec<_> = (0..4).map(|_| node.connect().expect("there is room")).collect();
    saturate(&mut clients, &traffic.setup, None);
    let mut caller = node.connect().expect("there is room");
    let releasers = [(); RELEASERS].map(|()| node.connect().expect("there is room"));
    let load = Load::default();
    let (mut thrown, mut released, mut in_flight) = (Vec::new(), Vec::new(), Vec::new());
    let (killed, to_release) = mpsc::channel();
    let to_release = Mutex::new(to_release);
    let next = || to_release.lock().expect("nobody panics").recv().ok();
    std::thread::scope(|scope| {
        scope.spawn(|| saturate(&mut clients, &traffic.flow, Some(&load)));
        let releasing = releasers.map(|mut releaser| {
            let next = &next;
            scope.spawn(move || {
                let all = std::iter::from_fn(next);
                all.map(|account| timed(&mut releaser, release(account))).collect::<Vec<_>>()
            })
        });
        for account in 0..throws {
            std::thread::sleep(PAUSE);
            let before = load.in_flight.load(Ordering::Acquire);
            let took = timed(&mut caller, throw(account));
            if load.ended.load(Ordering::Acquire) {
                break;
            }
            thrown.push(took);
            in_flight.push(before as f64);
            killed.send(account).expect("it releases");
        }
        drop(killed);
        released = releasing.into_iter().flat_map(|releaser| releaser.join().expect("it released")).collect();
        load.over.store(true, Ordering::Release);
    });
    drop((clients, caller));
    let sync_us = node.metrics().sync_us(0.99);
    node.shutdown().expect("a clean end");
    drop(directory);
    vec![
        Figure::new("kill_switch_ms", at(&mut thrown, 99), "ms").at_most(10.0),
        Figure::new("kill_switch_p50_ms", at(&mut thrown, 50), "ms"),
        Figure::new("kill_sync_ms", sync_us as f64 / 1e3, "ms"),
        Figure::new("kill_queued_ms", at(&mut released, 99), "ms"),
        Figure::new("kill_queued_p50_ms", at(&mut released, 50), "ms"),
        Figure::new("kill_in_flight", at(&mut in_flight, 50), "commands"),
        Figure::new("kill_throws", thrown.len() as f64, "throws"),
    ]
}

fn because() -> Because {
    Because { user: UserId(0), reason: Name::new("bench").expect("invariant: a plain word is a name") }
}

fn throw(account: u32) -> Command {
    let scope = Scope::Account(AccountId(account));
    Command::ThrowKillSwitch { scope, flatten: false, because: because() }
}

fn release(account: u32) -> Command {
    Command::ReleaseKillSwitch { scope: Scope::Account(AccountId(account)), because: because() }
}

/// Milliseconds from handing in to holding the answer; who finds the door shut knocks again.
fn timed(caller: &mut Client<FileDisk>, command: Command) -> f64 {
    let start = Instant::now();
    loop {
        match caller.call(command.clone()) {
            Ok(_) => return start.elapsed().as_secs_f64() * 1e3,
            Err(Refused::Busy) => std::thread::yield_now(),
            Err(refused) => unreachable!("the disk works: {refused}"),
        }
    }
}

fn at(samples: &mut [f64], percent: usize) -> f64 {
    samples.sort_by(f64::total_cmp);
    let last = samples.len().saturating_sub(1);
    samples.get(last * percent / 100).copied().unwrap_or(0.0)
}
