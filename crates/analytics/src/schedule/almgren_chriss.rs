//! The schedule of R. Almgren and N. Chriss, "Optimal execution of portfolio transactions" (2000): to trade fast
//! costs impact, to trade slowly costs risk, and the best compromise of the two decays like a hyperbolic sine.
//! With a share of time t gone, sinh(u (1 − t)) / sinh(u) of the whole is still to be done; u is the urgency.

use super::{ScheduleError, even};
use model::{Slice, Time};

/// What the trader minds and what the market costs, in one unit of price, of quantity and of time throughout.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AlmgrenChriss {
    /// How much of expected cost is worth one unit of variance of cost; 0 minds no risk.
    pub risk_aversion: f64,
    /// Of the price, a square root of a second.
    pub volatility: f64,
    /// How far the price gives way while one unit a second is traded; what is paid for haste.
    pub temporary_impact: f64,
    /// How far the price moves for good with one unit traded. It costs every schedule the same, but for the
    /// length of a slice.
    pub permanent_impact: f64,
}

/// The one number that the shape depends on: the length of the schedule over the time in which an unhurried
/// position would shrink to 1/e. At half time 0 has done half, 1 has done 56 %, 3 has done 79 %, 10 has done 99 %.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Urgency(pub f64);

impl AlmgrenChriss {
    /// The urgency of a schedule that lasts `seconds` and is cut into `count` slices: κ × T, with κ from
    /// 2 (cosh κτ − 1) / τ² = λσ² / (η − γτ/2), where τ is the length of a slice.
    pub fn urgency(&self, seconds: f64, count: u32) -> Result<Urgency, ScheduleError> {
        let Self { risk_aversion, volatility, temporary_impact, permanent_impact } = *self;
        let given = [risk_aversion, volatility, temporary_impact, permanent_impact];
        if given.iter().any(|number| !number.is_finite() || *number < 0.0) || temporary_impact <= 0.0 {
            return Err(ScheduleError::Parameters);
        }
        if !seconds.is_finite() || seconds <= 0.0 {
            return Err(ScheduleError::Span);
        }
        if count == 0 {
            return Err(ScheduleError::Slices);
        }
        let slice = seconds / f64::from(count);
        let impact = temporary_impact - permanent_impact * slice / 2.0;
        if impact <= 0.0 {
            return Err(ScheduleError::PermanentImpact);
        }
        let pull = risk_aversion * volatility * volatility / impact;
        // acosh(1 + x) loses small x; the half-angle form, 2 asinh(√(x / 2)), keeps it.
        let kappa = 2.0 * (pull.sqrt() * slice / 2.0).asinh() / slice;
        let urgency = kappa * seconds;
        if urgency.is_finite() { Ok(Urgency(urgency)) } else { Err(ScheduleError::Parameters) }
    }

    /// The schedule from `start` to `end` in `count` slices of one length.
    pub fn slices(&self, start: Time, end: Time, count: u32) -> Result<Vec<Slice>, ScheduleError> {
        let seconds = end.0.saturating_sub(start.0) as f64 / 1e9;
        self.urgency(seconds, count)?.slices(start, end, count)
    }
}

impl Urgency {
    pub fn slices(self, start: Time, end: Time, count: u32) -> Result<Vec<Slice>, ScheduleError> {
        if !self.0.is_finite() || self.0 < 0.0 {
            return Err(ScheduleError::Parameters);
        }
        even(start, end, count, |gone| 1.0 - self.left(gone))
    }

    /// What is still to be done once this share of the time has gone.
    fn left(self, gone: f64) -> f64 {
        let (whole, rest) = (self.0, self.0 * (1.0 - gone));
        // So flat that the quotient of the two would be noise.
        if whole < 1e-6 {
            return 1.0 - gone;
        }
        // sinh(rest) / sinh(whole) without the exponentials that overflow.
        (rest - whole).exp() * (-2.0 * rest).exp_m1() / (-2.0 * whole).exp_m1()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{ScheduleError, is_sound};
    use super::{AlmgrenChriss, Urgency};
    use model::{Rate, Time};
    use proptest::prelude::{ProptestConfig, proptest};

    const MARKET: AlmgrenChriss = AlmgrenChriss {
        risk_aversion: 1e-6,
        volatility: 0.95,
        temporary_impact: 2.5e-6,
        permanent_impact: 2.5e-7,
    };

    fn done(urgency: f64, count: u32) -> Vec<i64> {
        let slices = Urgency(urgency).slices(Time(0), Time(60_000_000_000), count);
        slices.unwrap().iter().map(|slice| slice.done.0).collect()
    }

    /// sinh(1) = 1.175201193644, sinh(0.5) = 0.521095305494: 0.443409441985 is left at half time.
    /// sinh(2) = 3.626860407847, sinh(1.5) = 2.129279455095: 0.587086134, 0.324027137, 0.143676692 at the quarters.
    #[test]
    fn the_closed_form_is_what_it_is_by_hand() {
        assert_eq!(done(1.0, 2), [556_590_558, Rate::ONE.0]);
        assert_eq!(done(2.0, 4), [412_913_866, 675_972_863, 856_323_308, Rate::ONE.0]);
    }

    #[test]
    fn no_urgency_is_a_straight_line_and_more_leans_forward() {
        assert_eq!(done(0.0, 4), [250_000_000, 500_000_000, 750_000_000, Rate::ONE.0]);
        assert_eq!(done(1e-7, 4), done(0.0, 4));
        assert_eq!(done(1e-4, 2)[0] - 500_000_000, 1);
        assert!(done(3.0, 2)[0] > 780_000_000);
        assert!(done(10.0, 10)[0] > 630_000_000);
        // Beyond what sinh can say.
        assert_eq!(done(10_000.0, 10), [Rate::ONE.0; 10]);
    }

    /// The example of the paper: κ comes to about 0.61 a day, so 3.0 in five days cut into five.
    #[test]
    fn the_urgency_is_that_of_the_papers_example() {
        let urgency = MARKET.urgency(5.0, 5).unwrap().0;
        assert!((urgency - 3.03).abs() < 0.02, "{urgency}");
        // As slices grow shorter it nears √(λσ²/η) T = 0.600833 × 5.
        let urgency = MARKET.urgency(5.0, 100_000).unwrap().0;
        assert!((urgency - 3.004_164).abs() < 1e-4, "{urgency}");
        let careless = AlmgrenChriss { risk_aversion: 0.0, ..MARKET };
        assert_eq!(careless.urgency(5.0, 5), Ok(Urgency(0.0)));
    }

    #[test]
    fn what_makes_no_schedule_is_refused() {
        let refused =
            |market: AlmgrenChriss, end, count| market.slices(Time(0), Time(end), count).unwrap_err();
        let minute = 60_000_000_000;
        assert_eq!(refused(MARKET, 0, 5), ScheduleError::Span);
        assert_eq!(refused(MARKET, minute, 0), ScheduleError::Slices);
        assert_eq!(refused(MARKET, minute, 10_001), ScheduleError::Slices);
        assert_eq!(refused(MARKET, 3, 5), ScheduleError::Slices);
        let free = AlmgrenChriss { temporary_impact: 0.0, ..MARKET };
        assert_eq!(refused(free, minute, 5), ScheduleError::Parameters);
        let unknown = AlmgrenChriss { volatility: f64::NAN, ..MARKET };
        assert_eq!(refused(unknown, minute, 5), ScheduleError::Parameters);
        let lasting = AlmgrenChriss { permanent_impact: 1.0, ..MARKET };
        assert_eq!(refused(lasting, minute, 5), ScheduleError::PermanentImpact);
        assert_eq!(Urgency(-1.0).slices(Time(0), Time(minute), 5), Err(ScheduleError::Parameters));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn every_schedule_is_one_that_the_engine_takes(
            urgency in 0.0f64..200.0,
            more in 0.0f64..5.0,
            start in -1_000_000_000_000i64..1_000_000_000_000,
            span in 10_000i64..1_000_000_000_000,
            count in 1u32..2_000,
        ) {
            let (from, to) = (Time(start), Time(start + span));
            let slices = Urgency(urgency).slices(from, to, count).unwrap();
            assert!(is_sound(&slices, from));
            assert_eq!(slices.last().unwrap().at, to);
            let hastier = Urgency(urgency + more).slices(from, to, count).unwrap();
            // A part of 10⁻⁹ of rounding.
            assert!(slices.iter().zip(&hastier).all(|(one, other)| other.done.0 >= one.done.0 - 1));
        }
    }
}
