//! What holds for all kinds: missing and old inputs refuse, what only reduces is not trapped, the tightest wins,
//! small orders add up, counts run out and come back, and nothing stands where it cannot.

use super::desk::{Desk, is_refusal};

fn limited(lines: &[&str], limit: &str) -> Desk {
    let mut desk = Desk::new();
    desk.all(lines);
    desk.all(&[&format!("limit {limit} by ann because test")]);
    desk
}

/// What is said of a refused line, after its reason's code.
/// The refusal of an order, without the alerts that came with it.
fn told(desk: &mut Desk, line: &str) -> String {
    let mut said = desk.say(line);
    said.retain(|line| !line.starts_with("alert"));
    let said = said.join("; ");
    assert!(is_refusal(&said), "{line}: {said}");
    said
}

#[test]
fn what_is_missing_or_too_old_refuses_by_its_name() {
    let order = "buy mary 1 OIL-F @ 100";
    let sell = "sell mary 1 OIL-F @ 100";
    for (limit, line, missing, input, late) in [
        ("price_collar ratio 1", order, "price OIL-F", "mark OIL-F 100", 60),
        ("order_notional amount 500 USD", sell, "price OIL-F", "mark OIL-F 100", 60),
        ("position_net amount 500 USD", order, "price OIL-F", "mark OIL-F 100", 60),
        ("leverage ratio 1", order, "price OIL-F", "mark OIL-F 100", 60),
        ("order_notional amount 500 EUR", sell, "fx_rate USD EUR", "statistic fx_rate USD EUR 0.9", 86_400),
        (
            "volatility_scaled_size ratio 1",
            order,
            "volatility OIL-F",
            "statistic volatility OIL-F 0.5",
            172_800,
        ),
        (
            "volume_share ratio 1",
            order,
            "average_volume OIL-F",
            "statistic average_volume OIL-F 100",
            172_800,
        ),
        (
            "value_at_risk amount 9 USD",
            order,
            "value_at_risk account mary",
            "statistic value_at_risk account mary USD 5",
            3600,
        ),
        (
            "expected_shortfall amount 9 USD",
            order,
            "expected_shortfall account mary",
            "statistic expected_shortfall account mary USD 5",
            3600,
        ),
        ("min_confidence ratio 0.5", order, "confidence", "", 0),
    ] {
        let mut desk = limited(&[], &format!("account mary {limit}"));
        let of_price = missing.starts_with("price");
        if of_price {
            desk.pass_seconds(61);
            let old = told(&mut desk, line);
            assert!(
                old.ends_with("input_too_old price OIL-F age_ns 61000000000 most_ns 60000000000"),
                "{old}"
            );
        } else {
            let said = told(&mut desk, line);
            assert!(said.ends_with(&format!("input_missing {missing}")), "{limit}: {said}");
        }
        if input.is_empty() {
            continue;
        }
        desk.all(&[input, line]);
        desk.pass_seconds(late);
        if !of_price {
            desk.all(&["mark OIL-F 100"]);
        }
        desk.all(&[line]);
        desk.restart();
        desk.pass_seconds(1);
        let old = told(&mut desk, line);
        let most = late * 1_000_000_000;
        let expected = format!("input_too_old {missing} age_ns {} most_ns {most}", most + 1_000_000_000);
        assert!(old.ends_with(&expected), "{limit}: {old}");
    }
}

#[test]
fn a_price_is_the_mark_then_the_quotes_then_the_last_trade_then_the_book() {
    let mut desk = limited(&["set age_max_ns price 1000000000"], "house price_collar ratio 0.1");
    desk.pass_seconds(100);
    assert!(told(&mut desk, "buy mary 1 OIL-F @ 1").contains("input_too_old"));
    for (line, reference) in
        [("print OIL-F 1 @ 40", "40"), ("quote OIL-F bid 59 x 1 ask 61 x 1", "60"), ("mark OIL-F 80", "80")]
    {
        desk.all(&[line]);
        let (edge, beyond) = match reference {
            "40" => ("44", "44.01"),
            "60" => ("66", "66.01"),
            _ => ("88", "88.01"),
        };
        desk.all(&[&format!("buy mary 1 OIL-F @ {edge} post_only")]);
        let refused = told(&mut desk, &format!("buy mary 1 OIL-F @ {beyond}"));
        assert!(refused.contains("limit_reached house price_collar"), "{line}: {refused}");
        desk.all(&["cancel_all account mary"]);
    }
    // All of them grow old, and the book's own prices are left.
    let mut desk = Desk::new();
    desk.all(&[
        "buy mike 1 OIL-F @ 98",
        "sell mike 1 OIL-F @ 102",
        "limit house price_collar ratio 0.1 by ann because x",
    ]);
    desk.pass_seconds(100);
    desk.all(&["buy mary 1 OIL-F @ 90"]);
    assert!(told(&mut desk, "sell mary 1 OIL-F @ 89.99").contains("after 0.1001"));
}

#[test]
fn what_only_reduces_passes_limits_on_positions_and_no_others() {
    let kinds = [
        "position_net qty 0lots",
        "position_gross qty 0lots",
        "leverage ratio 0",
        "allocation ratio 0",
        "instrument_concentration ratio 0",
        "sector_concentration ratio 0",
        "class_concentration ratio 0",
        "symbol_exposure ratio 0",
        "correlated_exposure ratio 0",
        "volatility_scaled_size ratio 0",
        "volume_share ratio 0",
        "value_at_risk amount 0 USD",
        "expected_shortfall amount 0 USD",
        "positions count 0",
    ];
    let others =
        ["order_size qty 0lots", "open_orders count 0", "orders_per_minute count 0", "restricted yes"];
    for (kind, passes) in kinds.iter().map(|kind| (kind, true)).chain(others.iter().map(|kind| (kind, false)))
    {
        for level in ["house", "user ann", "account mary", "book mary main", "instrument OIL-F"] {
            let long = ["buy mary 10 OIL-F @ 100", "sell mike 10 OIL-F @ 100"];
            let mut desk = limited(&long, &format!("{level} {kind}"));
            // Every price and statistic is old by now, or was never there.
            desk.pass_seconds(1_000_000);
            let came = desk.first("sell mary 6 OIL-F @ 100");
            assert_eq!(came.starts_with("accepted"), passes, "{kind} at {level}: {came}");
            if passes {
                // Four are left to sell, and five would turn the position.
                let turned = desk.first("sell mary 5 OIL-F @ 100");
                // A position that turns is still one position.
                let turns = kind.starts_with("positions");
                assert_eq!(is_refusal(&turned), !turns, "{kind} at {level}: {turned}");
                if !turns {
                    desk.all(&["sell mary 4 OIL-F @ 100"]);
                }
            }
        }
    }
}

#[test]
fn the_tightest_on_the_way_is_the_one_that_is_named() {
    let mut desk = limited(&[], "house order_size qty 10lots");
    desk.all(&["limit account mary order_size qty 5lots by ann because test"]);
    desk.all(&["limit instrument OIL-F order_size qty 7lots by ann because test"]);
    assert!(
        told(&mut desk, "buy mary 6 OIL-F @ 100").contains("limit_reached account mary order_size most 5")
    );
    assert!(
        told(&mut desk, "buy mike 8 OIL-F @ 100")
            .contains("limit_reached instrument OIL-F order_size most 7")
    );
    assert!(told(&mut desk, "buy mike 11 GAS-F @ 100").contains("limit_reached house order_size most 10"));
    desk.all(&["remove_limit account mary order_size by ann because over", "buy mary 6 OIL-F @ 100"]);
}

#[test]
fn small_orders_that_rest_add_up() {
    for limit in ["position_net qty 10lots", "position_gross qty 10lots", "symbol_exposure ratio 0.1"] {
        let mut desk = limited(&[], &format!("account mary {limit}"));
        for _ in 0..5 {
            desk.all(&["buy mary 2 OIL-F @ 90"]);
        }
        assert!(told(&mut desk, "buy mary 1 OIL-F @ 90").contains("limit_reached"), "{limit}");
        desk.all(&["cancel_all account mary side buy", "buy mary 10 OIL-F @ 90"]);
    }
}

#[test]
fn a_user_is_all_its_accounts_and_a_book_is_only_itself() {
    let mut desk = Desk::new();
    desk.all(&["account moira of ann margin USD", "deposit moira 10000 USD", "book mary swing"]);
    desk.all(&["limit user ann position_net qty 10lots by ann because test"]);
    desk.all(&["limit book mary swing position_net qty 3lots by ann because test"]);
    desk.all(&["buy moira 6 OIL-F @ 100", "sell mike 6 OIL-F @ 100", "buy mary 4 OIL-F @ 100"]);
    let refused = told(&mut desk, "buy mary 1 OIL-F @ 100");
    assert!(refused.contains("limit_reached user ann position_net most 10 before 10 after 11"), "{refused}");
    desk.all(&["cancel_all account mary", "buy mary 3 OIL-F @ 100 book swing"]);
    let refused = told(&mut desk, "buy mary 1 OIL-F @ 100 book swing");
    assert!(
        refused.contains("limit_reached book mary swing position_net most 3 before 3 after 4"),
        "{refused}"
    );
    desk.all(&["buy mary 1 OIL-F @ 100"]);
}

#[test]
fn a_bucket_of_orders_a_minute_fills_again_also_over_a_restart() {
    let mut desk = limited(&[], "account mary orders_per_minute count 6");
    for _ in 0..6 {
        desk.all(&["buy mary 1 OIL-F @ 100"]);
    }
    assert!(told(&mut desk, "buy mary 1 OIL-F @ 100").contains("most 6 before 6 after 7"));
    desk.restart();
    desk.pass_seconds(9);
    assert!(told(&mut desk, "buy mary 1 OIL-F @ 100").contains("most 6 before 6 after 7"));
    desk.pass_seconds(1);
    desk.all(&["buy mary 1 OIL-F @ 100"]);
    assert!(told(&mut desk, "buy mary 1 OIL-F @ 100").contains("before 6 after 7"));
    desk.pass_seconds(60);
    for _ in 0..6 {
        desk.all(&["buy mary 1 OIL-F @ 100"]);
    }
}

#[test]
fn trades_a_day_count_until_the_accounts_own_midnight() {
    // 2026-01-01T10:00:00Z; the account's day begins two hours before midnight UTC.
    let mut desk = limited(&["set day_start_s -7200 account mary"], "account mary trades_per_day count 2");
    for _ in 0..2 {
        desk.all(&["buy mary 1 OIL-F @ 100", "sell mike 1 OIL-F @ 100"]);
    }
    assert!(told(&mut desk, "buy mary 1 OIL-F @ 100").contains("trades_per_day most 2 before 2 after 3"));
    desk.restart();
    desk.pass_seconds(12 * 3600 - 1);
    assert!(told(&mut desk, "buy mary 1 OIL-F @ 100").contains("trades_per_day"));
    desk.pass_seconds(1);
    // What is cancelled without a trade does not count.
    desk.all(&["buy mary 1 OIL-F @ 99", "buy mary 1 OIL-F @ 99"]);
    assert!(told(&mut desk, "buy mary 1 OIL-F @ 99").contains("before 2 after 3"));
    desk.all(&["cancel_all account mary", "buy mary 1 OIL-F @ 99"]);
    // What is cancelled after one does.
    desk.all(&["cancel_all account mary", "buy mary 2 OIL-F @ 100", "sell mike 1 OIL-F @ 100"]);
    desk.all(&["cancel_all account mary", "buy mary 1 OIL-F @ 99"]);
    assert!(told(&mut desk, "buy mary 1 OIL-F @ 99").contains("before 2 after 3"));
}

#[test]
fn correlations_weigh_what_is_held_beside() {
    let held =
        ["buy mary 10 GAS-F @ 100", "sell mike 10 GAS-F @ 100", "statistic correlation GAS-F OIL-F 0.5"];
    let mut desk = limited(&held, "account mary correlated_exposure ratio 0.1");
    let refused = told(&mut desk, "buy mary 6 OIL-F @ 100");
    assert!(refused.contains("correlated_exposure most 0.1 before 0.05 after 0.11"), "{refused}");
    desk.all(&[
        "buy mary 5 OIL-F @ 100",
        "sell mary 5 OIL-F @ 101",
        "statistic correlation OIL-F GAS-F -0.5",
    ]);
    desk.all(&["buy mary 5 OIL-F @ 100"]);
    let missing = limited(&held[..2], "account mary correlated_exposure ratio 0.1");
    assert!(
        told(&mut { missing }, "buy mary 1 OIL-F @ 100").contains("input_missing correlation OIL-F GAS-F")
    );
}

#[test]
fn amounts_of_other_assets_go_through_their_rate_either_way_round() {
    for rate in ["statistic fx_rate USD EUR 0.5", "statistic fx_rate EUR USD 2"] {
        let mut desk = limited(&[rate], "account mary order_notional amount 500 EUR");
        desk.all(&["buy mary 10 OIL-F @ 100"]);
        assert!(
            told(&mut desk, "buy mary 10 OIL-F @ 100.01")
                .contains("most 500 EUR before 0 EUR after 500.05 EUR")
        );
    }
}

#[test]
fn what_does_not_fit_or_stands_nowhere_is_refused() {
    let mut desk = Desk::new();
    for (line, reason) in [
        ("limit account mary order_size amount 5 USD by ann because x", "limit_misfit order_size"),
        ("limit account mary order_size qty -5lots by ann because x", "limit_misfit order_size"),
        ("limit account mary leverage count 5 by ann because x", "limit_misfit leverage"),
        ("limit account mary restricted count 5 by ann because x", "limit_misfit restricted"),
        ("limit account mary order_notional amount 5 #9 by ann because x", "unknown_asset #9"),
        ("limit account #9 restricted yes by ann because x", "unknown_account #9"),
        ("limit user #9 restricted yes by ann because x", "unknown_user"),
        ("limit book #9 restricted yes by ann because x", "unknown_book #9"),
        ("limit instrument #9 restricted yes by ann because x", "unknown_instrument #9"),
        ("limit account_instrument mary #9 restricted yes by ann because x", "unknown_instrument #9"),
        ("limit venue 7 restricted yes by ann because x", "unknown_venue 7"),
        ("limit house restricted yes by #9 because x", "unknown_user"),
        ("limit house daily_loss qty 5lots by ann because x", "bad_rule value"),
        ("remove_limit house restricted by ann because x", "unknown_limit house restricted"),
        ("statistic volatility #9 0.5", "unknown_instrument #9"),
        ("statistic volatility OIL-F -0.5", "bad_statistic"),
        ("statistic correlation OIL-F OIL-F 0.5", "bad_statistic"),
        ("statistic correlation OIL-F GAS-F 1.1", "bad_statistic"),
        ("statistic average_volume OIL-F 0", "bad_statistic"),
        ("statistic fx_rate USD EUR 0", "bad_statistic"),
        ("statistic fx_rate USD #9 1", "unknown_asset #9"),
        ("statistic value_at_risk account #9 USD 1", "unknown_account #9"),
        ("set age_max_ns price 0", "setting_out_of_range"),
        ("set day_start_s 86400", "setting_out_of_range"),
        ("set day_start_s 5 account #9", "unknown_account #9"),
    ] {
        assert_eq!(desk.say(line), [format!("refused {reason}")], "{line}");
    }
}
