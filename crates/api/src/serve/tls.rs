//! TLS from two PEM files.

use super::ApiError;
use crate::config::Tls;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;

pub(super) fn acceptor(tls: &Tls) -> Result<TlsAcceptor, ApiError> {
    let bad = |why: &dyn std::fmt::Display| ApiError::Tls { why: why.to_string() };
    let chain = CertificateDer::pem_file_iter(&tls.certificate).map_err(|error| bad(&error))?;
    let chain = chain.collect::<Result<Vec<_>, _>>().map_err(|error| bad(&error))?;
    let key = PrivateKeyDer::from_pem_file(&tls.key).map_err(|error| bad(&error))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| bad(&error))?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|error| bad(&error))?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}
