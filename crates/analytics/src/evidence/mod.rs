//! Is it skill or luck? What a good backtest is worth after all the others that were tried, and what chance would give.
//!
//! Everything that draws by chance takes a seed and repeats from it.

mod overfit;
mod reality;
mod resample;
mod significance;

pub use overfit::{Overfit, probability_of_overfitting};
pub use reality::{RealityCheck, reality_check};
pub use resample::{
    Band, Method, Outcome, ResampledFigures, ShuffledTrades, resample, resampled_figures, shuffled_trades,
};
pub use significance::{
    SharpeMoments, deflated_sharpe, expected_highest_sharpe, least_track_record, probabilistic_sharpe,
};
