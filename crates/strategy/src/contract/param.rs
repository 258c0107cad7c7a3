//! Parameters of a strategy: declared with default and range, so that a search knows where to look.

use super::{Row, StrategyError};

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Param {
    pub name: &'static str,
    pub about: &'static str,
    pub default: f64,
    pub low: f64,
    pub high: f64,
    pub is_whole: bool,
}

impl Param {
    #[must_use]
    pub const fn count(name: &'static str, about: &'static str, default: f64, low: f64, high: f64) -> Self {
        Self { name, about, default, low, high, is_whole: true }
    }

    #[must_use]
    pub const fn real(name: &'static str, about: &'static str, default: f64, low: f64, high: f64) -> Self {
        Self { name, about, default, low, high, is_whole: false }
    }
}

/// The values of all parameters of one strategy, checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Args {
    strategy: &'static str,
    params: &'static [Param],
    values: Vec<f64>,
}

impl Args {
    pub fn resolve<'a>(
        row: &'static Row,
        given: impl IntoIterator<Item = (&'a str, f64)>,
    ) -> Result<Self, StrategyError> {
        let mut values: Vec<f64> = row.params.iter().map(|param| param.default).collect();
        for (name, value) in given {
            let place = row.params.iter().position(|param| param.name == name);
            let slot = place.and_then(|place| values.get_mut(place));
            *slot.ok_or_else(|| StrategyError::UnknownParameter {
                strategy: row.name,
                name: name.to_owned(),
                has: row.params.iter().map(|param| param.name).collect::<Vec<_>>().join(", "),
            })? = value;
        }
        let args = Self { strategy: row.name, params: row.params, values };
        args.check(row)?;
        Ok(args)
    }

    fn check(&self, row: &Row) -> Result<(), StrategyError> {
        let strategy = self.strategy;
        for (param, &value) in self.params.iter().zip(&self.values) {
            let &Param { name, low, high, is_whole, .. } = param;
            if !(low..=high).contains(&value) {
                return Err(StrategyError::OutOfBounds { strategy, name, value, low, high });
            }
            if is_whole && value.fract() != 0.0 {
                return Err(StrategyError::NotWhole { strategy, name, value });
            }
        }
        for (less, more) in row.ordered {
            let (less_value, more_value) = (self.real(less), self.real(more));
            if less_value >= more_value {
                return Err(StrategyError::Order { strategy, less, more, less_value, more_value });
            }
        }
        Ok(())
    }

    /// A parameter that the row declares; zero for any other name.
    #[must_use]
    pub fn real(&self, name: &str) -> f64 {
        self.pairs().find(|(of, _)| *of == name).map_or(0.0, |(_, value)| value)
    }

    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a count was checked to be whole and within its range, which is not negative"
    )]
    pub fn count(&self, name: &str) -> usize {
        self.real(name) as usize
    }

    #[must_use]
    pub fn is_set(&self, name: &str) -> bool {
        self.real(name) != 0.0
    }

    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "checked to be whole and within its range")]
    pub fn whole(&self, name: &str) -> i64 {
        self.real(name) as i64
    }

    /// Every parameter by name, in the order of the row.
    pub fn pairs(&self) -> impl Iterator<Item = (&'static str, f64)> {
        self.params.iter().map(|param| param.name).zip(self.values.iter().copied())
    }
}
