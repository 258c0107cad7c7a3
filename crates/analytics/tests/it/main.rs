//! The figures against other libraries on real prices, and the identities that hold for any input.

mod evidence;
mod execution_properties;
mod golden;
mod options;
mod performance;
mod performance_properties;
mod risk;
mod risk_properties;
mod wild;
