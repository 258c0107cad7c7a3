//! Why not, over HTTP: every error is a problem document (RFC 9457) with the engine's own reason code, what it
//! means, what to do about it, and the fields that were wrong. Inner texts of failures never leave.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use model::{Directory, Reject};
use node::Refused;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// An error in the form of RFC 9457.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Problem {
    /// Where this kind of problem is explained.
    #[serde(rename = "type")]
    kind: String,
    title: String,
    #[serde(serialize_with = "number")]
    #[schema(value_type = u16)]
    status: StatusCode,
    /// What happened, and what can be done about it.
    detail: String,
    /// For programs: the reason code.
    code: String,
    /// The parts of the request that were wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Fault>,
    /// The numbers behind the reason: what is needed, what is free, the limit and its use.
    #[serde(skip_serializing_if = "Map::is_empty")]
    #[schema(value_type = Object)]
    facts: Map<String, Value>,
}

/// One part of a request that was wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Fault {
    pub field: String,
    pub why: String,
}

fn number<S: serde::Serializer>(status: &StatusCode, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u16(status.as_u16())
}

impl Problem {
    fn new(status: StatusCode, code: &str, detail: impl Into<String>) -> Self {
        let title = status.canonical_reason().unwrap_or("error").to_lowercase();
        let (kind, code) = (format!("/docs/reasons#{code}"), code.to_owned());
        Self { kind, title, status, detail: detail.into(), code, errors: Vec::new(), facts: Map::new() }
    }

    /// The request is not one that can be understood.
    pub fn invalid(errors: Vec<Fault>) -> Self {
        let shown: Vec<String> =
            errors.iter().map(|fault| format!("{}: {}", fault.field, fault.why)).collect();
        let problem = Self::new(StatusCode::BAD_REQUEST, "invalid_request", shown.join("; "));
        Self { errors, ..problem }
    }

    pub fn malformed(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", detail)
    }

    /// Also of what belongs to another: that it exists is not told.
    pub fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", format!("there is no such {what}; check its name"))
    }

    pub fn too_large(bytes_max: usize) -> Self {
        let detail = format!("the body is larger than {bytes_max} bytes; send less at once");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", detail)
    }

    pub fn method_not_allowed() -> Self {
        let detail = "the address is not for this method; look it up in /openapi.json";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail)
    }

    pub fn internal() -> Self {
        let detail = "something went wrong here; what was not answered may be done: look before trying again";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail)
    }

    /// A refusal by the engine.
    pub fn rejected(reason: &Reject, directory: &Directory) -> Self {
        let detail = format!("{reason}: {}", reason.advice());
        let problem = Self::new(status_of(reason), reason.code(), detail);
        Self { facts: facts_of(reason, directory), ..problem }
    }

    pub fn code(&self) -> &str {
        &self.code
    }

    pub fn status(&self) -> StatusCode {
        self.status
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        let code = match refused {
            Refused::Busy => "busy",
            Refused::Full => "disk_full",
            Refused::Stopped { .. } => "stopped",
        };
        let detail = match &refused {
            // The cause may name files of the machine.
            Refused::Stopped { .. } => "the server has stopped taking commands; try again later".to_owned(),
            other => other.to_string(),
        };
        Self::new(StatusCode::SERVICE_UNAVAILABLE, code, detail)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.status;
        let mut response = (status, Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
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
        | Reject::UnknownVenue { .. } => StatusCode::NOT_FOUND,
        Reject::AlreadyFilled { .. }
        | Reject::AlreadyCancelled { .. }
        | Reject::ClientIdReused
        | Reject::NameTaken { .. }
        | Reject::BadStateChange => StatusCode::CONFLICT,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

fn facts_of(reason: &Reject, directory: &Directory) -> Map<String, Value> {
    let text = |value: &dyn ToString| Value::String(value.to_string());
    let facts: Vec<(&str, Value)> = match reason {
        Reject::InsufficientFunds { asset, needed, free }
        | Reject::InsufficientMargin { asset, needed, free } => {
            let asset = directory.asset(*asset).map_or(Value::Null, |name| text(&name));
            vec![("asset", asset), ("needed", text(needed)), ("free", text(free))]
        }
        Reject::NotionalTooSmall { notional, min } => vec![("notional", text(notional)), ("min", text(min))],
        Reject::NotSupported { what } => vec![("what", text(what))],
        Reject::IllegalCombination { what } => vec![("what", text(what))],
        Reject::BadListing { what } => vec![("what", text(what))],
        Reject::BoundReached { what } => vec![("what", text(what))],
        Reject::AlreadyFilled { order } | Reject::AlreadyCancelled { order } => {
            vec![("order_id", text(order))]
        }
        Reject::NameTaken { name } => vec![("name", text(name))],
        _ => Vec::new(),
    };
    facts.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
