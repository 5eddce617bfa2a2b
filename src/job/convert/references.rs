//! What a job refers to that is Google's to know, and the attribute that does.

use super::{Place, place_of};
use crate::cloudrun::Reference;
use crate::job::model::{Job, SecretVolume};
use crate::value::{Field, Path};

/// The references of a job, as far as they are known, in the order of its attributes.
pub fn references(job: &Job) -> Vec<(Path, Reference)> {
    let place = place_of(job);
    let secrets = job.secrets.known().into_iter().flatten().enumerate();
    let secrets = secrets.filter_map(|(index, secret)| {
        let secret = secret.known()?;
        let name = place.secret(secret.secret_name.known()?);
        let path = Path::attribute("secrets").index(index);
        Some((path, version_of(&name, &secret.version)?))
    });
    let volumes = job.volumes.known().into_iter().flatten().enumerate();
    let volumes = volumes.flat_map(|(index, volume)| {
        let secret = volume.known().and_then(|volume| volume.secret.known());
        let versions = secret.map(|secret| files(secret, place)).unwrap_or_default();
        let path = Path::attribute("volumes").index(index);
        versions.into_iter().map(move |version| (path.clone(), version))
    });
    let connector = job.vpc_access.known().and_then(|vpc| {
        let name = place.connector(vpc.connector.known()?);
        Some((
            Path::attribute("vpc_access").key("connector"),
            Reference::Connector(name),
        ))
    });
    let account = job.service_account.known().map(|address| {
        (
            Path::attribute("service_account"),
            Reference::ServiceAccount(address.clone()),
        )
    });
    secrets.chain(volumes).chain(connector).chain(account).collect()
}

/// The versions that a volume shows as files.
fn files(secret: &SecretVolume, place: Place<'_>) -> Vec<Reference> {
    let Some(name) = secret.secret.known().map(|name| place.secret(name)) else {
        return Vec::new();
    };
    match &secret.items {
        Field::Unknown => Vec::new(),
        Field::Known(items) if !items.is_empty() => items
            .iter()
            .filter_map(|item| version_of(&name, &item.known()?.version))
            .collect(),
        _ => version_of(&name, &Field::Null).into_iter().collect(),
    }
}

fn version_of(secret: &str, version: &Field<String>) -> Option<Reference> {
    let version = match version {
        Field::Known(version) => version,
        Field::Null => LATEST,
        Field::Unknown => return None,
    };
    Some(Reference::SecretVersion(format!("{secret}/versions/{version}")))
}

/// The version that Google takes when none is named.
const LATEST: &str = "latest";

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::job::schema::SCHEMA;
    use crate::schema::Extra;
    use crate::value::from_json;

    fn check(json: &str, expected: &[(&str, &str)]) {
        let value = SCHEMA
            .conform(from_json(json.as_bytes()).unwrap(), Extra::Refuse)
            .unwrap();
        let found: Vec<(String, String)> = references(&Job::read(&value))
            .iter()
            .map(|(path, reference)| (path.to_string(), reference.to_string()))
            .collect();
        let expected: Vec<(String, String)> = expected
            .iter()
            .map(|(path, reference)| ((*path).to_owned(), (*reference).to_owned()))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn the_versions_in_volumes_are_references_too() {
        check(
            r#"{
                "project": "p", "location": "l",
                "volumes": [
                    {"name": "b", "gcs": {"bucket": "b"}},
                    {"name": "s", "secret": {"secret": "s"}},
                    {"name": "t", "secret": {"secret": "projects/q/secrets/t",
                        "items": [{"path": "a", "version": "7"}, {"path": "b"}]}}
                ]
            }"#,
            &[
                (
                    "volumes[1]",
                    "secret version projects/p/secrets/s/versions/latest",
                ),
                ("volumes[2]", "secret version projects/q/secrets/t/versions/7"),
                (
                    "volumes[2]",
                    "secret version projects/q/secrets/t/versions/latest",
                ),
            ],
        );
    }

    #[test]
    fn short_names_are_completed_and_full_ones_kept() {
        check(
            r#"{
                "project": "p", "location": "l",
                "secrets": [
                    {"env_var": "A", "secret_name": "a"},
                    {"env_var": "B", "secret_name": "projects/q/secrets/b", "version": "7"}
                ],
                "vpc_access": {"connector": "c"},
                "service_account": "s@p.iam.gserviceaccount.com"
            }"#,
            &[
                (
                    "secrets[0]",
                    "secret version projects/p/secrets/a/versions/latest",
                ),
                ("secrets[1]", "secret version projects/q/secrets/b/versions/7"),
                (
                    "vpc_access.connector",
                    "VPC connector projects/p/locations/l/connectors/c",
                ),
                ("service_account", "service account s@p.iam.gserviceaccount.com"),
            ],
        );
    }

    #[test]
    fn a_job_that_refers_to_nothing_has_no_references() {
        check(r#"{"project": "p", "location": "l"}"#, &[]);
    }
}
