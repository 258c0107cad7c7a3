//! One address of the front desk: who may call it, what it takes and gives, and what answers. The router, the
//! permission checks, the tests of every cell and the OpenAPI document are all made from these.

use crate::auth::Power;
use crate::call::{Call, Outcome};
use crate::pages::Listed;
use axum::http::{Method, StatusCode};
use serde_json::Value;
use std::future::Future;
use std::pin::Pin;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{PartialSchema, ToSchema};

pub(crate) type Running = Pin<Box<dyn Future<Output = Outcome> + Send>>;

/// Who may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// Everybody; who says who they are is still checked.
    Nobody,
    /// A person who signed in, and no key.
    Person,
    /// Who may do this.
    Power(Power),
}

/// The form of a body in the document.
pub(crate) struct Shape {
    pub(crate) name: String,
    pub(crate) schema: RefOr<Schema>,
    pub(crate) parts: Vec<(String, RefOr<Schema>)>,
    pub(crate) list: bool,
}

impl Shape {
    fn of<T: ToSchema>() -> Self {
        let mut parts = Vec::new();
        T::schemas(&mut parts);
        Self { name: T::name().into_owned(), schema: T::schema(), parts, list: false }
    }
}

pub(crate) struct Route {
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) need: Need,
    pub(crate) summary: &'static str,
    pub(crate) run: Box<dyn Fn(Call) -> Running + Send + Sync>,
    pub(crate) query: Option<RefOr<Schema>>,
    pub(crate) body: Option<Shape>,
    pub(crate) answer: Option<Shape>,
    pub(crate) answer_kind: &'static str,
    pub(crate) status: StatusCode,
    /// Refusals beyond those that any route may give.
    pub(crate) refusals: &'static [u16],
    /// Becomes a WebSocket.
    pub(crate) is_socket: bool,
    /// Not part of the document: pages, older surfaces.
    pub(crate) is_hidden: bool,
}

impl Route {
    pub(crate) fn new<F>(
        method: Method,
        path: &'static str,
        need: Need,
        summary: &'static str,
        run: fn(Call) -> F,
    ) -> Self
    where
        F: Future<Output = Outcome> + Send + 'static,
    {
        Self {
            method,
            path,
            need,
            summary,
            run: Box::new(move |call| Box::pin(run(call))),
            query: None,
            body: None,
            answer: None,
            answer_kind: "application/json",
            status: StatusCode::OK,
            refusals: &[],
            is_socket: false,
            is_hidden: false,
        }
    }

    pub(crate) fn query<T: PartialSchema>(self) -> Self {
        Self { query: Some(T::schema()), ..self }
    }

    pub(crate) fn body<T: ToSchema>(self) -> Self {
        Self { body: Some(Shape::of::<T>()), ..self }
    }

    pub(crate) fn gives<T: ToSchema>(self) -> Self {
        Self { answer: Some(Shape::of::<T>()), ..self }
    }

    /// A page of a long list.
    pub(crate) fn pages<T: ToSchema>(self) -> Self
    where
        Listed<T>: ToSchema,
    {
        let mut shape = Shape::of::<Listed<T>>();
        // All pages have one name by themselves, and the document would know only one of them.
        shape.name = format!("{}Page", T::name());
        T::schemas(&mut shape.parts);
        shape.parts.push((T::name().into_owned(), T::schema()));
        Self { answer: Some(shape), ..self }
    }

    pub(crate) fn lists<T: ToSchema>(self) -> Self {
        Self { answer: Some(Shape { list: true, ..Shape::of::<T>() }), ..self }
    }

    pub(crate) fn gives_text(self, kind: &'static str) -> Self {
        Self { answer_kind: kind, answer: Some(Shape::of::<String>()), ..self }
    }

    pub(crate) fn status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    pub(crate) fn refuses(self, refusals: &'static [u16]) -> Self {
        Self { refusals, ..self }
    }

    pub(crate) fn socket(self) -> Self {
        Self { is_socket: true, status: StatusCode::SWITCHING_PROTOCOLS, ..self }
    }

    pub(crate) fn hidden(self) -> Self {
        Self { is_hidden: true, ..self }
    }
}

/// The names between braces in an address.
pub(crate) fn variables(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

/// A schema as JSON.
pub(crate) fn as_json(schema: &RefOr<Schema>) -> Value {
    serde_json::to_value(schema).unwrap_or_default()
}
