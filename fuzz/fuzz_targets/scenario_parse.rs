//! Any text is a scenario or is refused; a scenario runs on the engine to its end, and whatever it asked for,
//! what must always be true still is.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tests::scenario::{InEngine, run};

const SPOT: &str = include_str!("../../crates/tests/scenarios/setup/spot.txt");
const MARGIN: &str = include_str!("../../crates/tests/scenarios/setup/margin.txt");

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let load = |path: &str| match path {
        "setup/spot.txt" => Some(SPOT.to_owned()),
        "setup/margin.txt" => Some(MARGIN.to_owned()),
        _ => None,
    };
    let Ok(outcome) = run(text, &mut InEngine::default(), &load) else { return };
    for failure in outcome.failures {
        let broken = failure.got.iter().find(|line| line.starts_with("broken "));
        assert!(broken.is_none(), "{failure}");
    }
});
