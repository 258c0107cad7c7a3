//! The parameters that are tried: a range and a step for each, within what the strategy declares.

use crate::error::BacktestError;
use crate::plan::Plan;
use sim::Dice;
use strategy::{Args, strategies};

#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    pub name: String,
    pub low: f64,
    pub high: f64,
    pub step: f64,
}

impl Axis {
    /// How many values it has.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked to be small and above zero"
    )]
    pub fn count(&self) -> usize {
        ((self.high - self.low) / self.step + 1e-9).floor().clamp(0.0, 1e6) as usize + 1
    }

    #[must_use]
    pub fn value(&self, place: usize) -> f64 {
        // Steps such as 0.1 add up to 0.30000000000000004; nobody wants to read that.
        let value = self.low + self.step * place as f64;
        (value * 1e9).round() / 1e9
    }
}

/// All axes, for one strategy of a plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Space {
    /// The strategy's place in the plan.
    pub strategy: usize,
    pub axes: Vec<Axis>,
}

/// A grid larger than this is a mistake.
const GRID_MAX: usize = 1_000_000;

impl Space {
    pub fn check(&self, plan: &Plan) -> Result<(), BacktestError> {
        let fault = |fault: String| BacktestError::config("search", fault);
        let of =
            plan.strategies.get(self.strategy).ok_or_else(|| fault("its strategy is unknown".to_owned()))?;
        let row = strategies::find(&of.kind)?;
        for axis in &self.axes {
            let Axis { name, low, high, step } = axis;
            let known = row.params.iter().any(|param| param.name == *name);
            if !known {
                return Err(fault(format!("{} has no parameter {name}", row.name)));
            }
            if !(low <= high && *step > 0.0 && (high - low).is_finite()) {
                return Err(fault(format!(
                    "{name} goes from {low} to {high} by {step}: give low, high and a step above 0"
                )));
            }
        }
        let size = self.axes.iter().map(Axis::count).try_fold(1_usize, usize::checked_mul);
        match size {
            Some(1..=GRID_MAX) if !self.axes.is_empty() => Ok(()),
            Some(_) if self.axes.is_empty() => {
                Err(fault("there is nothing to vary: name a parameter".to_owned()))
            }
            _ => {
                Err(fault(format!("more than {GRID_MAX} combinations: widen the steps, or search at random")))
            }
        }
    }

    /// Every combination that the strategy accepts, the last axis fastest.
    #[must_use]
    pub fn grid(&self, plan: &Plan) -> Vec<Vec<f64>> {
        let mut places = vec![0; self.axes.len()];
        let mut all = Vec::new();
        loop {
            let values = self.values(&places);
            if self.is_valid(plan, &values) {
                all.push(values);
            }
            let mut at = self.axes.len();
            loop {
                if at == 0 {
                    return all;
                }
                at -= 1;
                places[at] += 1;
                if places[at] < self.axes[at].count() {
                    break;
                }
                places[at] = 0;
            }
        }
    }

    /// A combination by chance that the strategy accepts; none where it is hard to find one.
    pub fn draw(&self, plan: &Plan, dice: &mut Dice) -> Option<Vec<f64>> {
        (0..1_000).find_map(|_| {
            let places: Vec<usize> = self.axes.iter().map(|axis| place(dice, axis.count())).collect();
            Some(self.values(&places)).filter(|values| self.is_valid(plan, values))
        })
    }

    fn values(&self, places: &[usize]) -> Vec<f64> {
        self.axes.iter().zip(places).map(|(axis, place)| axis.value(*place)).collect()
    }

    #[must_use]
    pub fn is_valid(&self, plan: &Plan, values: &[f64]) -> bool {
        let Some(of) = plan.strategies.get(self.strategy) else { return false };
        let Ok(row) = strategies::find(&of.kind) else { return false };
        let fixed = of.params.iter().map(|(name, value)| (name.as_str(), *value));
        let tried = self.axes.iter().zip(values).map(|(axis, value)| (axis.name.as_str(), *value));
        Args::resolve(row, fixed.chain(tried)).is_ok()
    }

    /// The plan with these values in place of its own, without what only a report needs.
    #[must_use]
    pub fn plan(&self, plan: &Plan, values: &[f64]) -> Plan {
        let mut tried = plan.clone();
        if let Some(of) = tried.strategies.get_mut(self.strategy) {
            of.params.retain(|(name, _)| self.axes.iter().all(|axis| axis.name != *name));
            of.params.extend(self.axes.iter().zip(values).map(|(axis, value)| (axis.name.clone(), *value)));
        }
        tried
    }
}

/// A place below `count`.
pub(crate) fn place(dice: &mut Dice, count: usize) -> usize {
    let last = i64::try_from(count.saturating_sub(1)).unwrap_or(i64::MAX);
    usize::try_from(dice.between(0, last)).unwrap_or(0)
}
