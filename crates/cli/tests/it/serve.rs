//! A session as a user types it, with good and with bad input.

use crate::server::{Server, staysail, text};
use std::io::Write;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};
use tempfile::tempdir;

#[test]
fn a_session_trades_and_looks() {
    let data = tempdir().expect("a folder");
    let server = Server::start(data.path());
    let mut client = server.client();
    client.set_up();
    assert_eq!(
        client.ask("sell bob 1 BTC-USDT @ 101 id b1"),
        ["accepted bob b1 sell 1 BTC-USDT", "rests b1 1 @ 101", "ok 9"]
    );
    // Another connection knows the same names.
    let mut other = server.client();
    assert_eq!(
        other.ask("buy alice 0.4 BTC-USDT @ 101 id a1"),
        [
            "accepted alice a1 buy 0.4 BTC-USDT",
            "trade BTC-USDT 0.4 @ 101 buy taker a1 filled maker b1 left 0.6",
            "ok 10"
        ]
    );
    assert_eq!(client.ask("show book BTC-USDT"), ["ask 101 x 0.6", "ok 10"]);
    assert_eq!(client.ask("show balance alice BTC"), ["total 0.4 available 0.4 locked 0", "ok 10"]);
    assert_eq!(client.ask("show position alice BTC-USDT"), ["qty 0.4 cost 40.4 realised 0 fees 0", "ok 10"]);
    assert_eq!(
        client.ask("show orders bob"),
        ["b1 sell 1 BTC-USDT @ 101 filled 0.4 partially_filled", "ok 10"]
    );
    server.kill();
}

#[test]
fn orders_go_with_the_connection_that_asked_for_it() {
    let data = tempdir().expect("a folder");
    let server = Server::start(data.path());
    let (mut stays, mut goes) = (server.client(), server.client());
    stays.set_up();
    stays.ask("sell bob 1 BTC-USDT @ 101 id b1");
    assert_eq!(goes.ask("on_disconnect cancel account alice"), ["ok 9"]);
    goes.ask("buy alice 1 BTC-USDT @ 90 id a1");
    assert_eq!(
        goes.ask("on_disconnect perhaps"),
        ["error: word 2 `perhaps`: expected one of cancel, keep, or the end"]
    );
    drop(goes);
    let deadline = Instant::now() + Duration::from_secs(20);
    while stays.ask("show orders alice").len() > 1 {
        assert!(Instant::now() < deadline, "alice's order stays");
        sleep(Duration::from_millis(5));
    }
    assert_eq!(stays.ask("show orders bob"), ["b1 sell 1 BTC-USDT @ 101 filled 0 open", "ok 11"]);
    assert_eq!(stays.ask("cancel alice a1"), ["cancel_rejected alice already_cancelled a1", "ok 12"]);
    server.kill();
}

#[test]
fn bad_input_is_told_and_the_connection_goes_on() {
    let data = tempdir().expect("a folder");
    let server = Server::start(data.path());
    let mut client = server.client();
    client.set_up();
    let mut check = |bytes: &[u8], expected: &str| {
        client.send(bytes);
        let reply = client.reply().expect("the server answers");
        assert!(reply[0].starts_with(expected), "{expected}: {reply:?}");
        assert_eq!(client.ask("show balance bob USDT"), ["total 0 available 0 locked 0", "ok 8"]);
    };
    check(b"hello\n", "error: word 1 `hello`: expected a command");
    check(b"buy alice 1 DOGE @ 1\n", "error: word 4 `DOGE`");
    check(b"buy\n", "error: the line ends where");
    check(b"\xff\xfe\n", "error: the line is not UTF-8");
    check("ü\n".as_bytes(), "error: word 1");
    check(&[b"x".repeat(200_000), b"\n".to_vec()].concat(), "error: the line is longer than 65536 bytes");
    check(b"\n# a remark\n  \nhello\n", "error: word 1 `hello`");
    check(b"show nothing\n", "error: word 2 `nothing`");
    check(b"\0\0\n", "error: word 1");
    // What the engine refuses is kept, with its reason.
    let reply = client.ask("buy alice 1 BTC-USDT @ 990000000 id a1");
    assert!(reply[0].starts_with("rejected alice a1 insufficient_funds"), "{reply:?}");
    assert_eq!(reply[1], "ok 9");
    server.kill();
}

#[test]
fn many_lines_at_once_are_answered_in_order() {
    let data = tempdir().expect("a folder");
    let server = Server::start(data.path());
    let mut client = server.client();
    let mut lines = crate::server::SET_UP.join("\n");
    for at in 0..2000 {
        lines += &format!("\nbuy alice 0.001 BTC-USDT @ 90 id o{at}\nhello\ncancel alice o{at}");
    }
    // The last line has no end of line, and is a line all the same.
    client.send(lines.as_bytes());
    client.stream.shutdown(std::net::Shutdown::Write).expect("a socket");
    for seq in 1..=8 {
        assert_eq!(client.reply().expect("a reply").last(), Some(&format!("ok {seq}")));
    }
    for at in 0..2000 {
        let placed = client.reply().expect("a reply");
        assert_eq!(placed[0], format!("accepted alice o{at} buy 0.001 BTC-USDT"));
        assert_eq!(placed.last(), Some(&format!("ok {}", 9 + 2 * at)));
        assert!(client.reply().expect("a reply")[0].starts_with("error: word 1 `hello`"));
        assert_eq!(client.reply().expect("a reply")[0], format!("cancelled o{at} left 0.001 asked"));
    }
    assert_eq!(client.reply(), None);
    server.kill();
}

#[test]
fn many_orders_are_shown_a_page_at_a_time() {
    let data = tempdir().expect("a folder");
    let server = Server::start(data.path());
    let mut client = server.client();
    client.set_up();
    let lines: String = (0..2300).map(|at| format!("buy alice 0.001 BTC-USDT @ 90 id n{at}\n")).collect();
    client.send(lines.as_bytes());
    for _ in 0..2300 {
        client.reply().expect("the server answers");
    }
    let (mut asked, mut seen) = ("show orders alice".to_owned(), Vec::new());
    loop {
        let page = client.ask(&asked);
        let orders = page.iter().filter_map(|line| line.split_once(" buy ").map(|(id, _)| id.to_owned()));
        seen.extend(orders);
        let more = page.iter().find_map(|line| line.strip_prefix("more "));
        let Some(more) = more else { break };
        assert_eq!(seen.len() % 1000, 0);
        asked = format!("show orders alice {more}");
    }
    assert_eq!(seen, (0..2300).map(|at| format!("n{at}")).collect::<Vec<_>>());
    server.kill();
}

#[test]
fn a_restart_keeps_the_state_and_its_digest() {
    let data = tempdir().expect("a folder");
    let server = Server::start(data.path());
    assert_eq!(server.said[0], "recovered nothing: a new journal");
    let mut client = server.client();
    client.set_up();
    client.ask("buy alice 1 BTC-USDT @ 90 id a1");
    let (said, well) = server.stop();
    assert_eq!((said.as_str(), well), ("stopping\nstopped after record 9\n", true));
    let digest = text(&crate::server::journal(data.path(), &["digest"]).stdout);

    let server = Server::start(data.path());
    assert!(server.said[0].starts_with("recovered 9 records: snapshot 9, 0 replayed"), "{:?}", server.said);
    assert_eq!(digest, format!("{} after record 9\n", server.digest()));
    let mut client = server.client();
    assert_eq!(client.ask("show orders alice"), ["a1 buy 1 BTC-USDT @ 90 filled 0 open", "ok 9"]);
    assert_eq!(client.ask("cancel alice a1"), ["cancelled a1 left 1 asked", "ok 10"]);
    server.kill();
    let server = Server::start(data.path());
    assert!(server.said[0].starts_with("recovered 10 records: snapshot 9, 1 replayed"), "{:?}", server.said);
    server.kill();
}

#[test]
fn connect_passes_lines_and_replies() {
    let data = tempdir().expect("a folder");
    let server = Server::start(data.path());
    let mut command = Command::new(env!("CARGO_BIN_EXE_staysail"));
    command.args(["connect", &server.address.to_string()]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the binary runs");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(b"asset USDT\nshow book X\n").expect("it reads");
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    let said = text(&output.stdout);
    assert!(said.starts_with("asset_defined USDT\nok 1\nerror: word 3 `X`"), "{said}");
    assert!(output.status.success());
    server.kill();
}

#[test]
fn what_cannot_be_served_says_what_to_do() {
    let data = tempdir().expect("a folder");
    let server = Server::start(data.path());
    let folder = data.path().to_str().expect("a plain path");
    let check = |args: &[&str], code: i32, expected: &str| {
        let output = staysail(args);
        let said = text(&output.stderr);
        assert!(said.contains(expected), "{args:?}: {said}");
        assert_eq!(output.status.code(), Some(code), "{args:?}: {said}");
    };
    check(
        &["serve", "--data", folder, "--listen", "127.0.0.1:0", "--http", "off"],
        1,
        "journal is in use by another process (pid ",
    );
    let taken = server.address.to_string();
    check(&["serve", "--data", folder, "--listen", &taken], 1, "is in use by another program");
    let file = data.path().join("file");
    std::fs::write(&file, "").expect("a file");
    let file = file.to_str().expect("a plain path");
    check(&["serve", "--data", file, "--listen", "127.0.0.1:0", "--http", "off"], 1, "creating directory");
    check(&["journal", "verify", "--data", file], 1, "name the folder that `serve --data` was given");
    check(&["journal", "dump", "--data", "/"], 1, "there is no journal in /");
    check(&["connect", "nowhere"], 2, "write a number and a port, like 127.0.0.1:7878");
    check(&["connect", &taken, "--file", folder], 1, "the lines could not be read to their end");
    server.kill();
    check(&["connect", &taken], 1, "no server answers on");
}

#[test]
fn who_never_ceases_to_send_does_not_hold_the_end() {
    let data = tempdir().expect("a folder");
    let server = Server::start(data.path());
    let mut client = server.client();
    let mut sender = client.stream.try_clone().expect("a socket");
    let (told, (said, well)) = std::thread::scope(|scope| {
        scope.spawn(move || while sender.write_all(&b"time\n".repeat(1000)).is_ok() {});
        let first = client.reply().expect("it answers");
        let reader = scope.spawn(move || 1 + std::iter::from_fn(|| client.reply()).count());
        let ended = server.stop();
        assert_eq!(first, ["time_advanced", "ok 1"]);
        (reader.join().expect("it reads"), ended)
    });
    assert!(well && told > 1, "{said}");
    let kept: usize = said.trim_end().rsplit(' ').next().and_then(|seq| seq.parse().ok()).expect("a record");
    assert!(told <= kept, "{told} were told, {kept} are kept");
}
