//! The services' risk check: may this be traded? It is the engine's own look before an order, in these clients' words.
//! What they believe to hold is not asked for: the engine knows.

use crate::call::{Call, Outcome, account, ok};
use crate::decimal::Decimal;
use crate::problem::Problem;
use engine::Engine;
use model::line::Worded;
use model::{AccountId, Grid, InstrumentId, Money, NewOrder, OrderType, Price, Qty, Side};
use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Deserialize)]
struct CheckBody {
    symbol: String,
    side: String,
    /// In the currency that the market is quoted in.
    amount: Decimal,
    account: Option<String>,
    /// What the client believes; the engine's own count is what is checked.
    #[serde(default, rename = "portfolio_value")]
    _portfolio_value: Option<Value>,
    #[serde(default, rename = "existing_positions")]
    _existing_positions: Option<Value>,
}

#[derive(Serialize)]
struct Checked {
    allowed: bool,
    reason: String,
    violations: Vec<Violation>,
}

/// A limit that the trade would break.
#[derive(Serialize)]
struct Violation {
    kind: &'static str,
    limit: String,
    after: String,
}

pub(super) async fn check_trade(call: Call) -> Outcome {
    let body: CheckBody = call.json()?;
    let side = Side::of(&body.side.to_ascii_lowercase());
    let side = side.ok_or_else(|| Problem::wrong("side", "is buy or sell"))?;
    let amount = Money::parse(&body.amount.0).map_err(|error| Problem::wrong("amount", error.to_string()))?;
    if amount.0 <= 0 {
        return ok(&Checked::no("the amount has to be above zero"));
    }
    let (instrument, grid) = crate::market::find(&call, &body.symbol).await?;
    let owner = account(call.caller()?, body.account.as_deref(), &call.desk.names.now())?;
    let looked = call.desk.door.look(move |engine| look(engine, owner, (instrument, grid), side, amount));
    ok(&looked.await?)
}

impl Checked {
    fn no(reason: &str) -> Self {
        Self { allowed: false, reason: reason.to_owned(), violations: Vec::new() }
    }
}

fn look(
    engine: &Engine,
    account: AccountId,
    (instrument, grid): (InstrumentId, Grid),
    side: Side,
    amount: Money,
) -> Checked {
    let Some(price) = price_of(engine, instrument, side) else {
        return Checked::no("there is no price to count with");
    };
    let lots = price.to_money(grid.tick).and_then(|price| lots_for(amount, price, grid.lot));
    let Some(qty) = lots.filter(|lots| *lots > 0) else {
        return Checked::no("the amount is less than one lot, or cannot be counted");
    };
    let order = NewOrder::new(account, instrument, side, Qty(qty), OrderType::Limit { price });
    let answer = engine.what_if(&order);
    let broken = answer.limits.iter().filter_map(|limit| {
        let reached = limit.used.ok().filter(|reached| reached.after() > reached.most())?;
        let text = |number| crate::risk::amount_text(reached.unit, number);
        Some(Violation { kind: limit.kind.word(), limit: text(reached.most()), after: text(reached.after()) })
    });
    let violations = broken.collect();
    match answer.verdict {
        Ok(_) => Checked { allowed: true, reason: "ok".to_owned(), violations },
        Err(reason) => Checked { allowed: false, reason: format!("{}: {reason}", reason.code()), violations },
    }
}

/// What would be paid now, or was paid last.
fn price_of(engine: &Engine, instrument: InstrumentId, side: Side) -> Option<Price> {
    let own = engine.levels(instrument, side.opposite()).next().map(|level| level.price);
    let quoted = engine.quote(instrument).and_then(|quote| match side {
        Side::Buy => quote.ask,
        Side::Sell => quote.bid,
    });
    let quoted = own.or(quoted.map(|level| level.price));
    quoted.or_else(|| engine.last(instrument)).or_else(|| engine.mark(instrument))
}

/// How many whole lots the amount buys.
fn lots_for(amount: Money, price: Money, lot: Money) -> Option<i64> {
    // One lot costs price × lot, both in units of 10⁻¹⁸; nine digits of each are enough of either.
    let cost = (price.0.checked_div(1_000_000_000)?).checked_mul(lot.0.checked_div(1_000_000_000)?)?;
    i64::try_from(amount.0.checked_div(cost.max(1))?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_buys_whole_lots() {
        let money = |text: &str| Money::parse(text).expect("an amount");
        for (amount, price, lot, lots) in [
            ("1000", "64000", "0.0001", Some(156)),
            ("6.4", "64000", "0.0001", Some(1)),
            ("6.39", "64000", "0.0001", Some(0)),
            ("10000000000", "0.01", "1", Some(1_000_000_000_000)),
        ] {
            assert_eq!(lots_for(money(amount), money(price), money(lot)), lots, "{amount} at {price}");
        }
    }
}
