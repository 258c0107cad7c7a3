//! Lets requests in: finds out who asks, whether they may, and whether not too often.

use super::limiter::{Left, Limiter, Who};
use super::password::Passwords;
use super::power::{Caller, Powers, Via, powers_of};
use super::seal::Sealer;
use super::secret::hash;
use super::signature::Signatures;
use super::token::{Bad, Signer};
use crate::clock;
use crate::config::Config;
use crate::desk::Desk;
use crate::problem::Problem;
use crate::route::{Need, Route};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use bytes::Bytes;
use model::{Time, UserId};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use store::{ApiKey, KeyFound, Role};

/// What was looked up is believed for so long, and so much of it is kept.
const BELIEVED: Duration = Duration::from_secs(10);
const KNOWN_MAX: usize = 1 << 16;
/// No token or key of ours is longer.
const CREDENTIAL_MAX: usize = 1024;

const KEY: &str = "x-trading-api-key";

/// A request at the door.
pub(crate) struct Admission<'a> {
    pub(crate) parts: &'a Parts,
    pub(crate) body: &'a Bytes,
    pub(crate) peer: IpAddr,
    pub(crate) route: &'a Route,
}

pub(crate) struct Doorman {
    pub(super) signer: Signer,
    pub(super) sealer: Sealer,
    pub(super) passwords: Passwords,
    pub(super) signatures: Signatures,
    /// Of the first administrator's sign-up, while it is open.
    pub(super) setup: Mutex<Option<Vec<u8>>>,
    sign_ins: Limiter,
    requests: Limiter,
    known: Mutex<HashMap<String, Known>>,
    /// Goes up whenever something that may be known changes.
    changes: AtomicU64,
    /// Users of whom something changed, and when, in seconds: while the archive is gone no token from before is
    /// believed.
    changed: Mutex<HashMap<UserId, i64>>,
    access_life_s: i64,
}

/// A credential that was looked up.
#[derive(Clone)]
pub(super) struct Known {
    caller: Arc<Caller>,
    until: Time,
    /// Not good beyond this, whatever the archive says.
    end: Time,
    /// From where; empty is from anywhere.
    addresses: Arc<[IpAddr]>,
    /// Of a key that signs.
    secret: Option<Arc<[u8]>>,
}

impl Doorman {
    pub(crate) fn new(config: &Config, setup: Option<String>) -> Self {
        Self {
            signer: Signer::new(&config.master_key),
            sealer: Sealer::new(&config.master_key),
            passwords: Passwords::new(),
            signatures: Signatures::default(),
            setup: Mutex::new(setup.map(|token| hash(&token))),
            sign_ins: Limiter::new(config.sign_ins_per_minute),
            requests: Limiter::new(config.requests_per_minute),
            known: Mutex::default(),
            changes: AtomicU64::new(0),
            changed: Mutex::default(),
            access_life_s: i64::try_from(config.access_life.as_secs()).unwrap_or(i64::MAX),
        }
    }

    /// Who asks, where the route needs somebody; and a place in the budget.
    pub(crate) async fn admit(
        &self,
        desk: &Arc<Desk>,
        asked: &Admission<'_>,
        left: &mut Option<Left>,
    ) -> Result<Option<Arc<Caller>>, Problem> {
        let optional = asked.route.need == Need::Nobody;
        let caller =
            if optional && !asked.route.is_socket { None } else { self.identify(desk, asked).await? };
        let Some(caller) = caller else {
            self.requests.take(Who::Address(asked.peer), left).map_err(Problem::too_many)?;
            let missing = || Problem::unauthenticated("unauthenticated", "sign in, or send a key");
            return if optional { Ok(None) } else { Err(missing()) };
        };
        let who = match caller.via {
            Via::Session(_) => Who::User(caller.user.0),
            Via::Key(key) => Who::Key(key),
        };
        self.requests.take(who, left).map_err(Problem::too_many)?;
        permit(&caller, asked.route.need)?;
        Ok(Some(caller))
    }

    /// One more try at signing in from there.
    pub(super) fn sign_in_from(&self, peer: IpAddr) -> Result<(), Problem> {
        self.sign_ins.take(Who::Address(peer), &mut None).map_err(Problem::too_many)
    }

    async fn identify(
        &self,
        desk: &Arc<Desk>,
        asked: &Admission<'_>,
    ) -> Result<Option<Arc<Caller>>, Problem> {
        if let Some(key) = asked.parts.headers.get(KEY) {
            let key = key.to_str().unwrap_or_default();
            let known = self.find(desk, key, false).await?;
            if !known.addresses.is_empty() && !known.addresses.contains(&asked.peer) {
                return Err(Problem::forbidden("address_not_allowed", "the key is not for this address"));
            }
            if let Some(secret) = &known.secret {
                self.signatures.check(secret, asked.parts, asked.body, clock::now())?;
            }
            return Ok(Some(known.caller));
        }
        let Some(token) = token_of(asked.parts, asked.route.is_socket) else { return Ok(None) };
        self.identify_token(desk, token).await.map(Some)
    }

    /// Whom a token was given to.
    pub(crate) async fn identify_token(&self, desk: &Arc<Desk>, token: &str) -> Result<Arc<Caller>, Problem> {
        Ok(self.find(desk, token, true).await?.caller)
    }

    async fn find(&self, desk: &Arc<Desk>, credential: &str, is_token: bool) -> Result<Known, Problem> {
        if credential.len() > CREDENTIAL_MAX || credential.is_empty() {
            return Err(Problem::unauthenticated("bad_credential", "this is no token or key of ours"));
        }
        let now = clock::now();
        if let Some(known) = self.known().get(credential).filter(|known| known.until > now) {
            return Ok(known.clone());
        }
        let changes = self.changes.load(Ordering::Acquire);
        let found = if is_token {
            self.look_up_token(desk, credential, now).await
        } else {
            self.look_up_key(desk, credential, now).await
        };
        let known = match found {
            Err(problem) if problem.status() == StatusCode::SERVICE_UNAVAILABLE => {
                self.believe_on(credential, is_token, now).ok_or(problem)?
            }
            found => found?,
        };
        let mut all = self.known();
        // What changed while we looked may be what we found.
        if self.changes.load(Ordering::Acquire) == changes {
            if all.len() >= KNOWN_MAX {
                all.clear();
            }
            all.insert(credential.to_owned(), known.clone());
        }
        Ok(known)
    }

    /// An archive that does not answer stops no trading: who was known goes on, and a token of ours is believed for
    /// what it says, until either would have ended anyway.
    fn believe_on(&self, credential: &str, is_token: bool, now: Time) -> Option<Known> {
        let before = self.known().get(credential).filter(|known| known.end > now).cloned();
        let known = match before {
            Some(known) => known,
            None if is_token => self.believe_token(credential, now)?,
            None => return None,
        };
        Some(Known { until: clock::after(now, BELIEVED).min(known.end), ..known })
    }

    fn believe_token(&self, token: &str, now: Time) -> Option<Known> {
        let claims = self.signer.check(token, clock::seconds(now)).ok()?;
        let (user, role) = (UserId(claims.sub), Role::of(&claims.role)?);
        let changed = self.changed.lock().unwrap_or_else(PoisonError::into_inner).get(&user).copied();
        if changed.is_some_and(|changed| claims.iat <= changed) {
            return None;
        }
        let (via, powers) = (Via::Session(claims.sid), powers_of(role));
        let caller = Caller { user, name: claims.name, role, powers, via, second_factor: claims.mfa };
        let end = Time(claims.exp.saturating_mul(1_000_000_000));
        Some(Known { caller: Arc::new(caller), until: end, end, addresses: Arc::from([]), secret: None })
    }

    async fn look_up_token(&self, desk: &Arc<Desk>, token: &str, now: Time) -> Result<Known, Problem> {
        let claims = self.signer.check(token, clock::seconds(now)).map_err(|bad| match bad {
            Bad::Expired => Problem::unauthenticated("token_expired", "refresh the token"),
            Bad::Invalid => Problem::unauthenticated("bad_credential", "sign in again"),
        })?;
        let over = || Problem::unauthenticated("session_over", "sign in again");
        let (session, user) =
            desk.ask(move |store| Ok((store.session(claims.sid)?, store.user(UserId(claims.sub))?))).await?;
        let session = session.filter(|session| session.ended_at.is_none() && session.expires_at > now);
        let session = session.filter(|session| session.user_id.0 == claims.sub).ok_or_else(over)?;
        let user = user.filter(|user| user.is_active).ok_or_else(over)?;
        let caller = Caller {
            user: user.id,
            name: user.username,
            role: user.role,
            powers: powers_of(user.role),
            via: Via::Session(session.id),
            second_factor: claims.mfa,
        };
        let end = Time(claims.exp.saturating_mul(1_000_000_000)).min(session.expires_at);
        let until = clock::after(now, BELIEVED).min(end);
        Ok(Known { caller: Arc::new(caller), until, end, addresses: Arc::from([]), secret: None })
    }

    async fn look_up_key(&self, desk: &Arc<Desk>, key: &str, now: Time) -> Result<Known, Problem> {
        let hash = hash(key);
        let looked = desk.ask(move |store| {
            let found = store.find_key(&hash, now)?;
            let KeyFound::Valid(key) = &found else { return Ok((found, None)) };
            store.key_used(key.id, now)?;
            let user = store.user(key.user_id)?;
            Ok((found, user))
        });
        let (key, user) = match looked.await? {
            (KeyFound::Valid(key), Some(user)) => (key, user),
            (KeyFound::Expired, _) => {
                return Err(Problem::unauthenticated("key_expired", "rotate the key, or make a new one"));
            }
            (KeyFound::Revoked, _) => return Err(Problem::unauthenticated("key_revoked", "make a new key")),
            (KeyFound::Disabled, _) => {
                return Err(Problem::unauthenticated("user_disabled", "ask an administrator"));
            }
            _ => return Err(Problem::unauthenticated("bad_credential", "this is no token or key of ours")),
        };
        self.known_key(&key, user.username, user.role, now)
    }

    fn known_key(&self, key: &ApiKey, name: String, role: Role, now: Time) -> Result<Known, Problem> {
        let scopes = Powers::parse(&key.scopes).unwrap_or_default();
        let addresses: Arc<[IpAddr]> =
            key.ip_allow.split_whitespace().filter_map(|address| address.parse().ok()).collect();
        let secret = match &key.secret_sealed {
            None => None,
            Some(sealed) => {
                let bound = super::key::bound_to(key.user_id);
                let opened = self.sealer.open(&bound, sealed);
                let why = "the key was sealed with another master key; make a new one";
                Some(Arc::from(opened.ok_or_else(|| Problem::unauthenticated("bad_credential", why))?))
            }
        };
        let caller = Caller {
            user: key.user_id,
            name,
            role,
            powers: powers_of(role).and(scopes),
            via: Via::Key(key.id),
            second_factor: false,
        };
        let end = key.expires_at.unwrap_or(Time::MAX);
        let until = clock::after(now, BELIEVED).min(end);
        Ok(Known { caller: Arc::new(caller), until, end, addresses, secret })
    }

    /// What is known of a user is looked up again.
    pub(crate) fn forget(&self, user: UserId) {
        self.changes.fetch_add(1, Ordering::AcqRel);
        let now = clock::seconds(clock::now());
        let mut changed = self.changed.lock().unwrap_or_else(PoisonError::into_inner);
        // Tokens from before have ended by themselves.
        changed.retain(|_, at| at.saturating_add(self.access_life_s) >= now);
        changed.insert(user, now);
        drop(changed);
        self.known().retain(|_, known| known.caller.user != user);
    }

    fn known(&self) -> MutexGuard<'_, HashMap<String, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn permit(caller: &Caller, need: Need) -> Result<(), Problem> {
    match need {
        Need::Nobody => Ok(()),
        Need::Person if matches!(caller.via, Via::Session(_)) => Ok(()),
        Need::Person => Err(Problem::forbidden("person_needed", "a key cannot do this; sign in")),
        Need::Power(power) if caller.can(power) => Ok(()),
        Need::Power(power) => {
            let words = Powers::of(&[power]).words();
            let detail = format!("this needs the power {}; ask an administrator for it", words.join(" "));
            Err(Problem::forbidden("forbidden", detail))
        }
    }
}

/// The bearer token. A browser cannot give a socket headers, so there it may be in the address.
fn token_of(parts: &Parts, is_socket: bool) -> Option<&str> {
    let header = parts.headers.get(header::AUTHORIZATION).and_then(|header| header.to_str().ok());
    if let Some(header) = header {
        let (scheme, token) = header.split_once(' ')?;
        return scheme.eq_ignore_ascii_case("bearer").then(|| token.trim());
    }
    let query = parts.uri.query().filter(|_| is_socket)?;
    query.split('&').find_map(|pair| pair.strip_prefix("access_token="))
}

/// That the caller showed a second factor, where the house wants one.
pub(crate) fn check_second_factor(desk: &Desk, caller: &Caller) -> Result<(), Problem> {
    if caller.second_factor || !desk.config.second_factor {
        return Ok(());
    }
    let detail = "this needs a sign-in with a second factor: set one up with /api/v1/auth/totp, and sign in with its code";
    Err(Problem::forbidden("second_factor_required", detail))
}

/// Whether there is a power that a caller has and a set lacks.
pub(super) fn exceeds(wanted: Powers, caller: &Caller) -> bool {
    wanted.and(caller.powers) != wanted
}

#[cfg(test)]
mod tests {
    use super::super::power::{POWERS, Power};
    use super::*;

    fn caller(role: Role, via: Via) -> Caller {
        let powers = powers_of(role);
        Caller { user: UserId(1), name: "alice".to_owned(), role, powers, via, second_factor: false }
    }

    #[test]
    fn every_cell_of_the_permission_table_is_enforced() {
        for role in [Role::Viewer, Role::Service, Role::Trader, Role::RiskManager, Role::Admin] {
            for (power, word) in POWERS {
                let outcome = permit(&caller(role, Via::Session(1)), Need::Power(power));
                let allowed = powers_of(role).words().contains(&word);
                assert_eq!(outcome.is_ok(), allowed, "{role:?} {word}");
            }
            assert!(permit(&caller(role, Via::Session(1)), Need::Person).is_ok());
            assert!(permit(&caller(role, Via::Key(1)), Need::Person).is_err());
        }
    }

    #[test]
    fn a_key_never_may_more_than_its_user() {
        let all = Powers::of(&POWERS.map(|(power, _)| power));
        assert!(exceeds(all, &caller(Role::Trader, Via::Session(1))));
        assert!(!exceeds(all, &caller(Role::Admin, Via::Session(1))));
        assert!(!all.and(powers_of(Role::Viewer)).has(Power::Trade));
    }
}
