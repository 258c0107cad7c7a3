//! The words of the rows: one for each variant, never changed once written.

use model::{
    AccountKind, AlertCause, Algo, BreakerWatch, CancelCause, CashCause, Command, InstrumentClass,
    InstrumentState, LimitKind, LimitValue, MarginStage, Misfit, Mode, NewGroup, NewOrder, OrderId, OrderRef,
    OrderStatus, OrderType, Policy, PostOnly, Priority, Scope, Severity, Side, TimeInForce, TradingState,
    VenueKind, VenueSay,
};

/// Declares functions from a variant to its word.
macro_rules! words {
    ($($name:ident($of:ty) { $($variant:pat => $word:literal,)* })*) => {$(
        pub(super) fn $name(value: $of) -> &'static str {
            match value { $($variant => $word,)* }
        }
    )*};
}

words! {
    side(Side) { Side::Buy => "BUY", Side::Sell => "SELL", }
    order_type(&OrderType) {
        OrderType::Market => "MARKET",
        OrderType::Limit { .. } => "LIMIT",
        OrderType::Stop { .. } => "STOP",
        OrderType::StopLimit { .. } => "STOP_LIMIT",
        OrderType::MarketIfTouched { .. } => "MARKET_IF_TOUCHED",
        OrderType::LimitIfTouched { .. } => "LIMIT_IF_TOUCHED",
        OrderType::TrailingStop { .. } => "TRAILING_STOP",
        OrderType::TrailingStopLimit { .. } => "TRAILING_STOP_LIMIT",
        OrderType::Iceberg { .. } => "ICEBERG",
        OrderType::Hidden { .. } => "HIDDEN",
        OrderType::MarketToLimit => "MARKET_TO_LIMIT",
        OrderType::Pegged { .. } => "PEGGED",
    }
    time_in_force(TimeInForce) {
        TimeInForce::Gtc => "GTC",
        TimeInForce::Day => "DAY",
        TimeInForce::Gtd(_) => "GTD",
        TimeInForce::Ioc => "IOC",
        TimeInForce::Fok => "FOK",
        TimeInForce::AtOpen => "AT_OPEN",
        TimeInForce::AtClose => "AT_CLOSE",
    }
    post_only(PostOnly) { PostOnly::Reject => "REJECT", PostOnly::Slide => "SLIDE", }
    priority(Priority) {
        Priority::Normal => "NORMAL",
        Priority::High => "HIGH",
        Priority::Critical => "CRITICAL",
        Priority::StopLoss => "STOP_LOSS",
    }
    cancel_cause(&CancelCause) {
        CancelCause::Asked => "ASKED",
        CancelCause::Mass => "MASS",
        CancelCause::NothingLeftToTrade => "NOTHING_LEFT_TO_TRADE",
        CancelCause::NotAllFillable => "NOT_ALL_FILLABLE",
        CancelCause::SelfTrade => "SELF_TRADE",
        CancelCause::NothingToReduce => "NOTHING_TO_REDUCE",
        CancelCause::SessionEnded => "SESSION_ENDED",
        CancelCause::Delisted => "DELISTED",
        CancelCause::KillSwitch => "KILL_SWITCH",
        CancelCause::Group => "GROUP",
        CancelCause::Deadline { .. } => "DEADLINE",
        CancelCause::Disconnected => "DISCONNECTED",
        CancelCause::NoAuction => "NO_AUCTION",
        CancelCause::CannotPay => "CANNOT_PAY",
        CancelCause::Refused { .. } => "REFUSED",
        CancelCause::ConditionFailed => "CONDITION_FAILED",
        CancelCause::Algo => "ALGO",
        CancelCause::Risk => "RISK",
        CancelCause::Liquidation => "LIQUIDATION",
        CancelCause::PartEnded => "PART_ENDED",
        CancelCause::CorporateAction => "CORPORATE_ACTION",
    }
    account_kind(AccountKind) {
        AccountKind::Cash => "spot",
        AccountKind::Margin => "margin",
        AccountKind::Futures => "futures",
    }
    mode(Mode) { Mode::Paper => "paper", Mode::Live => "live", }
    class(InstrumentClass) {
        InstrumentClass::Spot => "spot",
        InstrumentClass::Equity => "equity",
        InstrumentClass::Etf => "etf",
        InstrumentClass::Fx => "fx",
        InstrumentClass::Future => "future",
        InstrumentClass::Perpetual => "perpetual",
        InstrumentClass::Option => "option",
        InstrumentClass::Index => "index",
    }
    instrument_state(InstrumentState) {
        InstrumentState::PreOpen => "pre_open",
        InstrumentState::Auction => "auction",
        InstrumentState::Trading => "trading",
        InstrumentState::Halted => "halted",
        InstrumentState::Closed => "closed",
        InstrumentState::Expired => "expired",
    }
    venue_kind(VenueKind) { VenueKind::Own => "own", VenueKind::Dark => "dark", VenueKind::Outside => "outside", }
    algo(&Algo) {
        Algo::Twap { .. } => "TWAP",
        Algo::Vwap { .. } => "VWAP",
        Algo::Pov { .. } => "POV",
        Algo::ImplementationShortfall { .. } => "IMPLEMENTATION_SHORTFALL",
        Algo::IcebergSlicer { .. } => "ICEBERG_SLICER",
        Algo::Sniper { .. } => "SNIPER",
        Algo::Quoting { .. } => "QUOTING",
    }
    policy(Policy) {
        Policy::Alert => "alert",
        Policy::ReduceOnly => "reduce_only",
        Policy::CancelOpen => "cancel_open",
        Policy::Flatten => "flatten",
        Policy::Halt => "halt",
    }
    trading_state(TradingState) {
        TradingState::Active => "active",
        TradingState::ReduceOnly => "reduce_only",
        TradingState::Halted => "halted",
    }
    severity(Severity) {
        Severity::Info => "info",
        Severity::Warning => "warning",
        Severity::Critical => "critical",
    }
    margin_stage(MarginStage) {
        MarginStage::Sound => "sound",
        MarginStage::Called => "called",
        MarginStage::Liquidating => "liquidating",
    }
    misfit(Misfit) {
        Misfit::UnknownOrder => "unknown_order",
        Misfit::OtherAccount => "other_account",
        Misfit::Repeated => "repeated",
        Misfit::Late => "late",
        Misfit::Overfilled => "overfilled",
        Misfit::NotAsked => "not_asked",
        Misfit::Uncountable => "uncountable",
    }
    alert_cause(&AlertCause) {
        AlertCause::Loss { .. } => "loss",
        AlertCause::Unvalued { .. } => "unvalued",
        AlertCause::Breaker { .. } => "breaker",
        AlertCause::MarginCall { .. } => "margin_call",
        AlertCause::Liquidation { .. } => "liquidation",
        AlertCause::Shortfall { .. } => "shortfall",
        AlertCause::Silent { .. } => "silent",
        AlertCause::InputMissing { .. } => "input_missing",
    }
    command(&Command) {
        Command::AdvanceTime => "advance_time",
        Command::PlaceOrder(_) => "place_order",
        Command::CancelOrder(_) => "cancel_order",
        Command::ModifyOrder(_) => "modify_order",
        Command::CancelMany(_) => "cancel_many",
        Command::PlaceGroup(_) => "place_group",
        Command::CancelGroup { .. } => "cancel_group",
        Command::PlaceAlgo(_) => "place_algo",
        Command::CancelAlgo { .. } => "cancel_algo",
        Command::Quote(_) => "quote",
        Command::Print(_) => "print",
        Command::Mark(_) => "mark",
        Command::Funding(_) => "funding",
        Command::Statistic(_) => "statistic",
        Command::DefineAsset { .. } => "define_asset",
        Command::ListInstrument(_) => "list_instrument",
        Command::SetInstrumentState { .. } => "set_instrument_state",
        Command::SetFees { .. } => "set_fees",
        Command::Corporate { .. } => "corporate",
        Command::AddUser { .. } => "add_user",
        Command::OpenAccount(_) => "open_account",
        Command::OpenBook { .. } => "open_book",
        Command::SetPositionMode { .. } => "set_position_mode",
        Command::ArmAccount { .. } => "arm_account",
        Command::DisarmAccount { .. } => "disarm_account",
        Command::Deposit(_) => "deposit",
        Command::Withdraw(_) => "withdraw",
        Command::SetLimit { .. } => "set_limit",
        Command::RemoveLimit { .. } => "remove_limit",
        Command::SetTradingState { .. } => "set_trading_state",
        Command::ThrowKillSwitch { .. } => "throw_kill_switch",
        Command::ReleaseKillSwitch { .. } => "release_kill_switch",
        Command::SetBreaker { .. } => "set_breaker",
        Command::ResetBreaker { .. } => "reset_breaker",
        Command::AcknowledgeAlert { .. } => "acknowledge_alert",
        Command::Heartbeat { .. } => "heartbeat",
        Command::Venue(_) => "venue",
        Command::Configure(_) => "configure",
        Command::CancelAbandoned(_) => "cancel_abandoned",
        Command::DefineVenue(_) => "define_venue",
        Command::AdjustMargin { .. } => "adjust_margin",
        Command::NoteAccess(_) => "note_access",
        Command::Borrow(_) => "borrow",
    }
    cash_cause(CashCause) {
        CashCause::Dividend => "dividend",
        CashCause::Funding => "funding",
        CashCause::Borrow => "borrow",
        CashCause::Split => "split",
    }
    limit_kind(LimitKind) {
        LimitKind::OrderSize => "order_size",
        LimitKind::OrderNotional => "order_notional",
        LimitKind::PriceCollar => "price_collar",
        LimitKind::PositionNet => "position_net",
        LimitKind::PositionGross => "position_gross",
        LimitKind::Leverage => "leverage",
        LimitKind::InstrumentConcentration => "instrument_concentration",
        LimitKind::SectorConcentration => "sector_concentration",
        LimitKind::ClassConcentration => "class_concentration",
        LimitKind::Allocation => "allocation",
        LimitKind::SymbolExposure => "symbol_exposure",
        LimitKind::CorrelatedExposure => "correlated_exposure",
        LimitKind::VolatilityScaledSize => "volatility_scaled_size",
        LimitKind::VolumeShare => "volume_share",
        LimitKind::DepthShare => "depth_share",
        LimitKind::ValueAtRisk => "value_at_risk",
        LimitKind::ExpectedShortfall => "expected_shortfall",
        LimitKind::Positions => "positions",
        LimitKind::OpenOrders => "open_orders",
        LimitKind::OrdersPerMinute => "orders_per_minute",
        LimitKind::TradesPerDay => "trades_per_day",
        LimitKind::DailyLoss => "daily_loss",
        LimitKind::WeeklyLoss => "weekly_loss",
        LimitKind::Drawdown => "drawdown",
        LimitKind::MinConfidence => "min_confidence",
        LimitKind::Restricted => "restricted",
        LimitKind::MarketHours => "market_hours",
    }
}

/// Those of `cancel_cause`.
pub(super) const CANCEL_CAUSES: [&str; 20] = [
    "ASKED",
    "MASS",
    "NOTHING_LEFT_TO_TRADE",
    "NOT_ALL_FILLABLE",
    "SELF_TRADE",
    "NOTHING_TO_REDUCE",
    "SESSION_ENDED",
    "DELISTED",
    "KILL_SWITCH",
    "GROUP",
    "DEADLINE",
    "DISCONNECTED",
    "NO_AUCTION",
    "CANNOT_PAY",
    "REFUSED",
    "CONDITION_FAILED",
    "ALGO",
    "RISK",
    "LIQUIDATION",
    "PART_ENDED",
];
pub(super) const INSTRUMENT_STATES: [&str; 6] =
    ["pre_open", "auction", "trading", "halted", "closed", "expired"];
pub(super) const TIMES_IN_FORCE: [&str; 7] = ["GTC", "DAY", "GTD", "IOC", "FOK", "AT_OPEN", "AT_CLOSE"];

pub(crate) const STATUSES: [(OrderStatus, &str); 12] = [
    (OrderStatus::Accepted, "ACCEPTED"),
    (OrderStatus::Held, "HELD"),
    (OrderStatus::Open, "OPEN"),
    (OrderStatus::PartiallyFilled, "PARTIALLY_FILLED"),
    (OrderStatus::Filled, "FILLED"),
    (OrderStatus::Cancelled, "CANCELLED"),
    (OrderStatus::Expired, "EXPIRED"),
    (OrderStatus::Rejected, "REJECTED"),
    (OrderStatus::PendingNew, "PENDING_NEW"),
    (OrderStatus::PendingCancel, "PENDING_CANCEL"),
    (OrderStatus::PendingReplace, "PENDING_REPLACE"),
    (OrderStatus::Unknown, "UNKNOWN"),
];

pub(crate) fn status(status: OrderStatus) -> &'static str {
    STATUSES.iter().find(|(known, _)| *known == status).map_or("UNKNOWN", |(_, word)| word)
}

pub(crate) fn status_of(word: &str) -> Option<OrderStatus> {
    STATUSES.iter().find(|(_, known)| *known == word).map(|(status, _)| *status)
}

pub(crate) fn scope(scope: Scope) -> String {
    match scope {
        Scope::House => "house".to_owned(),
        Scope::User(user) => format!("user {user}"),
        Scope::Account(account) => format!("account {account}"),
        Scope::Book(book) => format!("book {book}"),
        Scope::Instrument(instrument) => format!("instrument {instrument}"),
        Scope::AccountInstrument(account, instrument) => format!("account {account} instrument {instrument}"),
        Scope::Venue(venue) => format!("venue {venue}"),
    }
}

pub(super) fn limit_value(value: LimitValue) -> String {
    match value {
        LimitValue::Amount { asset, amount } => format!("{amount} of asset {asset}"),
        LimitValue::Qty(qty) => format!("{} lots", qty.0),
        LimitValue::Ratio(rate) => rate.to_string(),
        LimitValue::Count(count) => count.to_string(),
        LimitValue::Yes => "yes".to_owned(),
    }
}

pub(super) fn watch(watch: BreakerWatch) -> String {
    match watch {
        BreakerWatch::PriceMove(rate) => format!("price_move {rate}"),
        BreakerWatch::Loss { asset, amount } => format!("loss {amount} of asset {asset}"),
        BreakerWatch::RejectRate(rate) => format!("reject_rate {rate}"),
        BreakerWatch::StaleData => "stale_data".to_owned(),
        BreakerWatch::VenueFailures(count) => format!("venue_failures {count}"),
    }
}

/// The numbers that raised it.
pub(super) fn alert_detail(cause: &AlertCause) -> String {
    match *cause {
        AlertCause::Loss { kind, asset, loss, limit, .. } => {
            format!("{}: lost {loss} of {limit} allowed, of asset {asset}", limit_kind(kind))
        }
        AlertCause::Unvalued { kind } => format!("{}: a price or a rate is missing", limit_kind(kind)),
        AlertCause::Breaker { breaker, found, .. } => format!("breaker {breaker} found {}", watch(found)),
        AlertCause::MarginCall { asset, equity, initial } => {
            format!("equity {equity} is below initial margin {initial}, of asset {asset}")
        }
        AlertCause::Liquidation { asset, equity, maintenance } => {
            format!("equity {equity} is below maintenance margin {maintenance}, of asset {asset}")
        }
        AlertCause::Shortfall { asset, amount } => {
            format!("the house paid {amount} of asset {asset} that the account could not")
        }
        AlertCause::InputMissing { input } => format!("{input} is missing or too old, and a limit needs it"),
        AlertCause::Silent { .. } => "no heartbeats any more".to_owned(),
    }
}

/// The order that a venue speaks of, and the word for what it says.
pub(super) fn said(say: &VenueSay) -> Option<(OrderId, &'static str)> {
    Some(match say {
        VenueSay::Filled(fill) => (fill.order, "venue_filled"),
        VenueSay::Accepted { order, .. } => (*order, "venue_accepted"),
        VenueSay::Rejected { order, .. } => (*order, "venue_rejected"),
        VenueSay::Cancelled { order, .. } => (*order, "venue_cancelled"),
        VenueSay::Replaced { order, .. } => (*order, "venue_replaced"),
        VenueSay::CancelRejected { order, .. } => (*order, "venue_cancel_rejected"),
        VenueSay::ReplaceRejected { order, .. } => (*order, "venue_replace_rejected"),
        VenueSay::Expired { order, .. } => (*order, "venue_expired"),
        VenueSay::Silent { order } => (*order, "venue_silent"),
        VenueSay::NotFound { order } => (*order, "venue_not_found"),
        VenueSay::Position { .. }
        | VenueSay::Balance { .. }
        | VenueSay::Up
        | VenueSay::Down
        | VenueSay::Reconciled => return None,
    })
}

/// The orders that a command asks for, in the order they would be accepted.
pub(super) fn orders_of(command: &Command) -> Vec<&NewOrder> {
    match command {
        Command::PlaceOrder(order) => vec![order],
        Command::PlaceAlgo(algo) => vec![&algo.parent],
        Command::PlaceGroup(group) => match &**group {
            NewGroup::Oco { first, second } => vec![first, second],
            NewGroup::Oto { first, then } => std::iter::once(&**first).chain(then).collect(),
            NewGroup::Bracket { entry, stop, target } => [Some(entry), stop.as_ref(), target.as_ref()]
                .into_iter()
                .flatten()
                .map(|leg| &**leg)
                .collect(),
        },
        _ => Vec::new(),
    }
}

/// The order that a command is about.
pub(super) fn named_by(command: &Command) -> Option<(model::AccountId, OrderRef)> {
    match command {
        Command::CancelOrder(cancel) => Some((cancel.account, cancel.order)),
        Command::ModifyOrder(modify) => Some((modify.account, modify.order)),
        _ => None,
    }
}
