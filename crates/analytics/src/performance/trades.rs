//! Figures of closed trades: how often they win, how much, how far they went for and against us on the way.
//!
//! Sums are exact money; averages and ratios are floating point.

use crate::error::{AnalyticsError, Result, require};
use crate::number::amount::{sum, to_float};
use crate::number::sample::Sample;
use model::{Money, NANOS_PER_SECOND, Side, Time};
use serde::Serialize;

/// A position from its opening to its closing, as far as figures need it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClosedTrade {
    pub strategy: Option<String>,
    pub instrument: String,
    pub sector: Option<String>,
    /// The side that opened it.
    pub side: Side,
    pub opened: Time,
    pub closed: Time,
    /// Before fees.
    pub gross: Money,
    /// Negative for a rebate.
    pub fees: Money,
}

impl ClosedTrade {
    /// After fees.
    pub fn net(&self) -> Result<Money> {
        self.gross.checked_sub(self.fees).ok_or(AnalyticsError::Uncountable { what: "the result of a trade" })
    }
}

/// All after fees. A trade that made nothing is neither a win nor a loss.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TradeFigures {
    pub trades: usize,
    pub wins: usize,
    pub losses: usize,
    pub profit: Money,
    /// Zero or less.
    pub loss: Money,
    pub net: Money,
    pub fees: Money,
    /// Wins over all trades.
    pub win_rate: f64,
    /// The mean result of a trade.
    pub expectancy: f64,
    pub mean_win: Option<f64>,
    pub mean_loss: Option<f64>,
    /// Profit over loss; `None` without a loss.
    pub profit_factor: Option<f64>,
    /// Mean win over mean loss; `None` without both.
    pub payoff_ratio: Option<f64>,
    pub best: Money,
    pub worst: Money,
    pub longest_winning_run: usize,
    pub longest_losing_run: usize,
    pub mean_seconds_held: f64,
}

/// In the order in which the trades closed.
pub fn trade_figures(trades: &[ClosedTrade]) -> Result<TradeFigures> {
    let what = "figures of trades";
    let nets: Vec<Money> = trades.iter().map(ClosedTrade::net).collect::<Result<_>>()?;
    let (Some(best), Some(worst)) = (nets.iter().max(), nets.iter().min()) else {
        return Err(AnalyticsError::TooFew { what, needed: 1, found: 0 });
    };
    check_times(trades)?;
    let won: Vec<Money> = nets.iter().copied().filter(|net| *net > Money::ZERO).collect();
    let lost: Vec<Money> = nets.iter().copied().filter(|net| *net < Money::ZERO).collect();
    let (profit, loss) = (sum(what, won.iter().copied())?, sum(what, lost.iter().copied())?);
    let net = sum(what, [profit, loss])?;
    let mean = |total: Money, count: usize| (count > 0).then(|| to_float(total) / count as f64);
    let (mean_win, mean_loss) = (mean(profit, won.len()), mean(loss, lost.len()));
    let count = trades.len() as f64;
    let held: f64 = trades
        .iter()
        .map(|trade| {
            (i128::from(trade.closed.0) - i128::from(trade.opened.0)) as f64 / NANOS_PER_SECOND as f64
        })
        .sum();
    Ok(TradeFigures {
        trades: trades.len(),
        wins: won.len(),
        losses: lost.len(),
        profit,
        loss,
        net,
        fees: sum(what, trades.iter().map(|trade| trade.fees))?,
        win_rate: won.len() as f64 / count,
        expectancy: to_float(net) / count,
        mean_win,
        mean_loss,
        profit_factor: (!lost.is_empty()).then(|| to_float(profit) / -to_float(loss)),
        payoff_ratio: mean_win.zip(mean_loss).map(|(win, loss)| win / -loss),
        best: *best,
        worst: *worst,
        longest_winning_run: longest_run(&nets, |net| net > Money::ZERO),
        longest_losing_run: longest_run(&nets, |net| net < Money::ZERO),
        mean_seconds_held: held / count,
    })
}

fn check_times(trades: &[ClosedTrade]) -> Result<()> {
    let backwards = |place: usize| {
        let trade = &trades[place];
        trade.closed < trade.opened || (place > 0 && trade.closed < trades[place - 1].closed)
    };
    match (0..trades.len()).find(|place| backwards(*place)) {
        Some(place) => Err(AnalyticsError::OutOfOrder { what: "the trades", place }),
        None => Ok(()),
    }
}

fn longest_run(nets: &[Money], is_counted: impl Fn(Money) -> bool) -> usize {
    nets.split(|net| !is_counted(*net)).map(<[Money]>::len).max().unwrap_or(0)
}

/// How far the price went while a trade was open, as shares of its entry.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Excursion {
    /// Against us, zero or more.
    pub adverse: f64,
    /// For us, zero or more.
    pub favourable: f64,
}

/// `prices` is every price from entry to exit: the highs and lows of bars, or the prints.
pub fn excursion(side: Side, entry: f64, prices: &[f64]) -> Result<Excursion> {
    Sample::new("the prices of a trade", prices, 1)?;
    require(entry > 0.0 && entry.is_finite(), "the price of entry", "above 0", entry)?;
    let sign = side.sign() as f64;
    let moves = prices.iter().map(|price| sign * (price / entry - 1.0));
    let (adverse, favourable) =
        moves.fold((0.0_f64, 0.0_f64), |(down, up), one| (down.max(-one), up.max(one)));
    Ok(Excursion { adverse, favourable })
}

/// Half of what was bought and sold, over the mean equity, for a year.
pub fn turnover(traded: &[f64], equity: &[f64], periods_per_year: f64) -> Result<f64> {
    let traded = Sample::new("the amounts traded", traded, 1)?;
    let equity = Sample::new("an equity curve", equity, 1)?;
    traded.pairs_with(equity)?;
    require(periods_per_year > 0.0, "periods per year", "above 0", periods_per_year)?;
    require(equity.mean() > 0.0, "the mean equity", "above 0", equity.mean())?;
    if let Some(negative) = traded.values().iter().find(|amount| **amount < 0.0) {
        require(false, "an amount traded", "at least 0", *negative)?;
    }
    Ok(traded.mean() / 2.0 / equity.mean() * periods_per_year)
}

/// The share of periods in which something was held.
pub fn time_in_market(exposures: &[f64]) -> Result<f64> {
    let exposures = Sample::new("the exposures", exposures, 1)?;
    Ok(exposures.values().iter().filter(|exposure| **exposure != 0.0).count() as f64 / exposures.count())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trade(gross: i128, fees: i128, closed: i64) -> ClosedTrade {
        ClosedTrade {
            strategy: None,
            instrument: "A".to_owned(),
            sector: None,
            side: Side::Buy,
            opened: Time(0),
            closed: Time(closed * 1_000_000_000),
            gross: Money(gross * Money::ONE.0),
            fees: Money(fees * Money::ONE.0),
        }
    }

    #[test]
    fn figures_by_hand() {
        let trades = [trade(11, 1, 1), trade(21, 1, 2), trade(1, 1, 3), trade(-14, 1, 4)];
        let figures = trade_figures(&trades).unwrap();
        assert_eq!((figures.wins, figures.losses), (2, 1));
        assert_eq!(figures.net.to_string(), "15");
        assert_eq!(figures.fees.to_string(), "4");
        assert_eq!((figures.win_rate, figures.expectancy), (0.5, 3.75));
        assert_eq!((figures.profit_factor, figures.payoff_ratio), (Some(2.0), Some(1.0)));
        assert_eq!((figures.longest_winning_run, figures.longest_losing_run), (2, 1));
        assert!((figures.mean_seconds_held - 2.5).abs() < 1e-12);
    }

    #[test]
    fn what_is_not_there_is_none_or_an_error() {
        assert!(trade_figures(&[]).is_err());
        let only_wins = trade_figures(&[trade(5, 1, 1)]).unwrap();
        assert_eq!((only_wins.profit_factor, only_wins.payoff_ratio), (None, None));
        assert!(trade_figures(&[trade(1, 0, 2), trade(1, 0, 1)]).is_err());
        assert!(trade_figures(&[trade(1, 0, -1)]).is_err());
    }

    #[test]
    fn excursions_depend_on_the_side() {
        let long = excursion(Side::Buy, 100.0, &[98.0, 105.0, 101.0]).unwrap();
        assert!((long.adverse - 0.02).abs() < 1e-12 && (long.favourable - 0.05).abs() < 1e-12);
        let short = excursion(Side::Sell, 100.0, &[98.0, 105.0, 101.0]).unwrap();
        assert!((short.adverse - 0.05).abs() < 1e-12 && (short.favourable - 0.02).abs() < 1e-12);
        assert!(excursion(Side::Buy, 100.0, &[]).is_err());
    }

    #[test]
    fn turnover_and_time_in_market() {
        assert!((turnover(&[100.0, 100.0], &[1000.0, 1000.0], 252.0).unwrap() - 12.6).abs() < 1e-12);
        assert!(turnover(&[-1.0], &[1.0], 252.0).is_err());
        assert!((time_in_market(&[0.0, 1.0, -1.0, 0.0]).unwrap() - 0.5).abs() < 1e-15);
        assert!(time_in_market(&[]).is_err());
    }
}
