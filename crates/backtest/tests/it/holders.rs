//! What happens to holders: funding, dividends, splits and borrowing on the clock of the data, to the unit by hand.

use super::world::{market, plan, strategy, units};
use backtest::{Act, BacktestError, Made, Outcome, Plan, run, run_slowly};
use model::{
    AccountKind, AssetId, Bar, CorporateAction, MarginRates, Money, NANOS_PER_SECOND, OrderType, Price, Qty,
    Rate, Side, Time, TimeInForce,
};
use std::sync::Arc;
use strategy::{Fill, Intents, Order, Reads, Strategy, StrategyError, Tag, View};

const DAY: i64 = 86_400 * NANOS_PER_SECOND;

fn day(at: i64) -> Time {
    Time(at * DAY)
}

/// Flat daily bars at a price in cents; the first that has a price of its own keeps it.
fn bars(prices: &[i64]) -> Vec<Bar> {
    let bar = |(at, price): (i64, &i64)| {
        let price = Price(*price);
        let (begin, end) = (day(at), Time(day(at + 1).0 - 1));
        Bar { begin, end, open: price, high: price, low: price, close: price, volume: Qty(1_000) }
    };
    (0..).zip(prices).map(bar).collect()
}

/// Says what it was made to say after the first bar, and nothing more.
struct Once {
    what: Vec<Order>,
    filled: Vec<Fill>,
}

impl Strategy for Once {
    fn on_bar(&mut self, _at: usize, _bar: &Bar, _view: &View<'_>, out: &mut Intents) {
        self.what.drain(..).for_each(|order| out.push(strategy::Intent::Place(order)));
    }

    fn on_fill(&mut self, fill: &Fill, _view: &View<'_>, _out: &mut Intents) {
        self.filled.push(*fill);
    }

    fn save(&self) -> Result<Vec<u8>, StrategyError> {
        Ok(Vec::new())
    }

    fn load(&mut self, _state: &[u8]) -> Result<(), StrategyError> {
        Ok(())
    }
}

fn order(side: Side, qty: i64, kind: OrderType) -> Order {
    let (tag, time_in_force) = (Tag(u32::from(side == Side::Sell)), TimeInForce::Gtc);
    Order { at: 0, tag, side, qty: Qty(qty), kind, time_in_force, reduce_only: false }
}

fn made(prices: &[i64], kind: AccountKind, what: Vec<Order>, acts: Vec<(Time, Act)>) -> Plan {
    let mut one = strategy("once", &[]);
    let reads = Reads { bars: true, ..Reads::default() };
    let make = move || -> Result<Box<dyn Strategy>, StrategyError> {
        Ok(Box::new(Once { what: what.clone(), filled: Vec::new() }))
    };
    one.made = Some(Made { reads, warm_up: 0, make: Arc::new(make) });
    let mut market = market("X-USD", bars(prices));
    market.fees = model::Fees::default();
    market.margin = MarginRates { initial: Rate(100_000_000), maintenance: Rate(50_000_000) };
    market.acts = acts.into();
    let mut plan = plan(vec![market], vec![one]);
    plan.accounts[0].kind = kind;
    plan
}

fn ends(plan: &Plan) -> Outcome {
    let outcome = run(plan).expect("it is there");
    assert_eq!(outcome, run_slowly(plan).expect("it is there"));
    let account = &outcome.accounts[0];
    let (engine, ours) = (account.equity.expect("it has a price"), account.days.last().expect("a day").1);
    let engine = engine.0 as f64 / Money::ONE.0 as f64;
    assert!((engine - ours).abs() < 1e-6, "the engine says {engine} and the figures {ours}");
    outcome
}

fn cents(amount: i128) -> Money {
    Money(Money::ONE.0 / 100 * amount)
}

#[test]
fn a_dividend_is_paid_to_the_long_and_by_the_short() {
    let dividend = Act::Corporate(CorporateAction::Dividend { asset: AssetId(0), amount: cents(25) });
    for (side, sign) in [(Side::Buy, 1), (Side::Sell, -1)] {
        let what = vec![order(side, 8, OrderType::Market)];
        let plan = made(&[1_000; 5], AccountKind::Margin, what, vec![(day(3), dividend)]);
        let account = &ends(&plan).accounts[0];
        assert_eq!(account.equity, Some(Money(units(1_000_000).0 + cents(200 * sign).0)));
        assert_eq!(account.carry.get("dividends"), Some(&cents(200 * sign)));
    }
}

#[test]
fn a_split_changes_what_is_held_and_ordered_and_not_what_it_is_worth() {
    let split = Act::Corporate(CorporateAction::Split { old: 2, new: 3 });
    // Eleven at 12.00 become sixteen and a half at 8.00; the limit to sell the eleven at 15.00 becomes one at 10.00.
    let what = vec![
        order(Side::Buy, 11, OrderType::Market),
        order(Side::Sell, 11, OrderType::Limit { price: Price(1_500) }),
    ];
    let prices = [1_200, 1_200, 1_200, 800, 800, 1_000, 1_000];
    for kind in [AccountKind::Cash, AccountKind::Margin] {
        let mut plan = made(&prices, kind, what.clone(), vec![(day(3), split)]);
        if kind == AccountKind::Cash {
            // A cash account sells what it has, so it asks for that once it is there.
            plan.strategies[0].made =
                made(&prices, kind, what[..1].to_vec(), Vec::new()).strategies[0].made.clone();
        }
        let outcome = ends(&plan);
        let account = &outcome.accounts[0];
        // The half share is paid out at 8.00; sixteen are worth 10.00 each in the end, sold or not.
        assert_eq!(account.equity, Some(Money(units(1_000_000 - 132).0 + cents(400 + 16_000).0)), "{kind:?}");
        assert!(outcome.undone.is_empty());
        if kind == AccountKind::Margin {
            assert_eq!((outcome.fills, outcome.trades.len()), (2, 1));
            let trade = &outcome.trades[0];
            assert_eq!((trade.exit, trade.gross.0 + trade.carry.0), (1_000.0, cents(3_200).0));
        }
    }
}

#[test]
fn the_short_pay_for_what_they_borrowed_each_midnight() {
    let what = vec![order(Side::Sell, 10, OrderType::Market)];
    let mut plan = made(&[10_000; 6], AccountKind::Margin, what, Vec::new());
    plan.markets[0].borrow = Rate(365_000_000);
    // A thousandth of 1,000.00 at the midnights after days 1 to 4; the first bar only decides.
    assert_eq!(ends(&plan).accounts[0].carry.get("borrow"), Some(&units(-4)));
}

#[test]
fn funding_goes_from_the_long_to_the_short_at_its_mark() {
    let funding = Act::Funding { rate: Rate(1_000_000), mark: Some(Price(11_000)) };
    let what = vec![order(Side::Buy, 10, OrderType::Market)];
    let mut plan = made(&[10_000; 4], AccountKind::Futures, what, vec![(day(2), funding), (day(3), funding)]);
    plan.markets[0].class = model::InstrumentClass::Perpetual;
    let outcome = run(&plan).expect("it is there");
    assert_eq!(outcome.accounts[0].carry.get("funding"), Some(&cents(-220)));
}

#[test]
fn what_cannot_be_done_is_told_and_limits_hold() -> Result<(), BacktestError> {
    let what = vec![order(Side::Buy, 10, OrderType::Market)];
    let funding = Act::Funding { rate: Rate(1), mark: None };
    let mut plan = made(&[1_000; 4], AccountKind::Cash, what, vec![(day(2), funding)]);
    assert_eq!(run(&plan)?.undone.values().sum::<u64>(), 1);
    plan.limits = vec!["account main order_size qty 9lots".to_owned()];
    let outcome = run(&plan)?;
    assert_eq!((outcome.fills, outcome.strategies[0].refused.len()), (0, 1));
    plan.limits = vec!["account nobody order_size qty 9lots".to_owned()];
    let fault = run(&plan).expect_err("there is no such account").to_string();
    assert!(fault.contains("nobody"), "{fault}");
    Ok(())
}
