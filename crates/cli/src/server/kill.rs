//! The kill switch of the house for who cannot type a line: by a signal, or by a file that is there. What cannot be
//! looked at counts as there. It is a command like any other, so it is journaled and outlives a restart.

use journal::FileDisk;
use model::{Because, Command, Event, Name, Scope, UserId};
use node::{Node, Refused};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// A file that throws the switch when it comes to be there.
pub struct KillFile {
    path: PathBuf,
    seen: AtomicBool,
}

impl KillFile {
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), seen: AtomicBool::new(false) }
    }

    /// Whether it is there and was not when this was last asked.
    pub fn has_come(&self) -> bool {
        let there = self.path.try_exists().unwrap_or(true);
        !self.seen.swap(there, Ordering::AcqRel) && there
    }
}

/// Throws the switch of the whole house, and says what came of it.
pub fn throw(node: &Node<FileDisk>, by: &str) {
    let outcome = ask(node, by);
    let told = match &outcome {
        Ok(None) => format!("the kill switch of the house was thrown by a {by}"),
        Ok(Some(why)) => format!("a {by} asked for the kill switch, and it was refused: {why}"),
        Err(error) => format!("a {by} asked for the kill switch, and it was not taken: {error}"),
    };
    // Where nobody can be told, the switch is thrown all the same.
    writeln!(io::stdout(), "{told}").unwrap_or_default();
}

fn ask(node: &Node<FileDisk>, by: &str) -> anyhow::Result<Option<String>> {
    let mut client = node.connect()?;
    let because = Because { user: UserId(0), reason: Name::new(by)? };
    let command = Command::ThrowKillSwitch { scope: Scope::House, flatten: false, because };
    let reply = loop {
        match client.call(command.clone()) {
            Err(Refused::Busy) => std::thread::yield_now(),
            other => break other?,
        }
    };
    let refused = reply.events().iter().find_map(|event| match event {
        Event::CommandRejected { reason } => Some(reason.to_string()),
        _ => None,
    });
    Ok(refused)
}

#[cfg(test)]
mod tests {
    use super::KillFile;

    #[test]
    fn a_file_throws_once_each_time_that_it_comes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kill");
        let file = KillFile::new(&path);
        assert!(!file.has_come());
        for _ in 0..2 {
            std::fs::write(&path, "").unwrap();
            assert!(file.has_come() && !file.has_come());
            std::fs::remove_file(&path).unwrap();
            assert!(!file.has_come());
        }
        // What cannot be looked at counts as there.
        std::fs::write(&path, "").unwrap();
        assert!(KillFile::new(&path.join("below_a_file")).has_come());
    }
}
