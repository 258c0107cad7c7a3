//! What can be asked: filters, pages, names, extremes.

use super::archives::on_each;
use super::story::{Story, all, story};
use engine::Engine;
use model::{AccountId, InstrumentId, OrderStatus};
use model::{
    AssetId, BookId, Command, Event, Money, OrderAccepted, OrderId, Qty, Record, Side, Stamped, Time,
    Transfer,
};
use store::{OrderFilter, Page, Projector, Span, Store, StoreError, TradeFilter};
use tests::sim::setup;

#[test]
fn lists_are_filtered_and_paged() {
    on_each(|name, archive| {
        let Story { records, .. } = story(31, 3_000);
        Projector::open(&archive.config).unwrap().apply(&records).unwrap();
        let store = Store::open(archive.config.clone()).unwrap();
        let every = all(|page| store.orders(&OrderFilter::default(), page).unwrap());
        let filter = OrderFilter {
            account: Some(AccountId(1)),
            symbol: Some("BTC-USD".to_owned()),
            side: Some(Side::Sell),
            statuses: vec![OrderStatus::Filled, OrderStatus::Cancelled],
            created: Span { from: Some(every[every.len() / 2].created_at), to: None },
            ..OrderFilter::default()
        };
        let some = all(|page| store.orders(&filter, page).unwrap());
        let from = filter.created.from.unwrap();
        let wanted = every.iter().filter(|row| {
            row.account_id == AccountId(1)
                && row.symbol == "BTC-USD"
                && row.side == "SELL"
                && ["FILLED", "CANCELLED"].contains(&row.status.as_str())
                && row.created_at >= from
        });
        assert!(some.len() > 10 && some.iter().eq(wanted), "{name}");
        let named = every.iter().find(|row| row.client_order_id.is_some()).unwrap();
        let client = named.client_order_id.as_deref().unwrap();
        let found = store.order_of_client(named.account_id, client).unwrap().unwrap();
        assert!(found.id >= named.id && found.client_order_id == named.client_order_id);
        assert_eq!(store.order(named.id).unwrap().as_ref(), Some(named));
        let bad = Page { limit: 1, after: Some("1; DROP TABLE orders".to_owned()) };
        assert!(matches!(store.orders(&filter, &bad), Err(StoreError::BadPage { .. })));

        let trades = all(|page| store.trades(&TradeFilter::default(), page).unwrap());
        let traded = records.iter().flat_map(|record| &record.events);
        let traded = traded.filter(|event| matches!(event, Event::Traded(_))).count();
        assert_eq!(trades.len(), 2 * traded, "{name}: both sides");
        let sum = store.trade_summary(&TradeFilter::default()).unwrap();
        let count: i64 = sum.iter().map(|row| row.count).sum();
        assert_eq!(usize::try_from(count).unwrap(), trades.len());
        let fees = |all: &mut dyn Iterator<Item = Money>| all.fold(0, |sum, fee| sum + fee.0);
        assert_eq!(
            fees(&mut sum.iter().map(|row| row.fees.to_money().unwrap())),
            fees(&mut trades.iter().map(|row| row.fee.to_money().unwrap())),
            "{name}: sums are exact"
        );
        let cash = all(|page| store.ledger(AccountId(0), page).unwrap());
        let cash = cash.iter().filter(|row| row.asset == "USD");
        let cash = cash.fold(0, |sum, row| sum + row.amount.to_money().unwrap().0);
        let balances = store.balances(Some(AccountId(0))).unwrap();
        let usd = balances.iter().find(|row| row.asset == "USD").unwrap();
        assert_eq!(
            usd.total_balance.to_money(),
            Some(Money(cash)),
            "{name}: the ledger comes to the balance"
        );
        let seen = |limit| {
            let (mut rows, mut after) = (Vec::new(), None);
            loop {
                let page = Page { limit, after };
                let (more, next) = store.rejections(None, Span::default(), &page).unwrap();
                rows.extend(more);
                let Some(next) = next else { return rows };
                after = Some(next);
            }
        };
        assert_eq!(seen(1), seen(1_000), "{name}: no page parts what one record refused");
        let refused = store.bars("BTC-USD", None, "7m", (Span::default(), 10));
        assert!(matches!(refused, Err(StoreError::NotAllowed { .. })));
    });
}

#[test]
fn the_largest_numbers_come_back_as_they_went() {
    on_each(|name, archive| {
        let (mut engine, mut records) = (Engine::new(), Vec::new());
        let most = Money((1 << 120) - setup::units(1_000_000).0);
        let transfer = Transfer { account: AccountId(0), asset: AssetId(0), amount: most, reference: None };
        let tiny = Transfer { amount: Money(1), asset: AssetId(1), ..transfer };
        let commands =
            setup::commands().into_iter().chain([Command::Deposit(transfer), Command::Deposit(tiny)]);
        for (seq, command) in (1u64..).zip(commands) {
            let stamped = Stamped { seq, time: Time(1_000), command };
            let mut events = Vec::new();
            engine.apply(&stamped, &mut events);
            records.push(Record { stamped, events });
        }
        let seq = engine.seq() + 1;
        let accepted = OrderAccepted {
            order: OrderId(u64::MAX),
            account: AccountId(0),
            book: BookId(0),
            instrument: InstrumentId(0),
            side: Side::Buy,
            qty: Qty(i64::MAX),
        };
        let stamped = Stamped { seq, time: Time::MAX, command: Command::AdvanceTime };
        records.push(Record { stamped, events: vec![Event::OrderAccepted(accepted)] });
        Projector::open(&archive.config).unwrap().apply(&records).unwrap();
        let store = Store::open(archive.config.clone()).unwrap();
        let row = store.order(OrderId(u64::MAX)).unwrap().unwrap();
        assert_eq!(row.quantity.as_str(), "922337203685477580.7", "{name}: a lot is a tenth");
        assert_eq!(row.created_at.0 / 1_000, i64::MAX / 1_000, "{name}: to the microsecond");
        let balances = store.balances(Some(AccountId(0))).unwrap();
        let total = |asset| {
            let row = balances.iter().find(|row| row.asset_id == AssetId(asset)).unwrap();
            row.total_balance.to_money().unwrap()
        };
        assert_eq!(total(0), engine.balance(AccountId(0), AssetId(0)).unwrap().total, "{name}");
        assert_eq!(total(1), engine.balance(AccountId(0), AssetId(1)).unwrap().total, "{name}");
        // The cursor's moment is the last there is, and the archive opens again.
        assert_eq!(Projector::open(&archive.config).unwrap().cursor(), Ok(seq), "{name}");
    });
}

#[test]
fn questions_go_to_the_replica_and_what_is_only_here_does_not() {
    let (whole, behind) = (super::archives::sqlite(), super::archives::sqlite());
    let Story { records, .. } = story(31, 400);
    Projector::open(&whole.config).unwrap().apply(&records).unwrap();
    Projector::open(&behind.config).unwrap().apply(&records[..100]).unwrap();
    let replica = store::Config { replica: Some(behind.config.place.clone()), ..whole.config.clone() };
    let store = Store::open(replica.clone()).unwrap();
    assert!(store.has_replica());
    assert_eq!(store.projected().unwrap().0, 100, "as far as the replica is");
    let user = store::NewUser {
        id: model::UserId(1),
        username: "ann".to_owned(),
        email: None,
        password_hash: "hash".to_owned(),
        first_name: None,
        last_name: None,
        role: store::Role::Trader,
    };
    store.create_user(&user, Time(0)).unwrap();
    assert!(store.user_named("ann").unwrap().is_some(), "who was just added is found");
    assert!(Store::open(behind.config.clone()).unwrap().user_named("ann").unwrap().is_none());
    // A replica that is gone: the archive answers.
    let gone = store::Place::parse("postgres://nobody@%2Fnowhere%2Fat%2Fall/archive").unwrap();
    let store = Store::open(store::Config { replica: Some(gone), ..replica }).unwrap();
    assert_eq!(store.projected().unwrap().0, 400);
}

#[test]
fn an_archive_that_is_away_is_reached_once_it_is_there() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("not yet");
    let store = Store::later(store::Config::new(store::Place::Sqlite(folder.join("archive.db"))));
    let error = store.user_named("ann").unwrap_err();
    assert!(error.passes() || matches!(error, StoreError::Refused { .. }), "{error}");
    std::fs::create_dir(&folder).unwrap();
    // It is not tried at every question.
    let end = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while store.reach().is_err() {
        assert!(std::time::Instant::now() < end, "it is there, and not reached");
        std::thread::yield_now();
    }
    assert_eq!(store.user_named("ann"), Ok(None));
}
