//! The simulator in small, the naive twin, and a digest that every build and machine must come to.

use tests::sim::{Outcome, Sabotage, fixed_history, run, sabotaged, versus};

#[test]
fn thirty_seeds_keep_every_promise() {
    let mut sum = Outcome::default();
    for seed in 1_000..1_030 {
        let outcome =
            run(seed, 200).unwrap_or_else(|wrong| panic!("cargo x sim --seed {seed} --steps 200: {wrong}"));
        sum.add(&outcome);
    }
    // A run that nothing happened in proves nothing.
    assert!(sum.crashes > 100 && sum.trades > 1_000 && sum.flips_refused > 10, "{sum}");
    assert!(sum.answers > 1_000 && sum.conflated > 100, "{sum}");
    assert!(sum.requests > 1_000 && sum.fills > 200 && sum.unknown > 100, "{sum}");
    assert!(sum.overtaken > 100 && sum.aged > 100 && sum.late > 10, "{sum}");
    assert!(sum.retired > 30 && sum.forgotten > 100, "{sum}");
}

#[test]
fn a_seed_is_a_run() {
    let (once, again) = (run(7, 150), run(7, 150));
    assert_eq!(once, again);
    assert_ne!(once.map(|outcome| outcome.digest), run(8, 150).map(|outcome| outcome.digest));
}

/// A simulator that finds nothing proves nothing: each planted fault is found within a few seeds, for what it is.
#[test]
fn every_sabotage_is_found() {
    let mut missed = Vec::new();
    for sabotage in Sabotage::ALL {
        let wrong: Vec<String> = (0..SEEDS).filter_map(|seed| sabotaged(seed, 200, sabotage).err()).collect();
        let known = |wrong: &&String| sabotage.complaints().iter().any(|said| wrong.contains(said));
        let found = wrong.iter().filter(known).count();
        let other = wrong.iter().find(|wrong| !known(wrong));
        if found == 0 || other.is_some() {
            missed.push(format!("{sabotage:?}: {found} of {SEEDS} found, and {other:?}"));
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
    for seed in 0..SEEDS {
        run(seed, 200).unwrap_or_else(|wrong| panic!("seed {seed} without a fault: {wrong}"));
    }
}

/// So many seeds for each.
const SEEDS: u64 = 12;

#[test]
fn the_naive_twin_trades_the_same() {
    let compared = versus(200_000, 42).unwrap_or_else(|wrong| panic!("{wrong}"));
    assert!(compared.trades > 20_000 && compared.orders > 50_000, "{compared:?}");
}

/// Debug, CI and release builds, and every machine, come to this. It changes with the rules and with the
/// workload, and with nothing else.
const GOLDEN: &str = "acb1a30a0491439dfb8f01ce3ce137c97081b219f6d7bdbfcd090c4c402891bf";

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn the_golden_digest() {
    let history = fixed_history(2026, 20_000, 512, 1 << 20, &[]).unwrap_or_else(|wrong| panic!("{wrong}"));
    let digest = history.digests.last_key_value().map(|(_, digest)| hex(digest));
    assert_eq!(digest, Some(GOLDEN.to_owned()));
}
