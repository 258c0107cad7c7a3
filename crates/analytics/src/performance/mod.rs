//! How well it went: figures of a return series, against a benchmark, of trades, and to what the result is due.
//!
//! A return is simple (0.01 is a gain of one percent) and compounds. A figure that the data does not define, such as a
//! profit factor without a loss, is an error where it is asked for and `None` in a summary.

mod attribution;
mod brinson;
mod calendar;
mod drawdown;
mod ratios;
mod relative;
mod returns;
mod rolling;
mod summary;
mod trades;

pub use attribution::{Attribution, AttributionRow, TradeTag, attribute};
pub use brinson::{Brinson, BrinsonRow, Segment, brinson, brinson_linked};
pub use calendar::{MonthlyRow, monthly};
pub use drawdown::{Drawdown, drawdown_series, drawdowns, max_drawdown, ulcer_index};
pub use ratios::{
    calmar, downside_deviation, gain_to_loss, omega, payoff_ratio, sharpe, sortino, tail_ratio, win_rate,
};
pub use relative::{Capture, Relative, relative};
pub use returns::{Convention, Returns, returns_of_equity};
pub use rolling::{rolling, rolling_beta, rolling_sharpe, rolling_volatility};
pub use summary::{Summary, summary};
pub use trades::{ClosedTrade, Excursion, TradeFigures, excursion, time_in_market, trade_figures, turnover};
