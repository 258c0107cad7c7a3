//! Leave changes no answer: over made-up trading close to made-up limits, an engine that lets orders in by what it found
//! before decides as one that has to measure each of them anew, because something was told to it in between.
//! `LEAVE_ORDERS=100000` tries so many.

use super::asked::Draw;
use super::desk::{Desk, is_refusal};

const MORE: &[&str] = &[
    "asset BTC",
    "list BTC-USD spot BTC/USD tick 0.01 lot 0.001 sector coins taker 0.001",
    "list COIN-F future BTC/EUR tick 0.01 lot 1 initial 0.1 maintenance 0.05 expiry 2026-12-21T00:00:00Z",
    "asset ETH",
    "list ETH-USD spot ETH/USD tick 0.01 lot 0.001 taker 0.001",
    "list ORE-F future OIL/USD tick 0.01 lot 1 initial 0.1 maintenance 0.05 expiry 2026-12-21T00:00:00Z",
    "account carl of ben cash USD",
    "account cora of ann cash EUR",
    "deposit carl 20000 USD",
    "deposit carl 50 BTC",
    "deposit carl 500 ETH",
    "mark ETH-USD 100",
    "mark ORE-F 100",
    "statistic correlation BTC-USD ETH-USD -0.9",
    "statistic correlation ORE-F GAS-F 0.5",
    "deposit cora 20000 USD",
    "deposit cora 50 BTC",
    "deposit mary 5000 EUR",
    "book mary swing",
    "mark BTC-USD 100",
    "mark COIN-F 100",
    "statistic fx_rate USD EUR 0.9",
    "statistic volatility OIL-F 0.3",
    "statistic volatility BTC-USD 0.3",
    "statistic average_volume OIL-F 60000",
    "statistic correlation OIL-F GAS-F 0.4",
    "statistic correlation OIL-F COIN-F 0.4",
    "statistic correlation GAS-F COIN-F -0.4",
];
const ACCOUNTS: &[&str] = &["mary", "mary", "mike", "carl", "cora"];
const MARKETS: &[&str] = &["OIL-F", "GAS-F", "BTC-USD", "ETH-USD", "COIN-F", "ORE-F"];
const LIMITS: &[&str] = &[
    "account mary leverage ratio 0.6",
    "account mike leverage ratio 0.9",
    "book mary swing correlated_exposure ratio 2",
    "account carl correlated_exposure ratio 0.1",
    "account carl leverage ratio 0.5",
    "user ann leverage ratio 3",
    "account mary symbol_exposure ratio 0.5",
    "account mike correlated_exposure ratio 0.7",
    "house correlated_exposure ratio 0.9",
    "account carl allocation ratio 0.4",
    "instrument BTC-USD instrument_concentration ratio 0.6",
    "instrument OIL-F volatility_scaled_size ratio 0.02",
    "house position_net qty 150000lots",
    "user ben position_gross qty 90000lots",
    "account mike position_net qty 60lots",
    "book mary swing position_gross qty 50lots",
    "house order_notional amount 900 USD",
    "house price_collar ratio 0.03",
    "instrument OIL-F volume_share ratio 0.0002",
    "account mary open_orders count 9",
    "user ben positions count 3",
    "account mike orders_per_minute count 20",
    "house orders_per_minute count 400",
    "account carl trades_per_day count 60",
    "book mary main trades_per_day count 70",
];

fn order(draw: &mut Draw) -> String {
    let (side, account) = (draw.of(&["buy", "sell"]), draw.of(ACCOUNTS));
    let cash = account.starts_with('c');
    let instrument = if cash { "BTC-USD" } else { draw.of(&["OIL-F", "OIL-F", "OIL-F", "GAS-F", "COIN-F"]) };
    let (qty, cents) = (1 + draw.below(8), draw.below(600));
    let kind = match draw.below(12) {
        0 => "market".to_owned(),
        _ => format!("@ {}.{:02}", 97 + cents / 100, cents % 100),
    };
    let book = if account == "mary" && draw.below(4) == 0 { " book swing" } else { "" };
    format!("{side} {account} {qty} {instrument} {kind}{book}")
}

/// Something that changes what orders meet, and that both engines hear. Most of it changes little.
fn stir(draw: &mut Draw) -> String {
    match draw.below(400) {
        0..5 => format!("limit {} by ann because test", draw.of(LIMITS)),
        5 => {
            let units = [" ratio ", " qty ", " amount ", " count "];
            let limit =
                units.iter().fold(draw.of(LIMITS), |limit, unit| limit.split(unit).next().unwrap_or(limit));
            format!("remove_limit {limit} by ann because test")
        }
        6..9 => format!("mark {} {}", draw.of(MARKETS), 96 + draw.below(9)),
        9..120 => format!("mark {} 100.{:02}", draw.of(MARKETS), draw.below(12)),
        120..200 => format!("mark {} 99.9{}", draw.of(MARKETS), draw.below(10)),
        200..220 => format!("deposit {} 10 USD", draw.of(ACCOUNTS)),
        220..240 => format!("withdraw {} 10 USD", draw.of(ACCOUNTS)),
        240..242 => format!("quote OIL-F bid 99.{:02} x 5 ask 100.{:02} x 5", draw.below(99), draw.below(99)),
        242 => "quote OIL-F bid 99.5 x 5".to_owned(),
        243..246 => format!("print OIL-F 3 @ 99.{:02}", draw.below(99)),
        246..330 => format!("cancel_all account {}", draw.of(ACCOUNTS)),
        _ => "time".to_owned(),
    }
}

#[test]
fn what_was_found_before_changes_no_answer() {
    let count = std::env::var("LEAVE_ORDERS").ok().and_then(|count| count.parse().ok()).unwrap_or(6000);
    let (mut draw, mut free, mut anew) = (Draw(11), Desk::new(), Desk::new());
    free.all(MORE);
    anew.all(MORE);
    let (mut passed, mut limited) = (0, 0);
    for at in 0..count {
        if draw.below(4) == 0 {
            let line = stir(&mut draw);
            assert_eq!(free.say(&line), anew.say(&line), "{at}: {line}");
        }
        if draw.below(20) == 0 {
            let seconds = i64::try_from(draw.below(20)).expect("the test says what is sound");
            free.pass_seconds(seconds);
            anew.pass_seconds(seconds);
        }
        anew.say("statistic volatility GAS-F 0.3");
        let line = order(&mut draw);
        let (found, measured) = (free.say(&line), anew.say(&line));
        assert_eq!(found, measured, "{at}: {line}");
        let refused = found.iter().any(|event| is_refusal(event));
        passed += usize::from(!refused);
        limited += usize::from(found.iter().any(|event| event.contains("limit_reached")));
    }
    assert!(passed * 5 > count && limited * 20 > count, "{passed} passed, {limited} limited of {count}");
}

/// Two books of an account: one whose limit needs correlations, one without such a limit.
#[test]
fn leave_that_one_book_was_given_looks_up_nothing_for_another() {
    let mut desk = Desk::new();
    desk.all(&[
        "book mary swing",
        "limit account mary leverage ratio 5 by ann because test",
        "limit book mary swing correlated_exposure ratio 5 by ann because test",
        "buy mary 1 OIL-F @ 99 book swing",
        "buy mary 1 GAS-F @ 99",
        "buy mary 1 OIL-F @ 99",
    ]);
    let refused = desk.first("buy mary 1 OIL-F @ 99 book swing");
    assert!(refused.contains("input_missing correlation"), "{refused}");
}

/// What a cash account sells is at stake for nobody, and still moves with what it buys.
#[test]
fn sales_of_a_cash_account_count_where_they_correlate() {
    let mut desk = Desk::new();
    desk.all(&[
        "asset BTC",
        "asset ETH",
        "list BTC-USD spot BTC/USD tick 0.01 lot 0.001",
        "list ETH-USD spot ETH/USD tick 0.01 lot 0.001",
        "account carl of ben cash USD",
        "deposit carl 20000 USD",
        "deposit carl 50 BTC",
        "deposit carl 50 ETH",
        "mark BTC-USD 100",
        "mark ETH-USD 100",
        "statistic correlation BTC-USD ETH-USD -0.9",
        "limit house correlated_exposure ratio 0.1 by ann because test",
        "sell carl 30 ETH-USD @ 110",
        "buy carl 1 BTC-USD @ 99",
        "buy carl 1 BTC-USD @ 99",
    ]);
    let refused = desk.first("buy carl 3 BTC-USD @ 99");
    assert!(refused.contains("limit_reached house correlated_exposure"), "{refused}");
}
