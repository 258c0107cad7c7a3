//! One value of every shape that a journal may hold, written out by hand: what the golden bytes stand for.

mod command;
mod event;
mod order;
mod reject;

pub use command::commands;
pub use event::events;
pub use reject::rejects;

use model::{Because, Money, NewVenue, RequestBudget, Scope, Time, UserId, VenueKind};

/// A moment with a fraction, so that its bytes are many.
pub const NOON: Time = Time(1_795_271_400_000_000_123);
const TWO_AND_A_HALF: Money = Money(2_500_000_000_000_000_000);

fn because() -> Because {
    Because { user: UserId(1), reason: crate::directory::name("drill") }
}

fn venue() -> NewVenue {
    let name = crate::directory::name("nyse");
    let budget = Some(RequestBudget { requests: 10, window_ns: 1_000_000_000 });
    NewVenue { name, kind: VenueKind::Outside, budget, patience_ns: 300 }
}

fn scopes() -> [(&'static str, Scope); 7] {
    use model::{AccountId, BookId, InstrumentId, VenueId};
    [
        ("house", Scope::House),
        ("user", Scope::User(UserId(1))),
        ("account", Scope::Account(AccountId(300))),
        ("book", Scope::Book(BookId(2))),
        ("instrument", Scope::Instrument(InstrumentId(3))),
        ("account_instrument", Scope::AccountInstrument(AccountId(4), InstrumentId(5))),
        ("venue", Scope::Venue(VenueId(6))),
    ]
}
