//! Nothing acknowledged is lost, and nothing is done twice: `kill -9` at random moments under load, with a
//! client that keeps its own list of what was acknowledged.

use crate::server::{Client, Server, journal, text};
use std::collections::BTreeMap;
use std::io::Write;
use std::net::Shutdown;
use std::sync::atomic::{AtomicBool, Ordering};
use tempfile::tempdir;

const CRASHES: u64 = 60;
const ACKED_MIN: usize = 30_000;
/// Orders that a round tries to send, and after how many acknowledgements at most it is cut short.
const SENT: u64 = 1500;
const CUT_MAX: u64 = 1100;

/// A plain sequence of draws, the same in every run.
struct Draw(u64);

impl Draw {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// What was acknowledged: by client id, the record and the events.
type Acked = BTreeMap<String, (u64, Vec<String>)>;

fn order(round: u64, at: u64) -> (String, String) {
    let id = format!("r{round}n{at}");
    let (who, side) = if at.is_multiple_of(2) { ("alice", "buy") } else { ("bob", "sell") };
    let price = 90 + at % 7;
    (format!("{side} {who} 0.001 BTC-USDT @ {price} id {id}\n"), id)
}

fn seq_of(reply: &[String]) -> u64 {
    let seq = reply.last().and_then(|line| line.strip_prefix("ok ")).map(str::parse);
    seq.unwrap_or_else(|| panic!("not acknowledged: {reply:?}")).expect("a number")
}

/// Everything the last round sent comes again: what was acknowledged answers the same order, the rest is
/// placed now or was; after this all of it is acknowledged.
fn send_again(client: &mut Client, round: u64, acked: &mut Acked) {
    let lines: String = (0..SENT).map(|at| order(round, at).0).collect();
    let mut stream = client.stream.try_clone().expect("a socket");
    std::thread::scope(|scope| {
        scope.spawn(move || stream.write_all(lines.as_bytes()).expect("the server reads"));
        for at in 0..SENT {
            let (line, id) = order(round, at);
            let reply = client.reply().expect("the server answers");
            let seq = seq_of(&reply);
            let who = line.split(' ').nth(1).expect("an account");
            if reply[0] == format!("repeated {who} {id} accepted {id}") {
                // Perhaps kept and never answered: then the journal says which record it was.
                acked.entry(id).or_insert_with(|| (0, Vec::new()));
            } else {
                assert!(reply[0].starts_with(&format!("accepted {who} {id} ")), "{reply:?}");
                let events = reply[..reply.len() - 1].to_vec();
                assert_eq!(acked.insert(id, (seq, events)), None, "acknowledged, and placed again");
            }
        }
    });
}

/// Sends orders until enough are acknowledged, and kills the server in the middle of it.
fn crash_under_load(server: Server, mut client: Client, round: u64, cut: u64, acked: &mut Acked) {
    let lines: Vec<String> = (0..SENT).map(|at| order(round, at).0).collect();
    let mut stream = client.stream.try_clone().expect("a socket");
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let over = &over;
        scope.spawn(move || {
            for some in lines.chunks(64) {
                if over.load(Ordering::Acquire) || stream.write_all(some.concat().as_bytes()).is_err() {
                    return;
                }
            }
        });
        let mut hear = |client: &mut Client, at| {
            let Some(reply) = client.reply() else { return false };
            let events = reply[..reply.len() - 1].to_vec();
            acked.insert(order(round, at).1, (seq_of(&reply), events));
            true
        };
        (0..cut).for_each(|at| assert!(hear(&mut client, at), "it answers while it lives"));
        server.kill();
        over.store(true, Ordering::Release);
        // What was on its way to us when it died was acknowledged too.
        let mut at = cut;
        while at < SENT && hear(&mut client, at) {
            at += 1;
        }
        client.stream.shutdown(Shutdown::Both).unwrap_or_default();
    });
}

#[test]
fn what_was_acknowledged_survives_sixty_kills() {
    let data = tempdir().expect("a folder");
    let (mut acked, mut draw) = (Acked::new(), Draw(0x5eed));
    // Large enough that nothing is archived, and small enough to be prepared sixty times.
    let options = ["--snapshot-every", "5000", "--segment-mib", "16"];
    let server = Server::start_with(data.path(), &options);
    server.client().set_up();
    server.kill();
    let mut by_crash = 0;
    for round in 0..CRASHES {
        let server = Server::start_with(data.path(), &options);
        let mut client = server.client();
        if round > 0 {
            send_again(&mut client, round - 1, &mut acked);
        }
        let before = acked.len();
        crash_under_load(server, client, round, 1 + draw.below(CUT_MAX), &mut acked);
        by_crash += acked.len() - before;
    }
    assert!(by_crash >= ACKED_MIN, "only {by_crash} orders were acknowledged before a crash");
    assert!(journal(data.path(), &["verify"]).status.success());
    assert!(journal(data.path(), &["replay"]).status.success());
    check_against_dump(&text(&journal(data.path(), &["dump"]).stdout), &acked);
}

/// Every acknowledged order was accepted once, in the record and with the events that were told.
fn check_against_dump(dump: &str, acked: &Acked) {
    let mut accepted: BTreeMap<String, (u64, Vec<String>)> = BTreeMap::new();
    for record in dump.split("# ").skip(1) {
        let mut lines = record.lines();
        let seq = lines.next().and_then(|seq| seq.parse().ok()).expect("a number");
        let events: Vec<String> = lines.skip(2).map(|line| line.trim().to_owned()).collect();
        if events.first().is_some_and(|first| first.starts_with("accepted ")) {
            let id = events[0].split(' ').nth(2).expect("a client id").to_owned();
            assert_eq!(accepted.insert(id, (seq, events)), None, "one order placed twice");
        }
    }
    for (id, (seq, events)) in acked {
        let (kept_at, kept) = accepted.get(id).unwrap_or_else(|| panic!("{id} was acknowledged and is gone"));
        if *seq > 0 {
            assert_eq!((kept_at, kept), (seq, events), "{id}");
        }
    }
}
