//! Opens the front desk and closes it again: threads, listener, router. Stopping lets no one in any more and
//! gives those who are in the time to finish.

mod dispatch;
mod listen;
mod tls;

use crate::audit::Audit;
use crate::auth::{Doorman, setup};
use crate::config::Config;
use crate::desk::Desk;
use crate::door::Door;
use crate::feed::Feed;
use crate::gauge::Gauges;
use crate::names::Names;
use crate::older::Service;
use crate::socket::Guests;
use model::Directory;
use node::{FileDisk, Node, NodeError};
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use store::{Status, Store, StoreError};
use thiserror::Error;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

#[derive(Debug, Error)]
pub enum ApiError {
    #[error("the threads that answer could not be started: {0}")]
    Threads(io::Error),
    #[error("the listener does not work: {0}")]
    Listener(io::Error),
    #[error("the certificate cannot be used: {why}; both files are PEM, and the key is unencrypted")]
    Tls { why: String },
    #[error(transparent)]
    Node(#[from] NodeError),
    #[error("the archive does not answer: {0}")]
    Store(#[from] StoreError),
}

/// What the front desk stands on.
#[derive(Clone, Copy)]
pub struct Parts<'n> {
    pub node: &'n Node<FileDisk>,
    /// The names of the line language, which all doors share.
    pub names: &'n Arc<node::Names<FileDisk>>,
    pub store: &'n Arc<Store>,
    /// How the archive's projection stands.
    pub projection: &'n Arc<Status>,
}

/// An open front desk. Dropping it closes it without patience.
pub struct Api {
    address: SocketAddr,
    setup_link: Option<String>,
    desk: Arc<Desk>,
    runtime: Option<Runtime>,
    threads: Vec<JoinHandle<()>>,
    done: Vec<tokio::task::JoinHandle<()>>,
    tls: Option<TlsAcceptor>,
}

impl Api {
    /// Answers on the listener from now on.
    ///
    /// # Errors
    /// What the certificate, the node, the archive or the system says.
    pub fn start(listener: TcpListener, config: Config, parts: Parts<'_>) -> Result<Self, ApiError> {
        let tls = config.tls.as_ref().map(tls::acceptor).transpose()?;
        let address = listener.local_addr().map_err(ApiError::Listener)?;
        listener.set_nonblocking(true).map_err(ApiError::Listener)?;
        let (door, answers) = Door::open(parts.node)?;
        let (directory, seq) = directory_of(parts.node)?;
        let names = Names::new(directory, seq);
        let asked = setup::needed(parts.store);
        let is_away = matches!(&asked, Err(error) if error.passes());
        // An archive that is away holds nothing up; what it would have said is asked again.
        let token = if is_away { None } else { asked? };
        let scheme = if config.tls.is_some() { "https" } else { "http" };
        let origin = format!("{scheme}://{address}");
        let setup_link = token.as_ref().map(|token| format!("{origin}/setup?token={token}"));
        let runtime = Builder::new_multi_thread()
            .worker_threads(config.workers)
            .max_blocking_threads(64)
            .thread_name("answers")
            .enable_all()
            .build()
            .map_err(ApiError::Threads)?;
        let desk = Arc::new(Desk {
            doorman: Doorman::new(&config, token),
            feed: Feed::new(&config),
            guests: Guests::default(),
            audit: Audit::default(),
            gauges: Gauges::new(),
            config,
            door,
            names,
            lines: Arc::clone(parts.names),
            store: Arc::clone(parts.store),
            projection: Arc::clone(parts.projection),
            stopping: watch::channel(false).0,
        });
        let feeding = crate::feed::spawn(&desk, parts.node, seq).map_err(ApiError::Threads)?;
        let done = {
            let _inside = runtime.enter();
            let listener = tokio::net::TcpListener::from_std(listener).map_err(ApiError::Listener)?;
            crate::feed::poll(&desk);
            crate::socket::watch(&desk);
            crate::feed::watch_strategies(&desk);
            if is_away {
                runtime.spawn(setup::look_later(Arc::clone(&desk), origin));
            }
            runtime.spawn(listen::run(Arc::clone(&desk), listener, tls.clone(), None))
        };
        let threads = vec![answers, feeding];
        Ok(Self { address, setup_link, desk, runtime: Some(runtime), threads, done: vec![done], tls })
    }

    /// Answers one service's addresses on a port of its own as well; gives where.
    ///
    /// # Errors
    /// What the system says of the listener.
    pub fn serve(&mut self, service: Service, listener: TcpListener) -> Result<SocketAddr, ApiError> {
        let address = listener.local_addr().map_err(ApiError::Listener)?;
        listener.set_nonblocking(true).map_err(ApiError::Listener)?;
        if let Some(runtime) = &self.runtime {
            let _inside = runtime.enter();
            let listener = tokio::net::TcpListener::from_std(listener).map_err(ApiError::Listener)?;
            let run = listen::run(Arc::clone(&self.desk), listener, self.tls.clone(), Some(service));
            self.done.push(runtime.spawn(run));
        }
        Ok(address)
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where the first administrator signs up; none once there is one. Good for this run only.
    #[must_use]
    pub fn setup_link(&self) -> Option<&str> {
        self.setup_link.as_deref()
    }

    /// Lets nobody in any more and waits for who is in, but no longer than the configuration says. The node must
    /// still run. Ends the threads that read from the node only once that has stopped, so drop this after it.
    pub fn stop(&mut self) {
        self.desk.stopping.send_replace(true);
        if let Some(runtime) = &self.runtime {
            let end = std::time::Instant::now()
                + self.desk.config.drain_wait.saturating_add(Duration::from_secs(1));
            for done in self.done.drain(..) {
                runtime.block_on(async {
                    tokio::time::timeout_at(end.into(), done).await.map(drop).unwrap_or_default();
                });
            }
        }
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(Duration::from_secs(1));
        }
    }
}

impl Drop for Api {
    fn drop(&mut self) {
        self.stop();
        for thread in self.threads.drain(..).filter(JoinHandle::is_finished) {
            // A thread that panicked has said so.
            thread.join().unwrap_or_default();
        }
    }
}

fn directory_of(node: &Node<FileDisk>) -> Result<(Directory, u64), NodeError> {
    let asked = node.connect()?.query(|engine| (node::defining(engine), engine.seq()));
    let (events, seq) = asked.map_err(NodeError::stopped)?;
    let mut directory = Directory::default();
    events.iter().for_each(|event| directory.learn(event));
    Ok((directory, seq))
}
