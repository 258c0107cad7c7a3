//! What a run is worth, for people and programs: figures, bounds, a written critique, and a manifest by which it can
//! be made again. The same report as text, JSON, CSV and one HTML file that loads nothing.

mod benchmark;
mod chart;
mod critique;
mod csv;
mod figures;
mod html;
mod text;

pub use critique::critique;
pub use csv::{equity_csv, trades_csv};
pub use figures::{AccountFigures, Bounds, Candle, Manifest, Report, fingerprint, report};
pub use html::html;
pub use text::text;
