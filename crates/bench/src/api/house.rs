//! A front desk as it is served, on a journal on the disk to be measured, with a trader who has money.

use crate::Options;
use crate::node::start;
use ::api::{Api, Config, Parts};
use ::journal::FileDisk;
use ::node::{Names, Node};
use model::Command;
use model::line::{Line, OrderNames, parse};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use store::{Place, Status, Store};

pub(super) struct House {
    pub(super) address: SocketAddr,
    pub(super) token: String,
    api: Api,
    node: Node<FileDisk>,
    _folder: tempfile::TempDir,
}

impl House {
    pub(super) fn order(price: &str) -> String {
        json!({ "account": "trader", "symbol": "BTC-USDT", "side": "buy", "order_type": "limit",
            "quantity": "0.0001", "price": price })
        .to_string()
    }

    pub(super) fn message(price: &str) -> String {
        format!("{{\"op\":\"place\",\"id\":\"1\",\"order\":{}}}", Self::order(price))
    }

    pub(super) fn open(options: &Options) -> Self {
        let (folder, node) = start(options, 64 << 20);
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let place = Place::Sqlite(folder.path().join("archive.db"));
        let store = Arc::new(Store::open(store::Config::new(place)).expect("an archive"));
        // Nobody projects: the archive's pace is a figure of its own.
        let status = Arc::new(Status::default());
        let names = Arc::new(Names::learn(&node, 0).expect("names"));
        let config = Config { requests_per_minute: u32::MAX, ..Config::new(address, [1; 32]) };
        let listener = TcpListener::bind(address).expect("a port");
        let parts = Parts { node: &node, names: &names, store: &store, projection: &status };
        let api = Api::start(listener, config, parts).expect("a front desk");
        let address = api.address();
        let link = api.setup_link().expect("nobody signed up").to_owned();
        let token = link.split_once("token=").expect("a token").1;
        let body = json!({ "token": token, "username": "trader", "password": "measured and found" });
        let signed = post(address, "/api/v1/auth/setup", &body);
        let token = signed["access_token"].as_str().expect("a token").to_owned();
        set_up(&node);
        Self { address, token, api, node, _folder: folder }
    }

    /// Write and sync of the batches, at the ninety-ninth percentile.
    pub(super) fn sync_p99_ms(&self) -> f64 {
        self.node.metrics().sync_us(0.99) as f64 / 1e3
    }

    pub(super) fn close(mut self) {
        self.api.stop();
        self.node.shutdown().expect("a clean end");
    }
}

/// A market, and an account of the one who signed up, with much money.
fn set_up(node: &Node<FileDisk>) {
    let mut client = node.connect().expect("there is room");
    let mut directory = model::Directory::default();
    let learn = |directory: &mut model::Directory, events: &[model::Event]| {
        events.iter().for_each(|event| directory.learn(event));
    };
    let known = client.query(::node::defining).expect("it answers");
    learn(&mut directory, &known);
    for line in [
        "asset USDT",
        "asset BTC",
        "list BTC-USDT spot BTC/USDT tick 0.01 lot 0.0001",
        "account trader of trader cash USDT",
        "deposit trader 1000000000000000 USDT",
    ] {
        let command: Command = match parse(line, &directory, &OrderNames::default()) {
            Ok(Some(Line::Command(command))) => command,
            other => unreachable!("{line}: {other:?}"),
        };
        let reply = client.call(command).expect("it answers");
        learn(&mut directory, reply.events());
    }
}

fn post(address: SocketAddr, path: &str, body: &Value) -> Value {
    let body = body.to_string();
    let mut stream = TcpStream::connect(address).expect("it listens");
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: bench\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all([head.as_bytes(), body.as_bytes()].concat().as_slice()).expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    let body = answer.split_once("\r\n\r\n").expect("a body").1;
    serde_json::from_str(body).unwrap_or_else(|error| unreachable!("{error}: {answer}"))
}
