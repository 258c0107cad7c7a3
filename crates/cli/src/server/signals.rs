//! What is wished from the terminal or by who runs us, as something to wait for: SIGINT and SIGTERM stop, SIGUSR2
//! throws the kill switch of the house.

use signal_hook::consts::{SIGINT, SIGTERM, SIGUSR2};
use signal_hook::low_level::pipe;
use std::io::{self, Read};
use std::os::unix::net::UnixStream;

/// Each is readable once its signal has come.
pub struct Signals {
    stop: UnixStream,
    kill: UnixStream,
}

impl Signals {
    pub fn new() -> io::Result<Self> {
        let (stop, write) = UnixStream::pair()?;
        pipe::register(SIGINT, write.try_clone()?)?;
        pipe::register(SIGTERM, write)?;
        let (kill, write) = UnixStream::pair()?;
        pipe::register(SIGUSR2, write)?;
        kill.set_nonblocking(true)?;
        Ok(Self { stop, kill })
    }

    pub fn stop(&self) -> &UnixStream {
        &self.stop
    }

    pub fn kill(&self) -> &UnixStream {
        &self.kill
    }

    /// Whether the kill switch was wished since this was last asked.
    pub fn take_kill(&self) -> bool {
        let (mut found, mut buffer) = (false, [0; 64]);
        while (&self.kill).read(&mut buffer).is_ok_and(|read| read > 0) {
            found = true;
        }
        found
    }
}
