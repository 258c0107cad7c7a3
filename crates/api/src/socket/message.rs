//! What a client may say over a socket.

use crate::order::body::OrderBody;
use crate::order::change::ChangeBody;
use crate::order::plain::PlainOrder;
use serde::Deserialize;
use std::borrow::Cow;

/// One message. Which fields it needs follows from `op`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Message<'a> {
    /// auth, subscribe, unsubscribe, place, modify, cancel, line or ping.
    #[serde(borrow)]
    pub(super) op: Cow<'a, str>,
    /// Comes back with the answer.
    #[serde(borrow, default)]
    pub(super) id: Option<Cow<'a, str>>,
    /// auth: an access token.
    #[serde(borrow, default)]
    pub(super) token: Option<Cow<'a, str>>,
    /// subscribe and unsubscribe.
    #[serde(borrow, default)]
    pub(super) channel: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(super) symbol: Option<Cow<'a, str>>,
    /// subscribe: the last record that was heard.
    #[serde(default)]
    pub(super) after: Option<u64>,
    /// place.
    #[serde(default)]
    pub(super) order: Option<OrderBody>,
    /// modify and cancel: which order.
    #[serde(borrow, default)]
    pub(super) order_id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(super) client_order_id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(super) account: Option<Cow<'a, str>>,
    /// modify: what changes.
    #[serde(default)]
    pub(super) changes: Option<ChangeBody>,
    /// line: one line of the house's language.
    #[serde(borrow, default)]
    pub(super) line: Option<Cow<'a, str>>,
}

/// An ordinary order and nothing else, read without a copy.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PlainPlace<'a> {
    op: &'a str,
    #[serde(default)]
    id: Option<&'a str>,
    #[serde(borrow)]
    pub(super) order: PlainOrder<'a>,
}

/// An id that comes back has no more bytes than this.
pub(super) const ID_MAX: usize = 64;

impl<'a> PlainPlace<'a> {
    pub(super) fn read(text: &'a str) -> Option<Self> {
        let message: Self = serde_json::from_str(text).ok()?;
        let fits = message.id.is_none_or(|id| id.len() <= ID_MAX);
        (message.op == "place" && fits).then_some(message)
    }

    /// As it was written: what needs an escape is not borrowed, and so is not plain.
    pub(super) fn id_json(&self) -> Box<str> {
        match self.id {
            None => "null".into(),
            Some(id) => ["\"", id, "\""].concat().into(),
        }
    }
}

/// Whether the text is a message of ours, plain or not.
pub(crate) fn is_message(text: &str) -> bool {
    let plain = PlainPlace::read(text).is_some();
    let whole = serde_json::from_str::<Message<'_>>(text).is_ok();
    debug_assert!(whole || !plain, "what is plain is a message too");
    whole
}
