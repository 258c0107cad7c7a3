//! What repeats itself without end is stopped within fifty orders: by a breaker on refusals, and by a limit on
//! orders a minute where every order is good. A person may still cancel.

use super::desk::{Desk, is_refusal};

const WORLD: &str = "\
asset USD
asset OIL
list OIL-F future OIL/USD tick 0.01 lot 1 initial 0.1 maintenance 0.05 expiry 2026-12-21T00:00:00Z
user ann
account mary of ann margin USD
deposit mary 10000 USD
buy mary 1 OIL-F @ 50 id rests";

#[test]
fn refusals_without_end_trip_a_breaker_that_halts() {
    let rule =
        "breaker account mary reject_rate 0.5 window_ns 1000000000 cool_down_ns 60000000000 policy halt";
    let mut desk = Desk::new(&format!("{WORLD}\n{rule} by ann because runaway"));
    let mut looked_at = 0;
    for nth in 0..1000 {
        // Far more than mary has.
        let told = desk.say(&format!("buy mary 100000 OIL-F @ 100 id loop{nth}"));
        assert!(told.iter().any(|line| is_refusal(line)), "{told:?}");
        looked_at += usize::from(!told.iter().any(|line| line.contains("breaker_open")));
    }
    assert!(looked_at <= 50, "{looked_at} orders were looked at before it tripped");
    let good = desk.say("buy mary 1 OIL-F @ 50 id good");
    assert!(good[0].contains("breaker_open"), "{good:?}");
}

#[test]
fn good_orders_without_end_stop_at_their_rate() {
    let mut desk =
        Desk::new(&format!("{WORLD}\nlimit account mary orders_per_minute count 49 by ann because calm"));
    let mut let_in = 0;
    for nth in 0..1000 {
        let told = desk.say(&format!("buy mary 1 OIL-F @ 50 id loop{nth}"));
        let_in += usize::from(!told.iter().any(|line| is_refusal(line)));
    }
    assert_eq!(let_in, 49);
    let cancelled = desk.say("cancel mary rests");
    assert!(!cancelled.iter().any(|line| is_refusal(line)), "{cancelled:?}");
}
