//! A dense matrix of some tens to some hundreds of rows, and what the figures need of it.

use crate::error::{AnalyticsError, Result, same_length};

/// Row by row. The number of columns is kept, so that an empty matrix has a shape too.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Matrix {
    columns: usize,
    cells: Vec<f64>,
}

impl Matrix {
    /// Refuses rows of different lengths, no rows at all, and values that are not finite.
    pub fn from_rows(rows: &[Vec<f64>]) -> Result<Self> {
        let columns = rows.first().map_or(0, Vec::len);
        if columns == 0 {
            return Err(AnalyticsError::TooFew { what: "a matrix", needed: 1, found: 0 });
        }
        for row in rows {
            same_length("the first row", columns, "another row", row.len())?;
        }
        let cells = rows.concat();
        match cells.iter().position(|cell| !cell.is_finite()) {
            Some(place) => Err(AnalyticsError::NotFinite { what: "a matrix", place }),
            None => Ok(Self { columns, cells }),
        }
    }

    /// A square matrix whose cells are computed from their row and column.
    pub(crate) fn square(size: usize, cell: impl Fn(usize, usize) -> f64) -> Self {
        let cells = (0..size * size).map(|place| cell(place / size, place % size)).collect();
        Self { columns: size, cells }
    }

    #[must_use]
    pub fn columns(&self) -> usize {
        self.columns
    }

    #[must_use]
    pub fn rows(&self) -> usize {
        self.cells.len() / self.columns
    }

    /// The cell, or nothing outside of the matrix.
    #[must_use]
    pub fn get(&self, row: usize, column: usize) -> Option<f64> {
        if column < self.columns { self.cells.get(row * self.columns + column).copied() } else { None }
    }

    pub(crate) fn at(&self, row: usize, column: usize) -> f64 {
        self.cells[row * self.columns + column]
    }

    pub(crate) fn row(&self, row: usize) -> &[f64] {
        &self.cells[row * self.columns..(row + 1) * self.columns]
    }

    /// The matrix times a column.
    pub(crate) fn times(&self, vector: &[f64]) -> Vec<f64> {
        self.cells.chunks(self.columns).map(|row| dot(row, vector)).collect()
    }

    /// Refuses what cannot be a covariance: not square, not symmetric, a negative variance.
    pub(crate) fn check_symmetric(&self) -> Result<()> {
        same_length("the rows of the matrix", self.rows(), "its columns", self.columns)?;
        for row in 0..self.columns {
            if self.at(row, row) < 0.0 {
                return Err(AnalyticsError::NotPositiveDefinite { row });
            }
            for column in 0..row {
                let (lower, upper) = (self.at(row, column), self.at(column, row));
                let scale = self.at(row, row).abs().max(self.at(column, column).abs());
                if (lower - upper).abs() > 1e-9 * scale {
                    let what = "a cell of the matrix";
                    return Err(AnalyticsError::OutOfRange {
                        what,
                        rule: "equal to its mirror",
                        found: lower,
                    });
                }
            }
        }
        Ok(())
    }

    /// The lower triangle L with L·Lᵀ = this matrix, which must be positive definite.
    pub fn cholesky(&self) -> Result<Self> {
        self.check_symmetric()?;
        let size = self.columns;
        let mut lower = Self { columns: size, cells: vec![0.0; size * size] };
        for row in 0..size {
            for column in 0..=row {
                let known = dot(&lower.row(row)[..column], &lower.row(column)[..column]);
                let rest = self.at(row, column) - known;
                lower.cells[row * size + column] = if row == column {
                    // A pivot lost in rounding means that the row repeats others.
                    if rest <= self.at(row, row) * 1e-13 {
                        return Err(AnalyticsError::NotPositiveDefinite { row });
                    }
                    rest.sqrt()
                } else {
                    rest / lower.at(column, column)
                };
            }
        }
        Ok(lower)
    }
}

pub(crate) fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_factor_multiplies_back() {
        let matrix =
            Matrix::from_rows(&[vec![4.0, 2.0, 0.6], vec![2.0, 5.0, 1.0], vec![0.6, 1.0, 3.0]]).unwrap();
        let lower = matrix.cholesky().unwrap();
        for row in 0..3 {
            for column in 0..3 {
                assert!((dot(lower.row(row), lower.row(column)) - matrix.at(row, column)).abs() < 1e-14);
            }
        }
    }

    #[test]
    fn what_is_no_covariance_is_refused() {
        let refused =
            |rows: &[Vec<f64>]| Matrix::from_rows(rows).and_then(|matrix| matrix.cholesky()).is_err();
        assert!(refused(&[]));
        assert!(refused(&[vec![1.0], vec![1.0, 2.0]]));
        assert!(refused(&[vec![1.0, f64::NAN], vec![0.0, 1.0]]));
        assert!(refused(&[vec![1.0, 0.5], vec![0.2, 1.0]]));
        assert!(refused(&[vec![1.0, 1.0], vec![1.0, 1.0]]));
        assert!(refused(&[vec![-1.0]]));
    }
}
