//! The way of the price inside a bar, of which only four points are known. The base case goes first to the extreme
//! that the close is further from. The bounds take the order that is better or worse for the position held, let the
//! price jump to the bad extreme (so that a stop may fill there), and reach the good one at its end.

use model::{Bar, Price};
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Path {
    Worst,
    #[default]
    Base,
    Best,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    pub price: Price,
    /// The price was nowhere between this point and the one before.
    pub is_jump: bool,
}

/// After the open: the extremes in their order, and the close. `held` is the position, of which only the sign counts.
#[must_use]
pub fn points(bar: &Bar, path: Path, held: i64) -> [Point; 3] {
    let up_first = match path {
        // A bar that rose is taken to have fallen first.
        Path::Base => bar.close < bar.open,
        Path::Worst => held < 0,
        Path::Best => held >= 0,
    };
    let bad_is_low = held >= 0;
    let point = |price, is_low: bool| {
        let is_jump = match path {
            Path::Base => false,
            Path::Worst => is_low == bad_is_low,
            Path::Best => is_low != bad_is_low,
        };
        Point { price, is_jump }
    };
    let (high, low) = (point(bar.high, false), point(bar.low, true));
    let close = Point { price: bar.close, is_jump: false };
    if up_first { [high, low, close] } else { [low, high, close] }
}
