//! The bytes of a WebSocket: whatever comes is heard or ends with its code, however it is cut.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| api::probe::frames(bytes));
