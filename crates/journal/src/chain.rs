//! The hash chain: each value commits to everything before it, so a changed, dropped, added or reordered
//! record changes every later value.
//!
//! A step is one BLAKE3 hash keyed with the value before: two compressions for a payload of 128 bytes and no
//! hasher to set up. Absent: a secret; who can rewrite the whole journal can rewrite the chain, so a copy of
//! its head kept elsewhere is what proves a history.

use std::fmt;

#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Chain([u8; 32]);

impl Chain {
    #[must_use]
    pub fn genesis(shard: u32) -> Self {
        Self(blake3::derive_key("staysail journal v1 genesis", &shard.to_le_bytes()))
    }

    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    #[must_use]
    pub fn hex(&self) -> String {
        blake3::Hash::from_bytes(self.0).to_hex().to_string()
    }

    #[inline]
    pub(crate) fn step(&self, bytes: &[u8]) -> Self {
        Self(*blake3::keyed_hash(&self.0, bytes).as_bytes())
    }

    /// The first eight bytes, kept with every record so that damage is pinned to one of them.
    #[inline]
    pub(crate) fn tag(&self) -> u64 {
        let [a, b, c, d, e, f, g, h, ..] = self.0;
        u64::from_le_bytes([a, b, c, d, e, f, g, h])
    }
}

impl fmt::Debug for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.hex())
    }
}
