//! Passwords, hashed with argon2id. Checking one takes tens of milliseconds and twenty megabytes on purpose, so
//! only a few are checked at once, and an unknown name takes as long as a known one.

use super::secret::random;
use crate::problem::Problem;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use std::sync::OnceLock;
use tokio::sync::Semaphore;

const CHARACTERS_MIN: usize = 10;
const CHARACTERS_MAX: usize = 200;

pub(super) struct Passwords(Semaphore);

impl Passwords {
    pub(super) fn new() -> Self {
        Self(Semaphore::new(2))
    }

    pub(super) async fn hash(&self, password: String) -> Result<String, Problem> {
        check_new(&password)?;
        self.alone(move || made(&password)).await?.ok_or_else(Problem::internal)
    }

    /// Whether it is the password; without a hash, as if it were not.
    pub(super) async fn verify(&self, password: String, hash: Option<String>) -> Result<bool, Problem> {
        if password.len() > CHARACTERS_MAX * 4 {
            return Ok(false);
        }
        self.alone(move || {
            let known = hash.is_some();
            let hash = hash.unwrap_or_else(nobodys);
            let fits = Argon2::default().verify_password(password.as_bytes(), hash.as_str()).is_ok();
            fits && known
        })
        .await
    }

    async fn alone<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let _one_of_few = self.0.acquire().await.map_err(|_closed| Problem::internal())?;
        tokio::task::spawn_blocking(work).await.map_err(|_panicked| Problem::internal())
    }
}

fn made(password: &str) -> Option<String> {
    let hash = Argon2::default().hash_password_with_salt(password.as_bytes(), &random::<16>()).ok()?;
    Some(hash.to_string())
}

/// A hash that no password has.
fn nobodys() -> String {
    static HASH: OnceLock<String> = OnceLock::new();
    HASH.get_or_init(|| made(&super::secret::new_secret("")).unwrap_or_default()).clone()
}

fn check_new(password: &str) -> Result<(), Problem> {
    let length = password.chars().count();
    if length < CHARACTERS_MIN {
        return Err(Problem::wrong(
            "password",
            format!("is short: use at least {CHARACTERS_MIN} characters"),
        ));
    }
    if length > CHARACTERS_MAX {
        return Err(Problem::wrong("password", format!("is long: use at most {CHARACTERS_MAX} characters")));
    }
    let distinct: std::collections::BTreeSet<char> = password.chars().collect();
    if distinct.len() < 4 {
        return Err(Problem::wrong("password", "is too plain: use more than three different characters"));
    }
    Ok(())
}
