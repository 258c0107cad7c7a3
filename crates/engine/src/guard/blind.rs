//! Inputs that a limit asked for and that were missing or too old. The order was refused; that is one thing. That
//! the house is blind there is another, and a person should know: an alert for each such input, until it has come
//! again. What only the order or its account lacks is no such input.

use crate::Engine;
use model::{AlertCause, Event, Input, Reject, RuleId, Scope, Severity};
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
        let told = self.guard.blind.told.iter();
        let back: Vec<(Input, RuleId)> =
            told.filter(|(input, _)| self.has_input(**input)).map(|(input, rule)| (*input, *rule)).collect();
        for (input, rule) in back {
            self.guard.blind.told.remove(&input);
            self.resolve(Some(rule), events);
        }
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
