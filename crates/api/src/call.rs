//! One request as its handler sees it: who asks, what for, and what from; and the answers that handlers give.

use crate::auth::{Caller, Power};
use crate::desk::{Desk, accounts_of};
use crate::problem::{Fault, Problem};
use axum::body::Body;
use axum::extract::Query;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use bytes::Bytes;
use model::{AccountId, Directory, UserId};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::net::IpAddr;
use std::sync::Arc;

pub(crate) type Outcome = Result<Response, Problem>;

pub(crate) struct Call {
    pub(crate) desk: Arc<Desk>,
    /// None only where the route is for everybody.
    pub(crate) caller: Option<Arc<Caller>>,
    pub(crate) parts: Parts,
    /// The variable parts of the address.
    pub(crate) path: Vec<(String, String)>,
    pub(crate) body: Bytes,
    pub(crate) peer: IpAddr,
    pub(crate) id: String,
}

impl Call {
    /// Who asks; a handler of a route that needs somebody always finds them.
    pub(crate) fn caller(&self) -> Result<&Caller, Problem> {
        let missing = || Problem::unauthenticated("unauthenticated", "sign in, or send a key");
        self.caller.as_deref().ok_or_else(missing)
    }

    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        read(&self.body)
    }

    pub(crate) fn query<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        let read = Query::<T>::try_from_uri(&self.parts.uri);
        read.map(|Query(query)| query).map_err(|error| Problem::malformed(error.body_text()))
    }

    pub(crate) fn path(&self, name: &str) -> &str {
        self.path.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// A number in the address; what is none names nothing.
    pub(crate) fn path_number<N: std::str::FromStr>(&self, name: &str, what: &str) -> Result<N, Problem> {
        self.path(name).parse().or(Err(Problem::not_found(what)))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.parts.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The user that a look is bound to: none for who may look at all.
    pub(crate) fn sees(&self) -> Result<Option<UserId>, Problem> {
        let caller = self.caller()?;
        Ok((!caller.can(Power::SeeAll)).then_some(caller.user))
    }

    /// An account by its name or number, if the caller may see it; the only one, if none is named.
    pub(crate) fn account(&self, named: Option<&str>, directory: &Directory) -> Result<AccountId, Problem> {
        account(self.caller()?, named, directory)
    }

    /// The account that is named, or all that the caller owns.
    pub(crate) fn accounts(
        &self,
        named: Option<&str>,
        directory: &Directory,
    ) -> Result<Vec<AccountId>, Problem> {
        let caller = self.caller()?;
        match named {
            Some(_) => account(caller, named, directory).map(|account| vec![account]),
            None => Ok(accounts_of(directory, caller.user)),
        }
    }
}

/// An account that a caller may see; the only one, if none is named.
pub(crate) fn account(
    caller: &Caller,
    named: Option<&str>,
    directory: &Directory,
) -> Result<AccountId, Problem> {
    let Some(named) = named else {
        let own = accounts_of(directory, caller.user);
        return match own[..] {
            [only] => Ok(only),
            [] => Err(Problem::wrong("account", "is missing, and you have none: open one first")),
            _ => Err(Problem::wrong("account", "is missing: you have several, name one")),
        };
    };
    let by_number = || named.parse().ok().map(AccountId);
    let found = directory.account_named(named).or_else(by_number);
    let seen = |account: &AccountId| {
        directory.account(*account).is_some_and(|of| of.user == caller.user || caller.can(Power::SeeAll))
    };
    found.filter(seen).ok_or_else(|| Problem::not_found("account"))
}

/// An account of one's own, to trade in; that of another is not there, whoever asks.
pub(crate) fn own_account(
    caller: &Caller,
    named: Option<&str>,
    directory: &Directory,
) -> Result<AccountId, Problem> {
    let found = account(caller, named, directory)?;
    let is_own = directory.account(found).is_some_and(|of| of.user == caller.user);
    if is_own { Ok(found) } else { Err(Problem::not_found("account")) }
}

/// A body as what it should be.
pub(crate) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(body).map_err(|error| {
        if error.is_data() {
            Problem::invalid(vec![Fault::new("body", format!("is not as it should be: {error}"))])
        } else {
            Problem::malformed(format!("the body is not JSON: {error}"))
        }
    })
}

pub(crate) fn json<T: Serialize>(status: StatusCode, value: &T) -> Outcome {
    let body = serde_json::to_vec(value).map_err(|_no_json| Problem::internal())?;
    Ok(json_bytes(status, body))
}

/// The same of what is JSON already.
pub(crate) fn json_bytes(status: StatusCode, body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

pub(crate) fn ok<T: Serialize>(value: &T) -> Outcome {
    json(StatusCode::OK, value)
}

pub(crate) fn nothing() -> Outcome {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    Ok(response)
}

/// Text of a kind, such as a page.
pub(crate) fn text(kind: &'static str, body: impl Into<Body>) -> Outcome {
    let mut response = Response::new(body.into());
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    Ok(response)
}
