//! A running `staysail serve`, and a client that talks to it.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::time::Duration;

pub const SET_UP: &[&str] = &[
    "asset USDT",
    "asset BTC",
    "list BTC-USDT spot BTC/USDT tick 0.01 lot 0.0001",
    "user ann",
    "account alice of ann cash USDT",
    "account bob of ann cash USDT",
    "deposit alice 100000000 USDT",
    "deposit bob 1000000 BTC",
];

pub fn staysail(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_staysail")).args(args).output().expect("the binary runs")
}

/// `staysail journal …` on a folder.
pub fn journal(data: &Path, args: &[&str]) -> Output {
    let mut all = vec!["journal"];
    all.extend(args);
    all.extend(["--data", data.to_str().expect("a plain path")]);
    staysail(&all)
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("text")
}

/// Ends with the test, however that ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().unwrap_or_default();
        self.0.wait().map(|_| ()).unwrap_or_default();
    }
}

pub struct Server {
    child: Running,
    stdout: BufReader<ChildStdout>,
    pub address: SocketAddr,
    /// What it said before it was ready.
    pub said: Vec<String>,
}

impl Server {
    pub fn start(data: &Path) -> Self {
        Self::start_with(data, &["--segment-mib", "1"])
    }

    pub fn start_with(data: &Path, more: &[&str]) -> Self {
        let data = data.to_str().expect("a plain path");
        let fixed = ["serve", "--data", data, "--listen", "127.0.0.1:0"];
        let mut command = Command::new(env!("CARGO_BIN_EXE_staysail"));
        command.args(fixed).args(more).stdout(Stdio::piped());
        if !more.contains(&"--http") {
            command.args(["--http", "off"]);
        }
        let mut child = Running(command.spawn().expect("it starts"));
        let mut stdout = BufReader::new(child.0.stdout.take().expect("a pipe"));
        let mut said = Vec::new();
        loop {
            let mut line = String::new();
            assert_ne!(
                stdout.read_line(&mut line).expect("text"),
                0,
                "it ended before it was ready: {said:?}"
            );
            if let Some(address) = line.trim_end().strip_prefix("ready on ") {
                let address = address.parse().expect("an address");
                return Self { child, stdout, address, said };
            }
            said.push(line.trim_end().to_owned());
        }
    }

    pub fn client(&self) -> Client {
        let stream = TcpStream::connect(self.address).expect("it listens");
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a socket");
        stream.set_nodelay(true).expect("a socket");
        Client { replies: BufReader::new(stream.try_clone().expect("a socket")), stream }
    }

    pub fn digest(&self) -> &str {
        self.said.iter().find_map(|line| line.strip_prefix("digest ")).expect("a digest")
    }

    pub fn pid(&self) -> u32 {
        self.child.0.id()
    }

    /// As the power does.
    pub fn kill(self) {
        drop(self);
    }

    /// As an operator does; gives what it said, and whether it ended well.
    pub fn stop(mut self) -> (String, bool) {
        let pid = self.child.0.id().to_string();
        let kill = Command::new("kill").args(["-TERM", &pid]).status().expect("there is a kill");
        assert!(kill.success());
        let mut rest = String::new();
        std::io::Read::read_to_string(&mut self.stdout, &mut rest).expect("text");
        (rest, self.child.0.wait().expect("it ends").success())
    }
}

pub struct Client {
    pub stream: TcpStream,
    pub replies: BufReader<TcpStream>,
}

impl Client {
    pub fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).expect("the server reads");
    }

    /// Everything up to and including the line that closes a reply; none if the server is gone.
    pub fn reply(&mut self) -> Option<Vec<String>> {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            match self.replies.read_line(&mut line) {
                Ok(0) | Err(_) => return None,
                // Torn in the middle: not an answer.
                Ok(_) if !line.ends_with('\n') => return None,
                Ok(_) => lines.push(line.trim_end().to_owned()),
            }
            let last = lines.last().expect("pushed above");
            if ["ok ", "refused: ", "error: "].iter().any(|word| last.starts_with(word)) {
                return Some(lines);
            }
        }
    }

    pub fn ask(&mut self, line: &str) -> Vec<String> {
        self.send(format!("{line}\n").as_bytes());
        self.reply().expect("the server answers")
    }

    /// None of it may be refused.
    pub fn set_up(&mut self) {
        for line in SET_UP {
            let reply = self.ask(line);
            assert!(reply.len() == 2 && reply[1].starts_with("ok "), "{line}: {reply:?}");
        }
    }
}
