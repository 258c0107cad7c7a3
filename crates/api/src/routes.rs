//! The list of all addresses. One line adds a part of the front desk.

use crate::route::Route;
use crate::{
    account, audit, auth, health, house, margin, market, older, order, pages, portfolio, risk, socket,
    strategy, trade,
};

pub(crate) fn all() -> Vec<Route> {
    let parts = [
        order::routes(),
        trade::routes(),
        portfolio::routes(),
        account::routes(),
        margin::routes(),
        strategy::routes(),
        market::routes(),
        risk::routes(),
        auth::routes(),
        audit::routes(),
        house::routes(),
        socket::routes(),
        health::routes(),
        pages::routes(),
        older::routes(),
    ];
    parts.into_iter().flatten().collect()
}
