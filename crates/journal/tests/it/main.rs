//! The promises of the journal, each with a number: cuts, tears, failing disks, damage, tampering, and the
//! bytes of the format. Everything is seeded and a failure names its seed.

mod cut;
mod damage;
mod faults;
mod files;
mod follow;
mod golden;
mod retention;
mod room;
mod roundtrip;
mod snapshots;
mod tamper;
mod torn;
mod workload;
