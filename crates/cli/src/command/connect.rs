//! `staysail connect`: types to a server. Lines go in, replies come out; nothing is understood here.

use crate::server;
use anyhow::{Context, Result, bail};
use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::thread;

/// Sends lines to a server and prints the replies.
#[derive(clap::Args)]
pub struct Connect {
    /// Where the server listens.
    #[arg(default_value = server::ADDRESS, value_parser = server::address)]
    address: SocketAddr,
    /// Sends the lines of this file in place of standard input.
    #[arg(long)]
    file: Option<PathBuf>,
}

impl Connect {
    pub fn run(&self) -> Result<()> {
        let source: Box<dyn Read + Send> = match &self.file {
            None => Box::new(io::stdin()),
            Some(path) => {
                let file = File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
                Box::new(file)
            }
        };
        let stream = TcpStream::connect(self.address).with_context(|| {
            format!("no server answers on {}; start one with `staysail serve`", self.address)
        })?;
        stream.set_nodelay(true)?;
        let said = Arc::new(OnceLock::new());
        let (into, outcome) = (stream.try_clone()?, Arc::clone(&said));
        thread::Builder::new().name("say".to_owned()).spawn(move || say(source, &into, &outcome))?;
        hear(&stream)?;
        match said.get() {
            Some(Ok(())) => Ok(()),
            Some(Err(error)) => bail!("the lines could not be read to their end: {error}"),
            None => bail!("the server closed the connection; what was not answered may or may not be kept"),
        }
    }
}

/// Ends our side when there is no more to say, so that the server answers what it has and closes.
fn say(mut source: impl Read, mut stream: &TcpStream, outcome: &OnceLock<io::Result<()>>) {
    use ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, NotConnected};
    let said = copy(&mut source, &mut stream);
    let broken = [BrokenPipe, ConnectionAborted, ConnectionReset, NotConnected];
    // A broken connection is told by the side that hears.
    if !said.as_ref().is_err_and(|error| broken.contains(&error.kind())) {
        outcome.get_or_init(|| said);
        stream.shutdown(Shutdown::Write).unwrap_or_default();
    }
}

fn hear(mut stream: &TcpStream) -> Result<()> {
    match copy(&mut stream, &mut io::stdout().lock()) {
        // The server was killed.
        Err(error) if error.kind() == ErrorKind::ConnectionReset => Ok(()),
        other => Ok(other?),
    }
}

/// Passes on at once what there is, for a person at the other end.
fn copy(from: &mut impl Read, to: &mut impl Write) -> io::Result<()> {
    let mut buffer = [0; 1 << 14];
    loop {
        let read = match from.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(read) => read,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        to.write_all(buffer.get(..read).unwrap_or_default())?;
        to.flush()?;
    }
}
