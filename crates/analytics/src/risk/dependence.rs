//! How series move together: beta, covariance and correlation; plain, exponentially weighted, and shrunk.
//!
//! Series come one per asset, all of one length; a matrix has the assets in that order.

use crate::error::{AnalyticsError, Result, require, same_length};
use crate::number::matrix::{Matrix, dot};
use crate::number::sample::Sample;
use serde::Serialize;

/// How much a series moves when the benchmark moves by one.
pub fn beta(returns: &[f64], benchmark: &[f64]) -> Result<f64> {
    let benchmark = Sample::new("a benchmark", benchmark, 2)?;
    let deviation = benchmark.moving_deviation()?;
    let returns = Sample::new("a return series", returns, 2)?;
    Ok(returns.covariance(benchmark)? / (deviation * deviation))
}

fn check<'a>(series: &'a [Vec<f64>]) -> Result<Vec<Sample<'a>>> {
    let what = "a list of return series";
    let first = series.first().ok_or(AnalyticsError::TooFew { what, needed: 1, found: 0 })?;
    for one in series {
        same_length("the first series", first.len(), "another series", one.len())?;
    }
    series.iter().map(|one| Sample::new("a return series", one, 2)).collect()
}

/// With n − 1 below.
pub fn covariances(series: &[Vec<f64>]) -> Result<Matrix> {
    let samples = check(series)?;
    let degrees = samples[0].count() - 1.0;
    let centred = centred(&samples);
    Ok(symmetric(series.len(), |row, column| dot(&centred[row], &centred[column]) / degrees))
}

/// Covariances divided by both deviations. A series that does not move has none, and is refused.
pub fn correlations(series: &[Vec<f64>]) -> Result<Matrix> {
    let samples = check(series)?;
    let deviations: Vec<f64> = samples.iter().map(|one| one.moving_deviation()).collect::<Result<_>>()?;
    let covariances = covariances(series)?;
    Ok(symmetric(series.len(), |row, column| {
        let plain = covariances.at(row, column) / (deviations[row] * deviations[column]);
        if row == column { 1.0 } else { plain.clamp(-1.0, 1.0) }
    }))
}

/// Starts with the first products, then c = λ·c + (1 − λ)·r·rᵀ; means are taken as zero.
pub fn ewma_covariances(series: &[Vec<f64>], decay: f64) -> Result<Matrix> {
    require(decay > 0.0 && decay < 1.0, "the decay", "between 0 and 1", decay)?;
    check(series)?;
    Ok(symmetric(series.len(), |row, column| {
        let mut products = series[row].iter().zip(&series[column]).map(|(a, b)| a * b);
        let first = products.next().unwrap_or_default();
        products.fold(first, |sum, product| decay * sum + (1.0 - decay) * product)
    }))
}

/// A covariance matrix drawn towards equal variances without correlation.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Shrunk {
    pub matrix: Matrix,
    /// 0 is the sample, 1 is the target.
    pub intensity: f64,
}

/// Ledoit and Wolf (2004): the intensity that loses least in expectation. With n below, and positive definite
/// also when there are more assets than observations.
pub fn ledoit_wolf(series: &[Vec<f64>]) -> Result<Shrunk> {
    let samples = check(series)?;
    let (n, size) = (samples[0].count(), series.len());
    let centred = centred(&samples);
    let squares: Vec<Vec<f64>> = centred.iter().map(|one| one.iter().map(|x| x * x).collect()).collect();
    let sample = symmetric(size, |row, column| dot(&centred[row], &centred[column]) / n);
    let target = (0..size).map(|row| sample.at(row, row)).sum::<f64>() / size as f64;
    if target <= 0.0 {
        return Err(AnalyticsError::Undefined { what: "a shrunk covariance", why: "no series moves" });
    }
    let (mut noise, mut distance) = (0.0, 0.0);
    for row in 0..size {
        for column in 0..size {
            let covariance = sample.at(row, column);
            noise += (dot(&squares[row], &squares[column]) / n - covariance * covariance) / n;
            distance += (covariance - if row == column { target } else { 0.0 }).powi(2);
        }
    }
    let intensity = if distance > 0.0 { (noise / distance).clamp(0.0, 1.0) } else { 0.0 };
    let matrix = symmetric(size, |row, column| {
        let pull = if row == column { intensity * target } else { 0.0 };
        (1.0 - intensity) * sample.at(row, column) + pull
    });
    Ok(Shrunk { matrix, intensity })
}

/// The variance of the sum of positions with these weights or amounts.
pub fn portfolio_variance(weights: &[f64], covariances: &Matrix) -> Result<f64> {
    Sample::new("a list of weights", weights, 1)?;
    same_length("a list of weights", weights.len(), "the covariance matrix", covariances.columns())?;
    covariances.check_symmetric()?;
    let variance = dot(weights, &covariances.times(weights));
    let scale: f64 = weights.iter().enumerate().map(|(row, w)| w * w * covariances.at(row, row)).sum();
    if variance < -1e-12 * scale {
        return Err(AnalyticsError::NotPositiveDefinite { row: 0 });
    }
    Ok(variance.max(0.0))
}

fn centred(samples: &[Sample<'_>]) -> Vec<Vec<f64>> {
    let centre = |sample: &Sample<'_>| {
        let mean = sample.mean();
        sample.values().iter().map(|value| value - mean).collect()
    };
    samples.iter().map(centre).collect()
}

/// Computed once for both triangles, so that they are equal to the bit.
fn symmetric(size: usize, cell: impl Fn(usize, usize) -> f64) -> Matrix {
    Matrix::square(size, |row, column| cell(row.min(column), row.max(column)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_doubled_series_has_twice_the_beta_and_correlates_fully() {
        let market = vec![0.01, -0.02, 0.03, 0.005];
        let double: Vec<f64> = market.iter().map(|r| 2.0 * r).collect();
        assert!((beta(&double, &market).unwrap() - 2.0).abs() < 1e-14);
        let correlations = correlations(&[market.clone(), double.clone()]).unwrap();
        assert!((correlations.at(0, 1) - 1.0).abs() < 1e-14);
        let covariances = covariances(&[market.clone(), double]).unwrap();
        assert!((covariances.at(0, 1) - 2.0 * covariances.at(0, 0)).abs() < 1e-18);
        assert!(covariances.cholesky().is_err(), "the second row repeats the first");
        assert!(beta(&market, &[0.0; 4]).unwrap_err().is_undefined());
    }

    #[test]
    fn series_that_do_not_pair_are_refused() {
        assert!(covariances(&[]).is_err());
        assert!(covariances(&[vec![0.1, 0.2], vec![0.1]]).is_err());
        assert!(correlations(&[vec![0.1, 0.2], vec![0.1, 0.1]]).unwrap_err().is_undefined());
        assert!(beta(&[0.1, 0.2], &[0.1, 0.2, 0.3]).is_err());
        let matrix = covariances(&[vec![0.1, 0.2], vec![0.3, 0.1]]).unwrap();
        assert!(portfolio_variance(&[1.0], &matrix).is_err());
    }

    #[test]
    fn few_observations_of_many_assets_shrink_to_a_usable_matrix() {
        let series: Vec<Vec<f64>> = (0..6_u32)
            .map(|asset| (0..4_u32).map(|day| f64::from((asset * 7 + day * 5) % 11)).collect())
            .collect();
        assert!(covariances(&series).unwrap().cholesky().is_err());
        let shrunk = ledoit_wolf(&series).unwrap();
        assert!(shrunk.intensity > 0.0 && shrunk.intensity <= 1.0);
        assert!(shrunk.matrix.cholesky().is_ok());
    }
}
