//! The argument `job`: the full name of a job, or its name in the provider's project and region.

use crate::gpu;
use crate::name::{JOB_ID_LENGTH, is_job_id};
use crate::provider::Defaults;
use crate::validators::missing_value;
use cloud_run::JobName;
use terraform_plugin::diagnostic::{Diagnostic, InvalidValue, quoted};
use terraform_plugin::schema::{Attribute, Type};
use terraform_plugin::value::{Field, Path, Value};

/// The attribute.
pub fn attribute() -> Attribute {
    Attribute::new(
        ATTRIBUTE,
        Type::String,
        "The job: its `id`, such as `projects/P/locations/L/jobs/N`, or its name in the provider's `project` and \
         `region`.",
    )
    .required()
}

/// Errors of a configuration, as far as it is known.
pub fn validate(config: &Value) -> Vec<Diagnostic> {
    match config.get(ATTRIBUTE) {
        Value::Null => missing_value(Path::attribute(ATTRIBUTE)).into(),
        Value::String(text) => parse(text).err().into_iter().collect(),
        _ => Vec::new(),
    }
}

/// The job of a valid configuration; unknown while it follows from an unknown value.
///
/// # Errors
/// If the provider has no project or region for it, or invalid ones.
pub fn job_name(config: &Value, defaults: &Defaults) -> Result<Field<JobName>, Vec<Diagnostic>> {
    let Some(text) = config.get(ATTRIBUTE).as_str() else {
        return Ok(Field::Unknown);
    };
    if let Some(name) = parse(text)? {
        return Ok(Field::Known(name));
    }
    let arguments = [
        ("project", "GOOGLE_PROJECT", &defaults.project),
        ("region", "GOOGLE_REGION", &defaults.region),
    ];
    let missing = arguments.into_iter().filter(|(_, _, default)| default.is_null());
    let missing: Vec<Diagnostic> = missing
        .map(|(argument, variable, _)| {
            let error = InvalidValue {
                path: Path::attribute(ATTRIBUTE),
                must: format!("be the id of a job, because the provider has no {argument}"),
                got: format!("the name {}", quoted(text)),
                fix: format!("Use the id, or set {argument} in the provider or {variable}."),
            };
            error.error(format!("Missing {argument}"))
        })
        .collect();
    match (&defaults.project, &defaults.region) {
        _ if !missing.is_empty() => Err(missing),
        (Field::Known(project), Field::Known(region)) => {
            let full = JobName::new(project, region, text).to_string();
            Ok(parse(&full)?.into())
        }
        _ => Ok(Field::Unknown),
    }
}

/// The job of a known configuration that is about to be run.
///
/// # Errors
/// Those of [`job_name`], and if the provider's project or region is not known.
pub fn known_job_name(config: &Value, defaults: &Defaults) -> Result<JobName, Vec<Diagnostic>> {
    job_name(config, defaults)?.into_known().ok_or_else(|| {
        let error = InvalidValue {
            path: Path::attribute(ATTRIBUTE),
            must: "be known when the job is run".into(),
            got: "a name in a project or region that is known only after apply".into(),
            fix: "Use the id of the job.".into(),
        };
        error.error("Unknown value").into()
    })
}

/// A full name; `None` for the valid name of a job without project and region.
fn parse(text: &str) -> Result<Option<JobName>, Diagnostic> {
    if is_job_id(text) {
        return Ok(None);
    }
    let name = JobName::parse(text, None)
        .ok()
        .filter(|name| name.to_string() == text);
    let name = name.filter(|name| is_job_id(&name.job) && is_job_id(&name.location));
    if name.is_some() {
        return Ok(name);
    }
    let error = InvalidValue {
        path: Path::attribute(ATTRIBUTE),
        must: format!(
            "be the id of a job, such as \"projects/my-project/locations/{}/jobs/render\", or its name of 1 to {JOB_ID_LENGTH} \
             lowercase letters, digits or hyphens",
            gpu::default().regions[0]
        ),
        got: quoted(text),
        fix: "For example: job = facets_gpu_cloudrun_job.render.id.".into(),
    };
    Err(error.error("Invalid job name"))
}

const ATTRIBUTE: &str = "job";

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    fn defaults(project: Option<&str>, region: Option<&str>) -> Defaults {
        Defaults {
            project: project.map(str::to_owned).into(),
            region: region.map(str::to_owned).into(),
            ..Defaults::default()
        }
    }

    fn config(job: impl Into<Value>) -> Value {
        Value::from([(ATTRIBUTE, job.into())])
    }

    #[test]
    fn job_is_an_id_or_a_name_in_the_providers_region() {
        let (none, both) = (defaults(None, None), defaults(Some("p"), Some("us-central1")));
        let known = |project| Field::Known(JobName::new(project, "us-central1", "render"));
        let id = config("projects/123/locations/us-central1/jobs/render");
        assert_eq!(job_name(&id, &none), Ok(known("123")));
        assert_eq!(job_name(&config("render"), &both), Ok(known("p")));
        assert_eq!(job_name(&config(Value::Unknown), &none), Ok(Field::Unknown));
        let unknown = Defaults {
            project: Field::Unknown,
            ..both
        };
        assert_eq!(job_name(&config("render"), &unknown), Ok(Field::Unknown));
        assert_eq!(validate(&config(Value::Unknown)), []);
    }

    /// Each message once.
    #[test]
    fn errors_have_rule_value_and_fix() {
        let none = defaults(None, None);
        let mut reports = String::new();
        for (job, defaults) in [
            (Value::Null, &none),
            ("".into(), &none),
            ("Render".into(), &none),
            ("us-central1/render".into(), &none),
            ("p/us-central1/render".into(), &none),
            ("projects/p/locations/us-central1/services/render".into(), &none),
            ("projects/p/locations/us-central1/jobs/Render".into(), &none),
            ("render".into(), &none),
            ("render".into(), &defaults(Some("p/q"), Some("us-central1"))),
        ] {
            let mut diagnostics = validate(&config(job.clone()));
            if diagnostics.is_empty() {
                diagnostics = job_name(&config(job.clone()), defaults).unwrap_err();
            }
            reports.push_str(&format!("{job:?}\n"));
            for diagnostic in diagnostics {
                reports.push_str(&format!("{diagnostic}\n"));
            }
        }
        let unknown = Defaults {
            project: Field::Unknown,
            ..defaults(Some("p"), Some("us-central1"))
        };
        let errors = known_job_name(&config("render"), &unknown).unwrap_err();
        reports.push_str(&format!("an unknown project\n{}\n", errors[0]));
        insta::assert_snapshot!(reports);
    }
}
