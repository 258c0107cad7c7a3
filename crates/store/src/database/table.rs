//! How many rows are written at once: row by row in SQLite, where a call costs nothing, and as one array a column
//! in PostgreSQL, where a round trip does.

use crate::schema::Dialect;

/// The type of a column, in neither database's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Int,
    Text,
    Num,
    Bool,
    Time,
}

#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) columns: &'static [(&'static str, Kind)],
    /// The first so many columns.
    pub(crate) key: usize,
    /// The first column that can change; those after it can, too.
    pub(crate) changing: usize,
}

impl Kind {
    fn array(self) -> &'static str {
        match self {
            Self::Int => "int8[]",
            Self::Text => "text[]",
            Self::Num => "numeric[]",
            Self::Bool => "bool[]",
            Self::Time => "timestamptz[]",
        }
    }
}

impl Table {
    fn names(&self) -> Vec<&'static str> {
        self.columns.iter().map(|(name, _)| *name).collect()
    }

    fn changes(&self) -> &'static [(&'static str, Kind)] {
        self.columns.get(self.changing..).unwrap_or_default()
    }

    pub(crate) fn insert(&self, dialect: Dialect) -> String {
        let names = self.names();
        let values = match dialect {
            Dialect::Sqlite => {
                format!("VALUES ({})", list((1..=names.len()).map(|at| format!("${at}"))))
            }
            Dialect::Postgres => format!("SELECT * FROM UNNEST({})", arrays(self.columns)),
        };
        let replaced = list(self.changes().iter().map(|(name, _)| format!("{name} = excluded.{name}")));
        let keys = names.iter().take(self.key).map(ToString::to_string);
        let conflict = match replaced.is_empty() {
            true => String::new(),
            false => format!(" ON CONFLICT ({}) DO UPDATE SET {replaced}", list(keys)),
        };
        format!("INSERT INTO {} ({}) {values}{conflict}", self.name, names.join(", "))
    }

    /// Takes the key, then the columns that change.
    pub(crate) fn update(&self, dialect: Dialect) -> String {
        let keys = self.columns.get(..self.key).unwrap_or_default();
        let (name, changes) = (self.name, self.changes());
        match dialect {
            Dialect::Sqlite => {
                let set = (self.key + 1..).zip(changes).map(|(at, (name, _))| format!("{name} = ${at}"));
                let set = list(set);
                let same = (1..).zip(keys).map(|(at, (name, _))| format!("{name} = ${at}"));
                let same: Vec<String> = same.collect();
                format!("UPDATE {name} SET {set} WHERE {}", same.join(" AND "))
            }
            Dialect::Postgres => {
                let all: Vec<(&str, Kind)> = keys.iter().chain(changes).copied().collect();
                let set = list(changes.iter().map(|(name, _)| format!("{name} = new.{name}")));
                let names = list(all.iter().map(|(name, _)| (*name).to_owned()));
                let same: Vec<String> =
                    keys.iter().map(|(key, _)| format!("{name}.{key} = new.{key}")).collect();
                let arrays = arrays(&all);
                format!(
                    "UPDATE {name} SET {set} FROM UNNEST({arrays}) AS new ({names}) WHERE {}",
                    same.join(" AND ")
                )
            }
        }
    }
}

fn list(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}

fn arrays(columns: &[(&str, Kind)]) -> String {
    list((1..).zip(columns).map(|(at, (_, kind))| format!("${at}::{}", kind.array())))
}
