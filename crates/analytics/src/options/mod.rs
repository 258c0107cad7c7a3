//! What an option is worth, how it moves, and what volatility a price implies.
//!
//! Time is in years (actual/365), rates are continuous, volatility is of a year. Greeks are per unit: of one of price, of
//! 1.00 of volatility or rate, of one year.

mod closed;
mod implied;
mod lattice;
mod terms;

pub use closed::{Greeks, black_76, black_76_greeks, european, european_greeks};
pub use implied::{implied_volatility, implied_volatility_american};
pub use lattice::{american, american_greeks};
pub use terms::Contract;
