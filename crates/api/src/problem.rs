//! Why not, over HTTP: every error is a problem document (RFC 9457) with the engine's own reason code, what it
//! means, what to do about it, and the fields that were wrong. Inner texts of failures never leave.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use model::line::Worded;
use model::{Directory, Reject};
use node::Refused;
use serde::Serialize;
use serde_json::{Map, Value};
use store::StoreError;
use utoipa::ToSchema;

/// An error, in a box because it is rare and large.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem(Box<ProblemDocument>);

/// An error in the form of RFC 9457.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProblemDocument {
    /// Where this kind of problem is explained.
    #[serde(rename = "type")]
    kind: String,
    title: String,
    status: u16,
    /// What happened, and what can be done about it.
    detail: String,
    /// For programs: the reason code.
    code: String,
    /// The request that this answers.
    #[serde(skip_serializing_if = "String::is_empty")]
    request_id: String,
    /// The parts of the request that were wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Fault>,
    /// The numbers behind the reason: what is needed, what is free, the limit and its use.
    #[serde(skip_serializing_if = "Map::is_empty")]
    #[schema(value_type = Object)]
    facts: Map<String, Value>,
    /// Seconds after which another try makes sense.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u64>,
}

/// One part of a request that was wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Fault {
    pub field: String,
    pub why: String,
}

impl Fault {
    pub fn new(field: &str, why: impl Into<String>) -> Self {
        Self { field: field.to_owned(), why: why.into() }
    }
}

impl Problem {
    pub fn new(status: StatusCode, code: &str, detail: impl Into<String>) -> Self {
        let title = status.canonical_reason().unwrap_or("error").to_lowercase();
        let kind = format!("/docs/reasons#{code}");
        Self(Box::new(ProblemDocument {
            kind,
            title,
            status: status.as_u16(),
            detail: detail.into(),
            code: code.to_owned(),
            request_id: String::new(),
            errors: Vec::new(),
            facts: Map::new(),
            retry_after: (status == StatusCode::SERVICE_UNAVAILABLE).then_some(1),
        }))
    }

    /// The request is not one that can be understood.
    pub fn invalid(errors: Vec<Fault>) -> Self {
        let shown: Vec<String> =
            errors.iter().map(|fault| format!("{} {}", fault.field, fault.why)).collect();
        let mut problem = Self::new(StatusCode::BAD_REQUEST, "invalid_request", shown.join("; "));
        problem.0.errors = errors;
        problem
    }

    pub fn wrong(field: &str, why: impl Into<String>) -> Self {
        Self::invalid(vec![Fault::new(field, why)])
    }

    pub fn malformed(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", detail)
    }

    /// Who asks is not known, or no longer.
    pub fn unauthenticated(code: &str, detail: &str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, code, detail)
    }

    pub fn forbidden(code: &str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, code, detail)
    }

    /// Also of what belongs to another: that it exists is not told.
    pub fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", format!("there is no such {what}; check its name"))
    }

    pub fn conflict(code: &str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code, detail)
    }

    pub fn not_yet(what: &str) -> Self {
        let detail = format!("{what} is not part of this build; see the reference at /docs for what is");
        Self::new(StatusCode::NOT_IMPLEMENTED, "not_implemented", detail)
    }

    pub fn too_large(bytes_max: usize) -> Self {
        let detail = format!("the body is larger than {bytes_max} bytes; send less at once");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", detail)
    }

    pub fn too_slow() -> Self {
        let detail = "the request did not come in time; send it again, whole";
        Self::new(StatusCode::REQUEST_TIMEOUT, "too_slow", detail)
    }

    pub fn too_many(seconds: u64) -> Self {
        let detail = format!("more requests than are allowed; try again in {seconds} s");
        let mut problem = Self::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", detail);
        problem.0.retry_after = Some(seconds);
        problem
    }

    pub fn unavailable(code: &str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, code, detail)
    }

    pub fn internal() -> Self {
        let detail = "something went wrong here; what was not answered may be done: look before trying again";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail)
    }

    /// A refusal by the engine.
    pub fn rejected(reason: &Reject, directory: &Directory) -> Self {
        let detail = format!("{reason}: {}", reason.advice());
        let mut problem = Self::new(status_of(reason), reason.code(), detail);
        problem.0.facts = facts_of(reason, directory);
        problem
    }

    #[must_use]
    pub fn of_request(mut self, id: &str) -> Self {
        id.clone_into(&mut self.0.request_id);
        self
    }

    pub fn code(&self) -> &str {
        &self.0.code
    }

    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        let (code, detail) = match refused {
            Refused::Busy => ("busy", "more is waiting than there is room for; try again in a moment"),
            Refused::Full => ("disk_full", "the disk is nearly full; only cancels are taken"),
            // The cause may name files of the machine.
            Refused::Stopped { .. } => {
                ("stopped", "the server takes no commands any more; try again once it is back")
            }
        };
        Self::unavailable(code, detail)
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::NotFound { what } => Self::not_found(what),
            StoreError::Taken { what } => Self::conflict("taken", format!("{what} is taken; choose another")),
            StoreError::BadPage { .. } => {
                Self::wrong("cursor", "is not one of ours: start from the first page")
            }
            StoreError::ZeroByte { field } => Self::wrong(field, "must not hold a zero byte"),
            StoreError::NotAllowed { what, why } => Self::wrong(what, *why),
            passing if passing.passes() => {
                tracing::warn!(cause = %error, "the archive does not answer");
                let detail = "the archive does not answer now; trading goes on, try this again in a moment";
                Self::unavailable("archive_unavailable", detail)
            }
            _ => {
                tracing::error!(cause = %error, "the archive failed");
                Self::internal()
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = serde_json::to_vec(&self.0).unwrap_or_default();
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.0.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.0.status == 401 {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

fn status_of(reason: &Reject) -> StatusCode {
    match reason {
        Reject::UnknownAccount { .. }
        | Reject::UnknownBook { .. }
        | Reject::UnknownInstrument { .. }
        | Reject::UnknownAsset { .. }
        | Reject::UnknownUser
        | Reject::UnknownOrder
        | Reject::UnknownGroup { .. }
        | Reject::UnknownAlgo { .. }
        | Reject::UnknownLimit { .. }
        | Reject::UnknownRule { .. }
        | Reject::UnknownVenue { .. } => StatusCode::NOT_FOUND,
        Reject::AlreadyFilled { .. }
        | Reject::AlreadyCancelled { .. }
        | Reject::ClientIdReused
        | Reject::NameTaken { .. }
        | Reject::BadStateChange => StatusCode::CONFLICT,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

pub(crate) fn facts_of(reason: &Reject, directory: &Directory) -> Map<String, Value> {
    let text = |value: &dyn ToString| Value::String(value.to_string());
    let facts: Vec<(&str, Value)> = match reason {
        Reject::InsufficientFunds { asset, needed, free }
        | Reject::InsufficientMargin { asset, needed, free } => {
            let asset = directory.asset(*asset).map_or(Value::Null, |name| text(&name));
            vec![("asset", asset), ("needed", text(needed)), ("free", text(free))]
        }
        Reject::NotionalTooSmall { notional, min } => vec![("notional", text(notional)), ("min", text(min))],
        Reject::NotSupported { what } => vec![("what", text(&what.word()))],
        Reject::IllegalCombination { what } => vec![("what", text(&what.word()))],
        Reject::BadListing { what } => vec![("what", text(&what.word()))],
        Reject::BoundReached { what } => vec![("what", text(&what.word()))],
        Reject::AlreadyFilled { order } | Reject::AlreadyCancelled { order } => {
            vec![("order_id", text(order))]
        }
        Reject::NameTaken { name } => vec![("name", text(name))],
        _ => Vec::new(),
    };
    facts.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
