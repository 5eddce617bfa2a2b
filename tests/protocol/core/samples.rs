//! Small schemas for the tests of the rules themselves.

use facets_gpu::wire::proto::tfplugin6::schema::{Attribute, Object, object::NestingMode};

pub(super) const SINGLE: NestingMode = NestingMode::Single;

/// An attribute in the making; optional, unless it is said to be computed only.
pub(super) struct Sample(Attribute);

pub(super) fn text(name: &str) -> Sample {
    typed(name, "\"string\"")
}

pub(super) fn number(name: &str) -> Sample {
    typed(name, "\"number\"")
}

pub(super) fn texts(name: &str) -> Sample {
    typed(name, r#"["map","string"]"#)
}

fn typed(name: &str, kind: &str) -> Sample {
    Sample(Attribute {
        name: name.to_owned(),
        r#type: kind.into(),
        optional: true,
        ..Attribute::default()
    })
}

pub(super) fn attribute(sample: Sample) -> Attribute {
    sample.0
}

impl Sample {
    pub(super) fn computed(mut self) -> Self {
        (self.0.optional, self.0.computed) = (false, true);
        self
    }

    pub(super) fn or_computed(mut self) -> Self {
        self.0.computed = true;
        self
    }

    /// An attribute of nested attributes.
    pub(super) fn nested(mut self, mode: NestingMode, attributes: Vec<Sample>) -> Self {
        self.0.r#type.clear();
        self.0.nested_type = Some(Object {
            attributes: attributes.into_iter().map(attribute).collect(),
            nesting: mode.into(),
            ..Object::default()
        });
        self
    }
}
