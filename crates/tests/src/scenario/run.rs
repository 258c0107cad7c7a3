//! Runs a script against a house and compares, line by line, what was expected with what came.

use super::{FileError, House, Script, Step, What, parse};
use model::line::{
    Line, OrderNames, Query, parse as parse_line, render_answer, render_event, render_history, render_what_if,
};
use model::{AccountId, Command, Directory, Event, NewOrder, OrderId, Time};
use std::fmt;

#[derive(Debug, Default)]
pub struct Outcome {
    pub failures: Vec<Failure>,
    /// The script as it would be with what came in place of what was expected.
    pub rewritten: String,
}

/// A step that came out otherwise.
#[derive(Debug)]
pub struct Failure {
    pub line: usize,
    pub said: String,
    pub expected: Vec<String>,
    pub got: Vec<String>,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}", self.line, self.said)?;
        let (expected, got) = (&self.expected, &self.got);
        for at in 0..expected.len().max(got.len()) {
            match (expected.get(at), got.get(at)) {
                (Some(line), Some(same)) if line == same => writeln!(f, "      {line}")?,
                (left, right) => {
                    left.map_or(Ok(()), |line| writeln!(f, "    - {line}"))?;
                    right.map_or(Ok(()), |line| writeln!(f, "    + {line}"))?;
                }
            }
        }
        Ok(())
    }
}

/// Runs the text of a scenario; `load` gives the text of a file that it includes.
///
/// # Errors
/// What makes the text no scenario.
pub fn run(
    text: &str,
    house: &mut dyn House,
    load: &dyn Fn(&str) -> Option<String>,
) -> Result<Outcome, FileError> {
    let script = parse(text)?;
    let mut stage =
        Stage { house, directory: Directory::default(), names: OrderNames::default(), time: START };
    let mut outcome = Outcome::default();
    for (step, source) in script.steps.iter().zip(sources(&script, text)) {
        let line = step.line;
        match &step.what {
            What::Remark => {}
            What::Include(path) => {
                let missing = || FileError { line, what: format!("there is no file {path}") };
                stage.set_up(path, &load(path).ok_or_else(missing)?, &mut outcome)?;
            }
            What::At(time) => stage.time = *time,
            What::After(nanos) => stage.time = stage.time.saturating_add_ns(*nanos),
            What::Line(said) => stage.say(said, step, &mut outcome),
        }
        outcome.rewritten.push_str(source);
        outcome.rewritten.push('\n');
        if let (What::Line(_), Some(failure)) =
            (&step.what, outcome.failures.last().filter(|at| at.line == line))
        {
            indent(&failure.got, &mut outcome.rewritten);
        } else {
            indent(&step.expected, &mut outcome.rewritten);
        }
    }
    Ok(outcome)
}

/// Where a scenario's clock stands that says nothing of it.
const START: Time = Time(1_767_261_600_000_000_000);

fn sources<'a>(script: &'a Script, text: &'a str) -> impl Iterator<Item = &'a str> {
    let mut lines = (1..).zip(text.lines());
    script
        .steps
        .iter()
        .map(move |step| lines.by_ref().find(|(line, _)| *line == step.line).map_or("", |(_, source)| source))
}

fn indent(lines: &[String], out: &mut String) {
    for line in lines {
        out.push_str("    ");
        out.push_str(line);
        out.push('\n');
    }
}

struct Stage<'h> {
    house: &'h mut dyn House,
    directory: Directory,
    names: OrderNames,
    time: Time,
}

impl Stage<'_> {
    /// A setup says no expectations; it only must not be refused.
    fn set_up(&mut self, path: &str, text: &str, outcome: &mut Outcome) -> Result<(), FileError> {
        for step in parse(text)?.steps {
            let What::Line(said) = &step.what else { continue };
            let refused: Vec<String> =
                self.answer(said).into_iter().filter(|line| is_refusal(line)).collect();
            if !refused.is_empty() {
                let said = format!("{said} (in {path})");
                outcome.failures.push(Failure { line: step.line, said, expected: Vec::new(), got: refused });
            }
        }
        Ok(())
    }

    fn say(&mut self, said: &str, step: &Step, outcome: &mut Outcome) {
        let mut got = self.answer(said);
        if let Err(broken) = self.house.check() {
            got.push(format!("broken {broken}"));
        }
        if got != step.expected {
            let (line, expected) = (step.line, step.expected.clone());
            outcome.failures.push(Failure { line, said: said.to_owned(), expected, got });
        }
    }

    fn answer(&mut self, said: &str) -> Vec<String> {
        let answer = match parse_line(said, &self.directory, &self.names) {
            Err(error) => Ok(vec![format!("error {error}")]),
            Ok(None) => Ok(Vec::new()),
            Ok(Some(Line::Show(query))) => self.show(&query),
            Ok(Some(Line::History { account, order })) => self.history(account, order),
            Ok(Some(Line::WhatIf(order))) => self.what_if(&order),
            Ok(Some(Line::OnDisconnect(_))) => Ok(vec!["error a scenario has no connection".to_owned()]),
            Ok(Some(Line::Command(command))) => self.apply(command),
        };
        answer.unwrap_or_else(|broken| vec![format!("broken {broken}")])
    }

    fn show(&mut self, query: &Query) -> Result<Vec<String>, String> {
        let answer = self.house.show(query)?;
        Ok(render_answer(query, &answer, &self.directory, &self.names))
    }

    fn history(&mut self, account: AccountId, order: OrderId) -> Result<Vec<String>, String> {
        let steps = self.house.history(account, order)?;
        Ok(render_history(&steps, &self.directory, &mut self.names))
    }

    fn what_if(&mut self, order: &NewOrder) -> Result<Vec<String>, String> {
        let answer = self.house.what_if(order)?;
        Ok(render_what_if(order, &answer, &self.directory, &self.names))
    }

    fn apply(&mut self, command: Command) -> Result<Vec<String>, String> {
        self.names.hear(&command);
        let events = self.house.apply(command, self.time)?;
        Ok(events.iter().map(|event| self.hear(event)).collect())
    }

    fn hear(&mut self, event: &Event) -> String {
        self.directory.learn(event);
        self.names.learn(event);
        render_event(event, &self.directory, &self.names)
    }
}

fn is_refusal(line: &str) -> bool {
    ["error ", "refused ", "rejected ", "broken "].iter().any(|word| line.starts_with(word))
}
