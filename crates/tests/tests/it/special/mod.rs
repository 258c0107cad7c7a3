//! What is promised of special orders, held against random markets: `floor` is the engine with a second one
//! beside it that was restored from a snapshot, `draw` makes up commands of every kind, and each of the others is
//! one promise, watched from outside with the plainest bookkeeping.

mod again;
mod all_or_nothing;
mod cascades;
mod draw;
mod floor;
mod groups;
mod pegs;
mod trails;
