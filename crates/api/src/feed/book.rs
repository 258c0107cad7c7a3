//! Books and tickers as listeners have them. A listener begins with a snapshot; then come the levels that changed,
//! each message with the number of the one before it and a checksum of the best ten levels of both sides.

use super::{Channel, Message, Outbox};
use crate::market::Ticker;
use model::InstrumentId;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// Levels of each side that are kept for listeners.
pub(super) const DEPTH: usize = 100;
/// Levels of each side in a checksum.
const CHECKED: usize = 10;

/// Price and quantity as text, the best first.
pub(super) type Levels = Vec<[String; 2]>;

#[derive(Default)]
pub(super) struct Books {
    books: HashMap<InstrumentId, Told>,
    tickers: HashMap<InstrumentId, Heard>,
}

#[derive(Default)]
struct Told {
    listeners: Vec<Arc<Outbox>>,
    /// They have nothing yet.
    fresh: Vec<Arc<Outbox>>,
    seq: u64,
    bids: Levels,
    asks: Levels,
}

#[derive(Default)]
struct Heard {
    listeners: Vec<Arc<Outbox>>,
    fresh: Vec<Arc<Outbox>>,
    last: Option<Ticker>,
}

impl Books {
    pub(super) fn join(&mut self, channel: Channel, outbox: Arc<Outbox>) {
        match channel {
            Channel::Book(instrument) => self.books.entry(instrument).or_default().fresh.push(outbox),
            Channel::Ticker(instrument) => self.tickers.entry(instrument).or_default().fresh.push(outbox),
            _ => {}
        }
    }

    pub(super) fn leave(&mut self, channel: Channel, outbox: &Arc<Outbox>) {
        let other = |one: &Arc<Outbox>| !Arc::ptr_eq(one, outbox);
        match channel {
            Channel::Book(instrument) => {
                if let Some(told) = self.books.get_mut(&instrument) {
                    told.listeners.retain(other);
                    told.fresh.retain(other);
                }
            }
            Channel::Ticker(instrument) => {
                if let Some(heard) = self.tickers.get_mut(&instrument) {
                    heard.listeners.retain(other);
                    heard.fresh.retain(other);
                }
            }
            _ => {}
        }
    }

    pub(super) fn wants(&self, instrument: InstrumentId) -> bool {
        self.books.contains_key(&instrument) || self.tickers.contains_key(&instrument)
    }

    /// All that somebody listens to.
    pub(super) fn wanted(&self) -> BTreeSet<InstrumentId> {
        self.books.keys().chain(self.tickers.keys()).copied().collect()
    }

    /// Tells what changed, and forgets what nobody listens to any more.
    pub(super) fn tell(
        &mut self,
        instrument: InstrumentId,
        seq: u64,
        (bids, asks): (Levels, Levels),
        ticker: Ticker,
    ) {
        if let Some(told) = self.books.get_mut(&instrument) {
            told.tell(ticker.symbol(), seq, bids, asks);
            if told.listeners.is_empty() {
                self.books.remove(&instrument);
            }
        }
        if let Some(heard) = self.tickers.get_mut(&instrument) {
            heard.tell(seq, ticker);
            if heard.listeners.is_empty() {
                self.tickers.remove(&instrument);
            }
        }
    }
}

impl Told {
    fn tell(&mut self, symbol: &str, seq: u64, bids: Levels, asks: Levels) {
        let (bid_changes, ask_changes) = (changes(&self.bids, &bids), changes(&self.asks, &asks));
        if !(bid_changes.is_empty() && ask_changes.is_empty()) {
            let message = json!({
                "channel": "orderbook", "symbol": symbol, "type": "delta", "seq": seq, "prev_seq": self.seq,
                "bids": bid_changes, "asks": ask_changes, "checksum": checksum(&bids, &asks),
            });
            let message = Message::from(message.to_string());
            self.listeners.retain(|outbox| outbox.push(message.clone()));
            (self.seq, self.bids, self.asks) = (seq, bids, asks);
        } else if self.seq == 0 {
            self.seq = seq;
        }
        self.listeners.retain(|outbox| !outbox.is_closed());
        if !self.fresh.is_empty() {
            let message = json!({
                "channel": "orderbook", "symbol": symbol, "type": "snapshot", "seq": self.seq,
                "bids": self.bids, "asks": self.asks, "checksum": checksum(&self.bids, &self.asks),
            });
            let message = Message::from(message.to_string());
            self.listeners.extend(self.fresh.drain(..).filter(|outbox| outbox.push(message.clone())));
        }
    }
}

impl Heard {
    fn tell(&mut self, seq: u64, ticker: Ticker) {
        let changed = self.last.as_ref() != Some(&ticker);
        self.listeners.retain(|outbox| !outbox.is_closed());
        if changed || !self.fresh.is_empty() {
            let mut message = serde_json::to_value(&ticker).unwrap_or(Value::Null);
            message["channel"] = json!("ticker");
            message["type"] = json!("ticker");
            message["seq"] = json!(seq);
            let message = Message::from(message.to_string());
            if changed {
                self.listeners.retain(|outbox| outbox.push(message.clone()));
            }
            self.listeners.extend(self.fresh.drain(..).filter(|outbox| outbox.push(message.clone())));
            self.last = Some(ticker);
        }
    }
}

/// Levels that are new or have another quantity; those that are gone have quantity 0.
fn changes(before: &Levels, now: &Levels) -> Levels {
    let old: BTreeMap<&str, &str> =
        before.iter().map(|[price, qty]| (price.as_str(), qty.as_str())).collect();
    let new: BTreeMap<&str, &str> = now.iter().map(|[price, qty]| (price.as_str(), qty.as_str())).collect();
    let changed = now.iter().filter(|[price, qty]| old.get(price.as_str()) != Some(&qty.as_str())).cloned();
    let gone = before.iter().filter(|[price, _]| !new.contains_key(price.as_str()));
    changed.chain(gone.map(|[price, _]| [price.clone(), "0".to_owned()])).collect()
}

/// CRC-32 of `price:quantity` of the best levels, bid and ask by turns, with colons between them.
pub(super) fn checksum(bids: &Levels, asks: &Levels) -> u32 {
    let mut parts: Vec<&str> = Vec::with_capacity(CHECKED * 4);
    for at in 0..CHECKED {
        for [price, qty] in bids.get(at).into_iter().chain(asks.get(at)) {
            parts.extend([price.as_str(), qty.as_str()]);
        }
    }
    crc32fast::hash(parts.join(":").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels(text: &[(&str, &str)]) -> Levels {
        text.iter().map(|(price, qty)| [(*price).to_owned(), (*qty).to_owned()]).collect()
    }

    #[test]
    fn changes_applied_to_what_was_give_what_is() {
        let (before, now) =
            (levels(&[("10", "1"), ("9", "2"), ("8", "3")]), levels(&[("11", "4"), ("9", "1"), ("8", "3")]));
        assert_eq!(changes(&before, &now), levels(&[("11", "4"), ("9", "1"), ("10", "0")]));
        assert_eq!(changes(&now, &now), Levels::new());
    }

    #[test]
    fn a_checksum_is_of_the_best_levels_by_turns() {
        let (bids, asks) = (levels(&[("10", "1"), ("9", "2")]), levels(&[("11", "3")]));
        assert_eq!(checksum(&bids, &asks), crc32fast::hash(b"10:1:11:3:9:2"));
    }
}
