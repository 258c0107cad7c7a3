//! Everything at once: after every command the auditor finds nothing, and an engine that was restored from a
//! snapshot says the same, and is the same, as the one that was not.

use super::draw::Mix;
use super::floor::{Floor, Tally, Watcher, run, seeds};
use model::Command;

struct Nothing;

impl Watcher for Nothing {
    fn see(&mut self, _floor: &Floor, _command: &Command) -> Result<(), String> {
        Ok(())
    }
}

#[test]
fn a_restored_engine_goes_on_as_if_nothing_had_been() {
    let mut tally = Tally::default();
    for seed in seeds(60) {
        run(seed, 600, Mix::ALL, &mut Nothing, &mut tally).unwrap_or_else(|wrong| panic!("{wrong}"));
    }
    assert!(tally.trades > 3_000 && tally.triggered > 500 && tally.groups > 500, "{tally:?}");
}
