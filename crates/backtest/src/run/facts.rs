//! What strategies want becomes orders, and what becomes of those comes back to them as facts.

use super::{NOBODY, Note, Run, Worth};
use crate::desk::Open;
use model::{Command, Event, Qty, Side};
use strategy::{Ended, Fill, Tag, View};

impl Run<'_> {
    pub(super) fn do_intents(&mut self, at: usize) {
        let may_trade = self.plan.trade_from.is_none_or(|from| self.now >= from);
        let mut intents = std::mem::take(&mut self.desks[at].intents);
        let mut all = std::mem::take(&mut self.wanted);
        for intent in intents.drain() {
            self.desks[at].command(intent, &self.house.instruments, &mut all);
            for wanted in all.drain(..) {
                if !may_trade {
                    continue;
                }
                if wanted.needs_price {
                    let lane = self.desks[at].markets[wanted.at];
                    if let Some(last) = self.desks[at].view[wanted.at].last {
                        self.print_price(lane, last);
                    }
                }
                self.house.apply(self.now, wanted.command);
                self.adopt(at, wanted.tag, wanted.at);
                self.take_notes();
                self.take_reports();
            }
        }
        self.wanted = all;
        // The room of the list is used again, and what was said meanwhile is kept.
        let meanwhile = std::mem::replace(&mut self.desks[at].intents, intents);
        meanwhile.as_slice().iter().cloned().for_each(|intent| self.desks[at].intents.push(intent));
    }

    /// The orders that were accepted are this strategy's, under its own name for them.
    fn adopt(&mut self, at: usize, tag: Tag, place: usize) {
        for event in &self.house.events {
            match event {
                Event::OrderAccepted(accepted) => {
                    let slot = accepted.order.slot() as usize;
                    if self.owners.len() <= slot {
                        self.owners.resize(slot + 1, NOBODY);
                    }
                    self.owners[slot] = u32::try_from(at).unwrap_or(NOBODY);
                    let (order, side, qty) = (accepted.order, accepted.side, accepted.qty);
                    self.desks[at].open.push(Open { order, tag, at: place, side, left: qty, qty });
                }
                Event::OrderRejected { reason, .. } | Event::CommandRejected { reason } => {
                    *self.desks[at].refused.entry(reason.to_string()).or_default() += 1;
                    let own = self.desks[at].has_tag(tag);
                    if !own {
                        let desk = &mut self.desks[at];
                        let markets = std::mem::take(&mut desk.view);
                        desk.stir();
                        let ended = Ended { at: place, tag, left: Qty::ZERO, is_refused: true };
                        let worth = Worth(&self.tally, desk.account);
                        desk.strategy.on_end(
                            &ended,
                            &View::new(self.now, &markets, &worth),
                            &mut desk.intents,
                        );
                        desk.view = markets;
                    }
                }
                Event::ModifyRejected { reason, .. } | Event::CancelRejected { reason, .. } => {
                    *self.desks[at].refused.entry(reason.to_string()).or_default() += 1;
                }
                _ => {}
            }
        }
    }

    pub(super) fn apply(&mut self, command: Command) {
        self.house.apply(self.now, command);
        self.take_notes();
    }

    /// Keeps what the last command's events mean to strategies.
    #[inline]
    pub(super) fn take_notes(&mut self) {
        for event in &self.house.events {
            match event {
                Event::OutsideTraded(trade) => self.notes.push_back(Note::Fill(**trade)),
                Event::OrderCancelled { order, left, cause } => {
                    let is_refused = matches!(cause, model::CancelCause::Refused { .. });
                    self.notes.push_back(Note::End { order: *order, left: *left, is_refused });
                }
                Event::OrderExpired { order, left } => {
                    self.notes.push_back(Note::End { order: *order, left: *left, is_refused: false });
                }
                Event::OrderModified { order, changes, left, .. } => {
                    if let Some(open) = self
                        .desks
                        .iter_mut()
                        .flat_map(|desk| &mut desk.open)
                        .find(|open| open.order == *order)
                    {
                        open.left = *left;
                        open.qty = changes.qty.unwrap_or(open.qty);
                    }
                }
                _ => {}
            }
        }
    }

    /// What the venue has answered already is known before the next thing is asked of it.
    pub(super) fn take_reports(&mut self) {
        while let Some(report) = self.house.venue.hear(self.now) {
            self.apply(Command::Venue(Box::new(report)));
        }
    }

    /// Reports of the venue and facts for strategies, until there are none.
    #[inline]
    pub(super) fn settle(&mut self) {
        loop {
            if let Some(report) = self.house.venue.hear(self.now) {
                self.apply(Command::Venue(Box::new(report)));
            } else if let Some(note) = self.notes.pop_front() {
                self.take_note(note);
            } else {
                return;
            }
        }
    }

    fn take_note(&mut self, note: Note) {
        let order = match &note {
            Note::Fill(trade) => trade.order,
            Note::End { order, .. } => *order,
        };
        let owner = self.owners.get(order.slot() as usize).copied().unwrap_or(NOBODY) as usize;
        let Some(desk) = self.desks.get_mut(owner) else { return };
        let Some(place) = desk.open.iter().position(|open| open.order == order) else { return };
        let Open { tag, at, .. } = desk.open[place];
        desk.stir();
        match note {
            Note::Fill(trade) => {
                desk.open[place].left = trade.left;
                if trade.left.is_zero() {
                    desk.open.remove(place);
                }
                desk.view[at].held.0 += crate::tally::signed(trade.side, trade.qty);
                let market = desk.markets[at];
                let account = desk.account;
                self.tally.fill(owner, market, account, &trade, self.now);
                let side: Side = trade.side;
                let fill = Fill { at, tag, side, qty: trade.qty, price: trade.price, left: trade.left };
                self.tell(owner, |desk, view| desk.strategy.on_fill(&fill, view, &mut desk.intents));
            }
            Note::End { left, is_refused, .. } => {
                desk.open.remove(place);
                let ended = Ended { at, tag, left, is_refused };
                self.tell(owner, |desk, view| desk.strategy.on_end(&ended, view, &mut desk.intents));
            }
        }
    }
}
