//! `cargo x schema [SECONDS]`: a running front desk held against its own OpenAPI document by schemathesis, which makes up
//! requests from the document, good and bad: nothing may answer 5xx, nor in a way that the document does not have.
//! It needs Python with venv and pip, and says that it is skipped where they are not.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use super::{Chore, Misuse};
use crate::shell::{self, say};

pub const CHORE: Chore = Chore {
    name: "schema",
    args: "[SECONDS]",
    help: "the front desk against its own document, by schemathesis",
    run,
};

const SECONDS: u32 = 60;
const TOOL: &str = "schemathesis>=4,<5";
const CHECKS: &str =
    "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance";
/// Those that end the session which asks, or change what it may, as everything after them would be 401; and what is
/// not built.
const LEFT_OUT: [&str; 8] = [
    "/api/v1/auth/logout",
    "/api/v1/auth/logout-everywhere",
    "/api/v1/auth/sessions/{id}",
    "/api/v1/auth/password",
    "/api/v1/users/{id}",
    "/api/v1/auth/totp/confirm",
    // Answered 501, as the document says, which the tool counts as a failure.
    "/api/v1/strategies/{id}/start",
    "/api/v1/strategies/{id}/stop",
];

fn run(args: &[String]) -> Result<()> {
    match args {
        [] => hold(SECONDS),
        [seconds] => match seconds.parse() {
            Ok(seconds) => hold(seconds),
            Err(_) => Err(Misuse(format!("`{seconds}` is not a whole number of seconds")).into()),
        },
        _ => Err(Misuse("`cargo x schema` takes a number of seconds and nothing else".to_owned()).into()),
    }
}

/// As CI runs it.
pub fn short() -> Result<()> {
    hold(SECONDS)
}

fn hold(seconds: u32) -> Result<()> {
    let target = shell::built()?;
    let Some(tool) = tool(&target) else {
        say("skipped: schemathesis cannot be had here; it needs python3 with venv, and pip");
        return Ok(());
    };
    let server = Server::start(&target)?;
    let token = server.set_up()?;
    let mut command = Command::new(tool);
    command.args(["run", &format!("http://{}/openapi.json", server.address), "--checks", CHECKS]);
    command.args(["--header", &format!("Authorization: Bearer {token}")]);
    command.args([
        "--max-examples",
        "20",
        "--max-time",
        &seconds.to_string(),
        "--seed",
        "1",
        "--workers",
        "2",
    ]);
    command.args(["--request-timeout", "15", "--no-shrink", "--warnings", "off", "--max-failures", "20"]);
    for path in LEFT_OUT {
        command.args(["--exclude-path", path]);
    }
    let status = command.current_dir(&server.folder).status().context("schemathesis does not start")?;
    ensure!(status.success(), "the front desk is not as its document says ({status})");
    Ok(())
}

/// The program, put into an environment of its own beside what is built.
fn tool(target: &Path) -> Option<PathBuf> {
    let home = target.join("schemathesis");
    let program = home.join("bin/schemathesis");
    let works = |program: &Path| is_well(Command::new(program).arg("--version"));
    if works(&program) {
        return Some(program);
    }
    let made = is_well(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&home));
    let pip = ["install", "--quiet", "--disable-pip-version-check", TOOL];
    (made && is_well(Command::new(home.join("bin/pip")).args(pip)) && works(&program)).then_some(program)
}

fn is_well(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// A server on a folder of its own, which ends with this.
struct Server {
    child: Child,
    address: String,
    setup: String,
    folder: PathBuf,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().unwrap_or_default();
        self.child.wait().map(drop).unwrap_or_default();
        std::fs::remove_dir_all(&self.folder).unwrap_or_default();
    }
}

impl Server {
    fn start(target: &Path) -> Result<Self> {
        let folder = target.join(format!("schema-{}", std::process::id()));
        std::fs::create_dir_all(&folder).context("cannot make a folder for the server")?;
        let mut command = Command::new(target.join("ci/staysail"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0", "--segment-mib", "16"]);
        command.args(["--requests-per-minute", "100000000", "--no-second-factor", "--log", "off", "--data"]);
        let child = command.arg(folder.join("data")).stdout(Stdio::piped()).spawn();
        let mut child = child.context("the server does not start")?;
        let mut lines = BufReader::new(child.stdout.take().context("the server has no output")?).lines();
        let (mut address, mut setup) = (String::new(), String::new());
        for line in lines.by_ref() {
            let line = line.context("the server's output cannot be read")?;
            if let Some(found) = line.strip_prefix("HTTP on ") {
                found.clone_into(&mut address);
            }
            if let Some((_, token)) = line.split_once("/setup?token=") {
                token.clone_into(&mut setup);
            }
            if line.starts_with("ready on ") {
                return Ok(Self { child, address, setup, folder });
            }
        }
        bail!("the server ended before it was ready")
    }

    /// An administrator with a market, an account and an order, so that there is something to find.
    fn set_up(&self) -> Result<String> {
        let first = json!({ "token": self.setup, "username": "root", "password": "held against it" });
        let signed = self.post("/api/v1/auth/setup", "", &first)?;
        let token = signed["access_token"].as_str().context("nobody could sign up")?.to_owned();
        for line in ["asset USDT", "asset BTC", "list BTC-USDT spot BTC/USDT tick 0.01 lot 0.0001"] {
            self.post("/api/v1/lines", &token, &json!({ "line": line }))?;
        }
        self.post("/api/v1/accounts", &token, &json!({ "name": "paper", "currency": "USDT" }))?;
        self.post(
            "/api/v1/accounts/paper/deposits",
            &token,
            &json!({ "asset": "USDT", "amount": "1000000" }),
        )?;
        let order = json!({ "symbol": "BTC-USDT", "side": "buy", "order_type": "limit", "quantity": "0.5",
            "price": "64000", "client_order_id": "first" });
        self.post("/api/v1/orders", &token, &order)?;
        Ok(token)
    }

    fn post(&self, path: &str, token: &str, body: &Value) -> Result<Value> {
        let body = body.to_string();
        let mut stream = TcpStream::connect(&self.address).context("the server does not listen")?;
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer {token}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (head, body) = answer.split_once("\r\n\r\n").context("the server's answer is cut")?;
        ensure!(head.starts_with("HTTP/1.1 20"), "{path}: {answer}");
        serde_json::from_str(body).with_context(|| format!("{path} did not answer in JSON"))
    }
}
