//! The words of watching: alerts with the numbers that raised them, and the stages of an account's margin.

use crate::{
    AccountId, AssetId, BreakerWatch, Input, LimitKind, Money, Policy, RuleId, Scope, Severity, Time,
};
use serde::{Deserialize, Serialize};

/// Something that a person should know, and what became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// Its number; alerts and breakers are counted together.
    pub rule: RuleId,
    pub severity: Severity,
    pub scope: Scope,
    pub cause: AlertCause,
    pub state: AlertState,
    pub at: Time,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AlertCause {
    /// More was lost than the limit allows.
    Loss {
        kind: LimitKind,
        asset: AssetId,
        loss: Money,
        limit: Money,
        policy: Policy,
    },
    /// What is watched cannot be valued: a price or a rate is missing.
    Unvalued {
        kind: LimitKind,
    },
    /// What the breaker found.
    Breaker {
        breaker: RuleId,
        found: BreakerWatch,
        policy: Policy,
    },
    MarginCall {
        asset: AssetId,
        equity: Money,
        initial: Money,
    },
    Liquidation {
        asset: AssetId,
        equity: Money,
        maintenance: Money,
    },
    /// The house paid what the account could not.
    Shortfall {
        asset: AssetId,
        amount: Money,
    },
    /// A book sends no heartbeats any more.
    Silent {
        policy: Policy,
    },
    /// A limit needs it, and it is missing or too old.
    InputMissing {
        input: Input,
    },
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum AlertState {
    #[default]
    Open,
    Acknowledged,
    /// What raised it is over.
    Resolved,
}

/// How an account stands in one asset that its positions are settled in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum MarginStage {
    #[default]
    Sound,
    /// Below initial margin: nothing new is opened.
    Called,
    /// Below maintenance margin: positions are reduced until it is sound.
    Liquidating,
}

/// How an account stands in one asset, in numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarginState {
    pub account: AccountId,
    pub asset: AssetId,
    pub stage: MarginStage,
    /// Cash and unrealised profit.
    pub equity: Money,
    /// At the present prices.
    pub initial: Money,
    pub maintenance: Money,
}
