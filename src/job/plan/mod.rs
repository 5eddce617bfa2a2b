//! What an apply would do, told from configuration and state alone: no clock, no network, no chance.
//!
//! Terraform asks twice, and what was known the first time must be the same the second time. So a plan
//! only ever turns unknown into known, and it never changes what a user wrote.

use std::collections::BTreeMap;
use std::time::Duration;

use super::model::{Facets, Job, Settings, Texts};
use super::schema::SCHEMA;
use super::{convert, semantic_equality, validate};
use crate::gpu;
use crate::provider::Defaults;
use crate::{duration, name};
use cloud_run::JobName;
use terraform_plugin::diagnostic::{Diagnostic, quoted};
use terraform_plugin::resource::Plan;
use terraform_plugin::value::{Field, Number, Path, Value};

/// Plans the way from `prior` (null: no job yet) to `config` (null: no job any more).
pub fn plan(prior: &Value, config: &Value, defaults: &Defaults) -> Plan {
    if config.is_null() {
        let diagnostics = protection_fault(prior, "destroyed").into_iter().collect();
        return Plan {
            diagnostics,
            ..Plan::default()
        };
    }
    let mut diagnostics = Vec::new();
    let mut planned = SCHEMA.with_defaults(config);
    place(&mut planned, prior, defaults, &mut diagnostics);
    derive(&mut planned, prior, defaults);
    diagnostics.extend(too_many_labels(&planned));
    semantic_equality::keep(&mut planned, prior);
    let replace = replacements(prior, &planned);
    if !replace.is_empty() {
        diagnostics.extend(protection_fault(prior, "replaced"));
    }
    // A region of the configuration's own is a matter of validation; a replacement is planned again as a creation.
    if config.get("location").is_null()
        && replace.is_empty()
        && let Some(region) = planned.get("location").as_str()
    {
        diagnostics.extend(validate::other_regions(&Job::read(&planned), region));
    }
    diagnostics.extend(replaced_by_default(prior, config, &planned, &replace));
    let kept = if replace.is_empty() { prior } else { &Value::Null };
    keep_computed(&mut planned, kept);
    Plan {
        planned,
        requires_replace: replace,
        diagnostics,
    }
}

/// Project and location: the user's, else the provider's. Name: the user's, else the job's, else made.
///
/// Not yet known is not changed: while what the provider or the platform gives is unknown, a job stays what and where it
/// is. If it turns out during the apply to be another one, the plan made then differs from this one, and Terraform
/// refuses to apply it before the job is touched.
fn place(planned: &mut Value, prior: &Value, defaults: &Defaults, diagnostics: &mut Vec<Diagnostic>) {
    for (source, given) in PROVIDED.iter().zip([&defaults.project, &defaults.region]) {
        let attribute = source.attribute;
        if !planned.get(attribute).is_null() {
            continue;
        }
        match given {
            Field::Null => diagnostics.push(missing(source)),
            Field::Unknown => {}
            Field::Known(region) if attribute == "location" => {
                diagnostics.extend(validate::region_fault(region))
            }
            Field::Known(project) => diagnostics.extend(validate::project_fault(project)),
        }
        let kept = match given {
            Field::Unknown => Field::read(prior.get(attribute)),
            given => given.clone(),
        };
        planned.set(attribute, kept.or(Field::Unknown));
    }
    if planned.get("name").is_null() {
        let facets = Field::read(planned.get("facets"));
        let name = kept_name(prior, &facets).unwrap_or_else(|| made_name(facets));
        planned.set("name", name.or(Field::Unknown));
    }
}

/// The name that a job has already. It was made from what the platform knows, and that is the same as before; or
/// the job comes from elsewhere (an import, an older configuration), and a name is no reason to make another.
fn kept_name(prior: &Value, planned: &Field<Facets>) -> Option<Field<String>> {
    let may_equal = |before: &Field<String>, now: &Field<String>| now.is_unknown() || before == now;
    let same = match (Field::<Facets>::read(prior.get("facets")), planned) {
        (Field::Known(before), Field::Known(now)) => {
            may_equal(&before.environment, &now.environment)
                && may_equal(&before.instance_name, &now.instance_name)
        }
        (Field::Known(_), Field::Null) => false,
        _ => true,
    };
    let name = Field::read(prior.get("name"));
    (same && name.known().is_some()).then_some(name)
}

/// The name that a new job gets.
fn made_name(facets: Field<Facets>) -> Field<String> {
    facets.and_then(|facets| {
        facets.environment.and_then(|environment| {
            facets
                .instance_name
                .map(|instance| name::job_id(&format!("{environment}-{instance}")))
        })
    })
}

/// What follows from other attributes.
fn derive(planned: &mut Value, prior: &Value, defaults: &Defaults) {
    let full_name = convert::name_of(planned).map_or(Field::Unknown, Field::Known);
    planned.set("id", full_name.as_ref().map(JobName::to_string));
    // Another endpoint is no change of a job: a refresh brings its address into the state.
    let kept = prior.get("execution_url");
    if kept.as_str().is_some() && prior.get("id") == planned.get("id") {
        planned.set("execution_url", kept.clone());
    } else {
        planned.set(
            "execution_url",
            full_name.and_then(|name| defaults.run_url(&name)),
        );
    }
    planned.set("max_gpu_hours", max_gpu_hours(&Field::read(planned.get("job"))));
    planned.set("effective_labels", effective_labels(planned, defaults));
}

/// All labels that the resource sets: later sources win.
fn effective_labels(planned: &Value, defaults: &Defaults) -> Field<Texts> {
    let sources = [
        defaults.labels.clone(),
        platform_labels(Field::read(planned.get("facets"))),
        Field::read(planned.get("labels")),
    ];
    let mut all = Texts::new();
    for source in sources {
        match source {
            Field::Null => {}
            Field::Unknown => return Field::Unknown,
            Field::Known(labels) => all.extend(labels),
        }
    }
    all.retain(|_, value| !value.is_null());
    Field::Known(all)
}

/// The configuration's own labels are counted when it is validated; here, all sources together.
fn too_many_labels(planned: &Value) -> Option<Diagnostic> {
    let Value::Map(labels) = planned.get("effective_labels") else {
        return None;
    };
    let most = name::LABEL_COUNT;
    let count = |source: &Value| match source {
        Value::Map(labels) => labels.len(),
        _ => 0,
    };
    let tags = planned.get("facets").get("cloud_tags");
    (labels.len() > most).then(|| {
        let source = if count(tags) > count(planned.get("labels")) {
            Path::attribute("facets").key("cloud_tags")
        } else {
            Path::attribute("labels")
        };
        Diagnostic::attribute_error(
            source,
            "Too many labels",
            format!(
                "A job has at most {most} labels: those of default_labels, of facets.cloud_tags with managed-by, instance and \
                 environment, and of labels, together. They are {}. Take out {} of them.",
                labels.len(),
                labels.len() - most
            ),
        )
    })
}

fn platform_labels(facets: Field<Facets>) -> Field<Texts> {
    facets.and_then(|facets| {
        let tags = match facets.cloud_tags {
            Field::Unknown => return Field::Unknown,
            Field::Null => BTreeMap::new(),
            Field::Known(tags) => tags,
        };
        let cleaned = |value: &Field<String>| value.as_ref().map(|text| name::label_value(text));
        let mut labels: Texts = name::label_keys(tags.keys())
            .into_iter()
            .map(|(label, tag)| (label, cleaned(&tags[tag])))
            .collect();
        labels.insert("managed-by".to_owned(), Field::Known("facets".to_owned()));
        labels.insert("instance".to_owned(), cleaned(&facets.instance_name));
        labels.insert("environment".to_owned(), cleaned(&facets.environment));
        Field::Known(labels)
    })
}

/// The most GPU time of one execution, in hours to four decimals; unknown until its factors are known.
pub(super) fn max_gpu_hours(settings: &Field<Settings>) -> Field<Number> {
    let Some(settings) = settings.known() else {
        return Field::Unknown;
    };
    let factors = (
        settings.task_count.as_i64(),
        settings.max_retries.as_i64(),
        settings
            .task_timeout
            .known()
            .and_then(|text| duration::parse(text).ok()),
    );
    let (Some(tasks), Some(retries), Some(timeout)) = factors else {
        return Field::Unknown;
    };
    let attempts = u128::from(tasks.max(0).unsigned_abs()) * (u128::from(retries.max(0).unsigned_abs()) + 1);
    let hour = Duration::from_secs(3600).as_nanos();
    let ten_thousandths = attempts
        .saturating_mul(timeout.as_nanos())
        .saturating_mul(10_000)
        .saturating_add(hour / 2)
        / hour;
    Field::Known(Number::from_ten_thousandths(
        u64::try_from(ten_thousandths).unwrap_or(u64::MAX),
    ))
}

/// The attributes whose change takes another job.
fn replacements(prior: &Value, planned: &Value) -> Vec<Path> {
    if prior.is_null() {
        return Vec::new();
    }
    let changed = SCHEMA
        .requiring_replace()
        .filter(|attribute| prior.get(attribute.name) != planned.get(attribute.name));
    changed.map(|attribute| Path::attribute(attribute.name)).collect()
}

/// What to know of a replacement that comes only from what the provider gives, and from nothing in the resource.
fn replaced_by_default(prior: &Value, config: &Value, planned: &Value, replace: &[Path]) -> Vec<Diagnostic> {
    let is_given = |source: &&Provided| {
        replace.contains(&Path::attribute(source.attribute)) && config.get(source.attribute).is_null()
    };
    let given = PROVIDED.iter().filter(is_given);
    if given.clone().count() < replace.len() {
        return Vec::new();
    }
    let changed = given.filter_map(|source| {
        let Provided {
            attribute,
            argument,
            variable,
        } = source;
        let (before, after) = (prior.get(attribute).as_str()?, planned.get(attribute).as_str()?);
        let (before, after) = (quoted(before), quoted(after));
        Some(Diagnostic::attribute_warning(
            Path::attribute(attribute),
            "Replacement by a provider default",
            format!(
                "{attribute} must stay {before} to keep the job, got {after}. It is not set in this resource, so the \
                 provider's {argument} applies, from its configuration or an environment variable such as {variable}. A \
                 job cannot be moved: it is deleted, and another one is created. To keep the job, set {attribute} = \
                 {before} in this resource."
            ),
        ))
    });
    changed.collect()
}

/// What only Google tells: kept from the state as long as the job itself does not change.
fn keep_computed(planned: &mut Value, prior: &Value) {
    let stored = |attribute: &str| {
        if prior.is_null() {
            Value::Unknown
        } else {
            prior.get(attribute).clone()
        }
    };
    if planned.get("service_account").is_null() {
        planned.set("service_account", stored("service_account"));
    }
    // An update that is not in effect is planned once more.
    let ready = prior.get("ready") != &Value::Bool(false);
    let unchanged = ready && is_sent_alike(prior, planned);
    planned.set(
        "ready",
        if unchanged {
            stored("ready")
        } else {
            Value::from(true)
        },
    );
    for attribute in IDENTITY.into_iter().chain(EXECUTIONS) {
        planned.set(attribute, stored(attribute));
    }
    for attribute in VERSION {
        planned.set(
            attribute,
            if unchanged {
                stored(attribute)
            } else {
                Value::Unknown
            },
        );
    }
}

/// Whether the API is sent the same for both.
pub(super) fn is_sent_alike(one: &Value, other: &Value) -> bool {
    REMOTE
        .iter()
        .all(|attribute| semantic_equality::alike_in(attribute, one, other))
}

/// Why a job may not be destroyed or replaced, where its state says so.
pub(super) fn protection_fault(prior: &Value, fate: &str) -> Option<Diagnostic> {
    (prior.get("deletion_protection") == &Value::Bool(true)).then(|| {
        Diagnostic::attribute_error(
            Path::attribute("deletion_protection"),
            "Job is protected from deletion",
            format!(
                "A job with deletion_protection = true is never deleted. {} has it, and this plan would have it {fate}. \
                 To go on, set deletion_protection = false, apply that, and plan again. A job that is tainted has to be \
                 untainted first: terraform untaint.",
                prior.get("id").as_str().unwrap_or("This job")
            ),
        )
    })
}

fn missing(source: &Provided) -> Diagnostic {
    let Provided {
        attribute,
        argument,
        variable,
    } = source;
    let example = match *attribute {
        "project" => "my-project-123",
        _ => gpu::default().regions[0],
    };
    Diagnostic::attribute_error(
        Path::attribute(attribute),
        format!("Job without a {argument}"),
        format!(
            "A job needs a {argument}. Neither {attribute} of the resource, nor {argument} of the provider, nor an \
             environment variable such as {variable} is set. Set one of them, for example {attribute} = \"{example}\"."
        ),
    )
}

/// Where an attribute that the resource leaves out comes from.
struct Provided {
    attribute: &'static str,
    /// The provider's argument.
    argument: &'static str,
    /// The first environment variable that stands in for it.
    variable: &'static str,
}

/// What the provider gives to jobs that do not say it themselves.
const PROVIDED: [Provided; 2] = [
    Provided {
        attribute: "project",
        argument: "project",
        variable: "GOOGLE_PROJECT",
    },
    Provided {
        attribute: "location",
        argument: "region",
        variable: "GOOGLE_REGION",
    },
];
/// Attributes that reach Google: another value of one of them is another version of the job.
pub(super) const REMOTE: [&str; 14] = [
    "container",
    "gpu",
    "resources",
    "job",
    "secrets",
    "env",
    "vpc_access",
    "volumes",
    "service_account",
    "encryption_key",
    "binary_authorization",
    "launch_stage",
    "annotations",
    "effective_labels",
];
/// What stays the same for the whole life of a job.
const IDENTITY: [&str; 3] = ["uid", "create_time", "creator"];
/// What no change of a job's definition changes. A plan that called them unknown would show a change that is none, so
/// an apply leaves them as planned, and the next refresh brings them up to date.
pub(super) const EXECUTIONS: [&str; 2] = ["execution_count", "latest_execution"];
/// What each version of a job has anew.
const VERSION: [&str; 5] = ["generation", "etag", "update_time", "last_modifier", "condition"];

#[cfg(test)]
pub(crate) mod tests;
