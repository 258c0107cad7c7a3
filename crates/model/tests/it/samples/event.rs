//! Every event.

use super::command::{fees, full_listing, reports};
use super::{NOON, TWO_AND_A_HALF, reject::rejects, scopes};
use crate::directory::{client, name};
use model::{
    AccountId, AccountKind, Alert, AlertCause, AlertState, AlgoId, AssetId, BookId, Borrow, Breaker,
    BreakerWatch, CancelCause, CashCause, Changes, CorporateAction, Event, FirstAnswer, Funding, GroupId,
    Input, InstrumentId, InstrumentState, Level, Limit, LimitKind, LimitValue, MarginMode, MarginStage,
    MarginState, Mark, Misfit, Mode, Money, OrderAccepted, OrderId, OrderStatus, OrderType, OutsideTrade,
    Policy, PositionAdjusted, Price, Print, Priority, Qty, Quote, Rate, Reject, RuleId, Scope, Setting,
    Severity, Side, TimeInForce, TradeId, TradeSide, Traded, TradingState, UserId, VenueAsk, VenueId,
    VenueReport, VenueRequest,
};

type Named = (String, Event);

const ACCOUNT: AccountId = AccountId(300);
const INSTRUMENT: InstrumentId = InstrumentId(2);
const PRICE: Price = Price(-10_000);
const LEFT: Qty = Qty(4_000);

pub fn events() -> Vec<Named> {
    let mut all = of_orders();
    all.extend(more_of_orders());
    all.extend(of_market());
    all.extend(of_accounts());
    all.extend(of_risk());
    all.extend(of_guard());
    all.extend(of_venues());
    all.extend(rejects().into_iter().map(|reason| {
        let name = format!("{reason:?}");
        let variant = name.split(|at: char| !at.is_alphanumeric()).next().unwrap_or_default().to_owned();
        (format!("CommandRejected.{variant}"), Event::CommandRejected { reason })
    }));
    all
}

fn one(name: &str, event: Event) -> Named {
    (name.to_owned(), event)
}

fn id() -> OrderId {
    OrderId::new(77, 5)
}

fn of_orders() -> Vec<Named> {
    let (account, order, client_order_id) = (ACCOUNT, id(), client("c1"));
    let (instrument, book, side, qty) = (INSTRUMENT, BookId(1), Side::Sell, Qty(5_000));
    let accepted = OrderAccepted { order, account, book, instrument, side, qty };
    let taker = TradeSide { order, account, book, left: LEFT, fee: TWO_AND_A_HALF };
    let maker = TradeSide { order: OrderId::new(76, 4), fee: Money(-1), left: Qty::ZERO, ..taker };
    let traded =
        Traded { trade: TradeId(9), instrument, price: PRICE, qty, taker_side: Side::Buy, taker, maker };
    let changes = Changes { qty: Some(qty), price: Some(PRICE), ..Changes::default() };
    let reason = Reject::UnknownOrder;
    let repeated = |first| Event::OrderRepeated { account, client_order_id, first };
    let rejected = |client_order_id| Event::OrderRejected { account, client_order_id, reason };
    vec![
        one("TimeAdvanced", Event::TimeAdvanced),
        one("OrderAccepted", Event::OrderAccepted(accepted)),
        one("OrderRejected.named", rejected(Some(client_order_id))),
        one("OrderRejected.unnamed", rejected(None)),
        one("OrderRepeated.accepted", repeated(FirstAnswer::Accepted { order })),
        one("OrderRepeated.rejected", repeated(FirstAnswer::Rejected { reason })),
        one("OrderRested", Event::OrderRested { order, price: PRICE, left: LEFT, hidden: true }),
        one("Traded", Event::Traded(traded)),
        one("OrderModified", Event::OrderModified { order, changes, left: LEFT, kept_place: true }),
        one("OrderExpired", Event::OrderExpired { order, left: LEFT }),
        one("ModifyRejected", Event::ModifyRejected { account, reason }),
        one("CancelRejected", Event::CancelRejected { account, reason }),
        one("OrderHeld", Event::OrderHeld { order }),
        one("OrderTriggered", Event::OrderTriggered { order, price: PRICE }),
        one("ManyCancelled", Event::ManyCancelled { count: 1_000 }),
    ]
}

fn more_of_orders() -> Vec<Named> {
    let (order, algo, qty) = (id(), AlgoId(8), LEFT);
    let routed = Event::RouteChosen { order, venue: VenueId(3), qty, why: name("cheapest") };
    let causes = [
        ("asked", CancelCause::Asked),
        ("mass", CancelCause::Mass),
        ("nothing_left_to_trade", CancelCause::NothingLeftToTrade),
        ("not_all_fillable", CancelCause::NotAllFillable),
        ("self_trade", CancelCause::SelfTrade),
        ("nothing_to_reduce", CancelCause::NothingToReduce),
        ("session_ended", CancelCause::SessionEnded),
        ("delisted", CancelCause::Delisted),
        ("kill_switch", CancelCause::KillSwitch),
        ("group", CancelCause::Group),
        ("deadline", CancelCause::Deadline { at: NOON }),
        ("disconnected", CancelCause::Disconnected),
        ("no_auction", CancelCause::NoAuction),
        ("cannot_pay", CancelCause::CannotPay),
        ("refused", CancelCause::Refused { reason: Reject::NoLiquidity }),
        ("condition_failed", CancelCause::ConditionFailed),
        ("algo", CancelCause::Algo),
        ("risk", CancelCause::Risk),
        ("liquidation", CancelCause::Liquidation),
        ("part_ended", CancelCause::PartEnded),
        ("corporate_action", CancelCause::CorporateAction),
    ];
    let mut all = vec![
        one(
            "GroupPlaced",
            Event::GroupPlaced { group: GroupId(4), orders: vec![order, OrderId::new(78, 6)] },
        ),
        one("AlgoStarted", Event::AlgoStarted { algo, parent: order }),
        one("AlgoSliced", Event::AlgoSliced { algo, child: order, qty }),
        one("AlgoEnded", Event::AlgoEnded { algo, done: qty }),
        one("RouteChosen", routed),
        one("OrderReplenished", Event::OrderReplenished { order, shown: Qty(100), left: LEFT }),
    ];
    all.extend(causes.map(|(name, cause)| {
        (format!("OrderCancelled.{name}"), Event::OrderCancelled { order, left: LEFT, cause })
    }));
    all
}

fn of_market() -> Vec<Named> {
    let (instrument, venue, price, qty) = (INSTRUMENT, VenueId(1), PRICE, LEFT);
    let ask = Some(Level { price, qty });
    let state = InstrumentState::Auction;
    let paid = Event::FundingPaid { instrument, account: ACCOUNT, amount: TWO_AND_A_HALF };
    let acted = Event::CorporateActed { instrument, action: CorporateAction::Split { old: 1, new: 4 } };
    let adjusted = PositionAdjusted {
        account: ACCOUNT,
        book: BookId(4),
        instrument,
        qty,
        cost: TWO_AND_A_HALF,
        realised: Money(5),
        cash: Money(7),
        base: Money(9),
    };
    let cash = Event::CashPaid {
        account: ACCOUNT,
        book: BookId(4),
        instrument,
        asset: AssetId(1),
        amount: Money(-7),
        cause: CashCause::Borrow,
    };
    let indicated = Event::AuctionIndicated { instrument, price, qty, imbalance: Qty(-1) };
    vec![
        one("Quoted", Event::Quoted(Quote { instrument, venue, bid: None, ask })),
        one("Printed", Event::Printed(Print { instrument, venue, price, qty })),
        one("Marked", Event::Marked(Mark { instrument, price })),
        one("FundingPaid", paid),
        one("CorporateActed", acted),
        one("PositionAdjusted", Event::PositionAdjusted(Box::new(adjusted))),
        one("CashPaid", cash),
        one("BorrowCharged", Event::BorrowCharged(Borrow { instrument, rate: Rate(100_000) })),
        one("FundingSettled", Event::FundingSettled(Funding { instrument, rate: Rate(-100_000) })),
        one("StatisticTaken", Event::StatisticTaken),
        one("VenueDefined", Event::VenueDefined { venue: VenueId(3), of: Box::new(super::venue()) }),
        one("AssetDefined", Event::AssetDefined { asset: AssetId(1), code: name("BTC") }),
        one("InstrumentListed", Event::InstrumentListed { instrument, listing: Box::new(full_listing()) }),
        one("InstrumentStateChanged", Event::InstrumentStateChanged { instrument, state }),
        one("FeesChanged", Event::FeesChanged { instrument, fees: fees() }),
        one("AuctionIndicated", indicated),
        one("AuctionUncrossed", Event::AuctionUncrossed { instrument, price, qty }),
    ]
}

fn of_accounts() -> Vec<Named> {
    let (account, asset, amount) = (ACCOUNT, AssetId(1), TWO_AND_A_HALF);
    let opened = Event::AccountOpened {
        account,
        user: UserId(1),
        name: name("alice"),
        mode: Mode::Live,
        kind: AccountKind::Margin,
        main: BookId(7),
    };
    let (ours, theirs) = (Qty(5), Qty(-5));
    vec![
        one("UserAdded", Event::UserAdded { user: UserId(1), name: name("ann") }),
        one("AccountOpened", opened),
        one("BookOpened", Event::BookOpened { account, book: BookId(8), name: name("momentum") }),
        one("AccountArmed", Event::AccountArmed { account }),
        one("AccountDisarmed", Event::AccountDisarmed { account }),
        one("Deposited", Event::Deposited { account, asset, amount }),
        one("Withdrawn", Event::Withdrawn { account, asset, amount }),
        one("TransferRepeated", Event::TransferRepeated { account, reference: client("d1") }),
        one("Configured", Event::Configured(Setting::ClientIdsMax { count: 7 })),
        one("MarginCalled", Event::MarginCalled { account, needed: amount }),
        one("Liquidated", Event::Liquidated { account, order: id() }),
        one("BreakFound", Event::BreakFound { account, instrument: INSTRUMENT, ours, theirs }),
    ]
}

fn of_guard() -> Vec<Named> {
    let (account, asset, amount) = (AccountId(3), AssetId(2), Money(-7));
    let (scope, rule, policy) = (Scope::Account(account), RuleId(9), Policy::Halt);
    let (kind, loss, limit) = (LimitKind::WeeklyLoss, Money(12), Money(10));
    let watch = BreakerWatch::RejectRate(Rate(500_000_000));
    let breaker = Box::new(Breaker { scope, watch, window_ns: 60, cool_down_ns: 600, policy });
    let causes = [
        ("loss", AlertCause::Loss { kind, asset, loss, limit, policy }),
        ("unvalued", AlertCause::Unvalued { kind }),
        ("breaker", AlertCause::Breaker { breaker: rule, found: watch, policy }),
        ("margin_call", AlertCause::MarginCall { asset, equity: amount, initial: limit }),
        ("liquidation", AlertCause::Liquidation { asset, equity: amount, maintenance: limit }),
        ("shortfall", AlertCause::Shortfall { asset, amount: loss }),
        ("silent", AlertCause::Silent { policy }),
        ("input_missing", AlertCause::InputMissing { input: Input::Volatility(INSTRUMENT) }),
    ];
    let alerts = causes.into_iter().map(|(name, cause)| {
        let (severity, state, at) = (Severity::Warning, AlertState::Acknowledged, NOON);
        let alert = Alert { rule, severity, scope, cause, state, at };
        (format!("AlertOpened.{name}"), Event::AlertOpened(Box::new(alert)))
    });
    let (stage, equity) = (MarginStage::Liquidating, amount);
    let state = MarginState { account, asset, stage, equity, initial: loss, maintenance: limit };
    let mut all = vec![
        one("BreakerSet", Event::BreakerSet { rule, breaker }),
        one("AlertResolved", Event::AlertResolved { rule }),
        one("MarginStaged", Event::MarginStaged(Box::new(state))),
        one("MarginModeSet", Event::MarginModeSet { account, mode: MarginMode::Isolated }),
        one("PositionStaged", Event::PositionStaged { instrument: INSTRUMENT, state: Box::new(state) }),
        one(
            "MarginAdjusted",
            Event::MarginAdjusted { account, instrument: INSTRUMENT, asset, amount, behind: limit },
        ),
        one("ShortfallCovered", Event::ShortfallCovered { account, asset, amount: loss }),
        one("AccessNoted", Event::AccessNoted),
        one("HeartbeatTaken", Event::HeartbeatTaken { book: BookId(4) }),
        one("FlattenSent", Event::FlattenSent { scope, order: id() }),
        one("ScopeCleared", Event::ScopeCleared { scope, cancelled: 3, flattened: 1 }),
    ];
    all.extend(alerts);
    all
}

fn of_risk() -> Vec<Named> {
    let (scope, rule, kind) = (Scope::House, RuleId(5), LimitKind::Drawdown);
    let limit = Limit { scope, kind, value: LimitValue::Count(3), policy: Policy::CancelOpen };
    let mut all = vec![
        one("LimitSet", Event::LimitSet { limit: Box::new(limit) }),
        one("LimitRemoved", Event::LimitRemoved { scope, kind }),
        one("TradingStateChanged", Event::TradingStateChanged { scope, state: TradingState::ReduceOnly }),
        one("KillSwitchReleased", Event::KillSwitchReleased { scope }),
        one("BreakerTripped", Event::BreakerTripped { rule, scope }),
        one("BreakerReset", Event::BreakerReset { rule }),
        one("AlertRaised", Event::AlertRaised { rule, severity: Severity::Critical, scope }),
        one("AlertAcknowledged", Event::AlertAcknowledged { rule }),
    ];
    all.extend(
        scopes().map(|(name, scope)| (format!("KillSwitchThrown.{name}"), Event::KillSwitchThrown { scope })),
    );
    all
}

fn of_venues() -> Vec<Named> {
    let (order, qty, venue, account) = (id(), LEFT, VenueId(3), ACCOUNT);
    let submit = VenueAsk::Submit {
        order,
        instrument: INSTRUMENT,
        side: Side::Sell,
        qty,
        kind: OrderType::Limit { price: PRICE },
        time_in_force: TimeInForce::Ioc,
        reduce_only: true,
    };
    let asks = [
        ("submit", submit),
        ("cancel", VenueAsk::Cancel { order }),
        ("replace", VenueAsk::Replace { order, qty, price: Some(PRICE) }),
        ("query", VenueAsk::Query { order }),
        ("reconcile", VenueAsk::Reconcile),
    ];
    let asked = asks.into_iter().map(|(name, ask)| {
        let (priority, deadline) = (Priority::StopLoss, Some(NOON));
        let request = Box::new(VenueRequest { venue, account, priority, deadline, ask });
        (format!("VenueAsked.{name}"), Event::VenueAsked(request))
    });
    let said = reports().into_iter().map(|(name, say)| {
        let report = Box::new(VenueReport { venue, account, time: NOON, say });
        (format!("VenueSaid.{name}"), Event::VenueSaid(report))
    });
    asked.chain(said).chain(of_outside()).collect()
}

fn of_outside() -> Vec<Named> {
    let (order, venue, account, what) = (id(), VenueId(3), ACCOUNT, Misfit::Overfilled);
    let (priority, deadline, ask) = (Priority::Normal, None, VenueAsk::Reconcile);
    let trade = OutsideTrade {
        trade: TradeId(10),
        venue,
        order,
        account,
        book: BookId(1),
        instrument: INSTRUMENT,
        side: Side::Sell,
        price: PRICE,
        qty: Qty(500),
        left: LEFT,
        fee: TWO_AND_A_HALF,
        fee_asset: AssetId(2),
    };
    let misfit = |order| Event::ReportMisfit { venue, account, order, what };
    vec![
        one(
            "PaperAsked",
            Event::PaperAsked(Box::new(VenueRequest { venue, account, priority, deadline, ask })),
        ),
        one("OrderStatusChanged", Event::OrderStatusChanged { order, status: OrderStatus::Unknown }),
        one("OutsideTraded", Event::OutsideTraded(Box::new(trade))),
        one("ReportMisfit.named", misfit(Some(order))),
        one("ReportMisfit.unnamed", misfit(None)),
    ]
}
