//! Identities of performance that hold for any input: attributions sum, drawdowns stay in bounds.

use analytics::number::amount::sum;
use analytics::performance::{
    ClosedTrade, Returns, Segment, TradeTag, attribute, brinson, brinson_linked, drawdown_series,
    trade_figures,
};
use model::{Money, Side, Time};
use proptest::prelude::{Strategy, any, prop, prop_assert, prop_assert_eq, proptest};

fn trades() -> impl Strategy<Value = Vec<ClosedTrade>> {
    let one = (any::<i64>(), any::<i32>(), 0_u8..4, any::<bool>(), 0_i64..1_000_000);
    prop::collection::vec(one, 1..40).prop_map(|drawn| {
        let mut trades: Vec<ClosedTrade> = drawn
            .into_iter()
            .map(|(gross, fees, tag, is_buy, seconds)| ClosedTrade {
                strategy: (tag > 0).then(|| format!("strategy {tag}")),
                instrument: format!("asset {}", tag % 2),
                sector: (tag > 1).then(|| "energy".to_owned()),
                side: if is_buy { Side::Buy } else { Side::Sell },
                opened: Time(seconds * 1_000_000_000),
                closed: Time(2 * seconds * 1_000_000_000),
                gross: Money(i128::from(gross)),
                fees: Money(i128::from(fees)),
            })
            .collect();
        trades.sort_by_key(|trade| trade.closed);
        trades
    })
}

/// Four segments whose weights sum to one on both sides.
fn segments() -> impl Strategy<Value = Vec<Segment>> {
    let one = (0.1..1.0_f64, 0.1..1.0_f64, -0.3..0.3_f64, -0.3..0.3_f64);
    prop::collection::vec(one, 4).prop_map(|drawn| {
        let sums = drawn.iter().fold((0.0, 0.0), |sums, one| (sums.0 + one.0, sums.1 + one.1));
        let segment = |(place, one): (usize, &(f64, f64, f64, f64))| Segment {
            name: place.to_string(),
            weight: one.0 / sums.0,
            benchmark_weight: one.1 / sums.1,
            result: one.2,
            benchmark_result: one.3,
        };
        drawn.iter().enumerate().map(segment).collect()
    })
}

proptest! {
    #[test]
    fn every_attribution_sums_to_the_result(trades in trades()) {
        let figures = trade_figures(&trades).unwrap();
        for by in [TradeTag::Strategy, TradeTag::Instrument, TradeTag::Sector, TradeTag::Side, TradeTag::Hour] {
            let table = attribute(&trades, by).unwrap();
            prop_assert_eq!(sum("rows", table.rows.iter().map(|row| row.net)).unwrap(), figures.net);
            prop_assert_eq!(sum("rows", table.rows.iter().map(|row| row.fees)).unwrap(), figures.fees);
            prop_assert_eq!(table.rows.iter().map(|row| row.trades).sum::<usize>(), trades.len());
            prop_assert_eq!(table.rows.iter().map(|row| row.wins).sum::<usize>(), figures.wins);
        }
    }

    #[test]
    fn brinsons_effects_explain_the_difference(periods in prop::collection::vec(segments(), 1..6)) {
        for segments in &periods {
            let one = brinson(segments).unwrap();
            prop_assert!((one.explained() - (one.portfolio - one.benchmark)).abs() < 1e-14);
        }
        let linked = brinson_linked(&periods).unwrap();
        prop_assert!((linked.explained() - (linked.portfolio - linked.benchmark)).abs() < 1e-9);
    }

    #[test]
    fn a_drawdown_lies_between_nothing_and_everything(returns in prop::collection::vec(-1.0..1.0_f64, 1..50)) {
        let depths = drawdown_series(Returns::new(&returns).unwrap());
        prop_assert!(depths.iter().all(|depth| (0.0..=1.0).contains(depth)));
    }
}
