//! From floating point back to the house's whole numbers.

/// Towards zero, and the greatest there is where it does not fit.
#[expect(clippy::cast_possible_truncation, reason = "a conversion from floating point saturates")]
pub fn whole(number: f64) -> i64 {
    number as i64
}
