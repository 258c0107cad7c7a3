//! Assets and instruments in words: `list BTC-USDT spot BTC/USDT tick 0.01 lot 0.0001 maker 0.0002 taker 0.0005`.
//! Tick and lot come first, so that every later price and quantity of the line is read in them.

use super::fees::{read_fee, write_fees};
use super::pen::Pen;
use super::reader::{Reader, hash_number, one_of, plain};
use super::{LineError, fees};
use crate::{
    AssetId, Command, CorporateAction, Fees, Grid, Instrument, InstrumentId, InstrumentState, MarginRates,
    Money, PriceBand, Qty, Rate, Terms, VenueId,
};

type Read<T> = Result<T, LineError>;

pub(super) fn read(verb: &str, reader: &mut Reader) -> Read<Option<Command>> {
    Ok(Some(match verb {
        "asset" => Command::DefineAsset { code: reader.text("a name")? },
        "list" => Command::ListInstrument(Box::new(read_listing(reader)?)),
        "state" => {
            let instrument = reader.instrument()?;
            Command::SetInstrumentState { instrument, state: reader.choice("a state of an instrument")? }
        }
        "fees" => {
            let instrument = reader.instrument()?;
            Command::SetFees { instrument, fees: fees::read(reader)? }
        }
        "split" | "dividend" | "rename" | "delist" => {
            let instrument = reader.instrument()?;
            Command::Corporate { instrument, action: read_action(verb, instrument, reader)? }
        }
        _ => return Ok(None),
    }))
}

pub(super) fn write(command: &Command, pen: &mut Pen) -> bool {
    match command {
        Command::DefineAsset { code } => {
            pen.word("asset").text(code);
        }
        Command::ListInstrument(listing) => {
            pen.word("list");
            write_listing(listing, pen);
        }
        Command::SetInstrumentState { instrument, state } => {
            pen.word("state").instrument(*instrument).choice(*state);
        }
        Command::SetFees { instrument, fees } => {
            pen.word("fees").instrument(*instrument);
            write_fees(fees, pen);
        }
        Command::Corporate { instrument, action } => write_action(*instrument, action, pen),
        _ => return false,
    }
    true
}

fn read_action(verb: &str, instrument: InstrumentId, reader: &mut Reader) -> Read<CorporateAction> {
    Ok(match verb {
        "split" => {
            reader.expect("old")?;
            let old = reader.number("how many old shares")?;
            reader.expect("new")?;
            CorporateAction::Split { old, new: reader.number("how many new shares")? }
        }
        "dividend" => {
            let amount = reader.money("an amount for each unit")?;
            CorporateAction::Dividend { asset: reader.asset()?, amount }
        }
        "rename" => CorporateAction::SymbolChange { symbol: reader.text("the new symbol")? },
        _ => {
            let priced = reader.take("@");
            let price = if priced { Some(reader.price("a price", reader.grid(instrument))?) } else { None };
            CorporateAction::Delisting { price }
        }
    })
}

pub(super) fn write_action(instrument: InstrumentId, action: &CorporateAction, pen: &mut Pen) {
    match action {
        CorporateAction::Split { old, new } => {
            pen.word("split").instrument(instrument).words("old", old).words("new", new);
        }
        CorporateAction::Dividend { asset, amount } => {
            pen.word("dividend").instrument(instrument).money(*amount).asset(*asset);
        }
        CorporateAction::SymbolChange { symbol } => {
            pen.word("rename").instrument(instrument).text(symbol);
        }
        CorporateAction::Delisting { price } => {
            let grid = pen.grid(instrument);
            pen.word("delist").instrument(instrument);
            if let Some(price) = price {
                pen.word("@").price(*price, grid);
            }
        }
    }
}

const CLAUSES: &str = "maker, taker, basis, fee_asset, cap, min, max, min_notional, multiplier, band, initial, \
                       maintenance, settle, venue, venue_symbol, sector, calendar, expiry, \
                       funding_interval_ns, option, state";

/// What a listing may say once each, and what holds where it does not.
#[derive(Default)]
struct Clauses {
    min: Option<Qty>,
    max: Option<Qty>,
    min_notional: Option<Money>,
    multiplier: Option<Money>,
    band: Option<PriceBand>,
    initial: Option<Rate>,
    maintenance: Option<Rate>,
    settle: Option<AssetId>,
    venue: Option<VenueId>,
    terms: Option<Terms>,
    state: Option<InstrumentState>,
}

const QTY_MIN: Qty = Qty(1);
/// The most lots that an order in the book can have.
const QTY_MAX: Qty = Qty(i64::MAX >> crate::OrderId::SLOT_BITS);
const VENUE: VenueId = VenueId(0);

fn read_listing(reader: &mut Reader) -> Read<Instrument> {
    let symbol = reader.text("a symbol")?;
    let class = reader.choice("a class of instruments")?;
    let (base, quote) = read_pair(reader)?;
    reader.expect("tick")?;
    let tick = reader.money("the price step")?;
    reader.expect("lot")?;
    let lot = reader.money("the quantity step")?;
    let grid = Some(Grid { tick, lot });
    let mut clauses = Clauses::default();
    let (mut venue_symbol, mut sector, mut calendar) = (None, None, None);
    let mut said = fees::Said::default();
    while let Some(word) = reader.option() {
        match word {
            "venue_symbol" => {
                let name = reader.text("the venue's symbol")?;
                reader.once(&mut venue_symbol, name)?;
            }
            "sector" | "calendar" => {
                let name = reader.text("a name")?;
                reader.once(if word == "sector" { &mut sector } else { &mut calendar }, name)?;
            }
            _ if read_fee(word, &mut said, reader)? => {}
            _ => read_clause(word, &mut clauses, reader, grid)?,
        }
    }
    Ok(Instrument {
        symbol,
        venue_symbol,
        venue: clauses.venue.unwrap_or(VENUE),
        class,
        base,
        quote,
        settlement: clauses.settle.unwrap_or(quote),
        tick,
        lot,
        qty_min: clauses.min.unwrap_or(QTY_MIN),
        qty_max: clauses.max.unwrap_or(QTY_MAX),
        notional_min: clauses.min_notional.unwrap_or_default(),
        multiplier: clauses.multiplier.unwrap_or(Money::ONE),
        band: clauses.band,
        fees: said.fees(),
        margin: MarginRates {
            initial: clauses.initial.unwrap_or_default(),
            maintenance: clauses.maintenance.unwrap_or_default(),
        },
        sector,
        calendar,
        terms: clauses.terms.unwrap_or_default(),
        state: clauses.state.unwrap_or_default(),
    })
}

fn read_clause(word: &str, said: &mut Clauses, reader: &mut Reader, grid: Option<Grid>) -> Read<()> {
    match word {
        "min" | "max" => {
            let qty = reader.qty("a quantity", grid)?;
            reader.once(if word == "min" { &mut said.min } else { &mut said.max }, qty)
        }
        "min_notional" | "multiplier" => {
            let amount = reader.money("an amount")?;
            let slot = if word == "multiplier" { &mut said.multiplier } else { &mut said.min_notional };
            reader.once(slot, amount)
        }
        "band" => {
            let low = reader.price("the lowest price", grid)?;
            let high = reader.price("the highest price", grid)?;
            reader.once(&mut said.band, PriceBand { low, high })
        }
        "initial" | "maintenance" => {
            let rate = reader.rate("a margin rate like 0.1")?;
            reader.once(if word == "initial" { &mut said.initial } else { &mut said.maintenance }, rate)
        }
        "settle" => {
            let asset = reader.asset()?;
            reader.once(&mut said.settle, asset)
        }
        "venue" => {
            let venue = reader.venue()?;
            reader.once(&mut said.venue, venue)
        }
        "state" => {
            let state = reader.choice("a state of an instrument")?;
            reader.once(&mut said.state, state)
        }
        "expiry" | "funding_interval_ns" | "option" => {
            let terms = read_terms(word, reader)?;
            reader.once(&mut said.terms, terms)
        }
        _ => Err(reader.unexpected(one_of(CLAUSES))),
    }
}

/// `expiry TIME`, `funding_interval_ns N`, or `option BTC-USDT call strike 100 expiry TIME european`; the
/// strike is in the terms of the underlying.
fn read_terms(word: &str, reader: &mut Reader) -> Read<Terms> {
    if word == "expiry" {
        return Ok(Terms::Future { expiry: reader.time("a moment")? });
    }
    if word == "funding_interval_ns" {
        return Ok(Terms::Perpetual { funding_interval_ns: reader.number("nanoseconds")? });
    }
    let underlying = reader.instrument()?;
    let right = reader.choice("call or put")?;
    reader.expect("strike")?;
    let strike = reader.price("a price of the underlying", reader.grid(underlying))?;
    reader.expect("expiry")?;
    let expiry = reader.time("a moment")?;
    Ok(Terms::Option { underlying, strike, expiry, right, style: reader.choice("american or european")? })
}

pub(super) fn write_listing(listing: &Instrument, pen: &mut Pen) {
    let grid = Some(Grid { tick: listing.tick, lot: listing.lot });
    pen.text(&listing.symbol).choice(listing.class);
    write_pair(listing.base, listing.quote, pen);
    pen.word("tick").money(listing.tick).word("lot").money(listing.lot);
    if listing.fees != Fees::default() {
        write_fees(&listing.fees, pen);
    }
    for (word, qty, default) in [("min", listing.qty_min, QTY_MIN), ("max", listing.qty_max, QTY_MAX)] {
        if qty != default {
            pen.word(word).qty(qty, grid);
        }
    }
    let amounts =
        [("min_notional", listing.notional_min, Money::ZERO), ("multiplier", listing.multiplier, Money::ONE)];
    for (word, amount, default) in amounts {
        if amount != default {
            pen.word(word).money(amount);
        }
    }
    if let Some(PriceBand { low, high }) = listing.band {
        pen.word("band").price(low, grid).price(high, grid);
    }
    let MarginRates { initial, maintenance } = listing.margin;
    for (word, rate) in [("initial", initial), ("maintenance", maintenance)] {
        if rate != Rate::ZERO {
            pen.word(word).rate(rate);
        }
    }
    write_origin(listing, pen);
    write_terms(&listing.terms, pen);
    if listing.state != InstrumentState::Trading {
        pen.word("state").choice(listing.state);
    }
}

fn write_origin(listing: &Instrument, pen: &mut Pen) {
    if listing.settlement != listing.quote {
        pen.word("settle").asset(listing.settlement);
    }
    if listing.venue != VENUE {
        pen.word("venue").venue(listing.venue);
    }
    if let Some(symbol) = &listing.venue_symbol {
        pen.word("venue_symbol").text(symbol);
    }
    for (word, name) in [("sector", &listing.sector), ("calendar", &listing.calendar)] {
        if let Some(name) = name {
            pen.word(word).text(name);
        }
    }
}

fn write_terms(terms: &Terms, pen: &mut Pen) {
    match *terms {
        Terms::Plain => {}
        Terms::Future { expiry } => {
            pen.word("expiry").time(expiry);
        }
        Terms::Perpetual { funding_interval_ns } => {
            pen.words("funding_interval_ns", funding_interval_ns);
        }
        Terms::Option { underlying, strike, expiry, right, style } => {
            let grid = pen.grid(underlying);
            pen.word("option").instrument(underlying).choice(right).word("strike").price(strike, grid);
            pen.word("expiry").time(expiry).choice(style);
        }
    }
}

/// `BTC/USDT`; an index has nothing before the stroke.
fn read_pair(reader: &mut Reader) -> Read<(Option<AssetId>, AssetId)> {
    let expected = "base and quote asset like BTC/USDT, or /USD where there is no base";
    let word = reader.word(expected)?;
    let directory = reader.directory;
    let known = |error: LineError| error.among(directory.assets().map(|(_, name)| name.to_string()));
    let find = |part: &str| match hash_number(part) {
        Some(number) => Some(AssetId(number)),
        None => directory.asset_named(plain(part)),
    };
    let (base, quote) = word.split_once('/').ok_or_else(|| reader.unexpected(expected))?;
    let quote = find(quote).ok_or_else(|| known(reader.unexpected("a quote asset")))?;
    if base.is_empty() {
        return Ok((None, quote));
    }
    let base = find(base).ok_or_else(|| known(reader.unexpected("a base asset")))?;
    Ok((Some(base), quote))
}

fn write_pair(base: Option<AssetId>, quote: AssetId, pen: &mut Pen) {
    let directory = pen.directory;
    let part = |id: AssetId| {
        let named = |name: &&str| !name.contains(['/', '#', '\\']) && directory.asset_named(name) == Some(id);
        let name = directory.asset(id);
        let name = name.as_ref().map(crate::Name::as_str).filter(named);
        name.map_or_else(|| format!("#{id}"), ToOwned::to_owned)
    };
    pen.word(format_args!("{}/{}", base.map_or_else(String::new, part), part(quote)));
}
