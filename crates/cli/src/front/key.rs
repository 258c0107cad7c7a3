//! The master key: 64 hexadecimal digits in a file that only its owner may read.

use anyhow::{Context, Result, bail};
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

const BYTES: usize = 32;

pub fn read_or_make(file: &Path, may_make: bool) -> Result<[u8; BYTES]> {
    match fs::read_to_string(file) {
        Ok(text) => parse(text.trim()).with_context(|| format!("the master key in {}", file.display())),
        Err(error) if error.kind() == ErrorKind::NotFound && may_make => make(file),
        Err(error) => {
            Err(error).with_context(|| format!("the master key in {} cannot be read", file.display()))
        }
    }
}

fn parse(text: &str) -> Result<[u8; BYTES]> {
    let mut key = [0; BYTES];
    if text.len() != BYTES * 2 || !text.is_ascii() {
        bail!("has to be {} hexadecimal digits", BYTES * 2);
    }
    for (byte, digits) in key.iter_mut().zip(text.as_bytes().chunks(2)) {
        let digits = std::str::from_utf8(digits).unwrap_or_default();
        *byte = u8::from_str_radix(digits, 16).context("has to be hexadecimal digits")?;
    }
    Ok(key)
}

fn make(file: &Path) -> Result<[u8; BYTES]> {
    let mut key = [0; BYTES];
    File::open("/dev/urandom")
        .and_then(|mut random| random.read_exact(&mut key))
        .context("no random numbers")?;
    let text: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
    made.and_then(|mut made| {
        made.write_all(text.as_bytes())?;
        made.sync_all()
    })
    .with_context(|| format!("the master key cannot be written to {}", file.display()))?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_key_is_made_once_for_its_owner_and_read_from_then_on() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("master.key");
        assert!(read_or_make(&file, false).is_err());
        let made = read_or_make(&file, true).unwrap();
        assert_eq!(read_or_make(&file, false).unwrap(), made);
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        for bad in ["", "00", &"x".repeat(64), &"ü".repeat(32)] {
            fs::write(&file, bad).unwrap();
            assert!(read_or_make(&file, true).is_err(), "{bad}");
        }
    }
}
