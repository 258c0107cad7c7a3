//! What stands and what is held, as the engine says it between two commands: which limits ask for figures, the
//! positions, and what a lot is worth. Copied out at once, so that the engine waits for no arithmetic.

use engine::Engine;
use model::{
    AccountId, AssetId, BookId, InstrumentId, Limit, LimitKind, LimitValue, Money, Qty, Scope, Time, UserId,
    VenueId,
};
use std::collections::{BTreeMap, BTreeSet};

/// A position of a book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    pub user: UserId,
    pub account: AccountId,
    pub book: BookId,
    pub instrument: InstrumentId,
    pub venue: VenueId,
    pub qty: Qty,
}

/// A limit on what may be lost, and what it is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Tail {
    pub scope: Scope,
    pub asset: AssetId,
    pub shortfall: bool,
}

#[derive(Clone, Debug, Default)]
pub struct Needs {
    pub(super) volatility: bool,
    pub(super) volume: bool,
    pub(super) correlation: bool,
    pub(super) tails: BTreeSet<Tail>,
    pub(super) time: Time,
    pub lines: Vec<Line>,
    /// What a lot is worth in an asset; none where that is not known.
    pub(super) lots: BTreeMap<(InstrumentId, AssetId), Option<Money>>,
}

impl Needs {
    /// What the limits that stand ask for.
    #[must_use]
    pub fn of(engine: &Engine) -> Self {
        let mut needs = Self { time: engine.time(), ..Self::default() };
        engine.limits().for_each(|(limit, _)| needs.note(&limit));
        if needs.correlation || !needs.tails.is_empty() {
            let assets: BTreeSet<AssetId> = needs.tails.iter().map(|tail| tail.asset).collect();
            needs.look(engine, &assets);
        }
        needs
    }

    /// What is held, valued in one asset, whatever stands.
    #[must_use]
    pub fn valued_in(engine: &Engine, asset: AssetId) -> Self {
        let mut needs = Self { time: engine.time(), ..Self::default() };
        needs.look(engine, &BTreeSet::from([asset]));
        needs
    }

    pub(super) fn is_empty(&self) -> bool {
        !self.volatility && !self.volume && !self.correlation && self.tails.is_empty()
    }

    /// What the position is worth now, signed; none where it is not known.
    #[must_use]
    pub fn worth(&self, instrument: InstrumentId, qty: Qty, asset: AssetId) -> Option<Money> {
        let lot = (*self.lots.get(&(instrument, asset))?)?;
        lot.0.checked_mul(qty.0.into()).map(Money)
    }

    fn note(&mut self, limit: &Limit) {
        let shortfall = limit.kind == LimitKind::ExpectedShortfall;
        match (limit.kind, limit.value) {
            (LimitKind::VolatilityScaledSize, _) => self.volatility = true,
            (LimitKind::VolumeShare, _) => self.volume = true,
            (LimitKind::CorrelatedExposure, _) => self.correlation = true,
            (LimitKind::ValueAtRisk | LimitKind::ExpectedShortfall, LimitValue::Amount { asset, .. }) => {
                self.tails.insert(Tail { scope: limit.scope, asset, shortfall });
            }
            _ => {}
        }
    }

    fn look(&mut self, engine: &Engine, assets: &BTreeSet<AssetId>) {
        for held in engine.holdings().iter().filter(|held| !held.qty.is_zero()) {
            let user = engine.accounts().get(held.account.0 as usize).map_or(UserId(0), |of| of.user);
            let venue = engine.instrument(held.instrument).map_or(VenueId(0), |of| of.venue);
            let (book, account, instrument, qty) = (held.book, held.account, held.instrument, held.qty);
            self.lines.push(Line { user, account, book, instrument, venue, qty });
            for asset in assets {
                let lot = || engine.lot_value(instrument, *asset);
                self.lots.entry((instrument, *asset)).or_insert_with(lot);
            }
        }
    }
}
