//! The words in which a socket is told: our own, or those of clients that were written for an older server.

use axum::extract::ws::Utf8Bytes;
use serde_json::{Value, json};
use std::collections::VecDeque;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    Own,
    /// The trading agent's: `orderExecuted`, `positionUpdate` and `tradingCycleComplete`.
    Agent,
}

impl Dialect {
    pub(crate) fn say(self, messages: VecDeque<Utf8Bytes>) -> VecDeque<Utf8Bytes> {
        match self {
            Self::Own => messages,
            Self::Agent => messages.iter().flat_map(|message| in_older_words(message.as_str())).collect(),
        }
    }
}

fn in_older_words(message: &str) -> Vec<Utf8Bytes> {
    let Ok(message) = serde_json::from_str::<Value>(message) else { return Vec::new() };
    let event = |name: &str, data: &Value| {
        Utf8Bytes::from(json!({ "type": name, "data": data, "timestamp": message["time"] }).to_string())
    };
    let all = |list: &Value| list.as_array().cloned().unwrap_or_default();
    match (message["channel"].as_str(), message["type"].as_str()) {
        (Some("trades"), Some("update")) => {
            all(&message["trades"]).iter().map(|trade| event("orderExecuted", trade)).collect()
        }
        (Some("portfolio"), Some("snapshot")) if message["accounts"].is_array() => {
            let accounts = all(&message["accounts"]);
            let positions = accounts.iter().flat_map(|account| all(&account["positions"]));
            positions.map(|position| event("positionUpdate", &position)).collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn older_clients_hear_their_own_words() {
        let trade = r#"{"channel":"trades","type":"update","time":"t","trades":[{"id":"1"},{"id":"2"}]}"#;
        let said = Dialect::Agent.say(VecDeque::from([Utf8Bytes::from(trade.to_owned())]));
        let said: Vec<&str> = said.iter().map(|message| message.as_str()).collect();
        let expected = r#"{"data":{"id":"1"},"timestamp":"t","type":"orderExecuted"}"#;
        assert_eq!((said.len(), said.first().copied()), (2, Some(expected)));
        let quiet = Dialect::Agent.say(VecDeque::from([Utf8Bytes::from_static("{\"type\":\"heartbeat\"}")]));
        assert!(quiet.is_empty());
    }
}
