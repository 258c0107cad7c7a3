//! A window of the past, replayed on what is held today: the losses of then, day by day.
//!
//! Returns compound. A day's part is the value at its end less the value at its beginning, so that the days of a
//! position sum to what the whole window does to it, to the last digit.

use super::price::check_names;
use super::{Breakdown, Part};
use crate::error::{AnalyticsError, Result, require, same_length};
use crate::number::amount::share_of;
use crate::number::sample::Sample;
use model::Money;

/// A position and its returns through the window.
#[derive(Clone, Copy, Debug)]
pub struct Holding<'a> {
    pub name: &'a str,
    pub value: Money,
    /// One for each day of the window. A stand-in is the caller's choice; a gap is an error.
    pub returns: &'a [f64],
}

/// `days` names the days, which become the causes of the parts.
pub fn replay_window(holdings: &[Holding<'_>], days: &[String]) -> Result<Breakdown> {
    check_names("a day", days.iter())?;
    let names: Vec<String> = holdings.iter().map(|holding| holding.name.to_owned()).collect();
    check_names("a position", names.iter())?;
    let mut parts = Vec::with_capacity(holdings.len() * days.len());
    for holding in holdings {
        Sample::new("the returns of a window", holding.returns, 1)?;
        same_length("the returns of a window", holding.returns.len(), "its days", days.len())?;
        let (mut growth, mut before) = (1.0, Money::ZERO);
        for (day, value) in days.iter().zip(holding.returns) {
            require(*value >= -1.0, "a return", "at least -1", *value)?;
            growth *= 1.0 + value;
            let after = share_of("a window of the past", holding.value, growth - 1.0)?;
            let amount = after
                .checked_sub(before)
                .ok_or(AnalyticsError::Uncountable { what: "a window of the past" })?;
            before = after;
            parts.push(Part { position: holding.name.to_owned(), cause: day.clone(), amount });
        }
    }
    Breakdown::of(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_compound_and_sum_to_the_window() {
        let days = ["monday".to_owned(), "tuesday".to_owned()];
        let value = Money::parse("1000").unwrap();
        let long = Holding { name: "A", value, returns: &[-0.1, -0.1] };
        let short = Holding { name: "B", value: value.checked_neg().unwrap(), returns: &[-0.1, 0.2] };
        let answer = replay_window(&[long, short], &days).unwrap();
        let amounts: Vec<String> = answer.parts.iter().map(|part| part.amount.to_string()).collect();
        assert_eq!(amounts, ["-100", "-90", "100", "-180"]);
        assert_eq!(answer.total.to_string(), "-270");
        assert!(replay_window(&[Holding { returns: &[-0.1], ..long }], &days).is_err());
        assert!(replay_window(&[Holding { returns: &[-0.1, -1.1], ..long }], &days).is_err());
        assert!(replay_window(&[long, long], &days).is_err());
    }
}
