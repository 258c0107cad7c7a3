//! Bytes written by version 1, kept for ever: each line of `golden/v1.txt` is read back as the value it was made
//! of, and that value is still written as the same bytes. Lines are only ever added; `UPDATE=1` adds what is
//! missing and touches nothing else.

use crate::record::encode;
use crate::samples::{NOON, commands, events};
use crate::shape::variants_of;
use model::{Command, Event, Reject, Stamped, decode};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};

fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/v1.txt")
}

/// A record that holds the sample, by the sample's name.
fn samples() -> BTreeMap<String, (Command, Vec<Event>)> {
    let commands =
        commands().into_iter().map(|(name, command)| (format!("command.{name}"), (command, Vec::new())));
    let events = events()
        .into_iter()
        .map(|(name, event)| (format!("event.{name}"), (Command::AdvanceTime, vec![event])));
    commands.chain(events).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        write!(out, "{byte:02x}").unwrap();
        out
    })
}

fn unhex(text: &str) -> Vec<u8> {
    let pairs = text.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
    pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
}

fn line(name: &str, command: &Command, events: &[Event]) -> String {
    format!("{name} {}\n", hex(&encode(NOON, command, events)))
}

#[test]
fn every_golden_record_reads_and_writes_as_ever() {
    let samples = samples();
    let text = std::fs::read_to_string(file()).unwrap_or_default();
    let mut known = BTreeSet::new();
    for golden in text.lines() {
        let (name, bytes) = golden.split_once(' ').unwrap();
        let bytes = unhex(bytes);
        let (command, events) = samples.get(name).unwrap_or_else(|| panic!("no sample is named {name}"));
        let record =
            decode(5, &bytes).unwrap_or_else(|error| panic!("{name} cannot be read any more: {error}"));
        let stamped = Stamped { seq: 5, time: NOON, command: command.clone() };
        assert_eq!(record.stamped, stamped, "{name}");
        assert_eq!(&record.events, events, "{name}");
        assert_eq!(hex(&encode(NOON, command, events)), hex(&bytes), "{name} is written otherwise");
        known.insert(name);
    }
    let missing: String = samples
        .iter()
        .filter(|(name, _)| !known.contains(name.as_str()))
        .map(|(name, (command, events))| line(name, command, events))
        .collect();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(file(), text + &missing).unwrap();
    } else {
        assert!(missing.is_empty(), "add to tests/golden/v1.txt (or run with UPDATE=1):\n{missing}");
    }
}

/// Whatever the words can say has its golden record.
#[test]
fn every_variant_has_a_sample() {
    let named = |prefix: &str| -> BTreeSet<String> {
        let names: Vec<String> = samples().into_keys().collect();
        let after = names.iter().filter_map(|name| name.strip_prefix(prefix));
        after.map(|name| name.split('.').next().unwrap_or_default().to_owned()).collect()
    };
    let check = |variants: Vec<String>, prefix: &str| {
        assert_eq!(variants.into_iter().collect::<BTreeSet<_>>(), named(prefix), "{prefix}");
    };
    check(variants_of::<Command>(), "command.");
    check(variants_of::<Event>(), "event.");
    check(variants_of::<Reject>(), "event.CommandRejected.");
}

/// A closed set may grow at its end and nowhere else: an old number keeps its meaning.
#[test]
fn closed_sets_only_grow_at_the_end() {
    let check = |now: Vec<String>, then: &str| {
        let then: Vec<&str> = then.split(' ').collect();
        assert!(
            now.len() >= then.len() && now.iter().zip(&then).all(|(a, b)| a == b),
            "{now:?} was {then:?}"
        );
    };
    check(variants_of::<model::Side>(), "Buy Sell");
    check(variants_of::<model::TriggerSource>(), "Last BidAsk Mid Mark DoubleLast");
    check(variants_of::<model::PegTo>(), "OwnSide Mid Opposite");
    check(variants_of::<model::SelfTrade>(), "CancelNewest CancelOldest CancelBoth Decrement");
    check(variants_of::<model::Priority>(), "Normal High Critical StopLoss");
    check(
        variants_of::<model::OrderStatus>(),
        "Accepted Held Open PartiallyFilled Filled Cancelled Expired Rejected PendingNew PendingCancel \
         PendingReplace Unknown",
    );
    check(variants_of::<model::InstrumentClass>(), "Spot Equity Etf Fx Future Perpetual Option Index");
    check(variants_of::<model::InstrumentState>(), "PreOpen Auction Trading Halted Closed Expired");
    check(variants_of::<model::FeeBasis>(), "Value PerShare PerContract Tiered");
    check(variants_of::<model::AccountKind>(), "Cash Margin Futures");
    check(variants_of::<model::Policy>(), "Alert ReduceOnly CancelOpen Flatten Halt");
    check(variants_of::<model::Severity>(), "Info Warning Critical");
    check(
        variants_of::<model::LimitKind>(),
        "OrderSize OrderNotional PriceCollar PositionNet PositionGross Leverage InstrumentConcentration \
         SectorConcentration ClassConcentration Allocation SymbolExposure CorrelatedExposure VolatilityScaledSize \
         VolumeShare DepthShare ValueAtRisk ExpectedShortfall Positions OpenOrders OrdersPerMinute TradesPerDay \
         DailyLoss WeeklyLoss Drawdown MinConfidence Restricted MarketHours",
    );
    check(
        variants_of::<model::Feature>(),
        "OrderType TimeInForce MinQty Condition Queue Route Group Algo Limit Breaker TradingState Statistic Funding \
         CorporateAction FeeSchedule InstrumentClass InstrumentState LiveTrading PositionMode Heartbeat Venue Change",
    );
    check(
        variants_of::<model::Combination>(),
        "PostOnlyImmediate PostOnlyMarket MarketWaits HiddenImmediate ReduceOnlyCash",
    );
    check(variants_of::<model::ListingFault>(), "Step Assets TickValue Quantities Band Fees Margin Terms");
    check(
        variants_of::<model::Bound>(),
        "Orders ClientIds Positions Balances Accounts Books Instruments Assets Users Levels",
    );
}
