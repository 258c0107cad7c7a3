//! Every refusal, and every value of the closed sets that refusals name.

use model::{
    AccountId, AlgoId, AssetId, BookId, Bound, Combination, Feature, GroupId, InstrumentId, ListingFault,
    Money, OrderId, Price, Qty, Reject, Symbol, VenueId,
};

/// One of each, in the order of the enum.
pub fn rejects() -> Vec<Reject> {
    let (order, asset) = (OrderId(77), AssetId(2));
    let (needed, free) = (Money(50 * Money::ONE.0), Money(10 * Money::ONE.0));
    vec![
        Reject::NotSupported { what: Feature::OrderType },
        Reject::UnknownAccount { account: AccountId(7) },
        Reject::UnknownBook { book: BookId(8) },
        Reject::UnknownInstrument { instrument: InstrumentId(9) },
        Reject::UnknownAsset { asset },
        Reject::UnknownUser,
        Reject::UnknownOrder,
        Reject::AlreadyFilled { order },
        Reject::AlreadyCancelled { order },
        Reject::ClientIdReused,
        Reject::NameTaken { name: Symbol::new("BTC-USDT").unwrap() },
        Reject::InstrumentHalted,
        Reject::InstrumentNotTrading,
        Reject::NotTradable,
        Reject::AccountKindNotAllowed,
        Reject::AccountNotArmed,
        Reject::TradingHalted,
        Reject::ReduceOnlyState,
        Reject::QtyNotPositive,
        Reject::QtyTooSmall { qty: Qty(1), min: Qty(10) },
        Reject::QtyTooLarge { qty: Qty(1_001), max: Qty(1_000) },
        Reject::NotionalTooSmall { notional: free, min: needed },
        Reject::PriceOutsideBand { price: Price(9_000), low: Price(10_000), high: Price(20_000) },
        Reject::PriceNotPositive,
        Reject::TooLargeToCount,
        Reject::InsufficientFunds { asset, needed, free },
        Reject::InsufficientMargin { asset, needed, free },
        Reject::NothingToReduce,
        Reject::WouldTrade,
        Reject::NoRoomToSlide,
        Reject::NoLiquidity,
        Reject::IllegalCombination { what: Combination::PostOnlyImmediate },
        Reject::EndNotInFuture,
        Reject::NothingToChange,
        Reject::QtyBelowFilled,
        Reject::AmountNotPositive,
        Reject::BadListing { what: ListingFault::TickValue },
        Reject::BadMarketData,
        Reject::BoundReached { what: Bound::Orders },
        Reject::BadStateChange,
        Reject::UnknownGroup { group: GroupId(4) },
        Reject::NoSuchField,
        Reject::UnknownAlgo { algo: AlgoId(8) },
        Reject::NoAuction,
        Reject::UnknownVenue { venue: VenueId(3) },
        Reject::VenueRefused { code: Symbol::new("price_moved").unwrap() },
        Reject::ChangeOnItsWay,
    ]
}
