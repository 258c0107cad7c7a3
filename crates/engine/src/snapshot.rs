//! The whole state as bytes, and back. The bytes are canonical: equal states give equal bytes, on any machine,
//! so their hash is the state's. Indexes, books and timers are rebuilt from what they point at.

use crate::Engine;
use crate::algo::Run;
use crate::clients::{Clients, Remembered};
use crate::guard::Guard;
use crate::index::place;
use crate::ledger::{Balance, Exposure, Holding, House, Ledger, Margin, Priced};
use crate::listing::Listed;
use crate::order::{Due, Group, Special, Stage};
use crate::orders::{Orders, Slots};
use crate::registry::{Entries, Registry};
use crate::risk::{Kept, Risk};
use crate::venue::Desk;
use model::{
    AlgoId, AssetId, Condition, Instrument, InstrumentId, Money, OrderId, OrderStatus, Price, Qty, Quote,
    Side, Time, VenueId,
};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;

const VERSION: u8 = 4;

#[derive(Serialize, Deserialize)]
struct Image<'a> {
    seq: u64,
    time: Time,
    trades: u64,
    registry: Cow<'a, Entries>,
    listings: Vec<Listing<'a>>,
    slots: Cow<'a, Slots>,
    groups: Cow<'a, BTreeMap<u64, Group>>,
    groups_made: u64,
    algos: Cow<'a, BTreeMap<u64, Run>>,
    algos_made: u64,
    due: Cow<'a, VecDeque<Due>>,
    clients: Cow<'a, Remembered>,
    balances: Cow<'a, [Balance]>,
    holdings: Cow<'a, [Holding]>,
    exposures: Cow<'a, [Exposure]>,
    margins: Cow<'a, [Margin]>,
    priced: Cow<'a, [Priced]>,
    guard: Cow<'a, Guard>,
    house: Cow<'a, [House]>,
    risk: Cow<'a, Kept>,
    outside: Cow<'a, BTreeMap<(VenueId, AssetId), Money>>,
    desks: Cow<'a, BTreeMap<VenueId, Desk>>,
    owing: Cow<'a, BTreeSet<u32>>,
}

#[derive(Serialize, Deserialize)]
struct Listing<'a> {
    instrument: Cow<'a, Instrument>,
    quote: Option<Quote>,
    last: Option<Price>,
    mark: Option<Price>,
    /// When quote, last and mark came.
    times: [Time; 3],
    volume: i64,
    heard: Time,
    /// Who rests, in the order of trading, and with how much.
    buys: Vec<(u32, Qty)>,
    sells: Vec<(u32, Qty)>,
}

/// A snapshot that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RestoreError {
    UnknownVersion { found: u8 },
    Unreadable,
    Contradiction { what: String },
}

impl fmt::Display for RestoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownVersion { found } => {
                write!(f, "state version {found} is not one this build reads ({VERSION}): use a newer build")
            }
            Self::Unreadable => write!(f, "the state cannot be read: restore an older snapshot"),
            Self::Contradiction { what } => write!(f, "the state contradicts itself: {what}"),
        }
    }
}

impl std::error::Error for RestoreError {}

impl Engine {
    /// Appends the state to `out`.
    pub fn snapshot(&self, out: &mut Vec<u8>) {
        out.push(VERSION);
        let body = postcard::to_extend(&self.image(), std::mem::take(out));
        *out = body.expect("invariant: every state has a binary form");
    }

    /// The hash of the state: equal for equal states.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        let mut bytes = Vec::new();
        self.snapshot(&mut bytes);
        *blake3::hash(&bytes).as_bytes()
    }

    /// The engine that made the snapshot.
    ///
    /// # Errors
    /// Bytes that are not a whole, consistent state of a known version.
    pub fn restore(bytes: &[u8]) -> Result<Self, RestoreError> {
        let (&version, body) = bytes.split_first().ok_or(RestoreError::Unreadable)?;
        if version != VERSION {
            return Err(RestoreError::UnknownVersion { found: version });
        }
        let image: Image<'_> = postcard::from_bytes(body).or(Err(RestoreError::Unreadable))?;
        let mut engine = rebuild(image)?;
        engine.check().map_err(|what| RestoreError::Contradiction { what })?;
        engine.sum_lines();
        Ok(engine)
    }

    fn image(&self) -> Image<'_> {
        Image {
            seq: self.seq,
            time: self.time,
            trades: self.trades,
            registry: Cow::Borrowed(&self.registry.kept),
            listings: self.listings.iter().map(|listed| self.listing(listed)).collect(),
            slots: Cow::Borrowed(&self.orders.kept),
            groups: Cow::Borrowed(&self.groups),
            groups_made: self.groups_made,
            algos: Cow::Borrowed(&self.algos),
            algos_made: self.algos_made,
            due: Cow::Borrowed(&self.due),
            clients: Cow::Borrowed(&self.clients.kept),
            balances: Cow::Borrowed(&self.ledger.balances.all),
            holdings: Cow::Borrowed(&self.ledger.positions.holdings),
            exposures: Cow::Borrowed(&self.ledger.positions.exposures),
            margins: Cow::Borrowed(&self.ledger.positions.margins),
            priced: Cow::Borrowed(&self.ledger.positions.priced),
            guard: Cow::Borrowed(&self.guard),
            house: Cow::Borrowed(&self.ledger.house),
            risk: Cow::Borrowed(&self.risk.kept),
            outside: Cow::Borrowed(&self.ledger.outside),
            desks: Cow::Borrowed(&self.desks.all),
            owing: Cow::Borrowed(&self.desks.owing),
        }
    }

    fn listing<'a>(&'a self, listed: &'a Listed) -> Listing<'a> {
        let side = |side| {
            let slots = listed.book.orders(&self.orders.nodes, side);
            slots.map(|slot| (slot, self.orders.nodes.node(slot).qty)).collect()
        };
        Listing {
            instrument: Cow::Borrowed(&listed.instrument),
            quote: listed.quote,
            last: listed.last,
            mark: listed.mark,
            times: [listed.quote_at, listed.last_at, listed.mark_at],
            volume: listed.volume,
            heard: listed.heard,
            buys: side(Side::Buy),
            sells: side(Side::Sell),
        }
    }
}

fn rebuild(image: Image<'_>) -> Result<Engine, RestoreError> {
    let mut engine = Engine::new();
    (engine.seq, engine.time, engine.trades) = (image.seq, image.time, image.trades);
    engine.registry = Registry::from(image.registry.into_owned());
    engine.orders = Orders::from(image.slots.into_owned());
    engine.clients = Clients::from(image.clients.into_owned());
    let (balances, holdings) = (image.balances.into_owned(), image.holdings.into_owned());
    let (exposures, margins) = (image.exposures.into_owned(), image.margins.into_owned());
    let accounts = engine.registry.kept.accounts.len();
    let owned = balances.iter().map(|balance| balance.account);
    let mut owned = owned.chain(exposures.iter().map(|exposure| exposure.account));
    if owned.any(|account| account.0 as usize >= accounts) {
        return Err(contradiction(&"something is of no account"));
    }
    engine.risk = Risk::from(image.risk.into_owned());
    let (priced, house) = (image.priced.into_owned(), image.house.into_owned());
    engine.ledger = Ledger::from(balances, holdings, exposures, margins, priced, house);
    engine.guard = image.guard.into_owned();
    engine.ledger.outside = image.outside.into_owned();
    (engine.desks.all, engine.desks.owing) = (image.desks.into_owned(), image.owing.into_owned());
    for listing in image.listings {
        let venue =
            engine.registry.venue(listing.instrument.venue).map_err(|reason| contradiction(&reason))?;
        let (kind, assets) = (venue.kind, engine.registry.kept.assets.len());
        let listed = Listed::new(listing.instrument.into_owned(), kind, assets);
        let mut listed = listed.map_err(|reason| contradiction(&reason))?;
        (listed.quote, listed.last, listed.mark) = (listing.quote, listing.last, listing.mark);
        [listed.quote_at, listed.last_at, listed.mark_at] = listing.times;
        (listed.volume, listed.heard) = (listing.volume, listing.heard);
        engine.symbols.insert(listed.instrument.symbol);
        let instrument = InstrumentId(place(engine.listings.len()));
        engine.risk.trades(listed.delivers(), listed.instrument.quote, instrument);
        engine.siblings.add(instrument, &listed.instrument);
        engine.listings.push(listed);
        for (slot, left) in listing.buys.into_iter().chain(listing.sells) {
            engine.rest_again(slot, left)?;
        }
    }
    (engine.groups, engine.groups_made) = (image.groups.into_owned(), image.groups_made);
    (engine.algos, engine.algos_made) = (image.algos.into_owned(), image.algos_made);
    engine.due = image.due.into_owned();
    engine.unsettled = !engine.due.is_empty() || engine.guard.is_busy();
    engine.feel_again()?;
    engine.wait_again()?;
    engine.find_next_end();
    engine.indicate_again();
    engine.set_alarm();
    Ok(engine)
}

fn contradiction(what: &dyn fmt::Display) -> RestoreError {
    RestoreError::Contradiction { what: what.to_string() }
}

impl Engine {
    /// Puts an order back into the newest listing's book.
    fn rest_again(&mut self, slot: u32, left: Qty) -> Result<(), RestoreError> {
        let unknown = || contradiction(&"an order rests that is not there");
        let order = *self.orders.kept.records.get(slot as usize).ok_or_else(unknown)?;
        let held = self.ledger.positions.holdings.get(order.holding as usize).ok_or_else(unknown)?;
        let listed = self.listings.last_mut().ok_or_else(unknown)?;
        let sound = left > Qty::ZERO && left <= order.qty && !self.orders.nodes.rests(slot, order.id);
        if !sound || slot == 0 || order.id.slot() != slot || order.status.is_final() {
            return Err(unknown());
        }
        let resting = order.resting(held.account, left);
        listed.book.rest(&mut self.orders.nodes, &resting);
        if self.orders.special(slot).and_then(Special::display).is_some() {
            listed.icebergs.insert(slot);
        }
        self.due_at(order.id, order.ends);
        Ok(())
    }

    /// Who holds what is worked out again: sums of worth, and holders.
    fn feel_again(&mut self) -> Result<(), RestoreError> {
        let unknown = || contradiction(&"an exposure is in no account or instrument");
        let watches = self.guard.watches();
        if watches {
            self.listings.iter_mut().for_each(Listed::feel);
        }
        let (exposures, priced) = (&self.ledger.positions.exposures, &self.ledger.positions.priced);
        if exposures.len() != priced.len() {
            return Err(unknown());
        }
        for (at, (exposure, priced)) in (0u32..).zip(exposures.iter().zip(priced)) {
            let account = self.registry.account(exposure.account).or(Err(unknown()))?;
            if !Self::on_margin(account.kind) {
                continue;
            }
            let listed = self.listings.get_mut(exposure.instrument.0 as usize).ok_or_else(unknown)?;
            listed.holders.push(at);
            listed.feel();
            let (quote, instrument) = (listed.instrument.quote, exposure.instrument);
            let balance = self.ledger.balances.settling(exposure.account, quote, instrument);
            self.ledger.balances.worth_mut(balance.ok_or_else(unknown)?).add(priced);
        }
        Ok(())
    }

    /// Has the orders that wait, and those that follow the market, wait and follow again. One in line waits no
    /// more.
    fn wait_again(&mut self) -> Result<(), RestoreError> {
        let in_line: BTreeSet<u64> = self.due.iter().map(|due| due.order.0).collect();
        let slots: Vec<u32> = self.orders.kept.specials.keys().copied().collect();
        for slot in slots {
            let unknown = || contradiction(&"an order waits that is not there");
            let order = *self.orders.kept.records.get(slot as usize).ok_or_else(unknown)?;
            let holding = self.ledger.positions.holdings.get(order.holding as usize);
            let special = self.orders.special(slot).cloned().ok_or_else(unknown)?;
            let live = order.special && order.id.slot() == slot && !order.status.is_final();
            let own = holding.filter(|_| live).ok_or_else(unknown)?.instrument;
            if order.status == OrderStatus::Held || special.stage == Stage::Outside {
                self.due_at(order.id, order.ends);
            }
            let waits = special.stage == Stage::Conditional && !in_line.contains(&order.id.0);
            let watched = self.watched_by(slot).filter(|_| waits).unwrap_or(own);
            for watch in [special.fires, special.follows].into_iter().flatten() {
                self.watch(watched, slot, watch);
            }
            match special.order.condition.filter(|_| waits) {
                Some(Condition::At { time }) => self.due_at(order.id, time),
                Some(Condition::Order { order: awaited, .. }) => {
                    self.awaited.insert((awaited.0, order.id.0));
                }
                _ => {}
            }
            self.awaited.extend(special.behind.iter().map(|ahead| (ahead.0, order.id.0)));
            let placed = matches!(special.stage, Stage::Unpriced | Stage::Working);
            if placed && special.is_pegged() {
                self.waits_for_peg(slot);
            }
        }
        let algos: Vec<(u64, OrderId, Time)> =
            self.algos.iter().map(|(id, run)| (*id, run.parent, run.next)).collect();
        for (id, parent, next) in algos {
            self.due_at(parent, next);
            self.follow_market(AlgoId(id));
        }
        Ok(())
    }
}
