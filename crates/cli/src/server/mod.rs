//! The line language over TCP: one thread a connection, a bounded number of them, until a signal comes or the
//! node stops. Absent: users and passwords; whoever can connect is the house.

mod kill;
mod lines;
mod session;
mod signals;

pub use kill::KillFile;
pub use signals::Signals;

use anyhow::{Context, Result};
use journal::FileDisk;
use node::{Names, Node};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use session::Session;
use std::io::{self, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::OnceLock;
use std::thread::{Builder, Scope, ScopedJoinHandle, scope};
use std::time::{Duration, Instant};

/// Where a server listens and a client looks if nothing else is said.
pub const ADDRESS: &str = "127.0.0.1:7878";

/// An address as an argument.
pub fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_no_address| format!("write a number and a port, like {ADDRESS}"))
}

const CONNECTIONS_MAX: usize = 256;
/// Who does not read for so long is let go.
const PATIENCE: Duration = Duration::from_secs(10);
/// Lines that are still on their way when the server stops are answered for so long: who never ceases to send
/// would otherwise hold it for ever.
const FAREWELL: Duration = Duration::from_secs(1);
/// How often we look whether the node still works.
const WATCH: Timespec = Timespec { tv_sec: 0, tv_nsec: 200_000_000 };
/// And whether the kill file is there.
const WATCH_FILE: Timespec = Timespec { tv_sec: 0, tv_nsec: 20_000_000 };

pub struct Server<'n> {
    node: &'n Node<FileDisk>,
    names: &'n Names<FileDisk>,
    kill_file: Option<KillFile>,
    stopping_since: OnceLock<Instant>,
}

/// A connection as the server sees it: its thread, and the way to end it.
struct Guest<'s> {
    thread: ScopedJoinHandle<'s, ()>,
    stream: TcpStream,
}

impl<'n> Server<'n> {
    /// Speaks with names that the other doors share.
    pub fn new(node: &'n Node<FileDisk>, names: &'n Names<FileDisk>, kill_file: Option<KillFile>) -> Self {
        Self { node, names, kill_file, stopping_since: OnceLock::new() }
    }

    /// Answers until a signal comes or the node stops; what was asked by then is answered.
    pub fn run(&self, listener: &TcpListener, signals: &Signals) -> Result<()> {
        listener.set_nonblocking(true)?;
        scope(|scope| {
            let mut guests: Vec<Guest> = Vec::new();
            let outcome = loop {
                match self.wait(listener, signals) {
                    Ok(true) => self.admit(scope, listener, &mut guests),
                    Ok(false) => break Ok(()),
                    Err(error) => break Err(error),
                }
            };
            self.stopping_since.get_or_init(Instant::now);
            for guest in &guests {
                // No more is waited for; a connection that is gone already is no matter.
                guest.stream.shutdown(Shutdown::Read).unwrap_or_default();
            }
            guests.into_iter().for_each(Guest::join);
            outcome
        })
    }

    fn is_over(&self) -> bool {
        self.stopping_since.get().is_some_and(|since| since.elapsed() > FAREWELL)
    }

    /// Whether someone is at the door; false when it is time to stop.
    fn wait(&self, listener: &TcpListener, signals: &Signals) -> Result<bool> {
        loop {
            let mut watched = [
                PollFd::new(listener, PollFlags::IN),
                PollFd::new(signals.stop(), PollFlags::IN),
                PollFd::new(signals.kill(), PollFlags::IN),
            ];
            let patience = if self.kill_file.is_some() { WATCH_FILE } else { WATCH };
            match poll(&mut watched, Some(&patience)) {
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(io::Error::from(error)).context("the listener failed"),
            }
            let [door, signal, kill] = watched.map(|fd| !fd.revents().is_empty());
            if kill && signals.take_kill() {
                kill::throw(self.node, "signal");
            }
            if self.kill_file.as_ref().is_some_and(KillFile::has_come) {
                kill::throw(self.node, "file");
            }
            if signal || self.node.stopped().is_some() {
                return Ok(false);
            }
            if door {
                return Ok(true);
            }
        }
    }

    fn admit<'s>(&'s self, scope: &'s Scope<'s, '_>, listener: &TcpListener, guests: &mut Vec<Guest<'s>>) {
        let (gone, here): (Vec<_>, Vec<_>) = guests.drain(..).partition(|guest| guest.thread.is_finished());
        gone.into_iter().for_each(Guest::join);
        *guests = here;
        // Who hung up before we looked is no matter.
        let Ok((mut stream, _)) = listener.accept() else { return };
        let refusal = if guests.len() >= CONNECTIONS_MAX {
            format!("{CONNECTIONS_MAX} connections are open, as many as are allowed; close one")
        } else {
            match self.start(scope, &stream) {
                Ok(thread) => return guests.push(Guest { thread, stream }),
                Err(error) => format!("{error:#}"),
            }
        };
        writeln!(stream, "refused: {refusal}").unwrap_or_default();
    }

    fn start<'s>(&'s self, scope: &'s Scope<'s, '_>, stream: &TcpStream) -> Result<ScopedJoinHandle<'s, ()>> {
        stream.set_nodelay(true)?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let stream = stream.try_clone()?;
        let mut session = Session::new(self.node.connect()?, self.names);
        let run = move || {
            // An error is a connection that broke; there is nobody left to tell.
            session.run(&stream, || self.is_over()).unwrap_or_default();
            stream.shutdown(Shutdown::Both).unwrap_or_default();
        };
        Ok(Builder::new().name("session".to_owned()).spawn_scoped(scope, run)?)
    }
}

impl Guest<'_> {
    /// A session that panicked ends alone.
    fn join(self) {
        self.thread.join().unwrap_or_default();
    }
}
