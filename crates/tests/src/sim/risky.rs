//! What operators do about risk, and the days on which it is needed: states, kill switches, limits, breakers,
//! heartbeats, rates, and marks that jump.

use super::setup::{self, ACCOUNTS, ASSETS, BOOKS, FUTURE};
use super::work::Work;
use model::{
    AccountId, AssetId, Because, BookId, Breaker, BreakerWatch, Command, InstrumentId, Limit, LimitKind,
    LimitValue, Mark, Policy, Price, Rate, RuleId, Scope, Setting, Statistic, TradingState, UserId, VenueId,
};

pub(super) fn because() -> Because {
    Because { user: UserId(0), reason: setup::name("drill") }
}

impl Work {
    pub(super) fn risky(&mut self) -> Command {
        let because = because();
        match self.rng.below(26) {
            0..6 => self.jump(),
            6..10 => self.set_state(because),
            10..13 => self.kill_or_release(because),
            13..17 => self.set_or_remove_limit(because),
            17 => Command::SetBreaker { breaker: Box::new(self.breaker()), because },
            18 => Command::ResetBreaker { rule: RuleId(self.small(30)), because },
            19 => Command::AcknowledgeAlert { rule: RuleId(self.small(60)), because },
            20 | 21 => Command::Heartbeat { book: BookId(self.small(BOOKS + 1)) },
            22 => self.guard_setting(),
            23 | 24 => self.adjust_margin(),
            _ => {
                let (from, to) = (AssetId(self.small(ASSETS)), AssetId(self.small(ASSETS)));
                let value = setup::units(i128::from(self.number(120)));
                Command::Statistic(Statistic::FxRate { from, to, value })
            }
        }
    }

    fn adjust_margin(&mut self) -> Command {
        let amount = setup::units(i128::from(self.number(2_000)) - 700);
        let (account, instrument) = (AccountId(ACCOUNTS - 1), InstrumentId(self.small(setup::INSTRUMENTS)));
        Command::AdjustMargin { account, instrument, amount }
    }

    /// Half of them take back what was set before, so that trading goes on.
    fn set_state(&mut self, because: Because) -> Command {
        if let Some(scope) = self.stopped.pop() {
            return Command::SetTradingState { scope, state: TradingState::Active, because };
        }
        let scope = self.scope();
        self.stopped.push(scope);
        let state = if self.rng.coin() { TradingState::ReduceOnly } else { TradingState::Halted };
        Command::SetTradingState { scope, state, because }
    }

    fn kill_or_release(&mut self, because: Because) -> Command {
        if let Some(scope) = self.killed.pop() {
            return Command::ReleaseKillSwitch { scope, because };
        }
        let (scope, flatten) = (self.scope(), self.rng.coin());
        self.killed.push(scope);
        Command::ThrowKillSwitch { scope, flatten, because }
    }

    fn set_or_remove_limit(&mut self, because: Because) -> Command {
        if self.limited.len() > 2 && self.rng.coin() {
            let (scope, kind) = self.limited.remove(0);
            return Command::RemoveLimit { scope, kind, because };
        }
        let limit = Box::new(self.loss_limit());
        self.limited.push((limit.scope, limit.kind));
        Command::SetLimit { limit, because }
    }

    /// Far enough for some account to be in trouble.
    fn jump(&mut self) -> Command {
        let instrument = InstrumentId(self.small(FUTURE + 1));
        let (mid, far) = if instrument.0 == FUTURE { (0, 150) } else { (100, 60) };
        Command::Mark(Mark { instrument, price: Price(mid + self.number(2 * far) - self.number(far)) })
    }

    fn scope(&mut self) -> Scope {
        let account = AccountId(self.small(ACCOUNTS));
        match self.rng.below(40) {
            0 => Scope::House,
            1 => Scope::User(UserId(0)),
            2 => Scope::Instrument(InstrumentId(self.small(FUTURE + 1))),
            3 | 20..25 => Scope::AccountInstrument(account, InstrumentId(self.small(FUTURE + 1))),
            4 => Scope::Venue(VenueId(u16::from(self.rng.below(4) == 0))),
            5..20 => Scope::Book(BookId(self.small(BOOKS))),
            _ => Scope::Account(account),
        }
    }

    fn policy(&mut self) -> Policy {
        let all = [Policy::Alert, Policy::ReduceOnly, Policy::CancelOpen, Policy::Flatten, Policy::Halt];
        all.get(self.rng.below(all.len())).copied().unwrap_or_default()
    }

    fn loss_kind(&mut self) -> LimitKind {
        let all = [LimitKind::DailyLoss, LimitKind::WeeklyLoss, LimitKind::Drawdown];
        all.get(self.rng.below(all.len())).copied().unwrap_or(LimitKind::Drawdown)
    }

    fn loss_limit(&mut self) -> Limit {
        let value = if self.rng.below(3) == 0 {
            LimitValue::Ratio(Rate(self.number(200) * 1_000_000))
        } else {
            let asset = AssetId(self.small(ASSETS));
            LimitValue::Amount { asset, amount: setup::units(i128::from(self.number(3000))) }
        };
        Limit { scope: self.scope(), kind: self.loss_kind(), value, policy: self.policy() }
    }

    pub(super) fn unsupported_limit(&mut self) -> Limit {
        Limit { kind: LimitKind::MinConfidence, ..self.loss_limit() }
    }

    fn breaker(&mut self) -> Breaker {
        let watch = match self.rng.below(5) {
            0 => BreakerWatch::PriceMove(Rate(self.number(900) * 1_000_000)),
            1 => {
                let amount = setup::units(i128::from(self.number(3000)));
                BreakerWatch::Loss { asset: AssetId(self.small(ASSETS)), amount }
            }
            2 => BreakerWatch::RejectRate(Rate(Rate::ONE.0 / 2 + self.number(5) * 100_000_000)),
            3 => BreakerWatch::StaleData,
            _ => BreakerWatch::VenueFailures(1),
        };
        let (window_ns, cool_down_ns) = (self.number(2_000) * 1_000_000, self.number(50) * 1_000_000);
        Breaker { scope: self.scope(), watch, window_ns, cool_down_ns, policy: self.policy() }
    }

    fn guard_setting(&mut self) -> Command {
        Command::Configure(if self.rng.coin() {
            let account = Some(AccountId(self.small(ACCOUNTS)));
            Setting::DayStart { account, seconds: self.number(23) * 3_600 }
        } else {
            let book = BookId(self.small(BOOKS));
            Setting::Silence { book, ns: self.number(400) * 1_000_000, policy: self.policy() }
        })
    }
}
