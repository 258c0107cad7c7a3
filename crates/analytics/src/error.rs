//! What makes a figure impossible, and what to do about it.
//!
//! One enum for the crate. Empty, short or broken data is an error here and never a quiet zero, so that a
//! limit that asks for a figure can refuse.

pub type Result<T, E = AnalyticsError> = std::result::Result<T, E>;

#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum AnalyticsError {
    #[error("{what} needs at least {needed} observations and has {found}; load more history")]
    TooFew { what: &'static str, needed: usize, found: usize },

    #[error("{what} holds a value at place {place} that is not a finite number; clean the series")]
    NotFinite { what: &'static str, place: usize },

    #[error("{what} must be {rule} and is {found}")]
    OutOfRange { what: &'static str, rule: &'static str, found: f64 },

    #[error("{left} has {left_len} entries and {right} has {right_len}; give one for each")]
    LengthsDiffer { left: &'static str, left_len: usize, right: &'static str, right_len: usize },

    #[error("{what} must sum to one and sum to {sum}; complete or normalise them")]
    NotWhole { what: &'static str, sum: f64 },

    #[error("{what} is undefined: {why}")]
    Undefined { what: &'static str, why: &'static str },

    #[error("the matrix is not positive definite at row {row}; shrink it, or drop what repeats another row")]
    NotPositiveDefinite { row: usize },

    #[error("{what} did not settle within {steps} steps; give more or calmer data")]
    NotSettled { what: &'static str, steps: usize },

    #[error("{what} `{name}` is missing {part}; without it the figure would leave something out")]
    Missing { what: &'static str, name: String, part: &'static str },

    #[error("{what} `{name}` is given twice; keep one")]
    Twice { what: &'static str, name: String },

    #[error("{what} are out of order at place {place}; sort them by time")]
    OutOfOrder { what: &'static str, place: usize },

    #[error("{what} cannot be counted in money of 18 decimals; the amount is too large or too fine")]
    Uncountable { what: &'static str },
}

impl AnalyticsError {
    /// True for a figure that good data does not define, such as a profit factor without a loss.
    #[must_use]
    pub fn is_undefined(&self) -> bool {
        matches!(self, Self::Undefined { .. })
    }
}

/// `None` for a figure that good data does not define; every other error stays one.
pub(crate) fn if_defined(figure: Result<f64>) -> Result<Option<f64>> {
    match figure {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.is_undefined() => Ok(None),
        Err(error) => Err(error),
    }
}

/// Refuses a parameter that is not `rule`.
pub(crate) fn require(holds: bool, what: &'static str, rule: &'static str, found: f64) -> Result<()> {
    if holds { Ok(()) } else { Err(AnalyticsError::OutOfRange { what, rule, found }) }
}

/// Refuses two lists that do not pair.
pub(crate) fn same_length(
    left: &'static str,
    left_len: usize,
    right: &'static str,
    right_len: usize,
) -> Result<()> {
    if left_len == right_len {
        Ok(())
    } else {
        Err(AnalyticsError::LengthsDiffer { left, left_len, right, right_len })
    }
}
