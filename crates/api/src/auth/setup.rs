//! The first administrator. While there is none, a link with a secret in it, told where the server was started,
//! lets one person sign up as one.

use super::secret::{hash, new_secret};
use super::sign_in::{SignedIn, begin};
use super::sign_up::{NewPerson, add_user};
use crate::audit;
use crate::call::{Call, Outcome, json};
use crate::problem::Problem;
use crate::route::{Need, Route};
use axum::http::{Method, StatusCode};
use serde::Deserialize;
use std::sync::PoisonError;
use store::{Role, Store, StoreError};
use utoipa::ToSchema;

/// A secret for the first sign-up, if nobody is an administrator yet.
pub(crate) fn needed(store: &Store) -> Result<Option<String>, StoreError> {
    let mut after = None;
    loop {
        let users = store.users(after, 1000)?;
        if users.iter().any(|user| user.role == Role::Admin && user.is_active) {
            return Ok(None);
        }
        match users.last() {
            Some(last) => after = Some(last.id),
            None => return Ok(Some(new_secret("setup_"))),
        }
    }
}

/// Where the archive did not answer when the server started: finds out once it does, and tells the link in the log.
pub(crate) async fn look_later(desk: std::sync::Arc<crate::desk::Desk>, origin: String) {
    while !desk.is_stopping() {
        match desk.ask(needed).await {
            Ok(None) => return,
            Ok(Some(token)) => {
                tracing::warn!("sign up as the first administrator at {origin}/setup?token={token}");
                *desk.doorman.setup.lock().unwrap_or_else(PoisonError::into_inner) = Some(hash(&token));
                return;
            }
            Err(_) => tokio::time::sleep(std::time::Duration::from_secs(1)).await,
        }
    }
}

/// The first administrator.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FirstUser {
    /// Out of the link that the server printed.
    token: String,
    username: String,
    /// At least 10 characters.
    password: String,
    email: Option<String>,
}

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            Method::POST,
            "/api/v1/auth/setup",
            Need::Nobody,
            "Sign up as the first administrator",
            set_up,
        )
        .body::<FirstUser>()
        .gives::<SignedIn>()
        .status(StatusCode::CREATED)
        .refuses(&[401, 409, 422]),
    ]
}

async fn set_up(call: Call) -> Outcome {
    call.desk.doorman.sign_in_from(call.peer)?;
    let first: FirstUser = call.json()?;
    let token = take(&call, &first.token)?;
    let person = NewPerson { username: first.username, password: first.password, email: first.email };
    let added = add_user(&call.desk, person, Role::Admin, None).await;
    let user = match added {
        Ok(user) => user,
        Err(problem) => {
            // The link stays good.
            *call.desk.doorman.setup.lock().unwrap_or_else(PoisonError::into_inner) = Some(token);
            return Err(problem);
        }
    };
    audit::note(&call, "setup", &user.username, "done").await?;
    json(StatusCode::CREATED, &begin(&call, &user, false).await?)
}

/// The secret, taken, so that of two who come at once one is first.
fn take(call: &Call, token: &str) -> Result<Vec<u8>, Problem> {
    let mut setup = call.desk.doorman.setup.lock().unwrap_or_else(PoisonError::into_inner);
    let fits = setup.as_ref().is_some_and(|wanted| *wanted == hash(token));
    let why = "the link is not good, or was used: restart the server for a new one";
    let taken = if fits { setup.take() } else { None };
    taken.ok_or_else(|| Problem::unauthenticated("bad_credential", why))
}
