//! Prices of the past as they would be today: splits and dividends as factors. Raw rows are never changed;
//! an adjusted bar is an amount with 18 decimals, off the grid, cut (not rounded) at the last.

use crate::row::{ActionRow, BarRow};
use crate::{DataError, LineFault};
use jiff::civil::Date;
use model::{CorporateAction, Grid, Money, Time};

const HALF: i128 = 1_000_000_000;
const DAY_NS: i64 = 86_400_000_000_000;

/// What prices before `until` are multiplied with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Factor {
    pub until: Time,
    pub price: Money,
    pub split: Money,
}

/// Factors in order of time. After the last nothing is adjusted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Factors(Vec<Factor>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdjustedBar {
    pub time: Time,
    pub open: Money,
    pub high: Money,
    pub low: Money,
    pub close: Money,
    pub volume: Money,
}

impl Factors {
    /// Lean's factor file: `date,price factor,split factor,reference price`; a line holds up to its date and
    /// on it. Dates are days of UTC here, as daily bars are kept.
    pub fn parse(file: &str, text: &str) -> Result<Self, DataError> {
        let mut factors = Vec::new();
        for (line, number) in text.lines().zip(1u64..).filter(|(line, _)| !line.trim().is_empty()) {
            let factor = parse_line(line).ok_or_else(|| {
                LineFault::Malformed("not a date and two factors".to_owned()).at(file, number)
            })?;
            factors.push(factor);
        }
        factors.sort_by_key(|factor| factor.until);
        Ok(Self(factors))
    }

    /// From the actions and the last close before each. Dividends count only with `dividends`.
    pub fn of_actions(
        actions: &[ActionRow],
        dividends: bool,
        close_before: impl Fn(Time) -> Option<Money>,
    ) -> Option<Self> {
        let mut latest: Vec<&ActionRow> = actions.iter().collect();
        latest.sort_by_key(|row| std::cmp::Reverse(row.time));
        let (mut price, mut split) = (Money::ONE, Money::ONE);
        let mut factors = Vec::new();
        for row in latest {
            match row.action {
                CorporateAction::Split { old, new } => {
                    split = Money(split.0.checked_mul(old.into())?.checked_div(new.into())?);
                }
                CorporateAction::Dividend { amount, .. } if dividends => {
                    let close = close_before(row.time).filter(|close| close.0 > amount.0)?;
                    let kept = close.checked_sub(amount)?;
                    price = times(price, ratio(kept, close)?)?;
                }
                _ => continue,
            }
            factors.push(Factor { until: row.time, price, split });
        }
        factors.reverse();
        Some(Self(factors))
    }

    #[must_use]
    pub fn at(&self, time: Time) -> Factor {
        let next = self.0.partition_point(|factor| factor.until <= time);
        let none = Factor { until: Time::MAX, price: Money::ONE, split: Money::ONE };
        self.0.get(next).copied().unwrap_or(none)
    }

    /// None where a number leaves 128 bits.
    #[must_use]
    pub fn adjust(&self, bar: &BarRow, grid: Grid) -> Option<AdjustedBar> {
        let factor = self.at(bar.time);
        let price =
            |price: model::Price| times(times(price.to_money(grid.tick)?, factor.price)?, factor.split);
        Some(AdjustedBar {
            time: bar.time,
            open: price(bar.open)?,
            high: price(bar.high)?,
            low: price(bar.low)?,
            close: price(bar.close)?,
            volume: ratio(bar.volume.to_money(grid.lot)?, factor.split)?,
        })
    }
}

fn parse_line(line: &str) -> Option<Factor> {
    let mut cells = line.split(',');
    let date = Date::strptime("%Y%m%d", cells.next()?).ok()?;
    let midnight = date.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_nanosecond();
    let until = Time(i64::try_from(midnight).ok()?.checked_add(DAY_NS)?);
    let mut factor = || Money::parse(cells.next()?).ok().filter(|factor| factor.0 > 0);
    Some(Factor { until, price: factor()?, split: factor()? })
}

/// a × b without leaving 128 bits on the way.
fn times(a: Money, b: Money) -> Option<Money> {
    let (high, low) = (b.0.div_euclid(HALF), b.0.rem_euclid(HALF));
    let sum = a.0.checked_mul(high)?.checked_add(a.0.checked_mul(low)?.div_euclid(HALF))?;
    Some(Money(sum.div_euclid(HALF)))
}

/// a ÷ b in two steps of nine digits.
fn ratio(a: Money, b: Money) -> Option<Money> {
    let whole = a.0.checked_div(b.0)?;
    let first = (a.0 - whole * b.0).checked_mul(HALF)?;
    let second = first.checked_rem(b.0)?.checked_mul(HALF)?;
    let digits = first.checked_div(b.0)?.checked_mul(HALF)?.checked_add(second.checked_div(b.0)?)?;
    whole.checked_mul(Money::ONE.0)?.checked_add(digits).map(Money)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::AssetId;

    #[test]
    fn actions_make_factors() {
        let money = |text: &str| Money::parse(text).expect("a number");
        let dividend = CorporateAction::Dividend { asset: AssetId(1), amount: money("2") };
        let actions = [
            ActionRow { time: Time(100), action: CorporateAction::Split { old: 1, new: 7 } },
            ActionRow { time: Time(200), action: dividend },
        ];
        let factors = Factors::of_actions(&actions, true, |_| Some(money("100"))).expect("factors");
        assert_eq!(factors.at(Time(99)).price, money("0.98"));
        assert_eq!(factors.at(Time(99)).split, money("0.142857142857142857"));
        assert_eq!(factors.at(Time(100)).split, Money::ONE);
        assert_eq!(factors.at(Time(200)).price, Money::ONE);
        let raw = Factors::of_actions(&actions, false, |_| None).expect("factors");
        assert_eq!(raw.at(Time(150)).price, Money::ONE);
        assert_eq!(Factors::of_actions(&actions, true, |_| None), None, "a dividend needs the close before");
    }

    #[test]
    fn products_and_ratios_of_large_amounts() {
        let money = |text: &str| Money::parse(text).expect("a number");
        assert_eq!(times(money("600000"), money("0.5")), Some(money("300000")));
        assert_eq!(times(money("702.1"), money("0.00892857")), Some(money("6.268748997")));
        assert_eq!(ratio(money("92720576"), money("0.25")), Some(money("370882304")));
        assert_eq!(ratio(money("1"), money("3")), Some(money("0.333333333333333333")));
    }
}
