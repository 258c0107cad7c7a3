//! Where an order stands at its price, when only the size of the level is known: trades take from the front; what is
//! taken back is spread over those before and those behind it by a stated law.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Queue {
    /// Whatever is taken back stood behind us, as far as that can be.
    #[default]
    RiskAverse,
    /// Each side's share grows with its size to this power.
    Power(f64),
    /// With the logarithm of its size.
    Log,
}

impl Queue {
    #[must_use]
    pub fn is_sane(self) -> bool {
        !matches!(self, Self::Power(power) if !power.is_finite() || power <= 0.0)
    }

    /// What stands before us, once the level has shrunk from `before` to `after` lots without a trade.
    #[must_use]
    pub fn shrink(self, ahead: f64, before: f64, after: f64) -> f64 {
        let gone = (before - after).max(0.0);
        let behind = (before - ahead).max(0.0);
        let weigh = |size: f64| match self {
            Self::RiskAverse => 0.0,
            Self::Power(power) => size.max(0.0).powf(power),
            Self::Log => size.max(0.0).ln_1p(),
        };
        let (front, back) = (weigh(ahead), weigh(behind));
        let share = if front + back > 0.0 { front / (front + back) } else { 0.0 };
        // What does not fit behind us must have stood before us, whatever the law says.
        let from_front = (gone * share).max(gone - behind);
        (ahead - from_front).clamp(0.0, after.max(0.0))
    }
}

#[cfg(test)]
mod tests {
    use super::Queue;

    #[test]
    fn what_is_taken_back_is_spread_by_the_law() {
        let check = |queue: Queue, ahead, before, after, expected: f64| {
            let found = queue.shrink(ahead, before, after);
            assert!((found - expected).abs() < 1e-12, "{queue:?} {ahead} {before} {after}: {found}");
        };
        check(Queue::RiskAverse, 40.0, 100.0, 60.0, 40.0);
        check(Queue::RiskAverse, 40.0, 100.0, 30.0, 30.0);
        check(Queue::Power(1.0), 40.0, 100.0, 90.0, 36.0);
        check(Queue::Power(2.0), 50.0, 100.0, 80.0, 40.0);
        check(Queue::Log, 50.0, 100.0, 80.0, 40.0);
        check(Queue::Log, 100.0, 100.0, 60.0, 60.0);
        check(Queue::Power(1.0), 0.0, 10.0, 5.0, 0.0);
    }
}
