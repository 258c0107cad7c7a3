//! Which fields a row of each kind has, for those who write mappings and for those who read exports: how they
//! become a row, and how a row becomes them again. What is exported with these names is imported without a
//! mapping to the same rows.

use super::fields::Fields;
use super::render::Render;
use crate::LineFault;
use crate::row::{
    ActionRow, BarRow, Column, DepthChange, DepthRow, FactRow, Form, FundingRow, NewsRow, OrderDeed,
    OrderRow, QuoteRow, Row, SampleRow, TradeRow,
};
use model::{AssetId, CorporateAction, Price, Qty, Side, Symbol};

/// A row that a mapping can make.
pub trait Mapped: Row {
    /// What a mapping may name columns for; those that are not nullable it must. Prices and quantities are
    /// money here, in the instrument's own terms.
    const FIELDS: &'static [Column];

    fn build(fields: &Fields<'_>) -> Result<Self, LineFault>;
    /// Puts one cell a field, in the order of `FIELDS`.
    fn render(&self, cells: &mut Render<'_>);
}

impl Mapped for TradeRow {
    const FIELDS: &'static [Column] = &[
        Column::new("time", Form::Time),
        Column::new("price", Form::Money),
        Column::new("qty", Form::Money),
        Column::maybe("aggressor", Form::Text),
        Column::maybe("id", Form::Int),
        Column::maybe("venue_time", Form::Time),
    ];

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

    fn render(&self, cells: &mut Render<'_>) {
        cells.time(self.time);
        cells.price(Some(self.price));
        cells.qty(Some(self.qty));
        cells.side(self.aggressor);
        cells.int(self.id);
        cells.maybe_time(self.venue_time);
    }
}

impl Mapped for QuoteRow {
    const FIELDS: &'static [Column] = &[
        Column::new("time", Form::Time),
        Column::new("bid", Form::Money),
        Column::new("ask", Form::Money),
        Column::maybe("bid_qty", Form::Money),
        Column::maybe("ask_qty", Form::Money),
        Column::maybe("venue_time", Form::Time),
    ];

    fn build(fields: &Fields<'_>) -> Result<Self, LineFault> {
        Ok(Self {
            time: fields.time(0)?,
            venue_time: fields.maybe_time(5)?,
            bid: fields.level(1, 3)?,
            ask: fields.level(2, 4)?,
        })
    }

    fn render(&self, cells: &mut Render<'_>) {
        cells.time(self.time);
        for level in [self.bid, self.ask] {
            cells.price(level.map(|level| level.price));
        }
        for level in [self.bid, self.ask] {
            cells.qty(level.map(|level| level.qty));
        }
        cells.maybe_time(self.venue_time);
    }
}

impl Mapped for DepthRow {
    const FIELDS: &'static [Column] = &[
        Column::new("time", Form::Time),
        Column::new("side", Form::Text),
        Column::new("price", Form::Money),
        Column::new("qty", Form::Money),
        Column::maybe("sequence", Form::Int),
        Column::maybe("previous", Form::Int),
        Column::maybe("snapshot", Form::Int),
        Column::maybe("last", Form::Int),
        Column::maybe("venue_time", Form::Time),
    ];

    fn build(fields: &Fields<'_>) -> Result<Self, LineFault> {
        let side = fields.side(1)?;
        let is_bare = side.is_none() && fields.maybe(2).is_none() && fields.maybe(3).is_none();
        let change = |side: Option<Side>| -> Result<DepthChange, LineFault> {
            let side = side.ok_or_else(|| LineFault::Empty { column: "side".to_owned() })?;
            Ok(DepthChange { side, price: fields.price(2)?, qty: fields.qty(3)? })
        };
        let flag = |at: usize| fields.maybe(at).map(|text| matches!(text, "1" | "true" | "True" | "snap"));
        Ok(Self {
            time: fields.time(0)?,
            venue_time: fields.maybe_time(8)?,
            sequence: fields.int(4)?.unwrap_or_default(),
            previous: fields.int(5)?.unwrap_or_default(),
            snapshot: flag(6).unwrap_or(false),
            last: flag(7).unwrap_or(true),
            change: if is_bare { None } else { Some(change(side)?) },
        })
    }

    fn render(&self, cells: &mut Render<'_>) {
        cells.time(self.time);
        cells.side(self.change.map(|change| change.side));
        cells.price(self.change.map(|change| change.price));
        cells.qty(self.change.map(|change| change.qty));
        cells.int(Some(self.sequence));
        cells.int(Some(self.previous));
        cells.int(Some(self.snapshot.into()));
        cells.int(Some(self.last.into()));
        cells.maybe_time(self.venue_time);
    }
}

impl Mapped for OrderRow {
    const FIELDS: &'static [Column] = &[
        Column::new("time", Form::Time),
        Column::new("deed", Form::Text),
        Column::new("id", Form::Int),
        Column::new("side", Form::Text),
        Column::new("price", Form::Money),
        Column::new("qty", Form::Money),
        Column::maybe("venue_time", Form::Time),
        Column::maybe("last", Form::Int),
    ];

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
            last: fields.int(7)?.is_none_or(|last| last != 0),
        })
    }

    fn render(&self, cells: &mut Render<'_>) {
        cells.time(self.time);
        cells.text(Some(deed_name(self.deed)));
        cells.int(Some(self.id));
        cells.side(Some(self.side));
        cells.price(Some(self.price));
        cells.qty(Some(self.qty));
        cells.maybe_time(self.venue_time);
        cells.int(Some(self.last.into()));
    }
}

/// The first of the names that `deed` knows.
fn deed_name(deed: OrderDeed) -> &'static str {
    match deed {
        OrderDeed::Add => "add",
        OrderDeed::Reduce => "reduce",
        OrderDeed::Delete => "delete",
        OrderDeed::Execute => "execute",
        OrderDeed::Modify => "modify",
        OrderDeed::Trade => "trade",
        OrderDeed::Clear => "clear",
        OrderDeed::Halt => "halt",
        OrderDeed::Resume => "resume",
    }
}

/// Our names, the letters of market-by-order files, and the numbers of nautilus.
fn deed(text: &str) -> Result<OrderDeed, LineFault> {
    Ok(match text {
        "add" | "A" | "1" => OrderDeed::Add,
        "reduce" | "C" => OrderDeed::Reduce,
        "delete" | "D" | "3" => OrderDeed::Delete,
        "execute" | "E" => OrderDeed::Execute,
        "modify" | "M" | "2" => OrderDeed::Modify,
        "trade" | "T" | "F" => OrderDeed::Trade,
        "clear" | "R" | "4" => OrderDeed::Clear,
        "halt" => OrderDeed::Halt,
        "resume" => OrderDeed::Resume,
        _ => {
            let known = "add, reduce, delete, execute, modify, trade, clear, halt, resume".to_owned();
            return Err(LineFault::Value { column: "deed".to_owned(), text: text.to_owned(), known });
        }
    })
}

impl Mapped for BarRow {
    const FIELDS: &'static [Column] = &[
        Column::new("time", Form::Time),
        Column::new("open", Form::Money),
        Column::new("high", Form::Money),
        Column::new("low", Form::Money),
        Column::new("close", Form::Money),
        Column::maybe("volume", Form::Money),
        Column::maybe("end", Form::Time),
        Column::maybe("trades", Form::Int),
        Column::maybe("value", Form::Money),
    ];

    fn build(fields: &Fields<'_>) -> Result<Self, LineFault> {
        let time = fields.time(0)?;
        let end = fields.maybe_time(6)?;
        Ok(Self {
            time,
            end: end.unwrap_or_else(|| time.saturating_add_ns(fields.length_ns())),
            open: fields.price(1)?,
            high: fields.price(2)?,
            low: fields.price(3)?,
            close: fields.price(4)?,
            volume: if fields.maybe(5).is_some() { fields.qty(5)? } else { Qty::ZERO },
            value: fields.value(8)?,
            trades: fields.int(7)?,
        })
    }

    fn render(&self, cells: &mut Render<'_>) {
        cells.time(self.time);
        for price in [self.open, self.high, self.low, self.close] {
            cells.price(Some(price));
        }
        cells.qty(Some(self.volume));
        cells.maybe_time(Some(self.end));
        cells.int(self.trades);
        cells.value(self.value);
    }
}

impl Mapped for FundingRow {
    const FIELDS: &'static [Column] = &[
        Column::new("time", Form::Time),
        Column::new("rate", Form::Money),
        Column::maybe("mark", Form::Money),
    ];

    fn build(fields: &Fields<'_>) -> Result<Self, LineFault> {
        let mark = fields.maybe(2).map(|_| fields.price(2)).transpose()?;
        Ok(Self { time: fields.time(0)?, rate: fields.rate(1)?, mark })
    }

    fn render(&self, cells: &mut Render<'_>) {
        cells.time(self.time);
        cells.rate(self.rate);
        cells.price(self.mark);
    }
}

impl Mapped for ActionRow {
    const FIELDS: &'static [Column] = &[
        Column::new("time", Form::Time),
        Column::new("action", Form::Text),
        Column::maybe("old", Form::Int),
        Column::maybe("new", Form::Int),
        Column::maybe("asset", Form::Int),
        Column::maybe("amount", Form::Money),
        Column::maybe("symbol", Form::Text),
        Column::maybe("price", Form::Money),
    ];

    fn build(fields: &Fields<'_>) -> Result<Self, LineFault> {
        let action = match fields.text(1)? {
            "split" => CorporateAction::Split { old: fields.count(2)?, new: fields.count(3)? },
            "dividend" => {
                CorporateAction::Dividend { asset: AssetId(fields.count(4)?), amount: fields.money(5)? }
            }
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

    fn render(&self, cells: &mut Render<'_>) {
        let (name, old, new, asset, amount, symbol, price) = match self.action {
            CorporateAction::Split { old, new } => ("split", Some(old), Some(new), None, None, None, None),
            CorporateAction::Dividend { asset, amount } => {
                ("dividend", None, None, Some(asset.0), Some(amount), None, None)
            }
            CorporateAction::SymbolChange { symbol } => {
                ("symbol", None, None, None, None, Some(symbol), None)
            }
            CorporateAction::Delisting { price } => ("delisting", None, None, None, None, None, price),
        };
        cells.time(self.time);
        cells.text(Some(name));
        for count in [old, new, asset] {
            cells.int(count.map(i64::from));
        }
        cells.money(amount);
        cells.text(symbol.as_ref().map(Symbol::as_str));
        cells.price(price);
    }
}

impl Mapped for NewsRow {
    const FIELDS: &'static [Column] = &[
        Column::new("time", Form::Time),
        Column::new("headline", Form::Text),
        Column::maybe("source", Form::Text),
        Column::maybe("body", Form::Text),
    ];

    fn build(fields: &Fields<'_>) -> Result<Self, LineFault> {
        Ok(Self {
            time: fields.time(0)?,
            headline: fields.text(1)?.to_owned(),
            source: fields.maybe(2).unwrap_or_default().to_owned(),
            body: fields.maybe(3).map(str::to_owned),
        })
    }

    fn render(&self, cells: &mut Render<'_>) {
        cells.time(self.time);
        cells.text(Some(&self.headline));
        cells.text(Some(&self.source));
        cells.text(self.body.as_deref());
    }
}

impl Mapped for FactRow {
    const FIELDS: &'static [Column] = &[
        Column::new("time", Form::Time),
        Column::new("name", Form::Text),
        Column::new("value", Form::Money),
        Column::maybe("unit", Form::Text),
        Column::maybe("period_end", Form::Time),
        Column::maybe("source", Form::Text),
    ];

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

    fn render(&self, cells: &mut Render<'_>) {
        cells.time(self.time);
        cells.text(Some(&self.name));
        cells.money(Some(self.value));
        cells.text(Some(&self.unit));
        cells.maybe_time(self.period_end);
        cells.text(self.source.as_deref());
    }
}

impl Mapped for SampleRow {
    const FIELDS: &'static [Column] = &[
        Column::new("time", Form::Time),
        Column::maybe("value", Form::Money),
        Column::maybe("text", Form::Text),
    ];

    fn build(fields: &Fields<'_>) -> Result<Self, LineFault> {
        let value = fields.maybe(1).map(|_| fields.money(1)).transpose()?;
        Ok(Self { time: fields.time(0)?, value, text: fields.maybe(2).map(str::to_owned) })
    }

    fn render(&self, cells: &mut Render<'_>) {
        cells.time(self.time);
        cells.money(self.value);
        cells.text(self.text.as_deref());
    }
}
