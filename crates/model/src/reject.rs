//! Why not: one enum of reasons, each with its code, its sentence, and what the user can do about it.
//! `docs/REASONS.md` is rendered from here.

use crate::{
    AccountId, AlgoId, AssetId, BookId, GroupId, Input, InstrumentId, LimitKind, Money, OrderId, Price, Qty,
    Reached, RuleId, Scope, Symbol, VenueId,
};
use serde::{Deserialize, Serialize};
use thiserror::Error;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Error)]
pub enum Reject {
    #[error("{what} is not supported yet")]
    NotSupported { what: Feature },
    #[error("no account {account}")]
    UnknownAccount { account: AccountId },
    #[error("no book {book} in this account")]
    UnknownBook { book: BookId },
    #[error("no instrument {instrument}")]
    UnknownInstrument { instrument: InstrumentId },
    #[error("no asset {asset}")]
    UnknownAsset { asset: AssetId },
    #[error("no such user")]
    UnknownUser,
    #[error("no working order of that name in this account")]
    UnknownOrder,
    #[error("order {order} is filled already")]
    AlreadyFilled { order: OrderId },
    #[error("order {order} is cancelled already")]
    AlreadyCancelled { order: OrderId },
    #[error("the id was used for another order")]
    ClientIdReused,
    #[error("the name {name} is taken")]
    NameTaken { name: Symbol },
    #[error("the instrument is halted")]
    InstrumentHalted,
    #[error("the instrument is not trading now")]
    InstrumentNotTrading,
    #[error("the instrument cannot be traded")]
    NotTradable,
    #[error("a cash account cannot trade this instrument")]
    AccountKindNotAllowed,
    #[error("the account is not armed for live trading")]
    AccountNotArmed,
    #[error("trading is halted here")]
    TradingHalted,
    #[error("only orders that reduce a position are taken here")]
    ReduceOnlyState,
    #[error("quantity must be above zero")]
    QtyNotPositive,
    #[error("quantity {} is below the least of {} lots", qty.0, min.0)]
    QtyTooSmall { qty: Qty, min: Qty },
    #[error("quantity {} is above the most of {} lots", qty.0, max.0)]
    QtyTooLarge { qty: Qty, max: Qty },
    #[error("value {notional} is below the least of {min}")]
    NotionalTooSmall { notional: Money, min: Money },
    #[error("price {} is outside the band {} to {} ticks", price.0, low.0, high.0)]
    PriceOutsideBand { price: Price, low: Price, high: Price },
    #[error("price must be above zero here")]
    PriceNotPositive,
    #[error("the amounts of this order are too large to count")]
    TooLargeToCount,
    #[error("{needed} needed, {free} free")]
    InsufficientFunds { asset: AssetId, needed: Money, free: Money },
    #[error("{needed} margin needed, {free} free")]
    InsufficientMargin { asset: AssetId, needed: Money, free: Money },
    #[error("there is no position to reduce")]
    NothingToReduce,
    #[error("post-only, and it would trade at once")]
    WouldTrade,
    #[error("post-only cannot slide past the end of the price range")]
    NoRoomToSlide,
    #[error("there is no one to trade with")]
    NoLiquidity,
    #[error("these do not go together: {what}")]
    IllegalCombination { what: Combination },
    #[error("the end of the order is not in the future")]
    EndNotInFuture,
    #[error("nothing would change")]
    NothingToChange,
    #[error("the new quantity is not above what is filled")]
    QtyBelowFilled,
    #[error("amount must be above zero")]
    AmountNotPositive,
    #[error("the listing is not consistent: {what}")]
    BadListing { what: ListingFault },
    #[error("the market price is not consistent")]
    BadMarketData,
    #[error("a bound is reached: {what}")]
    BoundReached { what: Bound },
    #[error("the change of state is not possible from here")]
    BadStateChange,
    #[error("no group {group} in this account")]
    UnknownGroup { group: GroupId },
    #[error("the order has nothing of the kind to change")]
    NoSuchField,
    #[error("no algo {algo} in this account")]
    UnknownAlgo { algo: AlgoId },
    #[error("the instrument has no such auction ahead")]
    NoAuction,
    #[error("no venue {venue}")]
    UnknownVenue { venue: VenueId },
    #[error("the limit {kind} of {at} allows {}, {} is used and {} would be", reached.most(), reached.before(), reached.after())]
    LimitReached { at: Scope, kind: LimitKind, reached: Reached },
    #[error("{input} is not known, and a limit needs it")]
    InputMissing { input: Input },
    #[error("{input} is {age_ns} ns old, and {most_ns} is the most a limit takes")]
    InputTooOld { input: Input, age_ns: i64, most_ns: i64 },
    #[error("a limit {kind} takes another kind of value")]
    LimitMisfit { kind: LimitKind },
    #[error("there is no limit {kind} of {at}")]
    UnknownLimit { at: Scope, kind: LimitKind },
    #[error("the statistic is not one that can be")]
    BadStatistic,
    #[error("the setting is out of its range")]
    SettingOutOfRange,
    #[error("trading is halted there")]
    HaltedAt { scope: Scope },
    #[error("only orders that reduce a position are taken there")]
    ReduceOnlyAt { scope: Scope },
    #[error("the kill switch is thrown there")]
    KilledAt { scope: Scope },
    #[error("{loss} is lost, and {limit} is the most")]
    LossLimitBroken { scope: Scope, kind: LimitKind, asset: AssetId, loss: Money, limit: Money },
    #[error("breaker {rule} has tripped")]
    BreakerOpen { rule: RuleId },
    #[error("a book without heartbeats only reduces")]
    BookSilent { book: BookId },
    #[error("what account {account} is worth is not known")]
    Unvalued { account: AccountId },
    #[error("no rule {rule}")]
    UnknownRule { rule: RuleId },
    #[error("this rule cannot stand there like that: {what}")]
    BadRule { what: RuleFault },
    #[error("only who set it may reset it before it has cooled down")]
    NotTheSetter,
    #[error("venue {venue} has no market in this")]
    NotListedThere { venue: VenueId },
    #[error("the market in this at venue {venue} has another tick or lot")]
    OtherGrid { venue: VenueId },
    #[error("the venue refused: {code}")]
    VenueRefused { code: Symbol },
    #[error("another change of the order is on its way")]
    ChangeOnItsWay,
    #[error("account {account} has one margin for all of its positions")]
    NotIsolated { account: AccountId },
    #[error("there is no position in this instrument")]
    NoPosition,
}

/// Why a rule of risk cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Error)]
pub enum RuleFault {
    #[error("this scope")]
    Scope,
    #[error("this value")]
    Value,
    #[error("this window or cool-down")]
    Window,
}

/// What the words name and the engine does not do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Error)]
pub enum Feature {
    #[error("this order type")]
    OrderType,
    #[error("this time in force")]
    TimeInForce,
    #[error("a minimum quantity")]
    MinQty,
    #[error("a condition")]
    Condition,
    #[error("a queue deadline or priority")]
    Queue,
    #[error("this route")]
    Route,
    #[error("a group of orders")]
    Group,
    #[error("an algo")]
    Algo,
    #[error("a limit")]
    Limit,
    #[error("a breaker or alert")]
    Breaker,
    #[error("a kill switch or trading state")]
    TradingState,
    #[error("a statistic")]
    Statistic,
    #[error("funding")]
    Funding,
    #[error("a corporate action")]
    CorporateAction,
    #[error("this fee schedule")]
    FeeSchedule,
    #[error("this instrument class")]
    InstrumentClass,
    #[error("this state of an instrument")]
    InstrumentState,
    #[error("live trading")]
    LiveTrading,
    #[error("hedging")]
    PositionMode,
    #[error("a heartbeat")]
    Heartbeat,
    #[error("a venue")]
    Venue,
    #[error("this change of an order")]
    Change,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Error)]
pub enum Combination {
    #[error("post-only with an order that must trade at once")]
    PostOnlyImmediate,
    #[error("post-only with an order without a price")]
    PostOnlyMarket,
    #[error("a market order that would wait")]
    MarketWaits,
    #[error("hidden with an order that never rests")]
    HiddenImmediate,
    #[error("reduce-only in a cash account")]
    ReduceOnlyCash,
    #[error("an iceberg that never rests")]
    IcebergImmediate,
    #[error("a pegged order that never rests")]
    PeggedImmediate,
    #[error("an auction and an order that is not a plain market or limit order")]
    AuctionSpecial,
    #[error("a minimum quantity and an order that may rest")]
    MinQtyRests,
    #[error("a group whose legs do not wait for each other")]
    LegImmediate,
    #[error("legs of different accounts, books or instruments")]
    LegsDiffer,
    #[error("legs whose sides, sizes or prices do not fit each other")]
    LegsMisfit,
    #[error("a bracket's stop that is not a stop")]
    NotStop,
    #[error("a bracket's target that is not a limit or touch order")]
    NotTarget,
    #[error("a condition on an order's state that is not an end")]
    ConditionState,
    #[error("a display, distance or step that is not above zero, or a distance of the whole price")]
    NotAboveZero,
    #[error("an algo whose parent is not a plain market or limit order")]
    AlgoParent,
    #[error("an algo whose times, shares or sizes do not make a schedule")]
    AlgoSchedule,
    #[error("smart routing of a kind of order that belongs to one book")]
    SmartKind,
    #[error("smart routing, which takes what is there, and post-only")]
    SmartPostOnly,
    #[error("a group or an algo, and an order that is routed")]
    RoutedPart,
    #[error("an outside venue and an order type that needs our own book")]
    VenueKind,
    #[error("an outside venue and an auction of our own")]
    VenueTime,
    #[error("an outside venue and a word that only our own book keeps")]
    VenueFlag,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Error)]
pub enum ListingFault {
    #[error("tick, lot and multiplier must be above zero")]
    Step,
    #[error("base and quote must differ, and a delivered instrument needs a base")]
    Assets,
    #[error("the value of one tick of one lot must be a whole number of 10^-18")]
    TickValue,
    #[error("least and most quantity")]
    Quantities,
    #[error("the price band")]
    Band,
    #[error("fees")]
    Fees,
    #[error("margin rates")]
    Margin,
    #[error("terms")]
    Terms,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Error)]
pub enum Bound {
    #[error("open orders in the house")]
    Orders,
    #[error("client order ids remembered")]
    ClientIds,
    #[error("positions")]
    Positions,
    #[error("balances")]
    Balances,
    #[error("accounts")]
    Accounts,
    #[error("books")]
    Books,
    #[error("instruments")]
    Instruments,
    #[error("assets")]
    Assets,
    #[error("users")]
    Users,
    #[error("price levels")]
    Levels,
    #[error("orders in one group")]
    Legs,
    #[error("parts of an iceberg")]
    Parts,
    #[error("venues")]
    Venues,
    #[error("limits")]
    Limits,
    #[error("statistics")]
    Statistics,
    #[error("rules of risk")]
    Rules,
    #[error("requests waiting for a venue")]
    VenueQueue,
    #[error("requests in one window of a venue")]
    VenueBudget,
}

/// One row of the table of reasons.
pub struct Reason {
    pub code: &'static str,
    pub advice: &'static str,
}

impl Reject {
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.reason().code
    }

    #[must_use]
    pub fn advice(&self) -> &'static str {
        self.reason().advice
    }

    #[expect(clippy::too_many_lines, reason = "a flat table, one row for each refusal")]
    fn reason(&self) -> Reason {
        let row = |code, advice| Reason { code, advice };
        match self {
            Self::NotSupported { .. } => row("not_supported", "use another kind of order or command"),
            Self::UnknownAccount { .. } => row("unknown_account", "check the account; open it first"),
            Self::UnknownBook { .. } => row("unknown_book", "check the book; open it in this account first"),
            Self::UnknownInstrument { .. } => row("unknown_instrument", "check the symbol; list it first"),
            Self::UnknownAsset { .. } => row("unknown_asset", "check the asset; define it first"),
            Self::UnknownUser => row("unknown_user", "check the user; add it first"),
            Self::UnknownOrder => row("unknown_order", "check the id; the order may have ended long ago"),
            Self::AlreadyFilled { .. } => row("already_filled", "nothing is left to change"),
            Self::AlreadyCancelled { .. } => row("already_cancelled", "place a new order"),
            Self::ClientIdReused => row("client_id_reused", "use a new id for a new order"),
            Self::NameTaken { .. } => row("name_taken", "choose another name"),
            Self::InstrumentHalted => {
                row("instrument_halted", "wait until trading resumes; cancels are taken")
            }
            Self::InstrumentNotTrading => row("instrument_not_trading", "wait for the session"),
            Self::NotTradable => row("not_tradable", "trade an instrument based on it"),
            Self::AccountKindNotAllowed => row("account_kind_not_allowed", "use a margin or futures account"),
            Self::AccountNotArmed => row("account_not_armed", "arm the account first"),
            Self::TradingHalted => row("trading_halted", "ask who halted it"),
            Self::ReduceOnlyState => row("reduce_only_state", "send orders that reduce"),
            Self::QtyNotPositive => row("qty_not_positive", "send a quantity above zero"),
            Self::QtyTooSmall { .. } => row("qty_too_small", "raise the quantity"),
            Self::QtyTooLarge { .. } => row("qty_too_large", "split the order"),
            Self::NotionalTooSmall { .. } => row("notional_too_small", "raise quantity or price"),
            Self::PriceOutsideBand { .. } => row("price_outside_band", "send a price within the band"),
            Self::PriceNotPositive => row("price_not_positive", "send a price above zero"),
            Self::TooLargeToCount => row("too_large_to_count", "send a smaller order"),
            Self::InsufficientFunds { .. } => {
                row("insufficient_funds", "deposit, cancel open orders, or send less")
            }
            Self::InsufficientMargin { .. } => {
                row("insufficient_margin", "add collateral, reduce, or send less")
            }
            Self::NothingToReduce => row("nothing_to_reduce", "send it without reduce-only"),
            Self::WouldTrade => row("would_trade", "move the price, or send it without post-only"),
            Self::NoRoomToSlide => row("no_room_to_slide", "send a limit order"),
            Self::NoLiquidity => row("no_liquidity", "send a limit order, or wait"),
            Self::IllegalCombination { .. } => row("illegal_combination", "leave one of the two out"),
            Self::EndNotInFuture => row("end_not_in_future", "send an end in the future"),
            Self::NothingToChange => row("nothing_to_change", "name a new quantity or price"),
            Self::QtyBelowFilled => row("qty_below_filled", "cancel the rest instead"),
            Self::AmountNotPositive => row("amount_not_positive", "send an amount above zero"),
            Self::BadListing { .. } => row("bad_listing", "mend the listing"),
            Self::BadMarketData => row("bad_market_data", "check the feed"),
            Self::BoundReached { .. } => row("bound_reached", "wait until some end, or raise the bound"),
            Self::BadStateChange => row("bad_state_change", "check the present state"),
            Self::UnknownGroup { .. } => row("unknown_group", "check the number; the group may have ended"),
            Self::UnknownAlgo { .. } => row("unknown_algo", "check the number; the algo may have ended"),
            Self::NoSuchField => row("no_such_field", "change only what this kind of order has"),
            Self::UnknownVenue { .. } => row("unknown_venue", "check the venue; define it first"),
            Self::NotListedThere { .. } => {
                row("not_listed_there", "list it there first, or name another venue")
            }
            Self::OtherGrid { .. } => row("other_grid", "send it to that market by its own symbol"),
            Self::VenueRefused { .. } => row("venue_refused", "see what the venue's code means"),
            Self::ChangeOnItsWay => row("change_on_its_way", "wait for the venue's answer, or cancel"),
            Self::NoAuction => row("no_auction", "send it without the auction, or after the close"),
            Self::LimitReached { .. } => row("limit_reached", "send less, reduce, or ask for a wider limit"),
            Self::InputMissing { .. } => row("input_missing", "wait until the input has come, or reduce"),
            Self::InputTooOld { .. } => row("input_too_old", "wait until the input comes again, or reduce"),
            Self::LimitMisfit { .. } => row("limit_misfit", "give the kind of value that the limit takes"),
            Self::UnknownLimit { .. } => row("unknown_limit", "check where it stands and its kind"),
            Self::BadStatistic => row("bad_statistic", "check the source of the statistic"),
            Self::SettingOutOfRange => row("setting_out_of_range", "send a value within the range"),
            Self::HaltedAt { .. } => row("halted_at", "ask who halted it; cancels are taken"),
            Self::ReduceOnlyAt { .. } => row("reduce_only_at", "send no more than there is to reduce"),
            Self::KilledAt { .. } => row("killed_at", "wait until the switch is released; cancels are taken"),
            Self::LossLimitBroken { .. } => {
                row("loss_limit_broken", "only reduce until the window ends or the limit is set anew")
            }
            Self::BreakerOpen { .. } => row("breaker_open", "wait until it has cooled down"),
            Self::BookSilent { .. } => row("book_silent", "send a heartbeat first"),
            Self::Unvalued { .. } => row("unvalued", "mark the instruments and give the rates it needs"),
            Self::UnknownRule { .. } => row("unknown_rule", "check the number; the rule may be gone"),
            Self::BadRule { .. } => row("bad_rule", "read docs/MARGIN.md for what stands where"),
            Self::NotIsolated { .. } => row("not_isolated", "open an account with `isolated`"),
            Self::NoPosition => {
                row("no_position", "open the position first; its orders set its margin aside")
            }
            Self::NotTheSetter => row("not_the_setter", "ask who set it, or wait"),
        }
    }
}
