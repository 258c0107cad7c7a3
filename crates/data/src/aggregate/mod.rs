//! Trades to bars of every kind, bars to larger bars; bars adjusted for corporate actions, cut to trading
//! sessions, with returns and volatility. A bar holds only what was known by its end.

mod adjust;
mod build;
mod enrich;
mod session;

pub use adjust::{AdjustedBar, Factor, Factors};
pub use build::{Align, BarBuilder};
pub use enrich::{Enrich, EnrichedBar};
pub use session::Session;
