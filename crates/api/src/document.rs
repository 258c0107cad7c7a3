//! The OpenAPI 3.1 document, made from the list of routes, so that it cannot say anything else than the server
//! does.

use crate::problem::ProblemDocument;
use crate::route::{Need, Route, Shape, as_json, variables};
use crate::routes;
use serde_json::{Map, Value, json};
use utoipa::{PartialSchema, ToSchema};

/// The document as pretty JSON, with a line feed at its end.
#[must_use]
pub fn document() -> String {
    let mut text = serde_json::to_string_pretty(&build(&routes::all())).unwrap_or_default();
    text.push('\n');
    text
}

fn build(routes: &[Route]) -> Value {
    let (mut paths, mut schemas) = (Map::new(), Map::new());
    let mut problem = Vec::new();
    ProblemDocument::schemas(&mut problem);
    problem.push((ProblemDocument::name().into_owned(), ProblemDocument::schema()));
    schemas.extend(problem.iter().map(|(name, schema)| (name.clone(), as_json(schema))));
    for route in routes.iter().filter(|route| !route.is_hidden) {
        for shape in route.body.iter().chain(&route.answer) {
            keep(shape, &mut schemas);
        }
        let item = paths.entry(route.path).or_insert_with(|| json!({}));
        item[route.method.as_str().to_lowercase()] = operation(route);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Staysail",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Orders, trades, portfolios, markets and risk of a Staysail server. Amounts are \
                decimal text. Errors are problem documents (RFC 9457) whose `code` is the reason.",
            "license": { "name": "MIT OR Apache-2.0" },
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "token": { "type": "http", "scheme": "bearer", "bearerFormat": "JWT" },
                "key": { "type": "apiKey", "in": "header", "name": "X-TRADING-API-KEY" },
            },
        },
    })
}

/// What other schemas refer to by name.
fn keep(shape: &Shape, schemas: &mut Map<String, Value>) {
    schemas.extend(shape.parts.iter().map(|(name, schema)| (name.clone(), as_json(schema))));
    let schema = as_json(&shape.schema);
    if schema.get("properties").is_some() {
        schemas.insert(shape.name.clone(), schema);
    }
}

fn content(shape: &Shape, kind: &str) -> Value {
    let own = as_json(&shape.schema);
    let one = match own.get("properties") {
        Some(_) => json!({ "$ref": format!("#/components/schemas/{}", shape.name) }),
        None => own,
    };
    let schema = if shape.list { json!({ "type": "array", "items": one }) } else { one };
    json!({ kind: { "schema": schema } })
}

fn operation(route: &Route) -> Value {
    let tag = route.path.split('/').find(|part| !matches!(*part, "" | "api" | "v1")).unwrap_or("server");
    let name = format!("{} {}", route.method.as_str().to_lowercase(), route.path);
    let name: Vec<&str> =
        name.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let mut operation = json!({
        "operationId": name.join("_"),
        "summary": route.summary,
        "tags": [tag],
        "parameters": parameters(route),
        "responses": responses(route),
    });
    if let Some(body) = &route.body {
        operation["requestBody"] = json!({ "required": true, "content": content(body, "application/json") });
    }
    if route.need != Need::Nobody {
        operation["security"] = match route.need {
            Need::Person => json!([{ "token": [] }]),
            _ => json!([{ "token": [] }, { "key": [] }]),
        };
    }
    operation
}

fn parameters(route: &Route) -> Vec<Value> {
    let in_path = variables(route.path)
        .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }));
    let query = route.query.as_ref().map(as_json).unwrap_or_default();
    let required = query.get("required").cloned().unwrap_or_default();
    let needed = |name: &str| required.as_array().is_some_and(|all| all.iter().any(|one| one == name));
    let properties = query.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
    let in_query = properties.into_iter().map(|(name, mut schema)| {
        let about = schema.as_object_mut().and_then(|schema| schema.remove("description"));
        let required = needed(&name);
        json!({ "name": name, "in": "query", "required": required, "description": about.unwrap_or_default(),
            "schema": without_null(schema) })
    });
    in_path.chain(in_query).collect()
}

/// In an address there is no null: what may be left out is not there.
fn without_null(mut schema: Value) -> Value {
    if let Some(kinds) = schema.get("type").and_then(Value::as_array) {
        let kind = kinds.iter().find(|kind| *kind != "null").cloned();
        schema["type"] = kind.unwrap_or_else(|| json!("string"));
    }
    schema
}

fn responses(route: &Route) -> Value {
    let mut responses = Map::new();
    let about = route.status.canonical_reason().unwrap_or("Done");
    let mut good = json!({ "description": about });
    if let Some(answer) = &route.answer {
        good["content"] = content(answer, route.answer_kind);
    }
    responses.insert(route.status.as_str().to_owned(), good);
    let problem = json!({ "application/problem+json": {
        "schema": { "$ref": "#/components/schemas/ProblemDocument" } } });
    let mut refusals: Vec<u16> = vec![400, 408, 413, 429, 500, 503];
    if route.need != Need::Nobody {
        refusals.extend([401, 403]);
    }
    if variables(route.path).next().is_some() {
        refusals.push(404);
    }
    refusals.extend(route.refusals);
    for status in refusals {
        let about =
            axum::http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
        responses.insert(
            status.to_string(),
            json!({ "description": about.unwrap_or("Refused"), "content": problem }),
        );
    }
    Value::Object(responses)
}
