//! Frames of a WebSocket (RFC 6455) as bytes: what a client sends is read where it stands, what we send is put in
//! front of its text. Every length is held against the bound before a byte of it is waited for. Absent: sockets,
//! extensions, and any meaning of a message.

use std::ops::Range;

/// What a client said.
#[derive(Debug, PartialEq, Eq)]
pub enum Heard<'a> {
    Text(&'a str),
    Binary,
    Ping(&'a [u8]),
    Pong,
    Close,
}

/// Why a socket cannot go on: the code that it is closed with, and the words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broken {
    pub code: u16,
    pub why: &'static str,
}

const BAD_FRAME: Broken = Broken { code: 1002, why: "protocol: a frame is not as RFC 6455 has them" };
const NOT_MASKED: Broken = Broken { code: 1002, why: "protocol: frames of a client have to be masked" };
const OUT_OF_ORDER: Broken = Broken { code: 1002, why: "protocol: parts of messages are out of order" };
const NOT_TEXT: Broken = Broken { code: 1007, why: "not_text: a text message is not UTF-8" };
const TOO_LARGE: Broken = Broken { code: 1009, why: "too_large: a message is larger than is allowed" };

/// A control frame's payload (section 5.5).
const CONTROL_MAX: usize = 125;
/// Room that a quiet socket has, and that one which sends much comes to.
const ROOM_MIN: usize = 1 << 10;
const ROOM_MAX: usize = 64 << 10;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Continuation,
    Text,
    Binary,
    Close,
    Ping,
    Pong,
}

#[derive(Clone, Copy, Debug)]
struct Head {
    last: bool,
    kind: Kind,
    mask: [u8; 4],
    /// Of the head itself, and of what it is in front of.
    size: usize,
    payload: usize,
}

impl Head {
    /// The next frame's head; none while it is not whole.
    fn read(bytes: &[u8], payload_max: usize) -> Result<Option<Self>, Broken> {
        let [first, second, rest @ ..] = bytes else { return Ok(None) };
        let kind = match first & 0x0f {
            0 => Kind::Continuation,
            1 => Kind::Text,
            2 => Kind::Binary,
            8 => Kind::Close,
            9 => Kind::Ping,
            10 => Kind::Pong,
            _ => return Err(BAD_FRAME),
        };
        let last = first & 0x80 != 0;
        if first & 0x70 != 0 {
            return Err(BAD_FRAME);
        }
        if second & 0x80 == 0 {
            return Err(NOT_MASKED);
        }
        let (told, rest) = match (second & 0x7f, rest) {
            (126, [a, b, rest @ ..]) => (u64::from(u16::from_be_bytes([*a, *b])), rest),
            (127, [a, b, c, d, e, f, g, h, rest @ ..]) => {
                (u64::from_be_bytes([*a, *b, *c, *d, *e, *f, *g, *h]), rest)
            }
            (126 | 127, _) => return Ok(None),
            (short, rest) => (u64::from(short), rest),
        };
        let is_control = matches!(kind, Kind::Close | Kind::Ping | Kind::Pong);
        if is_control && (!last || told > CONTROL_MAX as u64) {
            return Err(BAD_FRAME);
        }
        let payload = usize::try_from(told).ok().filter(|payload| *payload <= payload_max);
        let payload = payload.ok_or(TOO_LARGE)?;
        let [a, b, c, d, after @ ..] = rest else { return Ok(None) };
        let size = bytes.len().saturating_sub(after.len());
        Ok(Some(Self { last, kind, mask: [*a, *b, *c, *d], size, payload }))
    }
}

/// What has come and was not taken yet.
#[derive(Debug)]
pub struct Frames {
    bytes: Vec<u8>,
    waiting: Range<usize>,
    /// What a message that comes in parts has come to, and of which kind it is.
    parts: Vec<u8>,
    open: Option<Kind>,
    message_max: usize,
}

/// Where the next thing that a client said stands.
enum Step {
    Text(Range<usize>),
    Parts,
    Binary,
    Ping(Range<usize>),
    Pong,
    Close,
    /// Part of something.
    Part,
}

impl Frames {
    #[must_use]
    pub fn new(message_max: usize) -> Self {
        Self { bytes: vec![0; ROOM_MIN], waiting: 0..0, parts: Vec::new(), open: None, message_max }
    }

    /// Bytes that came before anybody read here.
    pub fn put(&mut self, bytes: &[u8]) {
        while self.room().len() < bytes.len() {
            let more = self.bytes.len().max(bytes.len());
            self.bytes.resize(self.bytes.len().saturating_add(more), 0);
        }
        if let Some(room) = self.room().get_mut(..bytes.len()) {
            room.copy_from_slice(bytes);
        }
        self.filled(bytes.len());
    }

    /// Where more can be read to; never empty.
    pub fn room(&mut self) -> &mut [u8] {
        if self.waiting.is_empty() {
            self.waiting = 0..0;
            if self.bytes.len() > ROOM_MAX {
                self.bytes = vec![0; ROOM_MAX];
            }
        }
        if self.waiting.end == self.bytes.len() && self.waiting.start > 0 {
            self.bytes.copy_within(self.waiting.clone(), 0);
            self.waiting = 0..self.waiting.len();
        }
        if self.waiting.end == self.bytes.len() {
            // A frame that is not whole yet: it was let in, so there is room for it.
            self.bytes.resize(self.bytes.len().saturating_mul(2), 0);
        }
        self.bytes.get_mut(self.waiting.end..).unwrap_or_default()
    }

    /// So much was read.
    pub fn filled(&mut self, count: usize) {
        self.waiting.end = self.waiting.end.saturating_add(count).min(self.bytes.len());
        // One that fills its room sends much: fewer calls with more room.
        if self.waiting.end == self.bytes.len() && self.bytes.len() < ROOM_MAX {
            self.bytes.resize(self.bytes.len().saturating_mul(4).min(ROOM_MAX), 0);
        }
    }

    /// The next thing that was said; none until more has come.
    ///
    /// # Errors
    /// What is not as the protocol has it; nothing can be taken after that.
    pub fn take(&mut self) -> Result<Option<Heard<'_>>, Broken> {
        if self.open.is_none() {
            self.parts.clear();
            self.parts.shrink_to(ROOM_MAX);
        }
        let step = loop {
            match self.step()? {
                None => return Ok(None),
                Some(Step::Part) => {}
                Some(step) => break step,
            }
        };
        let at = |range: Range<usize>| self.bytes.get(range).unwrap_or_default();
        let text = |bytes| std::str::from_utf8(bytes).map(|text| Some(Heard::Text(text))).or(Err(NOT_TEXT));
        match step {
            Step::Text(range) => text(at(range)),
            Step::Parts => text(&self.parts),
            Step::Ping(range) => Ok(Some(Heard::Ping(at(range)))),
            Step::Binary => Ok(Some(Heard::Binary)),
            Step::Pong => Ok(Some(Heard::Pong)),
            Step::Close => Ok(Some(Heard::Close)),
            Step::Part => Ok(None),
        }
    }

    fn step(&mut self) -> Result<Option<Step>, Broken> {
        let come = self.bytes.get(self.waiting.clone()).unwrap_or_default();
        let most = self.message_max.saturating_sub(if self.open.is_some() { self.parts.len() } else { 0 });
        let Some(head) = Head::read(come, most.max(CONTROL_MAX))? else { return Ok(None) };
        if head.size.saturating_add(head.payload) > come.len() {
            return Ok(None);
        }
        let from = self.waiting.start.saturating_add(head.size);
        let range = from..from.saturating_add(head.payload);
        self.waiting.start = range.end;
        if let Some(payload) = self.bytes.get_mut(range.clone()) {
            unmask(payload, head.mask);
        }
        self.place(head, range, most).map(Some)
    }

    fn place(&mut self, head: Head, range: Range<usize>, most: usize) -> Result<Step, Broken> {
        match (head.kind, self.open) {
            (Kind::Ping, _) => return Ok(Step::Ping(range)),
            (Kind::Pong, _) => return Ok(Step::Pong),
            (Kind::Close, _) => return Ok(Step::Close),
            (Kind::Text, None) if head.last => return Ok(Step::Text(range)),
            (Kind::Binary, None) if head.last => return Ok(Step::Binary),
            (Kind::Text | Kind::Binary, None) => self.open = Some(head.kind),
            (Kind::Continuation, Some(_)) => {}
            (Kind::Text | Kind::Binary, Some(_)) | (Kind::Continuation, None) => return Err(OUT_OF_ORDER),
        }
        if range.len() > most {
            return Err(TOO_LARGE);
        }
        self.parts.extend_from_slice(self.bytes.get(range).unwrap_or_default());
        if !head.last {
            return Ok(Step::Part);
        }
        match self.open.take() {
            Some(Kind::Text) => Ok(Step::Parts),
            _ => Ok(Step::Binary),
        }
    }
}

/// Eight bytes at a time.
fn unmask(bytes: &mut [u8], mask: [u8; 4]) {
    let [a, b, c, d] = mask;
    let wide = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);
    let mut eights = bytes.chunks_exact_mut(8);
    for eight in &mut eights {
        if let Ok(value) = <[u8; 8]>::try_from(&*eight) {
            eight.copy_from_slice(&(u64::from_ne_bytes(value) ^ wide).to_ne_bytes());
        }
    }
    for (byte, key) in eights.into_remainder().iter_mut().zip(mask.into_iter().cycle()) {
        *byte ^= key;
    }
}

/// First bytes of frames that a server sends whole.
const TEXT: u8 = 0x81;
const CLOSE: u8 = 0x88;
const PING: u8 = 0x89;
const PONG: u8 = 0x8a;

fn put_head(out: &mut Vec<u8>, first: u8, length: usize) {
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short), _) if short < 126 => out.extend([first, short]),
        (_, Ok(middle)) => {
            out.extend([first, 126]);
            out.extend(middle.to_be_bytes());
        }
        _ => {
            out.extend([first, 127]);
            out.extend((length as u64).to_be_bytes());
        }
    }
}

/// Puts a text message at the end of what is to be sent.
pub fn put_text(out: &mut Vec<u8>, text: &str) {
    put_head(out, TEXT, text.len());
    out.extend_from_slice(text.as_bytes());
}

/// The same for a short message that is written in place: its head goes in front of it when its length is known.
pub fn put_written(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    const LONG_HEAD: usize = 4;
    let start = out.len();
    out.extend([TEXT, 0, 0, 0]);
    write(out);
    let length = out.len().saturating_sub(start.saturating_add(LONG_HEAD));
    let body = start.saturating_add(LONG_HEAD);
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short), _) if short < 126 => {
            out.copy_within(body.., start.saturating_add(2));
            out.truncate(out.len().saturating_sub(2));
            if let Some(place) = out.get_mut(start.saturating_add(1)) {
                *place = short;
            }
        }
        (_, Ok(middle)) => {
            let [high, low] = middle.to_be_bytes();
            if let Some(head) = out.get_mut(start..body) {
                head.copy_from_slice(&[TEXT, 126, high, low]);
            }
        }
        _ => {
            let text = out.split_off(body);
            out.truncate(start);
            put_head(out, TEXT, text.len());
            out.extend(text);
        }
    }
}

/// Asks whether somebody is there.
pub fn put_ping(out: &mut Vec<u8>) {
    put_head(out, PING, 0);
}

/// Answers such a question with its own words.
pub fn put_pong(out: &mut Vec<u8>, payload: &[u8]) {
    let payload = payload.get(..payload.len().min(CONTROL_MAX)).unwrap_or_default();
    put_head(out, PONG, payload.len());
    out.extend_from_slice(payload);
}

/// The last frame, with the reason.
pub fn put_close(out: &mut Vec<u8>, code: u16, why: &str) {
    let room = CONTROL_MAX.saturating_sub(2);
    let mut end = why.len().min(room);
    while !why.is_char_boundary(end) {
        end = end.saturating_sub(1);
    }
    let why = why.get(..end).unwrap_or_default();
    put_head(out, CLOSE, why.len().saturating_add(2));
    out.extend(code.to_be_bytes());
    out.extend_from_slice(why.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOST: usize = 1000;

    fn framed(first: u8, payload: &[u8], mask: [u8; 4]) -> Vec<u8> {
        let mut frame = Vec::new();
        put_head(&mut frame, first, payload.len());
        frame[1] |= 0x80;
        frame.extend(mask);
        frame.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, key)| byte ^ key));
        frame
    }

    fn all(bytes: &[u8], cut: usize) -> Result<Vec<String>, Broken> {
        let mut frames = Frames::new(MOST);
        let mut said = Vec::new();
        for part in [&bytes[..cut], &bytes[cut..]] {
            frames.put(part);
            while let Some(heard) = frames.take()? {
                said.push(format!("{heard:?}"));
            }
        }
        Ok(said)
    }

    #[test]
    fn messages_are_heard_however_they_are_cut() {
        let mask = [7, 0x80, 255, 1];
        let long = "x".repeat(700);
        let bytes = [
            framed(0x81, b"{\"op\":\"ping\"}", mask),
            framed(0x01, "gr".as_bytes(), mask),
            framed(0x89, b"there?", mask),
            framed(0x00, &"ü".as_bytes()[..1], mask),
            framed(0x80, &[&"ü".as_bytes()[1..], b"n"].concat(), [0; 4]),
            framed(0x81, long.as_bytes(), mask),
            framed(0x82, &[1, 2, 3], mask),
            framed(0x8a, b"", mask),
            framed(0x88, &[3, 232], mask),
        ]
        .concat();
        let ping = format!("Ping({:?})", b"there?");
        let expected = [
            "Text(\"{\\\"op\\\":\\\"ping\\\"}\")",
            &ping,
            "Text(\"grün\")",
            &format!("Text({long:?})"),
            "Binary",
            "Pong",
            "Close",
        ];
        for cut in 0..=bytes.len() {
            assert_eq!(all(&bytes, cut).as_deref(), Ok(expected.map(str::to_owned).as_slice()), "{cut}");
        }
    }

    #[test]
    fn what_is_not_as_it_should_be_ends_with_its_code() {
        let check = |bytes: &[u8], broken: Broken| assert_eq!(all(bytes, 0), Err(broken), "{bytes:?}");
        check(&[0x81, 2, b'h', b'i'], NOT_MASKED);
        check(&[0xc1, 0x80, 0, 0, 0, 0], BAD_FRAME);
        check(&[0x83, 0x80, 0, 0, 0, 0], BAD_FRAME);
        check(&[0x09, 0x80, 0, 0, 0, 0], BAD_FRAME);
        check(&framed(0x89, &[0; 126], [1; 4]), BAD_FRAME);
        check(&framed(0x80, b"nothing began", [1; 4]), OUT_OF_ORDER);
        check(&[framed(0x01, b"a", [1; 4]), framed(0x81, b"b", [1; 4])].concat(), OUT_OF_ORDER);
        check(&framed(0x81, &[0xff, 0xfe], [1; 4]), NOT_TEXT);
        check(&framed(0x81, &[b'x'; MOST + 1], [1; 4]), TOO_LARGE);
        // Its length alone is enough, before a byte of it has come.
        check(&[0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], TOO_LARGE);
        let parts = [framed(0x01, &[b'x'; 600], [1; 4]), framed(0x80, &[b'x'; 600], [1; 4])].concat();
        check(&parts, TOO_LARGE);
    }

    #[test]
    fn what_is_written_has_the_shortest_head() {
        for length in [0, 1, 125, 126, 127, 300, 65_535, 65_536] {
            let text = "x".repeat(length);
            let (mut one, mut other) = (b"before".to_vec(), b"before".to_vec());
            put_text(&mut one, &text);
            put_written(&mut other, |out| out.extend_from_slice(text.as_bytes()));
            assert_eq!(one, other, "{length}");
            let head = one.len() - length - 6;
            assert_eq!(
                head,
                if length < 126 {
                    2
                } else if length < 65_536 {
                    4
                } else {
                    10
                }
            );
        }
        let mut close = Vec::new();
        put_close(&mut close, 1008, &"ü".repeat(100));
        assert_eq!(usize::from(close[1]) + 2, close.len());
        assert!(close.len() <= CONTROL_MAX + 2 && std::str::from_utf8(&close[4..]).is_ok());
    }
}
