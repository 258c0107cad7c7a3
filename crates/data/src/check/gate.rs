//! Whether the data of one instrument may be trusted at this moment. It begins closed: nothing known is no
//! reason to trade. A tainting fault or silence closes it; enough clean rows in a row open it.

use super::RowFault;
use model::Time;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GatePolicy {
    /// Rows without a tainting fault that open the gate again.
    pub clean_rows: u32,
    /// Silence that closes it.
    pub silence_ns_max: i64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gate {
    policy: GatePolicy,
    clean: u32,
    latest: Option<Time>,
    halted: Option<GateHalt>,
    /// What the last turn told: open or not.
    told_open: bool,
}

/// A gate opens or closes: what becomes a command that halts an instrument or lets it trade again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GateTurn {
    Open,
    Closed(GateHalt),
}

/// Why a gate is closed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GateHalt {
    #[error("no data yet")]
    NoData,
    #[error("no data since {since}")]
    Silent { since: Time },
    #[error("at {at}: {fault}")]
    Fault { at: Time, fault: RowFault },
}

impl Gate {
    #[must_use]
    pub fn new(policy: GatePolicy) -> Self {
        Self { policy, clean: 0, latest: None, halted: Some(GateHalt::NoData), told_open: false }
    }

    /// Takes what the checker found in a row of `time`.
    pub fn row(&mut self, time: Time, faults: &[RowFault]) {
        let silent =
            self.latest.is_some_and(|latest| time.0.saturating_sub(latest.0) > self.policy.silence_ns_max);
        if silent {
            self.clean = 0;
            self.halted = self.latest.map(|since| GateHalt::Silent { since });
        }
        self.latest = Some(self.latest.map_or(time, |latest| latest.max(time)));
        if let Some(fault) = faults.iter().find(|fault| fault.taints()) {
            self.clean = 0;
            self.halted = Some(GateHalt::Fault { at: time, fault: fault.clone() });
            return;
        }
        self.clean = self.clean.saturating_add(1);
        if self.clean >= self.policy.clean_rows {
            self.halted = None;
        }
    }

    /// Whether the gate has opened or closed since this was last asked; a new gate counts as closed. To be
    /// asked after each row and, as silence makes no rows, by a timer.
    pub fn turn(&mut self, now: Time) -> Option<GateTurn> {
        let state = self.at(now);
        if state.is_ok() == self.told_open {
            return None;
        }
        self.told_open = state.is_ok();
        Some(match state {
            Ok(()) => GateTurn::Open,
            Err(halt) => GateTurn::Closed(halt),
        })
    }

    /// Ok, or why not, at `now`.
    pub fn at(&self, now: Time) -> Result<(), GateHalt> {
        if let Some(halt) = &self.halted {
            return Err(halt.clone());
        }
        match self.latest {
            Some(since) if now.0.saturating_sub(since.0) <= self.policy.silence_ns_max => Ok(()),
            Some(since) => Err(GateHalt::Silent { since }),
            None => Err(GateHalt::NoData),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closed_until_proven_and_after_any_fault() {
        let mut gate = Gate::new(GatePolicy { clean_rows: 2, silence_ns_max: 100 });
        assert_eq!(gate.at(Time(0)), Err(GateHalt::NoData));
        gate.row(Time(10), &[]);
        assert!(gate.at(Time(10)).is_err(), "one row proves little");
        gate.row(Time(20), &[]);
        assert_eq!(gate.at(Time(120)), Ok(()));
        assert_eq!(gate.at(Time(121)), Err(GateHalt::Silent { since: Time(20) }));
        let fault = RowFault::Crossed { bid: 2, ask: 1 };
        gate.row(Time(30), std::slice::from_ref(&fault));
        assert_eq!(gate.at(Time(30)), Err(GateHalt::Fault { at: Time(30), fault }));
        gate.row(Time(40), &[RowFault::Duplicate]);
        gate.row(Time(50), &[]);
        assert_eq!(gate.at(Time(50)), Ok(()), "a duplicate taints no price");
        gate.row(Time(500), &[]);
        assert_eq!(gate.at(Time(500)), Err(GateHalt::Silent { since: Time(50) }), "one row after silence");
        gate.row(Time(501), &[]);
        assert_eq!(gate.at(Time(501)), Ok(()));
    }

    #[test]
    fn each_turn_is_told_once() {
        let mut gate = Gate::new(GatePolicy { clean_rows: 1, silence_ns_max: 100 });
        assert_eq!(gate.turn(Time(0)), None, "closed from the start");
        gate.row(Time(10), &[]);
        assert_eq!(gate.turn(Time(10)), Some(GateTurn::Open));
        gate.row(Time(20), &[]);
        assert_eq!(gate.turn(Time(20)), None);
        let silent = GateTurn::Closed(GateHalt::Silent { since: Time(20) });
        assert_eq!((gate.turn(Time(121)), gate.turn(Time(122))), (Some(silent), None));
        gate.row(Time(130), &[RowFault::BadBar]);
        assert_eq!(gate.turn(Time(130)), None, "closed already");
        gate.row(Time(140), &[]);
        assert_eq!(gate.turn(Time(140)), Some(GateTurn::Open));
    }
}
