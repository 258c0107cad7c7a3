//! What comes out of an indicator: as many numbers as its row names outputs, all finite.

use std::ops::Deref;

const MOST: usize = 10;

#[derive(Clone, Copy, Debug)]
pub struct Values {
    count: usize,
    numbers: [f64; MOST],
}

impl Values {
    /// The first output, which is the only one of most indicators.
    #[must_use]
    pub fn first(&self) -> f64 {
        self.numbers[0]
    }

    pub(super) fn from_slice(numbers: &[f64]) -> Self {
        let mut values = Self { count: numbers.len().min(MOST), numbers: [0.0; MOST] };
        for (slot, number) in values.numbers.iter_mut().zip(numbers) {
            *slot = *number;
        }
        values
    }
}

impl Deref for Values {
    type Target = [f64];

    fn deref(&self) -> &[f64] {
        self.numbers.get(..self.count).unwrap_or(&self.numbers)
    }
}

impl PartialEq for Values {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl From<f64> for Values {
    fn from(number: f64) -> Self {
        Self::from_slice(&[number])
    }
}

impl<const N: usize> From<[f64; N]> for Values {
    fn from(numbers: [f64; N]) -> Self {
        const { assert!(N >= 1 && N <= MOST, "an indicator has from one to ten outputs") };
        Self::from_slice(&numbers)
    }
}
