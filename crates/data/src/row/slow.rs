//! Rows that come seldom: funding, corporate actions, news, facts of a company, samples of any other series.

use super::{Column, Form, Kind, Put, Row, Take};
use model::{AssetId, CorporateAction, Money, Price, Rate, Symbol, Time};

/// What holders of a perpetual paid each other.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FundingRow {
    pub time: Time,
    pub rate: Rate,
    /// The mark at that moment, in ticks.
    pub mark: Option<Price>,
}

/// A corporate action and the day it took effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionRow {
    pub time: Time,
    pub action: CorporateAction,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NewsRow {
    pub time: Time,
    pub source: String,
    pub headline: String,
    pub body: Option<String>,
}

/// A figure of a company, known from `time` on: when it was filed, not what it is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FactRow {
    pub time: Time,
    /// The end of the period it is about.
    pub period_end: Option<Time>,
    pub name: String,
    pub unit: String,
    pub value: Money,
    /// The filing it is from.
    pub source: Option<String>,
}

/// A moment of a series that has no kind of its own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SampleRow {
    pub time: Time,
    pub value: Option<Money>,
    pub text: Option<String>,
}

impl Row for FundingRow {
    const COLUMNS: &'static [Column] =
        &[Column::new("time", Form::Time), Column::new("rate", Form::Int), Column::maybe("mark", Form::Int)];

    fn fits(kind: &Kind) -> bool {
        *kind == Kind::Funding
    }

    fn time(&self) -> Time {
        self.time
    }

    fn put(&self, cells: &mut Put) {
        cells.int(self.time.0);
        cells.int(self.rate.0);
        cells.maybe_int(self.mark.map(|mark| mark.0));
    }

    fn take(cells: &mut Take<'_>) -> Option<Self> {
        Some(Self { time: Time(cells.int()), rate: Rate(cells.int()), mark: cells.maybe_int().map(Price) })
    }
}

impl Row for ActionRow {
    const COLUMNS: &'static [Column] = &[
        Column::new("time", Form::Time),
        Column::new("action", Form::Text),
        Column::maybe("first", Form::Int),
        Column::maybe("second", Form::Int),
        Column::maybe("amount", Form::Money),
        Column::maybe("symbol", Form::Text),
    ];

    fn fits(kind: &Kind) -> bool {
        *kind == Kind::Actions
    }

    fn time(&self) -> Time {
        self.time
    }

    fn put(&self, cells: &mut Put) {
        let (name, first, second, amount, symbol) = match self.action {
            CorporateAction::Split { old, new } => ("split", Some(old.into()), Some(new.into()), None, None),
            CorporateAction::Dividend { asset, amount } => {
                ("dividend", Some(asset.0.into()), None, Some(amount.0), None)
            }
            CorporateAction::SymbolChange { symbol } => ("symbol", None, None, None, Some(symbol)),
            CorporateAction::Delisting { price } => {
                ("delisting", price.map(|price| price.0), None, None, None)
            }
        };
        cells.int(self.time.0);
        cells.text(Some(name));
        cells.maybe_int(first);
        cells.maybe_int(second);
        cells.money(amount);
        cells.text(symbol.as_ref().map(Symbol::as_str));
    }

    fn take(cells: &mut Take<'_>) -> Option<Self> {
        let time = Time(cells.int());
        let name = cells.text()?;
        let (first, second, amount, symbol) =
            (cells.maybe_int(), cells.maybe_int(), cells.money(), cells.text());
        let action = match name {
            "split" => {
                CorporateAction::Split { old: u32::try_from(first?).ok()?, new: u32::try_from(second?).ok()? }
            }
            "dividend" => CorporateAction::Dividend {
                asset: AssetId(u32::try_from(first?).ok()?),
                amount: Money(amount?),
            },
            "symbol" => CorporateAction::SymbolChange { symbol: Symbol::new(symbol?).ok()? },
            "delisting" => CorporateAction::Delisting { price: first.map(Price) },
            _ => return None,
        };
        Some(Self { time, action })
    }
}

impl std::hash::Hash for ActionRow {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.time.hash(state);
        match self.action {
            CorporateAction::Split { old, new } => (0, old, new).hash(state),
            CorporateAction::Dividend { asset, amount } => (1, asset, amount).hash(state),
            CorporateAction::SymbolChange { symbol } => (2, symbol).hash(state),
            CorporateAction::Delisting { price } => (3, price).hash(state),
        }
    }
}

impl Row for NewsRow {
    const COLUMNS: &'static [Column] = &[
        Column::new("time", Form::Time),
        Column::new("source", Form::Text),
        Column::new("headline", Form::Text),
        Column::maybe("body", Form::Text),
    ];

    fn fits(kind: &Kind) -> bool {
        *kind == Kind::News
    }

    fn time(&self) -> Time {
        self.time
    }

    fn put(&self, cells: &mut Put) {
        cells.int(self.time.0);
        cells.text(Some(&self.source));
        cells.text(Some(&self.headline));
        cells.text(self.body.as_deref());
    }

    fn take(cells: &mut Take<'_>) -> Option<Self> {
        Some(Self {
            time: Time(cells.int()),
            source: cells.text()?.to_owned(),
            headline: cells.text()?.to_owned(),
            body: cells.text().map(str::to_owned),
        })
    }
}

impl Row for FactRow {
    const COLUMNS: &'static [Column] = &[
        Column::new("time", Form::Time),
        Column::maybe("period_end", Form::Time),
        Column::new("name", Form::Text),
        Column::new("unit", Form::Text),
        Column::new("value", Form::Money),
        Column::maybe("source", Form::Text),
    ];

    fn fits(kind: &Kind) -> bool {
        *kind == Kind::Facts
    }

    fn time(&self) -> Time {
        self.time
    }

    fn put(&self, cells: &mut Put) {
        cells.int(self.time.0);
        cells.maybe_int(self.period_end.map(|time| time.0));
        cells.text(Some(&self.name));
        cells.text(Some(&self.unit));
        cells.money(Some(self.value.0));
        cells.text(self.source.as_deref());
    }

    fn take(cells: &mut Take<'_>) -> Option<Self> {
        Some(Self {
            time: Time(cells.int()),
            period_end: cells.maybe_int().map(Time),
            name: cells.text()?.to_owned(),
            unit: cells.text()?.to_owned(),
            value: Money(cells.money()?),
            source: cells.text().map(str::to_owned),
        })
    }
}

impl Row for SampleRow {
    const COLUMNS: &'static [Column] = &[
        Column::new("time", Form::Time),
        Column::maybe("value", Form::Money),
        Column::maybe("text", Form::Text),
    ];

    fn fits(kind: &Kind) -> bool {
        matches!(kind, Kind::Series(_))
    }

    fn time(&self) -> Time {
        self.time
    }

    fn put(&self, cells: &mut Put) {
        cells.int(self.time.0);
        cells.money(self.value.map(|value| value.0));
        cells.text(self.text.as_deref());
    }

    fn take(cells: &mut Take<'_>) -> Option<Self> {
        Some(Self {
            time: Time(cells.int()),
            value: cells.money().map(Money),
            text: cells.text().map(str::to_owned),
        })
    }
}
