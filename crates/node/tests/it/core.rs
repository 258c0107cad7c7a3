//! One thread, one step at a time: the door, the sync, the answers, the gate.

use crate::world::{START, config, flow, open, order, order_until, ready, run, setup};
use journal::{Crash, Fault, FaultKind, MemDisk};
use model::{Command, Event, InstrumentId, Mark, OrderFilter, Price, Side, Time};
use node::{Config, Core, MarketData, NodeError, Passed, Refused};

#[test]
fn an_answer_comes_after_the_sync_and_not_before() {
    let disk = MemDisk::new();
    let mut core = ready(&disk);
    let syncs = disk.syncs();
    core.submit(7, 42, order(0, Side::Buy, 1, 1000, "a")).unwrap();
    core.submit(9, 43, order(1, Side::Sell, 1, 1000, "b")).unwrap();
    let pending = core.query(|engine| engine.order_count()).unwrap();
    assert_eq!(core.step_apply(START, 100).unwrap(), 3);
    assert_eq!((core.held().seq, core.engine().seq()), (16, 18));
    assert_eq!(disk.syncs(), syncs, "applied, and nothing synced");
    assert_eq!(pending.try_take(), None, "a query waits for what it saw");
    let bundle = core.step_sync().unwrap().unwrap();
    assert!(disk.syncs() > syncs);
    assert_eq!(core.held().seq, 18);
    assert_eq!(pending.try_take(), Some(0));
    let answers: Vec<_> = bundle.iter().map(|a| (a.client.slot, a.tag, a.stamped.seq)).collect();
    assert_eq!(answers, [(7, 42, 17), (9, 43, 18)]);
    let traded = bundle.get(1).unwrap().events.iter().any(|event| matches!(event, Event::Traded(_)));
    assert!(traded);
    assert!(core.step_sync().unwrap().is_none());
}

#[test]
fn a_query_alone_waits_for_nothing_but_its_turn() {
    let mut core = ready(&MemDisk::new());
    let pending = core.query(|engine| engine.seq()).unwrap();
    core.step_apply(START, 10).unwrap();
    assert_eq!(pending.try_take(), None);
    assert!(core.step_sync().unwrap().is_some_and(|bundle| bundle.is_empty()));
    assert_eq!(pending.wait(), Some(16));
}

#[test]
fn a_crash_takes_only_what_was_not_answered() {
    let disk = MemDisk::faulty();
    let mut core = ready(&disk);
    let answered = run(&mut core, &flow(1, 300), 7).iter().map(|bundle| bundle.last_seq()).max().unwrap();
    let digest = core.digest();
    for command in flow(2, 50) {
        core.submit(0, 0, command).unwrap();
    }
    core.step_apply(START, 50).unwrap();
    assert_ne!(core.digest(), digest);
    for crash in [Crash::LOST, Crash::Kill, Crash::torn(3)] {
        let (again, report) = open(&disk.crash(crash));
        assert_eq!((report.last_seq, again.digest()), (answered, digest), "{crash:?}");
    }
}

#[test]
fn a_full_inbox_is_busy_at_once() {
    let mut core = ready(&MemDisk::new());
    for at in 0..1000 {
        core.submit(0, at, Command::AdvanceTime).unwrap();
    }
    assert_eq!(core.submit(0, 0, Command::AdvanceTime), Err(Refused::Busy));
    assert_eq!(core.metrics().busy.get(), 1);
    assert_eq!(core.step_apply(START, 1).unwrap(), 1);
    core.submit(0, 0, Command::AdvanceTime).unwrap();
    assert_eq!(core.backlog(), (1000, 1));
}

#[test]
fn a_failing_sync_stops_everything_and_answers_nothing() {
    for kind in FaultKind::ALL {
        let disk = MemDisk::faulty();
        let mut core = ready(&disk);
        let held = core.held();
        core.submit(0, 1, order(0, Side::Buy, 1, 1000, "a")).unwrap();
        let pending = core.query(|engine| engine.seq()).unwrap();
        core.step_apply(START, 10).unwrap();
        core.submit(0, 2, order(0, Side::Buy, 1, 1000, "b")).unwrap();
        disk.set_fault(Some(Fault { at: 1, kind, persistent: false }));
        let error = core.step_sync().unwrap_err();
        assert!(matches!(error, NodeError::Stopped { .. }), "{error}");
        assert!(error.to_string().contains("restart"), "{error}");
        disk.set_fault(None);
        assert!(matches!(core.step_sync(), Err(NodeError::Stopped { .. })), "never again");
        assert!(matches!(core.step_apply(START, 1), Err(NodeError::Stopped { .. })));
        assert!(matches!(core.submit(0, 3, Command::AdvanceTime), Err(Refused::Stopped { .. })));
        assert!(core.query(|engine| engine.seq()).is_err());
        assert_eq!((pending.try_take(), core.held()), (None, held));
        drop(core);
        let (again, report) = open(&disk.crash(Crash::LOST));
        assert_eq!((report.last_seq, again.engine().order_count()), (held.seq, 0));
    }
}

#[test]
fn a_disk_running_full_takes_cancels_and_then_nothing_until_there_is_room() {
    let disk = MemDisk::new();
    let mut core = ready(&disk);
    core.prepare().unwrap();
    disk.set_capacity(Some(200 << 10));
    core.prepare().unwrap();
    let (mut low, mut full) = (false, false);
    for command in flow(3, 3000) {
        match core.submit(0, 0, command) {
            Ok(()) => {}
            Err(Refused::Full) if !low => {
                low = true;
                core.submit(0, 0, Command::CancelMany(OrderFilter::default())).unwrap();
            }
            Err(refused) => assert_eq!(refused, Refused::Full),
        }
        core.step_apply(START, 10).unwrap();
        core.step_sync().unwrap();
        core.prepare().unwrap();
    }
    assert!(low);
    for _ in 0..5000 {
        match core.submit(0, 0, Command::CancelMany(OrderFilter::default())) {
            Ok(()) => {}
            Err(refused) => {
                assert_eq!(refused, Refused::Full);
                full = true;
                break;
            }
        }
        core.step_apply(START, 10).unwrap();
        core.step_sync().unwrap();
    }
    assert!(full && core.backlog().1 > 0, "a batch waits for room");
    disk.set_capacity(Some(16 << 20));
    let bundle = core.step_sync().unwrap().expect("the same batch, now that there is room");
    assert_eq!(bundle.last_seq(), core.held().seq);
    core.prepare().unwrap();
    core.submit(0, 0, order(0, Side::Buy, 1, 1, "late")).unwrap();
    core.step_apply(START, 10).unwrap();
    core.step_sync().unwrap();
    let digest = core.digest();
    drop(core);
    assert_eq!(open(&disk).0.digest(), digest);
}

#[test]
fn any_batch_size_gives_the_same_state() {
    let commands: Vec<_> = setup().into_iter().chain(flow(5, 2000)).collect();
    let digests = [1, 7, 4096].map(|batch| {
        let disk = MemDisk::new();
        let (mut core, _) = Core::open(disk, Config { inbox_max: 5000, ..config() }).unwrap();
        run(&mut core, &commands, batch);
        core.digest()
    });
    assert!(digests.iter().all(|digest| *digest == digests[0]));
}

#[test]
fn what_is_due_happens_without_traffic() {
    let mut core = ready(&MemDisk::new());
    let end = Time(START.0 + 1_000_000_000);
    core.submit(0, 0, order_until(end, "short")).unwrap();
    core.step_apply(START, 10).unwrap();
    core.step_sync().unwrap();
    assert_eq!((core.engine().order_count(), core.engine().next_due()), (1, Some(end)));
    core.step_apply(Time(end.0 - 1), 10).unwrap();
    assert!(core.step_sync().unwrap().is_none());
    core.step_apply(end, 10).unwrap();
    let bundle = core.step_sync().unwrap().unwrap();
    let expired = bundle.iter().flat_map(|answered| answered.events);
    assert!(expired.into_iter().any(|event| matches!(event, Event::OrderExpired { .. })));
    assert_eq!((core.engine().order_count(), core.metrics().timers.get()), (0, 1));
}

#[test]
fn time_never_goes_back() {
    let mut core = ready(&MemDisk::new());
    for (at, now) in [10, 5, 20].into_iter().enumerate() {
        core.submit(0, at as u64, Command::AdvanceTime).unwrap();
        core.step_apply(Time(START.0 + now * 1_000_000), 1).unwrap();
    }
    let bundle = core.step_sync().unwrap().unwrap();
    let times: Vec<_> = bundle.iter().map(|a| (a.stamped.time.0 - START.0) / 1_000_000).collect();
    assert_eq!(times, [10, 10, 20]);
}

#[test]
fn market_data_is_conflated_under_load_and_orders_never() {
    let (mut core, _) =
        Core::open(MemDisk::new(), Config { congested_at: 4, market_max: 8, ..config() }).unwrap();
    run(&mut core, &setup(), 100);
    let mark = |price| MarketData::Mark(Mark { instrument: InstrumentId(0), price: Price(price) });
    for at in 0..4 {
        core.submit(0, at, order(0, Side::Buy, 1, 10, &format!("o{at}"))).unwrap();
    }
    assert_eq!(core.market(mark(1)), Ok(Passed::Queued));
    assert_eq!(core.market(mark(2)), Ok(Passed::Replaced));
    assert_eq!(core.market(mark(3)), Ok(Passed::Replaced));
    core.step_apply(START, 100).unwrap();
    let bundle = core.step_sync().unwrap().unwrap();
    assert_eq!(bundle.len(), 5, "four orders and one mark");
    assert_eq!(core.engine().mark(InstrumentId(0)), Some(Price(3)));
    assert_eq!(core.metrics().conflated.get(), 2);
}
