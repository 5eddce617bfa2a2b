//! go-plugin's handshake: variables of the environment, and one line on stdout.
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

/// The version of go-plugin's handshake, which has always been 1.
const CORE_VERSION: u32 = 1;
/// The only supported plugin protocol: it has nested attributes, and Terraform supports it since 1.0.
const PROTOCOL_VERSION: u32 = 6;

/// Not a secret: it only distinguishes a start by Terraform from a manual start.
const COOKIE_NAME: &str = "TF_PLUGIN_MAGIC_COOKIE";
const COOKIE: &str = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";

/// go-plugin's default range.
const PORTS: RangeInclusive<u16> = 10_000..=25_000;

/// What Terraform sets in the environment of a plugin.
#[derive(Debug)]
pub struct HandshakeConfig {
    /// The only client certificate to accept. `None` when the user has set `TF_DISABLE_PLUGIN_TLS`.
    pub client_certificate: Option<CertificateDer<'static>>,
    /// The directory for the socket, if Terraform requests one.
    pub socket_dir: Option<PathBuf>,
    /// The ports to listen on where there are no Unix sockets.
    pub ports: RangeInclusive<u16>,
}

/// Why the process does not serve, and what the user can do.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum HandshakeError {
    /// The environment lacks Terraform's magic cookie: the program was started manually.
    #[error("This program is a Terraform provider. Terraform or OpenTofu must start it.")]
    NotStartedByTerraform,
    /// Terraform offers other versions of the plugin protocol only.
    #[error(
        "PLUGIN_PROTOCOL_VERSIONS must include {PROTOCOL_VERSION}, got {offered}. Use Terraform 1.0 or newer, or OpenTofu."
    )]
    UnsupportedProtocol {
        /// The value of `PLUGIN_PROTOCOL_VERSIONS`, as shown to the user.
        offered: String,
    },
    /// The certificate in the environment cannot be parsed.
    #[error(
        "PLUGIN_CLIENT_CERT must be a certificate in PEM format, got an error: {0}. \
         Terraform sets this variable: unset it in your environment."
    )]
    InvalidCertificate(String),
}

impl HandshakeConfig {
    /// Reads the environment of this process.
    ///
    /// # Errors
    /// As [`HandshakeConfig::read`].
    pub fn from_env() -> Result<Self, HandshakeError> {
        Self::read(|name| env::var_os(name))
    }

    /// For `--debug`: no certificate, and the default address.
    pub fn for_debug() -> Self {
        Self {
            client_certificate: None,
            socket_dir: None,
            ports: PORTS,
        }
    }

    /// Reads variables from any source.
    ///
    /// # Errors
    /// When Terraform did not start the process, offers no protocol 6, or sends an invalid certificate.
    pub fn read(variable: impl Fn(&str) -> Option<OsString>) -> Result<Self, HandshakeError> {
        // Lossy, so that a value that is not UTF-8 is invalid rather than unset.
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

/// The handshake line: the address and the certificate of the server. Without a certificate the connection is plain HTTP/2.
pub fn line(address: &Address, certificate: Option<&CertificateDer<'_>>) -> String {
    // Terraform decodes base64 without padding.
    let certificate = certificate
        .map(|der| STANDARD_NO_PAD.encode(der))
        .unwrap_or_default();
    let (network, address) = (address.network(), address);
    format!("{CORE_VERSION}|{PROTOCOL_VERSION}|{network}|{address}|grpc|{certificate}")
}

/// Writes a line to stdout and flushes; nothing else in the crate writes there.
///
/// # Errors
/// When stdout is closed.
pub fn print_line(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{text}")?;
    stdout.flush()
}

fn check_versions(offered: Option<String>) -> Result<(), HandshakeError> {
    let offered = offered.unwrap_or_default();
    // The order has no meaning: Terraform makes the list from a map.
    if offered
        .split(',')
        .any(|version| version.trim().parse() == Ok(PROTOCOL_VERSION))
    {
        return Ok(());
    }
    let offered = if offered.is_empty() {
        "none".to_owned()
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
    fn missing_cookie_means_a_manual_start() {
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
    fn order_of_versions_does_not_matter() {
        for accepted in ["6", "5,6", "6,5", " 5 , 6 "] {
            assert!(
                read(&[(COOKIE_NAME, COOKIE), ("PLUGIN_PROTOCOL_VERSIONS", accepted)]).is_ok(),
                "{accepted}"
            );
        }
        for rejected in ["5", "4,5", "66", "", "x"] {
            let error = read(&[(COOKIE_NAME, COOKIE), ("PLUGIN_PROTOCOL_VERSIONS", rejected)]).unwrap_err();
            assert!(
                matches!(error, HandshakeError::UnsupportedProtocol { .. }),
                "{rejected}"
            );
        }
    }

    #[test]
    fn invalid_certificate_is_an_error() {
        let error = read(&[
            (COOKIE_NAME, COOKIE),
            ("PLUGIN_PROTOCOL_VERSIONS", "6"),
            ("PLUGIN_CLIENT_CERT", "not PEM"),
        ])
        .unwrap_err();
        assert!(matches!(error, HandshakeError::InvalidCertificate(_)));
    }

    #[test]
    fn messages() {
        let versions = |offered| read(&[(COOKIE_NAME, COOKIE), ("PLUGIN_PROTOCOL_VERSIONS", offered)]);
        let certificate = read(&[
            (COOKIE_NAME, COOKIE),
            ("PLUGIN_PROTOCOL_VERSIONS", "6"),
            ("PLUGIN_CLIENT_CERT", "not PEM"),
        ]);
        let all = [read(&[]), versions("4,5"), versions(""), certificate];
        let all = all.map(|result| result.unwrap_err().to_string());
        insta::assert_snapshot!(all.join("\n"));
    }

    #[test]
    fn line_has_six_fields_and_an_unpadded_certificate() {
        let address = Address::Unix("/tmp/x/socket".into());
        let certificate = CertificateDer::from(vec![0xfb_u8]);
        assert_eq!(
            line(&address, Some(&certificate)),
            "1|6|unix|/tmp/x/socket|grpc|+w"
        );
        assert_eq!(line(&address, None), "1|6|unix|/tmp/x/socket|grpc|");
    }
}
