//! Events in words: `trade BTC-USDT 0.3 @ 100 buy taker c2 filled fee 0.015 maker c1 left 0.2 fee 0.006`.
//! Three leaves by what they speak of: orders and trades, the market and the listing, money and risk.

use super::listing::write_listing;
use super::market::{write_mark, write_print, write_quote};
use super::order::write_changes;
use super::pen::Pen;
use super::risk::{write_limit, write_scope};
use super::words::Worded;
use super::{admin, fees, guard, listing, reject, venue};
use crate::{
    AccountId, AssetId, Borrow, CancelCause, ClientOrderId, Event, FirstAnswer, Funding, Grid, Money,
    OrderAccepted, PositionAdjusted, Qty, TradeSide, Traded,
};

pub(super) fn write(event: &Event, pen: &mut Pen) {
    let written = write_of_order(event, pen)
        || write_of_market(event, pen)
        || write_of_holders(event, pen)
        || write_of_house(event, pen)
        || guard::write(event, pen);
    debug_assert!(written, "an event without words");
}

pub(super) fn flag(word: &str, set: bool, pen: &mut Pen) {
    if set {
        pen.word(word);
    }
}

#[expect(clippy::too_many_lines, reason = "a flat table of words, one arm for each event")]
fn write_of_order(event: &Event, pen: &mut Pen) -> bool {
    match event {
        Event::OrderAccepted(accepted) => write_accepted(accepted, pen),
        Event::OrderRejected { account, client_order_id, reason } => {
            pen.word("rejected").account(*account);
            write_client(client_order_id.as_ref(), pen);
            reject::write(reason, pen.orders.topic(), pen);
        }
        Event::OrderRepeated { account, client_order_id, first } => {
            pen.word("repeated").account(*account).text(client_order_id);
            match first {
                FirstAnswer::Accepted { order } => {
                    pen.word("accepted").order(*order);
                }
                FirstAnswer::Rejected { reason } => {
                    pen.word("rejected");
                    reject::write(reason, pen.orders.topic(), pen);
                }
            }
        }
        Event::OrderRested { order, price, left, hidden } => {
            let grid = pen.grid_of(*order);
            pen.word("rests").order(*order).qty(*left, grid).word("@").price(*price, grid);
            flag("hidden", *hidden, pen);
        }
        Event::Traded(traded) => write_traded(traded, pen),
        Event::OrderModified { order, changes, left, kept_place } => {
            let grid = pen.grid_of(*order);
            pen.word("modified").order(*order);
            write_changes(changes, pen, grid);
            pen.word("left").qty(*left, grid);
            flag("kept_place", *kept_place, pen);
        }
        Event::OrderCancelled { order, left, cause } => {
            let grid = pen.grid_of(*order);
            pen.word("cancelled").order(*order).word("left").qty(*left, grid);
            write_cause(*cause, pen);
        }
        Event::OrderExpired { order, left } => {
            let grid = pen.grid_of(*order);
            pen.word("expired").order(*order).word("left").qty(*left, grid);
        }
        Event::ModifyRejected { account, reason } => {
            pen.word("modify_rejected").account(*account);
            reject::write(reason, pen.orders.topic(), pen);
        }
        Event::CancelRejected { account, reason } => {
            pen.word("cancel_rejected").account(*account);
            reject::write(reason, pen.orders.topic(), pen);
        }
        Event::OrderHeld { order } => {
            pen.word("held").order(*order);
        }
        Event::OrderTriggered { order, price } => {
            let grid = pen.grid_of(*order);
            pen.word("triggered").order(*order).word("@").price(*price, grid);
        }
        Event::GroupPlaced { group, orders } => {
            pen.words("group_placed", group);
            orders.iter().for_each(|order| {
                pen.order(*order);
            });
        }
        Event::AlgoStarted { algo, parent } => {
            pen.words("algo_started", algo).order(*parent);
        }
        Event::AlgoSliced { algo, child, qty } => {
            let grid = pen.grid_of(*child);
            pen.words("algo_sliced", algo).order(*child).qty(*qty, grid);
        }
        Event::AlgoEnded { algo, done } => {
            let grid = pen.orders.instrument_of_algo(*algo).and_then(|instrument| pen.grid(instrument));
            pen.words("algo_ended", algo).word("done").qty(*done, grid);
        }
        Event::RouteChosen { order, venue, qty, why } => {
            let grid = pen.grid_of(*order);
            pen.word("routed").order(*order).qty(*qty, grid).word("venue").venue(*venue);
            pen.word("because").text(why);
        }
        Event::OrderReplenished { order, shown, left } => {
            let grid = pen.grid_of(*order);
            pen.word("replenished").order(*order).word("shown").qty(*shown, grid);
            pen.word("left").qty(*left, grid);
        }
        Event::OrderStatusChanged { order, status } => {
            pen.word("status").order(*order).choice(*status);
        }
        Event::OutsideTraded(trade) => venue::write_trade(trade, pen),
        Event::ManyCancelled { count } => {
            pen.words("many_cancelled", count);
        }
        _ => return false,
    }
    true
}

fn write_accepted(accepted: &OrderAccepted, pen: &mut Pen) {
    let OrderAccepted { order, account, book, instrument, side, qty } = *accepted;
    let grid = pen.grid(instrument);
    pen.word("accepted").account(account).order(order).choice(side).qty(qty, grid).instrument(instrument);
    if pen.directory.account(account).is_none_or(|entry| entry.main != book) {
        pen.word("book").book_of(account, book);
    }
}

fn write_client(client: Option<&ClientOrderId>, pen: &mut Pen) {
    match client {
        Some(client) => pen.text(client),
        None => pen.word("-"),
    };
}

fn write_traded(traded: &Traded, pen: &mut Pen) {
    let grid = pen.grid(traded.instrument);
    pen.word("trade").instrument(traded.instrument);
    pen.qty(traded.qty, grid).word("@").price(traded.price, grid).choice(traded.taker_side);
    for (word, side) in [("taker", &traded.taker), ("maker", &traded.maker)] {
        pen.word(word);
        write_side(side, pen, grid);
    }
}

fn write_side(side: &TradeSide, pen: &mut Pen, grid: Option<Grid>) {
    pen.order(side.order);
    if side.left == Qty::ZERO {
        pen.word("filled");
    } else {
        pen.word("left").qty(side.left, grid);
    }
    if side.fee != Money::ZERO {
        pen.word("fee").money(side.fee);
    }
}

fn write_cause(cause: CancelCause, pen: &mut Pen) {
    match cause {
        CancelCause::Asked => pen.word("asked"),
        CancelCause::Mass => pen.word("mass"),
        CancelCause::NothingLeftToTrade => pen.word("nothing_left_to_trade"),
        CancelCause::NotAllFillable => pen.word("not_all_fillable"),
        CancelCause::CannotPay => pen.word("cannot_pay"),
        CancelCause::SelfTrade => pen.word("self_trade"),
        CancelCause::NothingToReduce => pen.word("nothing_to_reduce"),
        CancelCause::SessionEnded => pen.word("session_ended"),
        CancelCause::Delisted => pen.word("delisted"),
        CancelCause::KillSwitch => pen.word("kill_switch"),
        CancelCause::Group => pen.word("group"),
        CancelCause::Deadline { at } => pen.word("deadline").time(at),
        CancelCause::Disconnected => pen.word("disconnected"),
        CancelCause::NoAuction => pen.word("no_auction"),
        CancelCause::Refused { reason } => {
            pen.word("refused");
            reject::write(&reason, pen.orders.topic(), pen);
            pen
        }
        CancelCause::Algo => pen.word("algo"),
        CancelCause::Risk => pen.word("risk"),
        CancelCause::Liquidation => pen.word("liquidation"),
        CancelCause::PartEnded => pen.word("part_ended"),
        CancelCause::CorporateAction => pen.word("corporate_action"),
        CancelCause::ConditionFailed => pen.word("condition_failed"),
    };
}

fn write_adjusted(adjusted: &PositionAdjusted, pen: &mut Pen) {
    let grid = pen.grid(adjusted.instrument);
    pen.word("position_adjusted").instrument(adjusted.instrument).book(adjusted.book);
    pen.qty(adjusted.qty, grid).word("cost").money(adjusted.cost);
    for (word, amount) in [("realised", adjusted.realised), ("cash", adjusted.cash), ("base", adjusted.base)]
    {
        if amount != Money::ZERO {
            pen.word(word).money(amount);
        }
    }
}

/// What holding something brings and costs.
fn write_of_holders(event: &Event, pen: &mut Pen) -> bool {
    match event {
        Event::FundingPaid { instrument, account, amount } => {
            pen.word("funding_paid").instrument(*instrument).account(*account).money(*amount);
        }
        Event::CorporateActed { instrument, action } => {
            pen.word("corporate");
            listing::write_action(*instrument, action, pen);
        }
        Event::PositionAdjusted(adjusted) => write_adjusted(adjusted, pen),
        Event::CashPaid { account: _, book, instrument, asset, amount, cause } => {
            pen.word("cash_paid").choice(*cause).instrument(*instrument).book(*book);
            pen.money(*amount).asset(*asset);
        }
        Event::BorrowCharged(Borrow { instrument, rate }) => {
            pen.word("borrow_charged").instrument(*instrument).rate(*rate);
        }
        Event::FundingSettled(Funding { instrument, rate }) => {
            pen.word("funding_settled").instrument(*instrument).rate(*rate);
        }
        _ => return false,
    }
    true
}

fn write_of_market(event: &Event, pen: &mut Pen) -> bool {
    match event {
        Event::TimeAdvanced => {
            pen.word("time_advanced");
        }
        Event::Quoted(quote) => write_quote("quoted", quote, pen),
        Event::Printed(print) => write_print("printed", print, pen),
        Event::Marked(mark) => write_mark("marked", mark, pen),
        Event::StatisticTaken => {
            pen.word("statistic_taken");
        }
        Event::AccessNoted => {
            pen.word("access_noted");
        }
        Event::AssetDefined { asset: _, code } => {
            pen.word("asset_defined").text(code);
        }
        Event::VenueDefined { venue: _, of } => venue::write_venue("venue_defined", of, pen),
        Event::InstrumentListed { instrument: _, listing } => {
            pen.word("listed");
            write_listing(listing, pen);
        }
        Event::InstrumentStateChanged { instrument, state } => {
            pen.word("state_changed").instrument(*instrument).choice(*state);
        }
        Event::FeesChanged { instrument, fees } => {
            pen.word("fees_changed").instrument(*instrument);
            fees::write_fees(fees, pen);
        }
        Event::BreakFound { account, instrument, ours, theirs } => {
            let grid = pen.grid(*instrument);
            pen.word("break_found").account(*account).instrument(*instrument);
            pen.word("ours").qty(*ours, grid).word("theirs").qty(*theirs, grid);
        }
        Event::AuctionIndicated { instrument, price, qty, imbalance } => {
            let grid = pen.grid(*instrument);
            pen.word("auction_indicated").instrument(*instrument).qty(*qty, grid).word("@");
            pen.price(*price, grid).word("imbalance").qty(*imbalance, grid);
        }
        Event::AuctionUncrossed { instrument, price, qty } => {
            let grid = pen.grid(*instrument);
            pen.word("auction_uncrossed").instrument(*instrument).qty(*qty, grid).word("@");
            pen.price(*price, grid);
        }
        Event::VenueAsked(request) => venue::write_request("asked", request, pen),
        Event::PaperAsked(request) => venue::write_request("asked_paper", request, pen),
        Event::ReportMisfit { venue, account, order, what } => {
            pen.word("misfit").venue(*venue).account(*account).choice(*what);
            if let Some(order) = order {
                pen.order(*order);
            }
        }
        Event::VenueSaid(report) => venue::write_report("said", report, pen),
        _ => return false,
    }
    true
}

#[expect(clippy::too_many_lines, reason = "a flat table of words, one arm for each event")]
fn write_of_house(event: &Event, pen: &mut Pen) -> bool {
    match event {
        Event::UserAdded { user: _, name } => {
            pen.word("user_added").text(name);
        }
        Event::AccountOpened { account: _, user, name, mode, kind, main: _ } => {
            pen.word("account_opened").text(name).word("of").user(*user).choice(*kind).word(mode.word());
        }
        Event::BookOpened { account, book: _, name } => {
            pen.word("book_opened").account(*account).text(name);
        }
        Event::AccountArmed { account } => {
            pen.word("armed").account(*account);
        }
        Event::AccountDisarmed { account } => {
            pen.word("disarmed").account(*account);
        }
        Event::Deposited { account, asset, amount } => {
            write_moved("deposited", *account, *asset, *amount, pen)
        }
        Event::Withdrawn { account, asset, amount } => {
            write_moved("withdrawn", *account, *asset, *amount, pen)
        }
        Event::TransferRepeated { account, reference } => {
            pen.word("transfer_repeated").account(*account).text(reference);
        }
        Event::CommandRejected { reason } => {
            pen.word("refused");
            reject::write(reason, pen.orders.topic(), pen);
        }
        Event::LimitSet { limit } => {
            pen.word("limit_set");
            write_limit(limit, pen);
        }
        Event::LimitRemoved { scope, kind } => {
            pen.word("limit_removed");
            write_scope(*scope, pen).choice(*kind);
        }
        Event::TradingStateChanged { scope, state } => {
            pen.word("trading_changed");
            write_scope(*scope, pen).choice(*state);
        }
        Event::KillSwitchThrown { scope } => {
            pen.word("killed");
            write_scope(*scope, pen);
        }
        Event::KillSwitchReleased { scope } => {
            pen.word("released");
            write_scope(*scope, pen);
        }
        Event::BreakerTripped { rule, scope } => {
            pen.words("breaker_tripped", rule);
            write_scope(*scope, pen);
        }
        Event::BreakerReset { rule } => {
            pen.words("breaker_reset", rule);
        }
        Event::AlertRaised { rule, severity, scope } => {
            pen.words("alert_raised", rule).choice(*severity);
            write_scope(*scope, pen);
        }
        Event::AlertAcknowledged { rule } => {
            pen.words("alert_acknowledged", rule);
        }
        Event::MarginCalled { account, needed } => {
            pen.word("margin_called").account(*account).word("needed").money(*needed);
        }
        Event::Configured(setting) => admin::write_setting("configured", *setting, pen),
        Event::Liquidated { account, order } => {
            pen.word("liquidated").account(*account).order(*order);
        }
        _ => return false,
    }
    true
}

fn write_moved(word: &str, account: AccountId, asset: AssetId, amount: Money, pen: &mut Pen) {
    pen.word(word).account(account).money(amount).asset(asset);
}
