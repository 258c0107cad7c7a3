//! Risk of a portfolio: how much may be lost, to what it is due, and whether the forecast was any good.
//!
//! A loss is a positive number here, as a share of value for return series and in money for positions.

mod backtest;
mod contribution;
mod dependence;
mod exposure;
mod garch;
mod simulation;
pub mod stress;
mod tail;
mod volatility;

pub use backtest::{Backtest, Trial, Zone, exceptions, kupiec, traffic_light};
pub use contribution::{Contribution, ShortfallShare, contributions, shortfall_shares};
pub use dependence::{
    Shrunk, beta, correlations, covariances, ewma_covariances, ledoit_wolf, portfolio_variance,
};
pub use exposure::{Exposure, ExposureBy, ExposureTable, Position, exposures};
pub use garch::{Garch, Innovation};
pub use simulation::{Shape, Simulation, simulate};
pub use tail::{
    CornishFisher, StudentFit, TailRisk, conditional_normal, cornish_fisher, fit_student, historical, normal,
    normal_of, student,
};
pub use volatility::ewma_variance;
