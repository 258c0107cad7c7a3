//! Violent markets: prices jump, accounts are called, liquidated and covered. After every command everything that
//! must always be true is worked out anew; a restored state goes on as the live one does; where there are more
//! holders than one command values, the commands after it do, and no check in between sees an old price.

use engine::Engine;
use model::line::{Line, OrderNames, parse};
use model::{
    AccountId, Command, Directory, Event, InstrumentId, MarginStage, Mark, Money, NewOrder, OrderType, Price,
    Qty, Reject, Side, Stamped, Time,
};

struct Rng(u64);

impl Rng {
    fn below(&mut self, bound: u64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from((self.0 >> 33) % bound).expect("31 bits")
    }
}

#[derive(Default)]
struct House {
    engine: Engine,
    directory: Directory,
    time: i64,
}

impl House {
    fn apply(&mut self, command: Command) -> Vec<Event> {
        self.time += 1_000_000;
        let (seq, time) = (self.engine.seq() + 1, Time(self.time));
        let mut events = Vec::new();
        self.engine.apply(&Stamped { seq, time, command }, &mut events);
        events.iter().for_each(|event| self.directory.learn(event));
        events
    }

    fn say(&mut self, line: &str) -> Vec<Event> {
        let line = parse(line, &self.directory, &OrderNames::default()).expect("a line that is understood");
        let Some(Line::Command(command)) = line else { panic!("no command") };
        self.apply(command)
    }

    /// Two futures and so many margin accounts with a thousand each.
    fn with(accounts: u32) -> Self {
        let mut house = Self::default();
        house.say("asset USD");
        house.say("user ann");
        for symbol in ["OIL-F", "GAS-F"] {
            house.say(&format!(
                "list {symbol} future /USD tick 0.01 lot 1 initial 0.1 maintenance 0.05 \
                 maker 0.0001 taker 0.0003 expiry 2026-12-21T00:00:00Z"
            ));
        }
        for account in 0..accounts {
            house.say(&format!("account a{account} of ann margin USD"));
            house.say(&format!("deposit a{account} 1000 USD"));
        }
        house
    }

    /// Lets time pass until nothing is left to do at once.
    fn settle(&mut self) -> Vec<Event> {
        let mut events = Vec::new();
        while self.engine.next_due().is_some_and(|due| due.0 <= self.time) {
            events.extend(self.apply(Command::AdvanceTime));
        }
        events
    }
}

fn order(account: i64, instrument: u32, side: Side, qty: i64, price: i64) -> Command {
    let account = AccountId(u32::try_from(account).expect("a small number"));
    let kind = OrderType::Limit { price: Price(price) };
    Command::PlaceOrder(NewOrder::new(account, InstrumentId(instrument), side, Qty(qty), kind))
}

fn mark(instrument: u32, price: i64) -> Command {
    Command::Mark(Mark { instrument: InstrumentId(instrument), price: Price(price) })
}

#[test]
fn no_account_ends_below_its_rule_however_prices_jump() {
    let (mut liquidated, mut covered, mut sound) = (0, 0, 0);
    for seed in 0..12 {
        let (mut rng, mut house) = (Rng(seed), House::with(6));
        let mut mids = [10_000i64, 10_000];
        for step in 0..1_500 {
            let at = usize::try_from(rng.below(2)).unwrap();
            let instrument = u32::try_from(at).unwrap();
            let events = if rng.below(12) == 0 {
                let jump = if rng.below(6) == 0 { 4_000 } else { 700 };
                mids[at] =
                    (mids[at] + rng.below(2 * jump + 1).wrapping_sub(i64::try_from(jump).unwrap())).max(500);
                house.apply(mark(instrument, mids[at]))
            } else {
                let side = if rng.below(2) == 0 { Side::Buy } else { Side::Sell };
                let price = mids[at] + rng.below(400) - 200;
                house.apply(order(rng.below(6), instrument, side, 1 + rng.below(30), price.max(1)))
            };
            liquidated += events.iter().filter(|event| matches!(event, Event::Liquidated { .. })).count();
            covered += events.iter().filter(|event| matches!(event, Event::ShortfallCovered { .. })).count();
            let back = |event: &&Event| matches!(event, Event::MarginStaged(state) if state.stage == MarginStage::Sound);
            sound += events.iter().filter(back).count();
            house
                .engine
                .check()
                .unwrap_or_else(|wrong| panic!("seed {seed}, step {step}: {wrong}; {events:?}"));
            if step % 300 == 299 {
                let mut bytes = Vec::new();
                house.engine.snapshot(&mut bytes);
                let restored = Engine::restore(&bytes).unwrap();
                assert_eq!(restored.digest(), house.engine.digest());
                house.engine = restored;
            }
        }
    }
    assert!(liquidated > 100 && covered > 5 && sound > 20, "{liquidated} {covered} {sound}");
}

/// Far more holders than one command values.
const MANY: u32 = 20_000;

#[test]
fn a_mark_reaches_many_holders_over_several_commands_and_no_check_sees_an_old_price() {
    let mut house = House::with(MANY);
    for account in 1..MANY {
        house.apply(order(0, 0, Side::Sell, 1, 10_000));
        house.apply(order(i64::from(account), 0, Side::Buy, 1, 10_000));
        house.apply(Command::Deposit(model::Transfer {
            account: AccountId(0),
            asset: model::AssetId(0),
            amount: Money(100 * Money::ONE.0),
            reference: None,
        }));
    }
    house.settle();
    house.apply(mark(0, 9_900));
    assert!(house.engine.next_due().is_some_and(|due| due.0 <= house.time), "it is done at once");
    let last = AccountId(MANY - 1);
    let worth = |house: &House| house.engine.margins(last).first().map(|(_, state)| state.equity);
    let before = worth(&house);
    let events = house.apply(order(i64::from(last.0), 0, Side::Buy, 100, 9_999));
    let refused = events
        .iter()
        .any(|event| matches!(event, Event::OrderRejected { reason: Reject::InsufficientMargin { .. }, .. }));
    assert!(refused && worth(&house) < before, "{events:?}");
    let mut bytes = Vec::new();
    house.engine.snapshot(&mut bytes);
    let mut twin = House { engine: Engine::restore(&bytes).unwrap(), time: house.time, ..House::default() };
    assert_eq!(house.settle(), twin.settle());
    assert_eq!(house.engine.digest(), twin.engine.digest());
    house.engine.check().unwrap();
}

#[test]
fn a_kill_switch_of_many_orders_refuses_at_once_and_goes_on_until_all_are_gone() {
    let mut house = House::with(2);
    house.say("deposit a0 1000000 USD");
    for level in 0..5_000 {
        house.apply(order(0, 0, Side::Buy, 1, 5_000 - level));
    }
    house.apply(order(1, 0, Side::Buy, 1, 4_000));
    let events = house.say("kill account a0 by ann because drill");
    assert!(matches!(events.first(), Some(Event::KillSwitchThrown { .. })));
    assert!(house.engine.order_count() > 3_000, "a command does a bounded part");
    let events = house.apply(order(0, 0, Side::Buy, 1, 100));
    assert!(matches!(events.first(), Some(Event::OrderRejected { reason: Reject::KilledAt { .. }, .. })));
    let events = house.settle();
    assert!(matches!(events.last(), Some(Event::ScopeCleared { cancelled: 5_000, .. })));
    assert_eq!(house.engine.order_count(), 1);
    house.engine.check().unwrap();
}
