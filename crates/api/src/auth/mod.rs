//! Who asks, and may they. A person signs in and gets a short token and a long one; a program has a key, and may
//! sign its requests with it. Both become a caller with powers. What was looked up is believed for some seconds,
//! and forgotten at once when it changes here. Absent: passwords and secrets in the clear, anywhere.

mod doorman;
mod key;
mod limiter;
mod password;
mod person;
mod power;
mod seal;
mod secret;
pub(crate) mod setup;
mod sign_in;
mod sign_up;
mod signature;
mod token;
mod totp;
mod users;

pub(crate) use doorman::{Admission, Doorman, check_second_factor};
pub(crate) use limiter::Left;
pub(crate) use power::{Caller, Power, Via};
pub(crate) use secret::fingerprint;

use crate::route::Route;

pub(crate) fn routes() -> Vec<Route> {
    let parts = [
        setup::routes(),
        sign_up::routes(),
        sign_in::routes(),
        person::routes(),
        key::routes(),
        users::routes(),
    ];
    parts.into_iter().flatten().collect()
}
