//! Lines: everything that can be said reads back as itself, and what cannot be read says why.

use crate::any::make;
use crate::directory::{house, orders};
use model::line::{
    Line, OrderNames, Query, parse, render_answer, render_command, render_event, render_farewell,
    render_query,
};
use model::{AccountId, AssetId, Command, Event, InstrumentId};
use proptest::collection::vec;
use proptest::prelude::{any, proptest};
use proptest::{prop_assert, prop_assert_eq};

proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(4_000))]

    #[test]
    fn every_command_reads_back(entropy in vec(any::<u8>(), 0..300)) {
        let command: Command = make(&entropy);
        for (directory, orders) in [(house(), orders()), Default::default()] {
            let text = render_command(&command, &directory, &orders);
            let read = parse(&text, &directory, &orders).map_err(|error| error.to_string());
            prop_assert_eq!(read, Ok(Some(Line::Command(command.clone()))), "{}", text);
        }
    }

    #[test]
    fn every_event_is_one_line_of_words(entropy in vec(any::<u8>(), 0..300)) {
        let event: Event = make(&entropy);
        let (mut directory, mut names) = (house(), orders());
        directory.learn(&event);
        names.learn(&event);
        let text = render_event(&event, &directory, &names);
        prop_assert!(!text.is_empty() && !text.contains('\n') && !text.contains("  "), "{}", text);
    }

    #[test]
    fn no_line_makes_it_panic(line in "\\PC*") {
        parse(&line, &house(), &orders()).ok();
    }

    #[test]
    fn no_words_of_the_language_make_it_panic(picks in vec(any::<u16>(), 0..24)) {
        let words: Vec<&str> = WORDS.split_whitespace().collect();
        let line: Vec<&str> = picks.iter().map(|pick| words[usize::from(*pick) % words.len()]).collect();
        parse(&line.join(" "), &house(), &orders()).ok();
    }
}

const WORDS: &str = "buy sell alice bob \\\\odd 0.5 1 -3 BTC-USDT \\#7 #7 @ 100 market stop touch trail amount \
    percent ticks iceberg hidden pegged mid offset limit source mark book main momentum gtd \
    2026-01-01T00:00:00Z 5ns ioc fok id c0 c1 post_only slide stp decrement [ ] oco oto bracket stop target \
    algo twap slices vwap quoting half_spread qty levels cancel modify price of display cancel_all account \
    side list spot BTC/USDT /USDT tick lot 0.01 maker taker band option call strike expiry european state \
    halted user of cash USDT deposit ref limit house instrument order_size by ann because x kill flatten \
    breaker loss window_ns cool_down_ns report at filled fee show balance position # if order above";

fn command(line: &str) -> String {
    let (directory, orders) = (house(), orders());
    match parse(line, &directory, &orders) {
        Ok(Some(Line::Command(command))) => render_command(&command, &directory, &orders),
        Ok(Some(Line::Show(query))) => render_query(&query, &directory, &orders),
        Ok(Some(Line::History { account, order })) => format!("the life of {order}, of account {account}"),
        Ok(Some(Line::WhatIf(order))) => {
            let command = Command::PlaceOrder(*order);
            format!("what_if {}", render_command(&command, &directory, &orders))
        }
        Ok(Some(Line::OnDisconnect(farewell))) => render_farewell(farewell.as_ref(), &directory, &orders),
        Ok(None) => String::new(),
        Err(error) => format!("! {error}"),
    }
}

/// What a person types, and how it is written back; `! ` begins an error.
#[test]
fn reads_like_a_trader_types() {
    let check = |line: &str, expected: &str| assert_eq!(command(line), expected, "{line}");
    let same = |line: &str| check(line, line);
    check("", "");
    check("  # a remark", "");
    check("time   # a remark", "time");
    same("asset ETH");
    same("on_disconnect keep");
    same("show orders alice after #7");
    check("show history alice #7", "the life of 7, of account 0");

    same("on_disconnect cancel account alice side sell");
    check(
        "list ETH-USDT spot BTC/USDT tick 0.010 lot 0.0001 taker 0.0005 maker 0.0002 min 0.5 band 1 2.00",
        "list ETH-USDT spot BTC/USDT tick 0.01 lot 0.0001 maker 0.0002 taker 0.0005 min 0.5 band 1 2",
    );
    same("account carl of ann margin USDT live broker 3");
    same("book alice value");
    same("deposit alice 100000 USDT ref d1");
    check(
        "buy alice 0.5 BTC-USDT @ 100.00 book momentum id c9 ioc stp cancel_oldest post_only",
        "buy alice 0.5 BTC-USDT @ 100 ioc id c9 post_only stp cancel_oldest book momentum",
    );
    same("sell bob 1 BTC-USDT market");
    same("sell bob 1 BTC-USDT stop 95 source mark");
    same("sell bob 1 BTC-USDT stop 95 @ 94.5");
    same("buy bob 1 BTC-USDT touch 95 @ 96");
    same("sell bob 1 BTC-USDT trail percent 0.02 activation 110 step 0.5");
    same("sell bob 1 BTC-USDT trail amount 5 source mark limit_offset -0.05 id x");
    same("buy bob 1 BTC-USDT iceberg @ 100 display 0.1");
    same("buy bob 1 BTC-USDT pegged mid offset -0.05 limit 101");
    same("buy alice 1 BTC-USDT @ 100 if above BTC-PERP 90.5 source mark");
    same("oco [ sell alice 1 BTC-USDT @ 110 ] [ sell alice 1 BTC-USDT stop 90 ]");
    same("bracket [ buy alice 1 BTC-USDT @ 100 ] stop [ sell alice 1 BTC-USDT stop 90 ]");
    same("algo [ buy alice 1 BTC-USDT market ] twap slices 5 end 2026-01-01T16:00:00Z limit 101");
    same("cancel alice c0");
    same("cancel alice #5");
    same("modify alice c0 qty 0.3 price 101");
    check("modify alice c8 of BTC-USDT qty 0.3", "modify alice c8 qty 3000lots");
    same("cancel_all account alice side buy");
    same("cancel_all book alice momentum");
    same("state BTC-USDT halted");
    same("quote BTC-USDT bid 100 x 5 ask 101 x 3");
    same("limit account alice order_size qty 50lots policy halt by ann because fat_finger");
    same("kill house flatten by ann because drill");
    same("report 3 alice at 2026-01-01T10:00:00Z filled #0 f9 0.5 @ 100 fee 0.1 USDT");
    same("show position alice BTC-USDT book momentum");
    check("buy alice 1 \\#7 @ 1", "! word 3 `1`: expected a quantity (not a multiple of 0.3)");
}

#[test]
fn an_error_says_which_word_and_what_there_is() {
    let check = |line: &str, expected: &str| assert_eq!(command(line), format!("! {expected}"), "{line}");
    check("buy", "the line ends where an account is expected; there is alice, bob, \\odd");
    check("buy carl 1 BTC-USDT @ 1", "word 2 `carl`: expected an account; there is alice, bob, \\odd");
    check(
        "buy alice 1 ETH-USDT @ 1",
        "word 4 `ETH-USDT`: expected an instrument; there is BTC-USDT, BTC-PERP, #7",
    );
    check("buy alice 1 BTC-USDT @ 1.005", "word 6 `1.005`: expected a price (not a multiple of 0.01)");
    check("buy alice 1 BTC-USDT @ 1 ioc fok", "word 8 `fok`: expected this to be said only once");
    check("time now", "word 2 `now`: expected the end of the command");
    check(
        "buy alice 1 BTC-USDT @ 1 book value",
        "word 8 `value`: expected a book of this account; there is main, momentum",
    );
    check(
        "state BTC-USDT asleep",
        "word 3 `asleep`: expected a state of an instrument; \
         there is pre_open, auction, trading, halted, closed, expired",
    );
    check(
        "modify alice c8 qty 0.3",
        "word 5 `0.3`: expected the new total quantity like 5lots (its instrument is not known here; \
         for an order no longer remembered say `of INSTRUMENT`)",
    );
    let unknown = command("bye");
    assert!(unknown.contains("`bye`: expected a command; there is time, buy, sell"), "{unknown}");
    assert!(unknown.ends_with(", on_disconnect, show, what_if"), "every command is named: {unknown}");
    assert!(command(&"x".repeat(100_000)).len() < 1_000);
}

#[test]
fn forgotten_orders_are_written_by_number() {
    let mut names = OrderNames::new(1);
    let directory = house();
    for (id, line) in [(7, "buy alice 1 BTC-USDT @ 1 id first"), (8, "buy alice 1 BTC-USDT @ 1 id second")] {
        let Ok(Some(Line::Command(command))) = parse(line, &directory, &names) else { panic!("{line}") };
        names.hear(&command);
        let accepted = model::OrderAccepted {
            order: model::OrderId(id),
            account: AccountId(0),
            book: model::BookId(0),
            instrument: InstrumentId(0),
            side: model::Side::Buy,
            qty: model::Qty(10_000),
        };
        names.learn(&Event::OrderAccepted(accepted));
    }
    assert_eq!(names.find(AccountId(0), "first"), None);
    let held = |id| render_event(&Event::OrderHeld { order: model::OrderId(id) }, &directory, &names);
    assert_eq!((held(7), held(8)), ("held #7".to_owned(), "held second".to_owned()));
}

#[test]
fn answers_are_lines() {
    use model::line::{Answer, Depth};
    let level = |price, qty| Depth { price: model::Price(price), qty: model::Qty(qty) };
    let check = |query: Query, answer: Answer, expected: &[&str]| {
        assert_eq!(render_answer(&query, &answer, &house(), &orders()), expected);
    };
    check(
        Query::Book { instrument: InstrumentId(0) },
        Answer::Book {
            bids: vec![level(9_900, 5), level(9_800, 6)],
            asks: vec![level(10_000, 7), level(10_100, 8)],
        },
        &["ask 101 x 0.0008", "ask 100 x 0.0007", "bid 99 x 0.0005", "bid 98 x 0.0006"],
    );
    let (total, available, locked) = (model::Money::ONE, model::Money::ZERO, model::Money::ONE);
    check(
        Query::Balance { account: AccountId(0), asset: AssetId(0) },
        Answer::Balance { total, available, locked },
        &["total 1 available 0 locked 1"],
    );
}
