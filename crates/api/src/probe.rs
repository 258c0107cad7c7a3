//! What fuzzers push at: the body of an order and the bytes of a socket, each read by two ways that have to agree.
//! Nothing of the front desk uses this.

use crate::order::body::OrderBody;
use crate::order::plain::PlainOrder;
use crate::socket::frame::{Broken, Frames, Heard};
use crate::socket::is_message;
use engine::Engine;
use model::line::{Line, OrderNames, parse};
use model::{AccountId, Directory, InstrumentId, NewOrder, Stamped, Time};

const ACCOUNT: AccountId = AccountId(0);
const SOCKET_BYTES_MAX: usize = 4096;

/// A house with one market.
pub(crate) fn house() -> (Directory, Engine) {
    const LINES: [&str; 5] = [
        "asset USDT",
        "asset BTC",
        "list BTC-USDT spot BTC/USDT tick 0.01 lot 0.0001",
        "user alice",
        "account alice of alice cash USDT",
    ];
    let (mut names, mut engine) = (Directory::default(), Engine::default());
    for (seq, line) in (1..).zip(LINES) {
        let Ok(Some(Line::Command(command))) = parse(line, &names, &OrderNames::default()) else { continue };
        let mut events = Vec::new();
        engine.apply(&Stamped { seq, time: Time(0), command }, &mut events);
        events.iter().for_each(|event| names.learn(event));
    }
    (names, engine)
}

/// Reads a body by either way.
///
/// # Panics
/// Where the two do not come to the same order: that is the finding.
pub fn order(bytes: &[u8]) {
    let (names, _) = house();
    let whole = serde_json::from_slice::<OrderBody>(bytes).ok();
    let full = whole.as_ref().and_then(|body| body.read(ACCOUNT, &names).ok());
    if let Some(body) = &whole {
        drop(body.read_algo(ACCOUNT, &names));
    }
    let plain: Option<NewOrder> = serde_json::from_slice::<PlainOrder<'_>>(bytes).ok().and_then(|body| {
        let instrument: InstrumentId = names.instrument_named(body.symbol)?;
        body.read(ACCOUNT, (instrument, names.grid(instrument)?))
    });
    if plain.is_some() {
        assert_eq!(plain, full, "the two ways to read an order differ");
    }
}

/// What was heard, and how it ended.
fn heard(parts: &[&[u8]]) -> (Vec<String>, Option<Broken>) {
    let (mut frames, mut all) = (Frames::new(SOCKET_BYTES_MAX), Vec::new());
    for part in parts {
        frames.put(part);
        loop {
            match frames.take() {
                Ok(Some(heard)) => {
                    if let Heard::Text(text) = &heard {
                        all.push(format!("{}", is_message(text)));
                    }
                    all.push(format!("{heard:?}"));
                }
                Ok(None) => break,
                Err(broken) => return (all, Some(broken)),
            }
        }
    }
    (all, None)
}

/// Reads the bytes of a socket whole and in two parts.
///
/// # Panics
/// Where it is heard otherwise: that is the finding.
pub fn frames(bytes: &[u8]) {
    let cut = bytes.first().map_or(0, |first| usize::from(*first).min(bytes.len()));
    let (first, rest) = bytes.split_at(cut);
    assert_eq!(heard(&[bytes]), heard(&[first, rest]), "a cut changed what was heard");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_probes_hold_on_what_is_ordinary() {
        let (names, _) = house();
        assert!(names.instrument_named("BTC-USDT").is_some() && names.account_named("alice").is_some());
        order(br#"{"symbol":"BTC-USDT","side":"buy","order_type":"limit","quantity":"0.5","price":"64000"}"#);
        order(b"{\"symbol\":");
        frames(&[5, 0x85, 0x81, 0x82, 0, 0, 0, 0, b'{', b'}']);
        frames(b"");
    }
}
