//! Every kind of limit at every level: an order well within it passes, one at the edge passes, one beyond is
//! refused and told the level, the kind, the most and the use before and after. The same after a restart, and
//! the question what would happen gets the answer that then happens.

use super::desk::Desk;

const LEVELS: [&str; 7] = [
    "house",
    "user ann",
    "account mary",
    "book mary main",
    "instrument OIL-F",
    "account_instrument mary OIL-F",
    "venue own",
];

/// A kind, what sets it up, the limit, three orders after each other's house: within, at the edge, beyond; and
/// the numbers that the last is told.
struct Row {
    kind: &'static str,
    before: &'static [&'static str],
    limit: &'static str,
    within: &'static [&'static str],
    edge: &'static [&'static str],
    beyond: &'static [&'static str],
    told: &'static str,
}

/// Seven lots wait to be bought.
const SEVEN: &[&str] = &["buy mary 3 OIL-F @ 100", "buy mary 4 OIL-F @ 100"];

const fn share(kind: &'static str) -> Row {
    Row {
        kind,
        before: SEVEN,
        limit: "ratio 0.1",
        within: &["buy mary 2 OIL-F @ 100"],
        edge: &["buy mary 3 OIL-F @ 100"],
        beyond: &["buy mary 4 OIL-F @ 100"],
        told: " most 0.1 before 0.07 after 0.11",
    }
}

const fn tail(kind: &'static str, stat: &'static [&'static str; 3]) -> Row {
    let [within, edge, beyond] = stat;
    Row {
        kind,
        before: &[],
        limit: "amount 500 USD",
        within: std::slice::from_ref(within),
        edge: std::slice::from_ref(edge),
        beyond: std::slice::from_ref(beyond),
        told: " most 500 USD before 500.01 USD after 500.01 USD",
    }
}

const ROWS: &[Row] = &[
    Row {
        kind: "order_size",
        before: &[],
        limit: "qty 5lots",
        within: &["buy mary 4 OIL-F @ 100"],
        edge: &["buy mary 5 OIL-F @ 100"],
        beyond: &["buy mary 6 OIL-F @ 100"],
        told: " most 5 before 0 after 6",
    },
    Row {
        kind: "order_notional",
        before: &[],
        limit: "amount 500 USD",
        within: &["buy mary 4 OIL-F @ 100"],
        edge: &["sell mary 5 OIL-F @ 100"],
        beyond: &["sell mary 5 OIL-F @ 100.01"],
        told: " most 500 USD before 0 USD after 500.05 USD",
    },
    Row {
        kind: "price_collar",
        before: &[],
        limit: "ratio 0.05",
        within: &["buy mary 1 OIL-F @ 50"],
        edge: &["buy mary 1 OIL-F @ 105"],
        beyond: &["sell mary 1 OIL-F @ 94.99"],
        told: " most 0.05 before 0 after 0.0501",
    },
    Row {
        kind: "position_net",
        before: SEVEN,
        limit: "qty 10lots",
        within: &["buy mary 2 OIL-F @ 100"],
        edge: &["buy mary 3 OIL-F @ 100"],
        beyond: &["buy mary 4 OIL-F @ 100"],
        told: " most 10 before 7 after 11",
    },
    Row {
        kind: "position_net",
        before: SEVEN,
        limit: "amount 1000 USD",
        within: &["buy mary 2 OIL-F @ 90"],
        edge: &["buy mary 3 OIL-F @ 90"],
        beyond: &["buy mary 4 OIL-F @ 90"],
        told: " most 1000 USD before 700 USD after 1100 USD",
    },
    Row {
        kind: "position_gross",
        before: SEVEN,
        limit: "qty 10lots",
        within: &["sell mary 9 OIL-F @ 101"],
        edge: &["sell mary 10 OIL-F @ 101"],
        beyond: &["sell mary 11 OIL-F @ 101"],
        told: " most 10 before 7 after 11",
    },
    share("leverage"),
    share("allocation"),
    share("instrument_concentration"),
    share("sector_concentration"),
    share("class_concentration"),
    share("symbol_exposure"),
    share("correlated_exposure"),
    Row {
        kind: "volatility_scaled_size",
        before: &["statistic volatility OIL-F 0.5"],
        limit: "ratio 0.01",
        within: &["buy mary 1 OIL-F @ 100"],
        edge: &["buy mary 2 OIL-F @ 100"],
        beyond: &["buy mary 3 OIL-F @ 100"],
        told: " most 0.01 before 0 after 0.015",
    },
    Row {
        kind: "volume_share",
        before: &["statistic average_volume OIL-F 100"],
        limit: "ratio 0.05",
        within: &["buy mary 4 OIL-F @ 100"],
        edge: &["buy mary 5 OIL-F @ 100"],
        beyond: &["buy mary 6 OIL-F @ 100"],
        told: " most 0.05 before 0 after 0.06",
    },
    Row {
        kind: "depth_share",
        before: &["sell mike 10 OIL-F @ 101"],
        limit: "ratio 0.5",
        within: &["buy mary 100 OIL-F @ 90"],
        edge: &["buy mary 5 OIL-F @ 101"],
        beyond: &["buy mary 6 OIL-F @ 101"],
        told: " most 0.5 before 0 after 0.6",
    },
    tail(
        "value_at_risk",
        &[
            "statistic value_at_risk {scope} USD 400",
            "statistic value_at_risk {scope} USD 500",
            "statistic value_at_risk {scope} USD 500.01",
        ],
    ),
    tail(
        "expected_shortfall",
        &[
            "statistic expected_shortfall {scope} USD 400",
            "statistic expected_shortfall {scope} USD 500",
            "statistic expected_shortfall {scope} USD 500.01",
        ],
    ),
    Row {
        kind: "positions",
        before: &[],
        limit: "count 1",
        within: &["buy mary 1 OIL-F @ 100", "buy mary 1 OIL-F @ 100"],
        edge: &["buy mary 1 OIL-F @ 100"],
        beyond: &["limit {scope} positions count 0 by ann because less", "buy mary 1 OIL-F @ 100"],
        told: " most 0 before 0 after 1",
    },
    Row {
        kind: "open_orders",
        before: SEVEN,
        limit: "count 3",
        within: &["buy mary 1 OIL-F @ 100 ioc"],
        edge: &["buy mary 1 OIL-F @ 100"],
        beyond: &["buy mary 1 OIL-F @ 100", "buy mary 1 OIL-F @ 100"],
        told: " most 3 before 3 after 4",
    },
    Row {
        kind: "orders_per_minute",
        before: SEVEN,
        limit: "count 2",
        within: &["buy mary 1 OIL-F @ 100"],
        edge: &["buy mary 1 OIL-F @ 100", "buy mary 1 OIL-F @ 100"],
        beyond: &["buy mary 1 OIL-F @ 100", "buy mary 1 OIL-F @ 100", "buy mary 1 OIL-F @ 100"],
        told: " most 2 before 2 after 3",
    },
    Row {
        kind: "trades_per_day",
        before: SEVEN,
        limit: "count 4",
        within: &["buy mary 1 OIL-F @ 100"],
        edge: &["buy mary 1 OIL-F @ 100", "buy mary 1 OIL-F @ 100"],
        beyond: &["buy mary 1 OIL-F @ 100", "buy mary 1 OIL-F @ 100", "buy mary 1 OIL-F @ 100"],
        told: " most 4 before 4 after 5",
    },
    Row {
        kind: "min_confidence",
        before: &[],
        limit: "ratio 0.7",
        within: &["buy mary 1 OIL-F @ 100 confidence 0.9"],
        edge: &["buy mary 1 OIL-F @ 100 confidence 0.7"],
        beyond: &["buy mary 1 OIL-F @ 100 confidence 0.69"],
        told: " most 0.7 before 0 after 0.69",
    },
    Row {
        kind: "market_hours",
        before: &[],
        limit: "yes",
        within: &["buy mary 1 OIL-F @ 100"],
        edge: &["state OIL-F pre_open", "state OIL-F trading", "buy mary 1 OIL-F @ 100"],
        beyond: &["state OIL-F pre_open", "buy mary 1 OIL-F @ 100"],
        told: "",
    },
    Row {
        kind: "restricted",
        before: &[],
        limit: "yes",
        within: &["buy mike 1 GAS-F @ 100"],
        edge: &["remove_limit {scope} restricted by ann because over", "buy mary 1 OIL-F @ 100"],
        beyond: &["buy mary 1 OIL-F @ 100"],
        told: "",
    },
];

/// The house with the limit, and what comes of the last of the lines: the answer to the question first.
fn last_of(row: &Row, level: &str, lines: &[&str]) -> (Vec<String>, String) {
    let mut desk = Desk::new();
    desk.all(row.before);
    desk.all(&[&format!("limit {level} {} {} by ann because test", row.kind, row.limit)]);
    let lines: Vec<String> = lines.iter().map(|line| line.replace("{scope}", level)).collect();
    let statistic = lines.last().is_some_and(|line| line.starts_with("statistic"));
    let mut lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    if statistic {
        lines.push("buy mary 1 OIL-F @ 100");
    }
    let (last, before) = lines.split_last().expect("the test says what is sound");
    desk.all(before);
    desk.restart();
    let asked = desk.say(&format!("what_if {last}"));
    (asked, desk.first(last))
}

#[test]
fn every_kind_of_limit_holds_at_every_level() {
    for row in ROWS {
        for level in LEVELS {
            let what = format!("{} at {level}", row.kind);
            // Restricted everywhere is no place to be within.
            let wide = ["house", "venue own"].contains(&level) && row.kind == "restricted";
            for lines in [row.within, row.edge].iter().skip(usize::from(wide)) {
                let (asked, came) = last_of(row, level, lines);
                assert!(came.starts_with("accepted "), "{what}: {came} for {lines:?}");
                assert_eq!(asked.last().map(String::as_str), Some("would_pass"), "{what}: {asked:?}");
            }
            let (asked, came) = last_of(row, level, row.beyond);
            let reason = format!("limit_reached {level} {}{}", row.kind, row.told);
            assert_eq!(came.split_once("limit_reached").map(|(_, told)| told), Some(&reason[13..]), "{what}");
            let said = asked.last().expect("the test says what is sound");
            assert_eq!(*said, format!("would_be_rejected {reason}"), "{what}");
        }
    }
}

#[test]
fn every_kind_that_is_held_before_a_trade_is_in_the_table() {
    let post_trade = ["daily_loss", "weekly_loss", "drawdown"];
    for row in ROWS {
        assert!(!post_trade.contains(&row.kind));
    }
    let mut kinds: Vec<&str> = ROWS.iter().map(|row| row.kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    assert_eq!(kinds.len(), 24);
}
