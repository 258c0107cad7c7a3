//! What a person should know: raised with its numbers, acknowledged by somebody, resolved when what raised it
//! is over. The newest are kept; what is resolved makes room first, then what was acknowledged.

use crate::Engine;
use model::{Alert, AlertCause, AlertState, Because, Event, Reject, RuleId, Scope, Severity};
use serde::{Deserialize, Serialize};

const ALERTS_MAX: usize = 1024;

/// Oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Alerts(pub(crate) Vec<Alert>);

impl Alerts {
    fn make_room(&mut self) {
        if self.0.len() < ALERTS_MAX {
            return;
        }
        let first = |state| self.0.iter().position(|alert| alert.state == state);
        let out = first(AlertState::Resolved).or_else(|| first(AlertState::Acknowledged)).unwrap_or(0);
        self.0.remove(out);
    }

    fn find(&mut self, rule: RuleId) -> Option<&mut Alert> {
        self.0.iter_mut().find(|alert| alert.rule == rule)
    }
}

impl Engine {
    pub(super) fn next_rule(&mut self) -> RuleId {
        self.guard.rules_made = self.guard.rules_made.wrapping_add(1);
        RuleId(self.guard.rules_made)
    }

    pub(super) fn raise(
        &mut self,
        severity: Severity,
        scope: Scope,
        cause: AlertCause,
        events: &mut Vec<Event>,
    ) -> RuleId {
        let rule = self.next_rule();
        let alert = Alert { rule, severity, scope, cause, state: AlertState::Open, at: self.time };
        self.guard.alerts.make_room();
        self.guard.alerts.0.push(alert);
        events.push(Event::AlertOpened(Box::new(alert)));
        rule
    }

    /// What raised it is over.
    pub(super) fn resolve(&mut self, rule: Option<RuleId>, events: &mut Vec<Event>) {
        let alert = rule.and_then(|rule| self.guard.alerts.find(rule));
        if let Some(alert) = alert.filter(|alert| alert.state != AlertState::Resolved) {
            alert.state = AlertState::Resolved;
            events.push(Event::AlertResolved { rule: alert.rule });
        }
    }

    pub(crate) fn acknowledge(&mut self, rule: RuleId, because: &Because) -> Result<Event, Reject> {
        self.check_user(because.user)?;
        let alert = self.guard.alerts.find(rule).ok_or(Reject::UnknownRule { rule })?;
        if alert.state != AlertState::Open {
            return Err(Reject::BadStateChange);
        }
        alert.state = AlertState::Acknowledged;
        Ok(Event::AlertAcknowledged { rule })
    }
}
