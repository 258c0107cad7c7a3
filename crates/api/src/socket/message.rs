//! What a client may say over a socket.

use crate::order::body::OrderBody;
use crate::order::change::ChangeBody;
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
