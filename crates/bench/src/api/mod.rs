//! The front desk under load: durable orders over HTTP at 64 connections and over one pipelined WebSocket, each beside
//! a bare echo of the same body by the same libraries, with the same client, in the same run on the same machine.
//! The client is lean and on the same cores, so what it costs is in both figures.

mod client;
mod echo;
mod house;

use crate::measure::median;
use crate::{Figure, Options};
use client::Load;
use house::House;
use std::time::Duration;

const CONNECTIONS: usize = 64;
/// Messages that are on their way over the socket at once.
const PIPELINED: usize = 2048;

pub(crate) fn run(options: &Options) -> Vec<Figure> {
    let time = if options.smoke { Duration::from_millis(300) } else { Duration::from_secs(4) };
    let runs: Vec<_> = (0..options.runs.clamp(1, 3)).map(|_| once(options, time)).collect();
    let figure = |pick: fn(&Run) -> f64| median(runs.iter().map(pick).collect());
    vec![
        Figure::new("rest_orders_per_s", figure(|run| run.rest), "/s"),
        Figure::new("rest_echo_per_s", figure(|run| run.rest_echo), "/s"),
        Figure::new("rest_vs_echo", figure(|run| run.rest / run.rest_echo), "x").at_least(0.6),
        Figure::new("rest_cpu_us", figure(|run| run.cpu.rest), "us"),
        Figure::new("rest_echo_cpu_us", figure(|run| run.cpu.rest_echo), "us"),
        Figure::new("rest_p50_ms", figure(|run| run.p50_ms), "ms"),
        Figure::new("rest_p99_ms", figure(|run| run.p99_ms), "ms"),
        Figure::new("rest_added_p99_ms", figure(|run| run.p99_ms - run.sync_p99_ms), "ms").at_most(3.0),
        Figure::new("ws_orders_per_s", figure(|run| run.ws), "/s").at_least(400_000.0),
        Figure::new("ws_echo_per_s", figure(|run| run.ws_echo), "/s"),
        Figure::new("ws_cpu_us", figure(|run| run.cpu.ws), "us"),
        Figure::new("ws_echo_cpu_us", figure(|run| run.cpu.ws_echo), "us"),
        Figure::new("ws_vs_echo", figure(|run| run.ws / run.ws_echo), "x").at_least(0.25),
    ]
}

struct Run {
    rest: f64,
    rest_echo: f64,
    p50_ms: f64,
    p99_ms: f64,
    sync_p99_ms: f64,
    ws: f64,
    ws_echo: f64,
    cpu: Cpu,
}

/// Microseconds of all threads for one answer, the client's among them: what is left to compare on a busy machine.
struct Cpu {
    rest: f64,
    rest_echo: f64,
    ws: f64,
    ws_echo: f64,
}

fn once(options: &Options, time: Duration) -> Run {
    let body = House::order("64000");
    let echo = echo::start();
    let rest_echo = client::rest(echo.address, "/echo", None, std::slice::from_ref(&body), CONNECTIONS, time);
    let ws_echo = client::socket(echo.address, "/ws", None, &[House::message("64000")], PIPELINED, time);
    drop(echo);
    let house = House::open(options);
    let token = Some(house.token.as_str());
    // Bids of many prices that nobody takes: validated, checked, funded, and rested.
    let bodies: Vec<String> = (0..64).map(|at| House::order(&(60_000 + at * 7).to_string())).collect();
    let Load { per_s: rest, took, cpu_us } =
        client::rest(house.address, "/api/v1/orders", token, &bodies, CONNECTIONS, time);
    let messages: Vec<String> = (0..64).map(|at| House::message(&(60_000 + at * 7).to_string())).collect();
    let ws = client::socket(house.address, "/ws/v1", token, &messages, PIPELINED, time);
    let millis = |quantile| took.value_at_quantile(quantile) as f64 / 1e6;
    let (p50_ms, p99_ms, sync_p99_ms) = (millis(0.5), millis(0.99), house.sync_p99_ms());
    let cpu = Cpu { rest: cpu_us, rest_echo: rest_echo.cpu_us, ws: ws.cpu_us, ws_echo: ws_echo.cpu_us };
    house.close();
    Run {
        rest,
        rest_echo: rest_echo.per_s,
        p50_ms,
        p99_ms,
        sync_p99_ms,
        ws: ws.per_s,
        ws_echo: ws_echo.per_s,
        cpu,
    }
}
