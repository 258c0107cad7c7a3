//! A refusal in words: its code, then its fields by name, amounts in the instrument's own terms where the
//! instrument is known: `insufficient_funds needed 50 USDT free 10 USDT`.

use super::pen::Pen;
use crate::{InstrumentId, Reject};

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
        Reject::UnknownVenue { venue } => pen.venue(venue),
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
        Reject::UnknownUser
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
        | Reject::BadStateChange => pen,
    };
}
