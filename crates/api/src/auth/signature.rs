//! Signed requests: the key's secret never travels. What is signed is the moment, the method, the address with
//! its query, and the body; a signature is good for a few seconds and once.

use crate::problem::Problem;
use axum::http::request::Parts;
use data_encoding::HEXLOWER_PERMISSIVE;
use hmac::{Hmac, KeyInit, Mac};
use model::Time;
use sha2::Sha256;
use std::collections::{HashSet, VecDeque};
use std::sync::{Mutex, PoisonError};

/// Clocks may differ by so much.
const SKEW_MS: i64 = 5_000;
/// Signatures that are remembered; more at once are refused rather than forgotten.
const SEEN_MAX: usize = 1 << 18;

const TIMESTAMP: &str = "x-trading-timestamp";
const SIGNATURE: &str = "x-trading-signature";

#[derive(Default)]
pub(super) struct Signatures(Mutex<Seen>);

#[derive(Default)]
struct Seen {
    all: HashSet<[u8; 32]>,
    order: VecDeque<(i64, [u8; 32])>,
}

impl Signatures {
    pub(super) fn check(&self, secret: &[u8], parts: &Parts, body: &[u8], now: Time) -> Result<(), Problem> {
        let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
        let missing = |what| Problem::unauthenticated("signature_missing", what);
        let stamp = header(TIMESTAMP).ok_or_else(|| missing("send X-TRADING-TIMESTAMP, in milliseconds"))?;
        let given = header(SIGNATURE).ok_or_else(|| missing("send X-TRADING-SIGNATURE, in hexadecimal"))?;
        let bad = || {
            Problem::unauthenticated("bad_signature", "sign moment, method, address and body as documented")
        };
        let moment: i64 = stamp.parse().or(Err(bad()))?;
        let now_ms = now.0.div_euclid(1_000_000);
        if now_ms.saturating_sub(moment).saturating_abs() > SKEW_MS {
            let detail = "the moment is more than 5 s away from the server's clock; set yours, or sign anew";
            return Err(Problem::unauthenticated("clock_skew", detail));
        }
        let given = HEXLOWER_PERMISSIVE.decode(given.as_bytes()).or(Err(bad()))?;
        let address = parts.uri.path_and_query().map_or("/", |address| address.as_str());
        let mac = Hmac::<Sha256>::new_from_slice(secret).map_err(|_no_key| bad())?;
        let mac = mac.chain_update(format!("{stamp}\n{}\n{address}\n", parts.method)).chain_update(body);
        mac.verify_slice(&given).or(Err(bad()))?;
        let given: [u8; 32] = given.try_into().map_err(|_not_32| bad())?;
        self.spend(given, moment, now_ms)
    }

    fn spend(&self, signature: [u8; 32], moment: i64, now_ms: i64) -> Result<(), Problem> {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Kept in the order in which they came; each is of no use this long after it did.
        while let Some((came, old)) = seen.order.front().copied()
            && came < now_ms.saturating_sub(SKEW_MS.saturating_mul(2))
        {
            seen.order.pop_front();
            seen.all.remove(&old);
        }
        if seen.all.contains(&signature) {
            let detail = "this request came before; sign each anew, with a moment of its own";
            return Err(Problem::unauthenticated("replayed", detail));
        }
        if seen.order.len() >= SEEN_MAX {
            return Err(Problem::unavailable(
                "busy",
                "too many signed requests at once; try again in a moment",
            ));
        }
        seen.all.insert(signature);
        seen.order.push_back((now_ms.max(moment), signature));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;
    use axum::http::Request;
    use data_encoding::HEXLOWER;

    fn parts(secret: &[u8], stamp: i64, address: &str, body: &[u8]) -> Parts {
        let mac = Hmac::<Sha256>::new_from_slice(secret).expect("any length");
        let mac = mac.chain_update(format!("{stamp}\nPOST\n{address}\n")).chain_update(body);
        let signature = HEXLOWER.encode(&mac.finalize().into_bytes());
        let request = Request::post(address).header(TIMESTAMP, stamp).header(SIGNATURE, signature);
        request.body(()).expect("a request").into_parts().0
    }

    #[test]
    fn a_signature_is_good_for_its_request_its_time_and_once() {
        let (signatures, now) = (Signatures::default(), Time(1_000_000_000_000));
        let check = |parts: &Parts, body: &[u8], ms: i64| {
            let now = clock::after(now, std::time::Duration::from_millis(ms.unsigned_abs()));
            signatures.check(b"secret", parts, body, now).map_err(|problem| problem.code().to_owned())
        };
        let one = parts(b"secret", 1_000_000, "/a?b=1", b"body");
        assert_eq!(check(&one, b"other", 0), Err("bad_signature".to_owned()));
        assert_eq!(check(&one, b"body", 0), Ok(()));
        assert_eq!(check(&one, b"body", 0), Err("replayed".to_owned()));
        assert_eq!(check(&one, b"body", 5_001), Err("clock_skew".to_owned()));
        let late = parts(b"secret", 994_999, "/a?b=1", b"body");
        assert_eq!(check(&late, b"body", 0), Err("clock_skew".to_owned()));
        let wrong = parts(b"guess", 1_000_000, "/a?b=1", b"body");
        assert_eq!(check(&wrong, b"body", 0), Err("bad_signature".to_owned()));
    }
}
