//! The body of a new order, in JSON: what it may say, and how that becomes the engine's words. Every part that
//! is wrong is named, not only the first. Absent: any rule of trading; those are the engine's.

use crate::decimal::Decimal;
use crate::problem::Fault;
use model::line::Worded;
use model::{
    AccountId, ClientOrderId, Condition, Directory, Grid, InstrumentId, Money, NewAlgo, NewOrder, OrderId,
    OrderStatus, OrderType, PegTo, PostOnly, Price, Priority, Qty, Rate, Route, RoutePlan, SelfTrade, Side,
    Time, TimeInForce, TraceId, Trail, TrailBy, Trigger, TriggerSource,
};
use serde::Deserialize;
use utoipa::ToSchema;

/// A new order.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"account": "alice", "symbol": "BTC-USDT", "side": "buy", "order_type": "limit",
    "quantity": "0.5", "price": "64000", "client_order_id": "a1"}))]
pub struct OrderBody {
    /// The account's name; the caller's only account if there is but one.
    pub account: Option<String>,
    /// The book of the account; `main` if none is named.
    pub book: Option<String>,
    #[serde(default)]
    pub symbol: String,
    /// `buy` or `sell`.
    #[serde(default)]
    pub side: String,
    /// market, limit, stop, stop_limit, market_if_touched, limit_if_touched, trailing_stop,
    /// trailing_stop_limit, iceberg, hidden, market_to_limit or pegged.
    #[serde(rename = "order_type", alias = "type", default)]
    pub kind: String,
    #[schema(value_type = String)]
    pub quantity: Option<Decimal>,
    pub price: Option<Decimal>,
    /// Where a stop or if-touched order is set off.
    pub stop_price: Option<Decimal>,
    /// last, bid_ask, mid, mark or double_last.
    pub trigger_source: Option<String>,
    /// How far a trailing stop follows: one of the three.
    pub trail_amount: Option<Decimal>,
    pub trail_percent: Option<Decimal>,
    pub trail_ticks: Option<i64>,
    /// From where on it follows, and in which steps.
    pub activation_price: Option<Decimal>,
    pub trail_step: Option<Decimal>,
    /// The limit of a trailing stop-limit, as a distance from its stop.
    pub limit_offset: Option<Decimal>,
    /// What an iceberg shows.
    #[serde(alias = "visible_quantity")]
    pub display_quantity: Option<Decimal>,
    /// own_side, mid or opposite.
    pub peg_to: Option<String>,
    pub peg_offset: Option<Decimal>,
    /// gtc, day, gtd, ioc, fok, at_open or at_close; gtc if not said, ioc of a market order.
    #[serde(alias = "timeInForce")]
    pub time_in_force: Option<String>,
    /// When a gtd order ends, as 2026-11-21T14:30:00Z.
    pub expires_at: Option<String>,
    /// At most 64 printable characters; the same id again gets the first answer.
    pub client_order_id: Option<String>,
    /// reject or slide.
    pub post_only: Option<String>,
    #[serde(default)]
    pub reduce_only: bool,
    /// cancel_newest, cancel_oldest, cancel_both or decrement.
    pub self_trade: Option<String>,
    pub min_quantity: Option<Decimal>,
    /// normal, high, critical or stop_loss: the place in the queue to a venue.
    pub priority: Option<String>,
    /// On the way to a venue: not sent after this.
    pub deadline: Option<String>,
    /// A venue's name, or `spray` or `sequential` for smart routing; the listing's venue if not said.
    pub route: Option<String>,
    /// Sent only once this holds.
    pub condition: Option<ConditionBody>,
    /// Worked over time by an algorithm.
    pub algo: Option<super::algo::AlgoBody>,
    /// The decision that it came from.
    pub trace_id: Option<u64>,
    /// Of the signal behind it, 0 to 1.
    pub confidence: Option<Decimal>,
}

/// What must be true before an order is sent: one of a price, a moment, or the state of an order.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConditionBody {
    /// The instrument whose price counts; the order's own if not said.
    pub symbol: Option<String>,
    /// At or above this price.
    pub above: Option<Decimal>,
    /// At or below this price.
    pub below: Option<Decimal>,
    /// last, bid_ask, mid, mark or double_last.
    pub trigger_source: Option<String>,
    /// From this moment on.
    pub at: Option<String>,
    /// Once this order is in the state of `status`.
    pub order_id: Option<String>,
    pub status: Option<String>,
}

/// Of an instrument that there is not.
const NO_GRID: Grid = Grid { tick: Money::ONE, lot: Money::ONE };

/// Collects what is wrong.
pub(crate) struct Reading<'d> {
    pub(crate) directory: &'d Directory,
    pub(crate) faults: Vec<Fault>,
}

impl<'d> Reading<'d> {
    pub(crate) fn new(directory: &'d Directory) -> Self {
        Self { directory, faults: Vec::new() }
    }

    pub(crate) fn fault(&mut self, field: &str, why: impl Into<String>) {
        self.faults.push(Fault { field: field.to_owned(), why: why.into() });
    }

    fn missing(&mut self, field: &str, what: &str) {
        self.fault(field, format!("is missing: {what} needs it"));
    }

    pub(crate) fn word<T: Worded>(&mut self, field: &str, word: &str) -> Option<T> {
        let found = T::of(&word.to_ascii_lowercase());
        if found.is_none() {
            self.fault(field, format!("is {word:?}: write {}", T::all()));
        }
        found
    }

    fn post_only(&mut self, word: &str) -> Option<PostOnly> {
        match word {
            "reject" => Some(PostOnly::Reject),
            "slide" => Some(PostOnly::Slide),
            _ => {
                self.fault("post_only", format!("is {word:?}: write reject or slide"));
                None
            }
        }
    }

    fn word_or<T: Worded + Default>(&mut self, field: &str, word: Option<&str>) -> T {
        word.and_then(|word| self.word(field, word)).unwrap_or_default()
    }

    pub(crate) fn price(&mut self, field: &str, text: Option<&Decimal>, grid: Grid) -> Option<Price> {
        let Decimal(text) = text?;
        Price::parse(text, grid.tick).map_err(|error| self.fault(field, error.to_string())).ok()
    }

    pub(crate) fn qty(&mut self, field: &str, text: Option<&Decimal>, grid: Grid) -> Option<Qty> {
        let Decimal(text) = text?;
        Qty::parse(text, grid.lot).map_err(|error| self.fault(field, error.to_string())).ok()
    }

    pub(crate) fn time(&mut self, field: &str, text: Option<&str>) -> Option<Time> {
        Time::parse(text?).map_err(|error| self.fault(field, error.to_string())).ok()
    }

    fn venue(&mut self, word: &str) -> Route {
        let venue = self.directory.venue_named(word);
        if venue.is_none() {
            self.fault("route", format!("is {word:?}: write spray, sequential or the name of a venue"));
        }
        venue.map_or(Route::Listing, Route::Venue)
    }

    pub(crate) fn rate(&mut self, field: &str, text: Option<&Decimal>) -> Option<Rate> {
        let Decimal(text) = text?;
        Rate::parse(text).map_err(|error| self.fault(field, error.to_string())).ok()
    }

    pub(crate) fn client_order_id(&mut self, text: Option<&str>) -> Option<ClientOrderId> {
        ClientOrderId::new(text?).map_err(|error| self.fault("client_order_id", error.to_string())).ok()
    }
}

impl ConditionBody {
    fn read(&self, own: InstrumentId, grid: Grid, reading: &mut Reading<'_>) -> Option<Condition> {
        let (mut instrument, mut grid) = (own, grid);
        if let Some(symbol) = &self.symbol {
            let found = reading.directory.instrument_named(symbol);
            let Some((id, listed)) = found.and_then(|id| Some((id, reading.directory.instrument(id)?)))
            else {
                reading.fault("condition.symbol", format!("there is no {symbol:?}"));
                return None;
            };
            (instrument, grid) = (id, listed.grid);
        }
        let source = reading.word_or("condition.trigger_source", self.trigger_source.as_deref());
        let above = reading.price("condition.above", self.above.as_ref(), grid);
        let below = reading.price("condition.below", self.below.as_ref(), grid);
        let at = reading.time("condition.at", self.at.as_deref());
        let order = self.order_id.as_ref().map(|id| id.parse().map(OrderId));
        match (above, below, at, order) {
            (Some(price), None, None, None) => Some(Condition::Above { instrument, price, source }),
            (None, Some(price), None, None) => Some(Condition::Below { instrument, price, source }),
            (None, None, Some(time), None) => Some(Condition::At { time }),
            (None, None, None, Some(Ok(order))) => {
                let status = self.status.as_deref().unwrap_or("filled");
                let status = reading.word::<OrderStatus>("condition.status", status)?;
                Some(Condition::Order { order, status })
            }
            _ => {
                reading.fault("condition", "needs exactly one of above, below, at and order_id");
                None
            }
        }
    }
}

impl OrderBody {
    /// The order of the account, or every part that is wrong.
    pub(crate) fn read(&self, account: AccountId, directory: &Directory) -> Result<NewOrder, Vec<Fault>> {
        let mut reading = Reading::new(directory);
        let instrument = directory.instrument_named(&self.symbol);
        let listed = instrument.and_then(|id| Some((id, directory.instrument(id)?.grid)));
        if listed.is_none() {
            reading
                .fault("symbol", format!("there is no {:?}; see /api/v1/market-data/symbols", self.symbol));
        }
        let side = reading.word::<Side>("side", &self.side);
        let (instrument, grid) = listed.unwrap_or((InstrumentId(0), NO_GRID));
        let order = self.read_order(account, (instrument, grid), side.unwrap_or(Side::Buy), &mut reading);
        // What is wrong with a number of an unknown instrument is no news.
        if listed.is_none() {
            reading.faults.truncate(1);
        }
        match order {
            Some(order) if reading.faults.is_empty() => Ok(order),
            _ => Err(reading.faults),
        }
    }

    /// The order as the parent of an algorithm.
    pub(crate) fn read_algo(&self, account: AccountId, directory: &Directory) -> Result<NewAlgo, Vec<Fault>> {
        let parent = self.read(account, directory)?;
        let mut reading = Reading::new(directory);
        let grid = directory.grid(parent.instrument).unwrap_or(NO_GRID);
        let algo = self.algo.as_ref().and_then(|algo| algo.read(parent, grid, &mut reading));
        algo.filter(|_| reading.faults.is_empty()).ok_or(reading.faults)
    }

    pub(super) fn read_order(
        &self,
        account: AccountId,
        (instrument, grid): (InstrumentId, Grid),
        side: Side,
        reading: &mut Reading<'_>,
    ) -> Option<NewOrder> {
        if self.quantity.is_none() {
            reading.missing("quantity", "every order");
        }
        let qty = reading.qty("quantity", self.quantity.as_ref(), grid);
        let kind = self.read_kind(grid, reading);
        let time_in_force = self.read_time_in_force(reading);
        let book = self.book.as_ref().and_then(|name| {
            let book = reading.directory.book_named(account, name);
            if book.is_none() {
                reading.fault("book", format!("the account has no book {name:?}; open it first"));
            }
            book
        });
        let mut order = NewOrder::new(account, instrument, side, qty?, kind?);
        order.book = book;
        order.time_in_force = time_in_force?;
        order.client_order_id = reading.client_order_id(self.client_order_id.as_deref());
        order.post_only = self.post_only.as_ref().and_then(|word| reading.post_only(word));
        order.reduce_only = self.reduce_only;
        order.self_trade =
            self.self_trade.as_ref().and_then(|word| reading.word::<SelfTrade>("self_trade", word));
        order.qty_min = reading.qty("min_quantity", self.min_quantity.as_ref(), grid);
        order.confidence = reading.rate("confidence", self.confidence.as_ref());
        self.read_way(&mut order, grid, reading);
        Some(order)
    }

    /// What says how and when it is sent.
    fn read_way(&self, order: &mut NewOrder, grid: Grid, reading: &mut Reading<'_>) {
        let priority = self.priority.as_deref();
        order.priority =
            priority.and_then(|word| reading.word::<Priority>("priority", word)).unwrap_or_default();
        order.deadline = reading.time("deadline", self.deadline.as_deref());
        order.trace = self.trace_id.map(TraceId);
        order.route = match self.route.as_deref() {
            None => Route::Listing,
            Some(word) => match RoutePlan::of(word) {
                Some(plan) => Route::Smart(plan),
                None => reading.venue(word),
            },
        };
        if let Some(condition) = &self.condition {
            order.condition = condition.read(order.instrument, grid, reading);
        }
    }

    fn read_kind(&self, grid: Grid, reading: &mut Reading<'_>) -> Option<OrderType> {
        let price = reading.price("price", self.price.as_ref(), grid);
        let needs_price = |reading: &mut Reading<'_>| {
            if self.price.is_none() {
                reading.missing("price", &format!("a {} order", self.kind));
            }
        };
        let trigger = |reading: &mut Reading<'_>| {
            if self.stop_price.is_none() {
                reading.missing("stop_price", &format!("a {} order", self.kind));
            }
            let source = reading.word_or("trigger_source", self.trigger_source.as_deref());
            let price = reading.price("stop_price", self.stop_price.as_ref(), grid)?;
            Some(Trigger { price, source })
        };
        match self.kind.to_ascii_lowercase().as_str() {
            "market" => Some(OrderType::Market),
            "market_to_limit" => Some(OrderType::MarketToLimit),
            "limit" => {
                needs_price(reading);
                Some(OrderType::Limit { price: price? })
            }
            "hidden" => {
                needs_price(reading);
                Some(OrderType::Hidden { price: price? })
            }
            "stop" => Some(OrderType::Stop { trigger: trigger(reading)? }),
            "market_if_touched" => Some(OrderType::MarketIfTouched { trigger: trigger(reading)? }),
            "stop_limit" => {
                needs_price(reading);
                Some(OrderType::StopLimit { trigger: trigger(reading)?, price: price? })
            }
            "limit_if_touched" => {
                needs_price(reading);
                Some(OrderType::LimitIfTouched { trigger: trigger(reading)?, price: price? })
            }
            "iceberg" => {
                needs_price(reading);
                if self.display_quantity.is_none() {
                    reading.missing("display_quantity", "an iceberg order");
                }
                let display = reading.qty("display_quantity", self.display_quantity.as_ref(), grid);
                Some(OrderType::Iceberg { price: price?, display: display? })
            }
            "trailing_stop" => Some(OrderType::TrailingStop { trail: self.read_trail(grid, reading)? }),
            "trailing_stop_limit" => {
                if self.limit_offset.is_none() {
                    reading.missing("limit_offset", "a trailing_stop_limit order");
                }
                let limit_offset = reading.price("limit_offset", self.limit_offset.as_ref(), grid);
                let trail = self.read_trail(grid, reading)?;
                Some(OrderType::TrailingStopLimit { trail, limit_offset: limit_offset?.0 })
            }
            "pegged" => {
                if self.peg_to.is_none() {
                    reading.missing("peg_to", "a pegged order");
                }
                let to = self.peg_to.as_ref().and_then(|word| reading.word::<PegTo>("peg_to", word));
                let offset =
                    reading.price("peg_offset", self.peg_offset.as_ref(), grid).unwrap_or_default().0;
                Some(OrderType::Pegged { to: to?, offset, limit: price })
            }
            _ => {
                let known = "market, limit, stop, stop_limit, market_if_touched, limit_if_touched, trailing_stop, \
                             trailing_stop_limit, iceberg, hidden, market_to_limit or pegged";
                reading.fault("order_type", format!("is {:?}: write {known}", self.kind));
                None
            }
        }
    }

    fn read_trail(&self, grid: Grid, reading: &mut Reading<'_>) -> Option<Box<Trail>> {
        let amount = reading.price("trail_amount", self.trail_amount.as_ref(), grid);
        let percent = reading.rate("trail_percent", self.trail_percent.as_ref());
        let by = match (amount, percent, self.trail_ticks) {
            (Some(ticks), None, None) => Some(TrailBy::Amount(ticks.0)),
            (None, Some(percent), None) if percent.0 % 100 == 0 => {
                Some(TrailBy::Percent(Rate(percent.0 / 100)))
            }
            (None, None, Some(ticks)) => Some(TrailBy::Ticks(ticks)),
            _ => None,
        };
        if by.is_none() {
            let why = "a trailing order needs exactly one of trail_amount, trail_percent and trail_ticks";
            reading.fault("trail_amount", why);
        }
        let activation = reading.price("activation_price", self.activation_price.as_ref(), grid);
        let step = reading.price("trail_step", self.trail_step.as_ref(), grid).map(|step| step.0);
        let source: TriggerSource = reading.word_or("trigger_source", self.trigger_source.as_deref());
        Some(Box::new(Trail { by: by?, activation, step, source }))
    }

    pub(crate) fn read_time_in_force(&self, reading: &mut Reading<'_>) -> Option<TimeInForce> {
        let word = self.time_in_force.as_deref().unwrap_or("gtc").to_ascii_lowercase();
        if word != "gtd" && self.expires_at.is_some() {
            reading.fault("expires_at", "only a gtd order has it");
        }
        Some(match word.as_str() {
            "gtc" => TimeInForce::Gtc,
            "day" => TimeInForce::Day,
            "ioc" => TimeInForce::Ioc,
            "fok" => TimeInForce::Fok,
            "at_open" => TimeInForce::AtOpen,
            "at_close" => TimeInForce::AtClose,
            "gtd" => {
                let Some(moment) = &self.expires_at else {
                    reading.missing("expires_at", "a gtd order");
                    return None;
                };
                TimeInForce::Gtd(reading.time("expires_at", Some(moment))?)
            }
            _ => {
                let known = "gtc, day, gtd, ioc, fok, at_open or at_close";
                reading.fault("time_in_force", format!("is {word:?}: write {known}"));
                return None;
            }
        })
    }
}
