//! Orders over HTTP. Reading and checking the form is here; whether an order may be is the engine's.

pub(crate) mod algo;
pub(crate) mod body;
pub(crate) mod change;
pub(crate) mod list;
pub(crate) mod place;
pub(crate) mod plain;
mod told;
pub(crate) mod view;

use crate::auth::Power;
use crate::route::{Need, Route};
use axum::http::{Method, StatusCode};
use view::OrderView;

pub(crate) fn routes() -> Vec<Route> {
    [of_many(), of_one()].into_iter().flatten().collect()
}

/// New orders, and all of them.
fn of_many() -> Vec<Route> {
    let (read, trade) = (Need::Power(Power::Read), Need::Power(Power::Trade));
    vec![
        Route::new(Method::POST, "/api/v1/orders", trade, "Place an order", place::place)
            .query::<place::PlaceQuery>()
            .body::<body::OrderBody>()
            .gives::<OrderView>()
            .status(StatusCode::CREATED)
            .refuses(&[200, 404, 409, 422]),
        Route::new(Method::GET, "/api/v1/orders", read, "Orders, the newest first", list::list)
            .query::<list::OrderQuery>()
            .pages::<OrderView>()
            .refuses(&[404]),
        Route::new(
            Method::DELETE,
            "/api/v1/orders",
            trade,
            "Cancel all orders that match",
            change::cancel_all,
        )
        .query::<change::MassQuery>()
        .gives::<change::Cancelled>()
        .refuses(&[404, 409, 422]),
        Route::new(Method::POST, "/api/v1/orders/batch", trade, "Place several orders", place::place_many)
            .body::<place::BatchBody>()
            .lists::<place::BatchLine>(),
        Route::new(
            Method::POST,
            "/api/v1/orders/batch/cancel",
            trade,
            "Cancel several orders",
            change::cancel_many,
        )
        .body::<change::CancelManyBody>()
        .lists::<change::CancelLine>(),
        Route::new(
            Method::POST,
            "/api/v1/orders/groups",
            trade,
            "Place orders that depend on each other",
            place::place_group,
        )
        .body::<place::GroupBody>()
        .gives::<place::GroupView>()
        .status(StatusCode::CREATED)
        .refuses(&[404, 409, 422]),
        Route::new(
            Method::DELETE,
            "/api/v1/orders/groups/{id}",
            trade,
            "Cancel a group",
            change::cancel_group,
        )
        .query::<change::OwnerQuery>()
        .gives::<change::Cancelled>()
        .refuses(&[409, 422]),
        Route::new(
            Method::DELETE,
            "/api/v1/orders/algos/{id}",
            trade,
            "Cancel an algorithm",
            change::cancel_algo,
        )
        .query::<change::OwnerQuery>()
        .gives::<change::Cancelled>()
        .refuses(&[409, 422]),
    ]
}

/// One order.
fn of_one() -> Vec<Route> {
    let (read, trade) = (Need::Power(Power::Read), Need::Power(Power::Trade));
    vec![
        Route::new(Method::GET, "/api/v1/orders/{id}", read, "One order", list::get)
            .gives::<OrderView>()
            .refuses(&[304]),
        Route::new(Method::PUT, "/api/v1/orders/{id}", trade, "Change an order", change::modify)
            .body::<change::ChangeBody>()
            .gives::<OrderView>()
            .refuses(&[409, 422]),
        Route::new(Method::DELETE, "/api/v1/orders/{id}", trade, "Cancel an order", change::cancel)
            .gives::<OrderView>()
            .refuses(&[409, 422]),
        Route::new(Method::POST, "/api/v1/orders/{id}/cancel", trade, "Cancel an order", change::cancel)
            .gives::<OrderView>()
            .refuses(&[409, 422]),
        Route::new(
            Method::GET,
            "/api/v1/orders/{id}/history",
            read,
            "What became of an order, and why",
            list::history,
        )
        .lists::<list::StepView>(),
    ]
}
