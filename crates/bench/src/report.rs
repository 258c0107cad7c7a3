//! A measured figure, and the two ways to print figures: a table for people, a JSON object a line for programs.

use crate::peers::Peer;
use std::borrow::Cow;
use std::io::{self, Write};

/// What a figure is held against.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Goal {
    AtLeast(f64),
    AtMost(f64),
}

impl Goal {
    #[must_use]
    pub fn met(self, value: f64) -> bool {
        match self {
            Self::AtLeast(goal) => value >= goal,
            Self::AtMost(goal) => value <= goal,
        }
    }

    fn text(self) -> String {
        match self {
            Self::AtLeast(goal) => format!(">= {goal}"),
            Self::AtMost(goal) => format!("<= {goal}"),
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// Lower case with underscores; the name is the identity of the figure in baselines.
    pub name: Cow<'static, str>,
    pub value: f64,
    pub unit: &'static str,
    pub goal: Option<Goal>,
}

impl Figure {
    #[must_use]
    pub fn new(name: impl Into<Cow<'static, str>>, value: f64, unit: &'static str) -> Self {
        Self { name: name.into(), value, unit, goal: None }
    }

    #[must_use]
    pub fn at_least(self, goal: f64) -> Self {
        Self { goal: Some(Goal::AtLeast(goal)), ..self }
    }

    #[must_use]
    pub fn at_most(self, goal: f64) -> Self {
        Self { goal: Some(Goal::AtMost(goal)), ..self }
    }
}

pub(crate) fn table(title: &str, figures: &[Figure], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{title}")?;
    let width = figures.iter().map(|figure| figure.name.len()).max().unwrap_or(0).max(28);
    for figure in figures {
        let Figure { name, value, unit, goal } = figure;
        let (goal, verdict) = match goal {
            Some(goal) => (goal.text(), if goal.met(*value) { "met" } else { "missed" }),
            None => (String::new(), ""),
        };
        let line = format!("  {name:<width$} {value:>12.2} {unit:<10} {goal:<10} {verdict}");
        writeln!(out, "{}", line.trim_end())?;
    }
    out.flush()
}

pub(crate) fn peers(peers: &[Peer], out: &mut dyn Write) -> io::Result<()> {
    if peers.is_empty() {
        return Ok(());
    }
    writeln!(out, "  recorded on another day, so compare the multiples of its naive book:")?;
    for peer in peers {
        let Peer { name, single_mps, multi_mps, single_p99_ns, multi_p99_ns } = peer;
        let (single, multi) = peer.against_naive();
        writeln!(
            out,
            "  {name:<28} single {single_mps:>5.1} M/s ({single:.2}x, p99 {single_p99_ns} ns), \
             multi {multi_mps:>5.2} M/s ({multi:.2}x, p99 {multi_p99_ns} ns)"
        )?;
    }
    out.flush()
}

/// Names and units are our own constants and need no escaping.
pub(crate) fn json(figures: &[Figure], out: &mut dyn Write) -> io::Result<()> {
    for Figure { name, value, unit, goal } in figures {
        let goal = goal.map_or("null".to_owned(), |goal| format!("\"{}\"", goal.text()));
        writeln!(out, r#"{{"name":"{name}","value":{value:.4},"unit":"{unit}","goal":{goal}}}"#)?;
    }
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::{Figure, json, table};

    #[test]
    fn figures_print_in_both_ways() {
        let figures = [Figure::new("a_ns", 1.5, "ns").at_most(2.0), Figure::new("b", 3.0, "M/s")];
        let mut out = Vec::new();
        json(&figures, &mut out).unwrap();
        table("t", &figures, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.starts_with(r#"{"name":"a_ns","value":1.5000,"unit":"ns","goal":"<= 2"}"#));
        assert!(text.contains(r#""goal":null"#));
        assert!(text.contains("<= 2       met\n"));
    }
}
