//! Project, location and name of a planned job, where the configuration omits them.

use crate::gpu;
use crate::job::model::Facets;
use crate::job::validate;
use crate::name;
use crate::provider::Defaults;
use terraform_plugin::diagnostic::{Diagnostic, InvalidValue, quoted};
use terraform_plugin::value::{Field, Path, Value};

/// Project and location default to the provider's; the name to the prior one, then to one made of `facets`.
///
/// While a default is unknown, the prior value stays. When it turns out to be another one during the apply, the second plan
/// differs from this one, and Terraform refuses it before the job is changed.
pub(super) fn set_defaults(
    planned: &mut Value,
    prior: &Value,
    defaults: &Defaults,
    diagnostics: &mut Vec<Diagnostic>,
) {
    for (source, default) in PROVIDER_DEFAULTS
        .iter()
        .zip([&defaults.project, &defaults.region])
    {
        let attribute = source.attribute;
        if !planned.get(attribute).is_null() {
            continue;
        }
        match default {
            Field::Null => diagnostics.push(missing_value(source)),
            Field::Unknown => {}
            Field::Known(region) if attribute == "location" => {
                diagnostics.extend(validate::region_error(region))
            }
            Field::Known(project) => diagnostics.extend(validate::project_error(project)),
        }
        let value = match default {
            Field::Unknown => Field::read(prior.get(attribute)),
            default => default.clone(),
        };
        planned.set(attribute, value.or(Field::Unknown));
    }
    if planned.get("name").is_null() {
        let facets = Field::read(planned.get("facets"));
        let name = prior_name(prior, &facets).unwrap_or_else(|| name_from_facets(facets));
        planned.set("name", name.or(Field::Unknown));
    }
}

/// The name of the prior job, unless it was made of other facets.
fn prior_name(prior: &Value, planned: &Field<Facets>) -> Option<Field<String>> {
    let may_equal = |prior: &Field<String>, planned: &Field<String>| planned.is_unknown() || prior == planned;
    let same = match (Field::<Facets>::read(prior.get("facets")), planned) {
        (Field::Known(prior), Field::Known(planned)) => {
            may_equal(&prior.environment, &planned.environment)
                && may_equal(&prior.instance_name, &planned.instance_name)
        }
        (Field::Known(_), Field::Null) => false,
        _ => true,
    };
    let name = Field::read(prior.get("name"));
    (same && name.known().is_some()).then_some(name)
}

fn name_from_facets(facets: Field<Facets>) -> Field<String> {
    facets.and_then(|facets| {
        facets.environment.and_then(|environment| {
            facets
                .instance_name
                .map(|instance| name::job_id(&format!("{environment}-{instance}")))
        })
    })
}

/// Warnings about a replacement that only defaults of the provider cause.
pub(super) fn replacement_warnings(
    prior: &Value,
    config: &Value,
    planned: &Value,
    requires_replace: &[Path],
) -> Vec<Diagnostic> {
    let is_cause = |source: &&ProviderDefault| {
        requires_replace.contains(&Path::attribute(source.attribute))
            && config.get(source.attribute).is_null()
    };
    let causes = PROVIDER_DEFAULTS.iter().filter(is_cause);
    if causes.clone().count() < requires_replace.len() {
        return Vec::new();
    }
    let warnings = causes.filter_map(|source| {
        let ProviderDefault {
            attribute,
            argument,
            variable,
        } = source;
        let (before, after) = (prior.get(attribute).as_str()?, planned.get(attribute).as_str()?);
        let before = quoted(before);
        let warning = InvalidValue {
            path: Path::attribute(attribute),
            must: format!("stay {before} to keep the job"),
            got: format!(
                "{} from the provider configuration ({argument}) or an environment variable such as {variable}",
                quoted(after)
            ),
            fix: format!(
                "This plan deletes the job and creates another one. To keep the job, set {attribute} = {before} in this \
                 resource."
            ),
        };
        Some(warning.warning("Replacement by a provider default"))
    });
    warnings.collect()
}

fn missing_value(source: &ProviderDefault) -> Diagnostic {
    let ProviderDefault {
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
        format!("Missing {argument}"),
        format!(
            "{attribute} must be set in the resource, by {argument} in the provider or by {variable}, got no value. For \
             example: {attribute} = \"{example}\"."
        ),
    )
}

/// The default of an attribute.
struct ProviderDefault {
    attribute: &'static str,
    /// The provider's argument.
    argument: &'static str,
    /// The first environment variable for the argument.
    variable: &'static str,
}

const PROVIDER_DEFAULTS: [ProviderDefault; 2] = [
    ProviderDefault {
        attribute: "project",
        argument: "project",
        variable: "GOOGLE_PROJECT",
    },
    ProviderDefault {
        attribute: "location",
        argument: "region",
        variable: "GOOGLE_REGION",
    },
];
