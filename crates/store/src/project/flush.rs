//! What a batch changed, as rows. Orders that have ended are forgotten here, after their last row.

use super::state::{Rare, State};
use super::tables;
use crate::database::Database;
use crate::error::{Result, StoreError};
use crate::value::Value;
use model::{AccountId, BookId, InstrumentId, Money, OrderId};

/// Orders that have ended at venues, kept at once; the engine keeps no more either.
const OVER_MAX: usize = 1 << 21;

impl State {
    /// Writes all that changed since the last time; the caller holds the transaction.
    pub(super) fn flush(&mut self, database: &mut Database) -> Result<()> {
        let seq = self.now.seq;
        let missing = StoreError::Unfounded { seq, what: "an amount cannot be counted" };
        for rare in std::mem::take(&mut self.batch.rare) {
            match rare {
                Rare::Insert(table, row) => database.insert(table, &[row])?,
                Rare::Run(sql, values) => drop(database.execute(sql, &values)?),
            }
        }
        self.flush_markets(database)?;
        self.flush_orders(database)?;
        // In the order of their key: neighbours in the table are written one after the other.
        let mut events = std::mem::take(&mut self.batch.order_events);
        events.sort_by_key(|row| match row.first() {
            Some(Value::Int(order)) => *order,
            _ => 0,
        });
        database.insert(&tables::ORDER_EVENTS, &events)?;
        database.insert(&tables::TRADES, &std::mem::take(&mut self.batch.trades))?;
        database.insert(&tables::REJECTIONS, &std::mem::take(&mut self.batch.rejections))?;
        database.insert(&tables::TRANSFERS, &std::mem::take(&mut self.batch.transfers))?;
        database.insert(&tables::METRICS, &std::mem::take(&mut self.batch.metrics))?;
        let bars = self.take_bars().ok_or_else(|| missing.clone())?;
        database.insert(&tables::MARKET_DATA, &bars)?;
        self.flush_algos(database)?;
        self.ledger.margins.drain();
        let positions = self.position_rows().ok_or_else(|| missing.clone())?;
        database.insert(&tables::POSITIONS, &positions)?;
        let holdings = self.holding_rows().ok_or_else(|| missing.clone())?;
        database.insert(&tables::BOOK_POSITIONS, &holdings)?;
        let balances = self.balance_rows().ok_or(missing)?;
        database.insert(&tables::BALANCES, &balances)
    }

    fn flush_orders(&mut self, database: &mut Database) -> Result<()> {
        let (mut new, mut changed) = (Vec::new(), Vec::new());
        self.batch.orders.sort_unstable();
        for id in std::mem::take(&mut self.batch.orders) {
            let Some(order) = self.orders.get_mut(&id) else { continue };
            let Some(market) = self.markets.get(order.holder.instrument).and_then(Option::as_deref) else {
                continue;
            };
            match order.row(id, market) {
                Some(row) => new.push(row),
                None => changed.push(order.change(id, market)),
            }
            (order.touched, order.new) = (false, None);
            if order.status.is_final() {
                if market.outside {
                    self.over.push_back((order.by.time, id));
                } else {
                    self.forget(id);
                }
            }
        }
        self.forget_long_ago();
        database.insert(&tables::ORDERS, &new)?;
        database.update(&tables::ORDERS, &changed)
    }

    /// Orders at venues are known for a day after they were last heard of.
    fn forget_long_ago(&mut self) {
        while let Some((_, id)) = self.over.front().copied() {
            let Some(order) = self.orders.get(&id) else {
                self.over.pop_front();
                continue;
            };
            let crowded = self.over.len() > OVER_MAX;
            if !crowded && !self.is_long_ago(order) {
                return;
            }
            self.over.pop_front();
            self.forget(id);
        }
    }

    fn forget(&mut self, id: OrderId) {
        let Some(order) = self.orders.remove(&id) else { return };
        let key = order.client.map(|client| (order.holder.account, client));
        if let Some(key) = key.filter(|key| self.clients.get(key) == Some(&id)) {
            self.clients.remove(&key);
        }
    }

    fn flush_algos(&mut self, database: &mut Database) -> Result<()> {
        let mut rows = Vec::new();
        for id in self.algos.drain() {
            let Some(algo) = self.algos.get(id).copied() else { continue };
            rows.push(vec![id.into(), algo.ended.into(), algo.done.0.into()]);
            if algo.ended.is_some() {
                self.algos.remove(id);
            }
        }
        database.update(&tables::ALGOS, &rows)
    }

    fn flush_markets(&mut self, database: &mut Database) -> Result<()> {
        let (mut new, mut changed) = (Vec::new(), Vec::new());
        for id in self.markets.drain() {
            let listing = self.markets.get_mut(id).and_then(Option::as_mut);
            let listing = listing.and_then(|market| market.listing.take());
            let Some((market, by)) = self.market(id).zip(self.markets.entry(id).map(|entry| entry.by)) else {
                continue;
            };
            let mut row = match &listing {
                Some(listing) => self.listing_row(id, listing).unwrap_or_default(),
                None => vec![id.into()],
            };
            let (bid, bid_qty) = market.level(market.bid);
            let (ask, ask_qty) = market.level(market.ask);
            row.extend([
                rate(market.maker),
                rate(market.taker),
                market.state.into(),
                market.last.map(|price| price.0).into(),
                market.last.map(|price| market.price(price)).into(),
                market.mark.map(|price| price.0).into(),
                market.mark.map(|price| market.price(price)).into(),
                bid.into(),
                bid_qty.into(),
                ask.into(),
                ask_qty.into(),
                by.time.into(),
            ]);
            if listing.is_some() { new.push(row) } else { changed.push(row) }
        }
        database.insert(&tables::INSTRUMENTS, &new)?;
        database.update(&tables::INSTRUMENTS, &changed)
    }

    fn listing_row(&self, id: InstrumentId, listing: &model::Instrument) -> Option<Vec<Value>> {
        let market = self.market(id)?;
        let expires = match listing.terms {
            model::Terms::Future { expiry } | model::Terms::Option { expiry, .. } => Some(expiry),
            _ => None,
        };
        Some(vec![
            id.into(),
            listing.symbol.into(),
            listing.venue_symbol.into(),
            listing.venue.into(),
            market.exchange.clone().into(),
            super::words::class(listing.class).into(),
            listing.base.into(),
            listing.base.and_then(|asset| self.asset(asset)).into(),
            listing.quote.into(),
            self.asset(listing.quote).into(),
            listing.settlement.into(),
            self.asset(listing.settlement).into(),
            listing.tick.into(),
            listing.lot.into(),
            listing.multiplier.into(),
            market.quantity(listing.qty_min.0).into(),
            market.quantity(listing.qty_max.0).into(),
            listing.notional_min.into(),
            rate(listing.margin.initial),
            rate(listing.margin.maintenance),
            listing.sector.into(),
            listing.calendar.into(),
            expires.into(),
        ])
    }

    fn position_rows(&mut self) -> Option<Vec<Vec<Value>>> {
        let keys = self.ledger.positions.drain();
        keys.into_iter().map(|key| self.position_row(key)).collect()
    }

    fn position_row(&self, (account, instrument): (AccountId, InstrumentId)) -> Option<Vec<Value>> {
        let entry = self.ledger.positions.entry((account, instrument))?;
        let (position, market) = (&entry.value, self.market(instrument)?);
        let worth = market.value(position.traded, position.qty);
        Some(vec![
            pair(account.0, instrument.0),
            self.accounts.get(&account)?.user.into(),
            account.into(),
            instrument.into(),
            market.symbol.into(),
            market.quantity(position.qty).into(),
            market.average(position.cost, position.qty).unwrap_or(Money::ZERO.into()).into(),
            Money(position.cost).into(),
            worth.map(Money).into(),
            worth.and_then(|worth| worth.checked_sub(position.cost)).map(Money).into(),
            Money(position.realised).into(),
            Money(position.fees).into(),
            position.qty.into(),
            entry.by.time.into(),
            entry.by.seq.into(),
        ])
    }

    fn holding_rows(&mut self) -> Option<Vec<Vec<Value>>> {
        let keys = self.ledger.holdings.drain();
        keys.into_iter().map(|key| self.holding_row(key)).collect()
    }

    fn holding_row(&self, (book, instrument): (BookId, InstrumentId)) -> Option<Vec<Value>> {
        let entry = self.ledger.holdings.entry((book, instrument))?;
        let (position, market) = (&entry.value.position, self.market(instrument)?);
        Some(vec![
            pair(book.0, instrument.0),
            entry.value.account.into(),
            book.into(),
            instrument.into(),
            market.symbol.into(),
            market.quantity(position.qty).into(),
            market.average(position.cost, position.qty).unwrap_or(Money::ZERO.into()).into(),
            Money(position.cost).into(),
            Money(position.realised).into(),
            Money(position.fees).into(),
            position.qty.into(),
            entry.by.time.into(),
            entry.by.seq.into(),
        ])
    }

    fn balance_rows(&mut self) -> Option<Vec<Vec<Value>>> {
        let keys = self.ledger.balances.drain();
        keys.into_iter()
            .map(|(account, asset)| {
                let entry = self.ledger.balances.entry((account, asset))?;
                let balance = &entry.value;
                Some(vec![
                    pair(account.0, asset.0),
                    account.into(),
                    asset.into(),
                    self.asset(asset)?.into(),
                    Money(balance.total).into(),
                    Money(balance.total.checked_sub(balance.locked)?).into(),
                    Money(balance.locked).into(),
                    entry.by.time.into(),
                    entry.by.seq.into(),
                ])
            })
            .collect()
    }
}

/// Two ids as one key.
pub(super) fn pair(high: u32, low: u32) -> Value {
    Value::from((u64::from(high) << 32) | u64::from(low))
}

fn rate(rate: model::Rate) -> Value {
    // Parts of 10⁻⁹, shown with as many digits as there are.
    Money(i128::from(rate.0).saturating_mul(1_000_000_000)).into()
}
