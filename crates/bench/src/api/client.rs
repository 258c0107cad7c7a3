//! A lean client: requests and frames are bytes made beforehand, answers are only counted. One thread drives all
//! connections, so that most of the machine is the server's.

use hdrhistogram::Histogram;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

pub(super) struct Load {
    pub(super) per_s: f64,
    /// Nanoseconds from the request to its answer.
    pub(super) took: Histogram<u64>,
    /// Of the whole process, for one answer.
    pub(super) cpu_us: f64,
}

/// What all threads of this process have used, in seconds.
fn process_cpu_s() -> f64 {
    let spec = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    spec.tv_sec as f64 + spec.tv_nsec as f64 / 1e9
}

fn histogram() -> Histogram<u64> {
    Histogram::new_with_max(60_000_000_000, 3).expect("invariant: three digits are allowed")
}

fn nanos(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_nanos()).unwrap_or(u64::MAX)
}

/// POSTs the bodies by turns, one on its way on each connection; every answer has to be a good one.
pub(super) fn rest(
    address: SocketAddr,
    path: &str,
    token: Option<&str>,
    bodies: &[String],
    connections: usize,
    time: Duration,
) -> Load {
    let authorization = token.map(|token| format!("authorization: Bearer {token}\r\n")).unwrap_or_default();
    let request = |body: &String| {
        format!(
            "POST {path} HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\n{authorization}\
             content-length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    let requests: Vec<Vec<u8>> = bodies.iter().map(|body| request(body).into_bytes()).collect();
    let requests: &'static [Vec<u8>] = requests.leak();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let (start, cpu) = (Instant::now(), process_cpu_s());
    let (mut took, mut count) = (histogram(), 0u64);
    runtime.block_on(async {
        let tasks: Vec<_> =
            (0..connections).map(|at| tokio::spawn(converse(address, requests, at, start + time))).collect();
        for task in tasks {
            let (own, own_count) = task.await.expect("a connection");
            took.add(own).expect("invariant: the same bounds");
            count += own_count;
        }
    });
    let cpu_us = (process_cpu_s() - cpu) * 1e6 / count as f64;
    Load { per_s: count as f64 / start.elapsed().as_secs_f64(), took, cpu_us }
}

async fn converse(
    address: SocketAddr,
    requests: &[Vec<u8>],
    at: usize,
    end: Instant,
) -> (Histogram<u64>, u64) {
    let mut stream = tokio::net::TcpStream::connect(address).await.expect("it listens");
    stream.set_nodelay(true).expect("a socket");
    let (mut took, mut count, mut buffer) = (histogram(), 0u64, vec![0u8; 16 << 10]);
    for request in requests.iter().cycle().skip(at) {
        let start = Instant::now();
        if start >= end {
            break;
        }
        stream.write_all(request).await.expect("it reads");
        let mut filled = 0;
        loop {
            let read = stream.read(&mut buffer[filled..]).await.expect("it answers");
            assert!(read > 0, "the connection was closed");
            filled += read;
            if is_whole(&buffer[..filled]) {
                break;
            }
        }
        assert!(buffer.starts_with(b"HTTP/1.1 20"), "{}", String::from_utf8_lossy(&buffer[..filled]));
        took.saturating_record(nanos(start));
        count += 1;
    }
    (took, count)
}

/// Whether the head and as much of a body as it tells are here.
fn is_whole(answer: &[u8]) -> bool {
    let Some(head) = answer.windows(4).position(|four| four == b"\r\n\r\n") else { return false };
    let name = b"content-length: ";
    let told = answer[..head].windows(name.len()).position(|part| part == name).map_or(0, |at| {
        let digits = answer[at + name.len()..head].iter().take_while(|byte| byte.is_ascii_digit());
        digits.fold(0, |number, digit| number * 10 + usize::from(digit - b'0'))
    });
    answer.len() >= head + 4 + told
}

/// Sends the messages by turns over one socket, so many on their way at once, and counts the answers.
pub(super) fn socket(
    address: SocketAddr,
    path: &str,
    token: Option<&str>,
    messages: &[String],
    pipelined: usize,
    time: Duration,
) -> Load {
    const BLOCK: usize = 256;
    let mut stream = upgrade(address, path, token);
    let block: Vec<u8> = messages.iter().cycle().take(BLOCK).flat_map(|message| frame(message)).collect();
    let mut reading = stream.try_clone().expect("a socket");
    let (start, cpu) = (Instant::now(), process_cpu_s());
    let (permits, wait) = std::sync::mpsc::sync_channel::<()>(pipelined / BLOCK);
    let count = std::thread::scope(|scope| {
        scope.spawn(move || {
            while start.elapsed() < time {
                // As many blocks as there are places are on their way.
                if permits.send(()).is_err() || stream.write_all(&block).is_err() {
                    break;
                }
            }
        });
        let (mut count, mut frames, mut buffer) = (0usize, Frames::default(), vec![0u8; 256 << 10]);
        let mut wanted = 0;
        while wait.recv().is_ok() {
            // Answers of later blocks may have been counted already.
            wanted += BLOCK;
            while count < wanted {
                let read = reading.read(&mut buffer).expect("it answers");
                assert!(read > 0, "the socket was closed");
                count += frames.take(&buffer[..read]);
            }
        }
        count
    });
    let cpu_us = (process_cpu_s() - cpu) * 1e6 / count as f64;
    Load { per_s: count as f64 / start.elapsed().as_secs_f64(), took: histogram(), cpu_us }
}

fn upgrade(address: SocketAddr, path: &str, token: Option<&str>) -> TcpStream {
    let mut stream = TcpStream::connect(address).expect("it listens");
    stream.set_nodelay(true).expect("a socket");
    let authorization = token.map(|token| format!("authorization: Bearer {token}\r\n")).unwrap_or_default();
    let request = format!(
        "GET {path} HTTP/1.1\r\nhost: bench\r\nconnection: upgrade\r\nupgrade: websocket\r\n{authorization}\
         sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).expect("it reads");
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).expect("it answers");
        head.push(byte[0]);
    }
    assert!(head.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&head));
    stream
}

/// A text frame of a client, under a mask of zeros.
fn frame(text: &str) -> Vec<u8> {
    let length = u16::try_from(text.len()).expect("a short message");
    let mut frame = vec![0x81];
    if length < 126 {
        frame.push(0x80 | u8::try_from(length).expect("small"));
    } else {
        frame.push(0x80 | 126);
        frame.extend(length.to_be_bytes());
    }
    frame.extend([0; 4]);
    frame.extend(text.as_bytes());
    frame
}

/// Counts the text frames of a server in a stream of bytes.
#[derive(Default)]
struct Frames {
    head: Vec<u8>,
    left: usize,
    counts: bool,
}

impl Frames {
    fn take(&mut self, mut bytes: &[u8]) -> usize {
        let mut whole = 0;
        while !bytes.is_empty() {
            if self.left > 0 {
                let step = self.left.min(bytes.len());
                (self.left, bytes) = (self.left - step, &bytes[step..]);
                whole += usize::from(self.left == 0 && self.counts);
                continue;
            }
            self.head.push(bytes[0]);
            bytes = &bytes[1..];
            self.left = match self.head[..] {
                [_, short] if short < 126 => usize::from(short),
                [_, 126, high, low] => usize::from(u16::from_be_bytes([high, low])),
                [_, 127, .., a, b, c, d] if self.head.len() == 10 => {
                    usize::try_from(u32::from_be_bytes([a, b, c, d])).expect("a short message")
                }
                _ => continue,
            };
            self.counts = self.head[0] == 0x81;
            self.head.clear();
        }
        whole
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_counted_however_they_are_cut() {
        let text = |length: usize| {
            let mut frame = vec![0x81];
            if length < 126 {
                frame.push(u8::try_from(length).expect("small"));
            } else {
                frame.push(126);
                frame.extend(u16::try_from(length).expect("short").to_be_bytes());
            }
            frame.extend(vec![b'x'; length]);
            frame
        };
        let ping = vec![0x89, 2, 1, 2];
        let bytes = [text(5), ping, text(300), text(125)].concat();
        for cut in 1..bytes.len() {
            let mut frames = Frames::default();
            assert_eq!(frames.take(&bytes[..cut]) + frames.take(&bytes[cut..]), 3, "{cut}");
        }
    }

    #[test]
    fn an_answer_is_whole_with_its_body() {
        assert!(!is_whole(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n"));
        assert!(!is_whole(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nx"));
        assert!(is_whole(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nxy"));
    }
}
