//! Keys of programs. A plain key is sent with each request; the secret of a signing key never is. Either is shown
//! once. A key may never do more than its owner, and one that is rotated works beside the new one for a while.

use super::doorman::{check_second_factor, exceeds};
use super::power::Powers;
use super::secret::{hash, new_secret, random};
use crate::audit;
use crate::call::{Call, Outcome, json, nothing, ok};
use crate::clock;
use crate::problem::Problem;
use crate::route::{Need, Route};
use axum::http::{Method, StatusCode};
use data_encoding::HEXLOWER;
use model::{Time, UserId};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use std::time::Duration;
use store::{ApiKey, NewApiKey};
use utoipa::ToSchema;

const NAME_MAX: usize = 100;
const ADDRESSES_MAX: usize = 32;

/// A new key.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct KeyBody {
    name: String,
    /// Out of read, trade, manage, see_all, risk and house.
    scopes: Vec<String>,
    /// From where it may be used; from anywhere if empty.
    #[serde(default)]
    addresses: Vec<String>,
    /// As 2026-11-21T14:30:00Z; never if not said.
    expires_at: Option<String>,
    /// Its requests are signed with a secret that is not sent.
    #[serde(default)]
    signed: bool,
}

/// How a key is replaced.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RotateBody {
    /// So long the old one works beside the new; a day if not said, a month at most.
    overlap_seconds: Option<u64>,
}

/// A key with its secret, which is shown once.
#[derive(Serialize, ToSchema)]
struct MadeKey {
    id: i64,
    /// Goes into X-TRADING-API-KEY.
    key: String,
    /// Of a signing key: what requests are signed with.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
    scopes: Vec<&'static str>,
    expires_at: Option<String>,
}

/// A key, without its secret.
#[derive(Serialize, ToSchema)]
struct KeyLine {
    id: i64,
    name: String,
    prefix: String,
    scopes: Vec<String>,
    addresses: Vec<String>,
    signed: bool,
    created_at: String,
    expires_at: Option<String>,
    revoked_at: Option<String>,
    last_used_at: Option<String>,
    replaced_by: Option<i64>,
}

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(Method::GET, "/api/v1/keys", Need::Person, "Own keys", list).lists::<KeyLine>(),
        Route::new(Method::POST, "/api/v1/keys", Need::Person, "Make a key", make)
            .body::<KeyBody>()
            .gives::<MadeKey>()
            .status(StatusCode::CREATED),
        Route::new(Method::POST, "/api/v1/keys/{id}/rotate", Need::Person, "Replace a key", rotate)
            .body::<RotateBody>()
            .gives::<MadeKey>()
            .status(StatusCode::CREATED),
        Route::new(Method::DELETE, "/api/v1/keys/{id}", Need::Person, "Revoke a key", revoke)
            .status(StatusCode::NO_CONTENT),
    ]
}

/// What the secret of a signing key is sealed for.
pub(super) fn bound_to(user: UserId) -> String {
    format!("user:{user}:key")
}

impl From<ApiKey> for KeyLine {
    fn from(key: ApiKey) -> Self {
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect();
        let moment = |time: Option<Time>| time.map(|time| time.to_string());
        Self {
            id: key.id,
            name: key.name,
            prefix: key.prefix,
            scopes: words(&key.scopes),
            addresses: words(&key.ip_allow),
            signed: key.secret_sealed.is_some(),
            created_at: key.created_at.to_string(),
            expires_at: moment(key.expires_at),
            revoked_at: moment(key.revoked_at),
            last_used_at: moment(key.last_used_at),
            replaced_by: key.replaced_by,
        }
    }
}

async fn list(call: Call) -> Outcome {
    let user = call.caller()?.user;
    let keys = call.desk.ask(move |store| store.keys(user)).await?;
    ok(&keys.into_iter().map(KeyLine::from).collect::<Vec<_>>())
}

/// A new key's parts: the row, and what its owner is shown.
fn cut(call: &Call, row: NewApiKey, signed: bool) -> Result<(NewApiKey, String, Option<String>), Problem> {
    let user = call.caller()?.user;
    let key = new_secret(if signed { "skid_" } else { "sk_" });
    let secret = signed.then(|| HEXLOWER.encode(&random::<32>()));
    let seal = |secret: &String| call.desk.doorman.sealer.seal(&bound_to(user), secret.as_bytes());
    let row = NewApiKey {
        prefix: key.chars().take(10).collect(),
        key_hash: hash(&key),
        secret_sealed: secret.as_ref().map(seal),
        ..row
    };
    Ok((row, key, secret))
}

async fn make(call: Call) -> Outcome {
    check_second_factor(&call.desk, call.caller()?)?;
    let body: KeyBody = call.json()?;
    let row = read(&call, &body)?;
    let (row, key, secret) = cut(&call, row, body.signed)?;
    let (scopes, expires_at) = (Powers::parse(&row.scopes).unwrap_or_default().words(), row.expires_at);
    let id = call.desk.ask(move |store| store.create_key(&row, clock::now())).await?;
    audit::note(&call, "key", &format!("{} {}", id, body.name), "made").await?;
    let expires_at = expires_at.map(|time| time.to_string());
    json(StatusCode::CREATED, &MadeKey { id, key, secret, scopes, expires_at })
}

fn read(call: &Call, body: &KeyBody) -> Result<NewApiKey, Problem> {
    let caller = call.caller()?;
    if body.name.is_empty() || body.name.len() > NAME_MAX {
        return Err(Problem::wrong("name", format!("has to have 1 to {NAME_MAX} bytes")));
    }
    let scopes = Powers::parse(&body.scopes.join(" "));
    let scopes =
        scopes.map_err(|word| Problem::wrong("scopes", format!("{word:?} is none that there is")))?;
    if scopes == Powers::default() || exceeds(scopes, caller) {
        let own = caller.powers.words().join(", ");
        return Err(Problem::wrong("scopes", format!("have to be some of what you may do: {own}")));
    }
    if body.addresses.len() > ADDRESSES_MAX {
        return Err(Problem::wrong("addresses", format!("may be {ADDRESSES_MAX} at the most")));
    }
    if let Some(bad) = body.addresses.iter().find(|address| address.parse::<IpAddr>().is_err()) {
        return Err(Problem::wrong("addresses", format!("{bad:?} is not an address")));
    }
    let expires_at = body.expires_at.as_deref().map(Time::parse).transpose();
    let expires_at = expires_at.map_err(|error| Problem::wrong("expires_at", error.to_string()))?;
    if expires_at.is_some_and(|end| end <= clock::now()) {
        return Err(Problem::wrong("expires_at", "has to be in the future"));
    }
    Ok(NewApiKey {
        user: caller.user,
        name: body.name.clone(),
        prefix: String::new(),
        key_hash: Vec::new(),
        secret_sealed: None,
        scopes: scopes.words().join(" "),
        ip_allow: body.addresses.join(" "),
        expires_at,
    })
}

async fn rotate(call: Call) -> Outcome {
    check_second_factor(&call.desk, call.caller()?)?;
    let body: RotateBody = if call.body.is_empty() { RotateBody::default() } else { call.json()? };
    let (user, id): (UserId, i64) = (call.caller()?.user, call.path_number("id", "key")?);
    let old = call.desk.ask(move |store| store.keys(user)).await?.into_iter().find(|key| key.id == id);
    let old = old.ok_or_else(|| Problem::not_found("key"))?;
    let signed = old.secret_sealed.is_some();
    let row = NewApiKey {
        user,
        name: old.name,
        prefix: String::new(),
        key_hash: Vec::new(),
        secret_sealed: None,
        scopes: old.scopes,
        ip_allow: old.ip_allow,
        expires_at: old.expires_at,
    };
    let (row, key, secret) = cut(&call, row, signed)?;
    let (scopes, expires_at) = (Powers::parse(&row.scopes).unwrap_or_default().words(), row.expires_at);
    let overlap = body.overlap_seconds.unwrap_or(86_400).min(30 * 86_400);
    let until = clock::after(clock::now(), Duration::from_secs(overlap));
    let new = call.desk.ask(move |store| store.rotate_key(id, &row, until, clock::now())).await?;
    call.desk.forget(user);
    audit::note(&call, "key", &format!("{id} by {new}"), "rotated").await?;
    let expires_at = expires_at.map(|time| time.to_string());
    json(StatusCode::CREATED, &MadeKey { id: new, key, secret, scopes, expires_at })
}

async fn revoke(call: Call) -> Outcome {
    let (user, id) = (call.caller()?.user, call.path_number("id", "key")?);
    call.desk.ask(move |store| store.revoke_key(user, id, clock::now())).await?;
    call.desk.forget(user);
    audit::note(&call, "key", &id.to_string(), "revoked").await?;
    nothing()
}
