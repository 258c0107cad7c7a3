//! What has arrived and the engine has not taken. Bounded: full is `Busy`, at once, at the door. The engine
//! takes all of it in one exchange of queues, so a thousand commands cost it one look. Orders are never
//! dropped or joined; market data may be, see `market`. A kill switch has a way of its own: it waits for nothing
//! that came before it, and finds room when there is none. Absent: locks and waiting, which the threads add.

use crate::market::{Market, MarketData, Passed};
use crate::metrics::Metrics;
use crate::{ClientId, Config, Refused};
use engine::Engine;
use model::Command;
use std::collections::VecDeque;

/// Gives the answer of a query to who asked.
pub(crate) type Answer = Box<dyn FnOnce() + Send>;
/// Looks at the engine and brings the answer back, to be given later.
pub(crate) type Query = Box<dyn FnOnce(&Engine) -> Answer + Send>;

#[expect(clippy::large_enum_variant, reason = "nearly all are commands, and a box for each would cost more")]
pub(crate) enum Request {
    Command { client: ClientId, tag: u64, command: Command },
    Query(Query),
}

/// Kill switches that may wait; the engine takes them before anything else.
const URGENT_MAX: usize = 64;

impl Request {
    #[inline]
    pub fn is_urgent(&self) -> bool {
        matches!(self, Self::Command { command: Command::ThrowKillSwitch { .. }, .. })
    }
}

/// What the engine has taken over and works through.
#[derive(Default)]
pub(crate) struct Taken {
    pub urgent: VecDeque<Request>,
    pub requests: VecDeque<Request>,
    pub market: VecDeque<MarketData>,
}

impl Taken {
    pub fn is_empty(&self) -> bool {
        self.urgent.is_empty() && self.requests.is_empty() && self.market.is_empty()
    }
}

pub(crate) struct Inbox {
    urgent: VecDeque<Request>,
    requests: VecDeque<Request>,
    market: Market,
    max: usize,
    congested_at: usize,
}

impl Inbox {
    pub fn new(config: &Config) -> Self {
        Self {
            urgent: VecDeque::new(),
            requests: VecDeque::new(),
            market: Market::new(config.market_max),
            max: config.inbox_max,
            congested_at: config.congested_at,
        }
    }

    /// How many more requests there is room for.
    #[inline]
    pub fn room(&self) -> usize {
        self.max.saturating_sub(self.requests.len())
    }

    #[inline]
    pub fn push(&mut self, request: Request) -> Result<(), Refused> {
        if request.is_urgent() && self.urgent.len() < URGENT_MAX {
            self.urgent.push_back(request);
            return Ok(());
        }
        if self.room() == 0 {
            return Err(Refused::Busy);
        }
        self.requests.push_back(request);
        Ok(())
    }

    pub fn push_market(&mut self, data: MarketData, metrics: &Metrics) -> Result<Passed, Refused> {
        let congested = self.requests.len() + self.market.len() >= self.congested_at;
        let passed = self.market.push(data, congested);
        match passed {
            Passed::Queued => {}
            Passed::Replaced => metrics.conflated.add(1),
            Passed::Dropped => metrics.prints_dropped.add(1),
            Passed::Refused => return Err(Refused::Busy),
        }
        Ok(passed)
    }

    pub fn len(&self) -> usize {
        self.urgent.len() + self.requests.len() + self.market.len()
    }

    pub fn has_urgent(&self) -> bool {
        !self.urgent.is_empty()
    }

    /// Gives what cannot wait for what was taken before.
    pub fn swap_urgent(&mut self, taken: &mut Taken) {
        taken.urgent.append(&mut self.urgent);
    }

    /// Gives everything for two empty queues. Answers how much it was.
    pub fn swap(&mut self, taken: &mut Taken) -> usize {
        let waiting = self.len();
        self.swap_urgent(taken);
        std::mem::swap(&mut self.requests, &mut taken.requests);
        self.market.swap(&mut taken.market);
        waiting
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Because, Name, Scope, UserId};

    #[test]
    fn a_kill_switch_finds_room_and_comes_first() {
        let mut inbox = Inbox::new(&Config { inbox_max: 2, ..Config::default() });
        let ask = |command| Request::Command { client: ClientId::NOBODY, tag: 0, command };
        let because = Because { user: UserId(0), reason: Name::new("drill").unwrap() };
        let kill = || Command::ThrowKillSwitch { scope: Scope::House, flatten: false, because };
        let mut taken = Taken::default();
        inbox.push(ask(Command::AdvanceTime)).unwrap();
        assert_eq!(inbox.swap(&mut taken), 1);
        for _ in 0..2 {
            inbox.push(ask(Command::AdvanceTime)).unwrap();
        }
        assert_eq!(inbox.push(ask(Command::AdvanceTime)), Err(Refused::Busy));
        for _ in 0..URGENT_MAX {
            inbox.push(ask(kill())).unwrap();
        }
        assert_eq!(inbox.push(ask(kill())), Err(Refused::Busy));
        // While the engine works through what it took before, it takes these in front of that.
        inbox.swap_urgent(&mut taken);
        assert_eq!((taken.urgent.len(), taken.requests.len(), inbox.len()), (URGENT_MAX, 1, 2));
    }
}
