//! Everything that can have happened. Past tense, in the order it happened; facts that are journaled
//! beside the command that caused them. Append only, like commands.

use crate::{
    AccountId, AccountKind, Alert, AlgoId, AssetId, BookId, Borrow, Breaker, Changes, ClientOrderId,
    CorporateAction, Fees, Funding, GroupId, Instrument, InstrumentId, InstrumentState, Limit, LimitKind,
    MarginMode, MarginState, Mark, Misfit, Mode, Money, Name, NewVenue, OrderId, OrderStatus, OutsideTrade,
    Price, Print, Qty, Quote, Reject, RuleId, Scope, Setting, Severity, Side, Time, TradeId, TradingState,
    UserId, VenueId, VenueReport, VenueRequest,
};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    TimeAdvanced,

    OrderAccepted(OrderAccepted),
    /// Nothing came of it; the reason says what to do.
    OrderRejected {
        account: AccountId,
        client_order_id: Option<ClientOrderId>,
        reason: Reject,
    },
    /// The same id with the same body came again: the first answer.
    OrderRepeated {
        account: AccountId,
        client_order_id: ClientOrderId,
        first: FirstAnswer,
    },
    /// What is open of it now stands in the book.
    OrderRested {
        order: OrderId,
        price: Price,
        left: Qty,
        hidden: bool,
    },
    Traded(Traded),
    OrderModified {
        order: OrderId,
        changes: Changes,
        left: Qty,
        kept_place: bool,
    },
    OrderCancelled {
        order: OrderId,
        left: Qty,
        cause: CancelCause,
    },
    OrderExpired {
        order: OrderId,
        left: Qty,
    },
    ModifyRejected {
        account: AccountId,
        reason: Reject,
    },
    CancelRejected {
        account: AccountId,
        reason: Reject,
    },
    OrderHeld {
        order: OrderId,
    },
    OrderTriggered {
        order: OrderId,
        price: Price,
    },
    GroupPlaced {
        group: GroupId,
        orders: Vec<OrderId>,
    },
    AlgoStarted {
        algo: AlgoId,
        parent: OrderId,
    },
    AlgoSliced {
        algo: AlgoId,
        child: OrderId,
        qty: Qty,
    },
    AlgoEnded {
        algo: AlgoId,
        done: Qty,
    },
    /// A part of a routed order is sent there; what became of it follows.
    RouteChosen {
        order: OrderId,
        venue: VenueId,
        qty: Qty,
        why: Name,
    },
    ManyCancelled {
        count: u32,
    },

    Quoted(Quote),
    Printed(Print),
    Marked(Mark),
    FundingPaid {
        instrument: InstrumentId,
        account: AccountId,
        amount: Money,
    },
    StatisticTaken,

    AssetDefined {
        asset: AssetId,
        code: Name,
    },
    InstrumentListed {
        instrument: InstrumentId,
        listing: Box<Instrument>,
    },
    InstrumentStateChanged {
        instrument: InstrumentId,
        state: InstrumentState,
    },
    FeesChanged {
        instrument: InstrumentId,
        fees: Fees,
    },
    UserAdded {
        user: UserId,
        name: Name,
    },
    AccountOpened {
        account: AccountId,
        user: UserId,
        name: Name,
        mode: Mode,
        kind: AccountKind,
        main: BookId,
    },
    BookOpened {
        account: AccountId,
        book: BookId,
        name: Name,
    },
    AccountArmed {
        account: AccountId,
    },
    AccountDisarmed {
        account: AccountId,
    },
    Deposited {
        account: AccountId,
        asset: AssetId,
        amount: Money,
    },
    Withdrawn {
        account: AccountId,
        asset: AssetId,
        amount: Money,
    },
    /// The same reference with the same body came again: it was done then, and not twice.
    TransferRepeated {
        account: AccountId,
        reference: ClientOrderId,
    },
    /// A command that is not an order was refused.
    CommandRejected {
        reason: Reject,
    },

    LimitSet {
        limit: Box<Limit>,
    },
    LimitRemoved {
        scope: Scope,
        kind: LimitKind,
    },
    TradingStateChanged {
        scope: Scope,
        state: TradingState,
    },
    KillSwitchThrown {
        scope: Scope,
    },
    KillSwitchReleased {
        scope: Scope,
    },
    BreakerTripped {
        rule: RuleId,
        scope: Scope,
    },
    BreakerReset {
        rule: RuleId,
    },
    AlertRaised {
        rule: RuleId,
        severity: Severity,
        scope: Scope,
    },
    AlertAcknowledged {
        rule: RuleId,
    },
    MarginCalled {
        account: AccountId,
        needed: Money,
    },
    Liquidated {
        account: AccountId,
        order: OrderId,
    },

    VenueAsked(Box<VenueRequest>),
    VenueSaid(Box<VenueReport>),
    /// The venue and the house disagree.
    BreakFound {
        account: AccountId,
        instrument: InstrumentId,
        ours: Qty,
        theirs: Qty,
    },

    AuctionIndicated {
        instrument: InstrumentId,
        price: Price,
        qty: Qty,
        imbalance: Qty,
    },
    AuctionUncrossed {
        instrument: InstrumentId,
        price: Price,
        qty: Qty,
    },
    Configured(Setting),
    /// An iceberg shows its next part, at the back of its price.
    OrderReplenished {
        order: OrderId,
        shown: Qty,
        left: Qty,
    },
    VenueDefined {
        venue: VenueId,
        of: Box<NewVenue>,
    },

    BreakerSet {
        rule: RuleId,
        breaker: Box<Breaker>,
    },
    /// With the numbers that raised it.
    AlertOpened(Box<Alert>),
    /// What raised it is over.
    AlertResolved {
        rule: RuleId,
    },
    /// The account's margin has come to another stage.
    MarginStaged(Box<MarginState>),
    /// The house paid what the account could not.
    ShortfallCovered {
        account: AccountId,
        asset: AssetId,
        amount: Money,
    },
    HeartbeatTaken {
        book: BookId,
    },
    /// The order is one that takes a position of the scope off.
    FlattenSent {
        scope: Scope,
        order: OrderId,
    },
    /// All that was to be cancelled and taken off there has been.
    ScopeCleared {
        scope: Scope,
        cancelled: u32,
        flattened: u32,
    },

    /// Like `VenueAsked`, of a paper account: for the pretend venue, and for nobody else.
    PaperAsked(Box<VenueRequest>),
    /// An order on its way to an outside venue, or there, stands otherwise.
    OrderStatusChanged {
        order: OrderId,
        status: OrderStatus,
    },
    /// A fill that a venue reported, counted and booked.
    OutsideTraded(Box<OutsideTrade>),
    /// What a venue said does not fit what is known; it is kept, and this is why it changed less than it says.
    ReportMisfit {
        venue: VenueId,
        account: AccountId,
        order: Option<OrderId>,
        what: Misfit,
    },
    /// After its opening: whether one position's losses may take the cash of all.
    MarginModeSet {
        account: AccountId,
        mode: MarginMode,
    },
    /// Cash was put behind a position, or taken back; `behind` is what stands there now.
    MarginAdjusted {
        account: AccountId,
        instrument: InstrumentId,
        asset: AssetId,
        amount: Money,
        behind: Money,
    },
    /// Like `MarginStaged`, of one position of an isolated account.
    PositionStaged {
        instrument: InstrumentId,
        state: Box<MarginState>,
    },

    /// What happened to all who hold the instrument; what it came to for each was told before.
    CorporateActed {
        instrument: InstrumentId,
        action: CorporateAction,
    },
    /// A book's position is another one after a split or a delisting.
    PositionAdjusted(Box<PositionAdjusted>),
    /// Cash that a book's position brought its account; below zero the account paid.
    CashPaid {
        account: AccountId,
        book: BookId,
        instrument: InstrumentId,
        asset: AssetId,
        amount: Money,
        cause: CashCause,
    },
    /// Those who are short have paid for what they borrowed.
    BorrowCharged(Borrow),
    FundingSettled(Funding),
    /// The command says who came to a door; nothing else happened.
    AccessNoted,
}

/// A position after something that was no trade, and what else it came to for the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PositionAdjusted {
    pub account: AccountId,
    pub book: BookId,
    pub instrument: InstrumentId,
    pub qty: Qty,
    pub cost: Money,
    /// What it won or lost with the part that was paid out.
    pub realised: Money,
    /// Into the account's balances of the quote and of the base asset.
    pub cash: Money,
    pub base: Money,
}

/// Why a position brings or costs cash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CashCause {
    Dividend,
    Funding,
    Borrow,
    /// Shares that an account owns beside its positions, after a split.
    Split,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderAccepted {
    pub order: OrderId,
    pub account: AccountId,
    pub book: BookId,
    pub instrument: InstrumentId,
    pub side: Side,
    pub qty: Qty,
}

/// A match: both orders, both fees. Maker's price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Traded {
    pub trade: TradeId,
    pub instrument: InstrumentId,
    pub price: Price,
    pub qty: Qty,
    pub taker_side: Side,
    pub taker: TradeSide,
    pub maker: TradeSide,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TradeSide {
    pub order: OrderId,
    pub account: AccountId,
    pub book: BookId,
    /// What is open of the order after this.
    pub left: Qty,
    /// Paid by the account; negative is a rebate.
    pub fee: Money,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FirstAnswer {
    Accepted { order: OrderId },
    Rejected { reason: Reject },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CancelCause {
    /// The owner asked.
    Asked,
    /// Part of a mass cancel.
    Mass,
    /// Immediate-or-cancel: what was not there to trade with.
    NothingLeftToTrade,
    /// Fill-or-kill: not all of it could trade.
    NotAllFillable,
    SelfTrade,
    /// A reduce-only order whose position is gone.
    NothingToReduce,
    /// The session ended.
    SessionEnded,
    Delisted,
    KillSwitch,
    Group,
    Deadline {
        at: Time,
    },
    Disconnected,
    /// An auction order with no auction left.
    NoAuction,
    /// Fees rose, and the account cannot pay for it any more.
    CannotPay,
    /// Its moment came, and it did not pass the checks then.
    Refused {
        reason: Reject,
    },
    /// What it waited for cannot come any more.
    ConditionFailed,
    /// The algo that sent it took it back.
    Algo,
    /// A rule of risk was broken, and this is its policy.
    Risk,
    /// The account is below its maintenance margin.
    Liquidation,
    /// A routed order whose resting part was ended by something that ends the whole.
    PartEnded,
    /// A split made of it what cannot be ordered.
    CorporateAction,
}
