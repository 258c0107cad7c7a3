//! Lines out of a stream: bounded, whole, and told apart from what is too long or no text. Absent: waiting
//! when a whole line is already here, so that many lines sent together are taken together.

use std::io::{self, ErrorKind, Read};

/// A longer line is an error, and what follows it is read on.
pub const LINE_BYTES_MAX: usize = 64 << 10;

#[derive(Debug, PartialEq, Eq)]
pub enum Found {
    Line(String),
    TooLong,
    NotText,
}

#[derive(Default)]
pub struct Lines {
    buffer: Vec<u8>,
    /// Where the first line that was not taken begins, and how far was looked for its end.
    start: usize,
    looked: usize,
    /// The rest of a line that is too long is thrown away.
    skipping: bool,
    ended: bool,
}

impl Lines {
    /// The next line that is here as a whole; none if more must be read.
    pub fn here(&mut self) -> Option<Found> {
        loop {
            let rest = self.buffer.get(self.looked..).unwrap_or_default();
            let Some(end) = rest.iter().position(|byte| *byte == b'\n').map(|at| self.looked + at) else {
                self.looked = self.buffer.len();
                return self.unfinished();
            };
            let line = self.buffer.get(self.start..end).unwrap_or_default();
            let found = if line.len() > LINE_BYTES_MAX { Found::TooLong } else { text(line) };
            self.start = end + 1;
            self.looked = self.start;
            if !std::mem::take(&mut self.skipping) {
                return Some(found);
            }
        }
    }

    /// Waits for more; answers whether there may be any.
    pub fn read(&mut self, stream: &mut impl Read) -> io::Result<bool> {
        if self.ended {
            return Ok(false);
        }
        self.buffer.drain(..self.start);
        self.looked -= self.start;
        self.start = 0;
        let before = self.buffer.len();
        self.buffer.resize(before + LINE_BYTES_MAX, 0);
        let read = loop {
            match stream.read(self.buffer.get_mut(before..).unwrap_or_default()) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        self.buffer.truncate(before + read.as_ref().copied().unwrap_or(0));
        self.ended = read? == 0;
        Ok(true)
    }

    /// No end of line is here: too long already, the last line of all, or not yet whole.
    fn unfinished(&mut self) -> Option<Found> {
        let rest = self.buffer.get(self.start..).unwrap_or_default();
        let found = if rest.len() > LINE_BYTES_MAX {
            Found::TooLong
        } else if self.ended && !rest.is_empty() {
            text(rest)
        } else {
            return None;
        };
        self.start = self.buffer.len();
        let told = std::mem::replace(&mut self.skipping, true);
        (!told).then_some(found)
    }
}

fn text(line: &[u8]) -> Found {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    std::str::from_utf8(line).map_or(Found::NotText, |line| Found::Line(line.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::{Found, LINE_BYTES_MAX, Lines};
    use std::io::{self, Read};

    /// Gives its bytes in pieces of a size.
    struct Pieces<'a>(&'a [u8], usize);

    impl Read for Pieces<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let len = self.0.len().min(self.1).min(buffer.len());
            let (now, later) = self.0.split_at(len);
            buffer[..len].copy_from_slice(now);
            self.0 = later;
            Ok(len)
        }
    }

    fn check(bytes: &[u8], expected: &[Found]) {
        for size in [1, 2, 7, 4096, usize::MAX] {
            let (mut lines, mut stream, mut found) = (Lines::default(), Pieces(bytes, size), Vec::new());
            while lines.read(&mut stream).expect("a slice has no errors") {
                found.extend(std::iter::from_fn(|| lines.here()));
            }
            assert_eq!(found, expected, "in pieces of {size}");
        }
    }

    fn line(text: &str) -> Found {
        Found::Line(text.to_owned())
    }

    #[test]
    fn lines_come_whole_however_they_arrive() {
        check(b"", &[]);
        check(b"one\ntwo\r\n\nthree", &[line("one"), line("two"), line(""), line("three")]);
        check(b"\xff\xfe\nafter\n", &[Found::NotText, line("after")]);
    }

    #[test]
    fn what_is_too_long_is_told_once_and_read_past() {
        let longest = "x".repeat(LINE_BYTES_MAX);
        let text = format!("{longest}\n{longest}y\nafter\n");
        check(text.as_bytes(), &[line(&longest), Found::TooLong, line("after")]);
        let endless = "x".repeat(5 * LINE_BYTES_MAX);
        check(format!("{endless}\nafter\n").as_bytes(), &[Found::TooLong, line("after")]);
        check(endless.as_bytes(), &[Found::TooLong]);
    }
}
