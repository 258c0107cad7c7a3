//! The numbers under the figures: checked samples, special functions, matrices, a minimiser, seeded draws.
//! All written here, because each is shorter than what it would cost to compile a library for it.

pub mod amount;
pub mod draw;
pub mod matrix;
pub mod minimum;
pub mod normal;
pub mod sample;
pub mod student;

/// The least whole number that is not below `value`, for values that count observations.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast of a float saturates")]
pub(crate) fn whole_above(value: f64) -> usize {
    // A hair less, so that 1 / (1 − 0.95) asks for twenty.
    (value * (1.0 - 1e-12)).ceil() as usize
}
