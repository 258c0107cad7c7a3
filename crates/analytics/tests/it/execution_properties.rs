//! The identity of execution costs, for any order and any tape: the parts are the total, and the total is what it was
//! worth to have traded everything at the decision's price for nothing.

use analytics::execution::{
    Costs, Fill, Parent, Tape, TapeQuote, Terms, benchmarks, cost_summary, execution_costs,
};
use analytics::number::amount::sum;
use model::{Money, Price, Qty, Side, Time};
use proptest::prelude::{Strategy, any, prop, prop_assert, prop_assert_eq, proptest};

const TERMS: Terms = Terms { tick_on_lot: Money(2_000_000_000_000_000) };

fn quotes() -> impl Strategy<Value = Vec<TapeQuote>> {
    prop::collection::vec((-1_000_i64..100_000, 0_i64..50), 1..20).prop_map(|drawn| {
        let quote = |(place, (bid, width)): (i64, (i64, i64))| TapeQuote {
            time: Time(10 * place),
            bid: Price(bid),
            ask: Price(bid + width),
        };
        (0_i64..).zip(drawn).map(quote).collect()
    })
}

fn fills() -> impl Strategy<Value = Vec<Fill>> {
    prop::collection::vec((0_i64..300, -1_000_i64..100_000, 1_i64..500, any::<i32>()), 0..12).prop_map(
        |drawn| {
            let mut fills: Vec<Fill> = drawn
                .into_iter()
                .map(|(time, price, qty, fee)| Fill {
                    time: Time(time),
                    price: Price(price),
                    qty: Qty(qty),
                    fee: Money(i128::from(fee)),
                })
                .collect();
            fills.sort_by_key(|fill| fill.time);
            fills
        },
    )
}

fn parts_of(costs: &Costs) -> [Money; 5] {
    [costs.drift, costs.spread, costs.depth, costs.fees, costs.opportunity]
}

proptest! {
    #[test]
    fn the_parts_are_the_total(
        quotes in quotes(),
        fills in fills(),
        rest in 0_i64..500,
        is_buy in any::<bool>(),
        arrival in 0_i64..100_000,
    ) {
        let filled: i64 = fills.iter().map(|fill| fill.qty.0).sum();
        let side = if is_buy { Side::Buy } else { Side::Sell };
        let qty = Qty((filled + rest).max(1));
        let parent = Parent { side, qty, decided: Time(0), ended: Time(300), arrival: Some(Price(arrival)) };
        let tape = Tape { quotes: &quotes, prints: &[] };
        let found = execution_costs(&parent, &fills, &tape, TERMS).unwrap();
        prop_assert_eq!(sum("parts", parts_of(&found.costs)).unwrap(), found.costs.total);
        for (place, part) in parts_of(&found.costs).into_iter().enumerate().take(4) {
            let of_fills = found.fills.iter().map(|fill| parts_of(&fill.costs)[place]);
            prop_assert_eq!(sum("fills", of_fills).unwrap(), part);
        }
        // The paper portfolio, counted another way: cash paid and the value of the rest at the last mid.
        let half = TERMS.tick_on_lot.0 / 2;
        let sign = i128::from(side.sign());
        let paid: i128 = fills.iter().map(|f| sign * 2 * i128::from(f.price.0) * i128::from(f.qty.0) * half + f.fee.0).sum();
        let last = quotes.last().unwrap();
        let end = i128::from(last.bid.0) + i128::from(last.ask.0);
        let open = i128::from(qty.0 - filled) * sign * end * half;
        let paper = i128::from(qty.0) * sign * 2 * i128::from(arrival) * half;
        prop_assert_eq!(found.costs.total.0, paid + open - paper);
        let twice = cost_summary(&[found.clone(), found.clone()]).unwrap();
        prop_assert_eq!(twice.costs.total.0, 2 * found.costs.total.0);
        if !fills.is_empty() {
            // Two ways to the same slippage: ticks on the average, and drift, spread and depth in money.
            let slippage = benchmarks(&parent, &fills, &tape).unwrap().arrival_slippage;
            let costs = found.costs.drift.0 + found.costs.spread.0 + found.costs.depth.0;
            let expected = costs as f64 / (filled as f64 * TERMS.tick_on_lot.0 as f64);
            prop_assert!((slippage - expected).abs() <= 1e-9 * expected.abs().max(1.0));
        }
    }
}
