//! The front desk: REST and WebSocket over the node and the archive, with who may do what. A request becomes a
//! command or a look, and its answer is told only once it is durable. Absent: any rule of trading; every refusal
//! of an order is the engine's own, told in JSON.

mod account;
mod audit;
mod auth;
mod call;
mod clock;
mod config;
mod decimal;
mod desk;
mod document;
mod door;
mod feed;
mod gauge;
mod health;
mod house;
mod margin;
mod market;
mod names;
mod older;
mod order;
mod pages;
mod pen;
mod portfolio;
pub mod probe;
mod problem;
mod risk;
mod route;
mod routes;
mod serve;
mod socket;
mod strategy;
mod trade;

pub use config::{Config, SignUp, Tls};
pub use document::document;
pub use older::Service;
pub use serve::{Api, ApiError, Parts};
