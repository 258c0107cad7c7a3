//! Users, keys and what is only here: good once means once, also for two that come at the same moment.

use super::archives::on_each;
use model::{AccountId, Time, UserId};
use store::{
    AuditFilter, KeyFound, NewApiKey, NewAudit, NewSession, NewSignal, NewStrategy, NewToken, NewUser, Page,
    Role, Span, Store, StoreError, StrategyChange, TokenUse, UserChange,
};

const NOW: Time = Time(1_795_271_400_000_000_000);
const LATER: Time = Time(NOW.0 + 3_600_000_000_000);
const HOSTILE: &str = "Robert'); DROP TABLE users;-- \"\\ %_ $1 ?1 🦀 \u{202e} \n {num}";

fn user(id: u32, username: &str) -> NewUser {
    NewUser {
        id: UserId(id),
        username: username.to_owned(),
        email: Some(format!("{username}@example.org")),
        password_hash: "hash".to_owned(),
        first_name: Some(HOSTILE.to_owned()),
        last_name: None,
        role: Role::Trader,
    }
}

fn token(hash: u8) -> NewToken {
    NewToken { token_hash: vec![hash; 32], expires_at: LATER }
}

fn key(hash: u8) -> NewApiKey {
    NewApiKey {
        user: UserId(1),
        name: "bot".to_owned(),
        prefix: "sk_1".to_owned(),
        key_hash: vec![hash; 32],
        secret_sealed: None,
        scopes: "orders:write market:read".to_owned(),
        ip_allow: "10.0.0.0/8".to_owned(),
        expires_at: None,
    }
}

#[test]
fn users_are_made_found_changed_and_locked() {
    on_each(|name, archive| {
        let store = Store::open(archive.config.clone()).unwrap();
        store.create_user(&user(1, "ann"), NOW).unwrap();
        store.create_user(&user(2, HOSTILE), NOW).unwrap();
        assert!(matches!(store.create_user(&user(3, "ann"), NOW), Err(StoreError::Taken { .. })), "{name}");
        let zero = store.create_user(&user(3, "a\0b"), NOW);
        assert_eq!(zero, Err(StoreError::ZeroByte { field: "username" }));
        assert_eq!(store.user_named(HOSTILE).unwrap().map(|user| user.id), Some(UserId(2)), "{name}");
        assert_eq!(store.user(UserId(1)).unwrap().unwrap().first_name.as_deref(), Some(HOSTILE));
        let change = UserChange {
            role: Some(Role::Admin),
            is_active: Some(false),
            email: Some(None),
            totp_secret: Some(Some(vec![0, 255])),
            ..UserChange::default()
        };
        store.change_user(UserId(1), &change, LATER).unwrap();
        let ann = store.user_named("ann").unwrap().unwrap();
        assert_eq!((ann.role, ann.is_active, ann.email, ann.updated_at), (Role::Admin, false, None, LATER));
        assert_eq!(ann.totp_secret, Some(vec![0, 255]));
        let nobody = store.change_user(UserId(9), &change, NOW);
        assert_eq!(nobody, Err(StoreError::NotFound { what: "user" }));
        for failures in 1..=3 {
            store.login_failed(UserId(1), 3, LATER).unwrap();
            let ann = store.user(UserId(1)).unwrap().unwrap();
            assert_eq!((ann.failed_logins, ann.locked_until), (failures, (failures == 3).then_some(LATER)));
        }
        store.login_succeeded(UserId(1), LATER).unwrap();
        let ann = store.user(UserId(1)).unwrap().unwrap();
        assert_eq!((ann.failed_logins, ann.locked_until, ann.last_login_at), (0, None, Some(LATER)));
        let all: Vec<_> = store.users(None, 10).unwrap().into_iter().map(|user| user.id).collect();
        assert_eq!(all, [UserId(1), UserId(2)]);
        assert_eq!(store.users(Some(UserId(1)), 10).unwrap().len(), 1);
    });
}

#[test]
fn keys_are_rotated_with_an_overlap_and_revoked() {
    on_each(|name, archive| {
        let store = Store::open(archive.config.clone()).unwrap();
        store.create_user(&user(1, "ann"), NOW).unwrap();
        let old = store.create_key(&key(1), NOW).unwrap();
        let new = store.rotate_key(old, &key(2), LATER, NOW).unwrap();
        let again = store.rotate_key(old, &key(3), LATER, NOW);
        assert_eq!(again, Err(StoreError::NotFound { what: "key" }), "{name}: and the third was not made");
        assert_eq!(store.find_key(&[3; 32], NOW), Ok(KeyFound::Unknown));
        assert!(
            matches!(store.find_key(&[1; 32], NOW), Ok(KeyFound::Valid(key)) if key.replaced_by == Some(new))
        );
        assert_eq!(store.find_key(&[1; 32], LATER), Ok(KeyFound::Expired), "{name}");
        assert!(matches!(store.find_key(&[2; 32], LATER), Ok(KeyFound::Valid(_))));
        store.key_used(new, LATER).unwrap();
        store.revoke_key(UserId(1), new, LATER).unwrap();
        assert_eq!(store.find_key(&[2; 32], LATER), Ok(KeyFound::Revoked));
        assert_eq!(store.revoke_key(UserId(1), new, LATER), Err(StoreError::NotFound { what: "key" }));
        assert_eq!(store.keys(UserId(1)).unwrap().len(), 2);
        let off = UserChange { is_active: Some(false), ..UserChange::default() };
        store.change_user(UserId(1), &off, NOW).unwrap();
        assert_eq!(store.find_key(&[1; 32], NOW), Ok(KeyFound::Disabled), "{name}");
    });
}

#[test]
fn a_token_that_comes_twice_ends_its_session() {
    on_each(|name, archive| {
        let store = Store::open(archive.config.clone()).unwrap();
        store.create_user(&user(1, "ann"), NOW).unwrap();
        let new = NewSession {
            user: UserId(1),
            family: vec![7; 16],
            address: "::1".to_owned(),
            agent: HOSTILE.to_owned(),
            expires_at: LATER,
        };
        let session = store.start_session(&new, &token(1), NOW).unwrap();
        let outcomes: Vec<TokenUse> = std::thread::scope(|scope| {
            let uses: Vec<_> = [2, 3]
                .map(|next| {
                    scope.spawn({
                        let store = &store;
                        move || store.rotate_token(&[1; 32], &token(next), NOW)
                    })
                })
                .into_iter()
                .collect();
            uses.into_iter().map(|one| one.join().unwrap().unwrap()).collect()
        });
        let (user, reused) = (UserId(1), TokenUse::Reused { session, user: UserId(1) });
        assert!(outcomes.contains(&TokenUse::Rotated { session, user }), "{name}: {outcomes:?}");
        assert!(outcomes.contains(&reused), "{name}: {outcomes:?}");
        let ended = store.session(session).unwrap().unwrap();
        assert_eq!(ended.end_reason.as_deref(), Some("token_reused"), "{name}");
        let next = [2, 3].map(|next| store.rotate_token(&[next; 32], &token(9), NOW).unwrap());
        assert!(next.contains(&TokenUse::Over) && next.contains(&TokenUse::Unknown), "{name}: {next:?}");
        let session = store.start_session(&NewSession { family: vec![8], ..new }, &token(20), NOW).unwrap();
        assert_eq!(store.sessions(UserId(1)).unwrap().len(), 2);
        store.end_session(UserId(1), session, "signed_out", NOW).unwrap();
        assert_eq!(store.end_sessions(UserId(1), "all", NOW), Ok(0));
        assert_eq!(store.rotate_token(&[20; 32], &token(21), NOW), Ok(TokenUse::Over));
    });
}

#[test]
fn invitations_and_recovery_codes_are_good_once() {
    on_each(|name, archive| {
        let store = Store::open(archive.config.clone()).unwrap();
        store.create_user(&user(1, "ann"), NOW).unwrap();
        store
            .invite(&[1; 32], (Role::RiskManager, Some("bob@example.org")), UserId(1), (NOW, LATER))
            .unwrap();
        let taken = store.accept_invitation(&[1; 32], &user(2, "ann"), NOW);
        assert!(matches!(taken, Err(StoreError::Taken { .. })), "{name}");
        assert_eq!(store.accept_invitation(&[1; 32], &user(2, "bob"), NOW), Ok(Role::RiskManager), "{name}");
        let spent = store.accept_invitation(&[1; 32], &user(3, "eve"), NOW);
        assert_eq!(spent, Err(StoreError::NotFound { what: "open invitation" }));
        store.invite(&[2; 32], (Role::Viewer, None), UserId(1), (NOW, NOW)).unwrap();
        assert!(store.accept_invitation(&[2; 32], &user(3, "eve"), NOW).is_err(), "{name}: it is over");
        assert_eq!(store.invitations().unwrap().len(), 2);
        store.set_recovery_codes(UserId(1), &[vec![1], vec![2]]).unwrap();
        let uses = [1, 1, 3].map(|code| store.use_recovery_code(UserId(1), &[code], NOW).unwrap());
        assert_eq!((uses, store.recovery_codes_left(UserId(1))), ([true, false, false], Ok(1)), "{name}");
        store.set_recovery_codes(UserId(1), &[vec![5]]).unwrap();
        assert_eq!(store.use_recovery_code(UserId(1), &[2], NOW), Ok(false));
    });
}

#[test]
fn secrets_settings_and_audit() {
    on_each(|name, archive| {
        let store = Store::open(archive.config.clone()).unwrap();
        store.create_user(&user(1, "ann"), NOW).unwrap();
        store.put_secret(AccountId(3), "api_key", (&[1, 0, 2], 1), NOW).unwrap();
        store.put_secret(AccountId(3), "api_key", (&[9], 2), LATER).unwrap();
        let secret = store.secret(AccountId(3), "api_key").unwrap().unwrap();
        assert_eq!((secret.sealed, secret.version), (vec![9], 2), "{name}");
        assert_eq!([(); 2].map(|()| store.drop_secret(AccountId(3), "api_key")), [Ok(true), Ok(false)]);
        store.put_setting("house", "theme", r#"{"a": 1}"#, NOW).unwrap();
        assert!(store.setting("house", "theme").unwrap().is_some_and(|json| json.contains('1')));
        let zero = store.put_setting("house", "theme", r#""\u0000""#, NOW);
        assert_eq!(zero, Err(StoreError::ZeroByte { field: "value" }));
        for at in 0..5 {
            let entry = NewAudit {
                time: NOW,
                user: Some(UserId(at % 2)),
                actor: HOSTILE.to_owned(),
                action: "order.place".to_owned(),
                details: Some("{}".to_owned()),
                ..NewAudit::default()
            };
            store.audit(&entry).unwrap();
        }
        let filter = AuditFilter { user: Some(UserId(0)), ..AuditFilter::default() };
        let (rows, next) = store.audit_entries(&filter, &Page { limit: 2, after: None }).unwrap();
        assert_eq!((rows.len(), rows[0].actor.as_str()), (2, HOSTILE), "{name}");
        let (rows, end) = store.audit_entries(&filter, &Page { limit: 2, after: next }).unwrap();
        assert_eq!((rows.len(), end), (1, None));
    });
}

#[test]
fn strategies_their_runs_and_their_signals() {
    on_each(|name, archive| {
        let store = Store::open(archive.config.clone()).unwrap();
        store.create_user(&user(1, "ann"), NOW).unwrap();
        let new = NewStrategy {
            user: UserId(1),
            name: HOSTILE.to_owned(),
            description: None,
            strategy_type: "dca".to_owned(),
            config: r#"{"buy_amount": 100}"#.to_owned(),
            is_public: false,
        };
        let id = store.create_strategy(&new, NOW).unwrap();
        let change = StrategyChange { status: Some("ACTIVE".to_owned()), ..StrategyChange::default() };
        store.change_strategy(UserId(1), id, &change, LATER).unwrap();
        assert!(store.change_strategy(UserId(2), id, &change, LATER).is_err(), "{name}: another's");
        let rows = store.strategies(Some(UserId(1)), None).unwrap();
        assert_eq!((rows[0].status.as_str(), rows[0].name.as_str()), ("ACTIVE", HOSTILE), "{name}");
        let signal = NewSignal {
            time: NOW,
            strategy: id,
            symbol: "BTC-USD".to_owned(),
            signal_type: "buy".to_owned(),
            strength: model::Money(1),
            confidence: model::Money::ONE,
            price: None,
            quantity: None,
            metadata: None,
        };
        let signal = [store.add_signal(&signal).unwrap(), store.add_signal(&signal).unwrap()][0];
        store.signal_processed(signal).unwrap();
        let (rows, _) = store.signals((Some(id), None), Span::default(), &Page::default()).unwrap();
        assert_eq!(rows.iter().map(|row| row.processed).collect::<Vec<_>>(), [false, true], "{name}");
        assert_eq!(rows[0].strength.as_str(), "0.000000000000000001");
        let new = store::NewExecution { strategy: id, execution_type: "backtest".to_owned(), config: None };
        let run = store.create_execution(&new, NOW).unwrap();
        store.change_execution(run, ("RUNNING", false), None, NOW).unwrap();
        store.change_execution(run, ("COMPLETED", true), Some(&"{}".to_owned()), LATER).unwrap();
        let (rows, _) = store.executions(id, &Page::default()).unwrap();
        assert_eq!((rows[0].started_at, rows[0].completed_at), (Some(NOW), Some(LATER)), "{name}");
        store.delete_strategy(UserId(1), id).unwrap();
        assert!(store.strategies(None, Some(id)).unwrap().is_empty(), "{name}");
        let state = store::EngineState {
            connection_id: "paper".to_owned(),
            status: "running".to_owned(),
            prehistoric_data_loaded: true,
            last_indication_run: Some(NOW),
            last_strategy_run: None,
            last_realtime_run: None,
            manager_health_status: "healthy".to_owned(),
            active_positions_count: 3,
            error_message: None,
            updated_at: NOW,
        };
        store.put_engine_state(&state).unwrap();
        store.put_engine_state(&state).unwrap();
        assert_eq!(store.engine_states().unwrap(), [state], "{name}");
    });
}
