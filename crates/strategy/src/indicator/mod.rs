//! Indicators: one declared list, and one door by name.
//!
//! An indicator takes one input at a time and gives a value once it has seen enough. A value never changes when
//! later inputs arrive, memory is bounded, and a state that is saved and restored continues bit for bit.
//! Values follow TA-Lib where it has the indicator. Absent: drawing, and any look into the future.
//!
//! ```
//! use strategy::indicator::{Bar, build};
//!
//! let mut average = build("sma", &[("period", 3.0)])?;
//! assert_eq!(average.update(Bar::of(1.0))?, None);
//! assert_eq!(average.update(Bar::of(2.0))?, None);
//! assert_eq!(average.update(Bar::of(6.0))?.map(|value| value.first()), Some(3.0));
//! # Ok::<(), strategy::indicator::Error>(())
//! ```

mod error;
mod family;
mod input;
pub mod kernel;
mod library;
mod machine;
mod param;
mod spec;
mod value;

pub use error::Error;
pub use input::{Bar, Field, Input, Kind, Pair, Print, Quote};
pub use machine::{Indicator, Snapshot};
pub use param::{Args, Param};
pub use spec::{Category, Spec, WarmUp};
pub use value::Values;

/// Every indicator there is, in the order of the families.
pub fn list() -> impl Iterator<Item = &'static Spec> {
    family::FAMILIES.iter().copied().flatten()
}

/// The row of the list with this name; letter case does not count.
pub fn find(name: &str) -> Result<&'static Spec, Error> {
    list()
        .find(|spec| spec.name.eq_ignore_ascii_case(name))
        .ok_or_else(|| Error::UnknownIndicator { name: name.to_owned() })
}

/// The indicator of this name; parameters that are not given keep their defaults.
pub fn build(name: &str, params: &[(&str, f64)]) -> Result<Indicator, Error> {
    Indicator::new(find(name)?, params)
}

/// The value at every input of a slice, from the first: what `update` gives one by one.
pub fn over<I: Copy + Into<Input>>(
    name: &str,
    params: &[(&str, f64)],
    inputs: &[I],
) -> Result<Vec<Option<Values>>, Error> {
    let mut indicator = build(name, params)?;
    inputs.iter().map(|input| indicator.update(*input)).collect()
}
