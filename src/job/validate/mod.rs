//! The rules that a configuration alone decides. All of them are asked, so that a user sees every mistake
//! at once; a rule that needs a value not known yet keeps silent and is asked again.

mod environment;
mod image;
mod mounts;
mod network;
mod region;
mod resources;
mod security;
mod settings;
mod volumes;

use crate::gpu;
use crate::job::CREATION_ANNOTATION;
use crate::job::model::{Job, Texts};
use crate::job::schema::LAUNCH_STAGES;
use crate::name;
use cloud_run::reserved_namespace;
use terraform_plugin::diagnostic::{Diagnostic, alternatives, quoted};
use terraform_plugin::value::{Field, Path};

pub use region::other_regions;

/// Everything that is wrong with a configuration, or worth a warning.
pub fn validate(job: &Job) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    required(job, &mut found);
    name_and_place(job, &mut found);
    resources::check(job, &mut found);
    settings::check(job, &mut found);
    environment::check(job, &mut found);
    network::check(job, &mut found);
    volumes::check(job, &mut found);
    mounts::check(job, &mut found);
    security::check(job, &mut found);
    // Where the region is the provider's, the plan asks.
    if let Some(region) = job.location.known() {
        found.extend(other_regions(job, region));
    }
    labels(&job.labels, "labels", &mut found);
    annotations(&job.annotations, &mut found);
    found
}

/// Terraform sees to it that a required attribute is written, and not that it has a value.
fn required(job: &Job, found: &mut Vec<Diagnostic>) {
    let mut missing: Vec<Path> = Vec::new();
    if job.container.is_null() {
        missing.push(Path::attribute("container"));
    }
    if job
        .container
        .known()
        .is_some_and(|container| container.image.is_null())
    {
        missing.push(Path::attribute("container").key("image"));
    }
    if let Some(facets) = job.facets.known() {
        let members = [
            ("instance_name", &facets.instance_name),
            ("environment", &facets.environment),
        ];
        let null = members.into_iter().filter(|(_, member)| member.is_null());
        missing.extend(null.map(|(name, _)| Path::attribute("facets").key(name)));
    }
    for (index, secret) in job.secrets.known().into_iter().flatten().enumerate() {
        let Some(secret) = secret.known() else { continue };
        let members = [("env_var", &secret.env_var), ("secret_name", &secret.secret_name)];
        let null = members.into_iter().filter(|(_, member)| member.is_null());
        missing.extend(null.map(|(name, _)| Path::attribute("secrets").index(index).key(name)));
    }
    found.extend(missing.into_iter().map(|path| {
        let detail = format!("{path} is required. It is null. Give it a value.");
        Diagnostic::attribute_error(path, "Missing value", detail)
    }));
}

/// What is wrong with a region, wherever it was given.
pub fn region_fault(region: &str) -> Option<Diagnostic> {
    let gpu = gpu::default();
    (!gpu.is_in(region)).then(|| {
        Diagnostic::attribute_error(
            Path::attribute("location"),
            "Region without this GPU",
            format!(
                "location must be a region that offers {}: {}. It is {}. Set location to one of them, for \
                 example location = \"{}\". The regions are those of {} ({}, {}).",
                gpu.name,
                choices(gpu.regions),
                quoted(region),
                gpu.regions[0],
                gpu.source.title,
                gpu.source.date,
                gpu.source.url,
            ),
        )
    })
}

/// What is wrong with the id of a job.
pub fn name_fault(id: &str) -> Option<Diagnostic> {
    (!name::is_job_id(id)).then(|| {
        Diagnostic::attribute_error(
            Path::attribute("name"),
            "Invalid job name",
            format!(
                "name has 1 to {} lower-case letters, digits and hyphens, begins with a letter and does not end \
                 with a hyphen. It is {}. Use for example {}.",
                name::JOB_ID_LENGTH,
                quoted(id),
                quoted(&name::job_id(&id.to_lowercase())),
            ),
        )
    })
}

/// What is wrong with a project, wherever it was given.
pub fn project_fault(project: &str) -> Option<Diagnostic> {
    let is_id = (1..=LONGEST_PROJECT).contains(&project.len())
        && project
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b':'));
    (!is_id).then(|| {
        Diagnostic::attribute_error(
            Path::attribute("project"),
            "Invalid project",
            format!(
                "project is the id of a Google Cloud project, such as \"my-project-123\". It is {}. Correct it \
                 where it is set: here, in the provider, or in the environment.",
                quoted(project)
            ),
        )
    })
}

/// Checks a map of labels against Google's rules.
pub fn labels(labels: &Field<Texts>, attribute: &str, found: &mut Vec<Diagnostic>) {
    let Some(labels) = labels.known() else { return };
    if labels.len() > name::LABEL_COUNT {
        found.push(Diagnostic::attribute_error(
            Path::attribute(attribute),
            "Too many labels",
            format!(
                "A job can have at most {} labels. {attribute} has {}. Remove some.",
                name::LABEL_COUNT,
                labels.len()
            ),
        ));
    }
    for (key, value) in labels {
        let path = Path::attribute(attribute).key(key);
        if let Some(fault) = name::label_key_fault(key) {
            found.push(Diagnostic::attribute_error(
                path.clone(),
                "Invalid label",
                format!(
                    "The key of a label must start with a lowercase letter or a letter without case, followed by at most \
                     62 such letters, digits, _ and -, got {}: {fault}. Use for example {}.",
                    quoted(key),
                    quoted(&name::label_key(key)),
                ),
            ));
        }
        match value {
            Field::Null => found.push(null_element(path, attribute)),
            Field::Unknown => {}
            Field::Known(value) => {
                if let Some(fault) = name::label_value_fault(value) {
                    found.push(Diagnostic::attribute_error(
                        path,
                        "Invalid label",
                        format!(
                            "The value of a label must be at most 63 lowercase letters, letters without case, digits, _ \
                             and -, got {}: {fault}. Use for example {}.",
                            quoted(value),
                            quoted(&name::label_value(value)),
                        ),
                    ));
                }
            }
        }
    }
}

fn annotations(annotations: &Field<Texts>, found: &mut Vec<Diagnostic>) {
    let Some(annotations) = annotations.known() else {
        return;
    };
    for (key, value) in annotations {
        let path = Path::attribute("annotations").key(key);
        if let Some(detail) = annotation_key_fault(key) {
            found.push(Diagnostic::attribute_error(
                path.clone(),
                "Invalid annotation",
                detail,
            ));
        }
        if value.is_null() {
            found.push(null_element(path, "annotations"));
        }
    }
}

/// What is wrong with the key of an annotation.
pub(super) fn annotation_key_fault(key: &str) -> Option<String> {
    if key.is_empty() {
        return Some("An annotation needs a key. This one is empty. Give it one.".to_owned());
    }
    if key == CREATION_ANNOTATION {
        return Some(format!(
            "The annotation {CREATION_ANNOTATION} must not be set: the provider sets it to recognize the jobs that it \
             created. Remove it from annotations."
        ));
    }
    reserved_namespace(key).map(|namespace| {
        format!(
            "Cloud Run keeps annotations in {namespace} for itself. The key is {}. Use a key of your own domain; what such \
             annotations of the v1 API set are attributes here.",
            quoted(key)
        )
    })
}

fn name_and_place(job: &Job, found: &mut Vec<Diagnostic>) {
    match &job.name {
        Field::Known(id) => found.extend(name_fault(id)),
        Field::Null if job.facets.is_null() => found.push(Diagnostic::attribute_error(
            Path::attribute("name"),
            "Job without a name",
            "A job needs a name. Neither name nor facets is set. Set name, for example name = \"nightly-render\", \
             or facets, from which it can be made.",
        )),
        _ => {}
    }
    if let Some(facets) = job.facets.known() {
        for (name, given) in [
            ("instance_name", &facets.instance_name),
            ("environment", &facets.environment),
        ] {
            if given.known().is_some_and(|text| text.trim().is_empty()) {
                found.push(Diagnostic::attribute_error(
                    Path::attribute("facets").key(name),
                    "Empty name",
                    format!("facets.{name} becomes part of the job's name. It is empty. Give it, or set name instead."),
                ));
            }
        }
    }
    if let Some(fault) = job.location.known().and_then(|region| region_fault(region)) {
        found.push(fault);
    }
    if let Some(fault) = job.project.known().and_then(|project| project_fault(project)) {
        found.push(fault);
    }
    if let Some(stage) = job.launch_stage.known()
        && !LAUNCH_STAGES.contains(&stage.as_str())
    {
        found.push(Diagnostic::attribute_error(
            Path::attribute("launch_stage"),
            "Unknown launch stage",
            format!(
                "launch_stage is one of {}. It is {}. Leave it out: \"{}\" allows every feature of GPU jobs.",
                choices(&LAUNCH_STAGES),
                quoted(stage),
                gpu::JOB_LIMITS.launch_stage,
            ),
        ));
    }
    if let Some(account) = job.service_account.known()
        && !is_account(account)
    {
        let way_out = match account_in(account) {
            Some(address) => format!("Set service_account = {}", quoted(address)),
            None => "Leave it out to use the compute default account of the project".to_owned(),
        };
        found.push(Diagnostic::attribute_error(
            Path::attribute("service_account"),
            "Invalid service account",
            format!(
                "service_account is the e-mail address of a service account, such as \
                 \"runner@my-project.iam.gserviceaccount.com\". It is {}. {way_out}.",
                quoted(account)
            ),
        ));
    }
}

/// Whether text can be the e-mail address of a service account.
pub fn is_account(text: &str) -> bool {
    let plain = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    text.split_once('@').is_some_and(|(user, host)| {
        user.split('.').all(plain) && host.contains('.') && host.split('.').all(plain)
    })
}

/// The address in another form of an account: a member of an IAM policy such as `serviceAccount:A` or
/// `deleted:serviceAccount:A?uid=1`, or a resource's name such as `projects/P/serviceAccounts/A`.
pub fn account_in(text: &str) -> Option<&str> {
    let member = text.split('?').next()?.trim();
    member
        .rsplit([':', '/'])
        .next()
        .filter(|address| is_account(address))
}

pub(super) fn null_element(path: Path, attribute: &str) -> Diagnostic {
    let detail = format!(
        "Every element of {attribute} needs a value. {path} is null. Give it one, or leave the element out."
    );
    Diagnostic::attribute_error(path, "Element without a value", detail)
}

/// Whether a full name has the steps of a form, in which each `*` stands for any step that `is_step` takes.
fn has_form(name: &str, form: &str, is_step: impl Fn(&str) -> bool) -> bool {
    let (name, form): (Vec<&str>, Vec<&str>) = (name.split('/').collect(), form.split('/').collect());
    let fits = |(step, wanted): (&&str, &&str)| match *wanted {
        "*" => is_step(step),
        wanted => *step == wanted,
    };
    name.len() == form.len() && name.iter().zip(&form).all(fits)
}

/// Choices as a sentence tells them: `"a", "b" or "c"`.
fn choices<T: AsRef<str>>(all: &[T]) -> String {
    let quoted: Vec<String> = all.iter().map(|choice| quoted(choice.as_ref())).collect();
    alternatives(&quoted)
}

/// Far more than Google gives: 30 characters, and perhaps the domain of an organisation before them.
const LONGEST_PROJECT: usize = 128;

#[cfg(test)]
pub(crate) mod tests;
