//! Looking at the state without changing it: what queries, strategies and tests read. Nothing here allocates
//! more than its answer.

use crate::order::Special;
use crate::{Account, Balance, BookOf, Engine, Exposure, Holding, House, Indication, Listed, Margin};
use model::{
    AccountId, Alert, AssetId, Because, BookId, ClientOrderId, Instrument, InstrumentId, Limit, MarginState,
    Money, Name, NewVenue, OrderFilter, OrderId, OrderStatus, OrderType, Price, Qty, Quote, Side, Time,
};

/// A working order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderView {
    pub id: OrderId,
    pub client_order_id: Option<ClientOrderId>,
    pub account: AccountId,
    pub book: BookId,
    pub instrument: InstrumentId,
    pub side: Side,
    /// Where it rests, or its limit; none if it has none.
    pub price: Option<Price>,
    /// The price that sets it off, while it waits for one.
    pub trigger: Option<Price>,
    /// All of it, and what is open of it.
    pub qty: Qty,
    pub left: Qty,
    pub hidden: bool,
    pub reduce_only: bool,
    pub status: OrderStatus,
}

/// A displayed price and all that stands at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LevelView {
    pub price: Price,
    pub qty: Qty,
}

impl Engine {
    /// The balance; none where the account never had the asset. What stands behind single positions is part of
    /// it, and not available.
    #[must_use]
    pub fn balance(&self, account: AccountId, asset: AssetId) -> Option<Balance> {
        let mut sum = *self.ledger.balances.at(self.ledger.balances.find(account, asset)?);
        let of_asset = self.ledger.balances.of(account).filter(|balance| balance.asset == asset);
        for apart in of_asset.filter(|balance| balance.behind.is_some()) {
            sum.credit(apart.total.0);
            sum.lock(apart.locked.0);
        }
        Some(sum)
    }

    /// What is free of the balance: cash that is not locked, less what positions have lost so far.
    #[must_use]
    pub fn available(&self, account: AccountId, asset: AssetId) -> Money {
        let at = self.ledger.balances.find(account, asset);
        at.map_or(Money::ZERO, |at| self.ledger.free(at))
    }

    /// What an account is worth in its currency; none where a price or a rate is missing.
    #[must_use]
    pub fn equity(&self, account: AccountId) -> Option<Money> {
        let currency = self.registry.account(account).ok()?.currency;
        self.equity_of(account, currency).map(Money)
    }

    /// How an account's margin stands, in each asset that its positions are settled in, and of each position of
    /// an isolated account. One with a position that cannot be valued is left out.
    #[must_use]
    pub fn margins(&self, account: AccountId) -> Vec<(Option<InstrumentId>, MarginState)> {
        if !self.is_on_margin(account) {
            return Vec::new();
        }
        let balances = self.ledger.balances.of_account(account).iter();
        let of = |at: u32| Some((self.ledger.balances.at(at).behind, self.margin_state(at)?));
        let stands = |(behind, state): &(Option<InstrumentId>, MarginState)| {
            behind.is_none() || (state.equity, state.initial) != (Money::ZERO, Money::ZERO)
        };
        balances.filter_map(|&at| of(at)).filter(stands).collect()
    }

    /// What a person should know, oldest first.
    #[must_use]
    pub fn alerts(&self) -> &[Alert] {
        &self.guard.alerts.0
    }

    /// The limits that stand, those on losses last; with who set them and why, where that is kept.
    pub fn limits(&self) -> impl Iterator<Item = (Limit, Option<Because>)> {
        let before = self.risk.kept.limits.iter().map(|standing| (standing.limit, Some(standing.because)));
        let losses = self.guard.losses.iter().map(|(key, rule)| (rule.as_limit(*key), None));
        before.chain(losses)
    }

    /// A book's position; none where it never ordered the instrument.
    #[must_use]
    pub fn holding(&self, book: BookId, instrument: InstrumentId) -> Option<&Holding> {
        self.ledger.positions.find(book, instrument).map(|at| self.ledger.positions.at(at))
    }

    /// An account's position over all its books.
    #[must_use]
    pub fn exposure(&self, account: AccountId, instrument: InstrumentId) -> Option<&Exposure> {
        self.ledger.positions.find_exposure(account, instrument).map(|at| self.ledger.positions.exposure(at))
    }

    /// What an account's position has locked as margin.
    #[must_use]
    pub fn margin(&self, account: AccountId, instrument: InstrumentId) -> Option<&Margin> {
        self.ledger.positions.find_exposure(account, instrument).map(|at| self.ledger.positions.margin(at))
    }

    #[must_use]
    pub fn house(&self, asset: AssetId) -> Option<&House> {
        self.ledger.house.get(asset.0 as usize)
    }

    /// What outside venues have paid, less what they got: the other side of every fill there.
    #[must_use]
    pub fn outside_balance(&self, asset: AssetId) -> Money {
        let of = self.ledger.outside.iter().filter(|((_, of), _)| *of == asset);
        Money(of.fold(0, |sum, (_, amount)| sum.saturating_add(amount.0)))
    }

    #[must_use]
    pub fn accounts(&self) -> &[Account] {
        &self.registry.kept.accounts
    }

    #[must_use]
    pub fn books(&self) -> &[BookOf] {
        &self.registry.kept.books
    }

    #[must_use]
    pub fn assets(&self) -> &[Name] {
        &self.registry.kept.assets
    }

    /// Where orders can go; the first is the house's own.
    #[must_use]
    pub fn venues(&self) -> &[NewVenue] {
        &self.registry.kept.venues
    }

    #[must_use]
    pub fn users(&self) -> &[Name] {
        &self.registry.kept.users
    }

    pub fn instruments(&self) -> impl Iterator<Item = &Instrument> {
        self.listings.iter().map(|listed| &listed.instrument)
    }

    #[must_use]
    pub fn instrument(&self, instrument: InstrumentId) -> Option<&Instrument> {
        self.listed(instrument).map(|listed| &listed.instrument)
    }

    #[must_use]
    pub fn quote(&self, instrument: InstrumentId) -> Option<Quote> {
        self.listed(instrument)?.quote
    }

    /// The price of the last trade, here or printed from outside.
    #[must_use]
    pub fn last(&self, instrument: InstrumentId) -> Option<Price> {
        self.listed(instrument)?.last
    }

    #[must_use]
    pub fn mark(&self, instrument: InstrumentId) -> Option<Price> {
        self.listed(instrument)?.mark
    }

    /// What the auction that the instrument gathers for would come to now, if anything.
    #[must_use]
    pub fn indicated(&self, instrument: InstrumentId) -> Option<Indication> {
        self.listed(instrument)?.indicated
    }

    /// The displayed levels of a side, best first; a dark venue shows none. While a book that gathers for an auction is crossed, the
    /// crossed part is not shown.
    pub fn levels(&self, instrument: InstrumentId, side: Side) -> impl Iterator<Item = LevelView> {
        let listed = self.listed(instrument).filter(|listed| !listed.dark).into_iter();
        listed.flat_map(move |listed| {
            let levels = listed.book.levels(&self.orders.nodes, side, true);
            let against = listed.book.best_price(side.opposite());
            let crosses = move |price| against.is_some_and(|best| side.reaches(price, best));
            let shown = levels.skip_while(move |level| crosses(level.price));
            shown.map(|level| LevelView { price: level.price, qty: level.qty })
        })
    }

    /// A side's orders in the order they would trade, hidden ones included.
    pub fn queue(&self, instrument: InstrumentId, side: Side) -> impl Iterator<Item = OrderView> {
        let listed = self.listed(instrument).into_iter();
        let slots = listed.flat_map(move |listed| listed.book.orders(&self.orders.nodes, side));
        slots.map(|slot| self.view(slot))
    }

    /// The working orders that match, oldest first.
    #[must_use]
    pub fn open_orders(&self, filter: &OrderFilter) -> Vec<OrderView> {
        self.matching(filter).into_iter().map(|slot| self.view(slot)).collect()
    }

    /// A page of them: the first so many after an order.
    #[must_use]
    pub fn open_orders_after(
        &self,
        filter: &OrderFilter,
        after: Option<OrderId>,
        most: usize,
    ) -> Vec<OrderView> {
        let slots = self.matching(filter);
        let passed =
            slots.partition_point(|&slot| after.is_some_and(|after| self.orders.at(slot).id <= after));
        slots.into_iter().skip(passed).take(most).map(|slot| self.view(slot)).collect()
    }

    /// A working order.
    #[must_use]
    pub fn order(&self, id: OrderId) -> Option<OrderView> {
        self.orders.find(id).filter(|order| !order.status.is_final()).map(|_| self.view(id.slot()))
    }

    /// The number of working orders.
    #[must_use]
    pub fn order_count(&self) -> usize {
        self.orders.len()
    }

    /// The next moment at which something is due by itself.
    #[must_use]
    pub fn next_due(&self) -> Option<Time> {
        if self.unsettled { Some(self.time) } else { (self.next_end != Time::MAX).then_some(self.next_end) }
    }

    /// Memory of books, order records and the index between them (the id names its slot: there is none).
    #[must_use]
    pub fn order_bytes(&self) -> usize {
        let books: usize = self.listings.iter().map(|listed| listed.book.bytes()).sum();
        let records = self.orders.kept.records.capacity().saturating_mul(size_of::<crate::orders::Record>());
        books.saturating_add(records).saturating_add(self.orders.nodes.bytes())
    }

    fn listed(&self, instrument: InstrumentId) -> Option<&Listed> {
        self.listings.get(instrument.0 as usize)
    }

    fn view(&self, slot: u32) -> OrderView {
        let order = self.orders.at(slot);
        let held = self.ledger.positions.at(order.holding);
        let left = self.orders.left(slot);
        let traded = left < order.qty && order.status == OrderStatus::Open;
        let of = self.orders.special(slot).filter(|_| self.orders.is_outside(slot));
        // Without a price of its own it has only the one that it reserves by.
        let guessed = of.is_some_and(|special| special.order.kind == OrderType::Market);
        let status = if traded { OrderStatus::PartiallyFilled } else { order.status };
        OrderView {
            id: order.id,
            client_order_id: self.orders.text(slot).copied(),
            account: held.account,
            book: held.book,
            instrument: held.instrument,
            side: order.side,
            price: Some(order.price).filter(|price| *price != Price::MIN && *price != Price::MAX && !guessed),
            trigger: self.orders.special(slot).and_then(Special::trigger),
            qty: order.qty,
            left,
            hidden: order.hidden,
            reduce_only: order.reduce_only,
            status,
        }
    }
}
