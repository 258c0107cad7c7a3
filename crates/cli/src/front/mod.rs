//! The front desk as arguments: where it listens, who may come, and the key that its secrets are sealed with.
//! Absent: anything that it answers.

mod key;
mod log;
mod otlp;
mod settings;

use anyhow::{Context, Result, anyhow};
use api::{Api, Config, Parts, Service, SignUp, Tls};
use clap::Args;
use settings::Settings;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};

const ADDRESS: &str = "127.0.0.1:8080";
const OFF: &str = "off";

#[derive(Args)]
pub struct Front {
    /// Where HTTP and WebSockets are served; port 0 takes a free one, `off` serves neither.
    #[arg(long, value_name = "ADDRESS", default_value = ADDRESS, value_parser = address)]
    http: Address,
    /// The certificate, in PEM; HTTP is then HTTPS.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_certificate: Option<PathBuf>,
    /// Its key, in PEM.
    #[arg(long, value_name = "FILE", requires = "tls_certificate")]
    tls_key: Option<PathBuf>,
    /// Web pages from there may call; `*` is any. May be given several times.
    #[arg(long, value_name = "ORIGIN")]
    allow_origin: Vec<String>,
    /// Anybody may sign up, not only who was invited.
    #[arg(long)]
    open_sign_up: bool,
    /// Keys are made and live money is moved without a second factor.
    #[arg(long)]
    no_second_factor: bool,
    /// Requests a minute of one user or key.
    #[arg(long, value_name = "COUNT", default_value_t = 60_000, value_parser = clap::value_parser!(u32).range(1..))]
    requests_per_minute: u32,
    /// What secrets are sealed with: 64 hexadecimal digits in a file; else `master.key` in the folder of the
    /// journal, made if it is missing. Keep a copy.
    #[arg(long, value_name = "FILE")]
    master_key_file: Option<PathBuf>,
    /// More settings, in TOML: services with ports of their own, and where spans are sent.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// How the log is written, to standard error.
    #[arg(long, value_enum, default_value_t = log::Form::Text)]
    log: log::Form,
}

/// Ports that are taken, with nobody behind them yet.
pub struct Bound {
    listener: TcpListener,
    services: Vec<(Service, TcpListener)>,
    settings: Settings,
}

/// Where to listen, if at all.
#[derive(Clone, Copy)]
struct Address(Option<SocketAddr>);

fn address(text: &str) -> Result<Address, String> {
    if text == OFF {
        return Ok(Address(None));
    }
    let parsed =
        text.parse().map_err(|_no_address| format!("write a number and a port, like {ADDRESS}, or off"));
    parsed.map(|address| Address(Some(address)))
}

impl Front {
    /// Takes the ports, so that a port that is taken is known before the journal is opened.
    pub fn bind(&self) -> Result<Option<Bound>> {
        let settings = Settings::read(self.config.as_deref())?;
        let Some(address) = self.http.0 else { return Ok(None) };
        let listener = TcpListener::bind(address);
        let listener = listener.with_context(|| {
            format!("{address} cannot be listened on: choose another with --http, or off")
        })?;
        let services = settings.bind(address.ip())?;
        Ok(Some(Bound { listener, services, settings }))
    }

    pub fn open(&self, bound: Bound, data: &Path, parts: Parts<'_>) -> Result<Api> {
        let Bound { listener, services, settings } = bound;
        log::start(self.log, settings.otlp())?;
        let file = self.master_key_file.clone().unwrap_or_else(|| data.join("master.key"));
        let master = key::read_or_make(&file, self.master_key_file.is_none())?;
        let address = self.http.0.ok_or_else(|| anyhow!("there is no address to listen on"))?;
        let certificate = self.tls_certificate.clone().zip(self.tls_key.clone());
        let config = Config {
            tls: certificate.map(|(certificate, key)| Tls { certificate, key }),
            origins: self.allow_origin.clone(),
            sign_up: if self.open_sign_up { SignUp::Open } else { SignUp::Invitation },
            second_factor: !self.no_second_factor,
            requests_per_minute: self.requests_per_minute,
            ..Config::new(address, master)
        };
        let mut api = Api::start(listener, config, parts)?;
        for (service, listener) in services {
            api.serve(service, listener)?;
        }
        Ok(api)
    }
}
