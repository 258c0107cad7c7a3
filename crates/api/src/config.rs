//! What can be set for the front desk. Every bound is here; reaching one is an answer, never a stall.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// A certificate and its key, in PEM files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

/// Who may become a user.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SignUp {
    #[default]
    Invitation,
    Open,
}

#[derive(Clone, Debug)]
pub struct Config {
    pub address: SocketAddr,
    pub tls: Option<Tls>,
    /// Web pages of these origins may call from a browser; `*` is any.
    pub origins: Vec<String>,
    pub sign_up: SignUp,
    /// What all secrets of this installation come from.
    pub master_key: [u8; 32],
    /// Keys are made, live accounts armed and live money moved only with a second factor.
    pub second_factor: bool,
    pub access_life: Duration,
    pub refresh_life: Duration,
    /// Requests a minute of one user or key, and all of them at once if it was quiet before.
    pub requests_per_minute: u32,
    pub sign_ins_per_minute: u32,
    /// Failed sign-ins in a row that lock a user, and for how long.
    pub failures_max: u32,
    pub lock: Duration,
    pub connections_max: usize,
    pub body_bytes_max: usize,
    /// A request's head and body have to be here by then, and its answer.
    pub head_wait: Duration,
    pub body_wait: Duration,
    pub answer_wait: Duration,
    /// How long requests that are on their way may take once we are told to stop.
    pub drain_wait: Duration,
    pub socket_bytes_max: usize,
    /// Channels of one socket, messages that may wait for it, and messages kept for who comes back.
    pub channels_max: usize,
    pub socket_queue_max: usize,
    pub kept_max: usize,
    /// A socket that says nothing is asked so often, and let go after three times.
    pub heartbeat: Duration,
    /// Threads that answer.
    pub workers: usize,
}

impl Config {
    #[must_use]
    pub fn new(address: SocketAddr, master_key: [u8; 32]) -> Self {
        Self {
            address,
            tls: None,
            origins: Vec::new(),
            sign_up: SignUp::default(),
            master_key,
            second_factor: true,
            access_life: Duration::from_secs(15 * 60),
            refresh_life: Duration::from_secs(30 * 86_400),
            requests_per_minute: 60_000,
            sign_ins_per_minute: 20,
            failures_max: 5,
            lock: Duration::from_secs(15 * 60),
            connections_max: 16_384,
            body_bytes_max: 1 << 20,
            head_wait: Duration::from_secs(10),
            body_wait: Duration::from_secs(10),
            answer_wait: Duration::from_secs(30),
            drain_wait: Duration::from_secs(10),
            socket_bytes_max: 256 << 10,
            channels_max: 200,
            socket_queue_max: 4096,
            kept_max: 1 << 16,
            heartbeat: Duration::from_secs(15),
            workers: std::thread::available_parallelism().map_or(2, usize::from).clamp(2, 8),
        }
    }
}
