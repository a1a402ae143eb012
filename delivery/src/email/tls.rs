//! The encrypted streams: whose certificates are trusted, and what `lettre` is given to speak over.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::{fmt, io};

use lettre::transport::smtp::client::{AsyncTokioStream, Certificate, CertificateStore, TlsParameters};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::settings::SmtpSettings;

/// What a client trusts: the relay's own CA when one is set, else the public authorities. The error is readable.
pub(super) fn client_config(settings: &SmtpSettings) -> Result<ClientConfig, String> {
    let mut roots = RootCertStore::empty();
    match &settings.ca_pem {
        Some(pem) => {
            for certificate in CertificateDer::pem_slice_iter(pem) {
                let certificate = certificate.map_err(|error| format!("the CA file: {error}"))?;
                roots.add(certificate).map_err(|error| format!("the CA file: {error}"))?;
            }
            if roots.is_empty() {
                return Err("the CA file holds no certificate".to_owned());
            }
        }
        None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| error.to_string())?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

/// The same trust, in the form `lettre` wants for STARTTLS.
pub(super) fn starttls_parameters(settings: &SmtpSettings) -> Result<TlsParameters, String> {
    let builder = TlsParameters::builder(settings.host.clone());
    let builder = match &settings.ca_pem {
        Some(pem) => builder
            .certificate_store(CertificateStore::None)
            .add_root_certificate(Certificate::from_pem(pem).map_err(|error| format!("the CA file: {error}"))?),
        None => builder.certificate_store(CertificateStore::WebpkiRoots),
    };
    builder.build_rustls().map_err(|error| error.to_string())
}

/// TLS from the first byte.
#[derive(Debug)]
pub(super) struct ImplicitTls(TlsStream<TcpStream>);

impl ImplicitTls {
    /// The handshake. The error is readable.
    pub(super) async fn handshake(settings: &SmtpSettings, tcp: TcpStream) -> Result<Self, String> {
        let connector = TlsConnector::from(Arc::new(client_config(settings)?));
        let name = ServerName::try_from(settings.host.clone()).map_err(|error| error.to_string())?;
        connector.connect(name, tcp).await.map(Self).map_err(|error| error.to_string())
    }
}

/// A connection that is to be encrypted later, read by at most one line at a time.
///
/// What somebody puts behind the reply to STARTTLS in the clear thus stays unread until the handshake, which it breaks;
/// `lettre`'s own buffer would take it for a reply that came encrypted.
pub(super) struct LineWise(pub(super) TcpStream);

impl fmt::Debug for LineWise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl AsyncRead for LineWise {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let mut storage = [0_u8; 1024];
        let mut peeked = ReadBuf::new(&mut storage);
        ready!(self.0.poll_peek(cx, &mut peeked))?;
        let available = peeked.filled();
        let line = available.iter().position(|byte| *byte == b'\n').map_or(available.len(), |at| at + 1);
        let limit = line.max(1).min(buf.remaining());
        let mut one_line = ReadBuf::new(storage.get_mut(..limit).unwrap_or_default());
        ready!(Pin::new(&mut self.0).poll_read(cx, &mut one_line))?;
        buf.put_slice(one_line.filled());
        Poll::Ready(Ok(()))
    }
}

macro_rules! write_through {
    ($stream:ty) => {
        impl AsyncWrite for $stream {
            fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
                Pin::new(&mut self.0).poll_write(cx, buf)
            }

            fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                Pin::new(&mut self.0).poll_flush(cx)
            }

            fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                Pin::new(&mut self.0).poll_shutdown(cx)
            }
        }
    };
}

write_through!(LineWise);
write_through!(ImplicitTls);

impl AsyncRead for ImplicitTls {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl AsyncTokioStream for LineWise {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.0.peer_addr()
    }
}

impl AsyncTokioStream for ImplicitTls {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.0.get_ref().0.peer_addr()
    }
}
