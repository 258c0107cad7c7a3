//! The whole house under test: scenario files that read like a rule book, and what runs them.
//!
//! Nobody outside of the engine has a way to a book that goes around the checks: not by its doors,
//!
//! ```compile_fail,E0624
//! let door = engine::Engine::enter_market;
//! ```
//!
//! ```compile_fail,E0624
//! let door = engine::Engine::rest_at;
//! ```
//!
//! ```compile_fail,E0624
//! let door = engine::Engine::enter_any;
//! ```
//!
//! and not by the books themselves.
//!
//! ```compile_fail,E0616
//! let mut engine = engine::Engine::new();
//! engine.listings.clear();
//! ```

pub mod postgres;
pub mod scenario;
pub mod sim;
