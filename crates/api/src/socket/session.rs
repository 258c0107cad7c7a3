//! One socket's conversation. A reader takes messages in their order; a writer sends what waits, many at a time.
//! Whoever is silent for three heartbeats is let go, and so is whoever does not read.

use super::answer::Ticket;
use super::dialect::Dialect;
use super::message::Message;
use crate::auth::{Caller, Power};
use crate::call::account;
use crate::desk::Desk;
use crate::feed::{Channel, Outbox, Wish};
use crate::gauge::Why;
use crate::order::body::OrderBody;
use crate::order::{change, place};
use crate::problem::Problem;
use axum::extract::ws::{CloseFrame, Message as Frame, Utf8Bytes, WebSocket};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use model::{CancelOrder, Command, Directory, Grid, InstrumentId, Money, OrderRef};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::sync::watch;

/// How a socket is closed (RFC 6455, section 7.4.1).
const GOING_AWAY: u16 = 1001;
const TRY_AGAIN: u16 = 1013;
const POLICY: u16 = 1008;

pub(super) struct Session {
    desk: Arc<Desk>,
    caller: Option<Arc<Caller>>,
    outbox: Arc<Outbox>,
    /// Each channel is listened to through an outbox of its own, so that it can be left; all lead into one.
    channels: Vec<Channel>,
    names: Arc<Directory>,
}

impl Session {
    pub(super) async fn run(
        desk: Arc<Desk>,
        caller: Option<Arc<Caller>>,
        socket: WebSocket,
        (first, dialect): (Vec<Channel>, Dialect),
    ) {
        desk.gauges.sockets.inc();
        let outbox = Arc::new(Outbox::new(desk.config.socket_queue_max));
        let (sink, stream) = socket.split();
        let silent = Arc::new(AtomicU32::new(0));
        let writer =
            tokio::spawn(write(Arc::clone(&desk), sink, Arc::clone(&outbox), Arc::clone(&silent), dialect));
        let names = desk.names.now();
        let mut session = Self { desk, caller, outbox, channels: Vec::new(), names };
        for channel in first {
            session.join(channel, None);
        }
        session.read(stream, &silent).await;
        session.outbox.close("closed");
        // A writer that panicked has said so.
        writer.await.unwrap_or_default();
        session.desk.gauges.sockets.dec();
    }

    async fn read(&mut self, mut stream: SplitStream<WebSocket>, silent: &AtomicU32) {
        let mut stopping: watch::Receiver<bool> = self.desk.stopping.subscribe();
        loop {
            let frame = tokio::select! {
                biased;
                frame = stream.next() => frame,
                _ = stopping.wait_for(|stopping| *stopping) => return self.outbox.close("stopped: the server stops; connect again later"),
            };
            let Some(Ok(frame)) = frame else { return };
            silent.store(0, Ordering::Relaxed);
            match frame {
                Frame::Text(text) => self.take(text.as_str()).await,
                Frame::Binary(_) => self.refuse("null", &Problem::malformed("messages are text")),
                Frame::Close(_) => return,
                Frame::Ping(_) | Frame::Pong(_) => {}
            }
            if self.outbox.is_closed() {
                return;
            }
        }
    }

    async fn take(&mut self, text: &str) {
        let message: Message<'_> = match serde_json::from_str(text) {
            Ok(message) => message,
            Err(error) => {
                return self
                    .refuse("null", &Problem::malformed(format!("the message is not understood: {error}")));
            }
        };
        let id = match &message.id {
            Some(id) if id.len() <= 64 => Value::String(id.clone().into_owned()).to_string(),
            Some(_) => return self.refuse("null", &Problem::wrong("id", "is longer than 64 bytes")),
            None => "null".to_owned(),
        };
        let outcome = match message.op.as_ref() {
            "place" => return self.place(id, message.order),
            "cancel" => self.cancel(&id, &message).await,
            "modify" => self.modify(&id, message).await,
            "subscribe" => self.subscribe(&id, &message).await,
            "unsubscribe" => self.unsubscribe(&id, &message),
            "auth" => self.authenticate(&id, message.token.as_deref().unwrap_or_default()).await,
            "line" => self.line(&id, message.line.as_deref().unwrap_or_default()).await,
            "ping" => {
                self.say(&id, json!({ "type": "pong", "seq": self.desk.door.durable_seq() }));
                Ok(())
            }
            other => Err(Problem::wrong(
                "op",
                format!(
                    "is {other:?}: write auth, subscribe, unsubscribe, place, modify, cancel, line or ping"
                ),
            )),
        };
        if let Err(problem) = outcome {
            self.refuse(&id, &problem);
        }
    }

    fn caller(&self, power: Power) -> Result<Arc<Caller>, Problem> {
        let missing =
            || Problem::unauthenticated("unauthenticated", "send {\"op\":\"auth\",\"token\":…} first");
        let caller = self.caller.as_ref().ok_or_else(missing)?;
        // A key or session that ended since is found out by asking again.
        if caller.can(power) {
            Ok(Arc::clone(caller))
        } else {
            Err(Problem::forbidden("forbidden", "you may not do this"))
        }
    }

    fn place(&mut self, id: String, order: Option<OrderBody>) {
        match self.read_order(order) {
            Ok((command, grid)) => self.send(id, command, grid),
            Err(problem) => self.refuse(&id, &problem),
        }
    }

    fn read_order(&mut self, order: Option<OrderBody>) -> Result<(Command, Grid), Problem> {
        let caller = self.caller(Power::Trade)?;
        let body = order.ok_or_else(|| Problem::wrong("order", "is missing"))?;
        if self.names.instrument_named(&body.symbol).is_none() {
            self.names = self.desk.names.now();
        }
        let owner = account(&caller, body.account.as_deref(), &self.names).or_else(|_unknown| {
            self.names = self.desk.names.now();
            account(&caller, body.account.as_deref(), &self.names)
        })?;
        let owned = self.names.account(owner).is_some_and(|of| of.user == caller.user);
        if !owned {
            return Err(Problem::not_found("account"));
        }
        let wanted = place::read(&body, owner, &self.names)?;
        let grid = self.names.grid(wanted.shown.instrument).ok_or_else(Problem::internal)?;
        Ok((wanted.command, grid))
    }

    fn send(&self, id: String, command: Command, grid: Grid) {
        let ticket = Ticket { id: id.into_boxed_str(), grid, outbox: Arc::clone(&self.outbox) };
        if let Err((refused, ticket)) = self.desk.door.send_for(command, Box::new(ticket)) {
            self.refuse(&ticket.id, &Problem::from(refused));
        }
    }

    async fn target(&self, message: &Message<'_>) -> Result<change::Target, Problem> {
        let caller = self.caller(Power::Trade)?;
        let order = match (&message.order_id, &message.client_order_id) {
            (Some(id), None) => change::named(id)?,
            (None, Some(client)) => {
                OrderRef::Client(client.parse().map_err(|error: model::TextError| {
                    Problem::wrong("client_order_id", error.to_string())
                })?)
            }
            _ => return Err(Problem::wrong("order_id", "or client_order_id is needed, one of the two")),
        };
        if let (OrderRef::Client(_), Some(named)) = (order, &message.account) {
            let names = self.desk.names.now();
            let account = account(&caller, Some(named), &names)?;
            let owned = names.account(account).is_some_and(|of| of.user == caller.user);
            return if owned {
                Ok(change::Target { account, order, instrument: None })
            } else {
                Err(Problem::not_found("account"))
            };
        }
        change::find(&self.desk, &caller, order).await
    }

    async fn cancel(&self, id: &str, message: &Message<'_>) -> Result<(), Problem> {
        let change::Target { account, order, .. } = self.target(message).await?;
        self.send(id.to_owned(), Command::CancelOrder(CancelOrder { account, order }), Self::NO_GRID);
        Ok(())
    }

    async fn modify(&self, id: &str, mut message: Message<'_>) -> Result<(), Problem> {
        let changes = message.changes.take().ok_or_else(|| Problem::wrong("changes", "are missing"))?;
        let target = self.target(&message).await?;
        let command = changes.read(&target, &self.desk.names.now())?;
        self.send(id.to_owned(), command, Self::NO_GRID);
        Ok(())
    }

    /// Of answers that show no quantity.
    const NO_GRID: Grid = Grid { tick: Money::ONE, lot: Money::ONE };

    async fn subscribe(&mut self, id: &str, message: &Message<'_>) -> Result<(), Problem> {
        let channel = self.channel(message).await?;
        if self.channels.contains(&channel) {
            return Err(Problem::conflict("subscribed", "the channel is subscribed to already"));
        }
        if self.channels.len() >= self.desk.config.channels_max {
            let most = self.desk.config.channels_max;
            return Err(Problem::conflict(
                "too_many_channels",
                format!("{most} channels are the most of one socket"),
            ));
        }
        self.say(id, json!({ "type": "subscribed", "channel": message.channel, "symbol": message.symbol }));
        self.join(channel, message.after);
        Ok(())
    }

    fn join(&mut self, channel: Channel, after: Option<u64>) {
        self.channels.push(channel);
        let outbox = Arc::clone(&self.outbox);
        match (channel, &self.caller) {
            (Channel::Orders | Channel::Trades | Channel::Portfolio, Some(caller)) => {
                self.desk.feed.listen(Wish { user: caller.user, channel, outbox, after });
            }
            _ => self.desk.feed.listen_to_market(channel, outbox),
        }
    }

    fn unsubscribe(&mut self, id: &str, message: &Message<'_>) -> Result<(), Problem> {
        let names = self.desk.names.now();
        let instrument = message.symbol.as_deref().and_then(|symbol| names.instrument_named(symbol));
        let channel = parse_channel(message.channel.as_deref().unwrap_or_default(), instrument)?;
        let before = self.channels.len();
        self.channels.retain(|joined| *joined != channel);
        if self.channels.len() == before {
            return Err(Problem::not_found("subscription"));
        }
        let user = self.caller.as_ref().map(|caller| caller.user);
        self.desk.feed.leave(channel, user, &self.outbox);
        self.say(id, json!({ "type": "unsubscribed", "channel": message.channel, "symbol": message.symbol }));
        Ok(())
    }

    async fn channel(&mut self, message: &Message<'_>) -> Result<Channel, Problem> {
        self.caller(Power::Read)?;
        let name = message.channel.as_deref().unwrap_or_default();
        let Some(symbol) = message.symbol.as_deref() else { return parse_channel(name, None) };
        let names = self.desk.names_with(|names| names.instrument_named(symbol).is_some()).await;
        let instrument = names.instrument_named(symbol).ok_or_else(|| Problem::not_found("symbol"))?;
        parse_channel(name, Some(instrument))
    }

    async fn authenticate(&mut self, id: &str, token: &str) -> Result<(), Problem> {
        if self.caller.is_some() {
            return Err(Problem::conflict("signed_in", "open another socket for another user"));
        }
        let caller = self.desk.doorman.identify_token(&self.desk, token).await.inspect_err(|_bad| {
            self.desk.gauges.refuse(Why::Unauthenticated);
        })?;
        self.say(
            id,
            json!({ "type": "signed_in", "user_id": caller.user.0, "powers": caller.powers.words() }),
        );
        self.caller = Some(caller);
        Ok(())
    }

    async fn line(&self, id: &str, line: &str) -> Result<(), Problem> {
        self.caller(Power::House)?;
        let answer = crate::house::answer(&self.desk, line).await?;
        self.say(id, json!({ "type": "lines", "lines": answer.lines, "seq": answer.seq }));
        Ok(())
    }

    fn say(&self, id: &str, mut message: Value) {
        message["id"] = serde_json::from_str(id).unwrap_or(Value::Null);
        self.outbox.push(Utf8Bytes::from(message.to_string()));
    }

    fn refuse(&self, id: &str, problem: &Problem) {
        let message = json!({ "type": "problem", "problem": problem, "code": problem.code() });
        self.say(id, message);
    }
}

fn parse_channel(name: &str, instrument: Option<InstrumentId>) -> Result<Channel, Problem> {
    match (name, instrument) {
        ("orders", None) => Ok(Channel::Orders),
        ("trades", None) => Ok(Channel::Trades),
        ("portfolio", None) => Ok(Channel::Portfolio),
        ("ticker", Some(instrument)) => Ok(Channel::Ticker(instrument)),
        ("trades", Some(instrument)) => Ok(Channel::Tape(instrument)),
        ("orderbook", Some(instrument)) => Ok(Channel::Book(instrument)),
        _ => {
            let why = "is orders, trades or portfolio; or ticker, trades or orderbook with a symbol";
            Err(Problem::wrong("channel", why))
        }
    }
}

async fn write(
    desk: Arc<Desk>,
    mut sink: SplitSink<WebSocket, Frame>,
    outbox: Arc<Outbox>,
    silent: Arc<AtomicU32>,
    dialect: Dialect,
) {
    let mut beat = tokio::time::interval(desk.config.heartbeat);
    beat.tick().await;
    loop {
        tokio::select! {
            waiting = outbox.take() => match waiting {
                Ok(messages) => {
                    let messages = dialect.say(messages);
                    let sent = tokio::time::timeout(desk.config.answer_wait, send_all(&mut sink, messages)).await;
                    if !matches!(sent, Ok(Ok(()))) {
                        return outbox.close("closed");
                    }
                }
                Err(why) => return close(&desk, &mut sink, why).await,
            },
            _ = beat.tick() => {
                if silent.fetch_add(1, Ordering::Relaxed) >= 3 {
                    outbox.close("silent: nothing was heard for three heartbeats");
                    continue;
                }
                let seq = desk.door.durable_seq();
                let message = json!({ "type": "heartbeat", "seq": seq }).to_string();
                let both = async {
                    sink.feed(Frame::Ping(axum::body::Bytes::new())).await?;
                    sink.send(Frame::Text(message.into())).await
                };
                if !matches!(tokio::time::timeout(desk.config.answer_wait, both).await, Ok(Ok(()))) {
                    return outbox.close("closed");
                }
            }
        }
    }
}

async fn send_all(
    sink: &mut SplitSink<WebSocket, Frame>,
    messages: std::collections::VecDeque<Utf8Bytes>,
) -> Result<(), axum::Error> {
    for message in messages {
        sink.feed(Frame::Text(message)).await?;
    }
    sink.flush().await
}

async fn close(desk: &Desk, sink: &mut SplitSink<WebSocket, Frame>, why: &'static str) {
    let code = match why.split(':').next() {
        Some("slow_consumer") => {
            desk.gauges.refuse(Why::Lagging);
            TRY_AGAIN
        }
        Some("silent") => POLICY,
        _ => GOING_AWAY,
    };
    let frame = Frame::Close(Some(CloseFrame { code, reason: Utf8Bytes::from_static(why) }));
    // Who is gone already hears nothing.
    tokio::time::timeout(std::time::Duration::from_secs(1), sink.send(frame))
        .await
        .map(drop)
        .unwrap_or_default();
}
