//! The settings file of the front desk: what is too much for arguments. Whatever it names and we do not know is
//! refused, so that a misspelt line is not passed over.
//!
//! ```toml
//! [services]
//! portfolio = true            # on the port its clients expect, beside the front desk
//! risk = "127.0.0.1:9025"
//!
//! [telemetry]
//! otlp = "http://127.0.0.1:4318"
//! ```

use anyhow::{Context, Result, anyhow};
use api::Service;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::path::Path;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    #[serde(default)]
    services: BTreeMap<String, Place>,
    #[serde(default)]
    telemetry: Telemetry,
}

/// Where a service answers.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Place {
    Said(bool),
    Port(u16),
    Address(SocketAddr),
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Telemetry {
    /// Where spans are sent, by OTLP over HTTP.
    otlp: Option<String>,
}

impl Settings {
    pub fn read(file: Option<&Path>) -> Result<Self> {
        let Some(file) = file else { return Ok(Self::default()) };
        let text =
            std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
        toml::from_str(&text).with_context(|| format!("{} cannot be understood", file.display()))
    }

    /// Takes the ports of the services that are to have one.
    pub fn bind(&self, beside: IpAddr) -> Result<Vec<(Service, TcpListener)>> {
        let mut bound = Vec::new();
        for (name, place) in &self.services {
            let service = Service::named(name)
                .ok_or_else(|| anyhow!("[services] names {name:?}; there are {}", Service::all()))?;
            let address = match place {
                Place::Said(false) => continue,
                Place::Said(true) => SocketAddr::new(beside, service.port),
                Place::Port(port) => SocketAddr::new(beside, *port),
                Place::Address(address) => *address,
            };
            let listener = TcpListener::bind(address);
            let listener = listener
                .with_context(|| format!("{address}, of the service {name}, cannot be listened on"))?;
            bound.push((service, listener));
        }
        Ok(bound)
    }

    pub fn otlp(&self) -> Option<&str> {
        self.telemetry.otlp.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    #[test]
    fn services_get_their_ports_and_unknown_words_are_refused() {
        let read = |text: &str| toml::from_str::<Settings>(text);
        let settings =
            read("[services]\nportfolio = 0\nrisk = \"127.0.0.1:0\"\nsignals = false").expect("settings");
        let bound = settings.bind(HERE).expect("ports");
        let names: Vec<&str> = bound.iter().map(|(service, _)| service.name).collect();
        assert_eq!(names, ["portfolio", "risk"]);
        let otlp = read("[telemetry]\notlp = \"http://127.0.0.1:4318\"").expect("settings");
        assert_eq!(otlp.otlp(), Some("http://127.0.0.1:4318"));
        assert!(read("[servces]").is_err());
        let error =
            read("[services]\ncasino = true").expect("settings").bind(HERE).expect_err("no such service");
        assert!(error.to_string().contains("portfolio, signals"), "{error}");
    }
}
