//! One connection: lines in, and for each line in its order the events, then `ok SEQ`, `refused: …` or
//! `error: …`. Orders and market data that arrive together go in together and share a sync; anything that may
//! change what a later word means is answered before the next line is read. Absent: answers before the disk.

use super::lines::{Found, LINE_BYTES_MAX, Lines};
use journal::FileDisk;
use model::line::{Line, Query};
use model::{AccountId, Command, NewOrder, OrderFilter, OrderId};
use node::{Client, Names, Refused, show};
use std::io::{self, Write};
use std::net::TcpStream;

/// Commands of one connection on their way at once.
const IN_FLIGHT_MAX: usize = 4096;
/// So much of replies may wait for more to go with them.
const REPLIES_BYTES_MAX: usize = 1 << 18;

pub struct Session<'n> {
    client: Client<FileDisk>,
    names: &'n Names<FileDisk>,
    in_flight: usize,
    replies: Vec<u8>,
    /// The orders that go when the connection does.
    farewell: Option<OrderFilter>,
}

impl<'n> Session<'n> {
    pub fn new(client: Client<FileDisk>, names: &'n Names<FileDisk>) -> Self {
        Self { client, names, in_flight: 0, replies: Vec::new(), farewell: None }
    }

    /// Until the other side has no more to say, or it is over; then what it asked for its end.
    pub fn run(&mut self, stream: &TcpStream, is_over: impl Fn() -> bool) -> io::Result<()> {
        let outcome = self.converse(stream, is_over);
        if let Some(filter) = self.farewell.take() {
            self.settle();
            self.submit(Command::CancelAbandoned(filter));
        }
        outcome
    }

    fn converse(&mut self, mut stream: &TcpStream, is_over: impl Fn() -> bool) -> io::Result<()> {
        let mut lines = Lines::default();
        loop {
            while let Some(found) = lines.here() {
                self.hear(found);
                if self.replies.len() > REPLIES_BYTES_MAX {
                    self.send(stream)?;
                }
            }
            self.settle();
            self.send(stream)?;
            if is_over() || !lines.read(&mut stream)? {
                return Ok(());
            }
        }
    }

    fn send(&mut self, mut stream: &TcpStream) -> io::Result<()> {
        stream.write_all(&self.replies)?;
        self.replies.clear();
        Ok(())
    }

    fn hear(&mut self, found: Found) {
        match found {
            Found::Line(line) => self.line(&line),
            Found::TooLong => {
                self.tell(
                    "error",
                    &format!("the line is longer than {LINE_BYTES_MAX} bytes; send shorter ones"),
                );
            }
            Found::NotText => self.tell("error", &"the line is not UTF-8 text; send plain text"),
        }
    }

    fn line(&mut self, line: &str) {
        match self.names.parse(line) {
            Ok(None) => {}
            Ok(Some(Line::Show(query))) => self.show(query),
            Ok(Some(Line::History { account, order })) => self.history(account, order),
            Ok(Some(Line::WhatIf(order))) => self.what_if(*order),
            Ok(Some(Line::Command(command))) => self.submit(command),
            Ok(Some(Line::OnDisconnect(farewell))) => self.on_disconnect(farewell),
            // A word that an unanswered command may have just given a meaning.
            Err(_) if self.in_flight > 0 => {
                self.settle();
                self.line(line);
            }
            Err(error) => self.tell("error", &error),
        }
    }

    fn submit(&mut self, command: Command) {
        let apart = !goes_together(&command);
        if apart || self.in_flight >= IN_FLIGHT_MAX {
            self.settle();
        }
        match self.client.submit(command, 0) {
            Ok(()) => self.in_flight += 1,
            Err(refused) => self.tell("refused", &refused),
        }
        if apart {
            self.settle();
        }
    }

    fn on_disconnect(&mut self, farewell: Option<OrderFilter>) {
        self.farewell = farewell;
        self.settle();
        match self.client.query(engine::Engine::seq) {
            Ok(seq) => self.tell_ok(seq),
            Err(refused) => self.tell("refused", &refused),
        }
    }

    fn show(&mut self, query: Query) {
        self.settle();
        match self.client.query(move |engine| (engine.seq(), show(engine, &query))) {
            Ok((seq, answer)) => {
                self.tell_lines(&self.names.answer(&query, &answer));
                self.tell_ok(seq);
            }
            Err(refused) => self.tell("refused", &refused),
        }
    }

    fn history(&mut self, account: AccountId, order: OrderId) {
        self.settle();
        let steps = match self.client.history(account, order) {
            Ok(steps) => steps,
            Err(error) => return self.tell("refused", &error),
        };
        match (steps.is_empty(), self.client.query(engine::Engine::seq)) {
            (_, Err(refused)) => self.tell("refused", &refused),
            (true, Ok(_)) => {
                let why = "the account had no such order in what is kept of the journal; check its number";
                self.tell("refused", &why);
            }
            (false, Ok(seq)) => {
                self.tell_lines(&self.names.history(&steps));
                self.tell_ok(seq);
            }
        }
    }

    fn what_if(&mut self, order: NewOrder) {
        self.settle();
        let asked = order.clone();
        match self.client.query(move |engine| (engine.seq(), engine.what_if(&asked))) {
            Ok((seq, answer)) => {
                self.tell_lines(&self.names.what_if(&order, &answer));
                self.tell_ok(seq);
            }
            Err(refused) => self.tell("refused", &refused),
        }
    }

    /// Waits for what is on its way, and writes it down in order.
    fn settle(&mut self) {
        while self.in_flight > 0 {
            let reply = match self.client.recv() {
                Ok(reply) => reply,
                Err(refused) => return self.give_up(&refused),
            };
            self.in_flight -= 1;
            if let Some(stamped) = reply.stamped() {
                self.tell_lines(&self.names.events(stamped, reply.events()));
            }
            self.tell_ok(reply.seq);
        }
    }

    /// The node stopped: what it had taken and not answered may or may not be kept.
    fn give_up(&mut self, refused: &Refused) {
        for _ in 0..std::mem::take(&mut self.in_flight) {
            let what = "this may or may not be kept: send it again after a restart, with the same client id";
            self.tell("error", &format!("{refused}; {what}"));
        }
    }

    fn tell_lines(&mut self, lines: &[String]) {
        for line in lines {
            self.replies.extend_from_slice(line.as_bytes());
            self.replies.push(b'\n');
        }
    }

    fn tell_ok(&mut self, seq: u64) {
        self.replies.extend_from_slice(format!("ok {seq}\n").as_bytes());
    }

    /// After what was asked before.
    fn tell(&mut self, word: &str, why: &dyn std::fmt::Display) {
        self.settle();
        self.replies.extend_from_slice(format!("{word}: {why}\n").as_bytes());
    }
}

/// Whether the next line means the same before and after it.
fn goes_together(command: &Command) -> bool {
    use Command::{CancelOrder, Mark, PlaceOrder, Print, Quote};
    matches!(command, PlaceOrder(_) | CancelOrder(_) | Quote(_) | Print(_) | Mark(_))
}
