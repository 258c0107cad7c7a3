//! Promises about risk that a real node keeps, each with its numbers: missing data refuses, limits hold while
//! clients race, the parts of an order never come to more than it, and what runs away is stopped.

mod desk;
mod fail_closed;
mod parents;
mod races;
mod runaway;
