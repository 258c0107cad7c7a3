//! Isolated positions: each is settled in a balance of its own, which cash of the account comes to when orders ask
//! for margin, and goes back from when they ask for less. What a position has won stays behind it until it is
//! closed or taken back. Absent: the account's other cash, which no loss of a position reaches.

use super::Ledger;

impl Ledger {
    /// What a position requires has changed by so much, and cash follows; all of it goes back when nothing is
    /// left of the position and its orders.
    pub(super) fn set_aside(&mut self, at: u32, change: i128, over: bool) {
        let Some(own) = self.balances.beside(at) else { return };
        let free = self.free(at).0;
        let amount = if over {
            self.balances.at(at).total.0.max(0).saturating_neg()
        } else if change > 0 {
            let there = self.balances.at(own).available().0.max(0);
            free.saturating_neg().max(0).min(there)
        } else {
            free.max(0).min(change.saturating_neg()).saturating_neg()
        };
        if amount != 0 {
            self.balances.shift(own, at, amount);
            self.moved.insert(at);
        }
    }
}
