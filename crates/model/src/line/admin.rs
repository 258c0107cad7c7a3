//! Users, accounts, books and money in words: `account alice of ann cash USDT`, `deposit alice 5 USDT ref d1`.

use super::LineError;
use super::guard;
use super::pen::Pen;
use super::reader::{Reader, one_of};
use super::risk::{read_because, write_because};
use crate::{
    Access, AccountKind, Command, MarginMode, Mode, NewAccount, PositionMode, Setting, Transfer, UserId,
};

type Read<T> = Result<T, LineError>;

pub(super) fn read(verb: &str, reader: &mut Reader) -> Read<Option<Command>> {
    Ok(Some(match verb {
        "user" => Command::AddUser { name: reader.text("a name")? },
        "account" => Command::OpenAccount(Box::new(read_account(reader)?)),
        "book" => Command::OpenBook { account: reader.account()?, name: reader.text("a name")? },
        "position_mode" => {
            let account = reader.account()?;
            Command::SetPositionMode { account, mode: reader.choice("a position mode")? }
        }
        "arm" => Command::ArmAccount { account: reader.account()?, because: read_because(reader)? },
        "disarm" => Command::DisarmAccount { account: reader.account()?, because: read_because(reader)? },
        "margin" => Command::AdjustMargin {
            account: reader.account()?,
            instrument: reader.instrument()?,
            amount: reader.money("an amount, below zero to take back")?,
        },
        "deposit" => Command::Deposit(read_transfer(reader)?),
        "withdraw" => Command::Withdraw(read_transfer(reader)?),
        "heartbeat" => Command::Heartbeat { book: reader.book()? },
        "set" => Command::Configure(read_setting(reader)?),
        "access" => Command::NoteAccess(Box::new(read_access(reader)?)),
        _ => return Ok(None),
    }))
}

pub(super) fn write(command: &Command, pen: &mut Pen) -> bool {
    match command {
        Command::AddUser { name } => {
            pen.word("user").text(name);
        }
        Command::OpenAccount(account) => write_account(account, pen),
        Command::OpenBook { account, name } => {
            pen.word("book").account(*account).text(name);
        }
        Command::SetPositionMode { account, mode } => {
            pen.word("position_mode").account(*account).choice(*mode);
        }
        Command::ArmAccount { account, because } => {
            pen.word("arm").account(*account);
            write_because(because, pen);
        }
        Command::DisarmAccount { account, because } => {
            pen.word("disarm").account(*account);
            write_because(because, pen);
        }
        Command::AdjustMargin { account, instrument, amount } => {
            pen.word("margin").account(*account).instrument(*instrument).money(*amount);
        }
        Command::Deposit(transfer) => write_transfer("deposit", transfer, pen),
        Command::Withdraw(transfer) => write_transfer("withdraw", transfer, pen),
        Command::Heartbeat { book } => {
            pen.word("heartbeat").book(*book);
        }
        Command::Configure(setting) => write_setting("set", *setting, pen),
        Command::NoteAccess(access) => write_access(access, pen),
        _ => return false,
    }
    true
}

/// `alice of ann cash USDT [live] [hedging] [isolated] [broker 3]`
fn read_account(reader: &mut Reader) -> Read<NewAccount> {
    let name = reader.text("a name")?;
    reader.expect("of")?;
    let user = reader.user()?;
    let kind: AccountKind = reader.choice("a kind of account")?;
    let currency = reader.asset()?;
    let (mut mode, mut position_mode, mut margin_mode, mut broker) = (None, None, None, None);
    while let Some(word) = reader.option() {
        match word {
            "live" => reader.once(&mut mode, Mode::Live)?,
            "hedging" => reader.once(&mut position_mode, PositionMode::Hedging)?,
            "isolated" => reader.once(&mut margin_mode, MarginMode::Isolated)?,
            "broker" => {
                let venue = reader.venue()?;
                reader.once(&mut broker, venue)?;
            }
            _ => return Err(reader.unexpected(one_of("live, hedging, isolated, broker"))),
        }
    }
    let (mode, position_mode) = (mode.unwrap_or_default(), position_mode.unwrap_or_default());
    let margin_mode = margin_mode.unwrap_or_default();
    Ok(NewAccount { user, name, mode, kind, currency, position_mode, margin_mode, broker })
}

fn write_account(account: &NewAccount, pen: &mut Pen) {
    let NewAccount { user, name, mode, kind, currency, position_mode, margin_mode, broker } = account;
    pen.word("account").text(name).word("of").user(*user).choice(*kind).asset(*currency);
    if *mode == Mode::Live {
        pen.choice(*mode);
    }
    if *position_mode == PositionMode::Hedging {
        pen.choice(*position_mode);
    }
    if *margin_mode == MarginMode::Isolated {
        pen.choice(*margin_mode);
    }
    if let Some(venue) = broker {
        pen.word("broker").venue(*venue);
    }
}

/// `login done by ann [user 3] on session:5 from 127.0.0.1 as r-1`
fn read_access(reader: &mut Reader) -> Read<Access> {
    let (action, outcome) = (reader.text("what was asked for")?, reader.text("what came of it")?);
    reader.expect("by")?;
    let actor = reader.text("a name")?;
    let user = if reader.take("user") { Some(UserId(reader.number("a user's number")?)) } else { None };
    reader.expect("on")?;
    let target = reader.text("what it was about")?;
    reader.expect("from")?;
    let address = reader.text("an address")?;
    reader.expect("as")?;
    Ok(Access { user, actor, action, target, outcome, address, request: reader.text("a request's name")? })
}

fn write_access(access: &Access, pen: &mut Pen) {
    let Access { user, actor, action, target, outcome, address, request } = access;
    pen.word("access").text(action).text(outcome).word("by").text(actor);
    if let Some(user) = user {
        pen.words("user", user);
    }
    pen.word("on").text(target).word("from").text(address).word("as").text(request);
}

fn read_transfer(reader: &mut Reader) -> Read<Transfer> {
    let account = reader.account()?;
    let amount = reader.money("an amount")?;
    let asset = reader.asset()?;
    let reference = if reader.take("ref") { Some(reader.text("a reference")?) } else { None };
    Ok(Transfer { account, asset, amount, reference })
}

fn write_transfer(verb: &str, transfer: &Transfer, pen: &mut Pen) {
    pen.word(verb).account(transfer.account).money(transfer.amount).asset(transfer.asset);
    if let Some(reference) = &transfer.reference {
        pen.word("ref").text(reference);
    }
}

fn read_setting(reader: &mut Reader) -> Read<Setting> {
    let expected = "client_id_retention_ns, client_ids_max, age_max_ns, day_start_s or silence_ns";
    Ok(match reader.word(expected)? {
        "client_id_retention_ns" => Setting::ClientIdRetention { ns: reader.number("nanoseconds")? },
        "client_ids_max" => Setting::ClientIdsMax { count: reader.number("a count")? },
        "age_max_ns" => {
            let input = reader.choice("a kind of input")?;
            Setting::AgeMax { input, ns: reader.number("nanoseconds")? }
        }
        "day_start_s" => {
            let seconds = reader.number("seconds after midnight UTC")?;
            let account = if reader.take("account") { Some(reader.account()?) } else { None };
            Setting::DayStart { account, seconds }
        }
        "silence_ns" => guard::read_silence(reader)?,
        _ => return Err(reader.unexpected(expected)),
    })
}

pub(super) fn write_setting(verb: &str, setting: Setting, pen: &mut Pen) {
    match setting {
        Setting::ClientIdRetention { ns } => pen.word(verb).words("client_id_retention_ns", ns),
        Setting::ClientIdsMax { count } => pen.word(verb).words("client_ids_max", count),
        Setting::AgeMax { input, ns } => pen.word(verb).word("age_max_ns").choice(input).word(ns),
        Setting::DayStart { account, seconds } => {
            pen.word(verb).words("day_start_s", seconds);
            if let Some(account) = account {
                pen.word("account").account(account);
            }
            pen
        }
        Setting::Silence { book, ns, policy } => {
            pen.word(verb).word("silence_ns").book(book).word(ns);
            guard::write_policy(policy, pen);
            pen
        }
    };
}
