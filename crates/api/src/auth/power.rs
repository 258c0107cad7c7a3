//! What may be done, by whom. The table is the rule; docs/API.md shows it, and a test asks every cell of it.

use model::UserId;
use store::Role;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Power {
    /// Looks at one's own orders, trades, portfolio and risk.
    Read,
    /// Places, changes and cancels one's own orders.
    Trade,
    /// Opens one's own accounts and books, moves their money, keeps strategies.
    Manage,
    /// Looks at everybody's.
    SeeAll,
    /// Sets limits and trading states, throws switches, handles alerts.
    Risk,
    /// Users, invitations, instruments, the audit log, any line of the house's language.
    House,
}

/// Each power with its word as a scope of keys.
pub(crate) const POWERS: [(Power, &str); 6] = [
    (Power::Read, "read"),
    (Power::Trade, "trade"),
    (Power::Manage, "manage"),
    (Power::SeeAll, "see_all"),
    (Power::Risk, "risk"),
    (Power::House, "house"),
];

/// A set of powers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Powers(u8);

impl Powers {
    pub(crate) fn of(powers: &[Power]) -> Self {
        Self(powers.iter().fold(0, |set, power| set | Self::bit(*power)))
    }

    /// Reads words with blanks between them.
    pub(crate) fn parse(words: &str) -> Result<Self, String> {
        words.split_whitespace().try_fold(Self::default(), |set, word| {
            let known = POWERS.iter().find(|(_, known)| *known == word);
            let (power, _) = known.ok_or_else(|| word.to_owned())?;
            Ok(Self(set.0 | Self::bit(*power)))
        })
    }

    pub(crate) fn words(self) -> Vec<&'static str> {
        POWERS.iter().filter(|(power, _)| self.has(*power)).map(|(_, word)| *word).collect()
    }

    pub(crate) fn has(self, power: Power) -> bool {
        self.0 & Self::bit(power) != 0
    }

    /// What both allow.
    pub(crate) fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    fn bit(power: Power) -> u8 {
        match power {
            Power::Read => 1,
            Power::Trade => 2,
            Power::Manage => 4,
            Power::SeeAll => 8,
            Power::Risk => 16,
            Power::House => 32,
        }
    }
}

/// The permission table.
pub(crate) fn powers_of(role: Role) -> Powers {
    use Power::{House, Manage, Read, Risk, SeeAll, Trade};
    Powers::of(match role {
        Role::Viewer => &[Read],
        Role::Service => &[Read, Trade],
        Role::Trader => &[Read, Trade, Manage],
        Role::RiskManager => &[Read, SeeAll, Risk],
        Role::Admin => &[Read, Trade, Manage, SeeAll, Risk, House],
    })
}

/// How a caller showed who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Via {
    Session(i64),
    Key(i64),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Caller {
    pub(crate) user: UserId,
    pub(crate) name: String,
    pub(crate) role: Role,
    pub(crate) powers: Powers,
    pub(crate) via: Via,
    /// Signed in with a second factor.
    pub(crate) second_factor: bool,
}

impl Caller {
    pub(crate) fn can(&self, power: Power) -> bool {
        self.powers.has(power)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_as_written() {
        let check = |role, expected: &str| assert_eq!(powers_of(role).words().join(" "), expected);
        check(Role::Viewer, "read");
        check(Role::Service, "read trade");
        check(Role::Trader, "read trade manage");
        check(Role::RiskManager, "read see_all risk");
        check(Role::Admin, "read trade manage see_all risk house");
    }

    #[test]
    fn scopes_are_read_back_and_unknown_ones_refused() {
        for (_, word) in POWERS {
            assert_eq!(Powers::parse(word).map(Powers::words), Ok(vec![word]));
        }
        assert_eq!(Powers::parse("read everything"), Err("everything".to_owned()));
        assert_eq!(Powers::parse(""), Ok(Powers::default()));
    }
}
