//! A small HTTP client: one connection, one request after the other.

use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The body, after the status was the one that is expected.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.body));
        if self.body.is_empty() { Value::Null } else { self.json() }
    }

    /// The problem's code, after the status was the one that is expected.
    #[track_caller]
    pub fn refused(self, status: u16) -> String {
        assert_eq!(
            self.header("content-type"),
            Some("application/problem+json"),
            "{}",
            String::from_utf8_lossy(&self.body)
        );
        let body = self.expect(status);
        for field in ["type", "title", "detail", "request_id"] {
            assert!(body[field].is_string(), "{field} is missing: {body}");
        }
        assert_eq!(body["status"], status);
        body["code"].as_str().expect("a code").to_owned()
    }
}

pub struct Client {
    address: SocketAddr,
    stream: Option<BufReader<TcpStream>>,
    /// Sent with each request.
    pub headers: Vec<(String, String)>,
}

impl Client {
    pub fn new(address: SocketAddr) -> Self {
        Self { address, stream: None, headers: Vec::new() }
    }

    pub fn with_token(address: SocketAddr, token: &str) -> Self {
        let mut client = Self::new(address);
        client.headers.push(("authorization".to_owned(), format!("Bearer {token}")));
        client
    }

    pub fn with_key(address: SocketAddr, key: &str) -> Self {
        let mut client = Self::new(address);
        client.headers.push(("x-trading-api-key".to_owned(), key.to_owned()));
        client
    }

    pub fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, &[], b"")
    }

    pub fn delete(&mut self, path: &str) -> Answer {
        self.send("DELETE", path, &[], b"")
    }

    pub fn post(&mut self, path: &str, body: Value) -> Answer {
        self.send("POST", path, &[], body.to_string().as_bytes())
    }

    pub fn put(&mut self, path: &str, body: Value) -> Answer {
        self.send("PUT", path, &[], body.to_string().as_bytes())
    }

    pub fn send(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut head =
            format!("{method} {path} HTTP/1.1\r\nhost: test\r\ncontent-length: {}\r\n", body.len());
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        self.send_raw(&[head.as_bytes(), body].concat()).expect("the server answers")
    }

    /// Sends bytes as they are, on the connection that there is.
    pub fn send_raw(&mut self, bytes: &[u8]) -> std::io::Result<Answer> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => {
                let stream = TcpStream::connect(self.address)?;
                stream.set_nodelay(true)?;
                stream.set_read_timeout(Some(Duration::from_secs(30)))?;
                BufReader::new(stream)
            }
        };
        stream.get_mut().write_all(bytes)?;
        let answer = read(&mut stream)?;
        if answer.header("connection") != Some("close") {
            self.stream = Some(stream);
        }
        Ok(answer)
    }
}

pub fn read(stream: &mut impl BufRead) -> std::io::Result<Answer> {
    let mut line = String::new();
    stream.read_line(&mut line)?;
    let status = line.split(' ').nth(1).and_then(|status| status.parse().ok());
    let status = status.ok_or_else(|| std::io::Error::other(format!("no answer: {line:?}")))?;
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.push((name.to_lowercase(), value.to_owned()));
    }
    let mut answer = Answer { status, headers, body: Vec::new() };
    let length: usize = answer.header("content-length").map_or(0, |length| length.parse().expect("a length"));
    if answer.header("transfer-encoding") == Some("chunked") {
        loop {
            let mut line = String::new();
            stream.read_line(&mut line)?;
            let size = usize::from_str_radix(line.trim(), 16).expect("a size");
            let mut chunk = vec![0; size + 2];
            stream.read_exact(&mut chunk)?;
            answer.body.extend(&chunk[..size]);
            if size == 0 {
                return Ok(answer);
            }
        }
    }
    if status != 304 && status != 204 {
        answer.body = vec![0; length];
        stream.read_exact(&mut answer.body)?;
    }
    Ok(answer)
}
