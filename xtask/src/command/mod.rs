//! The list of chores and the way to one by its name.
//!
//! A new chore is one file with a `CHORE`, and one line in `CHORES`.

mod bench;
mod check;
mod ci;
mod dag;
mod deny;
mod fuzz;
mod release;
mod run;
mod schema;
mod sim;
mod test;
mod tidy;

use anyhow::Result;

use crate::shell::say;

const CHORES: &[Chore] = &[
    run::CHORE,
    check::CHORE,
    test::CHORE,
    ci::CHORE,
    dag::CHORE,
    tidy::CHORE,
    sim::CHORE,
    bench::CHORE,
    fuzz::CHORE,
    schema::CHORE,
    deny::CHORE,
    release::CHORE,
];

/// One `cargo x` command.
pub struct Chore {
    name: &'static str,
    args: &'static str,
    help: &'static str,
    run: fn(&[String]) -> Result<()>,
}

/// The caller asked for something that does not exist; the process ends with code 2.
#[derive(Debug)]
pub struct Misuse(String);

impl std::fmt::Display for Misuse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Misuse {}

pub fn dispatch(args: &[String]) -> Result<()> {
    let Some((name, rest)) = args.split_first() else {
        say(&menu());
        return Ok(());
    };
    if matches!(name.as_str(), "help" | "--help" | "-h") {
        say(&menu());
        return Ok(());
    }
    match CHORES.iter().find(|chore| chore.name == name) {
        Some(chore) => (chore.run)(rest),
        None => Err(Misuse(format!("there is no `cargo x {name}`\n\n{}", menu())).into()),
    }
}

fn menu() -> String {
    let mut text = String::from("cargo x COMMAND\n");
    for Chore { name, args, help, .. } in CHORES {
        let call = format!("{name} {args}");
        text.push_str(&format!("\n  {call:<28} {help}"));
    }
    text
}

fn take_no_args(name: &str, args: &[String]) -> Result<()> {
    match args.first() {
        None => Ok(()),
        Some(extra) => Err(Misuse(format!("`cargo x {name}` takes no arguments, but got `{extra}`")).into()),
    }
}

/// A fixed command followed by what the developer typed.
fn followed_by<'a>(fixed: &[&'a str], typed: &'a [String]) -> Vec<&'a str> {
    fixed.iter().copied().chain(typed.iter().map(String::as_str)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(words: &[&str]) -> Result<()> {
        dispatch(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn the_menu_names_every_chore_once() {
        for chore in CHORES {
            assert_eq!(CHORES.iter().filter(|other| other.name == chore.name).count(), 1, "{}", chore.name);
            assert!(menu().contains(chore.help));
        }
    }

    #[test]
    fn an_unknown_chore_is_misuse_and_lists_what_exists() {
        let error = call(&["sail"]).unwrap_err();
        assert!(error.is::<Misuse>());
        assert!(error.to_string().starts_with("there is no `cargo x sail`"));
        assert!(error.to_string().contains("tidy"));
    }

    #[test]
    fn an_argument_that_would_be_ignored_is_misuse() {
        assert!(call(&["dag", "now"]).unwrap_err().is::<Misuse>());
    }
}
