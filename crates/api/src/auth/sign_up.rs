//! How a person becomes a user: by invitation, or freely where the house allows it. The engine knows the user
//! first; a sign-up that broke off between the two is taken up by the next one of the same name.

use super::secret::{hash, new_secret};
use super::sign_in::{SignedIn, begin};
use crate::audit;
use crate::call::{Call, Outcome, json};
use crate::clock;
use crate::config::SignUp;
use crate::desk::{Desk, accounts_of};
use crate::problem::Problem;
use crate::route::{Need, Route};
use axum::http::{Method, StatusCode};
use model::{Command, Event, Name, Reject, UserId};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use store::{NewUser, Role, User};
use utoipa::ToSchema;

use super::power::Power;

/// A new user.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SignUpBody {
    username: String,
    /// At least 10 characters.
    password: String,
    email: Option<String>,
    /// The secret of an invitation; needed where sign-up is not open.
    invitation: Option<String>,
}

/// An invitation.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct InvitationBody {
    /// viewer, service, trader, risk_manager or admin.
    role: String,
    email: Option<String>,
    /// How long it is good; a week if not said.
    valid_hours: Option<u32>,
}

/// An invitation with its secret, which is shown once.
#[derive(Serialize, ToSchema)]
struct Invited {
    id: i64,
    role: String,
    invitation: String,
    expires_at: String,
}

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(Method::POST, "/api/v1/auth/sign-up", Need::Nobody, "Become a user", sign_up)
            .body::<SignUpBody>()
            .gives::<SignedIn>()
            .status(StatusCode::CREATED)
            .refuses(&[403, 404, 409, 422]),
        Route::new(Method::POST, "/api/v1/invitations", Need::Power(Power::House), "Invite somebody", invite)
            .body::<InvitationBody>()
            .gives::<Invited>()
            .status(StatusCode::CREATED),
    ]
}

pub(super) struct NewPerson {
    pub(super) username: String,
    pub(super) password: String,
    pub(super) email: Option<String>,
}

async fn sign_up(call: Call) -> Outcome {
    call.desk.doorman.sign_in_from(call.peer)?;
    let body: SignUpBody = call.json()?;
    if body.invitation.is_none() && call.desk.config.sign_up == SignUp::Invitation {
        return Err(Problem::forbidden("invitation_needed", "ask an administrator for an invitation"));
    }
    let person = NewPerson { username: body.username, password: body.password, email: body.email };
    let user = add_user(&call.desk, person, Role::Trader, body.invitation.as_deref()).await?;
    audit::note(&call, "sign_up", &user.username, "done").await?;
    json(StatusCode::CREATED, &begin(&call, &user, false).await?)
}

async fn invite(call: Call) -> Outcome {
    let body: InvitationBody = call.json()?;
    let role = Role::of(&body.role).ok_or_else(|| Problem::wrong("role", "is none that there is"))?;
    let (by, now, secret) = (call.caller()?.user, clock::now(), new_secret("invite_"));
    let hours = u64::from(body.valid_hours.unwrap_or(168).clamp(1, 24 * 90));
    let expires_at = clock::after(now, Duration::from_secs(hours * 3600));
    let hashed = hash(&secret);
    let email = body.email;
    let invited =
        call.desk.ask(move |store| store.invite(&hashed, (role, email.as_deref()), by, (now, expires_at)));
    let id = invited.await?;
    audit::note(&call, "invite", role.word(), "done").await?;
    let expires_at = expires_at.to_string();
    json(StatusCode::CREATED, &Invited { id, role: body.role, invitation: secret, expires_at })
}

/// Adds the user to the engine, then to the archive; an invitation decides the role.
pub(super) async fn add_user(
    desk: &Arc<Desk>,
    person: NewPerson,
    role: Role,
    invitation: Option<&str>,
) -> Result<User, Problem> {
    let name = Name::new(&person.username).map_err(|error| Problem::wrong("username", error.to_string()))?;
    let email = person.email.filter(|email| !email.is_empty());
    if email.as_ref().is_some_and(|email| !email.contains('@') || email.len() > 255) {
        return Err(Problem::wrong("email", "is not an address"));
    }
    let password_hash = desk.doorman.passwords.hash(person.password).await?;
    let username = person.username;
    let spent = invitation.map(hash);
    if let Some(hash) = &spent {
        check_invitation(desk, hash).await?;
    }
    let id = user_in_engine(desk, name).await?;
    let (first_name, last_name) = (None, None);
    let new = NewUser { id, username, email, password_hash, first_name, last_name, role };
    let now = clock::now();
    desk.ask(move |store| {
        match spent {
            Some(hash) => store.accept_invitation(&hash, &new, now).map(drop)?,
            None => store.create_user(&new, now)?,
        }
        store.user(id)?.ok_or(store::StoreError::NotFound { what: "user" })
    })
    .await
}

/// An invitation that is not good must not leave a user behind in the engine.
async fn check_invitation(desk: &Arc<Desk>, hash: &[u8]) -> Result<(), Problem> {
    let (hash, now) = (hash.to_vec(), clock::now());
    let open = desk.ask(move |store| store.has_invitation(&hash, now)).await?;
    if open { Ok(()) } else { Err(Problem::not_found("open invitation")) }
}

async fn user_in_engine(desk: &Arc<Desk>, name: Name) -> Result<UserId, Problem> {
    let reply = desk.door.command(Command::AddUser { name }).await?;
    match reply.events() {
        [Event::UserAdded { user, .. }, ..] => {
            desk.names.after(reply.seq).await;
            Ok(*user)
        }
        [Event::CommandRejected { reason: reason @ Reject::NameTaken { .. } }, ..] => {
            left_over(desk, name).await.ok_or_else(|| Problem::rejected(reason, &desk.names.now()))
        }
        [Event::CommandRejected { reason }, ..] => Err(Problem::rejected(reason, &desk.names.now())),
        _ => Err(Problem::internal()),
    }
}

/// A user of the engine who never signed up and owns nothing.
async fn left_over(desk: &Arc<Desk>, name: Name) -> Option<UserId> {
    let names = desk.names_with(|names| names.user_named(name.as_str()).is_some()).await;
    let user = names.user_named(name.as_str()).filter(|user| accounts_of(&names, *user).is_empty())?;
    let signed_up = desk.ask(move |store| store.user(user)).await;
    matches!(signed_up, Ok(None)).then_some(user)
}
