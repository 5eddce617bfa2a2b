//! Rules about the container image: a valid reference, in a registry that Cloud Run pulls from.

use terraform_plugin::diagnostic::{Diagnostic, InvalidValue, quoted};
use terraform_plugin::value::Path;

pub(super) fn check(image: &str, diagnostics: &mut Vec<Diagnostic>) {
    let path = Path::attribute("container").key("image");
    match parse(image) {
        Err(ImageError(reason, fix)) => {
            let error = InvalidValue {
                path,
                must: "be an image reference, such as \"us-docker.pkg.dev/my-project/my-repository/my-image:tag\"".into(),
                got: format!("{}: {reason}", quoted(image)),
                fix: format!("{fix}."),
            };
            diagnostics.push(error.error("Invalid container image"));
        }
        Ok((host, _)) if !is_pulled_from(host) => {
            let warning = InvalidValue {
                path,
                must: "be in a registry that Cloud Run supports: Artifact Registry (*.pkg.dev), gcr.io or Docker Hub".into(),
                got: format!("the registry {}", quoted(host)),
                fix: format!(
                    "Cloud Run may reject the job. If it does, copy the image to Artifact Registry. See {REGISTRIES_URL}."
                ),
            };
            diagnostics.push(warning.warning("Unsupported image registry"));
        }
        Ok((host, name)) => {
            if let Some(form) = incomplete_form(host, name) {
                let warning = InvalidValue {
                    path,
                    must: format!("have the form {form} in the registry {}", quoted(host)),
                    got: quoted(image),
                    fix: "Cloud Run may reject the job. If it does, add the missing part before the image name.".into(),
                };
                diagnostics.push(warning.warning("Incomplete image path"));
            }
        }
    }
}

/// What is wrong with a reference, and how to fix it.
struct ImageError(&'static str, &'static str);

/// Splits `[HOST[:PORT]/]NAME[:TAG][@DIGEST]` into host and name. An image without a host is in Docker Hub.
///
/// The grammar is that of <https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests>, and the
/// host is recognized as by Docker.
fn parse(image: &str) -> Result<(&str, &str), ImageError> {
    if image.is_empty() {
        return Err(ImageError("the value is empty", "Set an image"));
    }
    if image.contains("://") {
        return Err(ImageError("it has a URL scheme", "Remove the scheme"));
    }
    if image.chars().any(|c| c.is_whitespace() || c.is_control()) || !image.is_ascii() {
        return Err(ImageError(
            "it has white space, control or non-ASCII characters",
            "Remove them, for example with trimspace()",
        ));
    }
    if image.len() > 1024 {
        return Err(ImageError(
            "it is longer than 1024 characters",
            "Use a shorter reference",
        ));
    }
    let (rest, digest) = image
        .split_once('@')
        .map_or((image, None), |(rest, digest)| (rest, Some(digest)));
    if digest.is_some_and(|digest| !is_digest(digest)) {
        return Err(ImageError(
            "the digest is not sha256: and 64 lowercase hexadecimal digits",
            "Correct the digest, or remove it with its @",
        ));
    }
    let (host, rest) = rest
        .split_once('/')
        .filter(|(first, _)| looks_like_host(first))
        .unwrap_or((DOCKER_HUB, rest));
    if !is_host(host) {
        return Err(ImageError(
            "the registry is not a DNS name with an optional port",
            "Correct the part before the first /",
        ));
    }
    let (name, tag) = split_at_colon(rest);
    if let Some(error) = tag.and_then(tag_error) {
        return Err(error);
    }
    if !name.split('/').all(is_component) {
        return Err(ImageError(
            "the name has a part that is not lowercase letters and digits separated by ., _ or -",
            "Correct the name",
        ));
    }
    Ok((host, name))
}

fn tag_error(tag: &str) -> Option<ImageError> {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-');
    if tag.is_empty() {
        Some(ImageError(
            "the tag is empty",
            "Set a tag, or remove the colon to use the tag \"latest\"",
        ))
    } else if tag.contains('/') {
        Some(ImageError(
            "the tag contains /",
            "Use a tag without /, for example replace(var.branch, \"/\", \"-\")",
        ))
    } else if tag.contains(':') {
        Some(ImageError("it has more than one tag", "Use one tag"))
    } else if tag.len() > MAX_TAG_LENGTH {
        Some(ImageError(
            "the tag is longer than 128 characters",
            "Use a shorter tag, for example with substr()",
        ))
    } else if !tag.bytes().all(allowed) || tag.starts_with(['.', '-']) {
        Some(ImageError(
            "the tag is not letters, digits, _, . or -, or starts with . or -",
            "Correct the tag",
        ))
    } else {
        None
    }
}

fn is_digest(digest: &str) -> bool {
    let is_hex = |b: u8| matches!(b, b'0'..=b'9' | b'a'..=b'f');
    digest
        .strip_prefix("sha256:")
        .is_some_and(|hex| hex.len() == 64 && hex.bytes().all(is_hex))
}

/// Whether the part before the first `/` is a host. A name without dots is in Docker Hub, and one with a colon and no port has
/// the start of a tag.
fn looks_like_host(first: &str) -> bool {
    let (name, port) = split_at_colon(first);
    name.contains('.') || name == "localhost" || port.is_some_and(is_port)
}

fn split_at_colon(text: &str) -> (&str, Option<&str>) {
    text.split_once(':')
        .map_or((text, None), |(name, port)| (name, Some(port)))
}

fn is_port(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit()) && text.parse::<u16>().is_ok()
}

/// Whether text is a DNS name, with or without a port.
fn is_host(text: &str) -> bool {
    let (name, port) = split_at_colon(text);
    let is_label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    name.split('.').all(is_label) && port.is_none_or(is_port)
}

/// Whether text is a part of a name: lowercase letters and digits, with `.`, `_`, `__` or any number of `-` between them.
fn is_component(text: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    text.starts_with(is_plain)
        && text.ends_with(is_plain)
        && text
            .split(is_plain)
            .all(|between| matches!(between, "." | "_" | "__") || between.bytes().all(|b| b == b'-'))
}

fn is_pulled_from(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    SUPPORTED_REGISTRIES
        .iter()
        .any(|supported| is_in_domain(&host, supported))
        || host.ends_with(ARTIFACT_REGISTRY)
}

/// Whether a host is this domain or a subdomain such as `eu.gcr.io`.
fn is_in_domain(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain)
        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// The form of images in this registry, if a name has fewer parts. A project of an organization has its domain as another
/// part.
fn incomplete_form(host: &str, name: &str) -> Option<&'static str> {
    let host = host.to_ascii_lowercase();
    let (min, form) = if host.ends_with(ARTIFACT_REGISTRY) {
        (3, "HOST/PROJECT/REPOSITORY/IMAGE")
    } else if is_in_domain(&host, CONTAINER_REGISTRY) {
        (2, "HOST/PROJECT/IMAGE")
    } else {
        return None;
    };
    let parts: Vec<&str> = name.split('/').collect();
    let has_domain = parts.first().is_some_and(|first| first.contains('.'));
    (parts.len() < min + usize::from(has_domain)).then_some(form)
}

const DOCKER_HUB: &str = "docker.io";
const CONTAINER_REGISTRY: &str = "gcr.io";
const ARTIFACT_REGISTRY: &str = ".pkg.dev";
/// Registries that Cloud Run pulls from, beside Artifact Registry.
const SUPPORTED_REGISTRIES: [&str; 2] = [DOCKER_HUB, CONTAINER_REGISTRY];
/// The page that lists the registries.
const REGISTRIES_URL: &str = "https://docs.cloud.google.com/run/docs/deploying#images";
/// The longest tag, by the same grammar.
const MAX_TAG_LENGTH: usize = 128;
