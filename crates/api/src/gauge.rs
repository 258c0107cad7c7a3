//! The figures of the front desk for Prometheus, with those of the node and of the archive beside them. Counted
//! where things happen, and put together when somebody asks.

use crate::desk::Desk;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OrderLabel {
    status: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabel {
    route: &'static str,
    status: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelValue)]
pub(crate) enum Why {
    Unauthenticated,
    Forbidden,
    RateLimited,
    Lagging,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct WhyLabel {
    why: Why,
}

pub(crate) struct Gauges {
    registry: Registry,
    orders: Family<OrderLabel, Counter>,
    order_seconds: Histogram,
    requests: Family<RequestLabel, Counter>,
    refused: Family<WhyLabel, Counter>,
    pub(crate) connections: Gauge,
    pub(crate) sockets: Gauge,
    pub(crate) active_strategies: Gauge,
    portfolio_value: Family<UserLabel, Gauge<f64, AtomicU64>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct UserLabel {
    user_id: u32,
}

impl Gauges {
    pub(crate) fn new() -> Self {
        let steps = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0];
        let order_seconds = Histogram::new(steps);
        let mut gauges = Self {
            registry: Registry::default(),
            orders: Family::default(),
            order_seconds,
            requests: Family::default(),
            refused: Family::default(),
            connections: Gauge::default(),
            sockets: Gauge::default(),
            active_strategies: Gauge::default(),
            portfolio_value: Family::default(),
        };
        gauges.register();
        gauges
    }

    fn register(&mut self) {
        let to = &mut self.registry;
        to.register("orders", "Orders by what came of them at once", self.orders.clone());
        let about = "From the request of an order to its durable answer";
        to.register("order_processing_seconds", about, self.order_seconds.clone());
        to.register("http_requests", "Requests by route and status", self.requests.clone());
        to.register("http_refused", "Requests and sockets that were turned away", self.refused.clone());
        to.register("http_connections", "Open connections", self.connections.clone());
        to.register("ws_clients", "Open WebSockets", self.sockets.clone());
        to.register("active_strategies", "Strategies that run", self.active_strategies.clone());
        to.register("portfolio_value", "What a user's accounts are worth", self.portfolio_value.clone());
    }

    pub(crate) fn order(&self, status: &'static str, took: Duration) {
        self.orders.get_or_create(&OrderLabel { status }).inc();
        self.order_seconds.observe(took.as_secs_f64());
    }

    pub(crate) fn request(&self, route: &'static str, status: u32) {
        self.requests.get_or_create(&RequestLabel { route, status }).inc();
    }

    pub(crate) fn refuse(&self, why: Why) {
        self.refused.get_or_create(&WhyLabel { why }).inc();
    }

    pub(crate) fn worth(&self, user: u32, value: f64) {
        self.portfolio_value.get_or_create(&UserLabel { user_id: user }).set(value);
    }
}

/// Everything, in the text form of OpenMetrics.
pub(crate) fn render(desk: &Desk) -> String {
    let mut text = String::new();
    if encode(&mut text, &desk.gauges.registry).is_err() {
        text.clear();
    }
    let end = "# EOF\n";
    let cut = text.strip_suffix(end).unwrap_or(&text).len();
    text.truncate(cut);
    let node = desk.door.metrics();
    let rows: [(&str, &str, u64); 17] = [
        ("node_commands_total", "counter", node.commands.get()),
        ("node_events_total", "counter", node.events.get()),
        ("node_busy_total", "counter", node.busy.get()),
        ("node_full_total", "counter", node.full.get()),
        ("node_batches_total", "counter", node.batches.get()),
        ("node_conflated_total", "counter", node.conflated.get()),
        ("node_queue_depth", "gauge", node.queue_depth.get()),
        ("node_durable_seq", "gauge", node.durable_seq.get()),
        ("node_snapshot_seq", "gauge", node.snapshot_seq.get()),
        ("node_shadow_seq", "gauge", node.shadow_seq.get()),
        ("journal_bytes_total", "counter", node.bytes.get()),
        ("journal_syncs_total", "counter", node.syncs.get()),
        ("journal_sync_p50_microseconds", "gauge", node.sync_us(0.5)),
        ("journal_sync_p99_microseconds", "gauge", node.sync_us(0.99)),
        ("archive_seq", "gauge", desk.projection.projected()),
        ("archive_lag_records", "gauge", desk.projection.lag()),
        ("archive_retries_total", "counter", desk.projection.retries()),
    ];
    for (name, kind, value) in rows {
        let family = name.strip_suffix("_total").unwrap_or(name);
        text.push_str(&format!("# TYPE {family} {kind}\n{name} {value}\n"));
    }
    text.push_str(end);
    text
}
