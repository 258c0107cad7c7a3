//! Finds the lowest point of a function of a few parameters, without derivatives (Nelder and Mead, 1965).
//!
//! Restarted from what it found until a restart gains nothing, which takes it off false points of rest.

use crate::error::{AnalyticsError, Result};

const STEPS_PER_START: usize = 4_000;
const STARTS: usize = 8;

/// Where the function is lowest, near `start`; `spread` is the size of the first steps.
/// A function value that is not finite is a wall.
pub(crate) fn lowest(
    what: &'static str,
    start: &[f64],
    spread: f64,
    function: impl Fn(&[f64]) -> f64,
) -> Result<Vec<f64>> {
    let height = |point: &[f64]| {
        let value = function(point);
        if value.is_finite() { value } else { f64::INFINITY }
    };
    let mut best = Corner { at: start.to_vec(), height: height(start) };
    let mut settled = false;
    for _ in 0..STARTS {
        let mut simplex = Simplex::around(&best.at, spread, &height);
        let came_to_rest = simplex.descend(&height);
        let found = simplex.corners.swap_remove(0);
        let gain = best.height - found.height;
        best = found;
        settled = came_to_rest && gain <= 1e-9 * best.height.abs().max(1.0);
        if settled {
            break;
        }
    }
    if settled && best.height.is_finite() {
        Ok(best.at)
    } else {
        Err(AnalyticsError::NotSettled { what, steps: STEPS_PER_START * STARTS })
    }
}

struct Corner {
    at: Vec<f64>,
    height: f64,
}

/// One corner more than there are parameters, the lowest first.
struct Simplex {
    corners: Vec<Corner>,
}

impl Simplex {
    fn around(point: &[f64], spread: f64, height: &impl Fn(&[f64]) -> f64) -> Self {
        let mut points = vec![point.to_vec(); point.len() + 1];
        for (axis, moved) in points.iter_mut().skip(1).enumerate() {
            moved[axis] += spread;
        }
        let corners = points.into_iter().map(|at| Corner { height: height(&at), at }).collect();
        let mut simplex = Self { corners };
        simplex.sort();
        simplex
    }

    fn sort(&mut self) {
        self.corners.sort_by(|a, b| a.height.total_cmp(&b.height));
    }

    /// True when it came to rest before it ran out of steps.
    fn descend(&mut self, height: &impl Fn(&[f64]) -> f64) -> bool {
        for _ in 0..STEPS_PER_START {
            if self.is_at_rest() {
                return true;
            }
            self.step(height);
            self.sort();
        }
        false
    }

    fn is_at_rest(&self) -> bool {
        let (lowest, highest) = (&self.corners[0], &self.corners[self.corners.len() - 1]);
        let flat = (highest.height - lowest.height).abs() <= 1e-13 * lowest.height.abs().max(1e-3);
        let small = self.corners.iter().all(|corner| {
            corner.at.iter().zip(&lowest.at).all(|(a, b)| (a - b).abs() <= 1e-8 * b.abs().max(1.0))
        });
        flat && small
    }

    /// Replaces the highest corner, or draws all of them towards the lowest.
    fn step(&mut self, height: &impl Fn(&[f64]) -> f64) {
        let last = self.corners.len() - 1;
        let middle = self.middle_of_others();
        let along = |factor: f64, from: &[f64]| {
            let at: Vec<f64> = middle.iter().zip(from).map(|(m, f)| m + factor * (m - f)).collect();
            Corner { height: height(&at), at }
        };
        let worst = &self.corners[last];
        let mirrored = along(1.0, &worst.at);
        if mirrored.height < self.corners[0].height {
            let stretched = along(2.0, &worst.at);
            self.corners[last] = if stretched.height < mirrored.height { stretched } else { mirrored };
        } else if mirrored.height < self.corners[last - 1].height {
            self.corners[last] = mirrored;
        } else {
            let nearer =
                if mirrored.height < worst.height { along(0.5, &worst.at) } else { along(-0.5, &worst.at) };
            if nearer.height < worst.height.min(mirrored.height) {
                self.corners[last] = nearer;
            } else {
                self.shrink(height);
            }
        }
    }

    fn middle_of_others(&self) -> Vec<f64> {
        let others = &self.corners[..self.corners.len() - 1];
        let axes = 0..self.corners[0].at.len();
        axes.map(|axis| others.iter().map(|corner| corner.at[axis]).sum::<f64>() / others.len() as f64)
            .collect()
    }

    fn shrink(&mut self, height: &impl Fn(&[f64]) -> f64) {
        let lowest = self.corners[0].at.clone();
        for corner in self.corners.iter_mut().skip(1) {
            for (a, b) in corner.at.iter_mut().zip(&lowest) {
                *a = (*a + b) / 2.0;
            }
            corner.height = height(&corner.at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curved_valley_is_followed_to_its_end() {
        let valley = |p: &[f64]| (1.0 - p[0]).powi(2) + 100.0 * (p[1] - p[0] * p[0]).powi(2);
        let found = lowest("a valley", &[-1.2, 1.0], 0.5, valley).unwrap();
        assert!((found[0] - 1.0).abs() < 1e-6 && (found[1] - 1.0).abs() < 1e-6, "{found:?}");
    }

    #[test]
    fn a_function_without_a_value_is_an_error() {
        assert!(lowest("nothing", &[0.0], 0.1, |_| f64::NAN).is_err());
    }
}
