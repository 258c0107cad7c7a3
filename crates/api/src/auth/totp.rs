//! One-time codes of a second factor (RFC 6238): six digits, thirty seconds, one step of patience either way. A
//! code is good once: the step of the last one is kept, and no earlier or equal step counts again.

use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

const STEP_S: i64 = 30;
pub(super) const SECRET: usize = 20;

fn code_at(secret: &[u8], step: i64) -> u32 {
    let mac = Hmac::<Sha1>::new_from_slice(secret).expect("invariant: HMAC takes keys of any length");
    let hash = mac.chain_update(step.to_be_bytes()).finalize().into_bytes();
    let at = usize::from(hash.last().copied().unwrap_or(0) & 15);
    let four: [u8; 4] = hash.get(at..at + 4).and_then(|four| four.try_into().ok()).unwrap_or_default();
    (u32::from_be_bytes(four) & 0x7fff_ffff) % 1_000_000
}

/// The step that the code belongs to, if it is a good one later than the last.
pub(super) fn check(secret: &[u8], code: &str, now_s: i64, last_step: i64) -> Option<i64> {
    if code.len() != 6 || !code.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let code: u32 = code.parse().ok()?;
    let now = now_s.div_euclid(STEP_S);
    // All three are computed, whichever fits.
    let fits = [now - 1, now, now + 1].map(|step| (step, code_at(secret, step) == code));
    fits.into_iter().filter(|(step, fits)| *fits && *step > last_step).map(|(step, _)| step).next()
}

/// What an authenticator reads as a picture.
pub(super) fn address(user: &str, secret: &[u8]) -> (String, String) {
    let text = BASE32_NOPAD.encode(secret);
    let address = format!("otpauth://totp/Staysail:{user}?secret={text}&issuer=Staysail");
    (text, address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_are_those_of_the_standard() {
        // RFC 6238, appendix B, SHA-1, the last six digits.
        let secret = b"12345678901234567890";
        for (time, code) in [
            (59, 287_082),
            (1_111_111_109, 81_804),
            (1_111_111_111, 50_471),
            (1_234_567_890, 5_924),
            (2_000_000_000, 279_037),
            (20_000_000_000, 353_130),
        ] {
            assert_eq!(code_at(secret, time / 30), code, "{time}");
        }
    }

    #[test]
    fn a_code_is_good_once_and_for_a_short_time() {
        let secret = b"12345678901234567890";
        assert_eq!(check(secret, "287082", 59, 0), Some(1));
        assert_eq!(check(secret, "287082", 89, 0), Some(1));
        assert_eq!(check(secret, "287082", 90, 0), None);
        assert_eq!(check(secret, "287082", 59, 1), None);
        for bad in ["", "28708", "2870821", "28708x", "+87082"] {
            assert_eq!(check(secret, bad, 59, 0), None, "{bad}");
        }
    }
}
