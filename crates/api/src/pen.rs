//! Writes JSON by hand where an answer is written a hundred thousand times a second: words that need no escape, and
//! whole numbers. Everything else is serde's.

use std::io::Write;

/// Text that is JSON already, or has nothing in it that JSON would escape.
pub(crate) fn put(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(text.as_bytes());
}

pub(crate) fn put_number(out: &mut Vec<u8>, number: u64) {
    let mut digits = [0_u8; 20];
    let (mut left, mut at) = (number, digits.len());
    while at > 0 {
        at = at.saturating_sub(1);
        if let Some(place) = digits.get_mut(at) {
            *place = b'0' + u8::try_from(left % 10).unwrap_or(0);
        }
        left /= 10;
        if left == 0 {
            break;
        }
    }
    out.extend_from_slice(digits.get(at..).unwrap_or_default());
}

/// Any text, between quotation marks.
pub(crate) fn put_text(out: &mut Vec<u8>, text: &str) {
    let is_plain = |byte: u8| byte >= 0x20 && byte != b'"' && byte != b'\\';
    if text.bytes().all(is_plain) {
        out.push(b'"');
        put(out, text);
        out.push(b'"');
    } else {
        put(out, &serde_json::Value::from(text).to_string());
    }
}

/// What knows how to show itself and needs no escape.
pub(crate) fn put_shown(out: &mut Vec<u8>, shown: &dyn std::fmt::Display) {
    // Writing into memory does not fail.
    write!(out, "{shown}").unwrap_or_default();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_json() {
        for number in [0, 7, 10, 99, 1_000_000, u64::MAX] {
            let mut out = Vec::new();
            put_number(&mut out, number);
            assert_eq!(out, number.to_string().into_bytes());
        }
        for text in ["", "plain", "ü", "a\"b", "back\\slash", "line\nfeed", "\u{1}"] {
            let mut out = Vec::new();
            put_text(&mut out, text);
            assert_eq!(serde_json::from_slice::<String>(&out).ok().as_deref(), Some(text));
        }
        let mut out = Vec::new();
        put_shown(&mut out, &model::Time(0));
        assert_eq!(out, b"1970-01-01T00:00:00Z");
    }
}
