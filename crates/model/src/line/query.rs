//! Looks at the state in words, and their answers: `show book BTC-USDT`, `show balance alice USDT`,
//! `show position alice BTC-USDT [book momentum]`, `show orders alice [after #167]`. Each answer is a few lines.

use super::pen::Pen;
use super::reader::Reader;
use super::{LineError, OrderNames, guard};
use crate::{
    AccountId, Alert, AssetId, BookId, Directory, InstrumentId, MarginState, Money, OrderId, OrderStatus,
    Price, Qty, Side,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Query {
    Book {
        instrument: InstrumentId,
    },
    Balance {
        account: AccountId,
        asset: AssetId,
    },
    /// Of one book, or of the whole account.
    Position {
        account: AccountId,
        instrument: InstrumentId,
        book: Option<BookId>,
    },
    /// A page of them, from after an order on.
    Orders {
        account: AccountId,
        after: Option<OrderId>,
    },
    /// What an account is worth, and how its margin stands.
    Equity {
        account: AccountId,
    },
    Alerts,
}

/// One price level: what all orders there show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Depth {
    pub price: Price,
    pub qty: Qty,
}

/// One working order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Working {
    pub order: OrderId,
    pub instrument: InstrumentId,
    pub side: Side,
    pub qty: Qty,
    pub filled: Qty,
    pub price: Option<Price>,
    /// The price that sets it off, of an order that waits for one.
    pub trigger: Option<Price>,
    pub status: OrderStatus,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Best first, on both sides.
    Book {
        bids: Vec<Depth>,
        asks: Vec<Depth>,
    },
    Balance {
        total: Money,
        available: Money,
        locked: Money,
    },
    Position {
        qty: Qty,
        cost: Money,
        realised: Money,
        fees: Money,
    },
    /// Oldest first, and whether there are more after them.
    Orders {
        page: Vec<Working>,
        more: bool,
    },
    Equity(Worth),
    /// Oldest first.
    Alerts(Vec<Alert>),
}

/// What an account is worth, in its currency; none where a price or a rate is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worth {
    pub currency: AssetId,
    pub equity: Option<Money>,
    /// Per asset that positions are settled in, and per position of an isolated account.
    pub margins: Vec<(Option<InstrumentId>, MarginState)>,
}

pub(super) fn read(reader: &mut Reader) -> Result<Query, LineError> {
    let expected = "what to show";
    Ok(match reader.word(expected)? {
        "book" => Query::Book { instrument: reader.instrument()? },
        "balance" => Query::Balance { account: reader.account()?, asset: reader.asset()? },
        "position" => {
            let (account, instrument) = (reader.account()?, reader.instrument()?);
            let book = if reader.take("book") { Some(reader.book_of(account)?) } else { None };
            Query::Position { account, instrument, book }
        }
        "orders" => {
            let account = reader.account()?;
            let after = if reader.take("after") { Some(reader.order_id(Some(account))?) } else { None };
            Query::Orders { account, after }
        }
        "equity" => Query::Equity { account: reader.account()? },
        "alerts" => Query::Alerts,
        _ => {
            let known = ["book", "balance", "position", "orders", "history", "equity", "alerts"];
            return Err(reader.unexpected(expected).among(known.iter().map(ToString::to_string)));
        }
    })
}

pub(super) fn write(query: &Query, pen: &mut Pen) {
    pen.word("show");
    match *query {
        Query::Book { instrument } => {
            pen.word("book").instrument(instrument);
        }
        Query::Balance { account, asset } => {
            pen.word("balance").account(account).asset(asset);
        }
        Query::Position { account, instrument, book } => {
            pen.word("position").account(account).instrument(instrument);
            if let Some(book) = book {
                pen.word("book").book_of(account, book);
            }
        }
        Query::Orders { account, after } => {
            pen.word("orders").account(account);
            if let Some(order) = after {
                pen.word("after").order_id(order);
            }
        }
        Query::Equity { account } => {
            pen.word("equity").account(account);
        }
        Query::Alerts => {
            pen.word("alerts");
        }
    }
}

pub(super) fn write_answer(
    query: &Query,
    answer: &Answer,
    directory: &Directory,
    orders: &OrderNames,
) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = |write: &dyn Fn(&mut Pen)| {
        let mut pen = Pen::new(directory, orders);
        write(&mut pen);
        lines.push(pen.done());
    };
    match (answer, *query) {
        (Answer::Book { bids, asks }, Query::Book { instrument }) => {
            let grid = directory.grid(instrument);
            let sides = asks.iter().rev().map(|level| ("ask", level));
            for (word, Depth { price, qty }) in sides.chain(bids.iter().map(|level| ("bid", level))) {
                line(&|pen| {
                    pen.word(word).price(*price, grid).word("x").qty(*qty, grid);
                });
            }
        }
        (Answer::Balance { total, available, locked }, _) => line(&|pen| {
            pen.word("total").money(*total).word("available").money(*available);
            pen.word("locked").money(*locked);
        }),
        (Answer::Position { qty, cost, realised, fees }, Query::Position { instrument, .. }) => {
            line(&|pen| {
                pen.word("qty").qty(*qty, directory.grid(instrument)).word("cost").money(*cost);
                pen.word("realised").money(*realised).word("fees").money(*fees);
            });
        }
        (Answer::Orders { page, more }, _) => {
            page.iter().for_each(|order| line(&|pen| order.write(pen)));
            if let Some(last) = page.last().filter(|_| *more) {
                line(&|pen| {
                    pen.word("more").word("after").order_id(last.order);
                });
            }
        }
        (Answer::Equity(worth), _) => {
            line(&|pen| {
                pen.word("equity");
                match worth.equity {
                    Some(equity) => pen.money(equity),
                    None => pen.word("unknown"),
                };
                pen.asset(worth.currency);
            });
            for (of, state) in &worth.margins {
                line(&|pen| {
                    pen.word("margin");
                    if let Some(instrument) = of {
                        pen.instrument(*instrument);
                    }
                    guard::write_margin(state, pen);
                });
            }
        }
        (Answer::Alerts(alerts), _) => {
            alerts.iter().for_each(|alert| line(&|pen| guard::write_alert(alert, pen)));
        }
        (Answer::Book { .. } | Answer::Position { .. }, _) => {}
    }
    lines
}

impl Working {
    fn write(&self, pen: &mut Pen) {
        let grid = pen.grid(self.instrument);
        pen.order(self.order).choice(self.side).qty(self.qty, grid).instrument(self.instrument);
        if let Some(trigger) = self.trigger {
            pen.word("stop").price(trigger, grid);
        }
        if let Some(price) = self.price {
            pen.word("@").price(price, grid);
        }
        pen.word("filled").qty(self.filled, grid).choice(self.status);
    }
}
