//! The series of bars that other engines were measured on: a walk in whole cents whose every open is the close
//! before it, drawn as numpy's default generator draws it (PCG64, O'Neill 2014, seeded by its `SeedSequence`), so
//! that their figures can be held against ours to the last digit.

use model::{Bar, NANOS_PER_SECOND, Price, Qty, Time};

/// When the first bar opens, and how long a bar is.
const START: i64 = 1_600_000_000 * NANOS_PER_SECOND;
const BAR: i64 = 60 * NANOS_PER_SECOND;
/// In cents: where the walk begins, and the bounds that it is reflected at.
const FIRST: i64 = 1_000_000;
const LOW: i64 = 200_000;
const HIGH: i64 = 5_000_000;

/// So many bars of one minute; prices count cents.
#[must_use]
pub fn series(bars: usize, seed: u32) -> Vec<Bar> {
    let mut draw = Pcg::seeded(seed);
    let mut column = |low: i64, high: i64| -> Vec<i64> { (0..bars).map(|_| draw.below(low, high)).collect() };
    let (steps, ups, downs, volumes) = (column(-30, 31), column(0, 20), column(0, 20), column(1, 1000));
    let span = HIGH.wrapping_sub(LOW);
    let mut walk = FIRST;
    let mut open = FIRST;
    let mut made = Vec::with_capacity(bars);
    let columns = steps.iter().zip(&ups).zip(downs.iter().zip(&volumes));
    for (at, ((step, up), (down, volume))) in (0i64..).zip(columns) {
        walk = walk.saturating_add(*step);
        let folded = walk.saturating_sub(LOW).rem_euclid(span.saturating_mul(2));
        let close = LOW.saturating_add(folded.min(span.saturating_mul(2).saturating_sub(folded)));
        let begin = START.saturating_add(at.saturating_mul(BAR));
        made.push(Bar {
            begin: Time(begin),
            end: Time(begin.saturating_add(BAR)),
            open: Price(open),
            high: Price(open.max(close).saturating_add(*up)),
            low: Price(open.min(close).saturating_sub(*down)),
            close: Price(close),
            volume: Qty(*volume),
        });
        open = close;
    }
    made
}

struct Pcg {
    state: u128,
    increment: u128,
    /// The upper half of the last draw, which the next draw of 32 bits takes.
    half: Option<u32>,
}

const MULTIPLIER: u128 = 0x2360_ed05_1fc6_5da4_4385_df64_9fcc_f645;

impl Pcg {
    fn seeded(seed: u32) -> Self {
        let [a, b, c, d] = seed_words(seed);
        let wide = |high: u64, low: u64| (u128::from(high) << 64) | u128::from(low);
        let increment = (wide(c, d) << 1) | 1;
        let mut pcg = Self { state: 0, increment, half: None };
        pcg.step();
        pcg.state = pcg.state.wrapping_add(wide(a, b));
        pcg.step();
        pcg
    }

    fn step(&mut self) {
        self.state = self.state.wrapping_mul(MULTIPLIER).wrapping_add(self.increment);
    }

    fn next_64(&mut self) -> u64 {
        self.step();
        let [low, high] = halves(self.state);
        (high ^ low).rotate_right(u32::try_from(self.state >> 122).unwrap_or(0))
    }

    fn next_32(&mut self) -> u32 {
        if let Some(half) = self.half.take() {
            return half;
        }
        let whole = self.next_64();
        self.half = u32::try_from(whole >> 32).ok();
        u32::try_from(whole & u64::from(u32::MAX)).unwrap_or(0)
    }

    /// From `low` up to but without `high` (Lemire, 2019).
    fn below(&mut self, low: i64, high: i64) -> i64 {
        let range = u64::from(u32::try_from(high.saturating_sub(low)).unwrap_or(1));
        let threshold = (1_u64 << 32).wrapping_rem(range.max(1));
        loop {
            let wide = u64::from(self.next_32()).wrapping_mul(range);
            if wide & u64::from(u32::MAX) >= threshold {
                return low.saturating_add(i64::try_from(wide >> 32).unwrap_or(0));
            }
        }
    }
}

fn halves(wide: u128) -> [u64; 2] {
    let part = |shift: u32| u64::try_from((wide >> shift) & u128::from(u64::MAX)).unwrap_or(0);
    [part(0), part(64)]
}

/// What numpy's `SeedSequence` makes of a small seed.
fn seed_words(seed: u32) -> [u64; 4] {
    let mut constant = 0x43b0_d7e5_u32;
    let mut hash = |value: u32| {
        let mut value = value ^ constant;
        constant = constant.wrapping_mul(0x931e_8875);
        value = value.wrapping_mul(constant);
        value ^ (value >> 16)
    };
    let mut pool = [hash(seed), hash(0), hash(0), hash(0)];
    for from in 0..4_usize {
        for to in (0..4_usize).filter(|to| *to != from) {
            let source = pool.get(from).copied().map_or(0, &mut hash);
            if let Some(slot) = pool.get_mut(to) {
                let mixed = slot.wrapping_mul(0xca01_f9dd).wrapping_sub(source.wrapping_mul(0x4973_f715));
                *slot = mixed ^ (mixed >> 16);
            }
        }
    }
    let mut constant = 0x8b51_f9dd_u32;
    let mut word = |value: u32| {
        let mut value = value ^ constant;
        constant = constant.wrapping_mul(0x58f3_8ded);
        value = value.wrapping_mul(constant);
        u64::from(value ^ (value >> 16))
    };
    let [a, b, c, d] = pool;
    let halves = [a, b, c, d, a, b, c, d].map(&mut word);
    let [a, b, c, d, e, f, g, h] = halves;
    [a | b << 32, c | d << 32, e | f << 32, g | h << 32]
}

#[cfg(test)]
mod tests {
    use super::series;

    /// The first and the last line of the recorded series of 100,000 bars with seed 7.
    #[test]
    fn the_walk_is_the_one_that_others_were_measured_on() {
        let bars = series(100_000, 7);
        let line = |at: usize| {
            let bar = bars[at];
            [bar.open.0, bar.high.0, bar.low.0, bar.close.0, bar.volume.0]
        };
        assert_eq!(line(0), FIRST_LINE);
        assert_eq!(line(99_999), LAST_LINE);
    }

    const FIRST_LINE: [i64; 5] = [1000000, 1000040, 1000000, 1000027, 466];
    const LAST_LINE: [i64; 5] = [1005835, 1005847, 1005835, 1005844, 88];
}
