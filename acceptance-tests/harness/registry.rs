//! A mock of the Terraform Registry: serves one release by the provider registry protocol, using only the release's files
//! and the public key.

use std::fs;

use serde_json::{Value, json};

use super::Release;
use super::http1::serve;
use super::installation::target_platform;

/// Serves a release as a version of `facets-cloud/facets-gpu` until the process ends, and returns the address. `alter`
/// may change each file.
pub(crate) fn serve_release(
    release: &Release,
    version: &'static str,
    alter: impl Fn(&str, Vec<u8>) -> Vec<u8> + Send + Sync + 'static,
) -> String {
    let key = release.public_key();
    let key_id = release.fingerprint()[release.fingerprint().len() - 16..].to_owned();
    let dist = release.file("");
    let address = serve(move |request| {
        let (_, path) = request.line.split_once(' ').unwrap_or_default();
        if let Some(name) = path.strip_prefix("/files/") {
            return match fs::read(dist.join(name)) {
                Ok(bytes) => (200, alter(name, bytes)),
                Err(_) => (404, Vec::new()),
            };
        }
        let read = |name: &str| fs::read_to_string(dist.join(name)).unwrap_or_default();
        let metadata = Metadata { version, read: &read };
        let host = request
            .headers
            .iter()
            .find_map(|header| header.strip_prefix("host: "));
        let response = match path.strip_prefix("/v1/providers/facets-cloud/facets-gpu/") {
            Some("versions") => metadata.versions(),
            Some(_) => metadata.download(host.unwrap_or_default(), &key, &key_id),
            None => return (404, Vec::new()),
        };
        (200, response.to_string().into_bytes())
    });
    format!("http://{address}")
}

/// The Registry's documents, derived from the files of a release.
struct Metadata<'a> {
    version: &'static str,
    read: &'a dyn Fn(&str) -> String,
}

impl Metadata<'_> {
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
        let checksums = (self.read)(&sums);
        let checksum = checksums
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
            "shasum": checksum.trim(),
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
    let platform = target_platform();
    let (os, arch) = platform.split_once('_').expect("a platform has two parts");
    (os.to_owned(), arch.to_owned())
}
