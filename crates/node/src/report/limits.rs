//! Every limit that stands, and how much of it is used. What is used is asked of the engine by `what_if`, with
//! the smallest order of each account in what it holds, so it is the number that the next order would meet. A
//! limit that measures accounts one by one shows the one that uses most.

use engine::Engine;
use model::{
    AccountId, InstrumentId, Limit, LimitKind, LimitUse, Money, NewOrder, OrderType, Price, Qty, Reached,
    Reject, Scope, Side, Unit,
};
use std::collections::{BTreeMap, BTreeSet};

/// Pairs of account and instrument that are asked about.
const PROBES_MAX: usize = 20_000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitState {
    pub limit: Limit,
    pub used: Used,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Used {
    /// It looks at each order by itself.
    ByOrder,
    /// Nobody has anything on its way, or another limit on it that counts the same is tighter.
    Nothing,
    /// The most that is used, before any order.
    Reached(Reached),
    /// A loss in its window.
    Lost { lost: Option<Money>, most: Money, broken: bool },
    /// Why it cannot be said; orders that need it are refused for the same reason.
    Unknown(Reject),
}

pub(super) fn of(engine: &Engine) -> Vec<LimitState> {
    let limits: Vec<Limit> = engine.limits().map(|(limit, _)| limit).collect();
    let asked = limits.iter().any(|limit| stands(limit.kind));
    let uses = if asked { most_used(engine) } else { BTreeMap::new() };
    limits.into_iter().map(|limit| LimitState { limit, used: used(engine, &limit, &uses) }).collect()
}

fn used(engine: &Engine, limit: &Limit, uses: &BTreeMap<(Scope, LimitKind), Used>) -> Used {
    if let Some(loss) = engine.loss(limit.scope, limit.kind) {
        return Used::Lost { lost: loss.lost, most: loss.most, broken: loss.broken };
    }
    if !stands(limit.kind) {
        return Used::ByOrder;
    }
    uses.get(&(limit.scope, limit.kind)).cloned().unwrap_or(Used::Nothing)
}

/// Whether something of it is used while no order comes.
fn stands(kind: LimitKind) -> bool {
    use LimitKind::{
        DepthShare, MarketHours, MinConfidence, OrderNotional, OrderSize, PriceCollar, Restricted,
        VolatilityScaledSize, VolumeShare,
    };
    !matches!(
        kind,
        OrderSize
            | OrderNotional
            | PriceCollar
            | DepthShare
            | VolumeShare
            | VolatilityScaledSize
            | MinConfidence
            | Restricted
            | MarketHours
    )
}

fn most_used(engine: &Engine) -> BTreeMap<(Scope, LimitKind), Used> {
    let mut most: BTreeMap<(Scope, LimitKind), Used> = BTreeMap::new();
    for (account, instrument) in probes(engine) {
        for side in [Side::Buy, Side::Sell] {
            for LimitUse { at, kind, used } in
                engine.what_if(&probe(engine, account, instrument, side)).limits
            {
                let used = used.map_or_else(Used::Unknown, Used::Reached);
                let place = most.entry((at, kind)).or_insert_with(|| used.clone());
                if weight(&used) > weight(place) {
                    *place = used;
                }
            }
        }
    }
    most
}

/// What is not known comes before any number.
fn weight(used: &Used) -> (bool, i128) {
    match used {
        Used::Unknown(_) => (true, 0),
        Used::Reached(reached) => (false, before(reached)),
        _ => (false, 0),
    }
}

fn before(reached: &Reached) -> i128 {
    if reached.unit == Unit::None { 0 } else { reached.before() }
}

/// What accounts hold or have orders in; of those without any, the first instrument.
fn probes(engine: &Engine) -> Vec<(AccountId, InstrumentId)> {
    let held = engine.holdings().iter().map(|held| (held.account, held.instrument));
    let mut all: BTreeSet<_> = held.collect();
    let trades =
        |account: AccountId| all.range((account, InstrumentId(0))..).next().is_some_and(|at| at.0 == account);
    let instrument = engine.instruments().next().map(|_| InstrumentId(0));
    let idle: Vec<_> = (0..)
        .map(AccountId)
        .zip(engine.accounts())
        .filter(|(account, _)| !trades(*account))
        .filter_map(|(account, _)| Some((account, instrument?)))
        .collect();
    all.extend(idle);
    all.into_iter().take(PROBES_MAX).collect()
}

/// The smallest order that there is.
fn probe(engine: &Engine, account: AccountId, instrument: InstrumentId, side: Side) -> NewOrder {
    let listed = engine.instrument(instrument);
    let qty = listed.map_or(Qty(1), |listed| listed.qty_min.max(Qty(1)));
    let price = engine.reference_price(instrument).unwrap_or(Price(1));
    NewOrder::new(account, instrument, side, qty, OrderType::Limit { price })
}
