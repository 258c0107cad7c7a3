//! Leave: what an account as a whole may do before its positions have to be valued again. Found when an order was
//! measured, taken from by whatever comes, and given back only by the next measuring: so it errs to the side of
//! measuring. It follows from the rest of the state and decides nothing: without leave an order is measured, and gets
//! the same answer.

use model::{InstrumentId, Time};

/// Amounts are kept in so many bits less, so that they are single words: positions rounded up, equity down.
const BITS: u32 = 32;
/// And positions are counted by this part dearer, and equity lower: so far prices may move before they are told to
/// be otherwise.
const APART: u32 = 6;

/// What an account may do as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Leave {
    /// Granted when what was told was this; 0 is never. Good until then.
    pub(crate) told: u64,
    pub(crate) until: Time,
    /// In its currency: it is worth no less, and its positions come to no more.
    pub(crate) equity: i64,
    pub(crate) gross: i64,
    /// It holds one instrument only; else the one, if any, whose correlation with the others was looked up.
    pub(crate) alone: bool,
    pub(crate) beside: Option<InstrumentId>,
    /// All it trades is settled in its currency.
    pub(crate) native: bool,
}

impl Default for Leave {
    fn default() -> Self {
        Self::NONE
    }
}

impl Leave {
    pub(crate) const NONE: Self =
        Self { told: 0, until: Time::MIN, equity: 0, gross: 0, alone: false, beside: None, native: false };

    /// So many lots more may come to be, each worth `lot`.
    #[inline]
    pub(super) fn open(&mut self, lot: i64, lots: i64) {
        if lot == 0 {
            self.told = 0;
        }
        self.gross = self.gross.saturating_add(dearer(times(lot, lots)));
    }

    /// So many lots were traded for `value` and a fee: what they are worth less is lost.
    #[inline]
    pub(super) fn trade(&mut self, lot: i64, qty: i64, value: i128, fee: i128) {
        let lots = qty.saturating_abs();
        let worth = times(lot, lots);
        if !self.native || value < 0 || worth == i64::MAX {
            self.told = 0;
        }
        // Each rounded by one at the most, and the lot by one for each of them.
        let beside = floor(value).saturating_sub(worth).saturating_abs().saturating_add(lots);
        let apart = dearer(worth).saturating_sub(worth).saturating_add(floor(fee).saturating_abs());
        self.equity = self.equity.saturating_sub(beside).saturating_sub(apart).saturating_sub(2);
    }
}

/// An amount as it is kept here, rounded down; the most that can be kept where it is more.
#[inline]
pub(crate) fn floor(amount: i128) -> i64 {
    i64::try_from(amount >> BITS).unwrap_or(if amount < 0 { i64::MIN } else { i64::MAX })
}

/// The same rounded up.
#[inline]
pub(crate) fn ceil(amount: i128) -> i64 {
    floor(amount).saturating_add(1)
}

/// At the dearest that prices come to before they are told to be otherwise.
#[inline]
pub(crate) fn dearer(worth: i64) -> i64 {
    worth.saturating_add(worth >> APART).saturating_add(1)
}

/// Of numbers that are not negative; the largest number where it is more.
#[inline]
pub(crate) fn times(lot: i64, lots: i64) -> i64 {
    lot.checked_mul(lots).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_comes_takes_and_what_cannot_be_counted_ends_it() {
        let given = Leave { told: 7, equity: 1_000_000, gross: 1000, native: true, ..Leave::NONE };
        let mut leave = given;
        leave.open(100, 64);
        assert!(leave.gross >= 1000 + 6500 && leave.told == 7, "{leave:?}");
        // A trade at what it is worth, and one at half of that: the other half is lost.
        for (value, least) in [(6400, 100), (3200, 3300)] {
            let mut leave = given;
            leave.trade(100, -64, i128::from(value) << BITS, 0);
            let lost = given.equity - leave.equity;
            assert!(lost >= least && lost < least + 200 && leave.told == 7, "{value}: {lost}");
        }
        let ended = |with: fn(&mut Leave)| {
            let mut leave = given;
            with(&mut leave);
            leave.told == 0
        };
        assert!(ended(|leave| leave.open(0, 1)), "of an instrument that was not looked at");
        assert!(ended(|leave| leave.trade(100, 1, -1, 0)), "below zero");
        assert!(ended(|leave| leave.trade(i64::MAX, 2, 1, 0)), "too much to count");
        assert!(ended(|leave| {
            leave.native = false;
            leave.trade(100, 1, 1, 0);
        }));
        assert_eq!((floor(i128::MAX), ceil(i128::MAX), times(i64::MAX, 2)), (i64::MAX, i64::MAX, i64::MAX));
        assert_eq!((floor(-1), ceil(1)), (-1, 1));
    }
}
