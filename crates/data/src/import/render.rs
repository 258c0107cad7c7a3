//! A row as the cells of its fields: what a mapping reads, the other way round.

use super::fields::grid_unit;
use super::mapped::Mapped;
use crate::DataError;
use crate::row::{Column, Put, schema};
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use model::{Grid, Money, Price, Qty, Rate, Side, Time};

/// Units of money in a unit of a rate.
const RATE_UNIT: i128 = Money::ONE.0 / 1_000_000_000;

/// Takes the cells of a row in the order of its fields.
#[derive(Debug)]
pub struct Render<'a> {
    put: &'a mut Put,
    grid: Grid,
    fits: bool,
}

impl Render<'_> {
    pub(crate) fn time(&mut self, time: Time) {
        self.put.int(time.0);
    }

    pub(crate) fn maybe_time(&mut self, time: Option<Time>) {
        self.put.maybe_int(time.map(|time| time.0));
    }

    pub(crate) fn int(&mut self, value: Option<i64>) {
        self.put.maybe_int(value);
    }

    pub(crate) fn text(&mut self, text: Option<&str>) {
        self.put.text(text);
    }

    pub(crate) fn side(&mut self, side: Option<Side>) {
        self.text(side.map(|side| if side == Side::Buy { "buy" } else { "sell" }));
    }

    pub(crate) fn money(&mut self, amount: Option<Money>) {
        self.put.money(amount.map(|amount| amount.0));
    }

    pub(crate) fn price(&mut self, price: Option<Price>) {
        let amount = price.map(|price| price.to_money(self.grid.tick));
        self.checked(amount);
    }

    pub(crate) fn qty(&mut self, qty: Option<Qty>) {
        let amount = qty.map(|qty| qty.to_money(self.grid.lot));
        self.checked(amount);
    }

    pub(crate) fn rate(&mut self, rate: Rate) {
        self.put.money(Some(i128::from(rate.0) * RATE_UNIT));
    }

    /// A product of ticks and lots. A grid finer than money has no amount for it, so the cell stays empty.
    pub(crate) fn value(&mut self, value: Option<i128>) {
        let amount = value.zip(grid_unit(self.grid)).map(|(value, one)| value.checked_mul(one.0).map(Money));
        self.checked(amount);
    }

    #[expect(clippy::option_option, reason = "no cell and a cell that does not fit are two things")]
    fn checked(&mut self, amount: Option<Option<Money>>) {
        self.fits &= amount != Some(None);
        self.money(amount.flatten());
    }
}

/// The columns of an export: any but the first may be empty.
pub(crate) fn fields_schema<R: Mapped>() -> SchemaRef {
    let columns: Vec<Column> =
        R::FIELDS.iter().enumerate().map(|(at, field)| Column { nullable: at > 0, ..*field }).collect();
    schema(&columns)
}

/// Rows as a batch of their fields.
pub(crate) fn fields_batch<R: Mapped>(
    rows: &[R],
    grid: Grid,
    schema: SchemaRef,
) -> Result<RecordBatch, DataError> {
    let mut put = Put::new(R::FIELDS, rows.len());
    let mut fits = true;
    for row in rows {
        let mut render = Render { put: &mut put, grid, fits: true };
        row.render(&mut render);
        fits &= render.fits;
        put.next_row();
    }
    if !fits {
        return Err(DataError::TooLarge { what: "a price or quantity as an amount" });
    }
    let failed = |source| DataError::Arrow { doing: "build", file: "rows".to_owned(), source };
    put.finish(schema).map_err(failed)
}
