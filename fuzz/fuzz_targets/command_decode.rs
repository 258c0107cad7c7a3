//! A record of any bytes is read or refused; what is read is written and read back as the same, and a command
//! that is read can be said and understood.
#![no_main]

use libfuzzer_sys::fuzz_target;
use model::line::{Line, OrderNames, parse, render_command, render_event};
use model::{Directory, decode, encode_events, encode_head};

fuzz_target!(|bytes: &[u8]| {
    let Ok(record) = decode(1, bytes) else { return };
    let mut again = Vec::new();
    encode_head(record.stamped.time, &record.stamped.command, &mut again).expect("a record can be written");
    encode_events(&record.events, &mut again).expect("events can be written");
    assert_eq!(decode(1, &again).as_ref(), Ok(&record));

    let (mut directory, mut orders) = (Directory::default(), OrderNames::new(64));
    orders.hear(&record.stamped.command);
    for event in &record.events {
        directory.learn(event);
        orders.learn(event);
        assert!(!render_event(event, &directory, &orders).is_empty());
    }
    let said = render_command(&record.stamped.command, &directory, &orders);
    let heard = parse(&said, &directory, &orders).expect("what is written can be read");
    assert_eq!(heard, Some(Line::Command(record.stamped.command)), "{said}");
});
