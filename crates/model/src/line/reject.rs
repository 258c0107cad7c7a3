//! A refusal in words: its code, then its fields by name, amounts in the instrument's own terms where the
//! instrument is known: `insufficient_funds needed 50 USDT free 10 USDT`.

use super::pen::Pen;
use super::risk::{write_input, write_scope};
use crate::{Grid, InstrumentId, Money, Qty, Rate, Reached, Reject, Unit};

#[expect(clippy::too_many_lines, reason = "a flat table of words, one arm for each refusal")]
pub(super) fn write(reason: &Reject, about: Option<InstrumentId>, pen: &mut Pen) {
    let grid = about.and_then(|id| pen.grid(id));
    pen.word(reason.code());
    match *reason {
        Reject::NotSupported { what } => pen.choice(what),
        Reject::UnknownAccount { account } => pen.account(account),
        Reject::UnknownBook { book } => pen.book(book),
        Reject::UnknownInstrument { instrument } => pen.instrument(instrument),
        Reject::UnknownAsset { asset } => pen.asset(asset),
        Reject::AlreadyFilled { order } | Reject::AlreadyCancelled { order } => pen.order(order),
        Reject::NameTaken { name } => pen.text(&name),
        Reject::UnknownVenue { venue } | Reject::NotListedThere { venue } | Reject::OtherGrid { venue } => {
            pen.venue(venue)
        }
        Reject::VenueRefused { code } => pen.text(&code),
        Reject::UnknownGroup { group } => pen.word(group),
        Reject::UnknownAlgo { algo } => pen.word(algo),
        Reject::QtyTooSmall { qty, min } => pen.word("qty").qty(qty, grid).word("min").qty(min, grid),
        Reject::QtyTooLarge { qty, max } => pen.word("qty").qty(qty, grid).word("max").qty(max, grid),
        Reject::NotionalTooSmall { notional, min } => {
            pen.word("notional").money(notional).word("min").money(min)
        }
        Reject::PriceOutsideBand { price, low, high } => {
            pen.word("price").price(price, grid).word("low").price(low, grid).word("high").price(high, grid)
        }
        Reject::InsufficientFunds { asset, needed, free }
        | Reject::InsufficientMargin { asset, needed, free } => {
            pen.word("needed").money(needed).asset(asset).word("free").money(free).asset(asset)
        }
        Reject::IllegalCombination { what } => pen.choice(what),
        Reject::BadListing { what } => pen.choice(what),
        Reject::BoundReached { what } => pen.choice(what),
        Reject::LimitReached { at, kind, reached } => {
            write_scope(at, pen).choice(kind);
            for (word, number) in [("most", reached.most()), ("before", reached.before())] {
                write_number(word, number, &reached, grid, pen);
            }
            write_number("after", reached.after(), &reached, grid, pen)
        }
        Reject::InputMissing { input } => write_input(input, pen),
        Reject::InputTooOld { input, age_ns, most_ns } => {
            write_input(input, pen).words("age_ns", age_ns).words("most_ns", most_ns)
        }
        Reject::LimitMisfit { kind } => pen.choice(kind),
        Reject::UnknownLimit { at, kind } => write_scope(at, pen).choice(kind),
        Reject::HaltedAt { scope } | Reject::ReduceOnlyAt { scope } | Reject::KilledAt { scope } => {
            write_scope(scope, pen)
        }
        Reject::LossLimitBroken { scope, kind, asset, loss, limit } => {
            write_scope(scope, pen).choice(kind).word("loss").money(loss).asset(asset);
            pen.word("limit").money(limit).asset(asset)
        }
        Reject::BreakerOpen { rule } | Reject::UnknownRule { rule } => pen.word(rule),
        Reject::BookSilent { book } => pen.book(book),
        Reject::Unvalued { account } | Reject::NotIsolated { account } => pen.account(account),
        Reject::BadRule { what } => pen.choice(what),
        Reject::BadStatistic
        | Reject::SettingOutOfRange
        | Reject::NoPosition
        | Reject::UnknownUser
        | Reject::UnknownOrder
        | Reject::ClientIdReused
        | Reject::InstrumentHalted
        | Reject::InstrumentNotTrading
        | Reject::NotTradable
        | Reject::AccountKindNotAllowed
        | Reject::AccountNotArmed
        | Reject::TradingHalted
        | Reject::ReduceOnlyState
        | Reject::QtyNotPositive
        | Reject::PriceNotPositive
        | Reject::TooLargeToCount
        | Reject::NothingToReduce
        | Reject::WouldTrade
        | Reject::NoRoomToSlide
        | Reject::NoLiquidity
        | Reject::EndNotInFuture
        | Reject::NothingToChange
        | Reject::QtyBelowFilled
        | Reject::AmountNotPositive
        | Reject::BadMarketData
        | Reject::NoAuction
        | Reject::ChangeOnItsWay
        | Reject::NoSuchField
        | Reject::NotTheSetter
        | Reject::BadStateChange => pen,
    };
}

/// One number of a limit, in the unit of the limit.
pub(super) fn write_number<'p, 'a>(
    word: &str,
    number: i128,
    of: &Reached,
    grid: Option<Grid>,
    pen: &'p mut Pen<'a>,
) -> &'p mut Pen<'a> {
    let small = i64::try_from(number).unwrap_or(i64::MAX);
    match of.unit {
        Unit::Lots => pen.word(word).qty(Qty(small), grid),
        Unit::Amount => pen.word(word).money(Money(number)).asset(of.asset),
        Unit::Ratio => pen.word(word).rate(Rate(small)),
        Unit::Count => pen.words(word, number),
        Unit::None => pen,
    }
}
