//! Quoting: orders on both sides of a fair price that comes from outside, leaning against what is held. They move
//! when the fair price has moved far enough, and go when it is too old or the inventory is full.

use super::step::Manner;
use crate::Engine;
use model::{AlgoId, Event, Price, Qty, Quoting, Side, Time};

const LEVELS_MAX: u32 = 32;

impl Engine {
    /// Quotes anew where that is due; gives when to look again.
    pub(super) fn quote_on(
        &mut self,
        id: AlgoId,
        quoting: &Quoting,
        events: &mut Vec<Event>,
    ) -> Option<Time> {
        let run = self.algos.get(&id.0)?;
        let (before, instrument, taken) = (run.fair, run.instrument, run.taken);
        let listed = self.listings.get(instrument.0 as usize)?;
        let fresh = listed.heard.saturating_add_ns(quoting.stale_ns);
        let fair = listed.fair().filter(|_| fresh > self.time);
        let moved = match (before, fair) {
            (Some(before), Some(now)) => now.0.saturating_sub(before.0).saturating_abs() >= quoting.refresh,
            (before, now) => before != now,
        };
        if moved || taken {
            self.quote_anew(id, quoting, fair, events);
        }
        Some(if fair.is_some() { fresh } else { Time::MAX })
    }

    fn quote_anew(&mut self, id: AlgoId, quoting: &Quoting, fair: Option<Price>, events: &mut Vec<Event>) {
        let Some(run) = self.algos.get_mut(&id.0) else { return };
        (run.fair, run.taken) = (fair, false);
        let (book, instrument) = (run.book, run.instrument);
        run.children.clone().into_iter().for_each(|child| self.cancel_child(child, events));
        let Some(fair) = fair else { return };
        let held = self.holding(book, instrument).map_or(0, |holding| holding.qty.0);
        let lean = quoting.lean(held);
        for level in 0..quoting.levels {
            for side in [Side::Buy, Side::Sell] {
                let qty = quoting.room(side, held, level);
                let price = quoting.price(fair, lean, side, level);
                let Some(run) = self.algos.get(&id.0) else { return };
                // Both sides together ask for no more than is left.
                let uncut = self.uncut(run);
                self.send(id, side, qty.min(uncut), Manner::Quotes(price), events);
            }
        }
    }
}

/// The arithmetic of a quote, on the words of the vocabulary.
pub(super) trait Quotes {
    fn is_sound(&self) -> bool;
    /// How far the quotes stand below the fair price for what is held.
    fn lean(&self, held: i64) -> i64;
    fn price(&self, fair: Price, lean: i64, side: Side, level: u32) -> Price;
    /// What a level may still quote before the inventory would be full.
    fn room(&self, side: Side, held: i64, level: u32) -> Qty;
}

impl Quotes for Quoting {
    fn is_sound(&self) -> bool {
        let levels = self.levels > 0 && self.levels <= LEVELS_MAX && self.level_step >= 0;
        let sizes = self.qty.0 > 0 && self.inventory_max.0 > 0 && self.half_spread > 0;
        levels && sizes && self.skew >= 0 && self.refresh > 0 && self.stale_ns > 0
    }

    fn lean(&self, held: i64) -> i64 {
        let lean = i128::from(held).saturating_mul(i128::from(self.skew));
        let lean = lean.checked_div(i128::from(self.inventory_max.0)).unwrap_or(0);
        i64::try_from(lean).unwrap_or(0).clamp(self.skew.saturating_neg(), self.skew)
    }

    fn price(&self, fair: Price, lean: i64, side: Side, level: u32) -> Price {
        let away = self.half_spread.saturating_add(self.level_step.saturating_mul(i64::from(level)));
        let away = away.saturating_mul(side.sign());
        Price(fair.0.saturating_sub(lean).saturating_sub(away))
    }

    fn room(&self, side: Side, held: i64, level: u32) -> Qty {
        let quoted = self.qty.0.saturating_mul(i64::from(level));
        let toward = held.saturating_mul(side.sign());
        let room = self.inventory_max.0.saturating_sub(toward).saturating_sub(quoted);
        Qty(self.qty.0.min(room).max(0))
    }
}
