//! The handshake of go-plugin: what the environment says, and the line that answers it.
//!
//! Rules: <https://github.com/hashicorp/go-plugin/blob/v1.8.0/docs/guide-plugin-write-non-go.md>, and `client.go`
//! and `server.go` of the same tag.

use std::{
    env,
    ffi::OsString,
    io::{self, Write as _},
    ops::RangeInclusive,
    path::PathBuf,
};

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use rustls::pki_types::{CertificateDer, pem::PemObject as _};

use super::address::Address;

/// go-plugin's handshake itself has a version, which has always been 1.
const CORE_VERSION: u32 = 1;
/// The only plugin protocol spoken here: nested attributes exist from 6 on, and Terraform has it since 1.0.
const PROTOCOL_VERSION: u32 = 6;

/// Not a secret: it only tells a start by Terraform from a start by hand.
const COOKIE_NAME: &str = "TF_PLUGIN_MAGIC_COOKIE";
const COOKIE: &str = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";

/// go-plugin's own range.
const PORTS: RangeInclusive<u16> = 10_000..=25_000;

/// What Terraform sets in the environment of a plugin that it starts.
#[derive(Debug)]
pub struct HandshakeConfig {
    /// The only certificate that may connect. None when the user has set `TF_DISABLE_PLUGIN_TLS`.
    pub client_certificate: Option<CertificateDer<'static>>,
    /// The folder in which the host wants the socket, if it cares.
    pub socket_dir: Option<PathBuf>,
    /// Where a host without Unix sockets may be met.
    pub ports: RangeInclusive<u16>,
}

/// Why the process does not serve; each says what the user can do.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum HandshakeError {
    /// The environment lacks Terraform's magic cookie: a person started the program.
    #[error("This program is a Terraform provider: Terraform and OpenTofu start it, people do not.")]
    NotStartedByTerraform,
    /// Terraform offers other versions of the plugin protocol only.
    #[error(
        "This provider speaks plugin protocol {PROTOCOL_VERSION}, and the program that started it offers {offered}. \
         Use Terraform 1.0 or newer, or OpenTofu."
    )]
    UnsupportedProtocol {
        /// What `PLUGIN_PROTOCOL_VERSIONS` held, in words.
        offered: String,
    },
    /// The certificate in the environment cannot be read.
    #[error(
        "PLUGIN_CLIENT_CERT must hold one certificate in PEM form, and does not: {0}. Terraform sets this variable \
         itself; leave it unset otherwise."
    )]
    InvalidCertificate(String),
}

impl HandshakeConfig {
    /// Reads it from the environment of this process.
    pub fn from_env() -> Result<Self, HandshakeError> {
        Self::read(|name| env::var_os(name))
    }

    /// Without an environment, for `--debug`: no certificate, and the usual places.
    pub fn for_debug() -> Self {
        Self {
            client_certificate: None,
            socket_dir: None,
            ports: PORTS,
        }
    }

    /// Reads it from any source of variables.
    pub fn read(variable: impl Fn(&str) -> Option<OsString>) -> Result<Self, HandshakeError> {
        // Lossy, so that a value which is no text is refused for what it is, and never taken for an unset one.
        let text = |name| {
            variable(name)
                .map(|v| v.to_string_lossy().into_owned())
                .filter(|v| !v.is_empty())
        };
        if text(COOKIE_NAME).as_deref() != Some(COOKIE) {
            return Err(HandshakeError::NotStartedByTerraform);
        }
        check_versions(text("PLUGIN_PROTOCOL_VERSIONS"))?;
        let client_certificate = match text("PLUGIN_CLIENT_CERT") {
            None => None,
            Some(pem) => Some(
                CertificateDer::from_pem_slice(pem.as_bytes())
                    .map_err(|error| HandshakeError::InvalidCertificate(error.to_string()))?,
            ),
        };
        let port = |name, default| text(name).and_then(|port| port.parse().ok()).unwrap_or(default);
        Ok(Self {
            client_certificate,
            socket_dir: variable("PLUGIN_UNIX_SOCKET_DIR")
                .filter(|dir| !dir.is_empty())
                .map(PathBuf::from),
            ports: port("PLUGIN_MIN_PORT", *PORTS.start())..=port("PLUGIN_MAX_PORT", *PORTS.end()),
        })
    }
}

/// The line that tells the host where to connect. Without a certificate the connection is plain HTTP/2.
pub fn line(address: &Address, certificate: Option<&CertificateDer<'_>>) -> String {
    // The host decodes the certificate as base64 without padding.
    let certificate = certificate
        .map(|der| STANDARD_NO_PAD.encode(der))
        .unwrap_or_default();
    let (network, address) = (address.network(), address);
    format!("{CORE_VERSION}|{PROTOCOL_VERSION}|{network}|{address}|grpc|{certificate}")
}

/// Writes to stdout, and flushes: the only place in the crate that does. A plugin may print exactly one line.
pub fn print_handshake_line(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{text}")?;
    stdout.flush()
}

fn check_versions(offered: Option<String>) -> Result<(), HandshakeError> {
    let offered = offered.unwrap_or_default();
    // Go makes the list from a map: its order means nothing.
    if offered
        .split(',')
        .any(|version| version.trim().parse() == Ok(PROTOCOL_VERSION))
    {
        return Ok(());
    }
    let offered = if offered.is_empty() {
        "none (PLUGIN_PROTOCOL_VERSIONS is empty)".to_owned()
    } else {
        offered
    };
    Err(HandshakeError::UnsupportedProtocol { offered })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<HandshakeConfig, HandshakeError> {
        HandshakeConfig::read(|name| {
            variables
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn without_the_cookie_it_was_started_by_hand() {
        let versions = ("PLUGIN_PROTOCOL_VERSIONS", "6");
        assert_eq!(
            read(&[versions]).unwrap_err(),
            HandshakeError::NotStartedByTerraform
        );
        assert_eq!(
            read(&[versions, (COOKIE_NAME, "wrong")]).unwrap_err(),
            HandshakeError::NotStartedByTerraform
        );
    }

    #[test]
    fn versions_are_a_set() {
        for accepted in ["6", "5,6", "6,5", " 5 , 6 "] {
            assert!(
                read(&[(COOKIE_NAME, COOKIE), ("PLUGIN_PROTOCOL_VERSIONS", accepted)]).is_ok(),
                "{accepted}"
            );
        }
        for refused in ["5", "4,5", "66", "", "x"] {
            let error = read(&[(COOKIE_NAME, COOKIE), ("PLUGIN_PROTOCOL_VERSIONS", refused)]).unwrap_err();
            assert!(
                matches!(error, HandshakeError::UnsupportedProtocol { .. }),
                "{refused}"
            );
        }
    }

    #[test]
    fn a_certificate_that_cannot_be_read_is_refused_and_not_ignored() {
        let error = read(&[
            (COOKIE_NAME, COOKIE),
            ("PLUGIN_PROTOCOL_VERSIONS", "6"),
            ("PLUGIN_CLIENT_CERT", "not PEM"),
        ])
        .unwrap_err();
        assert!(matches!(error, HandshakeError::InvalidCertificate(_)));
    }

    #[test]
    fn the_line_has_six_fields_and_an_unpadded_certificate() {
        let address = Address::Unix("/tmp/x/socket".into());
        let certificate = CertificateDer::from(vec![0xfb_u8]);
        assert_eq!(
            line(&address, Some(&certificate)),
            "1|6|unix|/tmp/x/socket|grpc|+w"
        );
        assert_eq!(line(&address, None), "1|6|unix|/tmp/x/socket|grpc|");
    }
}
