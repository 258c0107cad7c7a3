//! Starting again: snapshots, tails, differences, and readers that begin anywhere.

use crate::world::{START, config, flow, open, order, ready, run, setup};
use engine::Engine;
use journal::{Chain, Disk, Journal, MemDisk, snapshot_name};
use model::{Command, Event, Side};
use node::{Core, Node, NodeError, Replayer, SystemClock};

#[test]
fn a_snapshot_and_its_tail_are_the_whole_history() {
    let disk = MemDisk::new();
    let mut core = ready(&disk);
    run(&mut core, &flow(1, 500), 20);
    core.snapshot().unwrap();
    run(&mut core, &flow(2, 500), 20);
    let digest = core.digest();
    drop(core);
    let (from_snapshot, report) = open(&disk);
    assert_eq!((report.snapshot_seq, report.replayed, report.last_seq), (Some(516), 500, 1016));
    assert_eq!(from_snapshot.digest(), digest);
    drop(from_snapshot);
    let mut whole = Replayer::new(disk.clone(), Engine::new());
    assert_eq!(whole.advance_to_end().unwrap(), 1016);
    assert_eq!(whole.engine().digest(), digest);
    let mut stepwise = Replayer::new(disk, Engine::new());
    for to in [0, 1, 1, 500, 501, 1016] {
        stepwise.advance(to).unwrap();
        assert_eq!(stepwise.seq(), to);
    }
    assert_eq!(stepwise.engine().digest(), digest);
    assert!(matches!(stepwise.advance(1017), Err(NodeError::Ends { last_seq: 1016, wanted: 1017 })));
}

#[test]
fn a_damaged_snapshot_gives_way_to_the_one_before_or_to_all() {
    let disk = MemDisk::new();
    let mut core = ready(&disk);
    let mut seqs = Vec::new();
    for round in 0..3 {
        run(&mut core, &flow(round, 100), 20);
        seqs.push(core.snapshot().unwrap().seq);
    }
    let digest = core.digest();
    drop(core);
    for damaged in 1..=3 {
        disk.flip_bit(&snapshot_name(seqs[3 - damaged]), 1000, 3);
        let (core, report) = open(&disk);
        assert_eq!(report.snapshot_seq, seqs[..3 - damaged].last().copied());
        assert_eq!((report.snapshots_skipped.len(), core.digest()), (damaged, digest));
    }
}

#[test]
fn a_snapshot_of_another_state_is_not_used() {
    let disk = MemDisk::new();
    let mut core = ready(&disk);
    run(&mut core, &flow(1, 10), 20);
    let (held, digest) = (core.held(), core.digest());
    let mut body = Vec::new();
    core.engine().snapshot(&mut body);
    drop(core);
    let store = journal::SnapshotStore::new(disk.clone(), 0);
    store.save(held.seq, held.chain, [9; 32], &body).unwrap();
    let (core, report) = open(&disk);
    assert_eq!((report.snapshot_seq, report.replayed, core.digest()), (None, held.seq, digest));
    assert!(report.snapshots_skipped[0].why.contains("hash"));
}

#[test]
fn an_event_that_was_altered_stops_the_start_and_is_named() {
    let disk = MemDisk::new();
    let (mut journal, _) = Journal::open(disk.clone(), config().journal).unwrap();
    let (mut engine, mut batch) = (Engine::new(), journal::Batch::default());
    let commands = setup().into_iter().chain([order(0, Side::Buy, 5, 100, "a")]);
    for (seq, command) in (1..).zip(commands) {
        let mut events = Vec::new();
        let stamped = model::Stamped { seq, time: START, command };
        engine.apply(&stamped, &mut events);
        if seq == 17 {
            let Some(Event::OrderRested { left, .. }) = events.last_mut() else { panic!("it rests") };
            left.0 = 4;
        }
        let write = |bytes: &mut Vec<u8>| {
            model::encode_head(stamped.time, &stamped.command, bytes).unwrap();
            model::encode_events(&events, bytes).unwrap();
        };
        batch.push_with(write).unwrap();
    }
    let committed = journal.commit(&mut batch, START.0).unwrap();
    assert_ne!(committed.chain, Chain::genesis(0));
    journal.close().unwrap();
    let error = Core::open(disk, config()).err().unwrap();
    let NodeError::Diverged { seq, index, recorded, made } = &error else { panic!("{error}") };
    assert_eq!((*seq, *index), (17, 1));
    assert!(recorded.contains("left: Qty(4)") && made.contains("left: Qty(5)"), "{error}");
}

#[test]
fn readers_begin_anywhere_and_follow_live() {
    let disk = MemDisk::new();
    let mut core = ready(&disk);
    run(&mut core, &flow(1, 300), 9);
    for from in [0, 1, 2, 100, 316, 317] {
        let mut cursor = core.subscribe(from);
        for seq in from.max(1)..=316 {
            assert_eq!(cursor.try_next().unwrap().unwrap().stamped.seq, seq);
        }
        assert!(cursor.try_next().unwrap().is_none(), "from {from}");
    }
    let (mut quick, mut slow) = (core.subscribe(300), core.subscribe(10));
    for round in 0..200 {
        core.submit(0, 0, Command::AdvanceTime).unwrap();
        core.step_apply(START, 1).unwrap();
        while quick.try_next().unwrap().is_some() {}
        assert_eq!(quick.next_seq(), 317 + round, "only what is durable");
        let bundle = core.step_sync().unwrap().unwrap();
        let record = quick.try_next().unwrap().unwrap();
        let made = bundle.get(0).unwrap();
        assert_eq!((&record.stamped, record.events.as_slice()), (made.stamped, made.events));
        if round < 20 {
            assert_eq!(slow.try_next().unwrap().unwrap().stamped.seq, 10 + round);
        }
    }
    for seq in 30..=516 {
        assert_eq!(slow.try_next().unwrap().unwrap().stamped.seq, seq);
    }
    assert!(slow.try_next().unwrap().is_none());
}

#[test]
fn a_clean_close_leaves_a_snapshot_and_nothing_to_replay() {
    let disk = MemDisk::new();
    let mut core = ready(&disk);
    run(&mut core, &flow(4, 100), 3);
    core.submit(0, 0, Command::AdvanceTime).unwrap();
    core.step_apply(START, 10).unwrap();
    let digest = core.digest();
    core.close().unwrap();
    let (again, report) = open(&disk);
    assert_eq!((report.snapshot_seq, report.replayed, again.digest()), (Some(117), 0, digest));
}

#[test]
fn without_room_for_a_snapshot_the_end_is_good_all_the_same() {
    let disk = MemDisk::new();
    let mut core = ready(&disk);
    core.snapshot().unwrap();
    run(&mut core, &flow(4, 100), 3);
    let digest = core.digest();
    disk.set_capacity(Some(1));
    let ended = core.close().unwrap();
    let why = ended.no_snapshot.expect("there was no room").to_string();
    assert!(why.contains("snapshot") && ended.last_seq == 116, "{why}");
    assert!(disk.list().unwrap().iter().all(|name| !name.ends_with(".tmp")), "nothing partial is left");
    let (node, report) = Node::start(disk.clone(), config(), SystemClock::new()).unwrap();
    assert_eq!((report.snapshot_seq, report.replayed), (Some(16), 100));
    assert_eq!(node.connect().unwrap().query(Engine::digest).unwrap(), digest);
    let ended = node.shutdown().unwrap();
    assert!(ended.no_snapshot.is_some() && ended.last_seq == 116, "{ended:?}");
    disk.set_capacity(None);
    let (again, report) = open(&disk);
    assert_eq!((report.replayed, report.cut.is_none(), again.digest()), (100, true, digest));
}
