//! The writing half of a socket: sends what waits, much of it at a time, asks now and then whether somebody is
//! there, and says why it closes.

use super::dialect::Dialect;
use super::frame::{put_close, put_ping, put_text};
use crate::desk::Desk;
use crate::feed::{Outbox, Waiting};
use crate::gauge::Why;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::io::{AsyncWrite, AsyncWriteExt};

/// How a socket is closed (RFC 6455, section 7.4.1).
const NORMAL: u16 = 1000;
const GOING_AWAY: u16 = 1001;
const TRY_AGAIN: u16 = 1013;
const POLICY: u16 = 1008;

/// Bytes that are gathered before they are sent, and what an idle socket keeps room for.
const AT_ONCE: usize = 64 << 10;
const ROOM_KEPT: usize = 4 << 10;

pub(super) struct Writer<W> {
    pub(super) desk: Arc<Desk>,
    pub(super) sink: W,
    pub(super) outbox: Arc<Outbox>,
    /// Heartbeats since something was heard.
    pub(super) silent: Arc<AtomicU32>,
    pub(super) dialect: Dialect,
}

impl<W: AsyncWrite + Unpin> Writer<W> {
    pub(super) async fn run(mut self) {
        let mut beat = tokio::time::interval(self.desk.config.heartbeat);
        beat.tick().await;
        let mut room = Vec::new();
        loop {
            let sent = tokio::select! {
                waiting = self.outbox.take() => match waiting {
                    Ok(waiting) => self.send(waiting, &mut room).await,
                    Err(why) => return self.close(why).await,
                },
                _ = beat.tick() => {
                    if self.silent.fetch_add(1, Ordering::Relaxed) >= 3 {
                        self.outbox.close("silent: nothing was heard for three heartbeats");
                        continue;
                    }
                    put_ping(&mut room);
                    let seq = self.desk.door.durable_seq();
                    put_text(&mut room, &format!("{{\"type\":\"heartbeat\",\"seq\":{seq}}}"));
                    self.flush(&mut room).await
                }
            };
            if !sent {
                return self.outbox.close("closed");
            }
        }
    }

    async fn send(&mut self, waiting: VecDeque<Waiting>, room: &mut Vec<u8>) -> bool {
        for one in waiting {
            match one {
                Waiting::Message(message) => self.dialect.say(&message, |text| put_text(room, text)),
                Waiting::Framed(mut frames) if self.dialect.hears_answers() => {
                    if room.is_empty() {
                        *room = frames;
                    } else {
                        room.append(&mut frames);
                    }
                }
                Waiting::Framed(_) => {}
                Waiting::Control(mut frame) => room.append(&mut frame),
            }
            if room.len() >= AT_ONCE && !self.flush(room).await {
                return false;
            }
        }
        self.flush(room).await
    }

    /// Whether all of it went.
    async fn flush(&mut self, room: &mut Vec<u8>) -> bool {
        if room.is_empty() {
            return true;
        }
        let sent = tokio::time::timeout(self.desk.config.answer_wait, self.sink.write_all(room)).await;
        room.clear();
        room.shrink_to(ROOM_KEPT);
        matches!(sent, Ok(Ok(())))
    }

    async fn close(&mut self, why: &'static str) {
        let code = match why.split(':').next() {
            Some("slow_consumer") => {
                self.desk.gauges.refuse(Why::Lagging);
                TRY_AGAIN
            }
            Some("silent" | "session_over" | "key_over" | "changed") => POLICY,
            Some("protocol") => 1002,
            Some("not_text") => 1007,
            Some("too_large") => 1009,
            Some("closed") => NORMAL,
            _ => GOING_AWAY,
        };
        let mut frame = Vec::new();
        put_close(&mut frame, code, why);
        let both = async {
            self.sink.write_all(&frame).await?;
            self.sink.shutdown().await
        };
        // Who is gone already hears nothing.
        tokio::time::timeout(Duration::from_secs(1), both).await.map(drop).unwrap_or_default();
    }
}
