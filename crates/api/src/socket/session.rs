//! One socket's conversation: takes messages in their order, as many as are here at once. Orders among them go in
//! together (`entry`); what waits for the socket is sent by its writer. Whoever is silent for three heartbeats is
//! let go, and so is whoever does not read.

use super::dialect::Dialect;
use super::entry::Entry;
use super::frame::{Broken, Frames, Heard, put_pong};
use super::message::{ID_MAX, Message};
use super::upgrade::Wire;
use super::writer::Writer;
use crate::audit::Source;
use crate::auth::{Caller, Power};
use crate::desk::Desk;
use crate::feed::{Channel, Outbox, Wish};
use crate::gauge::Why;
use crate::problem::Problem;
use model::{Directory, InstrumentId};
use serde_json::{Value, json};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::sync::watch;

pub(super) struct Session {
    pub(super) desk: Arc<Desk>,
    pub(super) caller: Option<Arc<Caller>>,
    pub(super) outbox: Arc<Outbox>,
    /// Each channel is listened to through an outbox of its own, so that it can be left; all lead into one.
    channels: Vec<Channel>,
    pub(super) names: Arc<Directory>,
    pub(super) entry: Entry,
    /// From where it was opened, and by which request.
    peer: (IpAddr, String),
    /// Where it stands among those who are inside, once it is known who it is.
    guest: Option<u64>,
}

impl Session {
    pub(super) async fn run(
        desk: Arc<Desk>,
        (caller, peer): (Option<Arc<Caller>>, (IpAddr, String)),
        wire: Wire,
        (first, dialect): (Vec<Channel>, Dialect),
    ) {
        desk.gauges.sockets.inc();
        let outbox = Arc::new(Outbox::new(desk.config.socket_queue_max));
        let silent = Arc::new(AtomicU32::new(0));
        let writer = Writer {
            desk: Arc::clone(&desk),
            sink: wire.writing,
            outbox: Arc::clone(&outbox),
            silent: Arc::clone(&silent),
            dialect,
        };
        let writer = tokio::spawn(writer.run());
        let (names, entry) = (desk.names.now(), Entry::new(desk.door.lane(&outbox)));
        let mut session =
            Self { desk, caller: None, outbox, channels: Vec::new(), names, entry, peer, guest: None };
        if let Some(caller) = caller {
            session.enter(caller);
        }
        for channel in first {
            session.join(channel, None);
        }
        let mut frames = Frames::new(session.desk.config.socket_bytes_max);
        frames.put(&wire.come);
        session.read(wire.reading, frames, &silent).await;
        session.outbox.close("closed");
        if let Some(guest) = session.guest {
            session.desk.guests.leave(guest);
        }
        // A writer that panicked has said so.
        writer.await.unwrap_or_default();
        session.desk.gauges.sockets.dec();
    }

    fn enter(&mut self, caller: Arc<Caller>) {
        self.guest = Some(self.desk.guests.enter(&caller, &self.outbox));
        self.caller = Some(caller);
    }

    async fn read(&mut self, mut reading: impl AsyncRead + Unpin, mut frames: Frames, silent: &AtomicU32) {
        let mut stopping: watch::Receiver<bool> = self.desk.stopping.subscribe();
        loop {
            match self.take_all(&mut frames).await {
                Ok(true) => {}
                Ok(false) => return,
                Err(broken) => return self.outbox.close(broken.why),
            }
            self.send_orders();
            if self.outbox.is_closed() {
                return;
            }
            let read = tokio::select! {
                biased;
                read = reading.read(frames.room()) => read,
                _ = stopping.wait_for(|stopping| *stopping) => {
                    return self.outbox.close("stopped: the server stops; connect again later");
                }
            };
            match read {
                Ok(count) if count > 0 => frames.filled(count),
                _ => return,
            }
            silent.store(0, Ordering::Relaxed);
        }
    }

    /// Takes all that is here; false once the client has said goodbye.
    async fn take_all(&mut self, frames: &mut Frames) -> Result<bool, Broken> {
        while let Some(heard) = frames.take()? {
            match heard {
                Heard::Text(text) => self.take(text).await,
                Heard::Binary => self.refuse("null", &Problem::malformed("messages are text")),
                Heard::Ping(payload) => {
                    let mut frame = Vec::new();
                    put_pong(&mut frame, payload);
                    self.outbox.push_control(frame);
                }
                Heard::Pong => {}
                Heard::Close => return Ok(false),
            }
        }
        Ok(true)
    }

    async fn take(&mut self, text: &str) {
        if self.place_plain(text) {
            return;
        }
        self.send_orders();
        let message: Message<'_> = match serde_json::from_str(text) {
            Ok(message) => message,
            Err(error) => {
                return self
                    .refuse("null", &Problem::malformed(format!("the message is not understood: {error}")));
            }
        };
        let id = match &message.id {
            Some(id) if id.len() <= ID_MAX => Value::String(id.clone().into_owned()).to_string(),
            Some(_) => {
                return self.refuse("null", &Problem::wrong("id", format!("is longer than {ID_MAX} bytes")));
            }
            None => "null".to_owned(),
        };
        let outcome = match message.op.as_ref() {
            "place" => self.place(&id, message.order),
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

    pub(super) fn caller(&self, power: Power) -> Result<Arc<Caller>, Problem> {
        let missing =
            || Problem::unauthenticated("unauthenticated", "send {\"op\":\"auth\",\"token\":…} first");
        let caller = self.caller.as_ref().ok_or_else(missing)?;
        if caller.can(power) {
            Ok(Arc::clone(caller))
        } else {
            Err(Problem::forbidden("forbidden", "you may not do this"))
        }
    }

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
        self.enter(caller);
        Ok(())
    }

    async fn line(&self, id: &str, line: &str) -> Result<(), Problem> {
        self.caller(Power::House)?;
        let source = Source { caller: self.caller.as_deref(), peer: self.peer.0, request: &self.peer.1 };
        let answer = crate::house::answer(&self.desk, &source, line).await?;
        self.say(id, json!({ "type": "lines", "lines": answer.lines, "seq": answer.seq }));
        Ok(())
    }

    pub(super) fn say(&self, id: &str, mut message: Value) {
        message["id"] = serde_json::from_str(id).unwrap_or(Value::Null);
        self.outbox.push(message.to_string().into());
    }

    pub(super) fn refuse(&self, id: &str, problem: &Problem) {
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
