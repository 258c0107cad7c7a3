//! What limits cost: the flow of `apply` on one symbol with every kind of limit at every level of the tree, next
//! to the same flow without any. Every limit is wide enough to let the flow pass, and every input is fresh, so
//! that each order is measured against all of them. The trades must be the same.

use crate::apply::apply_all;
use crate::measure::{Latency, Pinned, median, timed};
use crate::traffic::Traffic;
use crate::{Figure, Options};
use engine::Engine;
use model::{
    AccountId, AssetId, Because, BookId, Command, Event, InputKind, InstrumentId, Limit, LimitKind,
    LimitValue, Mark, Money, Name, Policy, Price, Qty, Rate, Scope, Setting, Stamped, Statistic, UserId,
    VenueId,
};
use std::hint::black_box;

pub(crate) fn run(options: &Options) -> Vec<Figure> {
    let _pinned = Pinned::new();
    let traffic = Traffic::with_confidence(1, options.n.min(2_000_000), 42);
    let plain_mps = rate(&traffic, options.runs, |traffic| traffic.engine());
    let all_mps = rate(&traffic, options.runs, limited);
    let [plain_p50, plain_p99] = latency(&traffic, traffic.engine());
    let [all_p50, all_p99] = latency(&traffic, limited(&traffic));
    vec![
        Figure::new("risk_none_mps", plain_mps, "M/s"),
        Figure::new("risk_all_mps", all_mps, "M/s").at_least(2.5),
        Figure::new("risk_none_p99_ns", plain_p99, "ns"),
        Figure::new("risk_all_p99_ns", all_p99, "ns"),
        Figure::new("risk_added_p50_ns", all_p50 - plain_p50, "ns"),
        Figure::new("risk_added_p99_ns", all_p99 - plain_p99, "ns").at_most(2000.0),
    ]
}

/// The engine after the setup, with all limits.
fn limited(traffic: &Traffic) -> Engine {
    let mut engine = traffic.engine();
    let mut events = Vec::new();
    for command in limits(&engine) {
        let stamped = Stamped { seq: engine.seq() + 1, time: engine.time(), command };
        engine.apply(&stamped, &mut events);
    }
    let refused = |event: &&Event| matches!(event, Event::CommandRejected { .. });
    assert_eq!(events.iter().find(refused), None, "every limit stands");
    engine
}

/// Millions of commands a second.
fn rate(traffic: &Traffic, runs: usize, start: impl Fn(&Traffic) -> Engine) -> f64 {
    let rates = (0..runs.max(1)).map(|_| {
        let (mut engine, mut events) = (start(traffic), Vec::with_capacity(1 << 12));
        let seconds = timed(|| apply_all(&mut engine, &traffic.flow, &mut events));
        black_box(engine.seq());
        traffic.flow.len() as f64 / seconds / 1e6
    });
    median(rates.collect())
}

/// Of new and changed orders alone: what is cancelled passes no check.
fn latency(traffic: &Traffic, mut engine: Engine) -> [f64; 2] {
    let mut events = Vec::with_capacity(1 << 12);
    let mut latency = Latency::new(traffic.flow.len());
    for (at, stamped) in traffic.flow.iter().enumerate() {
        events.clear();
        let mut step = || {
            engine.foresee_in(&traffic.flow, at);
            engine.apply(stamped, &mut events);
        };
        match stamped.command {
            Command::PlaceOrder(_) | Command::ModifyOrder(_) => latency.step(step),
            _ => step(),
        }
    }
    black_box(engine.seq());
    latency.quantiles([500, 990])
}

/// Every kind at every level that the flow passes, and the inputs that they need.
fn limits(engine: &Engine) -> Vec<Command> {
    let because = Because { user: UserId(0), reason: name("bench") };
    let day = 86_400_000_000_000;
    let (usdt, instrument, price) = (AssetId(0), InstrumentId(0), Price(100_000));
    let mut all = vec![
        Command::Configure(Setting::AgeMax { input: InputKind::Price, ns: day }),
        Command::Mark(Mark { instrument, price }),
        Command::Statistic(Statistic::Volatility { instrument, value: Rate(500_000_000) }),
        Command::Statistic(Statistic::AverageVolume { instrument, value: Qty(1 << 40) }),
    ];
    for scope in scopes(engine, instrument) {
        let value = Money(Money::ONE.0);
        all.push(Command::Statistic(Statistic::ValueAtRisk { scope, asset: usdt, value }));
        all.push(Command::Statistic(Statistic::ExpectedShortfall { scope, asset: usdt, value }));
        let limit = |(kind, value)| {
            let limit = Box::new(Limit { scope, kind, value, policy: Policy::Alert });
            Command::SetLimit { limit, because }
        };
        all.extend(values(usdt).into_iter().map(limit));
    }
    all
}

/// Wide enough for the flow, which trades a little beside what its accounts own. A restriction has no width: it
/// stands where the flow does not go.
fn values(asset: AssetId) -> Vec<(LimitKind, LimitValue)> {
    let ratio = LimitValue::Ratio(Rate(900_000_000_000));
    let amount = LimitValue::Amount { asset, amount: Money(Money::ONE.0 * 1_000_000_000) };
    let (qty, count) = (LimitValue::Qty(Qty(1 << 50)), LimitValue::Count(60_000_000));
    vec![
        (LimitKind::OrderSize, qty),
        (LimitKind::OrderNotional, amount),
        (LimitKind::PriceCollar, ratio),
        (LimitKind::PositionNet, qty),
        (LimitKind::PositionGross, qty),
        (LimitKind::Leverage, ratio),
        (LimitKind::InstrumentConcentration, ratio),
        (LimitKind::SectorConcentration, ratio),
        (LimitKind::ClassConcentration, ratio),
        (LimitKind::Allocation, ratio),
        (LimitKind::SymbolExposure, ratio),
        (LimitKind::CorrelatedExposure, ratio),
        (LimitKind::VolatilityScaledSize, ratio),
        (LimitKind::VolumeShare, ratio),
        (LimitKind::DepthShare, ratio),
        (LimitKind::ValueAtRisk, amount),
        (LimitKind::ExpectedShortfall, amount),
        (LimitKind::Positions, count),
        (LimitKind::OpenOrders, count),
        (LimitKind::OrdersPerMinute, LimitValue::Count(u32::MAX)),
        (LimitKind::TradesPerDay, count),
        (LimitKind::MinConfidence, LimitValue::Ratio(Rate(500_000_000))),
        (LimitKind::MarketHours, LimitValue::Yes),
    ]
}

fn scopes(engine: &Engine, instrument: InstrumentId) -> Vec<Scope> {
    let mut all =
        vec![Scope::House, Scope::User(UserId(0)), Scope::Instrument(instrument), Scope::Venue(VenueId(0))];
    let accounts = (0..).map(AccountId).zip(engine.accounts()).map(|(account, _)| account);
    all.extend(
        accounts.flat_map(|account| [Scope::Account(account), Scope::AccountInstrument(account, instrument)]),
    );
    all.extend((0..).map(BookId).zip(engine.books()).map(|(book, _)| Scope::Book(book)));
    all
}

fn name(text: &str) -> Name {
    Name::new(text).unwrap_or_else(|error| unreachable!("{error}"))
}

#[cfg(test)]
mod tests {
    use super::limited;
    use crate::traffic::Traffic;
    use model::Event;

    #[test]
    fn wide_limits_change_no_trade() {
        let traffic = Traffic::with_confidence(1, 50_000, 42);
        let (mut plain, mut limited) = (traffic.engine(), limited(&traffic));
        let (mut expected, mut came) = (Vec::new(), Vec::new());
        for stamped in &traffic.flow {
            expected.clear();
            came.clear();
            plain.apply(stamped, &mut expected);
            limited.apply(stamped, &mut came);
            assert_eq!(came, expected);
            assert!(!came.iter().any(|event| matches!(event, Event::OrderRejected { .. })));
        }
        assert_eq!(limited.check(), Ok(()));
    }
}
