//! A PostgreSQL of the tests' own: found on this machine, laid out in a temporary directory, reached by a socket in
//! it, stopped with the test. It will not run as root, so as root it runs as the user `postgres`.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a helper of a test fails as the test does, and tells what it skipped"
)]

use rustix::process::Pid;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

pub struct Server {
    dir: TempDir,
    programs: PathBuf,
}

/// Where the programs are: on the path, or where Debian puts them.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut debian: Vec<PathBuf> = debian.map(|entry| entry.path().join("bin")).collect();
    debian.sort();
    // The path may hold scripts that only pass on to those.
    let all = debian.into_iter().rev().chain(std::env::split_paths(&path));
    all.into_iter().find(|dir| ["initdb", "pg_ctl", "postgres"].iter().all(|name| dir.join(name).is_file()))
}

fn as_owner(program: &Path) -> Command {
    if !rustix::process::geteuid().is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("runuser");
    command.args(["-u", "postgres", "--"]).arg(program);
    command
}

/// One that nobody has waited for yet has ended all the same.
fn is_running(pid: Pid) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).unwrap_or_default();
    stat.rsplit_once(')').is_some_and(|(_, rest)| !rest.trim_start().starts_with('Z'))
}

impl Server {
    /// None where PostgreSQL is not installed; the test says so and is over.
    #[must_use]
    pub fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            println!("skipped: no initdb, pg_ctl and postgres on this machine");
            return None;
        };
        let dir = tempfile::Builder::new().prefix("staysail-pg").tempdir().unwrap();
        if rustix::process::geteuid().is_root() {
            let owned = Command::new("chown").arg("postgres").arg(dir.path()).status();
            if !owned.is_ok_and(|status| status.success()) {
                println!("skipped: root cannot run PostgreSQL, and there is no user postgres");
                return None;
            }
        }
        let server = Self { dir, programs };
        let mut init = as_owner(&server.programs.join("initdb"));
        init.args(["--no-sync", "--auth=trust", "--encoding=UTF8", "--locale=C", "-U", "staysail", "-D"]);
        let made = init.arg(server.data()).current_dir("/").stdout(Stdio::null()).status().unwrap();
        assert!(made.success(), "initdb failed");
        server.run();
        Some(server)
    }

    fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    fn control(&self, args: &[&str]) -> bool {
        let mut control = as_owner(&self.programs.join("pg_ctl"));
        control.args(args).arg("-D").arg(self.data()).current_dir("/");
        control.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap().success()
    }

    pub fn run(&self) {
        let socket = self.dir.path().display();
        let options = format!("-k {socket} -c listen_addresses= -c fsync=off -c max_connections=30");
        let log = self.dir.path().join("log").display().to_string();
        let started = self.control(&["start", "-w", "-t", "60", "-l", &log, "-o", &options]);
        let log = std::fs::read_to_string(&log).unwrap_or_default();
        assert!(started, "PostgreSQL did not start: {log}");
    }

    /// As a power failure does: no goodbye, no checkpoint.
    pub fn kill(&self) {
        let pid = self.pid();
        assert!(self.control(&["stop", "-m", "immediate", "-w"]), "PostgreSQL {pid} did not stop");
    }

    /// As a fault does: every process of it is gone at once.
    pub fn slay(&self) {
        let all = self.processes();
        for pid in &all {
            rustix::process::kill_process(*pid, rustix::process::Signal::KILL).ok();
        }
        while all.iter().any(|pid| is_running(*pid)) {
            std::thread::yield_now();
        }
        // Where nobody collects the dead, their numbers look taken; a new start would take them for the living.
        for left in [self.data().join("postmaster.pid"), self.dir.path().join(".s.PGSQL.5432.lock")] {
            std::fs::remove_file(left).unwrap();
        }
    }

    fn processes(&self) -> Vec<Pid> {
        let own = self.pid();
        let children = std::fs::read_to_string(format!("/proc/{own}/task/{own}/children")).unwrap();
        let children = children.split_whitespace().map(|pid| pid.parse().unwrap());
        // The parent first: it would start what is gone again.
        [own].into_iter().chain(children).filter_map(Pid::from_raw).collect()
    }

    /// The server's own process.
    #[must_use]
    pub fn pid(&self) -> i32 {
        let file = std::fs::read_to_string(self.data().join("postmaster.pid")).unwrap();
        file.lines().next().unwrap().parse().unwrap()
    }

    /// Stops every process of the server where it stands, or lets them go on: it is there, and says nothing.
    pub fn freeze(&self, stop: bool) {
        let signal = if stop { rustix::process::Signal::STOP } else { rustix::process::Signal::CONT };
        for pid in self.processes() {
            // One that ended by itself in between needs no signal.
            rustix::process::kill_process(pid, signal).ok();
        }
    }

    #[must_use]
    pub fn url(&self, database: &str) -> String {
        let socket = self.dir.path().display().to_string().replace('/', "%2F");
        format!("postgres://staysail@{socket}/{database}")
    }

    pub fn make(&self, database: &str) {
        let socket = self.dir.path().display().to_string();
        let mut create = as_owner(&self.programs.join("createdb"));
        create.args(["-h", &socket, "-U", "staysail", database]).current_dir("/");
        assert!(create.status().unwrap().success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.data().join("postmaster.pid").exists() {
            self.freeze(false);
            self.control(&["stop", "-m", "immediate", "-w"]);
        }
    }
}
