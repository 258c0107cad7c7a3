//! The order vocabulary: side, type, time in force, flags, contingencies, queue, and its life.
//! Which pairs are legal is a table of the engine; here are only the words.

use crate::{
    AccountId, BookId, ClientOrderId, GroupId, InstrumentId, OrderId, Price, Qty, Rate, Time, TraceId,
    VenueId,
};
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Side {
    Buy,
    Sell,
}

impl Side {
    #[inline]
    #[must_use]
    pub fn opposite(self) -> Self {
        match self {
            Self::Buy => Self::Sell,
            Self::Sell => Self::Buy,
        }
    }

    /// +1 for a buy, -1 for a sell.
    #[inline]
    #[must_use]
    pub fn sign(self) -> i64 {
        match self {
            Self::Buy => 1,
            Self::Sell => -1,
        }
    }

    /// Whether an order of this side with limit `mine` may trade at `theirs`.
    #[inline]
    #[must_use]
    pub fn reaches(self, mine: Price, theirs: Price) -> bool {
        match self {
            Self::Buy => mine >= theirs,
            Self::Sell => mine <= theirs,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum OrderType {
    Market,
    Limit { price: Price },
    Stop { trigger: Trigger },
    StopLimit { trigger: Trigger, price: Price },
    MarketIfTouched { trigger: Trigger },
    LimitIfTouched { trigger: Trigger, price: Price },
    TrailingStop { trail: Box<Trail> },
    TrailingStopLimit { trail: Box<Trail>, limit_offset: i64 },
    Iceberg { price: Price, display: Qty },
    Hidden { price: Price },
    MarketToLimit,
    Pegged { to: PegTo, offset: i64, limit: Option<Price> },
}

impl OrderType {
    /// The worst price the order may trade at, where it names one.
    #[inline]
    #[must_use]
    pub fn limit(&self) -> Option<Price> {
        match self {
            Self::Limit { price }
            | Self::StopLimit { price, .. }
            | Self::LimitIfTouched { price, .. }
            | Self::Iceberg { price, .. }
            | Self::Hidden { price } => Some(*price),
            Self::Pegged { limit, .. } => *limit,
            Self::Market
            | Self::Stop { .. }
            | Self::MarketIfTouched { .. }
            | Self::TrailingStop { .. }
            | Self::TrailingStopLimit { .. }
            | Self::MarketToLimit => None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trigger {
    pub price: Price,
    pub source: TriggerSource,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum TriggerSource {
    #[default]
    Last,
    BidAsk,
    Mid,
    Mark,
    /// Two trades in a row beyond the price.
    DoubleLast,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trail {
    pub by: TrailBy,
    /// Trailing starts once the market has been here.
    pub activation: Option<Price>,
    /// The stop moves in steps of so many ticks.
    pub step: Option<i64>,
    pub source: TriggerSource,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TrailBy {
    /// A distance in price, given in ticks of the instrument by whoever converts it.
    Amount(i64),
    Percent(Rate),
    Ticks(i64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum PegTo {
    OwnSide,
    Mid,
    Opposite,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum TimeInForce {
    #[default]
    Gtc,
    /// Ends with the instrument's session.
    Day,
    /// Ends at this moment.
    Gtd(Time),
    Ioc,
    Fok,
    AtOpen,
    AtClose,
}

/// The auction that an order is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    Open,
    Close,
}

impl Call {
    pub fn of(time_in_force: TimeInForce) -> Option<Self> {
        match time_in_force {
            TimeInForce::AtOpen => Some(Self::Open),
            TimeInForce::AtClose => Some(Self::Close),
            _ => None,
        }
    }
}

/// What a post-only order does where it would trade.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum PostOnly {
    Reject,
    /// Rests one tick before the other side's best price.
    Slide,
}

/// What happens where both sides of a trade would be one account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum SelfTrade {
    CancelNewest,
    CancelOldest,
    CancelBoth,
    Decrement,
}

/// The place in the queue to a venue; the order is the order of urgency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Priority {
    #[default]
    Normal,
    High,
    Critical,
    StopLoss,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewOrder {
    pub account: AccountId,
    /// The account's own book `main` if none is named.
    pub book: Option<BookId>,
    pub instrument: InstrumentId,
    pub side: Side,
    pub qty: Qty,
    pub kind: OrderType,
    pub time_in_force: TimeInForce,
    pub client_order_id: Option<ClientOrderId>,
    pub post_only: Option<PostOnly>,
    pub reduce_only: bool,
    pub self_trade: Option<SelfTrade>,
    pub qty_min: Option<Qty>,
    pub priority: Priority,
    /// On the way to a venue: not sent after this.
    pub deadline: Option<Time>,
    pub route: Route,
    /// Sent only once this holds.
    pub condition: Option<Condition>,
    /// Of the signal behind it.
    pub confidence: Option<Rate>,
    pub trace: Option<TraceId>,
}

impl NewOrder {
    /// A plain order; set the fields that make it a special one.
    #[must_use]
    pub fn new(account: AccountId, instrument: InstrumentId, side: Side, qty: Qty, kind: OrderType) -> Self {
        Self {
            account,
            book: None,
            instrument,
            side,
            qty,
            kind,
            time_in_force: TimeInForce::Gtc,
            client_order_id: None,
            post_only: None,
            reduce_only: false,
            self_trade: None,
            qty_min: None,
            priority: Priority::Normal,
            deadline: None,
            route: Route::Listing,
            condition: None,
            confidence: None,
            trace: None,
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Route {
    /// The venue that the instrument is listed on.
    #[default]
    Listing,
    Venue(VenueId),
    /// By price, fees and hidden liquidity, over all venues that trade it.
    Smart(RoutePlan),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RoutePlan {
    Spray,
    Sequential,
}

/// If-then: what must be true before an order is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Condition {
    Above { instrument: InstrumentId, price: Price, source: TriggerSource },
    Below { instrument: InstrumentId, price: Price, source: TriggerSource },
    At { time: Time },
    Order { order: OrderId, status: OrderStatus },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NewGroup {
    /// One cancels the other.
    Oco { first: Box<NewOrder>, second: Box<NewOrder> },
    /// One triggers the others.
    Oto { first: Box<NewOrder>, then: Vec<NewOrder> },
    /// Children are sized to what the entry filled.
    Bracket { entry: Box<NewOrder>, stop: Option<Box<NewOrder>>, target: Option<Box<NewOrder>> },
}

/// What to change; what is absent stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    /// The new total quantity, filled part included.
    pub qty: Option<Qty>,
    pub price: Option<Price>,
    pub trigger: Option<Price>,
    pub display: Option<Qty>,
    pub time_in_force: Option<TimeInForce>,
    pub peg_offset: Option<i64>,
}

/// How a command names an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum OrderRef {
    Id(OrderId),
    Client(ClientOrderId),
}

/// Which orders a mass cancel takes; what is absent matches all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderFilter {
    pub account: Option<AccountId>,
    pub book: Option<BookId>,
    pub instrument: Option<InstrumentId>,
    pub side: Option<Side>,
    pub group: Option<GroupId>,
}

/// `execution_status`, the authority on where an order is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum OrderStatus {
    Accepted,
    /// Waits for its trigger or condition.
    Held,
    Open,
    PartiallyFilled,
    Filled,
    Cancelled,
    Expired,
    Rejected,
    PendingNew,
    PendingCancel,
    PendingReplace,
    /// The venue did not answer: asked about, never guessed.
    Unknown,
}

impl OrderStatus {
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(self, Self::Filled | Self::Cancelled | Self::Expired | Self::Rejected)
    }

    /// The older vocabulary, for older clients.
    #[must_use]
    pub fn derived(self) -> &'static str {
        match self {
            Self::Filled => "filled",
            Self::Cancelled | Self::Expired => "cancelled",
            Self::Rejected => "failed",
            _ => "pending",
        }
    }
}
