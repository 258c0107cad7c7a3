//! The cells of one record of a source, read as the fields of a row: exact, or a fault that names the column.

use super::decimal::Decimal;
use super::mapping::{Mapping, Values};
use super::time::Clock;
use crate::row::{
    ActionRow, BarRow, DepthChange, DepthRow, FactRow, FundingRow, NewsRow, OrderDeed, OrderRow, QuoteRow,
    Row, SampleRow, TradeRow,
};
use crate::{DataError, LineFault};
use model::{
    AssetId, CorporateAction, DecimalError, Grid, Level, Money, Price, Qty, Rate, Side, Symbol, Time,
};

/// A row that a mapping can make.
pub trait Mapped: Row {
    /// The names a mapping may give columns to; those before `REQUIRED` it must.
    const FIELDS: &'static [&'static str];
    const REQUIRED: usize;

    fn build(fields: &Fields<'_>) -> Result<Self, LineFault>;
}

/// What is worked out once for a source.
#[derive(Debug)]
pub struct Plan {
    names: &'static [&'static str],
    /// Of each field, the column's name and its number in the records.
    columns: Vec<Option<(String, usize)>>,
    scales: Vec<Option<Decimal>>,
    clock: Clock,
    values: Values,
    grid: Grid,
    length_ns: Option<i64>,
}

impl Plan {
    /// `number` finds a column by its name.
    pub(crate) fn new<R: Mapped>(
        mapping: &Mapping,
        grid: Grid,
        number: impl Fn(&str) -> Option<usize>,
    ) -> Result<Self, DataError> {
        if let Some(name) = mapping.columns.keys().find(|name| !R::FIELDS.contains(&name.as_str())) {
            let known = R::FIELDS.join(", ");
            return Err(DataError::Mapping(format!("there is no field `{name}`: take one of {known}")));
        }
        let mut columns = Vec::new();
        let mut scales = Vec::new();
        for (at, field) in R::FIELDS.iter().enumerate() {
            scales.push(mapping.scale_of(field)?);
            match mapping.columns.get(*field) {
                Some(column) => {
                    let missing = || DataError::Mapping(format!("the source has no column `{column}`"));
                    columns.push(Some((column.clone(), number(column).ok_or_else(missing)?)));
                }
                None if at < R::REQUIRED => {
                    return Err(DataError::Mapping(format!("the field `{field}` needs a column")));
                }
                None => columns.push(None),
            }
        }
        let (clock, length_ns) = (mapping.clock()?, mapping.length_ns()?);
        let values = mapping.values.clone();
        Ok(Self { names: R::FIELDS, columns, scales, clock, values, grid, length_ns })
    }
}

/// One record. Fields are asked for by their place in `FIELDS`.
pub struct Fields<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) cell: &'a dyn Fn(usize) -> Option<&'a str>,
}

impl std::fmt::Debug for Fields<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fields").field("plan", self.plan).finish_non_exhaustive()
    }
}

impl<'a> Fields<'a> {
    fn name(&self, at: usize) -> String {
        self.plan.columns[at].as_ref().map_or(self.plan.names[at], |(name, _)| name).to_owned()
    }

    /// None where the source has no such column or nothing in it.
    #[must_use]
    pub fn maybe(&self, at: usize) -> Option<&'a str> {
        let (_, column) = self.plan.columns[at].as_ref()?;
        (self.cell)(*column).map(str::trim).filter(|text| !text.is_empty())
    }

    pub fn text(&self, at: usize) -> Result<&'a str, LineFault> {
        self.maybe(at).ok_or_else(|| LineFault::Empty { column: self.name(at) })
    }

    fn number<T>(
        &self,
        at: usize,
        text: &str,
        read: impl Fn(Decimal) -> Result<T, DecimalError>,
    ) -> Result<T, LineFault> {
        let scaled = Decimal::parse(text).and_then(|number| match self.plan.scales[at] {
            Some(scale) => number.times(scale),
            None => Ok(number),
        });
        let fault = |fault| LineFault::Number { column: self.name(at), text: text.to_owned(), fault };
        scaled.and_then(read).map_err(fault)
    }

    pub fn price(&self, at: usize) -> Result<Price, LineFault> {
        let tick = self.plan.grid.tick;
        self.number(at, self.text(at)?, |number| number.money()?.steps_of(tick)).map(Price)
    }

    pub fn qty(&self, at: usize) -> Result<Qty, LineFault> {
        let lot = self.plan.grid.lot;
        self.number(at, self.text(at)?, |number| number.money()?.steps_of(lot)).map(Qty)
    }

    pub fn money(&self, at: usize) -> Result<Money, LineFault> {
        self.number(at, self.text(at)?, Decimal::money)
    }

    pub fn rate(&self, at: usize) -> Result<Rate, LineFault> {
        let read =
            |number: Decimal| i64::try_from(number.scaled(Rate::SCALE)?).or(Err(DecimalError::TooLarge));
        self.number(at, self.text(at)?, read).map(Rate)
    }

    pub fn int(&self, at: usize) -> Result<Option<i64>, LineFault> {
        let read = |number: Decimal| i64::try_from(number.scaled(0)?).or(Err(DecimalError::TooLarge));
        self.maybe(at).map(|text| self.number(at, text, read)).transpose()
    }

    pub fn time(&self, at: usize) -> Result<Time, LineFault> {
        let text = self.text(at)?;
        self.plan.clock.parse(text).ok_or_else(|| LineFault::Time {
            column: self.name(at),
            text: text.to_owned(),
            unit: self.plan.clock.unit(),
        })
    }

    pub fn maybe_time(&self, at: usize) -> Result<Option<Time>, LineFault> {
        self.maybe(at).map(|_| self.time(at)).transpose()
    }

    pub fn side(&self, at: usize) -> Result<Option<Side>, LineFault> {
        let Some(text) = self.maybe(at) else { return Ok(None) };
        let Values { buy, sell } = &self.plan.values;
        if buy.iter().any(|name| name == text) {
            return Ok(Some(Side::Buy));
        }
        if sell.iter().any(|name| name == text) {
            return Ok(Some(Side::Sell));
        }
        let known = [buy.as_slice(), sell.as_slice()].concat().join(", ");
        Err(LineFault::Value { column: self.name(at), text: text.to_owned(), known })
    }

    fn level(&self, price: usize, qty: usize) -> Result<Option<Level>, LineFault> {
        if self.maybe(price).is_none() {
            return Ok(None);
        }
        let qty = if self.maybe(qty).is_some() { self.qty(qty)? } else { Qty::ZERO };
        Ok(Some(Level { price: self.price(price)?, qty }))
    }
}

impl Mapped for TradeRow {
    const FIELDS: &'static [&'static str] = &["time", "price", "qty", "aggressor", "id", "venue_time"];
    const REQUIRED: usize = 3;

    fn build(fields: &Fields<'_>) -> Result<Self, LineFault> {
        Ok(Self {
            time: fields.time(0)?,
            price: fields.price(1)?,
            qty: fields.qty(2)?,
            aggressor: fields.side(3)?,
            id: fields.int(4)?,
            venue_time: fields.maybe_time(5)?,
        })
    }
}

impl Mapped for QuoteRow {
    const FIELDS: &'static [&'static str] = &["time", "bid", "ask", "bid_qty", "ask_qty", "venue_time"];
    const REQUIRED: usize = 3;

    fn build(fields: &Fields<'_>) -> Result<Self, LineFault> {
        Ok(Self {
            time: fields.time(0)?,
            venue_time: fields.maybe_time(5)?,
            bid: fields.level(1, 3)?,
            ask: fields.level(2, 4)?,
        })
    }
}

impl Mapped for DepthRow {
    const FIELDS: &'static [&'static str] =
        &["time", "side", "price", "qty", "sequence", "previous", "snapshot", "last", "venue_time"];
    const REQUIRED: usize = 4;

    fn build(fields: &Fields<'_>) -> Result<Self, LineFault> {
        let side = fields.side(1)?.ok_or_else(|| LineFault::Empty { column: "side".to_owned() })?;
        let flag = |at: usize| fields.maybe(at).map(|text| matches!(text, "1" | "true" | "True"));
        Ok(Self {
            time: fields.time(0)?,
            venue_time: fields.maybe_time(8)?,
            sequence: fields.int(4)?.unwrap_or_default(),
            previous: fields.int(5)?.unwrap_or_default(),
            snapshot: flag(6).unwrap_or(false),
            last: flag(7).unwrap_or(true),
            change: Some(DepthChange { side, price: fields.price(2)?, qty: fields.qty(3)? }),
        })
    }
}

impl Mapped for OrderRow {
    const FIELDS: &'static [&'static str] = &["time", "deed", "id", "side", "price", "qty", "venue_time"];
    const REQUIRED: usize = 6;

    fn build(fields: &Fields<'_>) -> Result<Self, LineFault> {
        let deed = deed(fields.text(1)?)?;
        // What concerns the whole market carries no side, price or quantity worth reading.
        let is_whole = matches!(deed, OrderDeed::Clear | OrderDeed::Halt | OrderDeed::Resume);
        let side = if is_whole || deed == OrderDeed::Trade {
            fields.side(3).unwrap_or(None)
        } else {
            fields.side(3)?
        };
        let side = side.or((is_whole || deed == OrderDeed::Trade).then_some(Side::Buy));
        Ok(Self {
            time: fields.time(0)?,
            venue_time: fields.maybe_time(6)?,
            deed,
            id: fields.int(2)?.unwrap_or_default(),
            side: side.ok_or_else(|| LineFault::Empty { column: "side".to_owned() })?,
            price: if is_whole { Price(0) } else { fields.price(4)? },
            qty: if is_whole { Qty::ZERO } else { fields.qty(5)? },
            last: true,
        })
    }
}

/// Our names, and the letters of market-by-order files.
fn deed(text: &str) -> Result<OrderDeed, LineFault> {
    Ok(match text {
        "add" | "A" => OrderDeed::Add,
        "reduce" | "C" => OrderDeed::Reduce,
        "delete" | "D" => OrderDeed::Delete,
        "execute" | "E" => OrderDeed::Execute,
        "modify" | "M" => OrderDeed::Modify,
        "trade" | "T" | "F" => OrderDeed::Trade,
        "clear" | "R" => OrderDeed::Clear,
        "halt" => OrderDeed::Halt,
        "resume" => OrderDeed::Resume,
        _ => {
            let known = "add, reduce, delete, execute, modify, trade, clear, halt, resume".to_owned();
            return Err(LineFault::Value { column: "deed".to_owned(), text: text.to_owned(), known });
        }
    })
}

impl Mapped for BarRow {
    const FIELDS: &'static [&'static str] =
        &["time", "open", "high", "low", "close", "volume", "end", "trades"];
    const REQUIRED: usize = 5;

    fn build(fields: &Fields<'_>) -> Result<Self, LineFault> {
        let time = fields.time(0)?;
        let end = fields.maybe_time(6)?;
        Ok(Self {
            time,
            end: end.unwrap_or_else(|| time.saturating_add_ns(fields.plan.length_ns.unwrap_or(0))),
            open: fields.price(1)?,
            high: fields.price(2)?,
            low: fields.price(3)?,
            close: fields.price(4)?,
            volume: if fields.maybe(5).is_some() { fields.qty(5)? } else { Qty::ZERO },
            value: None,
            trades: fields.int(7)?,
        })
    }
}

impl Mapped for FundingRow {
    const FIELDS: &'static [&'static str] = &["time", "rate", "mark"];
    const REQUIRED: usize = 2;

    fn build(fields: &Fields<'_>) -> Result<Self, LineFault> {
        let mark = fields.maybe(2).map(|_| fields.price(2)).transpose()?;
        Ok(Self { time: fields.time(0)?, rate: fields.rate(1)?, mark })
    }
}

impl Mapped for ActionRow {
    const FIELDS: &'static [&'static str] =
        &["time", "action", "old", "new", "asset", "amount", "symbol", "price"];
    const REQUIRED: usize = 2;

    fn build(fields: &Fields<'_>) -> Result<Self, LineFault> {
        let count = |at: usize| -> Result<u32, LineFault> {
            let text = fields.text(at)?;
            text.parse().map_err(|error| LineFault::Malformed(format!("`{text}`: {error}")))
        };
        let action = match fields.text(1)? {
            "split" => CorporateAction::Split { old: count(2)?, new: count(3)? },
            "dividend" => CorporateAction::Dividend { asset: AssetId(count(4)?), amount: fields.money(5)? },
            "symbol" => CorporateAction::SymbolChange {
                symbol: Symbol::new(fields.text(6)?)
                    .map_err(|error| LineFault::Malformed(error.to_string()))?,
            },
            "delisting" => {
                CorporateAction::Delisting { price: fields.maybe(7).map(|_| fields.price(7)).transpose()? }
            }
            text => {
                let known = "split, dividend, symbol, delisting".to_owned();
                return Err(LineFault::Value { column: "action".to_owned(), text: text.to_owned(), known });
            }
        };
        Ok(Self { time: fields.time(0)?, action })
    }
}

impl Mapped for NewsRow {
    const FIELDS: &'static [&'static str] = &["time", "headline", "source", "body"];
    const REQUIRED: usize = 2;

    fn build(fields: &Fields<'_>) -> Result<Self, LineFault> {
        Ok(Self {
            time: fields.time(0)?,
            headline: fields.text(1)?.to_owned(),
            source: fields.maybe(2).unwrap_or_default().to_owned(),
            body: fields.maybe(3).map(str::to_owned),
        })
    }
}

impl Mapped for FactRow {
    const FIELDS: &'static [&'static str] = &["time", "name", "value", "unit", "period_end", "source"];
    const REQUIRED: usize = 3;

    fn build(fields: &Fields<'_>) -> Result<Self, LineFault> {
        Ok(Self {
            time: fields.time(0)?,
            period_end: fields.maybe_time(4)?,
            name: fields.text(1)?.to_owned(),
            unit: fields.maybe(3).unwrap_or_default().to_owned(),
            value: fields.money(2)?,
            source: fields.maybe(5).map(str::to_owned),
        })
    }
}

impl Mapped for SampleRow {
    const FIELDS: &'static [&'static str] = &["time", "value", "text"];
    const REQUIRED: usize = 1;

    fn build(fields: &Fields<'_>) -> Result<Self, LineFault> {
        let value = fields.maybe(1).map(|_| fields.money(1)).transpose()?;
        Ok(Self { time: fields.time(0)?, value, text: fields.maybe(2).map(str::to_owned) })
    }
}
