//! How the pretend venue behaves: every model and its numbers, in one place, checked before anything runs.

use crate::auction::Session;
use crate::delay::Latency;
use crate::depth::Impact;
use crate::fee::FeeTable;
use crate::path::Path;
use crate::queue::Queue;
use crate::slip::Slippage;
use model::Time;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Where a market order fills when only bars are known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BarFill {
    /// At the open of the bar after the one on whose close it was sent: what could have been done.
    #[default]
    NextOpen,
    /// At that very close: what could not.
    Close,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rules {
    pub seed: u64,
    pub fill: BarFill,
    pub path: Path,
    pub queue: Queue,
    pub latency: Latency,
    pub slippage: Slippage,
    pub impact: Impact,
    /// At most this share of a bar's volume is ours; without it the market has as much as is asked for.
    pub volume_share_max: Option<f64>,
    pub faults: Faults,
    pub halts: Vec<Halt>,
    /// The hours of trading, which say when auctions are.
    pub session: Option<Session>,
    /// In place of the fees of the instrument.
    pub fees: Option<FeeTable>,
}

/// What goes wrong, and how often.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Faults {
    /// A new order is refused.
    pub reject: f64,
    /// A request is lost on its way, and the venue says nothing.
    pub lose: f64,
    /// A report comes twice.
    pub repeat: f64,
    /// A limit order that is touched is not filled: somebody was faster.
    pub miss: f64,
}

/// Nothing trades and nothing new is taken from `from` until `until`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Halt {
    pub from: Time,
    pub until: Time,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum RulesError {
    #[error("a delay must not be below zero, and measured delays must not be empty")]
    Delay,
    #[error("slippage must be a number from zero")]
    Slippage,
    #[error("the power of a queue must be above zero")]
    Queue,
    #[error("the share of volume must lie above zero and at most at one")]
    VolumeShare,
    #[error("the probability of a fault must lie from zero to one")]
    Fault,
    #[error("a halt must end after it begins")]
    Halt,
    #[error("a session opens before it closes, within one day of UTC")]
    Session,
    #[error("the time in which liquidity comes back must not be below zero")]
    Impact,
}

impl Rules {
    pub fn check(&self) -> Result<(), RulesError> {
        let Latency { feed, order, report } = &self.latency;
        let Faults { reject, lose, repeat, miss } = self.faults;
        let share = |share: f64| share > 0.0 && share <= 1.0;
        let faults = [
            (feed.is_sane() && order.is_sane() && report.is_sane(), RulesError::Delay),
            (self.slippage.is_sane(), RulesError::Slippage),
            (self.queue.is_sane(), RulesError::Queue),
            (self.volume_share_max.is_none_or(share), RulesError::VolumeShare),
            (
                [reject, lose, repeat, miss].iter().all(|chance| (0.0..=1.0).contains(chance)),
                RulesError::Fault,
            ),
            (self.halts.iter().all(|halt| halt.from < halt.until), RulesError::Halt),
            (self.session.is_none_or(Session::is_sane), RulesError::Session),
            (self.impact.is_sane(), RulesError::Impact),
        ];
        faults.into_iter().find(|(sane, _)| !sane).map_or(Ok(()), |(_, error)| Err(error))
    }

    pub(crate) fn is_halted(&self, now: Time) -> bool {
        self.halts.iter().any(|halt| halt.from <= now && now < halt.until)
    }
}
