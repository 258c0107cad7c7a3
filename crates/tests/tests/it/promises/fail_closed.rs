//! Every input that a limit needs, missing, too old, too large, broken, and with the clock an hour off: nothing
//! that opens is let in, what only reduces and what cancels is. Before each the same order passes with the input
//! in place, so that it is the input that refuses.

use super::desk::{Desk, is_refusal};
use model::{AccountId, Command, InstrumentId, NewOrder, OrderType, Price, Qty, Side};

const WORLD: &str = "\
asset USD
asset EUR
asset OIL
asset GAS
list OIL-F future OIL/USD tick 0.01 lot 1 initial 0.1 maintenance 0.05 expiry 2026-12-21T00:00:00Z
list GAS-F future GAS/USD tick 0.01 lot 1 initial 0.1 maintenance 0.05 expiry 2026-12-21T00:00:00Z
list ORE-F future GAS/USD tick 0.01 lot 1 initial 0.1 maintenance 0.05 expiry 2026-12-21T00:00:00Z
user ann
account mary of ann margin USD
account mike of ann margin USD
deposit mary 100000 USD
deposit mike 100000 USD
sell mike 9 OIL-F @ 100 id m1
buy mary 9 OIL-F @ 100 id a1
sell mike 9 GAS-F @ 100 id m2
buy mary 9 GAS-F @ 100 id a2
buy mary 1 OIL-F @ 50 id rests";

/// An input, and what is said of it.
struct Row {
    name: &'static str,
    /// What age it may have is set by this word.
    age: &'static str,
    limit: &'static str,
    /// An order that opens.
    order: &'static str,
    fresh: &'static [&'static str],
    huge: &'static str,
    broken: &'static str,
}

const OPEN: &str = "buy mary 1 OIL-F @ 100 id";
const MARKS: &[&str] = &["mark OIL-F 100", "mark GAS-F 100"];

const ROWS: &[Row] = &[
    Row {
        name: "price",
        age: "price",
        limit: "limit house position_net amount 100000 USD",
        order: "buy mary 1 ORE-F @ 100 id",
        fresh: &["mark ORE-F 100"],
        huge: "mark ORE-F 92233720368547758.07",
        broken: "mark ORE-F nothing",
    },
    Row {
        name: "rate",
        age: "fx_rate",
        limit: "limit account mary position_net amount 100000 EUR",
        order: OPEN,
        fresh: &["statistic fx_rate USD EUR 0.9"],
        huge: "statistic fx_rate USD EUR 170141183460469231731",
        broken: "statistic fx_rate USD EUR 0",
    },
    Row {
        name: "volatility",
        age: "volatility",
        limit: "limit user ann volatility_scaled_size ratio 0.5",
        order: OPEN,
        fresh: &["statistic volatility OIL-F 0.01"],
        huge: "statistic volatility OIL-F 9223372036.854775807",
        broken: "statistic volatility OIL-F -0.01",
    },
    Row {
        name: "correlation",
        age: "correlation",
        limit: "limit instrument OIL-F correlated_exposure ratio 0.5",
        order: OPEN,
        fresh: &["statistic correlation OIL-F GAS-F 0.5"],
        huge: "statistic correlation OIL-F GAS-F 9223372036",
        broken: "statistic correlation OIL-F GAS-F -1.1",
    },
    Row {
        name: "average volume",
        age: "average_volume",
        limit: "limit account_instrument mary OIL-F volume_share ratio 0.5",
        order: OPEN,
        fresh: &["statistic average_volume OIL-F 1000"],
        huge: "statistic average_volume OIL-F 9223372036854775808",
        broken: "statistic average_volume OIL-F 0",
    },
    Row {
        name: "value at risk",
        age: "value_at_risk",
        limit: "limit account mary value_at_risk amount 500 USD",
        order: OPEN,
        fresh: &["statistic value_at_risk account mary USD 10"],
        huge: "statistic value_at_risk account mary USD 170141183460469231731",
        broken: "statistic value_at_risk account mary USD -1",
    },
    Row {
        name: "expected shortfall",
        age: "expected_shortfall",
        limit: "limit venue 0 expected_shortfall amount 500 USD",
        order: OPEN,
        fresh: &["statistic expected_shortfall venue 0 USD 10"],
        huge: "statistic expected_shortfall venue 0 USD 170141183460469231731",
        broken: "statistic expected_shortfall venue 0 USD -1",
    },
];

/// What is done to an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    Missing,
    TooOld,
    Huge,
    Broken,
    TooOldThenBroken,
    ClockForward,
    ClockBack,
}

const FAULTS: &[Fault] = &[
    Fault::Missing,
    Fault::TooOld,
    Fault::Huge,
    Fault::Broken,
    Fault::TooOldThenBroken,
    Fault::ClockForward,
    Fault::ClockBack,
];

/// Refusals that need no statistic: set up, and the order that must not pass.
const ALONE: &[(&str, &[&str], &str)] = &[
    ("held to reductions", &["trading user ann reduce_only by ann because test"], OPEN),
    ("no confidence", &["limit house min_confidence ratio 0.1"], OPEN),
    ("no price for a collar", &["limit house price_collar ratio 0.5"], "buy mary 1 ORE-F @ 100 id"),
    ("no price for leverage", &["limit house leverage ratio 9"], "buy mary 1 ORE-F @ 100 id"),
    ("no price for a share", &["limit house symbol_exposure ratio 9"], "buy mary 1 ORE-F @ 100 id"),
    ("no price for a sector", &["limit house sector_concentration ratio 1"], "buy mary 1 ORE-F @ 100 id"),
    ("no price for an allocation", &["limit house allocation ratio 9"], "buy mary 1 ORE-F @ 100 id"),
    ("held in one account", &["trading account mary reduce_only by ann because test"], OPEN),
    ("killed", &["kill account mary by ann because test"], OPEN),
    ("market closed", &["limit house market_hours yes", "state ORE-F pre_open"], "buy mary 1 ORE-F @ 100 id"),
    ("restricted", &["limit instrument ORE-F restricted yes"], "buy mary 1 ORE-F @ 100 id"),
];

fn world(row: Option<&Row>) -> Desk {
    let mut desk = Desk::new(WORLD);
    for (age, ns) in [("price", 1i64 << 60), ("fx_rate", 1 << 60)] {
        take(&mut desk, &format!("set age_max_ns {age} {ns}"));
    }
    if let Some(row) = row {
        take(&mut desk, &format!("set age_max_ns {} 60000000000", row.age));
        take(&mut desk, &format!("{} by ann because test", row.limit));
        MARKS.iter().for_each(|line| take(&mut desk, line));
    }
    desk
}

fn take(desk: &mut Desk, line: &str) {
    let told = desk.say(line);
    assert!(!told.iter().any(|line| is_refusal(line)), "{line}: {told:?}");
}

fn passes(desk: &mut Desk, line: &str) -> bool {
    let told = desk.say(line);
    assert!(!told[0].starts_with("error: "), "{line} is no order");
    !told.iter().any(|line| is_refusal(line))
}

/// What takes away is taken, whatever is missing.
fn lets_out(desk: &mut Desk, what: &str) {
    assert!(passes(desk, "sell mary 1 OIL-F @ 200 reduce_only confidence 1 id out"), "{what}: a reduction");
    assert!(passes(desk, "cancel mary rests"), "{what}: a cancel");
}

fn spoil(desk: &mut Desk, row: &Row, fault: Fault) {
    let fresh = |desk: &mut Desk| row.fresh.iter().for_each(|line| take(desk, line));
    match fault {
        Fault::Missing => {}
        Fault::Huge => drop(desk.say(row.huge)),
        Fault::Broken => drop(desk.say(row.broken)),
        Fault::TooOld | Fault::TooOldThenBroken | Fault::ClockBack => {
            fresh(desk);
            desk.advance(61);
        }
        Fault::ClockForward => {
            fresh(desk);
            desk.advance(3600);
        }
    }
    match fault {
        Fault::TooOldThenBroken => drop(desk.say(row.broken)),
        Fault::ClockBack => {
            take(desk, "time");
            desk.advance(-3600);
        }
        _ => {}
    }
}

#[test]
fn nothing_opens_on_an_input_that_is_not_there() {
    let mut cases = 0;
    for row in ROWS {
        let mut desk = world(Some(row));
        row.fresh.iter().for_each(|line| take(&mut desk, line));
        assert!(passes(&mut desk, &format!("{} good", row.order)), "{}: with all in place", row.name);
        for fault in FAULTS {
            let what = format!("{} {fault:?}", row.name);
            let mut desk = world(Some(row));
            spoil(&mut desk, row, *fault);
            assert!(!passes(&mut desk, &format!("{} opens", row.order)), "{what}");
            lets_out(&mut desk, &what);
            cases += 1;
        }
    }
    assert_eq!(cases, 49);
}

#[test]
fn nothing_opens_where_trading_is_held() {
    for (what, lines, order) in ALONE {
        let mut desk = world(None);
        for line in *lines {
            let because = if line.starts_with("limit ") { " by ann because test" } else { "" };
            take(&mut desk, &format!("{line}{because}"));
        }
        let rests = !what.starts_with("killed");
        assert!(!passes(&mut desk, &format!("{order} opens")), "{what}");
        if rests {
            lets_out(&mut desk, what);
        }
    }
    assert_eq!(ALONE.len(), 11);
}

/// What is unknown has no words; programs can still say it.
#[test]
fn nothing_opens_for_whom_or_in_what_is_unknown() {
    let mut desk = world(None);
    for (account, instrument) in [(99, 0), (0, 99), (u32::MAX, u32::MAX)] {
        let kind = OrderType::Limit { price: Price(10_000) };
        let order = NewOrder::new(AccountId(account), InstrumentId(instrument), Side::Buy, Qty(1), kind);
        let told = desk.tell(Command::PlaceOrder(order));
        assert!(told.iter().any(|line| is_refusal(line)), "{told:?}");
    }
    lets_out(&mut desk, "unknown");
}
