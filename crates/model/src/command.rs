//! Everything that can be asked of the engine. A command is imperative; what came of it is events.
//! Append only: a new variant goes last, a changed shape is a new variant, so that old journals read.

use crate::{
    Access, AccountId, AlgoId, AssetId, Because, BookId, Borrow, Breaker, Changes, ClientOrderId,
    CorporateAction, Fees, Funding, GroupId, InputKind, Instrument, InstrumentId, InstrumentState, Limit,
    LimitKind, Mark, Money, Name, NewAccount, NewAlgo, NewGroup, NewOrder, NewVenue, OrderFilter, OrderRef,
    Policy, PositionMode, Print, Quote, RuleId, Scope, Statistic, Time, TradingState, VenueReport,
};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Command {
    /// Only time passes: whatever is due happens.
    AdvanceTime,
    PlaceOrder(NewOrder),
    CancelOrder(CancelOrder),
    ModifyOrder(ModifyOrder),
    CancelMany(OrderFilter),
    PlaceGroup(Box<NewGroup>),
    CancelGroup {
        account: AccountId,
        group: GroupId,
    },
    PlaceAlgo(Box<NewAlgo>),
    CancelAlgo {
        account: AccountId,
        algo: AlgoId,
    },

    Quote(Quote),
    Print(Print),
    Mark(Mark),
    Funding(Funding),
    Statistic(Statistic),

    DefineAsset {
        code: Name,
    },
    ListInstrument(Box<Instrument>),
    SetInstrumentState {
        instrument: InstrumentId,
        state: InstrumentState,
    },
    SetFees {
        instrument: InstrumentId,
        fees: Fees,
    },
    Corporate {
        instrument: InstrumentId,
        action: CorporateAction,
    },

    AddUser {
        name: Name,
    },
    OpenAccount(Box<NewAccount>),
    OpenBook {
        account: AccountId,
        name: Name,
    },
    SetPositionMode {
        account: AccountId,
        mode: PositionMode,
    },
    ArmAccount {
        account: AccountId,
        because: Because,
    },
    DisarmAccount {
        account: AccountId,
        because: Because,
    },
    Deposit(Transfer),
    Withdraw(Transfer),

    SetLimit {
        limit: Box<Limit>,
        because: Because,
    },
    RemoveLimit {
        scope: Scope,
        kind: LimitKind,
        because: Because,
    },
    SetTradingState {
        scope: Scope,
        state: TradingState,
        because: Because,
    },
    ThrowKillSwitch {
        scope: Scope,
        flatten: bool,
        because: Because,
    },
    ReleaseKillSwitch {
        scope: Scope,
        because: Because,
    },
    SetBreaker {
        breaker: Box<Breaker>,
        because: Because,
    },
    ResetBreaker {
        rule: RuleId,
        because: Because,
    },
    AcknowledgeAlert {
        rule: RuleId,
        because: Because,
    },
    /// A client or strategy lives; its silence has a policy.
    Heartbeat {
        book: BookId,
    },

    Venue(Box<VenueReport>),
    Configure(Setting),
    /// Like a mass cancel, because whoever placed them has gone.
    CancelAbandoned(OrderFilter),
    DefineVenue(Box<NewVenue>),
    /// Puts more of an isolated account's cash behind one position, or takes some back if below zero.
    AdjustMargin {
        account: AccountId,
        instrument: InstrumentId,
        amount: Money,
    },
    Borrow(Borrow),
    /// Only kept: who came to a door, and what came of it.
    NoteAccess(Box<Access>),
}

/// What can be set for the whole house; journaled, so that a replay has it too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Setting {
    /// How long a client order id is remembered after its order ended.
    ClientIdRetention { ns: i64 },
    /// How many ids may be remembered at once.
    ClientIdsMax { count: u32 },
    /// How old an input of this kind may be and still count.
    AgeMax { input: InputKind, ns: i64 },
    /// When the day begins, in seconds after midnight UTC, at most a day either way: of one account, or of all
    /// that have none of their own. Its week begins with its Monday.
    DayStart { account: Option<AccountId>, seconds: i64 },
    /// How long a book that sends heartbeats may be silent, and what happens then.
    Silence { book: BookId, ns: i64, policy: Policy },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CancelOrder {
    pub account: AccountId,
    pub order: OrderRef,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModifyOrder {
    pub account: AccountId,
    pub order: OrderRef,
    pub changes: Changes,
}

/// Money that enters or leaves the house. The reference makes a retry harmless, as an order's id does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    pub account: AccountId,
    pub asset: AssetId,
    pub amount: Money,
    pub reference: Option<ClientOrderId>,
}

/// A command with its place in history. Only the stamper makes these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamped {
    /// 1, 2, 3 … without a gap.
    pub seq: u64,
    /// Never goes back.
    pub time: Time,
    pub command: Command,
}
