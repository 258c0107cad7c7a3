//! No way round: whatever brings an order to the book, or makes it larger or dearer there, passes the limits. A
//! place that becomes restricted after orders were let in lets none of them further in.

use super::desk::Desk;

const RESTRICT: &str = "limit account mary restricted yes by ann because stop";

/// Lines before the restriction, and after it; what they lead to is refused, at the latest by the last line.
const PATHS: &[(&str, &[&str], &[&str])] = &[
    ("limit", &[], &["buy mary 1 OIL-F @ 100"]),
    ("market", &["sell mike 1 OIL-F @ 100"], &["buy mary 1 OIL-F market"]),
    ("hidden", &[], &["buy mary 1 OIL-F hidden @ 100"]),
    ("iceberg", &[], &["buy mary 4 OIL-F iceberg @ 100 display 1"]),
    ("market to limit", &["sell mike 1 OIL-F @ 100"], &["buy mary 1 OIL-F market_to_limit"]),
    ("pegged", &["buy mike 1 OIL-F @ 99"], &["buy mary 1 OIL-F pegged own_side"]),
    ("immediate", &["sell mike 1 OIL-F @ 100"], &["buy mary 1 OIL-F @ 100 ioc"]),
    ("fill or kill", &["sell mike 1 OIL-F @ 100"], &["buy mary 1 OIL-F @ 100 fok"]),
    ("gathering", &["state OIL-F pre_open"], &["buy mary 1 OIL-F @ 100"]),
    ("a larger order", &["buy mary 1 OIL-F @ 100 id a"], &["modify mary a qty 2"]),
    ("another price", &["buy mary 1 OIL-F @ 100 id a"], &["modify mary a price 101"]),
    ("stop", &["buy mary 1 OIL-F stop 105 source mark"], &["mark OIL-F 106"]),
    ("stop limit", &["buy mary 1 OIL-F stop 105 @ 107 source mark"], &["mark OIL-F 106"]),
    ("touch", &["buy mary 1 OIL-F touch 95 source mark"], &["mark OIL-F 94"]),
    ("trailing", &["buy mary 1 OIL-F trail amount 5 source mark"], &["mark OIL-F 99", "mark OIL-F 106"]),
    ("condition", &["buy mary 1 OIL-F @ 100 if above OIL-F 105 source mark"], &["mark OIL-F 106"]),
    (
        "peg that moves",
        &["buy mike 1 OIL-F @ 98", "buy mary 1 OIL-F pegged own_side"],
        &["buy mike 1 OIL-F @ 99"],
    ),
    ("peg that waits", &["buy mary 1 OIL-F pegged own_side"], &["buy mike 1 OIL-F @ 99"]),
    ("oco", &[], &["oco [ buy mary 1 OIL-F @ 90 ] [ buy mary 1 OIL-F stop 110 ]"]),
    ("oto", &["oto [ buy mary 1 OIL-F @ 100 ] [ buy mary 1 OIL-F @ 90 ]"], &["sell mike 1 OIL-F @ 100"]),
    (
        "bracket",
        &[
            "bracket [ buy mary 1 OIL-F @ 100 ] stop [ sell mary 1 OIL-F stop 90 ] target [ sell mary 1 OIL-F @ 110 ]",
        ],
        &["sell mike 1 OIL-F @ 100"],
    ),
    (
        "at open",
        &["state OIL-F closed", "buy mary 1 OIL-F @ 100 at_open"],
        &["state OIL-F pre_open", "state OIL-F trading"],
    ),
    (
        "algo",
        &[
            "sell mike 9 OIL-F @ 100",
            "algo [ buy mary 4 OIL-F @ 100 ] twap slices 4 end 2026-01-01T10:04:00Z",
        ],
        &["+60", "time"],
    ),
];

#[test]
fn every_path_to_the_book_passes_the_limits() {
    for (name, before, after) in PATHS {
        let mut desk = Desk::new();
        desk.all(before);
        desk.all(&[RESTRICT]);
        let mut came = Vec::new();
        for line in *after {
            match line.strip_prefix('+') {
                Some(seconds) => desk.pass_seconds(seconds.parse().expect("the test says what is sound")),
                None => came.extend(desk.say(line)),
            }
        }
        let refused = came.iter().any(|event| event.contains("limit_reached account mary restricted"));
        assert!(refused, "{name}: {came:?}");
        let of_mary = |event: &&String| event.starts_with("rests ") && event.contains("mary");
        assert_eq!(came.iter().find(of_mary), None, "{name}");
    }
}
