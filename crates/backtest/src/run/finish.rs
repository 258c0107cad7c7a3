//! The end of a run: what it came to, and a digest over all of it.

use super::{Outcome, Run, StrategyOutcome};
use crate::error::BacktestError;

impl Run<'_> {
    pub(super) fn finish(mut self) -> Result<Outcome, BacktestError> {
        self.check_enough()?;
        self.tally.finish();
        let equity: Vec<_> =
            self.house.accounts.iter().map(|account| self.house.engine.equity(*account)).collect();
        let mut hasher = blake3::Hasher::new();
        hasher.update(&self.house.engine.digest());
        hasher.update(&self.tally.fills_hash().to_le_bytes());
        let strategies = self.plan.strategies.iter().zip(&self.desks);
        let strategies = strategies.map(|(of, desk)| StrategyOutcome {
            name: of.name.clone(),
            kind: of.kind.clone(),
            params: of.params.clone(),
            refused: desk.refused.clone(),
        });
        Ok(Outcome {
            name: self.plan.name.clone(),
            digest: hasher.finalize().to_hex().to_string(),
            from: self.from,
            until: self.now,
            bars: self.bars,
            ticks: self.ticks,
            commands: self.house.commands,
            fills: self.tally.fills,
            trades_made: self.tally.trades_made,
            strategies: strategies.collect(),
            accounts: self.tally.accounts(self.plan, &equity),
            trades: std::mem::take(&mut self.tally.trades),
            undone: self.undone,
        })
    }

    /// A run that could never have decided anything is no run.
    fn check_enough(&self) -> Result<(), BacktestError> {
        for (desk, of) in self.desks.iter().zip(&self.plan.strategies) {
            for &market in desk.markets.iter().filter(|_| desk.reads.bars) {
                let bars = self.lanes[market].count();
                if bars < desk.warm_up {
                    return Err(BacktestError::TooShort {
                        symbol: self.plan.markets[market].symbol.clone(),
                        strategy: of.name.clone(),
                        bars,
                        needed: desk.warm_up,
                    });
                }
            }
        }
        Ok(())
    }
}
