//! What an indicator refuses, each with what to do about it.

use super::Kind;
use thiserror::Error;

#[derive(Clone, Debug, PartialEq, Error)]
pub enum Error {
    #[error("no indicator is called {name}; docs/INDICATORS.md lists them")]
    UnknownIndicator { name: String },
    #[error("{indicator} has no parameter {name}; it has {has}")]
    UnknownParameter { indicator: &'static str, name: String, has: String },
    #[error("{indicator}: {name} is given twice; give it once")]
    GivenTwice { indicator: &'static str, name: &'static str },
    #[error("{indicator}: {name} is {value}; give a number from {min} to {max}")]
    OutOfBounds { indicator: &'static str, name: &'static str, value: f64, min: f64, max: f64 },
    #[error("{indicator}: {name} is {value}; give a whole number")]
    NotWhole { indicator: &'static str, name: &'static str, value: f64 },
    #[error("{indicator}: {less} must be less than {more}; they are {less_value} and {more_value}")]
    Order {
        indicator: &'static str,
        less: &'static str,
        more: &'static str,
        less_value: f64,
        more_value: f64,
    },
    #[error("{indicator} takes a {needed} and was given a {given}")]
    WrongInput { indicator: &'static str, needed: Kind, given: Kind },
    #[error("{field} is not a finite number; leave the input out or repair it")]
    NotFinite { field: &'static str },
    #[error("{field} is {value}, beyond 1e15; scale the input")]
    TooLarge { field: &'static str, value: f64 },
    #[error("{field} is {value}; it must not be negative")]
    Negative { field: &'static str, value: f64 },
    #[error("the bar's low {low} and high {high} do not enclose its open {open} and close {close}")]
    BrokenBar { open: f64, high: f64, low: f64, close: f64 },
    #[error("the input is of {given}, before the one of {last}; feed inputs in the order of their times")]
    TimeWentBack { last: i64, given: i64 },
    #[error("the snapshot is not one of {indicator}; build it anew and feed the past")]
    BadSnapshot { indicator: &'static str },
    #[error("the snapshot has form {found}, known is {known}; build the indicator anew and feed the past")]
    SnapshotVersion { found: u16, known: u16 },
    #[error(
        "{indicator}: TA-Lib refuses these parameters or inputs; take the defaults and change one at a time"
    )]
    Library { indicator: &'static str },
}
