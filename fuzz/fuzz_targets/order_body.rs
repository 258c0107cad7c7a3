//! The body of an order over HTTP: whatever comes is refused or read, and both ways to read one agree.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| api::probe::order(bytes));
