//! Alerts, stages of margin and what they come with, in words:
//! `alert 3 critical account alice daily_loss loss 120 USD limit 100 USD policy halt open`.

use super::LineError;
use super::pen::Pen;
use super::reader::Reader;
use super::risk::{write_scope, write_watch};
use crate::{Alert, AlertCause, Event, MarginState, Money, Policy, Setting};

type Read<T> = Result<T, LineError>;

/// `alice momentum 5000000000 [policy flatten]`
pub(super) fn read_silence(reader: &mut Reader) -> Read<Setting> {
    let book = reader.book()?;
    let ns = reader.number("nanoseconds")?;
    let policy = if reader.take("policy") { reader.choice("a policy")? } else { Policy::Alert };
    Ok(Setting::Silence { book, ns, policy })
}

pub(super) fn write_policy(policy: Policy, pen: &mut Pen) {
    if policy != Policy::Alert {
        pen.word("policy").choice(policy);
    }
}

pub(super) fn write(event: &Event, pen: &mut Pen) -> bool {
    match event {
        Event::BreakerSet { rule, breaker } => {
            pen.words("breaker_set", rule);
            super::risk::write_breaker(breaker, pen);
        }
        Event::AlertOpened(alert) => {
            pen.word("alert");
            write_alert(alert, pen);
        }
        Event::AlertResolved { rule } => {
            pen.words("alert_resolved", rule);
        }
        Event::MarginStaged(state) => {
            pen.word("margin").account(state.account);
            write_margin(state, pen);
        }
        Event::PositionStaged { instrument, state } => {
            pen.word("margin").account(state.account).instrument(*instrument);
            write_margin(state, pen);
        }
        Event::MarginModeSet { account, mode } => {
            pen.word("margin_mode").account(*account).choice(*mode);
        }
        Event::MarginAdjusted { account, instrument, asset, amount, behind } => {
            pen.word("margin_adjusted").account(*account).instrument(*instrument).money(*amount);
            pen.asset(*asset).word("behind").money(*behind).asset(*asset);
        }
        Event::ShortfallCovered { account, asset, amount } => {
            pen.word("shortfall_covered").account(*account).money(*amount).asset(*asset);
        }
        Event::HeartbeatTaken { book } => {
            pen.word("heartbeat_taken").book(*book);
        }
        Event::FlattenSent { scope, order } => {
            pen.word("flatten_sent");
            write_scope(*scope, pen).order(*order);
        }
        Event::ScopeCleared { scope, cancelled, flattened } => {
            pen.word("cleared");
            write_scope(*scope, pen).words("cancelled", cancelled).words("flattened", flattened);
        }
        _ => return false,
    }
    true
}

pub(super) fn write_alert(alert: &Alert, pen: &mut Pen) {
    let Alert { rule, severity, scope, cause, state, at: _ } = alert;
    pen.word(rule).choice(*severity);
    write_scope(*scope, pen);
    match *cause {
        AlertCause::Loss { kind, asset, loss, limit, policy } => {
            pen.choice(kind).word("loss").money(loss).asset(asset).word("limit").money(limit).asset(asset);
            write_policy(policy, pen);
        }
        AlertCause::Unvalued { kind } => {
            pen.choice(kind).word("unvalued");
        }
        AlertCause::Breaker { breaker, found, policy } => {
            pen.words("breaker", breaker).word("found");
            write_watch(found, pen);
            write_policy(policy, pen);
        }
        AlertCause::MarginCall { asset, equity, initial } => {
            write_short("margin_call", asset, [("equity", equity), ("initial", initial)], pen);
        }
        AlertCause::Liquidation { asset, equity, maintenance } => {
            write_short("liquidation", asset, [("equity", equity), ("maintenance", maintenance)], pen);
        }
        AlertCause::Shortfall { asset, amount } => {
            pen.word("shortfall").money(amount).asset(asset);
        }
        AlertCause::InputMissing { input } => {
            super::risk::write_input(input, pen.word("input_missing"));
        }
        AlertCause::Silent { policy } => {
            pen.word("silent");
            write_policy(policy, pen);
        }
    }
    pen.choice(*state);
}

fn write_short(word: &str, asset: crate::AssetId, parts: [(&str, Money); 2], pen: &mut Pen) {
    pen.word(word).asset(asset);
    for (name, amount) in parts {
        pen.word(name).money(amount);
    }
}

/// Without the account.
pub(super) fn write_margin(state: &MarginState, pen: &mut Pen) {
    let MarginState { account: _, asset, stage, equity, initial, maintenance } = *state;
    pen.asset(asset).choice(stage).word("equity").money(equity);
    pen.word("initial").money(initial).word("maintenance").money(maintenance);
}
