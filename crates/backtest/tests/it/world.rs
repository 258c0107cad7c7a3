//! Plans to run: the crossover that other engines were measured with, and strategies with drawn parameters.

use backtest::{AccountPlan, Feed, MarketPlan, Plan, StrategyPlan};
use model::{AccountKind, Bar, Fees, InstrumentClass, Money, Rate};
use sim::Rules;
use std::sync::Arc;

pub fn cents() -> Money {
    Money(Money::ONE.0 / 100)
}

pub fn units(count: i128) -> Money {
    Money(Money::ONE.0 * count)
}

pub fn market(symbol: &str, bars: Vec<Bar>) -> MarketPlan {
    MarketPlan {
        class: InstrumentClass::Equity,
        tick: cents(),
        fees: Fees { maker: Rate(1_000_000), taker: Rate(1_000_000), ..Fees::default() },
        ..MarketPlan::new(symbol, Feed::Bars(Arc::from(bars)))
    }
}

pub fn strategy(kind: &str, params: &[(&str, f64)]) -> StrategyPlan {
    StrategyPlan {
        name: kind.to_owned(),
        kind: kind.to_owned(),
        account: 0,
        markets: vec![0],
        params: params.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect(),
        made: None,
    }
}

pub fn account(name: &str, kind: AccountKind) -> AccountPlan {
    AccountPlan { name: name.to_owned(), kind, currency: "USD".to_owned(), cash: units(1_000_000) }
}

pub fn plan(markets: Vec<MarketPlan>, strategies: Vec<StrategyPlan>) -> Plan {
    Plan {
        name: "test".to_owned(),
        markets,
        accounts: vec![account("main", AccountKind::Cash)],
        strategies,
        rules: Rules::default(),
        limits: Vec::new(),
        benchmark: Vec::new(),
        trade_from: None,
        trades_kept: Plan::TRADES_KEPT,
        points_kept: Plan::POINTS_KEPT,
    }
}
