//! What is kept, looked at from outside: beside a server, after it, and after someone changed it.

use crate::server::{Server, journal, text};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::tempdir;

fn segment(data: &Path) -> PathBuf {
    let names = fs::read_dir(data).expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut segments: Vec<_> =
        names.filter(|path| path.extension().is_some_and(|end| end == "seg")).collect();
    segments.sort();
    segments.swap_remove(0)
}

#[test]
fn a_journal_is_read_beside_its_server() {
    let data = tempdir().expect("a folder");
    let server = Server::start(data.path());
    let mut client = server.client();
    client.set_up();
    client.ask("buy alice 1 BTC-USDT @ 90 id a1");
    let check = |args: &[&str], expected: &str| {
        let output = journal(data.path(), args);
        let said = text(&output.stdout);
        assert!(
            output.status.success() && said.contains(expected),
            "{args:?}: {said}{}",
            text(&output.stderr)
        );
        said
    };
    check(&["verify"], "records 1 to 9: every one as it was written");
    check(&["replay"], "replayed 9 records");
    check(&["digest", "--at", "5"], " after record 5");
    let dumped = check(&["dump", "--from", "8"], "# 8\nat ");
    assert!(dumped.ends_with(
        "\nbuy alice 1 BTC-USDT @ 90 id a1\n    accepted alice a1 buy 1 BTC-USDT\n    rests a1 1 @ 90\n"
    ));
    let one = check(&["dump", "--from", "9", "--to", "9", "--raw"], "9 ");
    assert_eq!(one.lines().count(), 1);
    let refused = |args: &[&str], expected: &str| {
        let output = journal(data.path(), args);
        assert!(text(&output.stderr).contains(expected), "{args:?}: {output:?}");
        assert_eq!(output.status.code(), Some(1));
    };
    refused(&["digest", "--at", "50"], "the journal ends at record 9");
    refused(&["dump", "--from", "50"], "the journal ends before record 50");
    refused(&["dump", "--raw", "--from", "50"], "the journal ends before record 50");
    refused(&["dump", "--from", "5", "--to", "2"], "--to is before --from");
    let copy = tempdir().expect("a folder");
    let name = segment(data.path());
    fs::copy(&name, copy.path().join(name.file_name().expect("a name"))).expect("a backup");
    let output = journal(copy.path(), &["verify"]);
    assert!(text(&output.stdout).contains("records 1 to 9"), "{output:?}");
    assert_eq!(fs::read_dir(copy.path()).expect("a folder").count(), 1, "a look leaves nothing behind");
    server.kill();
}

#[test]
fn a_changed_byte_is_found_and_its_record_named() {
    let data = tempdir().expect("a folder");
    let server = Server::start(data.path());
    let mut client = server.client();
    client.set_up();
    for at in 0..20 {
        client.ask(&format!("buy alice 1 BTC-USDT @ 90 id marked{at}x"));
    }
    server.kill();
    let path = segment(data.path());
    let sound = fs::read(&path).expect("a segment");
    let at = |text: &str| {
        let found = sound.windows(text.len()).position(|window| window == text.as_bytes());
        found.expect("a client id is kept as it was sent")
    };
    for (place, record) in [(at("marked0x"), 9), (at("marked7x"), 16), (at("marked12x"), 21)] {
        let mut changed = sound.clone();
        changed[place] ^= 1;
        fs::write(&path, &changed).expect("a segment");
        for args in [&["verify"][..], &["replay"], &["dump"], &["digest"]] {
            let output = journal(data.path(), args);
            let said = text(&output.stderr);
            assert!(said.contains(&format!("record {record}: ")), "{args:?}: {said}");
            assert_eq!(output.status.code(), Some(1));
        }
    }
    fs::write(&path, &sound).expect("a segment");
    assert!(journal(data.path(), &["verify"]).status.success());
}

#[test]
fn what_was_retired_is_checked_and_shown_as_long_as_the_archive_has_it() {
    let data = tempdir().expect("a folder");
    let server = Server::start(data.path());
    let mut client = server.client();
    client.set_up();
    // More than one journal file.
    for round in 0..8 {
        let line = |at| format!("buy alice 0.001 BTC-USDT @ 90 id r{round}n{at}\n");
        client.send((0..2000).map(line).collect::<String>().as_bytes());
        for _ in 0..2000 {
            client.reply().expect("the server answers");
        }
    }
    server.stop();
    let check = |args: &[&str], expected: &str| {
        let output = journal(data.path(), args);
        let said = text(&output.stdout);
        assert!(output.status.success() && said.contains(expected), "{args:?}: {said}");
    };
    let oldest = segment(data.path());
    let archived = data.path().join("archive").join(oldest.file_name().expect("a name"));
    fs::rename(&oldest, &archived).expect("retired");
    check(&["verify"], "records 1 to 16008: every one as it was written\n");
    check(&["verify"], " segments, 1 of them archived, ");
    check(&["dump", "--to", "1"], "# 1\nat ");
    check(&["dump", "--to", "1", "--raw"], "1 ");
    check(&["replay"], "replayed 16008 records in ");
    check(&["digest", "--at", "5"], " after record 5\n");
    for (order, seq) in [("r0n0", 9), ("r3n1234", 7243), ("r7n1999", 16008)] {
        check(&["history", "alice", order], &format!("because {seq} "));
    }
    let unknown = journal(data.path(), &["history", "alice", "r9n0"]);
    assert!(text(&unknown.stderr).contains("alice has no order r9n0"), "{unknown:?}");
    fs::remove_file(&archived).expect("a file");
    check(&["verify"], "were retired and are not in the archive: not checked");
    check(&["dump"], " were retired and are not in the archive\n");
}
