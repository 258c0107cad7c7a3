//! The words in which a socket is told: our own, or those of clients that were written for an older server.

use serde_json::{Value, json};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    Own,
    /// The trading agent's: `orderExecuted`, `positionUpdate` and `tradingCycleComplete`.
    Agent,
}

impl Dialect {
    /// A message in these words, as none, one or several.
    pub(crate) fn say(self, message: &str, mut say: impl FnMut(&str)) {
        match self {
            Self::Own => say(message),
            Self::Agent => in_older_words(message).iter().for_each(|text| say(text)),
        }
    }

    /// Older clients place no orders here.
    pub(crate) fn hears_answers(self) -> bool {
        self == Self::Own
    }
}

fn in_older_words(message: &str) -> Vec<String> {
    let Ok(message) = serde_json::from_str::<Value>(message) else { return Vec::new() };
    let event = |name: &str, data: &Value| {
        json!({ "type": name, "data": data, "timestamp": message["time"] }).to_string()
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
        let say = |message: &str| {
            let mut said = Vec::new();
            Dialect::Agent.say(message, |text| said.push(text.to_owned()));
            said
        };
        let expected = r#"{"data":{"id":"1"},"timestamp":"t","type":"orderExecuted"}"#;
        let said = say(trade);
        assert_eq!((said.len(), said.first().map(String::as_str)), (2, Some(expected)));
        assert!(say("{\"type\":\"heartbeat\"}").is_empty());
    }
}
