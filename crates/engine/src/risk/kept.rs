//! What risk remembers: limits with their counts, statistics, ages, the beginnings of days; and beside it, what
//! follows from those: where each limit and statistic stands, and the limits on each holding's way.

use super::input::{Ages, Noted};
use super::path::{Path, WayOf};
use super::tree::{Count, MINUTE_NS, Standing};
use super::way::{Common, Rules, Way};
use crate::Engine;
use crate::ledger::Lines;
use crate::order::Proposal;
use crate::orders::Record;
use model::{AccountId, AssetId, Input, InstrumentId, LimitKind, LimitValue, Qty, Scope, Time};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The part that a snapshot holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Kept {
    pub(crate) limits: Vec<Standing>,
    /// Of the limits, place by place.
    pub(crate) counts: Vec<Count>,
    pub(crate) statistics: Vec<Noted>,
    pub(crate) ages: Ages,
    /// When days begin, in seconds after midnight UTC: of the house, and of accounts that say so themselves.
    pub(crate) day_start: i64,
    pub(crate) days: BTreeMap<AccountId, i64>,
}

#[derive(Debug)]
pub(crate) struct Risk {
    pub(crate) kept: Kept,
    pub(super) index: BTreeMap<(Scope, LimitKind), u32>,
    pub(super) noted: BTreeMap<Input, u32>,
    /// The first instrument that trades the one asset for the other.
    traded: Vec<Vec<(AssetId, InstrumentId)>>,
    /// Whether a rate of the asset was ever told.
    rated: Vec<bool>,
    /// Of the tree; goes up whenever a way may have other limits.
    pub(super) version: u64,
    /// Of all that is told from outside and that limits measure with: statistics and how old they may be, prices
    /// that moved far, cash that came or went.
    pub(super) told: u64,
    /// By holding, and in what is common to many of them.
    ways: Vec<Way>,
    paths: Vec<Path>,
    pub(super) commons: Vec<Common>,
    alike: BTreeMap<Rules, u32>,
}

impl Risk {
    pub(crate) fn new() -> Self {
        Self::from(Kept {
            limits: Vec::new(),
            counts: Vec::new(),
            statistics: Vec::new(),
            ages: Ages::DEFAULT,
            day_start: 0,
            days: BTreeMap::new(),
        })
    }

    pub(crate) fn from(kept: Kept) -> Self {
        let limits = (0u32..).zip(&kept.limits);
        let index = limits.map(|(at, it)| ((it.limit.scope, it.limit.kind), at)).collect();
        let noted = (0u32..).zip(&kept.statistics).map(|(at, it)| (it.input, at)).collect();
        let mut risk = Self {
            kept,
            index,
            noted,
            traded: Vec::new(),
            rated: Vec::new(),
            version: 1,
            told: 1,
            ways: Vec::new(),
            paths: Vec::new(),
            commons: Vec::new(),
            alike: BTreeMap::new(),
        };
        let inputs: Vec<Input> = risk.kept.statistics.iter().map(|it| it.input).collect();
        inputs.into_iter().for_each(|input| risk.rate(input));
        risk
    }

    /// A statistic is there that was not.
    pub(super) fn rate(&mut self, input: Input) {
        let Input::FxRate { from, to } = input else { return };
        for asset in [from, to] {
            let len = (asset.0 as usize).saturating_add(1);
            if self.rated.len() < len {
                self.rated.resize(len, false);
            }
            if let Some(rated) = self.rated.get_mut(asset.0 as usize) {
                *rated = true;
            }
        }
    }

    pub(super) fn is_rated(&self, asset: AssetId) -> bool {
        self.rated.get(asset.0 as usize).copied().unwrap_or(false)
    }

    pub(crate) fn trader_of(&self, base: AssetId, quote: AssetId) -> Option<InstrumentId> {
        let of_base = self.traded.get(base.0 as usize)?;
        of_base.iter().find(|(other, _)| *other == quote).map(|(_, instrument)| *instrument)
    }

    /// Whether any limit stands. An engine without one does nothing for limits but ask this.
    #[inline]
    pub(crate) fn is_on(&self) -> bool {
        !self.kept.limits.is_empty()
    }

    /// The ways may have other limits now.
    pub(crate) fn outdate(&mut self) {
        self.version = self.version.wrapping_add(1);
        self.commons.clear();
        self.alike.clear();
    }

    /// What limits measure with may be otherwise now.
    pub(crate) fn tell(&mut self) {
        self.told = self.told.wrapping_add(1);
    }

    pub(crate) fn trades(&mut self, base: Option<AssetId>, quote: AssetId, instrument: InstrumentId) {
        let Some(base) = base else { return };
        let len = (base.0 as usize).saturating_add(1);
        if self.traded.len() < len {
            self.traded.resize(len, Vec::new());
        }
        if let Some(of_base) = self.traded.get_mut(base.0 as usize) {
            of_base.push((quote, instrument));
        }
    }

    /// A holding's way, if it was worked out since the tree changed.
    #[inline]
    pub(super) fn way(&self, holding: u32) -> Option<&Way> {
        self.ways.get(holding as usize).filter(|way| way.version == self.version)
    }

    /// The same with what it has in common with others.
    #[inline]
    pub(super) fn whole_way(&self, holding: u32) -> Option<(&Way, &Common)> {
        let way = self.way(holding)?;
        Some((way, self.commons.get(way.common as usize)?))
    }

    /// The limits on it.
    #[inline]
    pub(super) fn path(&self, holding: u32) -> Option<&Path> {
        self.way(holding).and_then(|_known| self.paths.get(holding as usize))
    }

    #[inline]
    pub(crate) fn prefetch(&self, holding: u32) {
        crate::book::prefetch(&self.ways, holding as usize);
    }

    #[inline]
    pub(crate) fn prefetch_way(&self, holding: u32) {
        if let Some(way) = self.ways.get(holding as usize) {
            way.prefetch_counts(&self.kept.counts);
        }
    }

    /// Where each limit stands once and each statistic is named once.
    pub(crate) fn check(&self) -> Result<(), String> {
        let limits = self.index.len() == self.kept.limits.len() && self.kept.counts.len() == self.index.len();
        let statistics = self.noted.len() == self.kept.statistics.len();
        if limits && statistics { Ok(()) } else { Err("a limit or a statistic is there twice".to_owned()) }
    }
}

impl Engine {
    /// Works out the limits on an order's way, if that was not done since the tree changed.
    #[inline]
    pub(crate) fn find_way(&mut self, holding: u32, way: WayOf) {
        match self.risk.way(holding) {
            None => self.work_out(holding, way),
            Some(way) => {
                let spent = way.until != Time::MIN && self.time > way.until;
                if spent || way.told != self.risk.told {
                    self.look_at_fears(holding);
                }
            }
        }
    }

    #[cold]
    fn work_out(&mut self, holding: u32, way: WayOf) {
        let path = self.path_of(way);
        let risk = &mut self.risk;
        let (rules, inner) = Rules::of(&path, way.instrument);
        let next = crate::index::place(risk.commons.len());
        let common = *risk.alike.entry(rules.clone()).or_insert(next);
        if common == next {
            risk.commons.push(Common::new(rules));
        }
        let len = (holding as usize).saturating_add(1);
        if risk.ways.len() < len {
            risk.ways.resize(len, Way::NONE);
            risk.paths.resize(len, Path::default());
        }
        if let Some((way, kept)) =
            risk.ways.get_mut(holding as usize).zip(risk.paths.get_mut(holding as usize))
        {
            *way = Way { version: risk.version, common, inner, ..Way::NONE };
            *kept = path;
        }
        self.look_at_fears(holding);
    }

    /// Finds until when what is to be feared on a way is told to be little enough.
    #[cold]
    fn look_at_fears(&mut self, holding: u32) {
        let Some(path) = self.risk.path(holding) else { return };
        let tails = [LimitKind::ValueAtRisk, LimitKind::ExpectedShortfall];
        let until = path.opening.iter().filter(|bound| tails.contains(&bound.kind)).map(|bound| {
            let noted = self.risk.kept.statistics.get(bound.input as usize);
            let little = noted.filter(|noted| noted.asset == bound.asset && noted.value <= bound.most);
            little.map_or(Time::MIN, |noted| self.fresh_until(noted))
        });
        let until = until.min().unwrap_or(Time::MAX);
        let until = if until >= self.time { until } else { Time::MIN };
        let told = self.risk.told;
        if let Some(way) = self.risk.ways.get_mut(holding as usize) {
            (way.told, way.until) = (told, until);
        }
    }

    /// An order was let in: it counts where orders a minute are counted.
    #[inline]
    pub(crate) fn count_let_in(&mut self, holding: u32) {
        let now = self.time;
        let Risk { kept, ways, commons, .. } = &mut self.risk;
        let Some(way) = ways.get(holding as usize) else { return };
        if let Some(common) = commons.get(way.common as usize) {
            common.let_in(way, &mut kept.counts, now);
        }
    }

    /// What an order's way has counted so far of orders let in, so that trying it can be undone.
    pub(crate) fn counts_on_the_way(&mut self, order: &Proposal) -> Vec<(u32, Count)> {
        if !self.risk.is_on() {
            return Vec::new();
        }
        self.find_way(order.holding, WayOf::of(order));
        let way = self.risk.whole_way(order.holding);
        let places = way.into_iter().flat_map(|(way, common)| common.counted(way));
        places.filter_map(|at| Some((at, *self.risk.kept.counts.get(at as usize)?))).collect()
    }

    pub(crate) fn put_back_counts(&mut self, counts: &[(u32, Count)]) {
        for (at, before) in counts {
            if let Some(count) = self.risk.kept.counts.get_mut(*at as usize) {
                *count = *before;
            }
        }
    }

    /// An order that traded has ended: it counts where trades a day are counted.
    pub(crate) fn count_traded(&mut self, holding: u32) {
        let held = self.ledger.positions.at(holding);
        let of = WayOf { account: held.account, book: held.book, instrument: held.instrument };
        self.find_way(holding, of);
        let house = self.day_of(None);
        let own = if self.risk.kept.days.is_empty() { house } else { self.day_of(Some(of.account)) };
        let Risk { kept, ways, commons, .. } = &mut self.risk;
        let Some(way) = ways.get(holding as usize) else { return };
        if let Some(common) = commons.get(way.common as usize) {
            common.traded(way, &mut kept.counts, [house, own]);
        }
    }

    /// Sums what limits need once the first stands, and forgets it with the last.
    pub(crate) fn sum_lines(&mut self) {
        if self.ledger.lines.on != self.risk.is_on() {
            self.ledger.lines = if self.risk.is_on() { self.summed_lines() } else { Lines::default() };
        }
    }

    /// The sums, from scratch.
    pub(crate) fn summed_lines(&self) -> Lines {
        let mut lines = Lines::started();
        for (at, held) in (0u32..).zip(&self.ledger.positions.holdings) {
            let of = (self.user_of(held.account), self.venue_of(held.instrument));
            lines.add(held.exposure, of, (held.account, held.book, held.instrument));
            lines.shift(at, held.qty.0);
        }
        let resting = |order: &&Record| self.orders.nodes.rests(order.id.slot(), order.id);
        for order in self.orders.kept.records.iter().skip(1).filter(resting) {
            lines.reopen(order.holding, order.side, Qty::ZERO, self.orders.left(order.id.slot()));
        }
        for order in self.orders.kept.records.iter().skip(1) {
            if let Some(known) = self.outside(order.id.slot()) {
                lines.reopen(order.holding, order.side, Qty::ZERO, known.reserved.1);
            }
        }
        lines
    }
}

/// The time that one of so many orders a minute takes up.
pub(super) fn gap_ns(value: LimitValue) -> i64 {
    let LimitValue::Count(count) = value else { return 0 };
    MINUTE_NS.checked_div(i64::from(count)).unwrap_or(MINUTE_NS)
}

/// How many of them are taken up, if so much time is.
pub(super) fn taken(left: i64, gap_ns: i64) -> i64 {
    left.saturating_add(gap_ns.saturating_sub(1)).checked_div(gap_ns).unwrap_or(0)
}
