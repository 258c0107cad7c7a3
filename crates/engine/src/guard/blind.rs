//! Inputs that a limit asked for and that were missing or too old. The order was refused; that is one thing. That
//! the house is blind there is another, and a person should know: an alert for each such input, until it has come
//! again or no limit asks for it. What only the order or its account lacks is no such input.

use crate::Engine;
use model::{AlertCause, Event, Input, LimitKind, Reject, RuleId, Scope, Severity};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Inputs told of at once; more are refused all the same.
const TOLD_MAX: usize = 64;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Blind {
    told: BTreeMap<Input, RuleId>,
    /// Met by the command at hand.
    met: Option<Input>,
}

impl Blind {
    #[inline]
    pub(crate) fn is_idle(&self) -> bool {
        self.met.is_none() && self.told.is_empty()
    }
}

impl Engine {
    /// An order was refused, perhaps for want of an input.
    #[cold]
    pub(crate) fn note_blindness(&mut self, reason: &Reject) {
        if let Reject::InputMissing { input } | Reject::InputTooOld { input, .. } = reason
            && scope_of(*input).is_some()
        {
            self.guard.blind.met = Some(*input);
        }
    }

    /// Tells of what is missing, and of what has come again.
    #[cold]
    pub(crate) fn look_for_inputs(&mut self, events: &mut Vec<Event>) {
        if let Some(input) = self.guard.blind.met.take()
            && let Some(scope) = scope_of(input)
            && self.guard.blind.told.len() < TOLD_MAX
            && !self.guard.blind.told.contains_key(&input)
        {
            let rule = self.raise(Severity::Warning, scope, AlertCause::InputMissing { input }, events);
            self.guard.blind.told.insert(input, rule);
            return;
        }
        self.see_again(|engine, input| engine.has_input(input), events);
    }

    /// A limit is gone: what it alone was blind for matters no more.
    pub(crate) fn resolve_unasked(&mut self, events: &mut Vec<Event>) {
        self.see_again(|engine, input| !engine.is_asked(input), events);
    }

    fn see_again(&mut self, sees: impl Fn(&Self, Input) -> bool, events: &mut Vec<Event>) {
        let told = self.guard.blind.told.iter();
        let again: Vec<(Input, RuleId)> =
            told.filter(|(input, _)| sees(self, **input)).map(|(input, rule)| (*input, *rule)).collect();
        for (input, rule) in again {
            self.guard.blind.told.remove(&input);
            self.resolve(Some(rule), events);
        }
    }

    /// Whether a limit stands that may need the input.
    fn is_asked(&self, input: Input) -> bool {
        let kind = match input {
            Input::Volatility(_) => LimitKind::VolatilityScaledSize,
            Input::AverageVolume(_) => LimitKind::VolumeShare,
            Input::Correlation { .. } => LimitKind::CorrelatedExposure,
            Input::ValueAtRisk(scope) => return self.has_limit(scope, LimitKind::ValueAtRisk),
            Input::ExpectedShortfall(scope) => return self.has_limit(scope, LimitKind::ExpectedShortfall),
            _ => return self.risk.is_on(),
        };
        self.risk.kept.limits.iter().any(|standing| standing.limit.kind == kind)
    }
}

fn scope_of(input: Input) -> Option<Scope> {
    Some(match input {
        Input::Price(instrument) | Input::Volatility(instrument) | Input::AverageVolume(instrument) => {
            Scope::Instrument(instrument)
        }
        Input::ValueAtRisk(scope) | Input::ExpectedShortfall(scope) => scope,
        Input::FxRate { .. } | Input::Correlation { .. } => Scope::House,
        Input::Depth(_) | Input::Equity(_) | Input::Confidence => return None,
    })
}
