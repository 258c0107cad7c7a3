//! The same commands come to the same state: in batches of any size, twice, from a snapshot and from nothing.

use engine::Engine;
use node::{Core, Replayer};
use tests::sim::fixed_history;

const COMMANDS: usize = 3_000;

#[test]
fn any_batch_size_any_way_back() {
    let reference = fixed_history(5, COMMANDS, 1, 1 << 16, &[]).unwrap();
    for (batch, snapshots) in [(1, &[][..]), (7, &[1_000, 2_990]), (4096, &[]), (4096, &[2_000])] {
        let made = fixed_history(5, COMMANDS, batch, 1 << 16, snapshots).unwrap();
        let same = |(seq, digest): &(&u64, &[u8; 32])| reference.digests.get(*seq) == Some(*digest);
        let differs = made.digests.iter().find(|made| !same(made)).map(|(seq, _)| *seq);
        assert_eq!(differs, None, "batches of {batch}, first record that differs");

        let mut replayer = Replayer::new(made.disk.clone(), Engine::new());
        for seq in (0..=COMMANDS as u64).step_by(500) {
            replayer.advance(seq).unwrap();
            assert_eq!(replayer.engine().digest(), reference.digests[&seq], "replay from nothing to {seq}");
        }
        let (core, report) = Core::open(made.disk.fork(), made.config.clone()).unwrap();
        let newest = snapshots.last().copied();
        assert_eq!((report.snapshot_seq, report.replayed), (newest, COMMANDS as u64 - newest.unwrap_or(0)));
        assert_eq!(core.digest(), made.digests[&(COMMANDS as u64)], "snapshot and tail");
        assert!(journal::verify(&made.disk).is_ok());
    }
}
