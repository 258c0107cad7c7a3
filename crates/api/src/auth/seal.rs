//! Secrets that have to be read again, sealed: a key for each use out of the installation's master key, and the
//! owner and purpose bound in, so that a sealed secret moved to another row does not open.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use sha2::Sha256;

const NONCE: usize = 24;

/// A key for one purpose.
pub(crate) fn derive(master: &[u8; 32], purpose: &str) -> [u8; 32] {
    let mut key = [0; 32];
    let derived = Hkdf::<Sha256>::new(None, master).expand(purpose.as_bytes(), &mut key);
    derived.expect("invariant: 32 bytes are a valid length");
    key
}

pub(crate) struct Sealer(XChaCha20Poly1305);

impl Sealer {
    pub(crate) fn new(master: &[u8; 32]) -> Self {
        Self(XChaCha20Poly1305::new(&derive(master, "sealed secrets").into()))
    }

    /// Seals for an owner and a purpose, such as `user:5:totp`.
    pub(crate) fn seal(&self, bound: &str, secret: &[u8]) -> Vec<u8> {
        let nonce = super::secret::random::<NONCE>();
        let payload = Payload { msg: secret, aad: bound.as_bytes() };
        let sealed = self.0.encrypt(&XNonce::from(nonce), payload);
        let mut whole = nonce.to_vec();
        whole.extend(sealed.expect("invariant: short secrets can be sealed"));
        whole
    }

    /// None where it was sealed with another key, for another purpose, or was changed.
    pub(crate) fn open(&self, bound: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE)?;
        let nonce: [u8; NONCE] = nonce.try_into().ok()?;
        self.0.decrypt(&XNonce::from(nonce), Payload { msg: sealed, aad: bound.as_bytes() }).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_opens_for_its_purpose_only() {
        let sealer = Sealer::new(&[7; 32]);
        let sealed = sealer.seal("user:5:totp", b"secret");
        assert_eq!(sealer.open("user:5:totp", &sealed).as_deref(), Some(&b"secret"[..]));
        assert_eq!(sealer.open("user:6:totp", &sealed), None);
        assert_eq!(Sealer::new(&[8; 32]).open("user:5:totp", &sealed), None);
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(sealer.open("user:5:totp", &changed), None);
        }
        assert_eq!(sealer.open("user:5:totp", b"short"), None);
    }
}
