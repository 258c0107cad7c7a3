//! One seed: clients that repeat, reorder and send again, a node that is killed between and inside its steps,
//! a disk that fails, fills up and forgets. Single-threaded; the seed is the run.

use super::exchange::Exchange;
use super::faults::{self, Flip};
use super::house::{Came, House};
use super::memory::ensure;
use super::queue::Queue;
use super::sabotage::{Sabotage, Saboteur};
use super::setup;
use super::work::Work;
use journal::{Archive, Options, Retention, Rng};
use model::{Command, Event, Time};
use node::Config;
use std::fmt;

const CLIENTS: usize = 4;

/// What a run went through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    pub records: u64,
    pub trades: u64,
    pub crashes: u64,
    pub faults: u64,
    pub snapshots: u64,
    pub flips: u64,
    /// Of those, how many were refused.
    pub flips_refused: u64,
    /// Market data that gave way to newer, or was dropped.
    pub conflated: u64,
    /// Queries that were answered.
    pub answers: u64,
    pub retired: u64,
    /// Client ids whose time was over.
    pub forgotten: u64,
    /// Requests to the outside venue, and what it filled.
    pub requests: u64,
    pub fills: u64,
    /// Requests that were overtaken, and those that their age made more urgent.
    pub overtaken: u64,
    pub aged: u64,
    /// Orders that became unknown, reports after an order's end, and differences of positions.
    pub unknown: u64,
    pub late: u64,
    pub breaks: u64,
    pub digest: [u8; 32],
}

impl Outcome {
    /// Adds another run's counts; a sum has no digest.
    pub fn add(&mut self, other: &Self) {
        self.records += other.records;
        self.trades += other.trades;
        self.crashes += other.crashes;
        self.faults += other.faults;
        self.snapshots += other.snapshots;
        self.flips += other.flips;
        self.flips_refused += other.flips_refused;
        self.conflated += other.conflated;
        self.answers += other.answers;
        self.retired += other.retired;
        self.forgotten += other.forgotten;
        self.requests += other.requests;
        self.fills += other.fills;
        self.overtaken += other.overtaken;
        self.aged += other.aged;
        self.unknown += other.unknown;
        self.late += other.late;
        self.breaks += other.breaks;
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { records, trades, crashes, faults, snapshots, retired, .. } = self;
        let Self { flips, flips_refused, conflated, answers, forgotten, .. } = self;
        writeln!(
            f,
            "{records} records, {trades} trades, {answers} queries, {conflated} conflated, {forgotten} ids forgotten"
        )?;
        write!(
            f,
            "{crashes} crashes, {faults} disk faults, {flips} flipped bits ({flips_refused} refused), "
        )?;
        writeln!(f, "{snapshots} snapshots, {retired} segments retired")?;
        let Self { requests, fills, overtaken, aged, unknown, late, breaks, .. } = self;
        write!(
            f,
            "{requests} requests to a venue, {overtaken} overtaken, {aged} aged, {fills} fills there, "
        )?;
        write!(f, "{unknown} orders unknown, {late} reports after the end, {breaks} breaks")
    }
}

struct Run {
    house: House,
    work: Work,
    exchange: Exchange,
    queue: Queue,
    /// Records that the venue has read.
    read: u64,
    rng: Rng,
    now: Time,
    /// Repeats on their way, and what has to be sent again.
    late: Vec<Command>,
    fault: bool,
    full: bool,
    outcome: Outcome,
}

/// # Errors
/// The first promise that was broken.
pub fn run(seed: u64, steps: u64) -> Result<Outcome, String> {
    play(seed, steps, Saboteur::default())
}

/// The same run with a fault in it that no node should have.
///
/// # Errors
/// What the simulator found of it, as it should.
pub fn sabotaged(seed: u64, steps: u64, sabotage: Sabotage) -> Result<Outcome, String> {
    play(seed, steps, Saboteur::new(Some(sabotage)))
}

fn play(seed: u64, steps: u64, saboteur: Saboteur) -> Result<Outcome, String> {
    let mut rng = Rng::new(seed);
    let mut run = Run {
        house: House::new(config(&mut rng), saboteur)?,
        work: Work::new(rng.draw()),
        exchange: Exchange::new(rng.draw(), setup::OUTSIDE),
        queue: Queue::new(Exchange::venue().patience_ns),
        read: 0,
        rng,
        now: setup::START,
        late: Vec::new(),
        fault: false,
        full: false,
        outcome: Outcome::default(),
    };
    run.set_up()?;
    for step in 0..steps {
        run.step().map_err(|wrong| format!("step {step}: {wrong}"))?;
    }
    run.end().map_err(|wrong| format!("at the end: {wrong}"))?;
    Ok(run.outcome)
}

fn config(rng: &mut Rng) -> Config {
    let segment_bytes = 2048 << rng.below(6);
    let reserve_bytes = if rng.coin() { 0 } else { segment_bytes };
    let journal = Options { segment_bytes, reserve_bytes, ..Options::default() };
    Config {
        journal,
        inbox_max: 64,
        congested_at: 1 + rng.below(24),
        market_max: 4 + rng.below(12),
        snapshots_kept: 1 + rng.below(3),
        retention: retention(rng),
        batch_commands_max: 1 + rng.below(64),
        live_batches_max: 2,
        ..Config::default()
    }
}

fn retention(rng: &mut Rng) -> Retention {
    let archive = match rng.coin() {
        true => Archive::Delete,
        false => Archive::Keep { segments_max: rng.below(4), bytes_max: 1 << 16 },
    };
    Retention { segments_min: 1 + rng.below(4), archive }
}

impl Run {
    /// Before anything breaks, so that every id is what the work believes.
    fn set_up(&mut self) -> Result<(), String> {
        self.work.outside = true;
        for command in setup::commands().into_iter().chain(setup::outside()) {
            ensure(self.house.submit(0, &command)?, || "the setup was not taken".to_owned())?;
            self.house.apply(self.now, 1)?;
            self.house.sync()?;
        }
        let refused = |event: &Event| matches!(event, Event::CommandRejected { .. });
        let bad = self.house.last_known(usize::MAX).iter().find(|record| record.events.iter().any(refused));
        ensure(bad.is_none(), || format!("the setup was refused: {bad:?}"))
    }

    fn step(&mut self) -> Result<(), String> {
        self.pass();
        self.send()?;
        self.exchange.go_on();
        self.report()?;
        self.look_aside()?;
        self.disturb()?;
        let max = 1 + self.rng.below(24);
        let mut came = self.house.apply(self.now, max)?;
        if came == Came::Fine && self.rng.below(4) > 0 {
            let before = self.house.acked();
            came = self.house.sync()?;
            self.learn(before);
            self.read_on()?;
        }
        if self.rng.below(10) == 0 {
            self.house.prepare()?;
        }
        if self.rng.below(12) == 0 && self.house.snapshot()? {
            self.outcome.snapshots += 1;
            self.outcome.retired += self.house.retire()? as u64;
        }
        if std::mem::take(&mut self.fault) {
            self.house.disk().set_fault(None);
        }
        if came == Came::Stopped || self.rng.below(25) == 0 {
            self.restart()?;
        } else if self.rng.below(20) == 0 {
            let flip = faults::flip(&self.house, &mut self.rng)?;
            self.outcome.flips += 1;
            self.outcome.flips_refused += u64::from(flip == Flip::Refused);
        }
        Ok(())
    }

    /// Milliseconds, at times seconds, and now and then more than a day, after which ids are forgotten.
    fn pass(&mut self) {
        let idle = self.exchange.is_quiet() && self.house.core().is_ok_and(|core| core.backlog() == (0, 0));
        let most = match self.rng.below(200) {
            0..50 => return,
            50..53 => 10_000_000_000,
            // Not while a report is on its way: one that is a day late is of an order that is forgotten.
            53 if idle => {
                self.exchange.archive();
                2 * 86_400_000_000_000
            }
            _ => 5_000_000,
        };
        self.now = self.now.saturating_add_ns(i64::try_from(self.rng.below(most)).unwrap_or(0));
    }

    /// Market data in bursts, and looks at the state.
    fn look_aside(&mut self) -> Result<(), String> {
        if self.rng.below(3) == 0 {
            for _ in 0..self.rng.below(12) {
                self.house.market(self.work.market())?;
            }
        }
        for _ in 0..self.rng.below(3) {
            self.house.ask(self.work.query())?;
        }
        Ok(())
    }

    /// New commands and repeats of old ones, by any client, in any order.
    fn send(&mut self) -> Result<(), String> {
        for _ in 0..self.rng.below(8) {
            let command = if !self.late.is_empty() && self.rng.coin() {
                let at = self.rng.below(self.late.len());
                self.late.swap_remove(at)
            } else {
                self.work.command(self.now)
            };
            let client = u32::try_from(self.rng.below(CLIENTS)).unwrap_or(0);
            let taken = self.house.submit(client, &command)?;
            if is_named(&command) && (!taken || self.rng.below(10) < 3) && self.late.len() < 200 {
                self.late.push(command);
            }
        }
        Ok(())
    }

    /// What the venue has to say, as far as the node takes it.
    fn report(&mut self) -> Result<(), String> {
        for _ in 0..self.rng.below(6) {
            let Some(report) = self.exchange.next() else { return Ok(()) };
            if !self.house.submit(0, &Command::Venue(Box::new(report.clone())))? {
                self.exchange.put_back(report);
                return Ok(());
            }
        }
        Ok(())
    }

    /// The venue reads what is on disk.
    fn read_on(&mut self) -> Result<(), String> {
        let count = usize::try_from(self.house.acked() - self.read).unwrap_or(0);
        for record in self.house.last_known(count) {
            for event in &record.events {
                self.queue.hear(event, record.stamped.time)?;
                self.exchange.hear(event, record.stamped.time)?;
                if self.house.sends_twice() {
                    self.exchange.hear(event, record.stamped.time)?;
                }
            }
        }
        self.read = self.house.acked();
        Ok(())
    }

    /// The venue behaves, and in the end the two know the same.
    fn agree(&mut self) -> Result<(), String> {
        self.exchange.calm_down();
        let (mut still, mut rounds) = (0, 0);
        while still < 8 {
            rounds += 1;
            ensure(rounds < 100_000, || "the house and the venue never come to rest".to_owned())?;
            self.now = self.now.saturating_add_ns(300_000_000);
            let before = self.exchange.requests;
            let report = self.exchange.next();
            let command = report.map_or(Command::AdvanceTime, |report| Command::Venue(Box::new(report)));
            ensure(self.house.submit(0, &command)?, || "a calm house is busy".to_owned())?;
            let came = (self.house.apply(self.now, 64)?, self.house.sync()?);
            ensure(came == (Came::Fine, Came::Fine), || "a sound disk stopped the node".to_owned())?;
            self.read_on()?;
            let quiet = self.exchange.is_quiet() && self.exchange.requests == before;
            still = if quiet { still + 1 } else { 0 };
        }
        let filled = self.house.memory().outside.clone();
        self.exchange.compare(self.house.core()?.engine(), &filled)
    }

    fn disturb(&mut self) -> Result<(), String> {
        match self.rng.below(40) {
            0..2 => {
                self.house.disk().set_fault(Some(faults::fault(&mut self.rng)));
                self.fault = true;
                self.outcome.faults += 1;
            }
            2 if !self.full => {
                faults::fill(self.house.disk(), &mut self.rng);
                self.full = true;
                self.outcome.faults += 1;
            }
            3..8 if self.full => self.make_room()?,
            _ => {}
        }
        Ok(())
    }

    fn make_room(&mut self) -> Result<(), String> {
        self.full = false;
        self.house.disk().set_capacity(None);
        let prepared = self.house.prepare()?;
        ensure(prepared || self.fault, || "no segment could be prepared though there is room".to_owned())
    }

    fn restart(&mut self) -> Result<(), String> {
        self.outcome.crashes += 1;
        let before = self.house.acked();
        let unknown = self.house.crash(faults::crash(&mut self.rng));
        self.late.extend(unknown.into_iter().filter(is_named));
        self.full = false;
        self.house.disk().set_capacity(None);
        while self.rng.below(3) == 0 {
            self.house.try_open(&mut self.rng)?;
            if self.rng.coin() {
                self.house.crash(faults::crash(&mut self.rng));
            }
        }
        self.house.open()?;
        self.learn(before);
        self.read_on()?;
        // The gateway went down with the node, and begins anew.
        self.exchange.call();
        Ok(())
    }

    /// Tells the work which orders there are now.
    fn learn(&mut self, before: u64) {
        let count = usize::try_from(self.house.acked() - before).unwrap_or(0);
        for event in self.house.last_known(count).iter().flat_map(|record| &record.events) {
            if let Event::OrderAccepted(accepted) = event {
                self.work.learn(accepted.account, accepted.order);
            }
        }
    }

    fn end(&mut self) -> Result<(), String> {
        if self.full {
            self.make_room()?;
        }
        self.house.finish(self.now)?;
        self.read_on()?;
        self.agree()?;
        self.house.finish(self.now)?;
        let Exchange { requests, fills, .. } = self.exchange;
        (self.outcome.requests, self.outcome.fills) = (requests, fills);
        let Queue { overtaken, aged, unknown, late, breaks, .. } = self.queue;
        (self.outcome.overtaken, self.outcome.aged) = (overtaken, aged);
        (self.outcome.unknown, self.outcome.late, self.outcome.breaks) = (unknown, late, breaks);
        self.outcome.records = self.house.acked();
        self.outcome.trades = self.house.memory().trades;
        self.outcome.forgotten = self.house.memory().ids.forgotten;
        self.outcome.conflated = self.house.aside().conflated;
        self.outcome.answers = self.house.aside().answers;
        self.outcome.digest = self.house.core()?.digest();
        Ok(())
    }
}

/// Whether it may be sent again without harm.
fn is_named(command: &Command) -> bool {
    match command {
        Command::PlaceOrder(order) => order.client_order_id.is_some(),
        Command::Deposit(transfer) | Command::Withdraw(transfer) => transfer.reference.is_some(),
        _ => false,
    }
}
