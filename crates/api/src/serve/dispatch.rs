//! From a request to its answer: read within bounds and time, who asks, may they, how often, then the handler.
//! Whatever goes wrong on the way is a problem document with the request's id.

use super::listen::Peer;
use crate::auth::{Admission, Left};
use crate::call::{Call, Outcome};
use crate::clock;
use crate::config::Config;
use crate::desk::Desk;
use crate::gauge::Why;
use crate::older::Service;
use crate::problem::Problem;
use crate::route::Route;
use crate::routes;
use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::{RawPathParams, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, on};
use bytes::{Bytes, BytesMut};
use futures_util::FutureExt;
use http_body_util::BodyExt;
use std::collections::HashMap;
use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};
use tower_http::cors::{AllowOrigin, Any, CorsLayer};
use tracing::Instrument;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// A request id that a client chose is used up to this length.
const ID_MAX: usize = 64;

/// All addresses, or those of one service.
pub(super) fn router(desk: &Arc<Desk>, only: Option<Service>) -> Router {
    let mut router = Router::new();
    for route in routes::all() {
        if only.is_some_and(|service| !service.answers(route.path)) {
            continue;
        }
        let Ok(method) = MethodFilter::try_from(route.method.clone()) else { continue };
        let (desk, route) = (Arc::clone(desk), Arc::new(route));
        let path = route.path;
        let handler = move |params: RawPathParams, request: Request| {
            let path = params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            answer(Arc::clone(&desk), Arc::clone(&route), path, request)
        };
        router = router.route(path, on(method, handler));
    }
    let router = router
        .fallback(async |request: Request| lost(&request, Problem::not_found("address")))
        .method_not_allowed_fallback(async |request: Request| {
            let detail = "the address is not for this method; look it up at /docs";
            lost(&request, Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail))
        });
    let large = SizeAbove::new(1024).and(NotForContentType::SSE);
    let router = router.layer(CompressionLayer::new().compress_when(large)).layer(CatchPanicLayer::custom(
        |_cause: Box<dyn std::any::Any + Send>| Problem::internal().into_response(),
    ));
    match cors(&desk.config) {
        Some(cors) => router.layer(cors),
        None => router,
    }
}

/// Addresses without variables, for requests that ask for nothing between them and the handler: neither for a
/// compressed answer nor on behalf of a web page.
pub(super) struct Direct(HashMap<&'static str, Vec<Arc<Route>>>);

impl Direct {
    pub(super) fn new(only: Option<Service>) -> Self {
        let mut all: HashMap<&'static str, Vec<Arc<Route>>> = HashMap::new();
        let plain = |route: &Route| !route.is_socket && !route.path.contains('{');
        let asked = |route: &Route| only.is_none_or(|service| service.answers(route.path));
        for route in routes::all().into_iter().filter(|route| plain(route) && asked(route)) {
            all.entry(route.path).or_default().push(Arc::new(route));
        }
        Self(all)
    }

    pub(super) fn find<B>(&self, request: &axum::http::Request<B>) -> Option<Arc<Route>> {
        let headers = request.headers();
        if headers.contains_key(header::ACCEPT_ENCODING) || headers.contains_key(header::ORIGIN) {
            return None;
        }
        let routes = self.0.get(request.uri().path())?;
        routes.iter().find(|route| route.method == request.method()).cloned()
    }
}

/// The same answer as by the router, with less on the way.
pub(super) async fn at_once(
    desk: Arc<Desk>,
    route: Arc<Route>,
    request: Request,
) -> Result<Response, Infallible> {
    let answered = AssertUnwindSafe(answer(desk, route, Vec::new(), request)).catch_unwind().await;
    Ok(answered.unwrap_or_else(|_panicked| Problem::internal().into_response()))
}

fn cors(config: &Config) -> Option<CorsLayer> {
    let origins: Vec<HeaderValue> = config.origins.iter().filter_map(|origin| origin.parse().ok()).collect();
    let layer = CorsLayer::new()
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::DELETE])
        .allow_headers(Any)
        .expose_headers(Any);
    if config.origins.iter().any(|origin| origin == "*") {
        Some(layer.allow_origin(Any))
    } else {
        (!origins.is_empty()).then(|| layer.allow_origin(AllowOrigin::list(origins)))
    }
}

async fn answer(
    desk: Arc<Desk>,
    route: Arc<Route>,
    path: Vec<(String, String)>,
    request: Request,
) -> Response {
    let id = id_of(request.headers());
    let mut left = None;
    let span = tracing::debug_span!("request", id, route = route.path);
    let outcome = handle(&desk, &route, path, request, &id, &mut left).instrument(span).await;
    let mut response = outcome.unwrap_or_else(|problem| {
        if problem.status().is_server_error() {
            tracing::warn!(request = %id, route = route.path, code = problem.code(), "not answered");
        }
        problem.of_request(&id).into_response()
    });
    desk.gauges.request(route.path, response.status().as_u16().into());
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    if let Some(left) = left {
        left.tell(response.headers_mut());
    }
    response
}

fn lost(request: &Request, problem: Problem) -> Response {
    let id = id_of(request.headers());
    let mut response = problem.of_request(&id).into_response();
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

async fn handle(
    desk: &Arc<Desk>,
    route: &Route,
    path: Vec<(String, String)>,
    request: Request,
    id: &str,
    left: &mut Option<Left>,
) -> Outcome {
    let (parts, body) = request.into_parts();
    let peer = parts.extensions.get::<Peer>().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0);
    let body = read(&desk.config, &parts.headers, body).await?;
    let asked = Admission { parts: &parts, body: &body, peer, route };
    let caller = match desk.doorman.admit(desk, &asked, left).await {
        Ok(caller) => caller,
        Err(problem) => {
            turned_away(desk, &asked, id, &problem);
            return Err(problem);
        }
    };
    let call = Call { desk: Arc::clone(desk), caller, parts, path, body, peer, id: id.to_owned() };
    if route.is_socket {
        return (route.run)(call).await;
    }
    match tokio::time::timeout(desk.config.answer_wait, (route.run)(call)).await {
        Ok(outcome) => outcome,
        Err(_elapsed) => {
            let detail = "no answer in time; what was asked may be done: look before trying again";
            Err(Problem::unavailable("no_answer", detail))
        }
    }
}

fn turned_away(desk: &Arc<Desk>, asked: &Admission<'_>, id: &str, problem: &Problem) {
    let why = match problem.status() {
        StatusCode::UNAUTHORIZED => Why::Unauthenticated,
        StatusCode::FORBIDDEN => Why::Forbidden,
        StatusCode::TOO_MANY_REQUESTS => Why::RateLimited,
        _ => return,
    };
    desk.gauges.refuse(why);
    if why != Why::RateLimited {
        desk.audit.refused(desk, asked, id, problem.code(), clock::now());
    }
}

/// The whole body, if it is small enough and comes in time. What is here already costs no timer.
async fn read(config: &Config, headers: &HeaderMap, mut body: Body) -> Result<Bytes, Problem> {
    let most = config.body_bytes_max;
    let told =
        headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if told.is_some_and(|told| told > most) {
        return Err(Problem::too_large(most));
    }
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    let until = tokio::time::Instant::now() + config.body_wait;
    let mut whole = BytesMut::new();
    let mut first = None;
    loop {
        let frame =
            tokio::time::timeout_at(until, body.frame()).await.map_err(|_elapsed| Problem::too_slow())?;
        let Some(frame) = frame else { break };
        let frame =
            frame.map_err(|_broken| Problem::malformed("the body broke off; send it again, whole"))?;
        let Ok(data) = frame.into_data() else { continue };
        if whole.len() + data.len() + first.as_ref().map_or(0, Bytes::len) > most {
            return Err(Problem::too_large(most));
        }
        match first.take() {
            None if whole.is_empty() => first = Some(data),
            before => {
                whole.extend_from_slice(&before.unwrap_or_default());
                whole.extend_from_slice(&data);
            }
        }
        if body.is_end_stream() {
            break;
        }
    }
    Ok(first.unwrap_or_else(|| whole.freeze()))
}

/// The client's own id for the request, or one of ours.
fn id_of(headers: &HeaderMap) -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let own = headers.get(REQUEST_ID).and_then(|id| id.to_str().ok());
    match own
        .filter(|id| !id.is_empty() && id.len() <= ID_MAX && id.bytes().all(|byte| byte.is_ascii_graphic()))
    {
        Some(own) => own.to_owned(),
        None => {
            let mut id = String::with_capacity(20);
            id.push_str("r-");
            id.push_str(&NEXT.fetch_add(1, Ordering::Relaxed).to_string());
            id
        }
    }
}
