//! The words of the house: prices, quantities, money, ids, instruments, orders, commands, events, rejects,
//! venue messages. Integers only. No behaviour beyond arithmetic and validity; no I/O, clock or thread.
#![deny(clippy::float_arithmetic, clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::panic)]

mod access;
mod account;
mod algo;
mod command;
mod decimal;
mod directory;
mod event;
mod guard;
mod history;
mod id;
mod instrument;
pub mod line;
mod market;
mod number;
mod order;
mod rate;
mod record;
mod reject;
mod risk;
mod text;
mod time;
mod venue;
mod what_if;

pub use access::Access;
pub use account::{AccountKind, MarginMode, Mode, NewAccount, PositionMode};
pub use algo::{Algo, NewAlgo, Quoting, Slice};
pub use command::{CancelOrder, Command, ModifyOrder, Setting, Stamped, Transfer};
pub use decimal::DecimalError;
pub use directory::{Directory, Grid, Listed, Opened};
pub use event::{
    CancelCause, CashCause, Event, FirstAnswer, OrderAccepted, PositionAdjusted, TradeSide, Traded,
};
pub use guard::{Alert, AlertCause, AlertState, MarginStage, MarginState};
pub use history::{Change, Life, Step};
pub use id::{
    AccountId, AlgoId, AssetId, BookId, GroupId, InstrumentId, OrderId, RuleId, TraceId, TradeId, UserId,
    VenueId,
};
pub use instrument::{
    CorporateAction, FeeAsset, FeeBasis, Fees, Instrument, InstrumentClass, InstrumentState, MarginRates,
    OptionRight, OptionStyle, PriceBand, Terms,
};
pub use market::{Bar, Borrow, Funding, Level, Mark, Print, Quote};
pub use number::{Money, Price, Qty};
pub use order::{
    Call, Changes, Condition, NewGroup, NewOrder, OrderFilter, OrderRef, OrderStatus, OrderType, PegTo,
    PostOnly, Priority, Route, RoutePlan, SelfTrade, Side, TimeInForce, Trail, TrailBy, Trigger,
    TriggerSource,
};
pub use rate::Rate;
pub use record::{DecodeError, Record, VERSION, decode, decode_command, encode_events, encode_head};
pub use reject::{Bound, Combination, Feature, ListingFault, Reason, Reject, RuleFault};
pub use risk::{
    Because, Breaker, BreakerWatch, Input, InputKind, Limit, LimitKind, LimitValue, Policy, Reached, Scope,
    Severity, Statistic, TradingState, Unit,
};
pub use text::{ClientOrderId, Name, Symbol, Text, TextError};
pub use time::{NANOS_PER_SECOND, Time, TimeError};
pub use venue::{
    LiveRequest, Misfit, NewVenue, OutsideTrade, PaperRequest, RequestBudget, VenueAsk, VenueFill, VenueKind,
    VenueReport, VenueRequest, VenueSay,
};
pub use what_if::{LimitUse, WhatIf};
