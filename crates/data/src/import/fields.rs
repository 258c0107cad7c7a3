//! The cells of one record of a source, read as the fields of a row: exact, or a fault that names the column.

use super::decimal::{Decimal, Step};
use super::mapped::Mapped;
use super::mapping::{Mapping, Values};
use super::time::Clock;
use crate::row::Column;
use crate::{DataError, LineFault};
use model::{DecimalError, Grid, Level, Money, Price, Qty, Rate, Side, Time};

/// What is worked out once for a source.
#[derive(Debug)]
pub struct Plan {
    fields: &'static [Column],
    /// Of each field, the column's name and its number in the records.
    columns: Vec<Option<(String, usize)>>,
    scales: Vec<Option<Decimal>>,
    clock: Clock,
    values: Values,
    grid: Grid,
    tick: Step,
    lot: Step,
    length_ns: Option<i64>,
}

impl Plan {
    /// `number` finds a column by its name.
    pub(crate) fn new<R: Mapped>(
        mapping: &Mapping,
        grid: Grid,
        number: impl Fn(&str) -> Option<usize>,
    ) -> Result<Self, DataError> {
        let is_field = |name: &str| R::FIELDS.iter().any(|field| field.name == name);
        if let Some(name) = mapping.columns.keys().find(|name| !is_field(name)) {
            let known: Vec<&str> = R::FIELDS.iter().map(|field| field.name).collect();
            let known = known.join(", ");
            return Err(DataError::Mapping(format!("there is no field `{name}`: take one of {known}")));
        }
        let mut columns = Vec::new();
        let mut scales = Vec::new();
        for field in R::FIELDS {
            scales.push(mapping.scale_of(field.name)?);
            columns.push(column_of(*field, mapping, &number)?);
        }
        let (clock, length_ns) = (mapping.clock()?, mapping.length_ns()?);
        let values = mapping.values.clone();
        let (tick, lot) = (Step::new(grid.tick), Step::new(grid.lot));
        Ok(Self { fields: R::FIELDS, columns, scales, clock, values, grid, tick, lot, length_ns })
    }
}

/// The column of a field and its number. A mapping without any columns takes them by the fields' own names.
fn column_of(
    field: Column,
    mapping: &Mapping,
    number: impl Fn(&str) -> Option<usize>,
) -> Result<Option<(String, usize)>, DataError> {
    let own = mapping.columns.is_empty().then_some(field.name);
    match mapping.columns.get(field.name).map(String::as_str).or(own) {
        Some(column) => match number(column) {
            Some(at) => Ok(Some((column.to_owned(), at))),
            None if own.is_some() && field.nullable => Ok(None),
            None => Err(DataError::Mapping(format!("the source has no column `{column}`"))),
        },
        None if field.nullable => Ok(None),
        None => Err(DataError::Mapping(format!("the field `{}` needs a column", field.name))),
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
        self.plan.columns[at].as_ref().map_or(self.plan.fields[at].name, |(name, _)| name).to_owned()
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
        let tick = self.plan.tick;
        self.number(at, self.text(at)?, |number| tick.count(number)).map(Price)
    }

    pub fn qty(&self, at: usize) -> Result<Qty, LineFault> {
        let lot = self.plan.lot;
        self.number(at, self.text(at)?, |number| lot.count(number)).map(Qty)
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
        let Values { buy, sell, none } = &self.plan.values;
        if none.iter().any(|name| name == text) {
            return Ok(None);
        }
        if buy.iter().any(|name| name == text) {
            return Ok(Some(Side::Buy));
        }
        if sell.iter().any(|name| name == text) {
            return Ok(Some(Side::Sell));
        }
        let known = [buy.as_slice(), sell.as_slice()].concat().join(", ");
        Err(LineFault::Value { column: self.name(at), text: text.to_owned(), known })
    }

    /// What was traded, in ticks × lots.
    pub fn value(&self, at: usize) -> Result<Option<i128>, LineFault> {
        let Some(text) = self.maybe(at) else { return Ok(None) };
        let one = grid_unit(self.plan.grid).unwrap_or(Money::ZERO);
        let read = |number: Decimal| {
            let value = number.money()?.0;
            let is_whole = value.checked_rem(one.0).ok_or(DecimalError::TooLarge)? == 0;
            let units = value.checked_div(one.0).filter(|_| is_whole);
            units.ok_or(DecimalError::NotAMultiple { step: one })
        };
        self.number(at, text, read).map(Some)
    }

    /// How long a bar of the source is; 0 where nobody says.
    #[must_use]
    pub fn length_ns(&self) -> i64 {
        self.plan.length_ns.unwrap_or(0)
    }

    /// A number that counts, such as the new shares of a split.
    pub fn count(&self, at: usize) -> Result<u32, LineFault> {
        let text = self.text(at)?;
        text.parse().map_err(|error| LineFault::Malformed(format!("`{text}`: {error}")))
    }

    pub(crate) fn level(&self, price: usize, qty: usize) -> Result<Option<Level>, LineFault> {
        if self.maybe(price).is_none() {
            return Ok(None);
        }
        let qty = if self.maybe(qty).is_some() { self.qty(qty)? } else { Qty::ZERO };
        Ok(Some(Level { price: self.price(price)?, qty }))
    }
}

/// The value of one lot at one tick; none on a grid that is finer than money.
pub(crate) fn grid_unit(grid: Grid) -> Option<Money> {
    let product = grid.tick.0.checked_mul(grid.lot.0)?;
    Some(Money(product / Money::ONE.0)).filter(|one| one.0 > 0 && product % Money::ONE.0 == 0)
}
