//! Records: what is written is what is read, and damaged bytes are an error, never a panic or a guess.

use crate::any::make;
use model::{
    Command, DecodeError, Event, Record, Stamped, Time, VERSION, decode, decode_command, encode_events,
    encode_head,
};
use proptest::collection::vec;
use proptest::prelude::{any, proptest};
use proptest::{prop_assert, prop_assert_eq};

pub fn encode(time: Time, command: &Command, events: &[Event]) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode_head(time, command, &mut bytes).unwrap();
    encode_events(events, &mut bytes).unwrap();
    bytes
}

proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(2_000))]

    #[test]
    fn what_is_written_is_read(head in vec(any::<u8>(), 0..300), tail in vec(vec(any::<u8>(), 0..200), 0..4)) {
        let command: Command = make(&head);
        let events: Vec<Event> = tail.iter().map(|entropy| make(entropy)).collect();
        let bytes = encode(Time(5), &command, &events);
        let stamped = Stamped { seq: 9, time: Time(5), command };
        prop_assert_eq!(decode(9, &bytes), Ok(Record { stamped, events }));
    }

    #[test]
    fn no_bytes_make_it_panic(mut bytes in vec(any::<u8>(), 0..400), versioned in any::<bool>()) {
        if let (true, Some(first)) = (versioned, bytes.first_mut()) {
            *first = VERSION;
        }
        if let Ok(record) = decode(1, &bytes) {
            let again = encode(record.stamped.time, &record.stamped.command, &record.events);
            prop_assert_eq!(decode(1, &again), Ok(record));
        }
    }

    #[test]
    fn a_cut_record_is_an_error(entropy in vec(any::<u8>(), 0..200), cut in any::<usize>()) {
        let command: Command = make(&entropy);
        let bytes = encode(Time(5), &command, &[]);
        let cut = cut % bytes.len();
        prop_assert!(matches!(decode(1, &bytes[..cut]), Err(DecodeError::Short { .. })), "{} of {:?}", cut, bytes);
    }
}

#[test]
fn damage_is_named() {
    let whole = encode(Time(0), &Command::AdvanceTime, &[Event::TimeAdvanced]);
    assert_eq!(whole, [1, 0, 0, 0]);
    let check =
        |bytes: &[u8], expected: DecodeError| assert_eq!(decode(1, bytes), Err(expected), "{bytes:?}");
    check(&[], DecodeError::Short { what: "version" });
    check(&[0, 0, 0], DecodeError::UnknownVersion { found: 0 });
    check(&[VERSION + 1, 0, 0], DecodeError::UnknownVersion { found: VERSION + 1 });
    check(&[1], DecodeError::Short { what: "time" });
    check(&[1, 0], DecodeError::Short { what: "command" });
    check(&[1, 0, 255, 1], DecodeError::Unreadable { what: "command" });
    check(&[1, 0, 0, 255, 1], DecodeError::Unreadable { what: "event" });
    check(&[1, 0, 0, 1], DecodeError::Short { what: "event" });
    check(
        &[1, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255],
        DecodeError::Unreadable { what: "time" },
    );
}

#[test]
fn the_head_hands_back_the_bytes_of_the_events() {
    let bytes = encode(Time(7), &Command::AdvanceTime, &[Event::TimeAdvanced, Event::StatisticTaken]);
    let (stamped, rest) = decode_command(3, &bytes).unwrap();
    assert_eq!((stamped.seq, stamped.time, rest.len()), (3, Time(7), 2));
}

/// What every queue slot and every step of the engine pays for.
#[test]
fn values_stay_small() {
    let (event, command) = (size_of::<Event>(), size_of::<Command>());
    assert!(event <= 144, "an event is {event} bytes");
    assert!(command <= 256, "a command is {command} bytes");
}
