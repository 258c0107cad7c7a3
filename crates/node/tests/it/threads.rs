//! The node with its threads: many clients at once, a restart, the feed while it runs, the shadow, the end.
//! Waiting is always for a fact, with a bound on patience.

use crate::world::{START, config, flow, order, order_until, setup};
use engine::Engine;
use journal::{Disk, Fault, FaultKind, FileDisk, MemDisk, SnapshotStore, segment_name};
use model::{Command, Event, Side, Time};
use node::{Client, Config, ManualClock, Node, NodeError, Refused, Replayer, SystemClock};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(20);

fn start<D: Disk>(disk: &D, config: Config) -> Node<D> {
    let (node, _) = Node::start(disk.clone(), config, SystemClock::new()).expect("the node starts");
    let mut client = node.connect().expect("there is room");
    if client.query(|engine| engine.instruments().count()) == Ok(0) {
        for command in setup() {
            client.call(command).expect("the market is made");
        }
    }
    node
}

fn wait_for(what: &str, mut there: impl FnMut() -> bool) {
    let start = Instant::now();
    while !there() {
        assert!(start.elapsed() < PATIENCE, "waited too long for {what}");
        std::thread::yield_now();
    }
}

/// Sends commands with a window in flight and answers the numbers they got, in the order of sending.
fn drive<D: Disk>(client: &mut Client<D>, commands: Vec<Command>) -> Vec<u64> {
    let total = commands.len();
    let mut waiting: VecDeque<_> = (0..).zip(commands).collect();
    let mut seqs = vec![0; total];
    let mut answered = 0;
    while answered < total {
        match client.submit_all(&mut waiting) {
            Ok(_) | Err(Refused::Busy) => {}
            Err(refused) => panic!("{refused}"),
        }
        if total - waiting.len() == answered {
            // Others fill the inbox.
            std::thread::yield_now();
            continue;
        }
        let mut replies = client.recv_batch().expect("the node runs");
        while let Some(answer) = replies.take() {
            seqs[usize::try_from(answer.tag).unwrap_or(0)] = answer.stamped.seq;
            assert!(!answer.events.is_empty());
            answered += 1;
        }
    }
    seqs
}

#[test]
fn what_many_clients_were_told_is_there_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let disk = FileDisk::open(directory.path()).unwrap();
    let node = start(&disk, config());
    let told: Vec<(u64, Command)> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|seed| {
                let mut client = node.connect().unwrap();
                let commands = flow(seed, 3000);
                scope.spawn(move || {
                    let seqs = drive(&mut client, commands.clone());
                    assert!(seqs.is_sorted(), "one client's commands stay in order");
                    seqs.into_iter().zip(commands).collect::<Vec<_>>()
                })
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    let client = node.connect().unwrap();
    let digest = client.query(Engine::digest).unwrap();
    assert_eq!(node.held().seq, 12_016);
    node.shutdown().unwrap();
    let (node, report) = Node::start(disk.clone(), config(), SystemClock::new()).unwrap();
    assert_eq!((report.snapshot_seq, report.replayed), (Some(12_016), 0), "a shutdown leaves a snapshot");
    assert_eq!(node.connect().unwrap().query(Engine::digest).unwrap(), digest);
    drop(node);
    let mut replayer = Replayer::new(disk.clone(), Engine::new());
    replayer.advance_to_end().unwrap();
    assert_eq!(replayer.engine().digest(), digest);
    let mut reader = journal::scan(&disk, 1, journal::Check::Chain).unwrap();
    let mut commands = Vec::new();
    while let Some(record) = reader.next().unwrap() {
        commands.push(model::decode_command(record.seq, record.payload).unwrap().0.command);
    }
    for (seq, command) in told {
        assert_eq!(commands[usize::try_from(seq).unwrap() - 1], command);
    }
}

#[test]
fn a_reader_follows_while_clients_work() {
    let node = start(&MemDisk::new(), Config { live_batches_max: 2, ..config() });
    let mut readers: Vec<_> = [1, 500, 2016].map(|from| (from, node.subscribe(from))).into();
    std::thread::scope(|scope| {
        let mut client = node.connect().unwrap();
        scope.spawn(move || drive(&mut client, flow(1, 4000)));
        for (from, cursor) in &mut readers {
            for seq in *from..=4016 {
                let record = cursor.next(PATIENCE).unwrap().expect("it comes");
                assert_eq!(record.stamped.seq, seq);
            }
        }
    });
    assert!(readers[0].1.next(Duration::ZERO).unwrap().is_none());
    node.shutdown().unwrap();
}

#[test]
fn a_snapshot_that_found_no_room_is_tried_again() {
    let disk = MemDisk::new();
    let node = start(&disk, Config { snapshot_every: 50, ..config() });
    disk.set_capacity(Some(1));
    drive(&mut node.connect().unwrap(), flow(1, 200));
    wait_for("the trouble to be told", || node.metrics().trouble().is_some());
    assert!(!node.metrics().diverged());
    disk.set_capacity(None);
    let snapshots = SnapshotStore::new(disk.clone(), config().journal.shard);
    wait_for("a snapshot", || snapshots.list().unwrap().first() == Some(&216));
    node.shutdown().unwrap();
}

#[test]
fn a_query_sees_what_was_sent_before_and_only_what_lasts() {
    let node = start(&MemDisk::new(), config());
    let mut client = node.connect().unwrap();
    for at in 0..100 {
        client.submit(order(0, Side::Buy, 1, 10, &format!("o{at}")), at).unwrap();
        let (seq, orders) = client.query(|engine| (engine.seq(), engine.order_count() as u64)).unwrap();
        assert!(orders == at + 1 && node.held().seq >= seq);
    }
    for at in 0..100 {
        assert_eq!(client.recv().unwrap().tag, at);
    }
    assert!(client.try_recv().unwrap().is_none());
}

#[test]
fn a_failing_disk_tells_everyone_and_answers_nothing_more() {
    let disk = MemDisk::faulty();
    let node = start(&disk, config());
    let (mut client, other) = (node.connect().unwrap(), node.connect().unwrap());
    client.call(order(0, Side::Buy, 1, 10, "kept")).unwrap();
    disk.set_fault(Some(Fault { at: 0, kind: FaultKind::Error, persistent: true }));
    client.submit(order(0, Side::Buy, 1, 10, "lost"), 1).unwrap();
    assert!(matches!(client.recv(), Err(Refused::Stopped { .. })));
    assert!(matches!(other.query(|engine| engine.seq()), Err(Refused::Stopped { .. })));
    assert!(matches!(other.submit(Command::AdvanceTime, 0), Err(Refused::Stopped { .. })));
    assert!(matches!(node.stopped(), Some(NodeError::Stopped { .. })));
    assert!(matches!(node.shutdown(), Err(NodeError::Stopped { .. })));
    disk.set_fault(None);
    let node = start(&disk.crash(journal::Crash::LOST), config());
    assert_eq!(node.connect().unwrap().query(Engine::order_count), Ok(1));
}

#[test]
fn too_much_in_flight_is_busy_and_another_client_is_not() {
    let node = start(&MemDisk::new(), Config { in_flight_max: 3, ..config() });
    let (mut client, mut other) = (node.connect().unwrap(), node.connect().unwrap());
    let mut sent = (0..6).map(|tag| (tag, Command::AdvanceTime)).collect();
    assert_eq!(client.submit_all(&mut sent), Ok(3));
    assert_eq!(client.submit(Command::AdvanceTime, 9), Err(Refused::Busy));
    assert_eq!(other.call(Command::AdvanceTime).unwrap().events(), [Event::TimeAdvanced]);
    assert_eq!((client.recv().unwrap().tag, sent.len()), (0, 3));
    let id = client.id();
    drop(client);
    let mut next = node.connect().unwrap();
    assert_eq!((next.id().slot, next.id().generation), (id.slot, id.generation + 1));
    assert!(next.try_recv().unwrap().is_none(), "another's answers stay another's");
}

#[test]
fn what_is_due_wakes_the_engine() {
    let clock = Arc::new(ManualClock::new(START));
    let (node, _) = Node::start(MemDisk::new(), config(), Arc::clone(&clock)).unwrap();
    let mut client = node.connect().unwrap();
    for command in setup() {
        client.call(command).unwrap();
    }
    client.call(order_until(Time(START.0 + 1000), "short")).unwrap();
    assert_eq!(client.query(Engine::order_count), Ok(1));
    clock.advance(1000);
    wait_for("the order to expire", || node.metrics().timers.get() > 0);
    assert_eq!(client.query(Engine::order_count), Ok(0));
}

#[test]
fn the_shadow_makes_the_snapshots_the_engine_would_have_made() {
    let disk = MemDisk::new();
    let node = start(&disk, Config { snapshot_every: 500, ..config() });
    let mut client = node.connect().unwrap();
    for round in 0..4 {
        drive(&mut client, flow(round, 600));
        wait_for("a snapshot", || node.metrics().snapshots.get() > round);
    }
    assert!(node.metrics().retired.get() > 0 && node.metrics().trouble().is_none());
    let seqs = SnapshotStore::new(disk.clone(), 0).list().unwrap();
    let oldest = Engine::restore(&SnapshotStore::new(disk.clone(), 0).load(seqs[2]).unwrap().body).unwrap();
    let mut replayer = Replayer::new(disk.clone(), oldest);
    for seq in seqs.iter().rev() {
        replayer.advance(*seq).unwrap();
        let saved = SnapshotStore::new(disk.clone(), 0).load(*seq).unwrap();
        assert_eq!(replayer.engine().digest(), saved.info.state_hash);
    }
    node.shutdown().unwrap();
}

#[test]
fn a_shadow_that_cannot_follow_stops_the_snapshots_and_not_the_trading() {
    let disk = MemDisk::new();
    let node = start(&disk, Config { snapshot_every: 100_000, ..config() });
    disk.flip_bit(&segment_name(1), 300, 1);
    let mut client = node.connect().unwrap();
    drive(&mut client, flow(1, 100));
    wait_for("the shadow to notice", || node.metrics().trouble().is_some());
    assert!(node.metrics().trouble().unwrap().contains("damaged"));
    client.call(order(0, Side::Buy, 1, 10, "after")).unwrap();
    assert_eq!(node.metrics().snapshots.get(), 0);
}
