//! An instrument as the engine holds it: what was listed, what its grid is worth, its book, and what is known
//! of its market. Listings that could not be counted with are refused here.

use crate::auction::Indication;
use crate::book::{Book, Nodes};
use crate::market::middle;
use crate::units::Units;
use crate::watch::Watchers;
use model::{
    AssetId, Feature, FeeAsset, FeeBasis, Fees, Instrument, InstrumentClass, InstrumentState, ListingFault,
    Price, Quote, Rate, Reject, Terms, Time, VenueKind,
};
use std::collections::BTreeSet;

#[derive(Debug)]
pub struct Listed {
    pub(crate) instrument: Instrument,
    pub(crate) units: Units,
    pub(crate) book: Book,
    /// Its venue shows nothing of the book.
    pub(crate) dark: bool,
    pub(crate) quote: Option<Quote>,
    /// The last trade here, and the mark from outside.
    pub(crate) last: Option<Price>,
    pub(crate) mark: Option<Price>,
    /// When each of them came.
    pub(crate) quote_at: Time,
    pub(crate) last_at: Time,
    pub(crate) mark_at: Time,
    /// Where what it is worth was when limits were last measured with it: outside of that they are told.
    pub(crate) steady: Option<[Price; 2]>,
    /// Lots traded, here and as told from outside; and when the outside was last heard.
    pub(crate) volume: i64,
    pub(crate) heard: Time,
    /// Who waits for its prices, and whether anybody minds the best of the book.
    pub(crate) watchers: Watchers,
    pub(crate) minded: bool,
    /// The slots of orders that show a part of themselves.
    pub(crate) icebergs: BTreeSet<u32>,
    /// What was said last of an auction to come. Follows from the book.
    pub(crate) indicated: Option<Indication>,
    /// The exposures held on margin, the price that they are valued at, and whether anybody is looked at when
    /// something is traded or told here. All follow from the rest.
    pub(crate) holders: Vec<u32>,
    pub(crate) valued: Option<Price>,
    pub(crate) felt: bool,
}

impl Listed {
    pub(crate) fn new(instrument: Instrument, venue: VenueKind, assets: usize) -> Result<Self, Reject> {
        check(&instrument, assets)?;
        let units = Units::of(&instrument).ok_or(bad(ListingFault::TickValue))?;
        let mut listed = Self {
            instrument,
            units,
            book: Book::new(),
            dark: venue == VenueKind::Dark,
            quote: None,
            last: None,
            mark: None,
            quote_at: Time::MIN,
            last_at: Time::MIN,
            mark_at: Time::MIN,
            steady: None,
            volume: 0,
            heard: Time::MIN,
            watchers: Watchers::new(),
            minded: false,
            icebergs: BTreeSet::new(),
            indicated: None,
            holders: Vec::new(),
            valued: None,
            felt: false,
        };
        listed.mind();
        Ok(listed)
    }

    /// Orders meet as they come.
    #[inline]
    pub(crate) fn trades(&self) -> bool {
        self.instrument.state == InstrumentState::Trading
    }

    /// Orders gather for an auction.
    #[inline]
    pub(crate) fn gathers(&self) -> bool {
        matches!(self.instrument.state, InstrumentState::PreOpen | InstrumentState::Auction)
    }

    /// Finds out whether anybody minds what happens in the book.
    pub(crate) fn mind(&mut self) {
        self.minded = self.gathers() || self.watchers.minds_best();
    }

    /// What the outside says it is worth: the mark, or halfway between the quotes.
    pub(crate) fn fair(&self) -> Option<Price> {
        self.mark.or_else(|| self.quote.as_ref().and_then(middle))
    }

    /// From now on somebody is looked at when something is traded or told here.
    pub(crate) fn feel(&mut self) {
        if !self.felt {
            (self.felt, self.valued) = (true, self.reference());
        }
    }

    /// The asset that a trade delivers.
    #[inline]
    pub(crate) fn delivers(&self) -> Option<AssetId> {
        if self.instrument.class.is_delivered() { self.instrument.base } else { None }
    }
}

fn bad(what: ListingFault) -> Reject {
    Reject::BadListing { what }
}

fn check(listing: &Instrument, assets: usize) -> Result<(), Reject> {
    let not_yet = |what| Err(Reject::NotSupported { what });
    if listing.class == InstrumentClass::Option {
        return not_yet(Feature::InstrumentClass);
    }
    check_fees(&listing.fees)?;
    check_assets(listing, assets)?;
    let positive = listing.tick.0 > 0 && listing.lot.0 > 0 && listing.multiplier.0 > 0;
    let whole = !listing.class.is_delivered() || listing.multiplier == model::Money::ONE;
    if !positive || !whole {
        return Err(bad(ListingFault::Step));
    }
    if listing.qty_min.0 < 1 || listing.qty_max < listing.qty_min || listing.qty_max > Nodes::QTY_MAX {
        return Err(bad(ListingFault::Quantities));
    }
    if listing.notional_min.is_negative() || listing.band.is_some_and(|band| band.low > band.high) {
        return Err(bad(ListingFault::Band));
    }
    let (initial, maintenance) = (listing.margin.initial, listing.margin.maintenance);
    if initial < Rate::ZERO || initial > Rate::ONE || maintenance < Rate::ZERO || maintenance > initial {
        return Err(bad(ListingFault::Margin));
    }
    let fits = match listing.terms {
        Terms::Plain => !matches!(listing.class, InstrumentClass::Future | InstrumentClass::Perpetual),
        Terms::Future { .. } => listing.class == InstrumentClass::Future,
        Terms::Perpetual { funding_interval_ns } => {
            listing.class == InstrumentClass::Perpetual && funding_interval_ns > 0
        }
        Terms::Option { .. } => false,
    };
    if fits { Ok(()) } else { Err(bad(ListingFault::Terms)) }
}

fn check_assets(listing: &Instrument, assets: usize) -> Result<(), Reject> {
    let named = [Some(listing.quote), Some(listing.settlement), listing.base];
    if let Some(asset) = named.into_iter().flatten().find(|asset| asset.0 as usize >= assets) {
        return Err(Reject::UnknownAsset { asset });
    }
    let delivers = listing.class.is_delivered();
    let same = listing.base == Some(listing.quote);
    if same || (delivers && listing.base.is_none()) {
        return Err(bad(ListingFault::Assets));
    }
    if listing.settlement != listing.quote {
        return Err(if delivers { bad(ListingFault::Assets) } else { inverse() });
    }
    Ok(())
}

fn inverse() -> Reject {
    Reject::NotSupported { what: Feature::InstrumentClass }
}

pub(crate) fn check_fees(fees: &Fees) -> Result<(), Reject> {
    let plain = fees.basis == FeeBasis::Value && fees.asset == FeeAsset::Quote && fees.cap.is_none();
    if !plain {
        return Err(Reject::NotSupported { what: Feature::FeeSchedule });
    }
    let in_range = |rate: Rate| rate > Rate(-Rate::ONE.0) && rate < Rate::ONE;
    // A rebate above the taker's fee would be paid out of nothing.
    let paid_for = fees.maker >= Rate::ZERO || fees.maker.0.saturating_add(fees.taker.0) >= 0;
    if in_range(fees.maker) && in_range(fees.taker) && fees.taker >= Rate::ZERO && paid_for {
        Ok(())
    } else {
        Err(bad(ListingFault::Fees))
    }
}
