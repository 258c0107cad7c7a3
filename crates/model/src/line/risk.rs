//! Limits, states, breakers and the kill switch in words. Each names where it stands (`account alice`), and
//! who asked and why (`by ann because fat_finger`).

use super::LineError;
use super::pen::Pen;
use super::reader::Reader;
use crate::{Because, Breaker, BreakerWatch, Command, Grid, Input, Limit, LimitValue, Policy, RuleId, Scope};

type Read<T> = Result<T, LineError>;

pub(super) fn read(verb: &str, reader: &mut Reader) -> Read<Option<Command>> {
    Ok(Some(match verb {
        "limit" => {
            let limit = Box::new(read_limit(reader)?);
            Command::SetLimit { limit, because: read_because(reader)? }
        }
        "remove_limit" => {
            let scope = read_scope(reader)?;
            let kind = reader.choice("a kind of limit")?;
            Command::RemoveLimit { scope, kind, because: read_because(reader)? }
        }
        "trading" => {
            let scope = read_scope(reader)?;
            let state = reader.choice("a trading state")?;
            Command::SetTradingState { scope, state, because: read_because(reader)? }
        }
        "kill" => {
            let scope = read_scope(reader)?;
            let flatten = reader.take("flatten");
            Command::ThrowKillSwitch { scope, flatten, because: read_because(reader)? }
        }
        "release" => {
            Command::ReleaseKillSwitch { scope: read_scope(reader)?, because: read_because(reader)? }
        }
        "breaker" => {
            let breaker = Box::new(read_breaker(reader)?);
            Command::SetBreaker { breaker, because: read_because(reader)? }
        }
        "reset_breaker" => Command::ResetBreaker { rule: read_rule(reader)?, because: read_because(reader)? },
        "acknowledge" => {
            Command::AcknowledgeAlert { rule: read_rule(reader)?, because: read_because(reader)? }
        }
        _ => return Ok(None),
    }))
}

pub(super) fn write(command: &Command, pen: &mut Pen) -> bool {
    let because = match command {
        Command::SetLimit { limit, because } => {
            pen.word("limit");
            write_limit(limit, pen);
            because
        }
        Command::RemoveLimit { scope, kind, because } => {
            pen.word("remove_limit");
            write_scope(*scope, pen).choice(*kind);
            because
        }
        Command::SetTradingState { scope, state, because } => {
            pen.word("trading");
            write_scope(*scope, pen).choice(*state);
            because
        }
        Command::ThrowKillSwitch { scope, flatten, because } => {
            pen.word("kill");
            write_scope(*scope, pen);
            if *flatten {
                pen.word("flatten");
            }
            because
        }
        Command::ReleaseKillSwitch { scope, because } => {
            pen.word("release");
            write_scope(*scope, pen);
            because
        }
        Command::SetBreaker { breaker, because } => {
            pen.word("breaker");
            write_breaker(breaker, pen);
            because
        }
        Command::ResetBreaker { rule, because } => {
            pen.words("reset_breaker", rule);
            because
        }
        Command::AcknowledgeAlert { rule, because } => {
            pen.words("acknowledge", rule);
            because
        }
        _ => return false,
    };
    write_because(because, pen);
    true
}

pub(super) fn read_because(reader: &mut Reader) -> Read<Because> {
    reader.expect("by")?;
    let user = reader.user()?;
    reader.expect("because")?;
    Ok(Because { user, reason: reader.text("a reason in one word")? })
}

pub(super) fn write_because(because: &Because, pen: &mut Pen) {
    pen.word("by").user(because.user).word("because").text(&because.reason);
}

fn read_rule(reader: &mut Reader) -> Read<RuleId> {
    reader.number("the number of a rule").map(RuleId)
}

const SCOPES: [&str; 7] = ["house", "user", "account", "book", "instrument", "account_instrument", "venue"];

pub(super) fn read_scope(reader: &mut Reader) -> Read<Scope> {
    let expected = "where it stands";
    Ok(match reader.word(expected)? {
        "house" => Scope::House,
        "user" => Scope::User(reader.user()?),
        "account" => Scope::Account(reader.account()?),
        "book" => Scope::Book(reader.book()?),
        "instrument" => Scope::Instrument(reader.instrument()?),
        "account_instrument" => Scope::AccountInstrument(reader.account()?, reader.instrument()?),
        "venue" => Scope::Venue(reader.venue()?),
        _ => return Err(reader.unexpected(expected).among(SCOPES.iter().map(ToString::to_string))),
    })
}

pub(super) fn write_scope<'p, 'a>(scope: Scope, pen: &'p mut Pen<'a>) -> &'p mut Pen<'a> {
    match scope {
        Scope::House => pen.word("house"),
        Scope::User(user) => pen.word("user").user(user),
        Scope::Account(account) => pen.word("account").account(account),
        Scope::Book(book) => pen.word("book").book(book),
        Scope::Instrument(instrument) => pen.word("instrument").instrument(instrument),
        Scope::AccountInstrument(account, instrument) => {
            pen.word("account_instrument").account(account).instrument(instrument)
        }
        Scope::Venue(venue) => pen.word("venue").venue(venue),
    }
}

pub(super) fn write_input<'p, 'a>(input: Input, pen: &'p mut Pen<'a>) -> &'p mut Pen<'a> {
    match input {
        Input::Price(instrument) => pen.word("price").instrument(instrument),
        Input::FxRate { from, to } => pen.word("fx_rate").asset(from).asset(to),
        Input::Volatility(instrument) => pen.word("volatility").instrument(instrument),
        Input::Correlation { a, b } => pen.word("correlation").instrument(a).instrument(b),
        Input::AverageVolume(instrument) => pen.word("average_volume").instrument(instrument),
        Input::ValueAtRisk(at) => write_scope(at, pen.word("value_at_risk")),
        Input::ExpectedShortfall(at) => write_scope(at, pen.word("expected_shortfall")),
        Input::Depth(instrument) => pen.word("depth").instrument(instrument),
        Input::Equity(account) => pen.word("equity").account(account),
        Input::Confidence => pen.word("confidence"),
    }
}

/// Quantities are in the terms of the instrument that a limit stands at, and in lots elsewhere.
fn grid_of(scope: Scope, grid: impl Fn(crate::InstrumentId) -> Option<Grid>) -> Option<Grid> {
    match scope {
        Scope::Instrument(instrument) | Scope::AccountInstrument(_, instrument) => grid(instrument),
        _ => None,
    }
}

/// `account alice order_notional amount 5000 USDT [policy halt]`
fn read_limit(reader: &mut Reader) -> Read<Limit> {
    let scope = read_scope(reader)?;
    let kind = reader.choice("a kind of limit")?;
    let expected = "amount, qty, ratio, count or yes";
    let value = match reader.word(expected)? {
        "amount" => {
            let amount = reader.money("an amount")?;
            LimitValue::Amount { asset: reader.asset()?, amount }
        }
        "qty" => LimitValue::Qty(reader.qty("a quantity", grid_of(scope, |id| reader.directory.grid(id)))?),
        "ratio" => LimitValue::Ratio(reader.rate("a share like 0.2")?),
        "count" => LimitValue::Count(reader.number("a count")?),
        "yes" => LimitValue::Yes,
        _ => return Err(reader.unexpected(expected)),
    };
    let policy = if reader.take("policy") { reader.choice("a policy")? } else { Policy::Alert };
    Ok(Limit { scope, kind, value, policy })
}

pub(super) fn write_limit(limit: &Limit, pen: &mut Pen) {
    write_scope(limit.scope, pen).choice(limit.kind);
    match limit.value {
        LimitValue::Amount { asset, amount } => pen.word("amount").money(amount).asset(asset),
        LimitValue::Qty(qty) => {
            let grid = grid_of(limit.scope, |id| pen.grid(id));
            pen.word("qty").qty(qty, grid)
        }
        LimitValue::Ratio(rate) => pen.word("ratio").rate(rate),
        LimitValue::Count(count) => pen.words("count", count),
        LimitValue::Yes => pen.word("yes"),
    };
    if limit.policy != Policy::Alert {
        pen.word("policy").choice(limit.policy);
    }
}

pub(super) fn write_watch(watch: BreakerWatch, pen: &mut Pen) {
    match watch {
        BreakerWatch::PriceMove(rate) => pen.word("price_move").rate(rate),
        BreakerWatch::Loss { asset, amount } => pen.word("loss").money(amount).asset(asset),
        BreakerWatch::RejectRate(rate) => pen.word("reject_rate").rate(rate),
        BreakerWatch::StaleData => pen.word("stale_data"),
        BreakerWatch::VenueFailures(count) => pen.words("venue_failures", count),
    };
}

/// `instrument BTC-USDT price_move 0.05 window_ns 60000000000 cool_down_ns 300000000000 [policy halt]`
fn read_breaker(reader: &mut Reader) -> Read<Breaker> {
    let scope = read_scope(reader)?;
    let expected = "price_move, loss, reject_rate, stale_data or venue_failures";
    let watch = match reader.word(expected)? {
        "price_move" => BreakerWatch::PriceMove(reader.rate("a share like 0.05")?),
        "loss" => {
            let amount = reader.money("an amount")?;
            BreakerWatch::Loss { asset: reader.asset()?, amount }
        }
        "reject_rate" => BreakerWatch::RejectRate(reader.rate("a share like 0.5")?),
        "stale_data" => BreakerWatch::StaleData,
        "venue_failures" => BreakerWatch::VenueFailures(reader.number("a count")?),
        _ => return Err(reader.unexpected(expected)),
    };
    reader.expect("window_ns")?;
    let window_ns = reader.number("nanoseconds")?;
    reader.expect("cool_down_ns")?;
    let cool_down_ns = reader.number("nanoseconds")?;
    let policy = if reader.take("policy") { reader.choice("a policy")? } else { Policy::Alert };
    Ok(Breaker { scope, watch, window_ns, cool_down_ns, policy })
}

pub(super) fn write_breaker(breaker: &Breaker, pen: &mut Pen) {
    let Breaker { scope, watch, window_ns, cool_down_ns, policy } = breaker;
    write_scope(*scope, pen);
    write_watch(*watch, pen);
    pen.words("window_ns", window_ns).words("cool_down_ns", cool_down_ns);
    if *policy != Policy::Alert {
        pen.word("policy").choice(*policy);
    }
}
