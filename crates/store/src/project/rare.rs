//! The events that come seldom: who there is, what is listed, money in and out, limits and alerts; and the
//! prices that are known, of which only the last of a batch is written.

use super::apply::At;
use super::market::Market;
use super::state::{Account, Rare, State, Venue};
use super::tables;
use super::words;
use crate::value::Value;
use model::{
    AccountId, AccountKind, Alert, BookId, Breaker, Command, CorporateAction, Event, Fees, Instrument,
    InstrumentId, Limit, MarginState, Mark, Money, PositionAdjusted, Quote, RuleId, Scope, TradingState,
    VenueId, VenueKind,
};

impl State {
    pub(super) fn rare_event(&mut self, event: &Event, at: &At<'_>) -> Option<()> {
        match event {
            Event::Quoted(Quote { instrument, bid, ask, .. }) => {
                let market = self.market_mut(*instrument)?;
                (market.bid, market.ask) = (*bid, *ask);
            }
            Event::Printed(print) => {
                self.bar_of_print(print);
                self.market_mut(print.instrument)?.last = Some(print.price);
            }
            Event::Marked(Mark { instrument, price }) => {
                self.market_mut(*instrument)?.mark = Some(*price);
            }
            Event::Deposited { account, asset, amount } => {
                self.moved("deposit", (*account, *asset), *amount, at)?;
            }
            Event::Withdrawn { account, asset, amount } => {
                self.moved("withdrawal", (*account, *asset), amount.checked_neg()?, at)?;
            }
            Event::ShortfallCovered { account, asset, amount } => {
                self.moved("shortfall", (*account, *asset), *amount, at)?;
            }
            Event::FundingPaid { instrument, account, amount } => {
                let asset = self.market(*instrument)?.quote;
                self.moved("funding", (*account, asset), amount.checked_neg()?, at)?;
            }
            Event::CashPaid { account, book, instrument, asset, amount, cause } => {
                self.moved(words::cash_cause(*cause), (*account, *asset), *amount, at)?;
                if self.market(*instrument)?.quote == *asset {
                    self.ledger.win((*account, *book, *instrument), amount.0, self.now)?;
                }
            }
            Event::PositionAdjusted(adjusted) => self.adjusted(adjusted, at)?,
            Event::CorporateActed { instrument, action } => self.acted(*instrument, action)?,
            Event::InstrumentListed { instrument, listing } => self.listed(*instrument, listing)?,
            Event::InstrumentStateChanged { instrument, state } => {
                self.market_mut(*instrument)?.state = words::instrument_state(*state);
            }
            Event::FeesChanged { instrument, fees } => self.charge(*instrument, fees)?,
            Event::AccountOpened { .. } | Event::AccountArmed { .. } | Event::AccountDisarmed { .. } => {
                self.account_event(event, at)?;
            }
            Event::AssetDefined { asset, code } => {
                self.assets.insert(*asset, *code);
                self.insert(&tables::ASSETS, vec![(*asset).into(), (*code).into()]);
            }
            Event::UserAdded { user, name } => {
                self.insert(&tables::TRADERS, vec![(*user).into(), (*name).into()]);
            }
            Event::BookOpened { account, book, name } => {
                self.book(*book, *account, name.as_str().to_owned().into());
            }
            Event::VenueDefined { venue, of } => {
                let outside = of.kind == VenueKind::Outside;
                self.venues.insert(*venue, Venue { name: of.name, outside });
                let budget = of.budget.map(|budget| budget.requests);
                let row = vec![
                    (*venue).into(),
                    of.name.into(),
                    words::venue_kind(of.kind).into(),
                    budget.into(),
                    of.budget.map(|budget| budget.window_ns).into(),
                    of.patience_ns.into(),
                ];
                self.insert(&tables::VENUES, row);
            }
            Event::MarginStaged(state) => self.margin_row(None, state)?,
            Event::PositionStaged { instrument, state } => self.margin_row(Some(*instrument), state)?,
            _ => self.risk_event(event, at),
        }
        Some(())
    }

    fn insert(&mut self, table: &'static crate::database::Table, row: Vec<Value>) {
        self.batch.rare.push(Rare::Insert(table, row));
    }

    fn book(&mut self, book: BookId, account: AccountId, name: Value) {
        self.insert(&tables::BOOKS, vec![book.into(), account.into(), name]);
    }

    pub(super) fn moved(
        &mut self,
        kind: &'static str,
        (account, asset): (AccountId, model::AssetId),
        amount: Money,
        at: &At<'_>,
    ) -> Option<()> {
        self.moved_as(at.n, kind, (account, asset), amount, at)
    }

    fn moved_as(
        &mut self,
        n: i64,
        kind: &'static str,
        (account, asset): (AccountId, model::AssetId),
        amount: Money,
        at: &At<'_>,
    ) -> Option<()> {
        self.ledger.transfer(account, asset, amount.0, self.now)?;
        // Fees, dividends and the like are what trading costs and brings, not money taken out or put in.
        if matches!(kind, "deposit" | "withdrawal" | "shortfall") {
            self.metrics.flow(account, asset, amount.0)?;
        }
        let reference = match &at.record.stamped.command {
            Command::Deposit(transfer) | Command::Withdraw(transfer) => transfer.reference,
            _ => None,
        };
        // One record moves money once, or pays funding to many: those are told apart by their account.
        let row = vec![
            self.now.seq.into(),
            n.into(),
            self.now.time.into(),
            account.into(),
            self.asset(asset)?.into(),
            kind.into(),
            amount.into(),
            reference.into(),
        ];
        self.batch.transfers.push(row);
        Some(())
    }

    /// A position that a split or a delisting has made another.
    fn adjusted(&mut self, adjusted: &PositionAdjusted, at: &At<'_>) -> Option<()> {
        let PositionAdjusted { account, book, instrument, cash, base, .. } = *adjusted;
        let holder = self.holder(account, book, instrument)?;
        let market = self.market(instrument)?;
        let (quote, delivered) = (market.quote, market.base);
        if cash != Money::ZERO {
            self.moved("corporate", (account, quote), cash, at)?;
        }
        if let Some(asset) = delivered.filter(|_| base != Money::ZERO) {
            // The second of one event is counted below zero.
            self.moved_as(-1 - at.n, "corporate", (account, asset), base, at)?;
        }
        let market = self.markets.get(instrument)?.clone()?;
        self.ledger.adjust(&holder, &market, adjusted, self.now)
    }

    fn acted(&mut self, instrument: InstrumentId, action: &CorporateAction) -> Option<()> {
        let market = self.market_mut(instrument)?;
        match action {
            CorporateAction::SymbolChange { symbol } => market.symbol = *symbol,
            CorporateAction::Split { .. } => (market.bid, market.ask) = (None, None),
            CorporateAction::Dividend { .. } | CorporateAction::Delisting { .. } => {}
        }
        Some(())
    }

    fn listed(&mut self, instrument: InstrumentId, listing: &Instrument) -> Option<()> {
        let exchange = self.exchange(listing.venue);
        let market = Market {
            symbol: listing.symbol,
            exchange,
            venue: listing.venue,
            outside: self.venues.get(&listing.venue).is_some_and(|venue| venue.outside),
            base: listing.base,
            quote: listing.quote,
            tick: listing.tick,
            lot: listing.lot,
            each: Market::each_of(listing.tick, listing.lot, listing.multiplier)?,
            delivered: listing.class.is_delivered(),
            initial: listing.margin.initial,
            maker: listing.fees.maker,
            taker: listing.fees.taker,
            state: words::instrument_state(listing.state),
            last: None,
            mark: None,
            bid: None,
            ask: None,
            listing: Some(Box::new(listing.clone())),
        };
        *self.markets.touch(instrument, self.now) = Some(Box::new(market));
        Some(())
    }

    /// Open orders reserve by the new fees.
    fn charge(&mut self, instrument: InstrumentId, fees: &Fees) -> Option<()> {
        let before = self.market(instrument)?.clone();
        let after = self.market_mut(instrument)?;
        (after.maker, after.taker) = (fees.maker, fees.taker);
        let after = after.clone();
        let orders = self.orders.values().filter(|order| order.holder.instrument == instrument);
        for order in orders {
            let Some(resting) = order.resting() else { continue };
            self.ledger.reserve(&order.holder, &before, (Some(&resting), None), self.now)?;
            self.ledger.reserve(&order.holder, &after, (None, Some(&resting)), self.now)?;
        }
        Some(())
    }

    fn account_event(&mut self, event: &Event, at: &At<'_>) -> Option<()> {
        match event {
            Event::AccountOpened { account, user, name, mode, kind, main } => {
                let Command::OpenAccount(new) = &at.record.stamped.command else { return None };
                let on_margin = *kind != AccountKind::Cash;
                self.accounts.insert(*account, Account { user: *user, on_margin, currency: new.currency });
                let row = vec![
                    (*account).into(),
                    (*user).into(),
                    (*name).into(),
                    words::account_kind(*kind).into(),
                    words::mode(*mode).into(),
                    self.exchange(new.broker.unwrap_or(VenueId::OWN)).into(),
                    new.currency.into(),
                    self.asset(new.currency)?.into(),
                    (*main).into(),
                    self.now.time.into(),
                    true.into(),
                    false.into(),
                ];
                self.insert(&tables::ACCOUNTS, row);
                self.book(*main, *account, "main".into());
            }
            Event::AccountArmed { account } => self.arm(*account, true),
            Event::AccountDisarmed { account } => self.arm(*account, false),
            _ => {}
        }
        Some(())
    }

    fn arm(&mut self, account: AccountId, armed: bool) {
        let values = vec![account.into(), armed.into()];
        self.batch.rare.push(Rare::Run(ARM, values));
    }

    fn risk_event(&mut self, event: &Event, at: &At<'_>) {
        let now = [self.now.time.into(), self.now.seq.into()];
        match event {
            Event::LimitSet { limit } => {
                let Limit { scope, kind, value, policy } = **limit;
                let mut row = vec![
                    words::scope(scope).into(),
                    words::limit_kind(kind).into(),
                    words::limit_value(value).into(),
                    words::policy(policy).into(),
                ];
                row.extend(now);
                self.insert(&tables::RISK_LIMITS, row);
            }
            Event::LimitRemoved { scope, kind } => {
                let values = vec![words::scope(*scope).into(), words::limit_kind(*kind).into()];
                self.batch.rare.push(Rare::Run(REMOVE_LIMIT, values));
            }
            Event::TradingStateChanged { scope, state } => self.trading_state(*scope, *state, false),
            Event::KillSwitchThrown { scope } => self.trading_state(*scope, TradingState::Halted, true),
            Event::KillSwitchReleased { scope } => self.trading_state(*scope, TradingState::Active, false),
            Event::AlertRaised { rule, severity, scope } => {
                self.alert((*rule, "alert", words::severity(*severity)), *scope, Value::Null, at);
            }
            Event::AlertOpened(alert) => {
                let Alert { rule, severity, scope, cause, .. } = **alert;
                let (kind, detail) = (words::alert_cause(&cause), words::alert_detail(&cause));
                self.alert((rule, kind, words::severity(severity)), scope, detail.into(), at);
            }
            Event::AlertAcknowledged { rule } => self.change_alert(ACKNOWLEDGE, *rule),
            Event::AlertResolved { rule } => self.change_alert(RESOLVE, *rule),
            Event::BreakerSet { rule, breaker } => self.breaker(*rule, breaker),
            // The alert that comes with it has the numbers.
            Event::BreakerTripped { rule, .. } => self.change_alert(TRIP, *rule),
            Event::BreakerReset { rule } => self.batch.rare.push(Rare::Run(RE_ARM, vec![(*rule).into()])),
            Event::MarginCalled { account, .. } => {
                let kind = (RuleId(0), "margin_call", "critical");
                self.alert(kind, Scope::Account(*account), Value::Null, at);
            }
            Event::BreakFound { account, instrument, ours, theirs } => {
                let scope = Scope::AccountInstrument(*account, *instrument);
                let detail = format!("{} lots here, {} at the venue", ours.0, theirs.0);
                self.alert((RuleId(0), "break", "critical"), scope, detail.into(), at);
            }
            _ => {}
        }
    }

    fn trading_state(&mut self, scope: Scope, state: TradingState, killed: bool) {
        let row = vec![
            words::scope(scope).into(),
            words::trading_state(state).into(),
            killed.into(),
            self.now.time.into(),
            self.now.seq.into(),
        ];
        self.insert(&tables::TRADING_STATES, row);
    }

    fn change_alert(&mut self, sql: &'static str, rule: RuleId) {
        let values = vec![rule.into(), self.now.time.into()];
        self.batch.rare.push(Rare::Run(sql, values));
    }

    fn breaker(&mut self, rule: RuleId, breaker: &Breaker) {
        let row = vec![
            rule.into(),
            words::scope(breaker.scope).into(),
            words::watch(breaker.watch).into(),
            words::policy(breaker.policy).into(),
            breaker.window_ns.into(),
            breaker.cool_down_ns.into(),
            Value::Null,
            self.now.time.into(),
            self.now.seq.into(),
        ];
        self.insert(&tables::RISK_BREAKERS, row);
    }

    fn margin_row(&mut self, of: Option<model::InstrumentId>, state: &MarginState) -> Option<()> {
        let MarginState { account, asset, stage, equity, initial, maintenance } = *state;
        let id = match of {
            None => super::flush::pair(account.0, asset.0),
            Some(instrument) => {
                let position = (i64::from(account.0) << 32) | i64::from(instrument.0);
                Value::from(-1 - position)
            }
        };
        let row = vec![
            id,
            account.into(),
            asset.into(),
            self.asset(asset)?.into(),
            words::margin_stage(stage).into(),
            equity.into(),
            initial.into(),
            maintenance.into(),
            self.now.time.into(),
            self.now.seq.into(),
            of.into(),
        ];
        self.insert(&tables::MARGIN_STATES, row);
        Some(())
    }

    fn alert(
        &mut self,
        (rule, kind, severity): (RuleId, &'static str, &'static str),
        scope: Scope,
        detail: Value,
        at: &At<'_>,
    ) {
        let account = match scope {
            Scope::Account(account) | Scope::AccountInstrument(account, _) => Some(account),
            _ => None,
        };
        let row = vec![
            self.now.seq.into(),
            at.n.into(),
            self.now.time.into(),
            rule.into(),
            kind.into(),
            severity.into(),
            words::scope(scope).into(),
            account.into(),
            Value::Null,
            Value::Null,
            detail,
        ];
        self.insert(&tables::RISK_ALERTS, row);
    }
}

pub(crate) const ARM: &str = "UPDATE accounts SET is_armed = $2 WHERE id = $1";
pub(crate) const REMOVE_LIMIT: &str = "DELETE FROM risk_limits WHERE scope = $1 AND kind = $2";
pub(crate) const ACKNOWLEDGE: &str =
    "UPDATE risk_alerts SET acknowledged_at = $2 WHERE rule_id = $1 AND acknowledged_at IS NULL";
pub(crate) const RESOLVE: &str =
    "UPDATE risk_alerts SET resolved_at = $2 WHERE rule_id = $1 AND resolved_at IS NULL";
pub(crate) const TRIP: &str = "UPDATE risk_breakers SET tripped_at = $2 WHERE rule_id = $1";
pub(crate) const RE_ARM: &str = "UPDATE risk_breakers SET tripped_at = NULL WHERE rule_id = $1";
