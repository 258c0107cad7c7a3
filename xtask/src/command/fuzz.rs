//! `cargo x fuzz NAME [SECONDS]`: one fuzz target for a while, on the stable toolchain, from the seeds that are
//! committed, the corpus that earlier runs left, and the words that inputs are made of.

use std::path::Path;

use anyhow::{Context, Result, bail};

use super::{Chore, Misuse};
use crate::shell;

pub const CHORE: Chore =
    Chore { name: "fuzz", args: "NAME [SECONDS]", help: "one fuzz target, 30 seconds unless told", run };

const SECONDS: u64 = 30;

fn run(args: &[String]) -> Result<()> {
    let targets = targets()?;
    let (name, seconds) = parse(args, &targets)?;
    if !shell::has_cargo("fuzz") {
        bail!("cargo-fuzz is not installed; install it with: cargo install cargo-fuzz --locked");
    }
    std::fs::create_dir_all(shell::root().join(corpus(name))).context("cannot make the corpus folder")?;
    let words = words(&shell::root(), name, seconds);
    shell::cargo(&words.iter().map(String::as_str).collect::<Vec<_>>())
}

/// What is found goes here; not committed.
fn corpus(name: &str) -> String {
    format!("fuzz/corpus/{name}")
}

/// What cargo is told; the fuzzer writes to the first folder and reads all, those that are there.
fn words(root: &Path, name: &str, seconds: u64) -> Vec<String> {
    let mut words: Vec<String> = ["fuzz", "run", "-s", "none", name].map(str::to_owned).into();
    let folders = [corpus(name), format!("fuzz/seeds/{name}")];
    words.extend(folders.into_iter().filter(|folder| root.join(folder).is_dir()));
    words.extend(["--".to_owned(), format!("-max_total_time={seconds}")]);
    let dictionary = root.join("fuzz/words.dict");
    words.extend(dictionary.is_file().then(|| format!("-dict={}", dictionary.display())));
    words
}

fn parse<'a>(args: &'a [String], targets: &[String]) -> Result<(&'a str, u64)> {
    let known = targets.join(", ");
    let (name, seconds) = match args {
        [name] => (name, SECONDS),
        [name, seconds] => {
            let parsed = seconds.parse();
            (name, parsed.with_context(|| format!("`{seconds}` is not a whole number of seconds"))?)
        }
        _ => {
            return Err(Misuse(format!(
                "say which target: cargo x fuzz NAME [SECONDS]; NAME is one of {known}"
            ))
            .into());
        }
    };
    if !targets.contains(name) {
        return Err(Misuse(format!("there is no fuzz target `{name}`; there are {known}")).into());
    }
    Ok((name, seconds))
}

/// Every file in `fuzz/fuzz_targets` is a target of its name.
fn targets() -> Result<Vec<String>> {
    let folder = shell::root().join("fuzz/fuzz_targets");
    let entries = std::fs::read_dir(&folder).context("cannot list fuzz/fuzz_targets")?;
    let mut names = Vec::new();
    for entry in entries {
        let path = entry.context("cannot list fuzz/fuzz_targets")?.path();
        if path.extension().is_some_and(|ext| ext == "rs") {
            names.extend(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
        }
    }
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_must_exist_and_seconds_must_be_a_number() {
        let targets = ["command_decode".to_owned(), "journal_decode".to_owned()];
        let check = |words: &[&str]| {
            let args: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            parse(&args, &targets)
                .map(|(name, seconds)| (name.to_owned(), seconds))
                .map_err(|e| e.to_string())
        };
        assert_eq!(check(&["journal_decode"]), Ok(("journal_decode".to_owned(), 30)));
        assert_eq!(check(&["command_decode", "600"]), Ok(("command_decode".to_owned(), 600)));
        assert!(check(&["journal"]).unwrap_err().contains("command_decode, journal_decode"));
        assert!(check(&["journal_decode", "long"]).unwrap_err().contains("`long`"));
        assert!(check(&[]).unwrap_err().contains("say which target"));
    }

    #[test]
    fn the_fuzzer_is_handed_what_there_is() {
        let root = shell::root();
        let all = words(&root, "journal_decode", 5);
        assert!(all.contains(&"fuzz/seeds/journal_decode".to_owned()), "{all:?}");
        assert!(all.contains(&format!("-dict={}", root.join("fuzz/words.dict").display())), "{all:?}");
        let nothing = words(&root.join("docs"), "journal_decode", 5);
        assert_eq!(nothing, ["fuzz", "run", "-s", "none", "journal_decode", "--", "-max_total_time=5"]);
    }
}
