//! Users as administrators see them: who there is, what they are, and whether they may come in.

use super::power::Power;
use crate::audit;
use crate::call::{Call, Outcome, ok};
use crate::clock;
use crate::pages::{Listed, Paging};
use crate::problem::Problem;
use crate::route::{Need, Route};
use axum::http::Method;
use model::UserId;
use serde::{Deserialize, Serialize};
use store::{Role, User, UserChange};
use utoipa::ToSchema;

/// A user.
#[derive(Serialize, ToSchema)]
struct UserLine {
    id: u32,
    username: String,
    email: Option<String>,
    role: &'static str,
    is_active: bool,
    second_factor: bool,
    locked_until: Option<String>,
    last_login_at: Option<String>,
    created_at: String,
}

/// What changes; what is absent stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct UserBody {
    /// viewer, service, trader, risk_manager or admin.
    role: Option<String>,
    is_active: Option<bool>,
}

/// Which users.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct UserQuery {
    limit: Option<u32>,
    cursor: Option<String>,
}

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(Method::GET, "/api/v1/users", Need::Power(Power::House), "Users", list)
            .query::<UserQuery>()
            .pages::<UserLine>(),
        Route::new(Method::PUT, "/api/v1/users/{id}", Need::Power(Power::House), "Change a user", change)
            .body::<UserBody>()
            .gives::<UserLine>()
            .refuses(&[409]),
    ]
}

impl From<User> for UserLine {
    fn from(user: User) -> Self {
        Self {
            id: user.id.0,
            username: user.username,
            email: user.email,
            role: user.role.word(),
            is_active: user.is_active,
            second_factor: user.totp_enabled,
            locked_until: user.locked_until.map(|time| time.to_string()),
            last_login_at: user.last_login_at.map(|time| time.to_string()),
            created_at: user.created_at.to_string(),
        }
    }
}

async fn list(call: Call) -> Outcome {
    let query: UserQuery = call.query()?;
    let limit = Paging { limit: query.limit, cursor: None }.limit();
    let after = query.cursor.as_deref().map(str::parse).transpose();
    let after = after.map_err(|_no_number| Problem::wrong("cursor", "is not one of ours"))?.map(UserId);
    let users = call.desk.ask(move |store| store.users(after, limit)).await?;
    let full = u32::try_from(users.len()).is_ok_and(|count| count == limit);
    let next_cursor = users.last().filter(|_| full).map(|user| user.id.to_string());
    ok(&Listed { data: users.into_iter().map(UserLine::from).collect(), next_cursor })
}

async fn change(call: Call) -> Outcome {
    let body: UserBody = call.json()?;
    let id = UserId(call.path_number("id", "user")?);
    let role = body
        .role
        .as_deref()
        .map(|word| Role::of(word).ok_or_else(|| Problem::wrong("role", "is none that there is")));
    let role = role.transpose()?;
    if id == call.caller()?.user {
        return Err(Problem::conflict("own_user", "ask another administrator to change you"));
    }
    let off = body.is_active == Some(false);
    let asked = UserChange { role, is_active: body.is_active, ..UserChange::default() };
    let user = call
        .desk
        .ask(move |store| {
            store.change_user(id, &asked, clock::now())?;
            if off {
                store.end_sessions(id, "user_disabled", clock::now())?;
            }
            store.user(id)
        })
        .await?;
    call.desk.forget(id);
    let user = user.ok_or_else(|| Problem::not_found("user"))?;
    let now = format!("{} active {}", user.role.word(), user.is_active);
    audit::note(&call, "user", &user.username, &now).await?;
    ok(&UserLine::from(user))
}
