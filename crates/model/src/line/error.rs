//! What is wrong with a line: which word, what was expected in its place, and the names that exist.

use std::fmt;

/// How many names an error lists (all commands, and not every account of a house), and how much of a wrong word it
/// repeats.
const KNOWN_MAX: usize = 96;
const FOUND_MAX: usize = 64;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineError {
    /// Counted from 1.
    pub word: usize,
    /// `None` where the line ended too early.
    pub found: Option<String>,
    pub expected: String,
    /// What would have been understood here, where that is a list.
    pub known: Vec<String>,
    /// How many more there are.
    pub more: usize,
}

impl LineError {
    pub(super) fn new(word: usize, found: Option<&str>, expected: impl Into<String>) -> Self {
        let found = found.map(|text| text.chars().take(FOUND_MAX).collect());
        Self { word, found, expected: expected.into(), known: Vec::new(), more: 0 }
    }

    /// Adds what would have been understood.
    pub(super) fn among(mut self, mut known: impl Iterator<Item = String>) -> Self {
        self.known = known.by_ref().take(KNOWN_MAX).collect();
        self.more = known.count();
        self
    }
}

impl fmt::Display for LineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.found {
            Some(found) => write!(f, "word {} `{found}`: expected {}", self.word, self.expected)?,
            None => write!(f, "the line ends where {} is expected", self.expected)?,
        }
        match self.known.as_slice() {
            [] => {}
            known => write!(f, "; there is {}", known.join(", "))?,
        }
        match self.more {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

impl std::error::Error for LineError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_names_it_lists_some_and_counts_the_rest() {
        let names = |many: usize| (0..many).map(|at| format!("N{at}"));
        let error = LineError::new(1, Some("x"), "a name").among(names(KNOWN_MAX + 4));
        assert!(error.to_string().ends_with(", N95 and 4 more"), "{error}");
        let error = LineError::new(1, None, "a name").among(names(2));
        assert_eq!(error.to_string(), "the line ends where a name is expected; there is N0, N1");
    }
}
