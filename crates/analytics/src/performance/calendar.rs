//! The table of months: what each month and each year returned.

use super::drawdown::check_rising;
use super::returns::Returns;
use crate::day::Day;
use crate::error::{Result, same_length};
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MonthlyRow {
    pub year: i32,
    /// From January to December; `None` for a month without a return.
    pub months: [Option<f64>; 12],
    pub total: f64,
}

/// The returns of a month compound, and the months of a year compound to its total.
pub fn monthly(returns: Returns<'_>, days: &[Day]) -> Result<Vec<MonthlyRow>> {
    same_length("a return series", returns.values().len(), "its days", days.len())?;
    check_rising(days)?;
    let mut years: BTreeMap<i32, [Option<f64>; 12]> = BTreeMap::new();
    for (day, value) in days.iter().zip(returns.values()) {
        let (year, month, _) = day.date();
        let place = usize::try_from(month - 1).expect("invariant: months are counted from one");
        let growth = &mut years.entry(year).or_default()[place];
        *growth = Some(growth.unwrap_or(1.0) * (1.0 + value));
    }
    let row = |(year, growths): (i32, [Option<f64>; 12])| {
        let total = growths.iter().flatten().product::<f64>() - 1.0;
        MonthlyRow { year, months: growths.map(|growth| growth.map(|growth| growth - 1.0)), total }
    };
    Ok(years.into_iter().map(row).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_compound_and_a_missing_month_is_not_zero() {
        let days =
            ["2023-12-29", "2024-01-02", "2024-01-31", "2024-03-01"].map(|day| Day::parse(day).unwrap());
        let rows = monthly(Returns::new(&[0.1, 0.1, -0.1, 0.5]).unwrap(), &days).unwrap();
        assert_eq!(rows.len(), 2);
        assert_eq!((rows[1].year, rows[1].months[1]), (2024, None));
        assert!((rows[1].months[0].unwrap() + 0.01).abs() < 1e-15);
        assert!((rows[1].total - (0.99 * 1.5 - 1.0)).abs() < 1e-15);
        assert!((rows[0].total - 0.1).abs() < 1e-15);
    }
}
