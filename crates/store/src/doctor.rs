//! Looking after an archive: bringing it to a schema, and asking the database whether it takes every statement we
//! have. What it asks is not done.

use crate::config::Config;
use crate::database::{Access, Database};
use crate::error::Result;
use crate::{people, project, query, schema};

/// Brings the archive to a version of the schema, or to this build's; gives the version it has then.
///
/// # Errors
/// A schema that is newer than this build; what the database says.
pub fn migrate(config: &Config, to: Option<i64>) -> Result<i64> {
    let mut database = Database::open(&config.place, Access::Writes, config.write_limit)?;
    schema::migrate(&mut database, to.unwrap_or(i64::MAX))?;
    schema::version(&mut database)
}

/// The version of the schema that the archive has; 0 for one that is empty. Changes nothing.
///
/// # Errors
/// What the database says.
pub fn schema_version(config: &Config) -> Result<i64> {
    let mut database = Database::open(&config.place, Access::Reads, config.query_limit)?;
    schema::version(&mut database)
}

/// Has the database prepare every fixed statement; gives how many there are.
///
/// # Errors
/// The first that it refuses.
pub fn check_statements(config: &Config) -> Result<usize> {
    let mut database = Database::open(&config.place, Access::Writes, config.query_limit)?;
    let mut all = project::statements(database.dialect());
    all.extend(people::STATEMENTS.iter().chain(query::STATEMENTS).map(ToString::to_string));
    all.iter().try_for_each(|sql| database.prepare(sql))?;
    Ok(all.len())
}
