//! The simulator in small, the naive twin, and a digest that every build and machine must come to.

use tests::sim::{fixed_history, run, versus};

#[test]
fn thirty_seeds_keep_every_promise() {
    let (mut crashes, mut trades, mut refused) = (0, 0, 0);
    for seed in 1_000..1_030 {
        let outcome =
            run(seed, 200).unwrap_or_else(|wrong| panic!("cargo x sim --seed {seed} --steps 200: {wrong}"));
        crashes += outcome.crashes;
        trades += outcome.trades;
        refused += outcome.flips_refused;
    }
    assert!(crashes > 100 && trades > 1_000 && refused > 10, "{crashes} {trades} {refused}");
}

#[test]
fn a_seed_is_a_run() {
    let (once, again) = (run(7, 150), run(7, 150));
    assert_eq!(once, again);
    assert_ne!(once.map(|outcome| outcome.digest), run(8, 150).map(|outcome| outcome.digest));
}

#[test]
fn the_naive_twin_trades_the_same() {
    let compared = versus(200_000, 42).unwrap_or_else(|wrong| panic!("{wrong}"));
    assert!(compared.trades > 20_000 && compared.orders > 50_000, "{compared:?}");
}

/// Debug, CI and release builds, and every machine, come to this. It changes with the rules and with the
/// workload, and with nothing else.
const GOLDEN: &str = "f0bfe2e550cd9a96531dea67ee463ae85e75a4d13eff42d25b0e3ea04a594b89";

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn the_golden_digest() {
    let history = fixed_history(2026, 20_000, 512, 1 << 20, &[]).unwrap_or_else(|wrong| panic!("{wrong}"));
    let digest = history.digests.last_key_value().map(|(_, digest)| hex(digest));
    assert_eq!(digest, Some(GOLDEN.to_owned()));
}
