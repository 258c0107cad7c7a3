//! Parameters: declared with default and bounds, given by name, resolved once.

use super::{Error, Spec};

/// The longest window of any indicator, so that memory is bounded.
pub const PERIOD_MAX: f64 = 10_000.0;

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Param {
    pub name: &'static str,
    pub default: f64,
    pub min: f64,
    pub max: f64,
    pub is_whole: bool,
}

/// A count of inputs called `period`.
pub(super) const fn period(default: f64, min: f64) -> Param {
    count("period", default, min)
}

pub(super) const fn count(name: &'static str, default: f64, min: f64) -> Param {
    Param { name, default, min, max: PERIOD_MAX, is_whole: true }
}

pub(super) const fn real(name: &'static str, default: f64, min: f64, max: f64) -> Param {
    Param { name, default, min, max, is_whole: false }
}

/// The length of a trading session and where it begins, in seconds of UTC.
pub(super) const SESSION: [Param; 2] = [
    Param { name: "session_seconds", default: 86_400.0, min: 60.0, max: 31_622_400.0, is_whole: true },
    Param { name: "offset_seconds", default: 0.0, min: -86_400.0, max: 86_400.0, is_whole: true },
];

/// The values of all parameters of one indicator, checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Args {
    spec: &'static Spec,
    values: Vec<f64>,
}

impl Args {
    pub(super) fn resolve(spec: &'static Spec, given: &[(&str, f64)]) -> Result<Self, Error> {
        let mut values: Vec<Option<f64>> = vec![None; spec.params.len()];
        for (name, value) in given {
            let known = spec.params.iter().zip(&mut values).find(|(param, _)| param.name == *name);
            let Some((param, slot)) = known else {
                return Err(Error::UnknownParameter {
                    indicator: spec.name,
                    name: (*name).to_owned(),
                    has: spec.params.iter().map(|param| param.name).collect::<Vec<_>>().join(", "),
                });
            };
            if slot.replace(*value).is_some() {
                return Err(Error::GivenTwice { indicator: spec.name, name: param.name });
            }
        }
        let values =
            spec.params.iter().zip(values).map(|(param, value)| value.unwrap_or(param.default)).collect();
        let args = Self { spec, values };
        args.check()?;
        Ok(args)
    }

    fn check(&self) -> Result<(), Error> {
        let indicator = self.spec.name;
        for (param, &value) in self.spec.params.iter().zip(&self.values) {
            let &Param { name, min, max, is_whole, .. } = param;
            if !(min..=max).contains(&value) {
                return Err(Error::OutOfBounds { indicator, name, value, min, max });
            }
            if is_whole && value.fract() != 0.0 {
                return Err(Error::NotWhole { indicator, name, value });
            }
        }
        for (less, more) in self.spec.ordered {
            let (less_value, more_value) = (self.named(less), self.named(more));
            if less_value >= more_value {
                return Err(Error::Order { indicator, less, more, less_value, more_value });
            }
        }
        Ok(())
    }

    fn named(&self, name: &str) -> f64 {
        let found = self.spec.params.iter().zip(&self.values).find(|(param, _)| param.name == name);
        found.map_or(f64::NAN, |(_, value)| *value)
    }

    #[must_use]
    pub fn spec(&self) -> &'static Spec {
        self.spec
    }

    /// Every parameter by name, in the order of the row.
    pub fn pairs(&self) -> impl Iterator<Item = (&'static str, f64)> {
        self.spec.params.iter().map(|param| param.name).zip(self.values.iter().copied())
    }

    /// The parameter at this place of the row.
    pub(super) fn real(&self, at: usize) -> f64 {
        self.values.get(at).copied().unwrap_or_default()
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a count was checked to be whole and within its bounds, which are not negative"
    )]
    pub(super) fn count(&self, at: usize) -> usize {
        self.real(at) as usize
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "seconds were checked to be whole and a year at most"
    )]
    pub(super) fn nanos(&self, at: usize) -> i64 {
        (self.real(at) as i64).saturating_mul(model::NANOS_PER_SECOND)
    }
}
