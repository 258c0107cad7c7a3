//! The engine with everything in it that a run needs: venue, assets, markets, accounts, one book a strategy. It gives
//! each command its number and the virtual time, and hands what the engine asks of the venue to the pretend one.

use crate::error::BacktestError;
use crate::plan::{MarketPlan, Plan};
use engine::Engine;
use model::line::{Line, OrderNames, parse};
use model::{
    AccountId, AssetId, Bar, BookId, Command, Directory, Event, FeeBasis, Fees, Instrument, InstrumentClass,
    InstrumentId, InstrumentState, MarginMode, Mode, Money, Name, NewAccount, NewVenue, PaperRequest,
    PositionMode, Print, Qty, Quote, Stamped, Symbol, Terms, Time, Transfer, UserId, VenueId, VenueKind,
};
use sim::{FeeTable, Venue};
use std::collections::BTreeMap;

pub(crate) const VENUE: VenueId = VenueId(1);
const FUNDING_NS: i64 = 8 * 3600 * model::NANOS_PER_SECOND;

pub(crate) struct House {
    pub(crate) engine: Engine,
    pub(crate) venue: Venue,
    pub(crate) accounts: Vec<AccountId>,
    pub(crate) books: Vec<BookId>,
    pub(crate) instruments: Vec<InstrumentId>,
    pub(crate) commands: u64,
    seq: u64,
    stamped: Stamped,
    /// The names of what was set up, for limits.
    directory: Directory,
    pub(crate) events: Vec<Event>,
}

impl House {
    pub(crate) fn build(plan: &Plan, start: Time) -> Result<Self, BacktestError> {
        let mut house = Self {
            engine: Engine::new(),
            venue: Venue::new(VENUE, plan.rules.clone())?,
            accounts: Vec::new(),
            books: Vec::new(),
            instruments: Vec::new(),
            commands: 0,
            seq: 0,
            stamped: Stamped { seq: 0, time: start, command: Command::AdvanceTime },
            directory: Directory::default(),
            events: Vec::with_capacity(64),
        };
        let assets = house.define_assets(plan, start)?;
        let name = name("sim", "venue")?;
        let patience_ns = NewVenue::PATIENCE_NS;
        let venue = NewVenue { name, kind: VenueKind::Outside, budget: None, patience_ns };
        house.set("the venue", start, Command::DefineVenue(Box::new(venue)))?;
        for market in &plan.markets {
            house.list(market, &assets, start)?;
        }
        house.open_accounts(plan, &assets, start)?;
        for strategy in &plan.strategies {
            let account = *house.accounts.get(strategy.account).ok_or_else(|| {
                BacktestError::config(format!("strategy {}", strategy.name), "its account is not in the list")
            })?;
            let book = crate::house::name(&strategy.name, "strategy")?;
            let event = house.set("the book", start, Command::OpenBook { account, name: book })?;
            let Event::BookOpened { book, .. } = event else { return Err(no_answer("the book", event)) };
            house.books.push(book);
        }
        house.set_limits(plan, start)?;
        for account in house.accounts.clone() {
            let report = house.venue.greeting(account, start);
            house.set("the line to the venue", start, Command::Venue(Box::new(report)))?;
        }
        Ok(house)
    }

    fn define_assets(
        &mut self,
        plan: &Plan,
        start: Time,
    ) -> Result<BTreeMap<String, AssetId>, BacktestError> {
        let markets = plan.markets.iter().flat_map(|market| [&market.quote, &market.base]);
        let all = plan.accounts.iter().map(|account| &account.currency).chain(markets);
        let mut assets = BTreeMap::new();
        for code in all {
            if assets.contains_key(code) {
                continue;
            }
            let event = self.set("the asset", start, Command::DefineAsset { code: name(code, "asset")? })?;
            let Event::AssetDefined { asset, .. } = event else { return Err(no_answer("the asset", event)) };
            assets.insert(code.clone(), asset);
        }
        Ok(assets)
    }

    fn list(
        &mut self,
        market: &MarketPlan,
        assets: &BTreeMap<String, AssetId>,
        start: Time,
    ) -> Result<(), BacktestError> {
        let asset = |code: &String| assets.get(code).copied().unwrap_or_default();
        let symbol = Symbol::new(&market.symbol)
            .map_err(|error| BacktestError::config(format!("market {}", market.symbol), error.to_string()))?;
        let sector = market.sector.as_deref().map(|sector| name(sector, "sector")).transpose()?;
        let quote = asset(&market.quote);
        let listing = Instrument {
            symbol,
            venue_symbol: None,
            venue: VENUE,
            class: market.class,
            base: market.class.is_delivered().then(|| asset(&market.base)),
            quote,
            settlement: quote,
            tick: market.tick,
            lot: market.lot,
            qty_min: Qty(1),
            qty_max: market.qty_max,
            notional_min: Money::ZERO,
            multiplier: market.multiplier,
            band: None,
            // What the venue charges is what it reports. The engine reserves for fees by value only.
            fees: if market.fees.basis == FeeBasis::Value { market.fees } else { Fees::default() },
            margin: market.margin,
            sector,
            calendar: None,
            terms: match market.class {
                // Positions are funded as the data says, and a future ends with it.
                InstrumentClass::Perpetual => Terms::Perpetual { funding_interval_ns: FUNDING_NS },
                InstrumentClass::Future => Terms::Future { expiry: Time::MAX },
                _ => Terms::Plain,
            },
            state: InstrumentState::Trading,
        };
        let event = self.set("the market", start, Command::ListInstrument(Box::new(listing)))?;
        let Event::InstrumentListed { instrument, .. } = event else {
            return Err(no_answer("the market", event));
        };
        self.instruments.push(instrument);
        self.venue.list(sim::Terms {
            instrument,
            tick: market.tick,
            lot: market.lot,
            multiplier: market.multiplier,
            fees: FeeTable::of(&market.fees, quote),
        });
        Ok(())
    }

    /// Limits as anybody would type them; accounts, books and markets have the names of the plan.
    fn set_limits(&mut self, plan: &Plan, start: Time) -> Result<(), BacktestError> {
        let names = OrderNames::default();
        for line in &plan.limits {
            let place = || format!("limit \"{line}\"");
            let verb = line.split_whitespace().next().unwrap_or_default();
            let whole = if verb == "limit" { line.clone() } else { format!("limit {line}") };
            let whole =
                if whole.contains(" because ") { whole } else { format!("{whole} by backtest because plan") };
            let said = parse(&whole, &self.directory, &names)
                .map_err(|error| BacktestError::config(place(), error.to_string()))?;
            let Some(Line::Command(command @ Command::SetLimit { .. })) = said else {
                return Err(BacktestError::config(place(), "it is no limit: docs/RISK.md has the words"));
            };
            self.apply(start, command);
            if let Some(Event::CommandRejected { reason }) = self.events.first() {
                return Err(BacktestError::config(place(), reason.to_string()));
            }
        }
        Ok(())
    }

    fn open_accounts(
        &mut self,
        plan: &Plan,
        assets: &BTreeMap<String, AssetId>,
        start: Time,
    ) -> Result<(), BacktestError> {
        self.set("the user", start, Command::AddUser { name: name("backtest", "user")? })?;
        for account in &plan.accounts {
            let currency = assets.get(&account.currency).copied().unwrap_or_default();
            let new = NewAccount {
                user: UserId(0),
                name: name(&account.name, "account")?,
                mode: Mode::Paper,
                kind: account.kind,
                currency,
                position_mode: PositionMode::Netting,
                margin_mode: MarginMode::Cross,
                broker: None,
            };
            let event = self.set("the account", start, Command::OpenAccount(Box::new(new)))?;
            let Event::AccountOpened { account: id, .. } = event else {
                return Err(no_answer("the account", event));
            };
            self.accounts.push(id);
            let transfer = Transfer { account: id, asset: currency, amount: account.cash, reference: None };
            self.set("the deposit", start, Command::Deposit(transfer))?;
        }
        Ok(())
    }

    /// A command of the setup, which has to be accepted: its first event.
    fn set(&mut self, what: &'static str, time: Time, command: Command) -> Result<Event, BacktestError> {
        self.apply(time, command);
        self.events.iter().for_each(|event| self.directory.learn(event));
        match self.events.first() {
            Some(Event::CommandRejected { reason }) => Err(BacktestError::Refused { what, reason: *reason }),
            Some(event) => Ok(event.clone()),
            None => Err(BacktestError::NoAnswer { what, event: None }),
        }
    }

    /// Applies the next command. What the engine asks of the venue is on its way there when this returns.
    pub(crate) fn apply(&mut self, time: Time, command: Command) {
        self.seq += 1;
        self.commands += 1;
        (self.stamped.seq, self.stamped.time, self.stamped.command) = (self.seq, time, command);
        self.events.clear();
        self.engine.apply(&self.stamped, &mut self.events);
        for event in &self.events {
            if let Some(request) = PaperRequest::of(event) {
                self.venue.ask(time, request);
            }
        }
    }

    /// The closes of so many bars as marks, one after the other; gives how many the engine took at once.
    pub(crate) fn apply_marks(&mut self, instrument: InstrumentId, bars: &[Bar]) -> usize {
        let taken = self.engine.apply_marks(instrument, bars);
        self.seq += taken as u64;
        self.commands += taken as u64;
        taken
    }
}

impl House {
    /// A quote as the next command, where nobody in the engine would notice it.
    #[inline]
    pub(crate) fn quote(&mut self, time: Time, quote: &Quote) -> bool {
        let is_taken = self.engine.apply_quote(time, quote);
        self.seq += u64::from(is_taken);
        self.commands += u64::from(is_taken);
        is_taken
    }

    #[inline]
    pub(crate) fn print(&mut self, time: Time, print: &Print) -> bool {
        let is_taken = self.engine.apply_print(time, print);
        self.seq += u64::from(is_taken);
        self.commands += u64::from(is_taken);
        is_taken
    }

    pub(crate) fn strategy_of(&self, book: BookId) -> Option<usize> {
        self.books.iter().position(|own| *own == book)
    }

    pub(crate) fn market_of(&self, instrument: InstrumentId) -> Option<usize> {
        self.instruments.iter().position(|own| *own == instrument)
    }
}

pub(crate) fn name(text: &str, what: &str) -> Result<Name, BacktestError> {
    Name::new(text).map_err(|error| BacktestError::config(format!("{what} {text}"), error.to_string()))
}

fn no_answer(what: &'static str, event: Event) -> BacktestError {
    BacktestError::NoAnswer { what, event: Some(Box::new(event)) }
}
