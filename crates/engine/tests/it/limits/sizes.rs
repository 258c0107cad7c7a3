//! How much to order, six ways, and what cuts it.

use super::desk::Desk;
use engine::{Sized, Sizing};
use model::{Price, Qty, Rate, Reject};

fn rate(text: &str) -> Rate {
    Rate::parse(text).expect("the test says what is sound")
}

/// Equity 10,000, price 100, volatility 0.2.
#[test]
fn each_way_comes_to_its_quantity() {
    let mut desk = Desk::new();
    desk.all(&["statistic volatility OIL-F 0.2"]);
    let order = desk.order("buy mary 1 OIL-F @ 100");
    for (sizing, lots) in [
        (Sizing::Fixed { qty: Qty(7) }, 7),
        (Sizing::PercentOfEquity { share: rate("0.1") }, 10),
        (Sizing::PercentOfEquity { share: rate("0.10999") }, 10),
        // 1 % of 10,000 is 100; a lot moves by 20.
        (Sizing::VolatilityTarget { share: rate("0.01") }, 5),
        // A range of 3 twice is 6.
        (Sizing::AverageTrueRange { share: rate("0.01"), range: Price(300), multiple: rate("2") }, 16),
        // A quarter of 0.325.
        (
            Sizing::Kelly { chance: rate("0.55"), payoff: rate("2"), fraction: rate("0.25"), cap: rate("1") },
            8,
        ),
        (Sizing::RiskPerTrade { share: rate("0.02"), entry: Price(10_000), stop: Price(9_700) }, 66),
    ] {
        let sized = desk.engine.size(&order, sizing);
        assert_eq!(sized, Ok(Sized { wanted: Qty(lots), qty: Qty(lots), cut_by: None }), "{sizing:?}");
    }
}

#[test]
fn the_limit_that_cuts_is_named_and_what_is_missing_refuses() {
    let mut desk = Desk::new();
    desk.all(&["limit account mary order_size qty 5lots by ann because small"]);
    let order = desk.order("buy mary 1 OIL-F @ 100");
    let sized = desk
        .engine
        .size(&order, Sizing::PercentOfEquity { share: rate("0.5") })
        .expect("the test says what is sound");
    assert_eq!((sized.wanted, sized.qty), (Qty(50), Qty(5)));
    assert!(matches!(sized.cut_by, Some(Reject::LimitReached { .. })), "{sized:?}");
    let blind = desk.engine.size(&order, Sizing::VolatilityTarget { share: rate("0.1") });
    assert!(matches!(blind, Err(Reject::InputMissing { .. })), "{blind:?}");
    let no_stop = Sizing::RiskPerTrade { share: rate("0.1"), entry: Price(5), stop: Price(5) };
    assert_eq!(desk.engine.size(&order, no_stop), Err(Reject::TooLargeToCount));
}
