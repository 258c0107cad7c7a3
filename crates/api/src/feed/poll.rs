//! The timer: what changed since it last looked is looked up once, for all who listen, and told.

use super::book::{DEPTH, Levels};
use super::{Channel, Dirty, Feed, locked};
use crate::clock;
use crate::desk::{Desk, accounts_of};
use crate::market::{Ticker, ticker_of};
use crate::order::view::{price_text, qty_text};
use crate::portfolio;
use engine::Engine;
use model::{Grid, InstrumentId, Side};
use std::sync::Arc;
use std::time::Duration;

const EVERY: Duration = Duration::from_millis(50);
const USERS_AT_ONCE: usize = 256;

/// Starts the timer; it ends with the runtime.
pub(crate) fn poll(desk: &Arc<Desk>) {
    let desk = Arc::clone(desk);
    tokio::spawn(async move {
        let mut timer = clock::every(EVERY);
        while desk.turn(&mut timer).await {
            let dirty = std::mem::take(&mut *locked(&desk.feed.dirty));
            tell_markets(&desk, &dirty).await;
            tell_portfolios(&desk, &dirty).await;
        }
    });
}

type Looked = Vec<(InstrumentId, Levels, Levels, Ticker)>;

async fn tell_markets(desk: &Arc<Desk>, dirty: &Dirty) {
    let wanted: Vec<(InstrumentId, Grid)> = {
        let (books, names) = (locked(&desk.feed.books), desk.names.now());
        let all = if dirty.some_book { books.wanted() } else { dirty.instruments.clone() };
        let wanted = all.into_iter().filter(|instrument| books.wants(*instrument));
        wanted.filter_map(|instrument| Some((instrument, names.grid(instrument)?))).collect()
    };
    if wanted.is_empty() {
        return;
    }
    let again: Vec<InstrumentId> = wanted.iter().map(|(instrument, _)| *instrument).collect();
    match desk.door.look(move |engine| (engine.seq(), look(engine, &wanted))).await {
        Ok((seq, looked)) => {
            let mut books = locked(&desk.feed.books);
            for (instrument, bids, asks, ticker) in looked {
                books.tell(instrument, seq, (bids, asks), ticker);
            }
        }
        // Busy: they are still to be told.
        Err(_refused) => locked(&desk.feed.dirty).instruments.extend(again),
    }
}

fn look(engine: &Engine, wanted: &[(InstrumentId, Grid)]) -> Looked {
    let one = |(instrument, grid): &(InstrumentId, Grid)| {
        let side = |side| -> Levels {
            let levels = engine.levels(*instrument, side).take(DEPTH);
            levels.map(|level| [price_text(level.price, *grid).0, qty_text(level.qty, *grid).0]).collect()
        };
        Some((*instrument, side(Side::Buy), side(Side::Sell), ticker_of(engine, *instrument, *grid)?))
    };
    wanted.iter().filter_map(one).collect()
}

/// A user's whole portfolio, after anything in it changed.
async fn tell_portfolios(desk: &Arc<Desk>, dirty: &Dirty) {
    let names = desk.names.now();
    for user in dirty.users.iter().take(USERS_AT_ONCE) {
        let (accounts, known) = (accounts_of(&names, *user), Arc::clone(&names));
        let Ok(view) = desk.door.look(move |engine| portfolio::look(engine, &accounts, &known)).await else {
            return;
        };
        let mut message = serde_json::to_value(&view).unwrap_or_default();
        message["channel"] = "portfolio".into();
        message["type"] = "snapshot".into();
        let equity: f64 =
            view.accounts.iter().filter_map(|account| account.equity()?.parse::<f64>().ok()).sum();
        desk.gauges.worth(user.0, equity);
        desk.feed.tell_user(*user, Channel::Portfolio, message.to_string().into());
    }
    let rest: Vec<_> = dirty.users.iter().skip(USERS_AT_ONCE).copied().collect();
    locked(&desk.feed.dirty).users.extend(rest);
}

impl Feed {
    /// Portfolios are told by the timer, so their listeners are here and not with the thread.
    fn tell_user(&self, user: model::UserId, channel: Channel, message: super::Message) {
        let mut portfolios = locked(&self.portfolios);
        if channel == Channel::Portfolio
            && let Some(listeners) = portfolios.get_mut(&user)
        {
            listeners.retain(|outbox| outbox.push(message.clone()));
            if listeners.is_empty() {
                portfolios.remove(&user);
            }
        }
    }
}
