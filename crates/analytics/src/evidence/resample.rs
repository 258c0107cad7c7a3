//! What might have been: the same returns in another order, or drawn again in blocks that keep their neighbours.
//!
//! Seeded, and the same seed gives the same futures.

use crate::error::{AnalyticsError, Result, require};
use crate::number::draw::Draw;
use crate::number::sample::{Sample, quantile_of_sorted};
use crate::performance::{Convention, Returns, max_drawdown, sharpe};
use serde::Serialize;

const MOST_ROUNDS: usize = 1_000_000;

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub enum Method {
    /// The same values in another order: what changes is the path, not the sum.
    Shuffle,
    /// Blocks of one length, the end joined to the beginning.
    Blocks { length: usize },
    /// Blocks of random length with this mean (Politis and Romano, 1994); 1 draws each value alone.
    Stationary { mean_length: f64 },
}

impl Method {
    pub(super) fn check(self, length: usize) -> Result<()> {
        match self {
            Self::Shuffle => Ok(()),
            Self::Blocks { length: block } => {
                let what = "the length of a block";
                require(
                    (1..=length).contains(&block),
                    what,
                    "from 1 to the length of the series",
                    block as f64,
                )
            }
            Self::Stationary { mean_length } => {
                let fits = (1.0..=length as f64).contains(&mean_length);
                require(fits, "the mean length of a block", "from 1 to the length of the series", mean_length)
            }
        }
    }

    /// Puts the places to read from into `places`, which has the length of the series.
    pub(super) fn draw(self, draw: &mut Draw, places: &mut [usize]) {
        let length = places.len();
        match self {
            Self::Shuffle => {
                for (place, slot) in places.iter_mut().enumerate() {
                    *slot = place;
                }
                draw.shuffle(places);
            }
            Self::Blocks { length: block } => {
                let mut at = 0;
                for (step, slot) in places.iter_mut().enumerate() {
                    at = if step % block == 0 { draw.place(length) } else { (at + 1) % length };
                    *slot = at;
                }
            }
            Self::Stationary { mean_length } => {
                let mut at = draw.place(length);
                for slot in places.iter_mut() {
                    *slot = at;
                    let is_end = draw.uniform() * mean_length < 1.0;
                    at = if is_end { draw.place(length) } else { (at + 1) % length };
                }
            }
        }
    }
}

/// The figure of each resampled series. An error of the figure is an error of the whole.
pub fn resample(
    values: &[f64],
    method: Method,
    rounds: usize,
    seed: u64,
    mut figure: impl FnMut(&[f64]) -> Result<f64>,
) -> Result<Vec<f64>> {
    Sample::new("a series to resample", values, 2)?;
    method.check(values.len())?;
    require((1..=MOST_ROUNDS).contains(&rounds), "the number of rounds", "from 1 to 1000000", rounds as f64)?;
    let mut draw = Draw::seeded(seed);
    let mut places = vec![0; values.len()];
    let mut again = vec![0.0; values.len()];
    (0..rounds)
        .map(|_| {
            method.draw(&mut draw, &mut places);
            for (slot, place) in again.iter_mut().zip(&places) {
                *slot = values[*place];
            }
            figure(&again)
        })
        .collect()
}

/// Where a figure lies among what might have been.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Band {
    pub low: f64,
    pub median: f64,
    pub high: f64,
}

impl Band {
    /// With `outside` of the figures left out in sum, half on each side.
    fn of(figures: &[f64], outside: f64) -> Result<Self> {
        let sorted = Sample::new("resampled figures", figures, 1)?.sorted();
        Ok(Self {
            low: quantile_of_sorted(&sorted, outside / 2.0),
            median: quantile_of_sorted(&sorted, 0.5),
            high: quantile_of_sorted(&sorted, 1.0 - outside / 2.0),
        })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Outcome {
    pub actual: f64,
    pub band: Band,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ResampledFigures {
    pub rounds: usize,
    pub total: Outcome,
    pub max_drawdown: Outcome,
    /// `None` when a series that might have been does not move.
    pub sharpe: Option<Outcome>,
    /// The share of futures that lost.
    pub probability_of_loss: f64,
}

/// Total return, largest drawdown and Sharpe ratio in a band that leaves out `outside` of the futures.
pub fn resampled_figures(
    values: &[f64],
    convention: Convention,
    method: Method,
    (rounds, seed): (usize, u64),
    outside: f64,
) -> Result<ResampledFigures> {
    require(outside > 0.0 && outside < 1.0, "the share left out", "between 0 and 1", outside)?;
    let actual = Returns::new(values)?;
    let run = |figure: &dyn Fn(Returns<'_>) -> Result<f64>| {
        let figures = resample(values, method, rounds, seed, |again| figure(Returns::new(again)?))?;
        Ok((Outcome { actual: figure(actual)?, band: Band::of(&figures, outside)? }, figures))
    };
    let (total, totals) = run(&|returns| Ok(returns.total()))?;
    let (drawdown, _) = run(&|returns| Ok(max_drawdown(returns)))?;
    let sharpe = match run(&|returns| sharpe(returns, convention)) {
        Ok((outcome, _)) => Some(outcome),
        Err(error) if error.is_undefined() => None,
        Err(error) => return Err(error),
    };
    let lost = totals.iter().filter(|total| **total < 0.0).count();
    let probability_of_loss = lost as f64 / rounds as f64;
    Ok(ResampledFigures { rounds, total, max_drawdown: drawdown, sharpe, probability_of_loss })
}

/// Trades in another order: the drawdown in money that the same trades could have brought.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ShuffledTrades {
    pub rounds: usize,
    pub drawdown: Outcome,
    /// The share of orders in which `ruin` was lost from the start.
    pub probability_of_ruin: f64,
}

/// `results` are the trades' results in money, `ruin` the loss from the start at which trading ends.
pub fn shuffled_trades(results: &[f64], ruin: f64, rounds: usize, seed: u64) -> Result<ShuffledTrades> {
    require(ruin > 0.0 && ruin.is_finite(), "the loss that is ruin", "above 0", ruin)?;
    let mut ruined = 0_usize;
    let drawdowns = resample(results, Method::Shuffle, rounds, seed, |again| {
        let (drawdown, lowest) = money_drawdown(again);
        ruined += usize::from(lowest <= -ruin);
        Ok(drawdown)
    })?;
    let actual = money_drawdown(results).0;
    if !actual.is_finite() {
        return Err(AnalyticsError::Undefined { what: "a drawdown", why: "the sum of results is too large" });
    }
    let drawdown = Outcome { actual, band: Band::of(&drawdowns, 0.1)? };
    Ok(ShuffledTrades { rounds, drawdown, probability_of_ruin: ruined as f64 / rounds as f64 })
}

/// The largest fall from a high of the running sum, and the lowest running sum.
fn money_drawdown(results: &[f64]) -> (f64, f64) {
    let (mut sum, mut high, mut fall, mut lowest) = (0.0_f64, 0.0_f64, 0.0_f64, 0.0_f64);
    for result in results {
        sum += result;
        high = high.max(sum);
        fall = fall.max(high - sum);
        lowest = lowest.min(sum);
    }
    (fall, lowest)
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALUES: [f64; 8] = [0.01, -0.02, 0.03, 0.005, -0.01, 0.02, -0.005, 0.015];

    fn mean(values: &[f64]) -> Result<f64> {
        Ok(Sample::new("x", values, 1)?.mean())
    }

    #[test]
    fn every_method_repeats_from_its_seed() {
        for method in [Method::Shuffle, Method::Blocks { length: 3 }, Method::Stationary { mean_length: 2.5 }]
        {
            let run = |seed| resample(&VALUES, method, 50, seed, |again| Ok(again[0])).unwrap();
            assert_eq!(run(4), run(4), "{method:?}");
            assert_ne!(run(4), run(5), "{method:?}");
        }
    }

    #[test]
    fn a_shuffle_keeps_the_sum_and_a_bootstrap_keeps_the_mean_in_expectation() {
        let shuffled = resample(&VALUES, Method::Shuffle, 20, 1, mean).unwrap();
        let actual = mean(&VALUES).unwrap();
        assert!(shuffled.iter().all(|one| (one - actual).abs() < 1e-16));
        for method in [Method::Blocks { length: 3 }, Method::Stationary { mean_length: 3.0 }] {
            let means = resample(&VALUES, method, 40_000, 1, mean).unwrap();
            assert!((mean(&means).unwrap() - actual).abs() < 1e-4, "{method:?}");
        }
    }

    #[test]
    fn blocks_keep_neighbours() {
        let mut places = [0; 9];
        Method::Blocks { length: 3 }.draw(&mut Draw::seeded(2), &mut places);
        for block in places.chunks(3) {
            assert_eq!((block[1], block[2]), ((block[0] + 1) % 9, (block[0] + 2) % 9));
        }
    }

    #[test]
    fn bands_hold_the_actual_figures_of_a_plain_series() {
        let convention = Convention::EXCHANGE_DAYS;
        let method = Method::Stationary { mean_length: 2.0 };
        let found = resampled_figures(&VALUES, convention, method, (2_000, 3), 0.1).unwrap();
        for outcome in [found.total, found.max_drawdown, found.sharpe.unwrap()] {
            assert!(outcome.band.low <= outcome.actual && outcome.actual <= outcome.band.high, "{outcome:?}");
        }
        assert!(found.probability_of_loss > 0.0 && found.probability_of_loss < 0.5);
        assert!(resampled_figures(&VALUES, convention, method, (0, 3), 0.1).is_err());
        assert!(resampled_figures(&VALUES, convention, Method::Blocks { length: 9 }, (5, 3), 0.1).is_err());
        let bad = Method::Stationary { mean_length: 0.5 };
        assert!(resampled_figures(&VALUES, convention, bad, (5, 3), 0.1).is_err());
    }

    #[test]
    fn ruin_depends_on_the_order_of_trades() {
        let results = [10.0, 10.0, -15.0];
        let found = shuffled_trades(&results, 15.0, 3_000, 1).unwrap();
        // Ruin is the loss first: one order of three.
        assert!((found.probability_of_ruin - 1.0 / 3.0).abs() < 0.03, "{found:?}");
        assert!((found.drawdown.actual - 15.0).abs() < 1e-12);
        assert!(shuffled_trades(&results, 0.0, 10, 1).is_err());
        assert!(shuffled_trades(&[], 1.0, 10, 1).is_err());
    }
}
