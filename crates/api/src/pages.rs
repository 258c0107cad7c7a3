//! Pages in two senses: parts of long lists, and the two that a browser shows without a dashboard, the reference
//! and the first sign-up.

use crate::call::{Call, Outcome, text};
use crate::document::document;
use crate::route::{Need, Route, Running};
use axum::http::{HeaderValue, Method, StatusCode, header};
use model::line::Worded;
use serde::Serialize;
use std::future::ready;
use std::sync::OnceLock;
use store::Page;
use utoipa::ToSchema;

const LIMIT: u32 = 50;
const LIMIT_MAX: u32 = 1000;

/// How much of a list, and after what.
#[derive(Default)]
pub(crate) struct Paging {
    pub(crate) limit: Option<u32>,
    pub(crate) cursor: Option<String>,
}

impl Paging {
    pub(crate) fn limit(&self) -> u32 {
        self.limit.unwrap_or(LIMIT).clamp(1, LIMIT_MAX)
    }

    pub(crate) fn page(self) -> Page {
        Page { limit: self.limit(), after: self.cursor }
    }
}

/// A part of a list.
#[derive(Serialize, ToSchema)]
pub(crate) struct Listed<T> {
    pub(crate) data: Vec<T>,
    /// Send it as `cursor` to go on; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_cursor: Option<String>,
}

pub(crate) fn routes() -> Vec<Route> {
    let page = |path, summary, run: fn(Call) -> Running| {
        Route::new(Method::GET, path, Need::Nobody, summary, run).hidden()
    };
    vec![
        page("/openapi.json", "The OpenAPI document", |call| Box::pin(async move { openapi(&call) })),
        page("/docs", "The reference", |_call| Box::pin(ready(reference()))),
        page("/setup", "The first sign-up", |_call| Box::pin(ready(setup()))),
    ]
}

fn openapi(call: &Call) -> Outcome {
    static DOCUMENT: OnceLock<(String, String)> = OnceLock::new();
    let (document, tag) = DOCUMENT.get_or_init(|| {
        let document = document();
        let tag = format!("\"{}\"", crate::auth::fingerprint(document.as_bytes()));
        (document, tag)
    });
    if call.header("if-none-match") == Some(tag) {
        let mut response = text("application/json", "")?;
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return Ok(response);
    }
    let mut response = text("application/json", document.as_str())?;
    if let Ok(tag) = HeaderValue::from_str(tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    Ok(response)
}

fn reference() -> Outcome {
    page_of(include_str!("pages/reference.html"))
}

fn setup() -> Outcome {
    page_of(include_str!("pages/setup.html"))
}

fn page_of(page: &'static str) -> Outcome {
    let mut response = text("text/html; charset=utf-8", page)?;
    let policy =
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'";
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    Ok(response)
}

/// A word out of a closed set, or what may be written there.
pub(crate) fn word<T: Worded>(field: &str, word: &str) -> Result<T, crate::problem::Problem> {
    let why = || crate::problem::Problem::wrong(field, format!("is {word:?}: write {}", T::all()));
    T::of(&word.to_ascii_lowercase()).ok_or_else(why)
}
