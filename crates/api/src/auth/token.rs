//! Access tokens: JSON Web Tokens signed with HMAC-SHA256, and no other kind. The header is compared and not
//! interpreted, so a token cannot choose how it is checked.

use super::seal::derive;
use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;
const AUDIENCE: &str = "staysail";
/// Clocks may differ by so much.
const LEEWAY_S: i64 = 5;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Claims {
    /// The user's number.
    pub(super) sub: u32,
    /// The session's.
    pub(super) sid: i64,
    pub(super) iat: i64,
    pub(super) exp: i64,
    aud: String,
    #[serde(rename = "use")]
    purpose: String,
    /// Whether a second factor was shown.
    pub(super) mfa: bool,
    /// As they were when it was given; what the archive says counts, where it can be asked.
    #[serde(default)]
    pub(super) name: String,
    #[serde(default)]
    pub(super) role: String,
}

impl Claims {
    pub(super) fn new(sub: u32, sid: i64, (iat, exp): (i64, i64), mfa: bool) -> Self {
        let (aud, purpose) = (AUDIENCE.to_owned(), "access".to_owned());
        Self { sub, sid, iat, exp, aud, purpose, mfa, name: String::new(), role: String::new() }
    }

    pub(super) fn of(self, name: &str, role: &str) -> Self {
        Self { name: name.to_owned(), role: role.to_owned(), ..self }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bad {
    Invalid,
    Expired,
}

pub(super) struct Signer(Hmac<Sha256>);

impl Signer {
    pub(super) fn new(master: &[u8; 32]) -> Self {
        let mac = Hmac::<Sha256>::new_from_slice(&derive(master, "access tokens"));
        Self(mac.expect("invariant: HMAC takes keys of any length"))
    }

    pub(super) fn sign(&self, claims: &Claims) -> String {
        let claims = serde_json::to_vec(claims).unwrap_or_default();
        let mut token = BASE64URL_NOPAD.encode(HEADER.as_bytes());
        token.push('.');
        token.push_str(&BASE64URL_NOPAD.encode(&claims));
        let mac = self.0.clone().chain_update(token.as_bytes()).finalize().into_bytes();
        token.push('.');
        token.push_str(&BASE64URL_NOPAD.encode(&mac));
        token
    }

    pub(super) fn check(&self, token: &str, now_s: i64) -> Result<Claims, Bad> {
        let (signed, mac) = token.rsplit_once('.').ok_or(Bad::Invalid)?;
        let mac = BASE64URL_NOPAD.decode(mac.as_bytes()).or(Err(Bad::Invalid))?;
        self.0.clone().chain_update(signed.as_bytes()).verify_slice(&mac).or(Err(Bad::Invalid))?;
        let (header, claims) = signed.split_once('.').ok_or(Bad::Invalid)?;
        if header != BASE64URL_NOPAD.encode(HEADER.as_bytes()) {
            return Err(Bad::Invalid);
        }
        let claims = BASE64URL_NOPAD.decode(claims.as_bytes()).or(Err(Bad::Invalid))?;
        let claims: Claims = serde_json::from_slice(&claims).or(Err(Bad::Invalid))?;
        if claims.aud != AUDIENCE || claims.purpose != "access" || claims.iat > now_s.saturating_add(LEEWAY_S)
        {
            return Err(Bad::Invalid);
        }
        if claims.exp.saturating_add(LEEWAY_S) < now_s { Err(Bad::Expired) } else { Ok(claims) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forged(signer: &Signer, header: &str, claims: &str) -> String {
        let signed = format!(
            "{}.{}",
            BASE64URL_NOPAD.encode(header.as_bytes()),
            BASE64URL_NOPAD.encode(claims.as_bytes())
        );
        let mac = signer.0.clone().chain_update(signed.as_bytes()).finalize().into_bytes();
        format!("{signed}.{}", BASE64URL_NOPAD.encode(&mac))
    }

    #[test]
    fn a_token_is_believed_for_its_time_only() {
        let signer = Signer::new(&[1; 32]);
        let claims = Claims::new(7, 3, (1000, 1900), true);
        let token = signer.sign(&claims);
        for (now, expected) in [
            (1000, Ok(claims.clone())),
            (995, Ok(claims.clone())),
            (994, Err(Bad::Invalid)),
            (1905, Ok(claims.clone())),
            (1906, Err(Bad::Expired)),
        ] {
            assert_eq!(signer.check(&token, now), expected, "{now}");
        }
        assert_eq!(Signer::new(&[2; 32]).check(&token, 1000), Err(Bad::Invalid));
    }

    #[test]
    fn a_token_cannot_choose_how_it_is_checked() {
        let signer = Signer::new(&[1; 32]);
        let good = r#"{"sub":7,"sid":3,"iat":1000,"exp":1900,"aud":"staysail","use":"access","mfa":false}"#;
        assert!(signer.check(&forged(&signer, HEADER, good), 1000).is_ok());
        for (header, claims) in [
            (r#"{"alg":"none","typ":"JWT"}"#, good.to_owned()),
            (r#"{"alg":"RS256","typ":"JWT"}"#, good.to_owned()),
            (HEADER, good.replace("staysail", "other")),
            (HEADER, good.replace("access", "refresh")),
            (HEADER, "{}".to_owned()),
        ] {
            assert_eq!(signer.check(&forged(&signer, header, &claims), 1000), Err(Bad::Invalid));
        }
        let whole = forged(&signer, HEADER, good);
        for at in 0..whole.len() {
            let mut bytes = whole.clone().into_bytes();
            bytes[at] ^= 1;
            let changed = String::from_utf8_lossy(&bytes).into_owned();
            assert!(signer.check(&changed, 1000).is_err(), "byte {at}");
        }
        let unsigned = whole.rsplit_once('.').map(|(signed, _)| format!("{signed}."));
        assert_eq!(signer.check(&unsigned.unwrap_or_default(), 1000), Err(Bad::Invalid));
    }
}
