//! The scenario file as steps. Only the layout is read here; what a command line means is the line language's.

use model::Time;
use thiserror::Error;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    pub steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Of the file, counted from 1.
    pub line: usize,
    pub what: What,
    /// The indented lines below it.
    pub expected: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A remark or an empty line.
    Remark,
    /// The setup in that file comes first; none of its commands may be refused.
    Include(String),
    At(Time),
    /// So many nanoseconds later.
    After(i64),
    /// A command or a query.
    Line(String),
}

#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("line {line}: {what}")]
pub struct FileError {
    pub line: usize,
    pub what: String,
}

/// Reads the layout of a scenario.
///
/// # Errors
/// The first line that is none of the things a scenario is made of.
pub fn parse(text: &str) -> Result<Script, FileError> {
    let mut script = Script::default();
    for (line, text) in (1..).zip(text.lines()) {
        let error = |what: &str| FileError { line, what: what.to_owned() };
        let trimmed = text.trim();
        if text.starts_with([' ', '\t']) && !trimmed.is_empty() {
            let above = script.steps.last_mut().filter(|step| matches!(step.what, What::Line(_)));
            let step = above.ok_or_else(|| error("an expectation stands below no command"))?;
            step.expected.push(trimmed.to_owned());
            continue;
        }
        let what = classify(trimmed).map_err(|what| error(&what))?;
        script.steps.push(Step { line, what, expected: Vec::new() });
    }
    Ok(script)
}

fn classify(text: &str) -> Result<What, String> {
    if text.is_empty() || text.starts_with('#') {
        return Ok(What::Remark);
    }
    if let Some(path) = text.strip_prefix("include ") {
        return Ok(What::Include(path.trim().to_owned()));
    }
    if let Some(time) = text.strip_prefix("at ") {
        return Time::parse(time.trim()).map(What::At).map_err(|error| error.to_string());
    }
    if let Some(span) = text.strip_prefix('+') {
        return nanos(span.trim()).map(What::After).ok_or_else(|| "a span is written like +1s".to_owned());
    }
    Ok(What::Line(text.to_owned()))
}

/// `1ns`, `500ms`, `1s`, `5m`, `24h`
fn nanos(span: &str) -> Option<i64> {
    let digits = span.find(|letter: char| !letter.is_ascii_digit())?;
    let (count, unit) = span.split_at_checked(digits)?;
    let unit = match unit {
        "ns" => 1,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => return None,
    };
    count.parse::<i64>().ok()?.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scenario_is_commands_with_what_comes_of_them() {
        let script = parse("# rule\n\ninclude a.txt\n+1s\nbuy x\n  rests\n  trade\n").expect("a scenario");
        let what: Vec<_> = script.steps.iter().map(|step| &step.what).collect();
        assert_eq!(
            what[2..],
            [
                &What::Include("a.txt".to_owned()),
                &What::After(1_000_000_000),
                &What::Line("buy x".to_owned())
            ]
        );
        assert_eq!(script.steps[4].expected, ["rests", "trade"]);
    }

    #[test]
    fn what_is_no_scenario_says_where() {
        let check = |text: &str, expected: &str| {
            assert_eq!(parse(text).map_err(|error| error.to_string()), Err(expected.to_owned()));
        };
        check("  rests", "line 1: an expectation stands below no command");
        check("\nat noon", "line 2: not a moment: write it like 2026-11-21T14:30:00Z");
        check("+1 day", "line 1: a span is written like +1s");
        check("+99999999999999h", "line 1: a span is written like +1s");
    }
}
