//! Prices that stay about where they are: what was found by them holds on. One that goes farther is told.

use super::worth::value;
use crate::Engine;
use crate::listing::Listed;
use crate::market::middle;
use model::{AssetId, Input, InputKind, InstrumentId, Price, Time};

/// This part of a price is how far it may go either way. Two of them, one after the other, are less than what
/// `ledger::leave` keeps apart.
const PART: i64 = 512;

impl Listed {
    /// Whether nobody has to hear of a price.
    #[inline]
    pub(crate) fn is_steady(&self, price: Price) -> bool {
        self.steady.is_none_or(|[low, high]| low <= price && price <= high)
    }
}

impl Engine {
    /// A price of the market was told; none is a quote of one side, behind which an older price stands.
    #[inline]
    pub(crate) fn feel_told(&mut self, instrument: InstrumentId, price: Option<Price>) {
        let Some(listed) = self.listings.get_mut(instrument.0 as usize) else { return };
        match price {
            Some(price) if listed.is_steady(price) => {}
            Some(_) => self.feel_price(instrument),
            None if listed.steady.is_none() => {}
            None => {
                listed.steady = None;
                self.risk.tell();
            }
        }
    }

    /// A price of the market is another, and not where it was.
    #[cold]
    pub(crate) fn feel_price(&mut self, instrument: InstrumentId) {
        let reference = self.reference(instrument);
        let Some(listed) = self.listings.get_mut(instrument.0 as usize) else { return };
        if !reference.is_ok_and(|reference| listed.is_steady(reference)) {
            listed.steady = None;
            self.risk.tell();
        }
    }

    /// What an instrument is worth, and until when at least that is known; none if it is nothing, or follows every
    /// change of a book.
    pub(super) fn steady(&mut self, instrument: InstrumentId) -> Option<(Price, Time)> {
        let reference = self.reference(instrument).ok().filter(|reference| reference.0 > 0)?;
        let age_ns = self.risk.kept.ages.of(InputKind::Price);
        let listed = self.listings.get_mut(instrument.0 as usize)?;
        let quoted = listed.quote.as_ref().and_then(middle).map(|_known| listed.quote_at);
        let known =
            [listed.mark.map(|_known| listed.mark_at), quoted, listed.last.map(|_known| listed.last_at)];
        let fresh = known.into_iter().flatten().map(|at| at.saturating_add_ns(age_ns));
        let until = fresh.into_iter().find(|until| self.time <= *until)?;
        if listed.steady.is_none() || !listed.is_steady(reference) {
            let by = reference.0.checked_div(PART)?;
            listed.steady =
                Some([Price(reference.0.saturating_sub(by)), Price(reference.0.saturating_add(by))]);
        }
        Some((reference, until))
    }

    /// Until when at least it is known what one asset is worth in another.
    pub(super) fn steady_rate(&mut self, from: AssetId, to: AssetId) -> Option<Time> {
        let rates = [Input::FxRate { from, to }, Input::FxRate { from: to, to: from }];
        match rates.iter().find(|rate| self.risk.noted.contains_key(rate)) {
            Some(rate) => self.input(*rate).ok().map(|noted| self.fresh_until(noted)),
            None => self.steady(self.risk.trader_of(from, to)?).map(|(_, until)| until),
        }
    }

    /// What a lot is worth in a currency, the asset it is settled in, and until when at least that is known.
    pub(super) fn lot_worth(
        &mut self,
        instrument: InstrumentId,
        currency: AssetId,
    ) -> Option<(i128, AssetId, Time)> {
        let (reference, mut until) = self.steady(instrument)?;
        let listed = self.listings.get(instrument.0 as usize)?;
        let (quote, worth) = (listed.instrument.quote, value(&listed.units, reference, 1).ok()?);
        if quote != currency {
            until = until.min(self.steady_rate(quote, currency)?);
        }
        Some((self.convert(worth, quote, currency).ok()?, quote, until))
    }
}
