//! What is wrong with a line: which word, what was expected in its place, and the names that exist.

use std::fmt;

/// How many names an error lists, and how much of a wrong word it repeats.
const KNOWN_MAX: usize = 48;
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
}

impl LineError {
    pub(super) fn new(word: usize, found: Option<&str>, expected: impl Into<String>) -> Self {
        let found = found.map(|text| text.chars().take(FOUND_MAX).collect());
        Self { word, found, expected: expected.into(), known: Vec::new() }
    }

    /// Adds what would have been understood.
    pub(super) fn among(mut self, known: impl Iterator<Item = String>) -> Self {
        self.known = known.take(KNOWN_MAX).collect();
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
            [] => Ok(()),
            known => write!(f, "; there is {}", known.join(", ")),
        }
    }
}

impl std::error::Error for LineError {}
