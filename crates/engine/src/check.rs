//! The auditor: everything that must always be true of the state, recomputed from its parts. For tests, the
//! simulator and restores; it returns what is wrong in words and changes nothing.

use crate::Engine;
use crate::amount::add;
use crate::ledger::{Demand, reserved};
use crate::orders::Record;
use model::{OrderStatus, Qty, Side, Time};
use std::collections::BTreeMap;

impl Engine {
    /// # Errors
    /// The first contradiction found.
    pub fn check(&self) -> Result<(), String> {
        self.check_links()?;
        self.check_books()?;
        self.check_specials()?;
        self.check_positions()?;
        self.check_reserved()?;
        self.check_limits()?;
        self.check_guard()?;
        self.check_desks()?;
        let unbalanced = self.ledger.imbalance().into_iter().position(|sum| sum != 0);
        unbalanced.map_or(Ok(()), |asset| Err(format!("postings of asset {asset} do not sum to zero")))
    }

    /// What points somewhere points at something.
    fn check_links(&self) -> Result<(), String> {
        let ledger = &self.ledger;
        let (balances, exposures) = (ledger.balances.all.len(), ledger.positions.exposures.len());
        let assets = self.registry.kept.assets.len();
        ensure(ledger.positions.margins.len() == exposures, || "exposures without their margin".to_owned())?;
        ensure(ledger.house.len() == assets, || "assets without a house account".to_owned())?;
        for balance in &ledger.balances.all {
            let known = (balance.asset.0 as usize) < assets;
            ensure(known, || format!("a balance of no asset {}", balance.asset))?;
        }
        for held in &ledger.positions.holdings {
            let known = (held.quote as usize) < balances
                && (held.base as usize) < balances
                && (held.exposure as usize) < exposures
                && (held.instrument.0 as usize) < self.listings.len()
                && (held.account.0 as usize) < self.registry.kept.accounts.len();
            ensure(known, || format!("the holding of book {} points nowhere", held.book))?;
        }
        let live = self.orders.kept.records.iter().skip(1).filter(|order| !order.status.is_final());
        for order in live {
            let known = (order.holding as usize) < ledger.positions.holdings.len();
            ensure(known, || format!("order {} has no holding", order.id))?;
            let rests = self.orders.nodes.rests(order.id.slot(), order.id);
            let held = order.special && order.status == OrderStatus::Held;
            let waits = held || self.orders.is_outside(order.id.slot());
            ensure(rests != waits, || format!("order {} lives and neither rests nor waits", order.id))?;
            let timed = order.ends == Time::MAX || self.ends.contains(&(order.ends, order.id.0));
            ensure(timed, || format!("order {} will not end in time", order.id))?;
        }
        Ok(())
    }

    fn check_books(&self) -> Result<(), String> {
        let mut resting = 0usize;
        for listed in &self.listings {
            listed.book.check(&self.orders.nodes)?;
            let symbol = listed.instrument.symbol;
            if let (Some(bid), Some(ask)) =
                (listed.book.best_any(Side::Buy), listed.book.best_any(Side::Sell))
                && listed.trades()
            {
                ensure(bid < ask, || format!("the book of {symbol} is crossed: {bid:?} {ask:?}"))?;
            }
            let indicated = if listed.gathers() { self.indication(listed, [0, 0]) } else { None };
            ensure(listed.indicated == indicated, || {
                format!("{symbol} indicates {:?}, not {indicated:?}", listed.indicated)
            })?;
            for slot in [Side::Buy, Side::Sell]
                .into_iter()
                .flat_map(|side| listed.book.orders(&self.orders.nodes, side))
            {
                let (order, left) = (self.orders.at(slot), self.orders.left(slot));
                let sound = left > Qty::ZERO && left <= order.qty && !order.status.is_final();
                ensure(sound, || format!("order {} has {left:?} left of {:?}", order.id, order.qty))?;
                resting = resting.saturating_add(1);
            }
        }
        let (live, waiting) = (self.orders.len(), self.waiting().count());
        ensure(live == resting.saturating_add(waiting), || {
            format!("{live} orders live, {resting} rest and {waiting} wait")
        })
    }

    /// Special orders and groups know each other, and nothing is left to do.
    fn check_specials(&self) -> Result<(), String> {
        for (slot, special) in &self.orders.kept.specials {
            let order = self.orders.at(*slot);
            let sound = order.special && !order.status.is_final() && self.orders.left(*slot) > Qty::ZERO;
            ensure(sound, || format!("order {} is {:?} and {special:?}", order.id, order.status))?;
            let shown = special.display().is_some()
                || order.status == OrderStatus::Held
                || self.orders.is_outside(*slot);
            ensure(shown || special.reserve.is_zero(), || format!("order {} hides a part", order.id))?;
            let grouped = special.group.is_none_or(|group| self.groups.contains_key(&group.0));
            ensure(grouped, || format!("order {} is of no group", order.id))?;
        }
        let flagged = self.orders.kept.records.iter().filter(|order| order.special).count();
        let kept = self.orders.kept.specials.len();
        ensure(flagged == kept, || format!("{flagged} orders are special, {kept} are kept"))?;
        for (id, group) in &self.groups {
            for order in group.first.iter().chain(&group.others) {
                let member = self.orders.find(*order).is_some()
                    && self
                        .orders
                        .special(order.slot())
                        .is_some_and(|it| it.group.map(|of| of.0) == Some(*id));
                ensure(member, || format!("group {id} counts order {order}, which is not of it"))?;
            }
        }
        for (id, run) in &self.algos {
            let parent = self.orders.find(run.parent).ok_or_else(|| format!("algo {id} has no parent"))?;
            let left = self.orders.left(parent.id.slot());
            let sum = run.done.0.saturating_add(left.0);
            ensure(sum == parent.qty.0, || format!("algo {id} has {:?} done and {left:?} left", run.done))?;
            self.check_routed(*id)?;
            let uncut = self.uncut(run);
            ensure(uncut.0 >= 0, || format!("the children of algo {id} ask for more than is left of it"))?;
            for child in &run.children {
                let live = self.orders.find(*child).is_some_and(|order| !order.status.is_final());
                let of = self.orders.special(child.slot()).and_then(|special| special.parent);
                let own = live && of.map(|of| of.0) == Some(*id);
                ensure(own, || format!("algo {id} counts child {child}, which is not its own"))?;
            }
        }
        let idle = self.touched.is_empty() && self.stirred.is_empty();
        ensure(idle && self.unsettled == (!self.due.is_empty() || self.guard.is_busy()), || {
            "something is left unsettled".to_owned()
        })
    }

    /// The books' positions sum to their account's; reduce-only orders claim no more than there is.
    fn check_positions(&self) -> Result<(), String> {
        let positions = &self.ledger.positions;
        let mut sums: BTreeMap<u32, i64> = BTreeMap::new();
        for (at, held) in (0u32..).zip(&positions.holdings) {
            let claims = !held.outside || held.reducing == self.claimed_outside(at);
            ensure(claims, || format!("book {} reduces {} outside", held.book, held.reducing))?;
            let sum = sums.entry(held.exposure).or_default();
            *sum = sum.saturating_add(held.qty.0);
            let within = held.reducing >= 0 && held.reducing <= held.qty.0.saturating_abs();
            ensure(within, || format!("book {} reduces {} of {:?}", held.book, held.reducing, held.qty))?;
            ensure(!held.qty.is_zero() || held.cost.0 == 0, || {
                format!("book {} has cost and no position", held.book)
            })?;
        }
        for (at, exposure) in (0u32..).zip(&positions.exposures) {
            let sum = sums.get(&at).copied().unwrap_or(0);
            let (account, qty) = (exposure.account, exposure.qty.0);
            ensure(sum == qty, || format!("the books of account {account} sum to {sum}, not {qty}"))?;
        }
        Ok(())
    }

    /// Limits and statistics are of what there is, and the sums they need are what they would be from scratch.
    fn check_limits(&self) -> Result<(), String> {
        self.risk.check()?;
        for standing in &self.risk.kept.limits {
            let (scope, kind) = (standing.limit.scope, standing.limit.kind);
            ensure(self.check_scope(scope).is_ok(), || format!("the limit {kind} is of no {scope}"))?;
        }
        let lines = &self.ledger.lines;
        ensure(!lines.on || lines.sums_to(&self.summed_lines()), || {
            "the sums of limits have drifted".to_owned()
        })
    }

    /// What is locked is what open orders and positions account for.
    fn check_reserved(&self) -> Result<(), String> {
        let ledger = &self.ledger;
        let mut locked: BTreeMap<u32, i128> = BTreeMap::new();
        let mut open: BTreeMap<(u32, Side), (i64, i128, i128)> = BTreeMap::new();
        let resting = |order: &&Record| self.orders.nodes.rests(order.id.slot(), order.id);
        let resting = self.orders.kept.records.iter().skip(1).filter(resting);
        let resting =
            resting.map(|order| (order.holding, order.side, order.price, self.orders.left(order.id.slot())));
        let outside = self.desks.all.values().flat_map(|desk| desk.orders.values());
        let outside = outside.map(|known| (known.holding, known.side, known.reserved.0, known.reserved.1));
        for (holding, side, price, left) in resting.chain(outside) {
            let held = ledger.positions.at(holding);
            let listed = self.listings.get(held.instrument.0 as usize).ok_or("an order of no instrument")?;
            if held.on_margin {
                let demand = Demand::of(&listed.units, side, price, left);
                let sum = open.entry((held.exposure, side)).or_default();
                sum.0 = sum.0.saturating_add(demand.qty);
                add(&mut sum.1, demand.value);
                add(&mut sum.2, demand.fees);
            } else {
                let at = if side == Side::Buy { held.quote } else { held.base };
                let amount = reserved(&listed.units, side, price, left);
                add(locked.entry(at).or_default(), amount);
            }
        }
        for (at, exposure) in (0u32..).zip(&ledger.positions.exposures) {
            let margin = ledger.positions.margin(at);
            for (side, kept) in [(Side::Buy, &margin.open_buys), (Side::Sell, &margin.open_sells)] {
                let sum = open.get(&(at, side)).copied().unwrap_or_default();
                let same = sum == (kept.qty, kept.value, kept.fees);
                ensure(same, || format!("account {} counts {kept:?} open, not {sum:?}", exposure.account))?;
            }
            let listed =
                self.listings.get(exposure.instrument.0 as usize).ok_or("an exposure to no instrument")?;
            let (quote, instrument) = (listed.instrument.quote, exposure.instrument);
            if let Some(at) = ledger.balances.settling(exposure.account, quote, instrument) {
                add(locked.entry(at).or_default(), margin.locked.0);
            }
        }
        for (at, balance) in (0u32..).zip(&ledger.balances.all) {
            let sum = locked.get(&at).copied().unwrap_or(0);
            let (account, now) = (balance.account, balance.locked.0);
            ensure(sum == now, || {
                format!("account {account} has {now} of {} locked, not {sum}", balance.asset)
            })?;
            let cash = self.registry.account(account).is_ok_and(|account| !Self::on_margin(account.kind));
            let covered = !cash || balance.available().0 >= 0 || self.desks.owing.contains(&at);
            ensure(covered, || format!("account {account} owes asset {}", balance.asset))?;
        }
        Ok(())
    }
}

pub(crate) fn ensure(holds: bool, said: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(said()) }
}
