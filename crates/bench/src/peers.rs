//! What other order books reached on the same flow: recorded figures, as data. They were taken on another day on
//! a machine of this kind, so only their ratio to the naive book of that day says something about today.

#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer {
    pub name: &'static str,
    pub single_mps: f64,
    pub multi_mps: f64,
    pub single_p99_ns: u32,
    pub multi_p99_ns: u32,
}

impl Peer {
    /// Multiples of the naive book's rates, single and multi.
    pub fn against_naive(&self) -> (f64, f64) {
        (self.single_mps / NAIVE.single_mps, self.multi_mps / NAIVE.multi_mps)
    }
}

const NAIVE: Peer =
    Peer { name: "naive", single_mps: 12.6, multi_mps: 6.9, single_p99_ns: 231, multi_p99_ns: 497 };

const fn peer(
    name: &'static str,
    (single_mps, single_p99_ns): (f64, u32),
    (multi_mps, multi_p99_ns): (f64, u32),
) -> Peer {
    Peer { name, single_mps, multi_mps, single_p99_ns, multi_p99_ns }
}

const BOOKS: &[Peer] = &[
    peer("prototype, fixed window", (69.5, 69), (36.5, 301)),
    peer("geseq/cpp-orderbook (C++)", (22.8, 293), (6.7, 621)),
    peer("CppTrader (C++)", (17.3, 165), (5.7, 574)),
    peer("matchcore 0.4 (Rust)", (13.4, 347), (4.6, 952)),
    NAIVE,
    peer("liquibook (C++)", (3.6, 1141), (0.60, 11161)),
    peer("lobster 0.7 (Rust)", (2.9, 815), (2.3, 1159)),
    peer("orderbook-rs 0.15 (Rust)", (1.17, 3050), (0.27, 12365)),
];

/// The peers of a bench.
pub(crate) fn of(bench: &str) -> &'static [Peer] {
    match bench {
        "book" => BOOKS,
        _ => &[],
    }
}
