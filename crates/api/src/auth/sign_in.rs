//! Signing in and out. An access token lives for minutes; the refresh token behind it is good once and gives the
//! next pair. One that comes a second time was copied, so its session ends, for the thief and the owner.

use super::secret::{hash, new_secret, random};
use super::token::Claims;
use super::{Caller, Via, totp};
use crate::audit;
use crate::call::{Call, Outcome, nothing, ok};
use crate::clock;
use crate::problem::Problem;
use crate::route::{Need, Route};
use axum::http::Method;
use model::{Time, UserId};
use serde::{Deserialize, Serialize};
use store::{NewSession, NewToken, TokenUse, User};
use utoipa::ToSchema;

/// Who signs in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SignInBody {
    username: String,
    password: String,
    /// Six digits of the second factor, or a recovery code.
    code: Option<String>,
}

/// A refresh token.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RefreshBody {
    refresh_token: String,
}

/// The tokens of a session.
#[derive(Serialize, ToSchema)]
pub(super) struct SignedIn {
    access_token: String,
    token_type: &'static str,
    /// Seconds.
    expires_in: u64,
    /// Good once.
    refresh_token: String,
    user_id: u32,
    username: String,
    role: &'static str,
}

/// How many sessions were ended.
#[derive(Serialize, ToSchema)]
struct Ended {
    sessions: u64,
}

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(Method::POST, "/api/v1/auth/login", Need::Nobody, "Sign in", sign_in)
            .body::<SignInBody>()
            .gives::<SignedIn>()
            .refuses(&[401, 403]),
        Route::new(
            Method::POST,
            "/api/v1/auth/refresh",
            Need::Nobody,
            "Trade a refresh token for new tokens",
            refresh,
        )
        .body::<RefreshBody>()
        .gives::<SignedIn>()
        .refuses(&[401]),
        Route::new(Method::POST, "/api/v1/auth/logout", Need::Person, "End this session", sign_out)
            .status(axum::http::StatusCode::NO_CONTENT)
            .refuses(&[404]),
        Route::new(
            Method::POST,
            "/api/v1/auth/logout-everywhere",
            Need::Person,
            "End all own sessions",
            everywhere,
        )
        .gives::<Ended>(),
    ]
}

async fn sign_in(call: Call) -> Outcome {
    call.desk.doorman.sign_in_from(call.peer)?;
    let body: SignInBody = call.json()?;
    let name = body.username.clone();
    let user = call.desk.ask(move |store| store.user_named(&name)).await?;
    let now = clock::now();
    let hashed = user.as_ref().map(|user| user.password_hash.clone());
    let fits = call.desk.doorman.passwords.verify(body.password, hashed).await?;
    let refused =
        || Problem::unauthenticated("bad_credential", "the name, the password or the code is wrong");
    let Some(user) = user else {
        audit::note(&call, "login", &body.username, "unknown").await?;
        return Err(refused());
    };
    if user.locked_until.is_some_and(|until| until > now) {
        audit::note(&call, "login", &user.username, "locked").await?;
        let detail = "too many wrong sign-ins in a row; wait, or ask an administrator";
        return Err(Problem::forbidden("locked", detail));
    }
    if !fits || !user.is_active {
        fail(&call, &user, now).await?;
        return Err(refused());
    }
    if user.totp_enabled {
        let Some(code) = &body.code else {
            let detail = "send the code of your second factor, too";
            return Err(Problem::unauthenticated("second_factor_required", detail));
        };
        if !check_code(&call, &user, code, now).await? {
            fail(&call, &user, now).await?;
            return Err(refused());
        }
    }
    let id = user.id;
    call.desk.ask(move |store| store.login_succeeded(id, now)).await?;
    audit::note(&call, "login", &user.username, "done").await?;
    ok(&begin(&call, &user, user.totp_enabled).await?)
}

async fn fail(call: &Call, user: &User, now: Time) -> Result<(), Problem> {
    let (id, most) = (user.id, call.desk.config.failures_max);
    let until = clock::after(now, call.desk.config.lock);
    call.desk.ask(move |store| store.login_failed(id, most, until)).await?;
    audit::note(call, "login", &user.username, "refused").await
}

/// Whether the code is a good one of the user's second factor, or a recovery code; it is spent.
pub(super) async fn check_code(call: &Call, user: &User, code: &str, now: Time) -> Result<bool, Problem> {
    let desk = &call.desk;
    let bound = bound_to(user.id);
    let secret = user.totp_secret.as_ref().and_then(|sealed| desk.doorman.sealer.open(&bound, sealed));
    let (id, scope, code) = (user.id, format!("user:{}", user.id), code.to_owned());
    desk.ask(move |store| {
        let last = store.setting(&scope, "totp_step")?.and_then(|step| step.parse().ok()).unwrap_or(0);
        let step = secret.and_then(|secret| totp::check(&secret, &code, clock::seconds(now), last));
        match step {
            Some(step) => store.put_setting(&scope, "totp_step", &step.to_string(), now).map(|()| true),
            None => store.use_recovery_code(id, &hash(&code), now),
        }
    })
    .await
}

/// What a second factor is sealed for.
pub(super) fn bound_to(user: UserId) -> String {
    format!("user:{user}:totp")
}

/// A new session of a user.
pub(super) async fn begin(call: &Call, user: &User, second_factor: bool) -> Result<SignedIn, Problem> {
    let (now, refresh_token) = (clock::now(), new_secret("refresh_"));
    let expires_at = clock::after(now, call.desk.config.refresh_life);
    let agent: String = call.header("user-agent").unwrap_or_default().chars().take(200).collect();
    let session = NewSession {
        user: user.id,
        // Whether a second factor was shown stays with the session.
        family: [&random::<16>()[..], &[u8::from(second_factor)]].concat(),
        address: call.peer.to_string(),
        agent,
        expires_at,
    };
    let token = NewToken { token_hash: hash(&refresh_token), expires_at };
    let session = call.desk.ask(move |store| store.start_session(&session, &token, now)).await?;
    let scope = format!("session:{session}");
    if second_factor {
        call.desk.ask(move |store| store.put_setting(&scope, "second_factor", "true", now)).await?;
    }
    Ok(tokens(call, user, (session, second_factor), refresh_token, now))
}

fn tokens(
    call: &Call,
    user: &User,
    (session, mfa): (i64, bool),
    refresh_token: String,
    now: Time,
) -> SignedIn {
    let expires_in = call.desk.config.access_life.as_secs();
    let from = clock::seconds(now);
    let to = from.saturating_add(i64::try_from(expires_in).unwrap_or(i64::MAX));
    let claims = Claims::new(user.id.0, session, (from, to), mfa).of(&user.username, user.role.word());
    SignedIn {
        access_token: call.desk.doorman.signer.sign(&claims),
        token_type: "Bearer",
        expires_in,
        refresh_token,
        user_id: user.id.0,
        username: user.username.clone(),
        role: user.role.word(),
    }
}

async fn refresh(call: Call) -> Outcome {
    call.desk.doorman.sign_in_from(call.peer)?;
    let body: RefreshBody = call.json()?;
    let (now, next) = (clock::now(), new_secret("refresh_"));
    let expires_at = clock::after(now, call.desk.config.refresh_life);
    let token = NewToken { token_hash: hash(&next), expires_at };
    let old = hash(&body.refresh_token);
    let used = call.desk.ask(move |store| store.rotate_token(&old, &token, now)).await?;
    match used {
        TokenUse::Rotated { session, user } => {
            let scope = format!("session:{session}");
            let found =
                call.desk.ask(move |store| Ok((store.user(user)?, store.setting(&scope, "second_factor")?)));
            let (user, mfa) = found.await?;
            let user = user.ok_or_else(Problem::internal)?;
            ok(&tokens(&call, &user, (session, mfa.is_some()), next, now))
        }
        TokenUse::Reused { user, .. } => {
            call.desk.forget(user);
            audit::note(&call, "refresh", &format!("user {user}"), "reused").await?;
            let detail = "the token was used before, so the session is over; sign in again";
            Err(Problem::unauthenticated("token_reused", detail))
        }
        TokenUse::Over | TokenUse::Unknown => {
            Err(Problem::unauthenticated("bad_credential", "the token is not good; sign in again"))
        }
    }
}

async fn sign_out(call: Call) -> Outcome {
    let (user, via) = call.caller().map(|caller: &Caller| (caller.user, caller.via))?;
    if let Via::Session(session) = via {
        call.desk.ask(move |store| store.end_session(user, session, "logout", clock::now())).await?;
    }
    call.desk.forget(user);
    audit::note(&call, "logout", "this session", "done").await?;
    nothing()
}

async fn everywhere(call: Call) -> Outcome {
    let user = call.caller()?.user;
    let sessions =
        call.desk.ask(move |store| store.end_sessions(user, "logout_everywhere", clock::now())).await?;
    call.desk.forget(user);
    audit::note(&call, "logout", "everywhere", "done").await?;
    ok(&Ended { sessions })
}
