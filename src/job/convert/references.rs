//! What a job refers to that is Google's to know, and the attribute that does.

use super::place_of;
use crate::cloudrun::Reference;
use crate::job::model::Job;
use crate::value::{Field, Path};

/// The references of a job, as far as they are known, in the order of its attributes.
pub fn references(job: &Job) -> Vec<(Path, Reference)> {
    let place = place_of(job);
    let secrets = job.secrets.known().into_iter().flatten().enumerate();
    let secrets = secrets.filter_map(|(index, secret)| {
        let secret = secret.known()?;
        let name = place.secret(secret.secret_name.known()?);
        let version = match &secret.version {
            Field::Known(version) => version,
            Field::Null => LATEST,
            Field::Unknown => return None,
        };
        let path = Path::attribute("secrets").index(index);
        Some((
            path,
            Reference::SecretVersion(format!("{name}/versions/{version}")),
        ))
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
    secrets.chain(connector).chain(account).collect()
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
