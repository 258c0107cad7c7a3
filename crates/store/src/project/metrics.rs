//! What each account was worth at the end of each day on which anything happened, in its own currency, and what
//! it made since the day before: money that came in or went out is no profit. A price that is not known counts
//! nothing. Absent: statistics that need roots; they are computed where floats are allowed.

use super::amount::mul_div;
use super::state::State;
use crate::value::Value;
use model::{AccountId, AssetId, Money, Time};
use std::collections::{BTreeMap, HashMap};

pub(crate) const DAY_NS: i64 = 86_400_000_000_000;
const MILLION: i128 = 1_000_000;

#[derive(Debug, Default)]
pub(super) struct Metrics {
    /// Days since 1970.
    pub(super) day: Option<i64>,
    /// Of this day.
    flows: HashMap<(AccountId, AssetId), i128>,
    pub(super) past: HashMap<AccountId, Past>,
}

/// How an account stood the last time, returns in millionths.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Past {
    pub(super) value: i128,
    pub(super) deposits: i128,
    pub(super) cumulative: i128,
}

#[derive(Clone, Copy, Debug, Default)]
struct Worth {
    value: i128,
    unrealised: i128,
    realised: i128,
    flow: i128,
}

impl Metrics {
    pub(super) fn flow(&mut self, account: AccountId, asset: AssetId, amount: i128) -> Option<()> {
        let flow = self.flows.entry((account, asset)).or_default();
        *flow = flow.checked_add(amount)?;
        Some(())
    }
}

pub(super) fn day_of(time: Time) -> i64 {
    time.0.div_euclid(DAY_NS)
}

impl State {
    /// The first record of a later day closes the day before it.
    pub(super) fn close_days(&mut self) -> Option<()> {
        let today = day_of(self.now.time);
        let Some(day) = self.metrics.day.replace(today).filter(|day| *day < today) else { return Some(()) };
        let rates = self.rates();
        let mut worths: BTreeMap<AccountId, Worth> = BTreeMap::new();
        for ((account, asset), balance) in self.ledger.balances.iter() {
            let value = self.in_currency(&rates, account, asset, balance.total);
            let worth = worths.entry(account).or_default();
            worth.value = worth.value.saturating_add(value);
        }
        for ((account, asset), flow) in std::mem::take(&mut self.metrics.flows) {
            let value = self.in_currency(&rates, account, asset, flow);
            let worth = worths.entry(account).or_default();
            worth.flow = worth.flow.saturating_add(value);
        }
        for ((account, instrument), position) in self.ledger.positions.iter() {
            let Some((market, of)) = self.market(instrument).zip(self.accounts.get(&account)) else {
                continue;
            };
            let now = market.fair().and_then(|price| market.value(price, position.qty));
            let open = now.map_or(0, |now| now.saturating_sub(position.cost));
            let open = self.in_currency(&rates, account, market.quote, open);
            let realised = self.in_currency(&rates, account, market.quote, position.realised);
            let worth = worths.entry(account).or_default();
            worth.unrealised = worth.unrealised.saturating_add(open);
            worth.realised = worth.realised.saturating_add(realised);
            if of.on_margin {
                worth.value = worth.value.saturating_add(open);
            }
        }
        let end = Time(day.saturating_add(1).saturating_mul(DAY_NS));
        for (account, worth) in worths {
            self.close(account, &worth, end);
        }
        Some(())
    }

    fn close(&mut self, account: AccountId, worth: &Worth, end: Time) {
        let Some(user) = self.accounts.get(&account).map(|account| account.user) else { return };
        let past = self.metrics.past.entry(account).or_default();
        let gain = worth.value.saturating_sub(past.value).saturating_sub(worth.flow);
        // On the day money first came, what it made is measured against what came.
        let basis = if past.value > 0 { past.value } else { worth.flow };
        let daily = if basis > 0 { mul_div(gain, MILLION, basis) } else { None };
        let grown =
            |daily| mul_div(MILLION.saturating_add(past.cumulative), MILLION.saturating_add(daily), MILLION);
        let cumulative = daily.and_then(grown).map_or(past.cumulative, |all| all.saturating_sub(MILLION));
        let deposits = past.deposits.saturating_add(worth.flow);
        *past = Past { value: worth.value, deposits, cumulative };
        self.batch.metrics.push(vec![
            end.into(),
            user.into(),
            account.into(),
            Money(worth.value).into(),
            Money(worth.unrealised).into(),
            Money(worth.realised).into(),
            Money(deposits).into(),
            daily.map(millionths).into(),
            millionths(cumulative).into(),
            Value::Null,
            Value::Null,
            Value::Null,
        ]);
    }

    /// What one unit of each asset costs in others, by the first market that says so.
    fn rates(&self) -> HashMap<(AssetId, AssetId), Money> {
        let mut markets: Vec<_> = self.markets.iter().collect();
        markets.sort_unstable_by_key(|(instrument, _)| std::cmp::Reverse(*instrument));
        let mut rates = HashMap::new();
        for market in markets.into_iter().filter_map(|(_, market)| market.as_deref()) {
            let price = market.fair().and_then(|price| price.to_money(market.tick));
            if let Some((base, price)) = market.base.filter(|_| market.delivered).zip(price) {
                rates.insert((base, market.quote), price);
            }
        }
        rates
    }

    fn in_currency(
        &self,
        rates: &HashMap<(AssetId, AssetId), Money>,
        account: AccountId,
        asset: AssetId,
        amount: i128,
    ) -> i128 {
        let Some(currency) = self.accounts.get(&account).map(|account| account.currency) else { return 0 };
        if currency == asset {
            return amount;
        }
        let rate = rates.get(&(asset, currency));
        rate.and_then(|rate| mul_div(amount, rate.0, Money::ONE.0)).unwrap_or(0)
    }
}

fn millionths(count: i128) -> Money {
    Money(count.saturating_mul(Money::ONE.0 / MILLION))
}
