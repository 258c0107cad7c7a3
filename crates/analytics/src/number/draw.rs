//! Draws by chance that a seed repeats to the bit: uniform, normal, Student's t, places in a list.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use std::f64::consts::PI;

/// A stream of draws; the same seed gives the same stream on every machine of the same floating point.
#[derive(Clone, Debug)]
pub struct Draw {
    source: ChaCha8Rng,
    /// Normal draws come in pairs; the second waits here.
    spare: Option<f64>,
}

impl Draw {
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self { source: ChaCha8Rng::seed_from_u64(seed), spare: None }
    }

    /// Between 0 and 1, and neither of them.
    pub fn uniform(&mut self) -> f64 {
        ((self.source.next_u64() >> 12) as f64 + 0.5) / (1_u64 << 52) as f64
    }

    /// A place below `length`, which must not be zero.
    pub fn place(&mut self, length: usize) -> usize {
        let wide = u128::from(self.source.next_u64()) * length as u128;
        usize::try_from(wide >> 64).expect("invariant: the high half lies below the length")
    }

    /// Standard normal (Box and Muller, 1958).
    pub fn normal(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        let radius = (-2.0 * self.uniform().ln()).sqrt();
        let (sine, cosine) = (2.0 * PI * self.uniform()).sin_cos();
        self.spare = Some(radius * sine);
        radius * cosine
    }

    /// Chi-square with `degrees` above zero (Marsaglia and Tsang, 2000, for half of it).
    pub fn chi_square(&mut self, degrees: f64) -> f64 {
        let shape = degrees / 2.0;
        if shape < 1.0 {
            let lifted = self.chi_square(degrees + 2.0);
            return lifted * self.uniform().powf(1.0 / shape);
        }
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let x = self.normal();
            let cube = (1.0 + c * x).powi(3);
            if cube > 0.0 && self.uniform().ln() < x * x / 2.0 + d - d * cube + d * cube.ln() {
                return 2.0 * d * cube;
            }
        }
    }

    /// Puts a list into a random order, each order as likely as another.
    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for last in (1..list.len()).rev() {
            let place = self.place(last + 1);
            list.swap(last, place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::sample::Sample;

    fn moments(draws: &[f64]) -> (f64, f64) {
        let sample = Sample::new("draws", draws, 2).unwrap();
        (sample.mean(), sample.variance().unwrap())
    }

    #[test]
    fn draws_have_the_moments_of_their_distribution() {
        let mut draw = Draw::seeded(7);
        let normal: Vec<f64> = (0..100_000).map(|_| draw.normal()).collect();
        let chi: Vec<f64> = (0..100_000).map(|_| draw.chi_square(5.0)).collect();
        let small: Vec<f64> = (0..100_000).map(|_| draw.chi_square(1.2)).collect();
        let (mean, variance) = moments(&normal);
        assert!(mean.abs() < 0.01 && (variance - 1.0).abs() < 0.02, "{mean} {variance}");
        for (draws, degrees) in [(chi, 5.0), (small, 1.2)] {
            let (mean, variance) = moments(&draws);
            assert!((mean / degrees - 1.0).abs() < 0.02 && (variance / degrees / 2.0 - 1.0).abs() < 0.05);
        }
    }

    #[test]
    fn a_seed_repeats_and_another_does_not() {
        let stream = |seed| {
            let mut draw = Draw::seeded(seed);
            (0..10).map(|_| draw.normal().to_bits()).collect::<Vec<_>>()
        };
        assert_eq!(stream(1), stream(1));
        assert_ne!(stream(1), stream(2));
    }

    #[test]
    fn a_shuffle_keeps_what_it_moves_and_reaches_every_place() {
        let mut draw = Draw::seeded(3);
        let mut first = [0_u32; 5];
        for _ in 0..5_000 {
            let mut list = [0_usize, 1, 2, 3, 4];
            draw.shuffle(&mut list);
            first[list[0]] += 1;
            list.sort_unstable();
            assert_eq!(list, [0, 1, 2, 3, 4]);
        }
        assert!(first.iter().all(|&times| (850..1_150).contains(&times)), "{first:?}");
    }
}
