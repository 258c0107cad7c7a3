//! A hash over all rows of a source up to one, by which a run finds that it continues the same source.
//! It depends on the values of the rows only, so it is the same on every machine of 64 bits and version.

use std::hash::{Hash, Hasher};

const PRIME: u64 = 0x9E37_79B9_7F4A_7C15;

#[derive(Debug, Default)]
pub(crate) struct Chain(u64);

impl Chain {
    pub(crate) fn add(&mut self, row: &impl Hash) -> u64 {
        row.hash(self);
        self.0
    }

    fn mix(&mut self, word: u64) {
        self.0 = (self.0 ^ word).wrapping_mul(PRIME).rotate_left(29).wrapping_add(word);
    }
}

impl Hasher for Chain {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.mix(u64::from_le_bytes(word));
        }
        self.mix(bytes.len() as u64);
    }

    fn write_i64(&mut self, value: i64) {
        self.mix(value.cast_unsigned());
    }

    fn write_isize(&mut self, value: isize) {
        self.mix(value.cast_unsigned() as u64);
    }
}
