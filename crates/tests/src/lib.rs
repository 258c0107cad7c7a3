//! The whole house under test: scenario files that read like a rule book, and what runs them.

pub mod scenario;
pub mod sim;
