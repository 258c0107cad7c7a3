//! A whole front desk on a loopback port: a node with its journal in a folder of its own, an archive beside it, and
//! people who signed up.

use crate::client::Client;
use crate::databases;
use api::{Api, Config, Parts};
use model::Record;
use node::{Clock, Cursor, FileDisk, Names, Node, SystemClock};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;
use store::{Batch, NewApiKey, NewUser, Place, Records, Role, Status, Store};
use tempfile::TempDir;

pub const PASSWORD: &str = "correct horse battery";

pub struct World {
    pub api: Option<Api>,
    pub node: Option<Node<FileDisk>>,
    projecting: Option<JoinHandle<()>>,
    closing: Arc<AtomicBool>,
    /// Where the archive is.
    place: Place,
    _folder: TempDir,
    pub address: SocketAddr,
}

/// The journal as the archive reads it.
struct Journal {
    cursor: Cursor<FileDisk>,
    closing: Arc<AtomicBool>,
}

impl Records for Journal {
    fn after(&mut self, seq: u64, most: usize, wait: Duration) -> Batch {
        let closing = self.closing.load(Ordering::Acquire);
        // After a fault it is asked for again.
        if self.cursor.next_seq() != seq + 1 {
            self.cursor.go_to(seq + 1);
        }
        let mut records: Vec<Record> = self.cursor.next(wait).expect("a journal").into_iter().collect();
        while !records.is_empty() && records.len() < most {
            let Some(record) = self.cursor.try_next().expect("a journal") else { break };
            records.push(record);
        }
        match records {
            records if !records.is_empty() => Batch::Records(records),
            _ if closing => Batch::Ended,
            _ => Batch::Nothing,
        }
    }

    fn head(&self) -> u64 {
        self.cursor.head()
    }
}

pub fn config() -> Config {
    let address = SocketAddr::from(([127, 0, 0, 1], 0));
    Config {
        second_factor: false,
        sign_ins_per_minute: 10_000,
        requests_per_minute: 1_000_000,
        drain_wait: Duration::from_secs(5),
        ..Config::new(address, [7; 32])
    }
}

impl World {
    pub fn start() -> Self {
        Self::start_with(config())
    }

    pub fn start_with(config: Config) -> Self {
        Self::start_on(config, SystemClock::new())
    }

    /// With a clock of its own.
    pub fn start_on(config: Config, clock: impl Clock) -> Self {
        Self::start_at(config, clock, databases::new_place)
    }

    /// With an archive at this place.
    pub fn start_at(config: Config, clock: impl Clock, place: impl FnOnce(&Path) -> Place) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let disk = FileDisk::open(folder.path()).expect("a folder");
        let mut options = node::Config { snapshot_every: 0, ..node::Config::default() };
        options.journal.segment_bytes = 16 << 20;
        options.journal.reserve_bytes = 0;
        let (node, report) = Node::start(disk, options, clock).expect("a node");
        let place = place(folder.path());
        let mut archive = store::Config::new(place.clone());
        archive.batch_wait = Duration::from_millis(5);
        let store = Arc::new(Store::open(archive.clone()).expect("an archive"));
        let (status, closing) = (Arc::new(Status::default()), Arc::new(AtomicBool::new(false)));
        let mut journal = Journal { cursor: node.subscribe(1), closing: Arc::clone(&closing) };
        let told = Arc::clone(&status);
        let projecting =
            std::thread::spawn(move || store::run(&archive, &mut journal, &told).expect("it projects"));
        let names = Arc::new(Names::learn(&node, report.last_seq).expect("names"));
        let listener = TcpListener::bind(config.address).expect("a port");
        let parts = Parts { node: &node, names: &names, store: &store, projection: &status };
        let api = Api::start(listener, config, parts).expect("a front desk");
        let address = api.address();
        let projecting = Some(projecting);
        Self { api: Some(api), node: Some(node), projecting, closing, place, _folder: folder, address }
    }

    pub fn client(&self) -> Client {
        Client::new(self.address)
    }

    fn setup_token(&self) -> String {
        let link = self.api.as_ref().and_then(Api::setup_link).expect("nobody has signed up");
        link.split_once("token=").expect("a token").1.to_owned()
    }

    /// Signs the first administrator up.
    pub fn admin(&self) -> Client {
        let body = json!({ "token": self.setup_token(), "username": "root", "password": PASSWORD });
        let signed = self.client().post("/api/v1/auth/setup", body).expect(201);
        Client::with_token(self.address, signed["access_token"].as_str().expect("a token"))
    }

    /// The administrator, with a market to trade in.
    pub fn with_market(&self) -> Client {
        let mut admin = self.admin();
        for line in ["asset USDT", "asset BTC", "list BTC-USDT spot BTC/USDT tick 0.01 lot 0.0001"] {
            say(&mut admin, line);
        }
        admin
    }

    /// Somebody with a role, invited and signed up.
    pub fn person(&self, admin: &mut Client, name: &str, role: &str) -> Client {
        let signed = self.sign_up(admin, name, role);
        Client::with_token(self.address, signed["access_token"].as_str().expect("a token"))
    }

    pub fn sign_up(&self, admin: &mut Client, name: &str, role: &str) -> Value {
        let invited = admin.post("/api/v1/invitations", json!({ "role": role })).expect(201);
        let body = json!({ "username": name, "password": PASSWORD, "invitation": invited["invitation"] });
        self.client().post("/api/v1/auth/sign-up", body).expect(201)
    }

    /// A trader with an account of that name, full of money.
    pub fn trader(&self, admin: &mut Client, name: &str) -> Client {
        let mut trader = self.person(admin, name, "trader");
        open_account(&mut trader, name);
        trader
    }

    /// The archive, apart from the server's own way to it.
    pub fn archive(&self) -> Store {
        Store::open(store::Config::new(self.place.clone())).expect("an archive")
    }

    /// An administrator whom the engine never heard of, so that the first record is still to come.
    pub fn silent_admin(&self) -> Client {
        const KEY: &str = "sk_of_the_scenarios";
        let store = self.archive();
        let user = NewUser {
            id: model::UserId(0),
            username: "root".to_owned(),
            email: None,
            password_hash: "none".to_owned(),
            first_name: None,
            last_name: None,
            role: Role::Admin,
        };
        let key = NewApiKey {
            user: user.id,
            name: "scenarios".to_owned(),
            prefix: "sk_of".to_owned(),
            key_hash: Sha256::digest(KEY).to_vec(),
            secret_sealed: None,
            scopes: "read house".to_owned(),
            ip_allow: String::new(),
            expires_at: None,
        };
        store.create_user(&user, model::Time(0)).expect("a user");
        store.create_key(&key, model::Time(0)).expect("a key");
        Client::with_key(self.address, KEY)
    }
}

pub fn say(admin: &mut Client, line: &str) -> Value {
    admin.post("/api/v1/lines", json!({ "line": line })).expect(200)
}

pub fn open_account(client: &mut Client, name: &str) {
    client.post("/api/v1/accounts", json!({ "name": name, "currency": "USDT" })).expect(201);
    for (asset, amount) in [("USDT", "100000000"), ("BTC", "1000")] {
        let path = format!("/api/v1/accounts/{name}/deposits");
        client.post(&path, json!({ "asset": asset, "amount": amount })).expect(201);
    }
}

pub fn limit(side: &str, quantity: &str, price: &str) -> Value {
    json!({ "symbol": "BTC-USDT", "side": side, "order_type": "limit", "quantity": quantity, "price": price })
}

impl Drop for World {
    fn drop(&mut self) {
        if let Some(api) = &mut self.api {
            api.stop();
        }
        if let Some(node) = self.node.take() {
            node.shutdown().expect("a clean end");
        }
        self.closing.store(true, Ordering::Release);
        if let Some(projecting) = self.projecting.take() {
            projecting.join().expect("it projected");
        }
    }
}
