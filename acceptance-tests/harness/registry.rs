//! A mock of the Terraform Registry and of a network mirror: serves one release by both protocols, using only the release's
//! files and the public key.

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
        let response = match path.rsplit_once("facets-cloud/facets-gpu/") {
            None if path == "/.well-known/terraform.json" => json!({ "providers.v1": "/v1/providers/" }),
            Some(("/v1/providers/", "versions")) => metadata.versions(),
            Some(("/v1/providers/", _)) => metadata.download(&key, &key_id),
            Some((_, "index.json")) => json!({ "versions": { version: {} } }),
            Some((_, _)) => metadata.archives(),
            None => return (404, Vec::new()),
        };
        (200, response.to_string().into_bytes())
    });
    format!("http://{address}")
}

/// The documents of both protocols, derived from the files of a release.
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

    fn download(&self, key: &str, key_id: &str) -> Value {
        let (os, arch) = os_and_arch();
        let (archive, checksum) = self.archive();
        let sums = self.name("SHA256SUMS");
        json!({
            "protocols": self.protocols(),
            "os": os,
            "arch": arch,
            "filename": archive,
            "download_url": url(&archive),
            "shasums_url": url(&sums),
            "shasums_signature_url": url(&format!("{sums}.sig")),
            "shasum": checksum,
            "signing_keys": { "gpg_public_keys": [{ "key_id": key_id, "ascii_armor": key }] },
        })
    }

    /// The archives in a network mirror.
    fn archives(&self) -> Value {
        let (archive, checksum) = self.archive();
        let archive = json!({ "url": url(&archive), "hashes": [format!("zh:{checksum}")] });
        json!({ "archives": { target_platform(): archive } })
    }

    /// The name of this platform's archive and its checksum.
    fn archive(&self) -> (String, String) {
        let archive = self.name(&format!("{}.zip", target_platform()));
        let checksums = (self.read)(&self.name("SHA256SUMS"));
        let checksum = checksums.lines().find_map(|line| line.strip_suffix(&archive));
        let checksum = checksum.unwrap_or_default().trim().to_owned();
        (archive, checksum)
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

/// The URL of a file, relative to the server.
fn url(name: &str) -> String {
    format!("/files/{name}")
}

fn os_and_arch() -> (String, String) {
    let platform = target_platform();
    let (os, arch) = platform.split_once('_').expect("a platform has two parts");
    (os.to_owned(), arch.to_owned())
}
