//! The wish to stop, from the terminal or from who runs us: SIGINT and SIGTERM, as something to wait for.

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::low_level::pipe;
use std::io;
use std::os::unix::net::UnixStream;

/// Readable once a signal has come.
pub struct Signals(UnixStream);

impl Signals {
    pub fn new() -> io::Result<Self> {
        let (read, write) = UnixStream::pair()?;
        pipe::register(SIGINT, write.try_clone()?)?;
        pipe::register(SIGTERM, write)?;
        Ok(Self(read))
    }

    pub fn pipe(&self) -> &UnixStream {
        &self.0
    }
}
