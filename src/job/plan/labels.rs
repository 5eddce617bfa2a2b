//! The labels of a planned job.

use std::collections::BTreeMap;

use crate::job::model::{Facets, StringMap};
use crate::labels::{LABEL_COUNT, LABELS_URL, label_keys, label_value};
use crate::provider::Defaults;
use terraform_plugin::diagnostic::Diagnostic;
use terraform_plugin::value::{Field, Path, Value};

/// The labels of all sources. Later sources win.
pub(super) fn effective_labels(planned: &Value, defaults: &Defaults) -> Field<StringMap> {
    let sources = [
        defaults.labels.clone(),
        platform_labels(Field::read(planned.get("facets"))),
        Field::read(planned.get("labels")),
    ];
    let mut all = StringMap::new();
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

/// The limit applies to all sources together; validation sees only the labels of the configuration.
pub(super) fn too_many_labels(planned: &Value) -> Option<Diagnostic> {
    let Value::Map(labels) = planned.get("effective_labels") else {
        return None;
    };
    let count = |source: &Value| match source {
        Value::Map(labels) => labels.len(),
        _ => 0,
    };
    let tags = planned.get("facets").get("cloud_tags");
    (labels.len() > LABEL_COUNT).then(|| {
        let source = if count(tags) > count(planned.get("labels")) {
            Path::attribute("facets").key("cloud_tags")
        } else {
            Path::attribute("labels")
        };
        Diagnostic::attribute_error(
            source,
            "Too many labels",
            format!(
                "default_labels, facets and labels together must set at most {LABEL_COUNT} labels, got {}. Remove {} of \
                 them. See {LABELS_URL}.",
                labels.len(),
                labels.len() - LABEL_COUNT
            ),
        )
    })
}

fn platform_labels(facets: Field<Facets>) -> Field<StringMap> {
    facets.and_then(|facets| {
        let tags = match facets.cloud_tags {
            Field::Unknown => return Field::Unknown,
            Field::Null => BTreeMap::new(),
            Field::Known(tags) => tags,
        };
        let cleaned = |value: &Field<String>| value.as_ref().map(|text| label_value(text));
        let mut labels: StringMap = label_keys(tags.keys())
            .into_iter()
            .map(|(label, tag)| (label, cleaned(&tags[tag])))
            .collect();
        labels.insert("managed-by".to_owned(), Field::Known("facets".to_owned()));
        labels.insert("instance".to_owned(), cleaned(&facets.instance_name));
        labels.insert("environment".to_owned(), cleaned(&facets.environment));
        Field::Known(labels)
    })
}
