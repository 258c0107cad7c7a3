//! What a person does with their own sign-in: looks, changes the password, sets up a second factor, ends sessions.

use super::power::Via;
use super::secret::{hash, random};
use super::sign_in::{bound_to, check_code};
use super::totp;
use crate::audit;
use crate::call::{Call, Outcome, nothing, ok};
use crate::clock;
use crate::problem::Problem;
use crate::route::{Need, Route};
use axum::http::{Method, StatusCode};
use data_encoding::BASE32_NOPAD;
use serde::{Deserialize, Serialize};
use store::{User, UserChange};
use utoipa::ToSchema;

/// So many recovery codes.
const CODES: usize = 10;

/// Who asks, and what they may do.
#[derive(Serialize, ToSchema)]
struct Me {
    user_id: u32,
    username: String,
    role: &'static str,
    powers: Vec<&'static str>,
    second_factor: bool,
}

/// A new password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PasswordBody {
    current: String,
    /// At least 10 characters.
    new: String,
}

/// A code of a second factor.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CodeBody {
    code: String,
}

/// A second factor that is not confirmed yet.
#[derive(Serialize, ToSchema)]
struct Factor {
    secret: String,
    /// For an authenticator, as a picture.
    otpauth: String,
}

/// Recovery codes, each good once, shown once.
#[derive(Serialize, ToSchema)]
struct Codes {
    recovery_codes: Vec<String>,
}

/// A sign-in that lasts.
#[derive(Serialize, ToSchema)]
struct SessionLine {
    id: i64,
    address: String,
    agent: String,
    created_at: String,
    last_seen_at: String,
    expires_at: String,
    current: bool,
    /// Why it is over, if it is.
    ended: Option<String>,
}

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(Method::GET, "/api/v1/auth/me", Need::Power(super::Power::Read), "Who asks", me)
            .gives::<Me>(),
        Route::new(
            Method::PUT,
            "/api/v1/auth/password",
            Need::Person,
            "Change the own password",
            change_password,
        )
        .body::<PasswordBody>()
        .status(StatusCode::NO_CONTENT)
        .refuses(&[404]),
        Route::new(Method::POST, "/api/v1/auth/totp", Need::Person, "Begin a second factor", begin_factor)
            .gives::<Factor>()
            .status(StatusCode::CREATED)
            .refuses(&[404, 409]),
        Route::new(
            Method::POST,
            "/api/v1/auth/totp/confirm",
            Need::Person,
            "Confirm it with its code",
            confirm_factor,
        )
        .body::<CodeBody>()
        .gives::<Codes>()
        .refuses(&[404, 409]),
        Route::new(
            Method::POST,
            "/api/v1/auth/totp/remove",
            Need::Person,
            "Take the second factor off",
            remove_factor,
        )
        .body::<CodeBody>()
        .status(StatusCode::NO_CONTENT)
        .refuses(&[404]),
        Route::new(
            Method::GET,
            "/api/v1/auth/sessions",
            Need::Person,
            "Own sessions, the newest first",
            sessions,
        )
        .lists::<SessionLine>(),
        Route::new(Method::DELETE, "/api/v1/auth/sessions/{id}", Need::Person, "End a session", end_session)
            .status(StatusCode::NO_CONTENT),
    ]
}

async fn me(call: Call) -> Outcome {
    let caller = call.caller()?;
    ok(&Me {
        user_id: caller.user.0,
        username: caller.name.clone(),
        role: caller.role.word(),
        powers: caller.powers.words(),
        second_factor: caller.second_factor,
    })
}

async fn user(call: &Call) -> Result<User, Problem> {
    let id = call.caller()?.user;
    call.desk.ask(move |store| store.user(id)).await?.ok_or_else(|| Problem::not_found("user"))
}

async fn change(call: &Call, change: UserChange) -> Result<(), Problem> {
    let id = call.caller()?.user;
    call.desk.ask(move |store| store.change_user(id, &change, clock::now())).await
}

async fn change_password(call: Call) -> Outcome {
    call.desk.doorman.sign_in_from(call.peer)?;
    let body: PasswordBody = call.json()?;
    let user = user(&call).await?;
    let fits = call.desk.doorman.passwords.verify(body.current, Some(user.password_hash)).await?;
    if !fits {
        audit::note(&call, "password", &user.username, "refused").await?;
        return Err(Problem::forbidden("wrong_password", "the current password is another"));
    }
    let password_hash = Some(call.desk.doorman.passwords.hash(body.new).await?);
    change(&call, UserChange { password_hash, ..UserChange::default() }).await?;
    let (id, now) = (user.id, clock::now());
    call.desk.ask(move |store| store.end_sessions(id, "password_changed", now)).await?;
    call.desk.forget(id);
    audit::note(&call, "password", &user.username, "changed").await?;
    nothing()
}

async fn begin_factor(call: Call) -> Outcome {
    let user = user(&call).await?;
    if user.totp_enabled {
        return Err(Problem::conflict("second_factor_exists", "take the present one off first"));
    }
    let secret = random::<{ totp::SECRET }>();
    let sealed = call.desk.doorman.sealer.seal(&bound_to(user.id), &secret);
    change(&call, UserChange { totp_secret: Some(Some(sealed)), ..UserChange::default() }).await?;
    let (secret, otpauth) = totp::address(&user.username, &secret);
    crate::call::json(StatusCode::CREATED, &Factor { secret, otpauth })
}

async fn confirm_factor(call: Call) -> Outcome {
    call.desk.doorman.sign_in_from(call.peer)?;
    let body: CodeBody = call.json()?;
    let user = user(&call).await?;
    if user.totp_enabled || user.totp_secret.is_none() {
        return Err(Problem::conflict("no_second_factor", "begin one first"));
    }
    if !check_code(&call, &user, &body.code, clock::now()).await? {
        return Err(Problem::forbidden("wrong_code", "the code is not good; wait for the next one"));
    }
    change(&call, UserChange { totp_enabled: Some(true), ..UserChange::default() }).await?;
    let recovery_codes: Vec<String> = (0..CODES).map(|_| BASE32_NOPAD.encode(&random::<10>())).collect();
    let (id, hashes) = (user.id, recovery_codes.iter().map(|code| hash(code)).collect::<Vec<_>>());
    call.desk.ask(move |store| store.set_recovery_codes(id, &hashes)).await?;
    call.desk.forget(id);
    audit::note(&call, "second_factor", &user.username, "added").await?;
    ok(&Codes { recovery_codes })
}

async fn remove_factor(call: Call) -> Outcome {
    call.desk.doorman.sign_in_from(call.peer)?;
    let body: CodeBody = call.json()?;
    let user = user(&call).await?;
    if !check_code(&call, &user, &body.code, clock::now()).await? {
        audit::note(&call, "second_factor", &user.username, "refused").await?;
        return Err(Problem::forbidden("wrong_code", "the code is not good; wait for the next one"));
    }
    let off = UserChange { totp_secret: Some(None), totp_enabled: Some(false), ..UserChange::default() };
    change(&call, off).await?;
    let id = user.id;
    call.desk.ask(move |store| store.set_recovery_codes(id, &[])).await?;
    call.desk.forget(id);
    audit::note(&call, "second_factor", &user.username, "removed").await?;
    nothing()
}

async fn sessions(call: Call) -> Outcome {
    let (user, via) = call.caller().map(|caller| (caller.user, caller.via))?;
    let sessions = call.desk.ask(move |store| store.sessions(user)).await?;
    let lines: Vec<SessionLine> = sessions
        .into_iter()
        .map(|session| SessionLine {
            id: session.id,
            address: session.address,
            agent: session.agent,
            created_at: session.created_at.to_string(),
            last_seen_at: session.last_seen_at.to_string(),
            expires_at: session.expires_at.to_string(),
            current: via == Via::Session(session.id),
            ended: session.ended_at.map(|_| session.end_reason.unwrap_or_default()),
        })
        .collect();
    ok(&lines)
}

async fn end_session(call: Call) -> Outcome {
    let (user, id) = (call.caller()?.user, call.path_number("id", "session")?);
    call.desk.ask(move |store| store.end_session(user, id, "ended", clock::now())).await?;
    call.desk.forget(user);
    audit::note(&call, "logout", &format!("session {id}"), "done").await?;
    nothing()
}
