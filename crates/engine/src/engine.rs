//! The engine: one state, one entrance. `apply` turns a stamped command into events and nothing else.
//! Absent: I/O, clock, thread, float, randomness, hash order, log, and a panic on any input.

use crate::algo::Run;
use crate::clients::Clients;
use crate::guard::Guard;
use crate::ledger::Ledger;
use crate::listing::Listed;
use crate::order::{Due, Group};
use crate::orders::Orders;
use crate::registry::{Entries, Registry};
use crate::risk::Risk;
use crate::route::Siblings;
use crate::venue::Desks;
use model::{CancelCause, Command, Event, Feature, NewOrder, Reject, Stamped, Symbol, Time};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

#[derive(Debug)]
pub struct Engine {
    /// Of the last command.
    pub(crate) seq: u64,
    pub(crate) time: Time,
    pub(crate) trades: u64,
    pub(crate) registry: Registry,
    pub(crate) listings: Vec<Listed>,
    pub(crate) symbols: BTreeSet<Symbol>,
    pub(crate) siblings: Siblings,
    pub(crate) orders: Orders,
    pub(crate) clients: Clients,
    pub(crate) ledger: Ledger,
    pub(crate) risk: Risk,
    /// Orders that end by themselves: when, and the order's id.
    pub(crate) ends: BTreeSet<(Time, u64)>,
    /// The first of `ends`, or when a desk is to be served if that is before.
    pub(crate) next_end: Time,
    pub(crate) groups: BTreeMap<u64, Group>,
    /// Groups ever made.
    pub(crate) groups_made: u64,
    pub(crate) algos: BTreeMap<u64, Run>,
    /// Algos ever made.
    pub(crate) algos_made: u64,
    /// Orders whose end others wait for: the awaited and the waiting.
    pub(crate) awaited: BTreeSet<(u64, u64)>,
    /// Orders at outside venues, and on their way there.
    pub(crate) desks: Desks,
    /// What a command has set in motion: orders in line, markets that moved, groups to grow; and whether there
    /// is any. Between commands only the line of a long cascade is left.
    pub(crate) due: VecDeque<Due>,
    pub(crate) touched: BTreeSet<u32>,
    pub(crate) stirred: BTreeSet<u64>,
    pub(crate) unsettled: bool,
    pub(crate) guard: Guard,
}

impl Engine {
    #[must_use]
    pub fn new() -> Self {
        Self {
            seq: 0,
            time: Time::MIN,
            trades: 0,
            registry: Registry::from(Entries::default()),
            listings: Vec::new(),
            symbols: BTreeSet::new(),
            siblings: Siblings::default(),
            orders: Orders::new(),
            clients: Clients::new(),
            risk: Risk::new(),
            ledger: Ledger::from(Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new()),
            ends: BTreeSet::new(),
            next_end: Time::MAX,
            groups: BTreeMap::new(),
            groups_made: 0,
            algos: BTreeMap::new(),
            algos_made: 0,
            awaited: BTreeSet::new(),
            desks: Desks::new(),
            due: VecDeque::new(),
            touched: BTreeSet::new(),
            stirred: BTreeSet::new(),
            unsettled: false,
            guard: Guard::default(),
        }
    }

    /// Makes room ahead, so that growing does not pause the engine: for so many live orders, and so many client
    /// order ids remembered. Changes nothing that can be observed.
    pub fn reserve(&mut self, orders: usize, client_ids: usize) {
        self.orders.reserve(orders);
        self.clients.reserve(client_ids);
    }

    /// Of the last command applied; 0 before the first.
    #[must_use]
    pub fn seq(&self) -> u64 {
        self.seq
    }

    #[must_use]
    pub fn time(&self) -> Time {
        self.time
    }

    /// Applies the next command and appends what happened to `events`: at least one event.
    /// Time never goes back: an earlier stamp counts as the last one.
    #[inline]
    pub fn apply(&mut self, stamped: &Stamped, events: &mut Vec<Event>) {
        self.seq = stamped.seq;
        self.time = self.time.max(stamped.time);
        if self.next_end <= self.time {
            self.end_due(events);
        }
        self.clients.forget_some(self.time);
        self.dispatch(&stamped.command, events);
        if self.unsettled || !self.ledger.moved.is_empty() {
            self.settle(events);
        }
        if !self.guard.blind.is_idle() {
            self.look_for_inputs(events);
        }
    }

    fn dispatch(&mut self, command: &Command, events: &mut Vec<Event>) {
        match command {
            Command::PlaceOrder(order) if self.guard.breakers.is_empty() => self.place(order, events),
            Command::CancelOrder(cancel) => self.cancel(cancel, events),
            Command::ModifyOrder(modify) => self.modify(modify, events),
            Command::CancelMany(filter) => self.cancel_many(filter, CancelCause::Mass, events),
            Command::CancelAbandoned(filter) => self.cancel_many(filter, CancelCause::Disconnected, events),
            Command::Quote(quote) => self.take_quote(quote, events),
            Command::Print(print) => self.take_print(print, events),
            Command::Mark(mark) => self.take_mark(mark, events),
            Command::AdvanceTime => events.push(Event::TimeAdvanced),
            Command::PlaceOrder(order) => self.place_counted(order, events),
            Command::PlaceGroup(group) => self.place_group(group, events),
            Command::PlaceAlgo(algo) => self.place_algo(algo, events),
            Command::CancelAlgo { account, algo } => self.cancel_algo(*account, *algo, events),
            Command::CancelGroup { account, group } => self.cancel_group(*account, *group, events),
            Command::Venue(report) => self.take_report(report, events),
            _ => self.dispatch_rare(command, events),
        }
    }

    /// An order while breakers watch: what came of it is counted.
    #[cold]
    fn place_counted(&mut self, order: &NewOrder, events: &mut Vec<Event>) {
        let before = events.len();
        self.place(order, events);
        let first = events.get(before);
        let refused = matches!(first, Some(Event::OrderRejected { .. }));
        if refused || matches!(first, Some(Event::OrderAccepted(_))) {
            self.count_order(order, refused, events);
        }
    }

    /// What limits found before holds on unless a command may change what accounts or prices are worth.
    fn risk_hears(&mut self, command: &Command) {
        match command {
            Command::Deposit(transfer) | Command::Withdraw(transfer) => {
                self.ledger.lines.end_leave(transfer.account);
            }
            Command::AdjustMargin { account, .. } => self.ledger.lines.end_leave(*account),
            Command::AddUser { .. }
            | Command::OpenAccount(_)
            | Command::OpenBook { .. }
            | Command::SetTradingState { .. }
            | Command::ThrowKillSwitch { .. }
            | Command::ReleaseKillSwitch { .. }
            | Command::SetBreaker { .. }
            | Command::ResetBreaker { .. }
            | Command::AcknowledgeAlert { .. }
            | Command::Heartbeat { .. }
            | Command::NoteAccess(_) => {}
            _ => self.risk.tell(),
        }
    }

    #[cold]
    fn dispatch_rare(&mut self, command: &Command, events: &mut Vec<Event>) {
        self.risk_hears(command);
        let result = match command {
            Command::DefineAsset { code } => self.define_asset(*code),
            Command::ListInstrument(listing) => self.list(listing),
            Command::SetInstrumentState { instrument, state } => self.set_state(*instrument, *state, events),
            Command::SetFees { instrument, fees } => self.set_fees(*instrument, fees, events),
            Command::DefineVenue(venue) => self.define_venue(venue),
            Command::AddUser { name } => self.add_user(*name),
            Command::OpenAccount(account) => self.open_account(account, events),
            Command::OpenBook { account, name } => self.open_book(*account, *name),
            Command::Deposit(transfer) => self.transfer(transfer, true),
            Command::Withdraw(transfer) => self.transfer(transfer, false),
            Command::AdjustMargin { account, instrument, amount } => {
                self.adjust_margin(*account, *instrument, *amount)
            }
            Command::Configure(setting) => self.configure(*setting),
            Command::SetLimit { limit, because } => self.set_limit(limit, *because, events),
            Command::RemoveLimit { scope, kind, because } => {
                self.remove_limit(*scope, *kind, *because, events)
            }
            Command::Statistic(statistic) => self.take_statistic(statistic),
            Command::SetTradingState { scope, state, because } => {
                self.set_trading_state(*scope, *state, because)
            }
            Command::ThrowKillSwitch { scope, flatten, because } => {
                self.throw_kill_switch(*scope, *flatten, because)
            }
            Command::ReleaseKillSwitch { scope, because } => self.release_kill_switch(*scope, because),
            Command::SetBreaker { breaker, because } => self.set_breaker(breaker, because),
            Command::ResetBreaker { rule, because } => self.reset_breaker(*rule, because, events),
            Command::AcknowledgeAlert { rule, because } => self.acknowledge(*rule, because),
            Command::Heartbeat { book } => return self.heartbeat(*book, events),
            Command::Corporate { instrument, action } => self.act_on_holders(*instrument, action, events),
            Command::Funding(funding) => self.fund(funding, events),
            Command::Borrow(borrow) => self.charge_borrow(borrow, events),
            // The record itself is what is wanted.
            Command::NoteAccess(_) => Ok(Event::AccessNoted),
            other => Err(Reject::NotSupported { what: feature_of(other) }),
        };
        events.push(result.unwrap_or_else(|reason| Event::CommandRejected { reason }));
    }
}

impl Default for Engine {
    fn default() -> Self {
        Self::new()
    }
}

/// What the words name and the engine does not do.
fn feature_of(command: &Command) -> Feature {
    match command {
        Command::SetPositionMode { .. } => Feature::PositionMode,
        Command::ArmAccount { .. } | Command::DisarmAccount { .. } => Feature::LiveTrading,
        Command::SetTradingState { .. }
        | Command::ThrowKillSwitch { .. }
        | Command::ReleaseKillSwitch { .. } => Feature::TradingState,
        Command::SetBreaker { .. } | Command::ResetBreaker { .. } | Command::AcknowledgeAlert { .. } => {
            Feature::Breaker
        }
        Command::Heartbeat { .. } => Feature::Heartbeat,
        _ => Feature::Venue,
    }
}
