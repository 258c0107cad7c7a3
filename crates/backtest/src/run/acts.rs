//! What happens to holders in the course of a run: each act is a command, and what it came to reaches the figures, the
//! venue and the strategies. One that the engine refuses is counted, with its reason.

use super::Run;
use crate::acts::{Act, Due, charge, commands};
use model::{Command, CorporateAction, Event, Time};

impl Run<'_> {
    /// All that is due by now.
    #[inline]
    pub(super) fn act(&mut self) {
        while self.acts.next().is_some_and(|next| next <= self.now) {
            match self.acts.take(self.now) {
                Some(Due::Act(market, act)) => self.do_act(market, act),
                Some(Due::Midnight) => self.charge_shorts(),
                None => return,
            }
        }
    }

    fn do_act(&mut self, market: usize, act: Act) {
        let split = match act {
            Act::Corporate(CorporateAction::Split { old, new }) => Some((old, new)),
            _ => None,
        };
        if split.is_some() {
            self.let_arrive();
        }
        let instrument = self.house.instruments[market];
        for command in commands(instrument, act) {
            let is_accepted = self.do_command(command);
            if let Some(ratio) = split.filter(|_| is_accepted) {
                self.house.venue.split(self.now, instrument, ratio);
                self.tell_split(market, ratio);
            }
        }
        self.settle();
    }

    /// Only where somebody is short is there anything to pay.
    fn charge_shorts(&mut self) {
        for market in 0..self.lanes.len() {
            let Some(rate) = self.acts.daily(market).filter(|_| self.tally.is_short(market)) else {
                continue;
            };
            self.do_command(charge(self.house.instruments[market], rate));
        }
        self.settle();
    }

    fn do_command(&mut self, command: Command) -> bool {
        self.house.apply(self.now, command);
        let mut refused = None;
        for event in &self.house.events {
            match event {
                Event::CommandRejected { reason } => refused = Some(reason.to_string()),
                Event::CashPaid { account, book, instrument, amount, cause, .. } => {
                    let Some(strategy) = self.house.strategy_of(*book) else { continue };
                    let Some(account) = self.house.accounts.iter().position(|of| of == account) else {
                        continue;
                    };
                    let Some(market) = self.house.market_of(*instrument) else { continue };
                    self.tally.pay((account, strategy, market), *amount, *cause);
                }
                Event::PositionAdjusted(adjusted) => {
                    let Some(strategy) = self.house.strategy_of(adjusted.book) else { continue };
                    let Some(market) = self.house.market_of(adjusted.instrument) else { continue };
                    let desk = &mut self.desks[strategy];
                    if let Some(place) = desk.place_of(market) {
                        desk.view[place].held = adjusted.qty;
                    }
                    self.tally.adjust((desk.account, strategy, market), adjusted, self.now);
                }
                _ => {}
            }
        }
        self.take_notes();
        let is_accepted = refused.is_none();
        if let Some(reason) = refused {
            *self.undone.entry(reason).or_default() += 1;
        }
        is_accepted
    }

    /// What is on its way is of before the split, and is through before it.
    fn let_arrive(&mut self) {
        self.house.venue.advance(Time::MAX);
        while let Some(report) = self.house.venue.hear(Time::MAX) {
            self.apply(Command::Venue(Box::new(report)));
            self.settle();
        }
    }

    fn tell_split(&mut self, market: usize, (old, new): (u32, u32)) {
        let turn = |price: model::Price| {
            let all = i128::from(price.0) * i128::from(old);
            model::Price(i64::try_from(all.div_euclid(i128::from(new.max(1)))).unwrap_or(price.0))
        };
        self.tally.turn_price(market, |price| turn(model::Price(price)).0);
        self.touches[market] = (None, None);
        for desk in &mut self.desks {
            let Some(place) = desk.place_of(market) else { continue };
            let view = &mut desk.view[place];
            (view.last, view.quote) = (view.last.map(turn), None);
            desk.strategy.on_split(place, old, new);
            desk.stir();
        }
    }
}
