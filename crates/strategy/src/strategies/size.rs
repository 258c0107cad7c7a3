//! How much to trade: so many lots, or a share of what the account is worth.

use crate::contract::{Args, Param, View};
use model::{Price, Qty};
use serde::{Deserialize, Serialize};

pub(super) const QTY: Param =
    Param::count("qty", "lots to hold, where no share is given", 1.0, 1.0, 1_000_000_000_000.0);
pub(super) const SHARE: Param =
    Param::real("share", "share of the account's worth to hold in place of lots; 0 for lots", 0.0, 0.0, 10.0);

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Size {
    qty: i64,
    share: f64,
}

impl Size {
    pub(super) fn of(args: &Args) -> Self {
        Self { qty: args.whole("qty"), share: args.real("share") }
    }

    /// Lots for a position at this price; none where the worth is not known.
    pub(super) fn lots(self, at: usize, price: Price, view: &View<'_>) -> Qty {
        if self.share <= 0.0 {
            return Qty(self.qty);
        }
        let amount = view.equity().unwrap_or(0.0) * self.share;
        view.market(at).lots_for(amount, price).max(Qty::ZERO)
    }
}

/// A price in ticks as it is after a split, to the nearest tick.
pub(super) fn turned(price: i64, old: u32, new: u32) -> i64 {
    let new = i128::from(new.max(1));
    let all = i128::from(price) * i128::from(old);
    i64::try_from((all + new / 2).div_euclid(new)).unwrap_or(price)
}
