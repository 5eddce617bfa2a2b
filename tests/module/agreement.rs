//! No drift: what facets.yaml, variables.tf and main.tf say of a setting is what the provider does with it.

use hcl_edit::structure::Block;
use serde_json::{Value, json};

use facets_gpu::duration;

use crate::field::variable::{self, Validation, validations};
use crate::field::{self, Accepts, Fields, form, provider};
use crate::rule::Rule;
use crate::{hcl, module, yaml};

#[test]
fn the_variable_agrees_with_the_provider() {
    let mut rule = Rule::new(
        "variables.tf gives each setting the type, default and accepted values of the provider.",
        "Bring variables.tf and the provider's schema or catalogue together; the contract says which is right.",
    );
    field::compare(
        &mut rule,
        "variables.tf",
        &spec_of_variable(),
        &spec_of_provider(),
    );
    rule.judge();
}

#[test]
fn the_form_agrees_with_the_provider() {
    let mut rule = Rule::new(
        "facets.yaml gives each setting the type, default and accepted values of the provider.",
        "Bring facets.yaml and the provider's schema or catalogue together; the contract says which is right.",
    );
    let told = form::fields(&yaml::read(&module("facets.yaml"))["spec"]);
    let [told, provider] = [told, spec_of_provider()].map(field::without_group_defaults);
    field::compare(&mut rule, "facets.yaml", &told, &provider);
    rule.judge();
}

#[test]
fn the_region_is_one_that_has_the_gpu() {
    let variables = hcl::read(&module("variables.tf"));
    let validations = validations(hcl::block(&variables, "variable", "inputs"));
    let [region] = validations.as_slice() else {
        panic!("one rule stands over the inputs: {validations:?}")
    };
    assert_eq!(region.subject, "var.inputs.cloud_account.attributes.region");
    assert_eq!(
        region.accepts,
        Accepts::OneOf(provider::regions()),
        "the catalogue's regions stand in variables.tf"
    );
    let phrase = format!(": {}. It is \"${{…}}\".", one_of(&provider::regions()));
    assert!(
        region.message.contains(&phrase),
        "{:?} does not say {phrase:?}",
        region.message
    );
}

#[test]
fn messages_tell_the_setting_its_values_and_its_default() {
    let mut rule = Rule::new(
        "The message of a validation begins with the path in the blueprint, lists what is accepted, says what was found, \
         and names the default as a way out.",
        "Correct the error_message in variables.tf.",
    );
    let fields = spec_of_variable();
    for validation in validations(&instance()) {
        for missing in missing(&validation, &fields) {
            rule.broken(format!("{:?} does not say {missing:?}", validation.message));
        }
    }
    rule.judge();
}

#[test]
fn main_tf_passes_each_setting_on() {
    let main = hcl::read(&module("main.tf"));
    let resource = main.blocks().next().unwrap();
    let passed: Vec<(String, &str)> = resource
        .body
        .attributes()
        .filter_map(|argument| {
            let path = hcl::path(&argument.value)?;
            let setting = path.strip_prefix(&["var", "instance", "spec"])?.join(".");
            Some((setting, argument.key.as_str()))
        })
        .collect();
    for (setting, argument) in &passed {
        assert_eq!(
            setting, argument,
            "a setting goes to the argument of its own name"
        );
    }
    let mut names: Vec<&str> = passed.iter().map(|(_, argument)| *argument).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        settings(),
        "main.tf passes on every setting of variables.tf"
    );
}

#[test]
fn form_variable_and_provider_take_the_same_durations() {
    let form =
        yaml::read(&module("facets.yaml"))["spec"]["properties"]["job"]["properties"]["task_timeout"].clone();
    let patterns: [String; 2] = variable::patterns(&instance())
        .try_into()
        .expect("the rule over task_timeout has two patterns");
    // A JSON Schema spells the name of a group without the P.
    let schemas = patterns.map(|pattern| json!({"pattern": pattern.replace("(?P<", "(?<")}));
    let takes = |text: &str| {
        let text = json!(text);
        let is_valid = |schema: &Value| jsonschema::draft7::is_valid(schema, &text);
        [
            is_valid(&form),
            schemas.iter().all(is_valid),
            duration::parse(text.as_str().unwrap()).is_ok(),
        ]
    };
    for good in [
        "3600s",
        "2h",
        "1h30m",
        "90m",
        "1h30m15s",
        "0.5s",
        "168h",
        "1m1.000000001s",
    ] {
        assert_eq!(takes(good), [true; 3], "{good:?} in form, variable, provider");
    }
    for bad in ["", "1 hour", "3600", "-1h", "h", "1d", "1h ", "1,5h", "PT1H"] {
        assert_eq!(takes(bad), [false; 3], "{bad:?} in form, variable, provider");
    }
}

/// The phrases that a message lacks.
fn missing(validation: &Validation, fields: &Fields) -> Vec<String> {
    let path = validation.subject.replacen("var.instance.", "", 1);
    let setting = path.strip_prefix("spec.").unwrap_or(&path);
    let default = fields.get(setting).and_then(|field| field.default.as_ref());
    let (rule, finding, way_out) = match &validation.accepts {
        Accepts::OneOf(values) => match values.as_slice() {
            [Value::Bool(only)] => (
                format!("{path} can only be {only}"),
                format!("It is {}.", !only),
                None,
            ),
            [only] => (
                format!("{path} must be {}, the only", plain(only)),
                "It is \"${…}\".".to_owned(),
                None,
            ),
            values => (
                format!("{path} must be {}.", one_of(values)),
                "It is \"${…}\".".to_owned(),
                default,
            ),
        },
        Accepts::Whole(range) => (
            format!(
                "{path} is a whole number from {} to {}.",
                range.start(),
                range.end()
            ),
            "It is ${…}.".to_owned(),
            default,
        ),
        Accepts::UpTo(most) => (
            format!(
                "{path} is hours, minutes and seconds such as 3600s, 2h or 1h30m, more than nothing and at most {}.",
                duration::to_words(*most)
            ),
            "It is \"${…}\".".to_owned(),
            default,
        ),
        other => (format!("{other:?}"), String::new(), None),
    };
    let way_out = way_out.map_or("ake it out".to_owned(), |default| {
        format!("take it out to get {}.", shown(default))
    });
    let phrases = [rule, finding, way_out].into_iter();
    phrases
        .filter(|phrase| !validation.message.contains(phrase))
        .collect()
}

/// `a, b or c`.
fn one_of(values: &[Value]) -> String {
    let shown: Vec<String> = values.iter().map(shown).collect();
    let (last, first) = shown.split_last().expect("something is accepted");
    if first.is_empty() {
        last.clone()
    } else {
        format!("{} or {last}", first.join(", "))
    }
}

/// Text that looks like a number is told in quotes, since that is how a blueprint must write it.
fn shown(value: &Value) -> String {
    match value.as_str() {
        Some(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => format!("\"{text}\""),
        _ => plain(value),
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn instance() -> Block {
    hcl::block(&hcl::read(&module("variables.tf")), "variable", "instance").clone()
}

fn spec_of_variable() -> Fields {
    variable::fields(&instance(), "var.instance.spec")
}

/// The names of the settings at the top of a spec.
fn settings() -> Vec<String> {
    let fields = spec_of_variable();
    fields.into_keys().filter(|path| !path.contains('.')).collect()
}

/// What the provider has for the settings of the contract.
fn spec_of_provider() -> Fields {
    let settings = settings();
    let names: Vec<&str> = settings.iter().map(String::as_str).collect();
    let mut fields = provider::fields(&names);
    for path in NOT_OF_THE_CONTRACT {
        let within = |field: &str| {
            field == path
                || field
                    .strip_prefix(path)
                    .is_some_and(|rest| rest.starts_with("[]."))
        };
        let before = fields.len();
        fields.retain(|field, _| !within(field));
        assert!(fields.len() < before, "the provider has no {path} any more");
    }
    fields
}

/// What the provider has besides, inside the contract's own groups. The contract is the platform's, and grows by its
/// word alone.
const NOT_OF_THE_CONTRACT: [&str; 5] = [
    "container.working_dir",
    "container.volume_mounts",
    "vpc_access.network",
    "vpc_access.subnetwork",
    "vpc_access.tags",
];
