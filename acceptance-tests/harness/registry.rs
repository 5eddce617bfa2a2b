//! A stand-in for the Terraform Registry: it serves one release by the provider registry protocol, made of nothing
//! but the release's own files and the publisher's key.

use std::fs;

use serde_json::{Value, json};

use super::Packed;
use super::http1::answering;
use super::installation::platform;

/// Serves what was packed as version `version` of `facets-cloud/facets-gpu`, and tells its address. `alter` sees each
/// file before it goes out. The server lives as long as the process; the files have to outlive whoever asks.
pub(crate) fn serving(
    packed: &Packed,
    version: &'static str,
    alter: impl Fn(&str, Vec<u8>) -> Vec<u8> + Send + Sync + 'static,
) -> String {
    let key = packed.public_key();
    let key_id = packed.fingerprint()[packed.fingerprint().len() - 16..].to_owned();
    let dist = packed.file("");
    let address = answering(move |asked| {
        let (_, path) = asked.line.split_once(' ').unwrap_or_default();
        if let Some(name) = path.strip_prefix("/files/") {
            return match fs::read(dist.join(name)) {
                Ok(bytes) => (200, alter(name, bytes)),
                Err(_) => (404, Vec::new()),
            };
        }
        let read = |name: &str| fs::read_to_string(dist.join(name)).unwrap_or_default();
        let release = Release { version, read: &read };
        let host = asked
            .headers
            .iter()
            .find_map(|header| header.strip_prefix("host: "));
        let answer = match path.strip_prefix("/v1/providers/facets-cloud/facets-gpu/") {
            Some("versions") => release.versions(),
            Some(_) => release.download(host.unwrap_or_default(), &key, &key_id),
            None => return (404, Vec::new()),
        };
        (200, answer.to_string().into_bytes())
    });
    format!("http://{address}")
}

/// What the Registry reads out of the files of a release.
struct Release<'a> {
    version: &'static str,
    read: &'a dyn Fn(&str) -> String,
}

impl Release<'_> {
    fn versions(&self) -> Value {
        let (os, arch) = os_and_arch();
        json!({ "versions": [{
            "version": self.version,
            "protocols": self.protocols(),
            "platforms": [{ "os": os, "arch": arch }],
        }] })
    }

    fn download(&self, host: &str, key: &str, key_id: &str) -> Value {
        let (os, arch) = os_and_arch();
        let archive = self.name(&format!("{os}_{arch}.zip"));
        let sums = self.name("SHA256SUMS");
        let url = |name: &str| format!("http://{host}/files/{name}");
        let listed = (self.read)(&sums);
        let sum = listed
            .lines()
            .find_map(|line| line.strip_suffix(&archive))
            .unwrap_or_default();
        json!({
            "protocols": self.protocols(),
            "os": os,
            "arch": arch,
            "filename": archive,
            "download_url": url(&archive),
            "shasums_url": url(&sums),
            "shasums_signature_url": url(&format!("{sums}.sig")),
            "shasum": sum.trim(),
            "signing_keys": { "gpg_public_keys": [{ "key_id": key_id, "ascii_armor": key }] },
        })
    }

    fn protocols(&self) -> Value {
        let manifest: Value =
            serde_json::from_str(&(self.read)(&self.name("manifest.json"))).unwrap_or_default();
        manifest["metadata"]["protocol_versions"].clone()
    }

    fn name(&self, end: &str) -> String {
        format!("terraform-provider-facets-gpu_{}_{end}", self.version)
    }
}

fn os_and_arch() -> (String, String) {
    let platform = platform();
    let (os, arch) = platform.split_once('_').expect("a platform has two parts");
    (os.to_owned(), arch.to_owned())
}
