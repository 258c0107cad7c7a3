//! Where the archive is and how patient it is.

use crate::error::{Result, StoreError};
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// Where a database is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A file; made if it is not there.
    Sqlite(PathBuf),
    /// A connection string or address as PostgreSQL's own programs take it.
    Postgres(String),
}

impl Place {
    /// Reads `sqlite:PATH`, `postgres://…` or `postgresql://…`.
    ///
    /// # Errors
    /// Any other text.
    pub fn parse(url: &str) -> Result<Self> {
        if let Some(path) = url.strip_prefix("sqlite:").filter(|path| !path.is_empty()) {
            return Ok(Self::Sqlite(PathBuf::from(path)));
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Postgres(url.to_owned()));
        }
        // What follows a password must not be shown.
        let url = url.split('@').next_back().unwrap_or_default().to_owned();
        Err(StoreError::BadAddress { url })
    }
}

/// Without what follows a user's name: a password is not shown.
impl fmt::Display for Place {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = match self {
            Self::Sqlite(path) => return write!(to, "sqlite:{}", path.display()),
            Self::Postgres(url) => url.split('?').next().unwrap_or_default(),
        };
        let Some((scheme, rest)) = url.split_once("://") else { return to.write_str("postgres") };
        match rest.rsplit_once('@') {
            Some((user, host)) => {
                write!(to, "{scheme}://{}@{host}", user.split(':').next().unwrap_or_default())
            }
            None => write!(to, "{scheme}://{rest}"),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    pub place: Place,
    /// Queries go here instead, if there is one: it may be a little behind.
    pub replica: Option<Place>,
    /// Connections for queries.
    pub readers: usize,
    /// Every query ends by then, with an answer or without.
    pub query_limit: Duration,
    /// The same for one step of a projection.
    pub write_limit: Duration,
    /// Records in one transaction at the most, and how long the first of them waits for others.
    pub batch_records: usize,
    pub batch_wait: Duration,
    /// Waits between two tries while the database is gone: the first, and the longest.
    pub retry: (Duration, Duration),
}

impl Config {
    #[must_use]
    pub fn new(place: Place) -> Self {
        Self {
            place,
            replica: None,
            readers: 4,
            query_limit: Duration::from_secs(5),
            write_limit: Duration::from_secs(60),
            batch_records: 8_192,
            batch_wait: Duration::from_millis(50),
            retry: (Duration::from_millis(100), Duration::from_secs(10)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_and_a_password_is_not_shown() {
        assert_eq!(Place::parse("sqlite:a.db"), Ok(Place::Sqlite("a.db".into())));
        assert!(matches!(Place::parse("postgresql://u@h/d"), Ok(Place::Postgres(_))));
        let error = Place::parse("mysql://root:secret@host/db").unwrap_err().to_string();
        assert!(error.contains("host/db") && !error.contains("secret"), "{error}");
        assert!(Place::parse("sqlite:").is_err());
        let shown = Place::parse("postgres://ann:secret@host/d?password=secret").unwrap().to_string();
        assert_eq!(shown, "postgres://ann@host/d");
    }
}
