//! Every command.

use super::order::{algos, clauses, groups, kinds, order};
use super::{NOON, TWO_AND_A_HALF, because, scopes, venue};
use crate::directory::{client, instrument, name};
use model::{
    Access, AccountId, AccountKind, AlgoId, AssetId, BookId, Borrow, Breaker, BreakerWatch, CancelOrder,
    Changes, Command, CorporateAction, FeeAsset, FeeBasis, Fees, Funding, GroupId, InputKind, Instrument,
    InstrumentClass, InstrumentId, InstrumentState, Level, Limit, LimitKind, LimitValue, MarginMode,
    MarginRates, Mark, Mode, ModifyOrder, Money, NewAccount, NewVenue, OptionRight, OptionStyle, OrderFilter,
    OrderId, OrderRef, Policy, PositionMode, Price, PriceBand, Print, Qty, Quote, Rate, RuleId, Scope,
    Setting, Side, Statistic, Symbol, Terms, TimeInForce, TradingState, Transfer, UserId, VenueFill, VenueId,
    VenueReport, VenueSay,
};

type Named = (String, Command);

/// Named by variant, and after a dot by what is special.
pub fn commands() -> Vec<Named> {
    let mut all = orders();
    all.extend(market());
    all.extend(listings());
    all.extend(accounts());
    all.extend(risk());
    all.extend(reports().into_iter().map(|(name, say)| {
        let report = VenueReport { venue: VenueId(3), account: AccountId(1), time: NOON, say };
        (format!("Venue.{name}"), Command::Venue(Box::new(report)))
    }));
    all
}

fn one(name: &str, command: Command) -> Named {
    (name.to_owned(), command)
}

fn orders() -> Vec<Named> {
    let (account, id) = (AccountId(300), OrderId::new(77, 5));
    let changes = Changes {
        qty: Some(Qty(6_000)),
        price: Some(Price(10_100)),
        trigger: Some(Price(1)),
        display: Some(Qty(2)),
        time_in_force: Some(TimeInForce::Gtd(NOON)),
        peg_offset: Some(-3),
    };
    let filter = OrderFilter {
        account: Some(account),
        book: Some(BookId(1)),
        instrument: Some(InstrumentId(2)),
        side: Some(Side::Buy),
        group: Some(GroupId(4)),
    };
    let by_client = OrderRef::Client(client("c1"));
    let mut all = vec![
        one("AdvanceTime", Command::AdvanceTime),
        one("CancelOrder.id", Command::CancelOrder(CancelOrder { account, order: OrderRef::Id(id) })),
        one("CancelOrder.client", Command::CancelOrder(CancelOrder { account, order: by_client })),
        one("ModifyOrder", Command::ModifyOrder(ModifyOrder { account, order: OrderRef::Id(id), changes })),
        one("CancelMany", Command::CancelMany(filter)),
        one("CancelMany.all", Command::CancelMany(OrderFilter::default())),
        one("CancelAbandoned", Command::CancelAbandoned(filter)),
        one("CancelGroup", Command::CancelGroup { account, group: GroupId(9) }),
        one("CancelAlgo", Command::CancelAlgo { account, algo: AlgoId(8) }),
    ];
    let placed = kinds().into_iter().map(|(name, kind)| (name, order(kind))).chain(clauses());
    all.extend(placed.map(|(name, order)| (format!("PlaceOrder.{name}"), Command::PlaceOrder(order))));
    all.extend(
        groups()
            .into_iter()
            .map(|(name, group)| (format!("PlaceGroup.{name}"), Command::PlaceGroup(Box::new(group)))),
    );
    all.extend(
        algos()
            .into_iter()
            .map(|(name, algo)| (format!("PlaceAlgo.{name}"), Command::PlaceAlgo(Box::new(algo)))),
    );
    all
}

fn market() -> Vec<Named> {
    let (instrument, venue) = (InstrumentId(2), VenueId(1));
    let (asset, scope) = (AssetId(1), Scope::House);
    let bid = Some(Level { price: Price(99), qty: Qty(5) });
    let print = Print { instrument, venue, price: Price(100), qty: Qty(3) };
    let (a, b, from, to) = (instrument, InstrumentId(3), AssetId(0), asset);
    let statistics = [
        ("volatility", Statistic::Volatility { instrument, value: Rate(350_000_000) }),
        ("correlation", Statistic::Correlation { a, b, value: Rate(-200_000_000) }),
        ("average_volume", Statistic::AverageVolume { instrument, value: Qty(1_000_000) }),
        ("value_at_risk", Statistic::ValueAtRisk { scope, asset, value: TWO_AND_A_HALF }),
        ("expected_shortfall", Statistic::ExpectedShortfall { scope, asset, value: TWO_AND_A_HALF }),
        ("fx_rate", Statistic::FxRate { from, to, value: TWO_AND_A_HALF }),
    ];
    let mut all = vec![
        one("Quote", Command::Quote(Quote { instrument, venue, bid, ask: None })),
        one("Print", Command::Print(print)),
        one("Mark", Command::Mark(Mark { instrument, price: Price(-1) })),
        one("Funding", Command::Funding(Funding { instrument, rate: Rate(-100_000) })),
        one("Borrow", Command::Borrow(Borrow { instrument, rate: Rate(100_000) })),
    ];
    all.extend(
        statistics.map(|(name, statistic)| (format!("Statistic.{name}"), Command::Statistic(statistic))),
    );
    all
}

pub fn fees() -> Fees {
    Fees {
        maker: Rate(-100_000),
        taker: Rate(500_000),
        basis: FeeBasis::PerShare,
        asset: FeeAsset::Other(AssetId(2)),
        cap: Some(Money::ONE),
    }
}

pub fn full_listing() -> Instrument {
    Instrument {
        venue_symbol: Some(Symbol::new("XBTUSDT").unwrap()),
        venue: VenueId(3),
        qty_max: Qty(1_000_000),
        notional_min: Money::ONE,
        multiplier: TWO_AND_A_HALF,
        band: Some(PriceBand { low: Price(-5), high: Price(5) }),
        fees: fees(),
        margin: MarginRates { initial: Rate(100_000_000), maintenance: Rate(50_000_000) },
        sector: Some(name("coins")),
        calendar: Some(name("always")),
        state: InstrumentState::PreOpen,
        ..instrument("BTC-PERP", InstrumentClass::Perpetual, "0.5", "0.001")
    }
}

fn listings() -> Vec<Named> {
    let id = InstrumentId(2);
    let option = Terms::Option {
        underlying: id,
        strike: Price(100),
        expiry: NOON,
        right: OptionRight::Put,
        style: OptionStyle::European,
    };
    let terms = [
        ("plain", Terms::Plain),
        ("future", Terms::Future { expiry: NOON }),
        ("perpetual", Terms::Perpetual { funding_interval_ns: 28_800_000_000_000 }),
        ("option", option),
    ];
    let actions = [
        ("split", CorporateAction::Split { old: 1, new: 20 }),
        ("dividend", CorporateAction::Dividend { asset: AssetId(0), amount: TWO_AND_A_HALF }),
        ("symbol_change", CorporateAction::SymbolChange { symbol: Symbol::new("META").unwrap() }),
        ("delisting", CorporateAction::Delisting { price: Some(Price(5)) }),
        ("delisting_worthless", CorporateAction::Delisting { price: None }),
    ];
    let simple = instrument("SPX", InstrumentClass::Index, "0.01", "1");
    let mut all = vec![
        one("DefineVenue", Command::DefineVenue(Box::new(venue()))),
        one("DefineVenue.budget", Command::DefineVenue(Box::new(NewVenue { budget: None, ..venue() }))),
        one("DefineAsset", Command::DefineAsset { code: name("USDT") }),
        one("ListInstrument.index", Command::ListInstrument(Box::new(simple))),
        one(
            "SetInstrumentState",
            Command::SetInstrumentState { instrument: id, state: InstrumentState::Expired },
        ),
        one("SetFees", Command::SetFees { instrument: id, fees: fees() }),
    ];
    all.extend(terms.map(|(name, terms)| {
        let listing = Instrument { terms, ..full_listing() };
        (format!("ListInstrument.{name}"), Command::ListInstrument(Box::new(listing)))
    }));
    all.extend(
        actions.map(|(name, action)| {
            (format!("Corporate.{name}"), Command::Corporate { instrument: id, action })
        }),
    );
    all
}

fn accounts() -> Vec<Named> {
    let (account, because) = (AccountId(1), because());
    let new = NewAccount {
        user: UserId(1),
        name: name("alice"),
        mode: Mode::Live,
        kind: AccountKind::Futures,
        currency: AssetId(1),
        position_mode: PositionMode::Hedging,
        margin_mode: MarginMode::Isolated,
        broker: Some(VenueId(3)),
    };
    let transfer =
        Transfer { account, asset: AssetId(0), amount: TWO_AND_A_HALF, reference: Some(client("d1")) };
    let access = Access {
        user: Some(UserId(7)),
        actor: name("ann"),
        action: name("login"),
        target: client("session:5"),
        outcome: name("done"),
        address: client("127.0.0.1"),
        request: client("r-1"),
    };
    let bare = Transfer { amount: Money(i128::MIN), reference: None, ..transfer };
    vec![
        one("AddUser", Command::AddUser { name: name("ann") }),
        one("OpenAccount", Command::OpenAccount(Box::new(new))),
        one("OpenBook", Command::OpenBook { account, name: name("momentum") }),
        one("SetPositionMode", Command::SetPositionMode { account, mode: PositionMode::Hedging }),
        one("ArmAccount", Command::ArmAccount { account, because }),
        one("DisarmAccount", Command::DisarmAccount { account, because }),
        one("Deposit", Command::Deposit(transfer)),
        one("Withdraw", Command::Withdraw(bare)),
        one("Heartbeat", Command::Heartbeat { book: BookId(128) }),
        one("NoteAccess", Command::NoteAccess(Box::new(access))),
        one("NoteAccess.nobody", Command::NoteAccess(Box::new(Access { user: None, ..access }))),
        one("Configure.retention", Command::Configure(Setting::ClientIdRetention { ns: 1 })),
        one("Configure.ids", Command::Configure(Setting::ClientIdsMax { count: 1_000_000 })),
        one("Configure.age", Command::Configure(Setting::AgeMax { input: InputKind::FxRate, ns: 5 })),
        one("Configure.day", Command::Configure(Setting::DayStart { account: None, seconds: 3600 })),
        one(
            "Configure.day_of_account",
            Command::Configure(Setting::DayStart { account: Some(AccountId(300)), seconds: -7200 }),
        ),
        one(
            "Configure.silence",
            Command::Configure(Setting::Silence { book: BookId(128), ns: 5, policy: Policy::Flatten }),
        ),
    ]
}

fn risk() -> Vec<Named> {
    let (because, scope, kind, rule) = (because(), Scope::House, LimitKind::MarketHours, RuleId(5));
    let (asset, amount) = (AssetId(1), TWO_AND_A_HALF);
    let values = [
        ("amount", LimitValue::Amount { asset, amount }),
        ("qty", LimitValue::Qty(Qty(5))),
        ("ratio", LimitValue::Ratio(Rate(1))),
        ("count", LimitValue::Count(6)),
        ("yes", LimitValue::Yes),
    ];
    let watches = [
        ("price_move", BreakerWatch::PriceMove(Rate(50_000_000))),
        ("loss", BreakerWatch::Loss { asset, amount }),
        ("reject_rate", BreakerWatch::RejectRate(Rate(1))),
        ("stale_data", BreakerWatch::StaleData),
        ("venue_failures", BreakerWatch::VenueFailures(3)),
    ];
    let mut all = vec![
        one("RemoveLimit", Command::RemoveLimit { scope, kind, because }),
        one("SetTradingState", Command::SetTradingState { scope, state: TradingState::Halted, because }),
        one("ReleaseKillSwitch", Command::ReleaseKillSwitch { scope, because }),
        one("ResetBreaker", Command::ResetBreaker { rule, because }),
        one("AcknowledgeAlert", Command::AcknowledgeAlert { rule, because }),
        one(
            "AdjustMargin",
            Command::AdjustMargin { account: AccountId(7), instrument: InstrumentId(1), amount },
        ),
    ];
    all.extend(values.map(|(name, value)| {
        let limit = Box::new(Limit { scope, kind: LimitKind::OrderSize, value, policy: Policy::Halt });
        (format!("SetLimit.{name}"), Command::SetLimit { limit, because })
    }));
    all.extend(watches.map(|(name, watch)| {
        let (window_ns, cool_down_ns, policy) = (60_000_000_000, 1, Policy::Flatten);
        let breaker = Box::new(Breaker { scope, watch, window_ns, cool_down_ns, policy });
        (format!("SetBreaker.{name}"), Command::SetBreaker { breaker, because })
    }));
    all.extend(scopes().map(|(name, scope)| {
        (format!("ThrowKillSwitch.{name}"), Command::ThrowKillSwitch { scope, flatten: true, because })
    }));
    all
}

pub fn reports() -> Vec<(&'static str, VenueSay)> {
    let (order, left, qty) = (OrderId::new(77, 5), Qty(4), Qty(3));
    let code = Symbol::new("-2010").unwrap();
    let (instrument, asset, amount) = (InstrumentId(2), AssetId(1), TWO_AND_A_HALF);
    let fill =
        VenueFill { order, fill: client("f-9"), price: Price(100), qty, fee: Money(-1), fee_asset: asset };
    vec![
        ("accepted", VenueSay::Accepted { order, venue_order: client("v-1") }),
        ("rejected", VenueSay::Rejected { order, code }),
        ("filled", VenueSay::Filled(fill)),
        ("cancelled", VenueSay::Cancelled { order, left }),
        ("replaced", VenueSay::Replaced { order, qty, price: Some(Price(1)) }),
        ("cancel_rejected", VenueSay::CancelRejected { order, code }),
        ("replace_rejected", VenueSay::ReplaceRejected { order, code }),
        ("expired", VenueSay::Expired { order, left }),
        ("silent", VenueSay::Silent { order }),
        ("not_found", VenueSay::NotFound { order }),
        ("position", VenueSay::Position { instrument, qty: Qty(-3), cost: amount }),
        ("balance", VenueSay::Balance { asset, total: amount, available: Money::ZERO }),
        ("up", VenueSay::Up),
        ("down", VenueSay::Down),
        ("reconciled", VenueSay::Reconciled),
    ]
}
