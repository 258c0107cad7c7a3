//! What would happen is what happens: over made-up orders of every kind, under made-up limits, prices, ages and
//! positions, the question's verdict is the decision that the order then gets, and asking changes nothing.
//! `WHAT_IF_ORDERS=100000` asks about so many.

use super::desk::Desk;
use engine::Engine;
use model::{Event, NewOrder, Reject, Stamped};

pub struct Draw(pub u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    pub fn of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all.get(usize::try_from(self.below(all.len() as u64)).expect("the test says what is sound"))
            .copied()
            .expect("the test says what is sound")
    }
}

const MORE: &[&str] = &[
    "asset BTC",
    "list BTC-USD spot BTC/USD tick 0.01 lot 0.001 sector coins taker 0.001",
    "account carl of ben cash USD",
    "deposit carl 20000 USD",
    "deposit carl 50 BTC",
    "account cora of ann cash EUR",
    "deposit cora 20000 USD",
    "deposit cora 50 BTC",
    "mark BTC-USD 100",
    "book mary swing",
    "buy mike 20 OIL-F @ 99",
    "sell mike 20 OIL-F @ 101",
    "buy carl 5 BTC-USD @ 99",
    "sell carl 5 BTC-USD @ 101",
];
const ACCOUNTS: &[&str] = &["mary", "mike", "carl", "cora"];
const INSTRUMENTS: &[&str] = &["OIL-F", "GAS-F", "BTC-USD", "BTC-USD"];
const SCOPES: &[&str] = &[
    "house",
    "user ann",
    "user ben",
    "account mary",
    "account carl",
    "account cora",
    "book mary main",
    "book mary swing",
    "instrument OIL-F",
    "instrument BTC-USD",
    "account_instrument mary OIL-F",
    "account_instrument carl BTC-USD",
    "venue 0",
];
const LIMITS: &[&str] = &[
    "order_size qty 8000lots",
    "order_notional amount 900 USD",
    "order_notional amount 900 EUR",
    "price_collar ratio 0.03",
    "position_net qty 12lots",
    "position_net amount 2000 USD",
    "position_gross qty 9000lots",
    "leverage ratio 0.5",
    "allocation ratio 0.4",
    "instrument_concentration ratio 0.3",
    "sector_concentration ratio 0.3",
    "class_concentration ratio 0.4",
    "symbol_exposure ratio 0.2",
    "correlated_exposure ratio 0.3",
    "volatility_scaled_size ratio 0.02",
    "volume_share ratio 0.1",
    "depth_share ratio 0.5",
    "value_at_risk amount 500 USD",
    "expected_shortfall amount 500 EUR",
    "positions count 2",
    "open_orders count 9",
    "orders_per_minute count 20",
    "trades_per_day count 30",
    "min_confidence ratio 0.5",
    "market_hours yes",
    "restricted yes",
];

fn order(draw: &mut Draw) -> String {
    let (side, account, instrument) = (draw.of(&["buy", "sell"]), draw.of(ACCOUNTS), draw.of(INSTRUMENTS));
    let (qty, price) = (1 + draw.below(12), 94 + draw.below(13));
    let qty = if draw.below(30) == 0 { qty * 1000 } else { qty };
    let kind = match draw.below(16) {
        0 | 1 => "market".to_owned(),
        2 => format!("hidden @ {price}"),
        3 => format!("iceberg @ {price} display 1"),
        4 => format!("stop {price}"),
        5 => "market_to_limit".to_owned(),
        6 => "pegged own_side".to_owned(),
        _ => format!("@ {price}"),
    };
    let flag = match draw.below(12) {
        0 => " ioc",
        1 => " fok",
        2 => " post_only",
        3 => " post_only slide",
        4 => " reduce_only",
        5 => " at_close",
        _ => "",
    };
    let confidence = if draw.below(3) == 0 { "" } else { " confidence 0.6" };
    let book = if account == "mary" && draw.below(3) == 0 { " book swing" } else { "" };
    format!("{side} {account} {qty} {instrument} {kind}{flag}{book}{confidence}")
}

/// Something that changes what orders meet.
fn stir(draw: &mut Draw, desk: &mut Desk) {
    let scope = draw.of(SCOPES);
    let line = match draw.below(12) {
        0..3 => format!("limit {scope} {} by ann because test", draw.of(LIMITS)),
        3 | 4 => {
            let kind = draw.of(LIMITS).split(' ').next().expect("the test says what is sound");
            format!("remove_limit {scope} {kind} by ann because test")
        }
        5 => format!("mark {} {}", draw.of(INSTRUMENTS), 95 + draw.below(10)),
        6 => draw
            .of(&[
                "statistic fx_rate USD EUR 0.9",
                "statistic volatility OIL-F 0.3",
                "statistic volatility BTC-USD 0.3",
                "statistic average_volume BTC-USD 90",
                "statistic average_volume OIL-F 60",
                "statistic correlation OIL-F GAS-F 0.4",
                "statistic correlation BTC-USD OIL-F -0.4",
            ])
            .to_owned(),
        7 => format!("statistic value_at_risk {scope} USD {}", 400 + draw.below(200)),
        8 => format!("statistic expected_shortfall {scope} USD {}", 400 + draw.below(200)),
        9 => format!("cancel_all account {}", draw.of(ACCOUNTS)),
        10 => format!(
            "state {} {}",
            draw.of(INSTRUMENTS),
            draw.of(&["trading", "trading", "auction", "halted"])
        ),
        _ => {
            desk.pass_seconds(i64::try_from(draw.below(50)).expect("the test says what is sound"));
            "time".to_owned()
        }
    };
    desk.say(&line);
}

/// What came of the order itself.
fn decision(engine: &mut Engine, order: NewOrder, desk_time: model::Time) -> Result<(), Reject> {
    let (seq, mut events) = (engine.seq() + 1, Vec::new());
    let command = model::Command::PlaceOrder(order);
    engine.apply(&Stamped { seq, time: desk_time, command }, &mut events);
    let decided = events.iter().find_map(|event| match event {
        Event::OrderAccepted(_) => Some(Ok(())),
        Event::OrderRejected { reason, .. } => Some(Err(*reason)),
        _ => None,
    });
    decided.expect("the test says what is sound")
}

#[test]
fn what_would_happen_is_what_happens() {
    let count = std::env::var("WHAT_IF_ORDERS").ok().and_then(|count| count.parse().ok()).unwrap_or(1500);
    let (mut draw, mut desk) = (Draw(7), Desk::new());
    desk.all(MORE);
    let (mut passed, mut limited) = (0, 0);
    for at in 0..count {
        if draw.below(3) == 0 {
            stir(&mut draw, &mut desk);
        }
        // Time passes with commands; the question is asked at the time of the last.
        desk.say("time");
        let line = order(&mut draw);
        let order = desk.order(&line);
        let digest = (at % 64 == 0).then(|| desk.engine.digest());
        let answer = desk.engine.what_if(&order);
        assert!(digest.is_none_or(|digest| digest == desk.engine.digest()), "{line} changed something");
        if at % 97 == 0 {
            desk.restart();
            assert_eq!(desk.engine.what_if(&order), answer, "{line} after a restart");
        }
        let time = desk.time;
        let decided = decision(&mut desk.engine, order, time);
        assert_eq!(answer.verdict, decided, "{at}: {line}");
        if at % 16 == 0 {
            desk.engine.check().expect("the test says what is sound");
        }
        passed += usize::from(decided.is_ok());
        limited += usize::from(matches!(decided, Err(Reject::LimitReached { .. })));
        if at % 400 == 399 {
            for scope in SCOPES {
                for limit in LIMITS {
                    let kind = limit.split(' ').next().expect("the test says what is sound");
                    desk.say(&format!("remove_limit {scope} {kind} by ann because test"));
                }
            }
        }
    }
    assert!(passed * 20 > count && limited * 20 > count, "{passed} passed, {limited} limited of {count}");
}

#[test]
fn the_answer_tells_each_limit_the_cost_and_the_largest_that_passes() {
    let mut desk = Desk::new();
    desk.all(&["sell mike 2 OIL-F @ 101", "sell mike 5 OIL-F @ 103", "buy mike 1 OIL-F @ 99"]);
    desk.all(&["limit account mary position_net qty 10lots by ann because test"]);
    desk.all(&["limit house price_collar ratio 0.05 by ann because test"]);
    let told = desk.say("what_if buy mary 4 OIL-F @ 104");
    assert_eq!(
        told,
        [
            "limit house price_collar most 0.05 before 0 after 0.04",
            "limit account mary position_net most 10 before 0 after 4",
            "needs 41.6 USD",
            "now 4 worth 408 USD spread 8 fees 0",
            "largest 10",
            "would_pass",
        ]
    );
    let told = desk.say("what_if buy mary 11 OIL-F @ 106");
    assert_eq!(
        told.last().expect("the test says what is sound"),
        "would_be_rejected limit_reached house price_collar most 0.05 before 0 after 0.06"
    );
    assert_eq!(desk.say("what_if buy mary 11 OIL-F @ 106")[4], "largest 0");
}
