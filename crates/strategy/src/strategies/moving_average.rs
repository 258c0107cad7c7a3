//! Moving-average cross: long while the average of few closes is above that of many. Sums are whole numbers of
//! ticks, so that equal averages are equal; on a tie it stays as it is.

use super::size::{QTY, SHARE, Size, turned};
use crate::contract::{Args, Intents, Param, Reads, Row, Strategy, StrategyError, View, load, save};
use model::{Bar, Qty};
use serde::{Deserialize, Serialize};

pub(super) const ROW: Row = Row {
    name: "ma_cross",
    about: "long while the average of the last `fast` closes is above that of the last `slow`",
    params: &[
        Param::count("fast", "closes in the quick average", 10.0, 1.0, 10_000.0),
        Param::count("slow", "closes in the slow average", 30.0, 2.0, 10_000.0),
        Param::count("short", "1 to be short where it would be flat", 0.0, 0.0, 1.0),
        QTY,
        SHARE,
    ],
    ordered: &[("fast", "slow")],
    markets: (1, 1),
    reads: Reads { bars: true, quotes: false, sizes: false, prints: false },
    warm_up: |args| args.count("slow"),
    make: |args, _| Ok(Box::new(Cross::new(args))),
};

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Cross {
    fast: usize,
    slow: usize,
    shorts: bool,
    size: Size,
    /// The last `slow` closes, the oldest at `next` once all are there.
    closes: Vec<i64>,
    next: usize,
    /// Where the oldest close of the quick average is.
    tail: usize,
    sums: Sums,
    seen: usize,
}

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct Sums {
    fast: i64,
    slow: i64,
}

impl Cross {
    fn new(args: &Args) -> Self {
        let (fast, slow) = (args.count("fast"), args.count("slow"));
        let closes = vec![0; slow];
        let sums = Sums::default();
        let shorts = args.is_set("short");
        Self { fast, slow, shorts, size: Size::of(args), closes, next: 0, tail: slow - fast, sums, seen: 0 }
    }

    /// The sums with one more close; what is not there yet counts as zero.
    #[inline]
    fn with(&self, close: i64) -> Sums {
        let Sums { fast, slow } = self.sums;
        Sums {
            fast: fast.wrapping_add(close).wrapping_sub(self.closes[self.tail]),
            slow: slow.wrapping_add(close).wrapping_sub(self.closes[self.next]),
        }
    }

    #[inline]
    fn keep(&mut self, close: i64, sums: Sums) {
        self.sums = sums;
        self.closes[self.next] = close;
        self.next = if self.next + 1 == self.slow { 0 } else { self.next + 1 };
        self.tail = if self.tail + 1 == self.slow { 0 } else { self.tail + 1 };
        self.seen += 1;
    }

    /// Which average is higher: 1 for the quick one, 0 for neither.
    #[inline]
    fn sign(&self, sums: Sums) -> i64 {
        let difference =
            i128::from(sums.fast) * self.slow as i128 - i128::from(sums.slow) * self.fast as i128;
        (difference > 0) as i64 - (difference < 0) as i64
    }

    /// Where it wants to be, if that is another side than where it is.
    #[inline]
    fn wants(&self, sign: i64, held: Qty) -> Option<i64> {
        match sign {
            1 if held.0 <= 0 => Some(1),
            -1 if self.shorts && held.0 >= 0 => Some(-1),
            -1 if !self.shorts && held.0 > 0 => Some(0),
            _ => None,
        }
    }
}

impl Strategy for Cross {
    fn on_bar(&mut self, at: usize, bar: &Bar, view: &View<'_>, out: &mut Intents) {
        let sums = self.with(bar.close.0);
        self.keep(bar.close.0, sums);
        if self.seen < self.slow {
            return;
        }
        if let Some(side) = self.wants(self.sign(sums), view.held(at)) {
            out.target(at, Qty(self.size.lots(at, bar.close, view).0 * side));
        }
    }

    fn pass(&mut self, _at: usize, bars: &[Bar], held: Qty) -> usize {
        for (place, bar) in bars.iter().enumerate() {
            let sums = self.with(bar.close.0);
            let is_warm = self.seen + 1 >= self.slow;
            if is_warm && self.wants(self.sign(sums), held).is_some() {
                return place;
            }
            self.keep(bar.close.0, sums);
        }
        bars.len()
    }

    fn on_split(&mut self, _at: usize, old: u32, new: u32) {
        self.closes.iter_mut().for_each(|close| *close = turned(*close, old, new));
        let quick = (0..self.fast).map(|back| self.closes[(self.tail + back) % self.slow]);
        self.sums = Sums { fast: quick.sum(), slow: self.closes.iter().sum() };
    }

    fn save(&self) -> Result<Vec<u8>, StrategyError> {
        save(self)
    }

    fn load(&mut self, state: &[u8]) -> Result<(), StrategyError> {
        let loaded: Self = load(state)?;
        let fits = loaded.fast == self.fast
            && loaded.slow == self.slow
            && loaded.closes.len() == self.slow
            && loaded.next < self.slow
            && loaded.tail < self.slow;
        if !fits {
            return Err(StrategyError::BadState);
        }
        *self = loaded;
        Ok(())
    }
}
