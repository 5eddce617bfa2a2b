//! The calls about an action (Terraform 1.14).
//!
//! A configuration is validated in each of them: Terraform validates with what the configuration alone determines, plans with
//! what the state has, and invokes with everything.

use super::respond::Handled;
use super::{Server, decode, encode};
use crate::action::{Action, Progress};
use crate::diagnostic::{Diagnostic, InvalidValue};
use crate::proto::tfplugin6 as tf;
use crate::provider::Provider;
use crate::schema::{Attribute, Configurability};
use crate::value::{Path, Value};

pub(super) fn validate<P: Provider>(
    server: &Server<P>,
    request: tf::validate_action_config::Request,
) -> Handled<tf::validate_action_config::Response> {
    let (_, _, diagnostics) = validated(server, &request.type_name, request.config)?;
    Ok(tf::validate_action_config::Response {
        diagnostics: encode::diagnostics(&diagnostics),
    })
}

pub(super) fn plan<P: Provider>(
    server: &Server<P>,
    request: tf::plan_action::Request,
) -> Handled<tf::plan_action::Response> {
    let (action, config, mut diagnostics) = validated(server, &request.action_type, request.config)?;
    if !diagnostics.iter().any(Diagnostic::is_error) {
        diagnostics.extend(action.plan(server.data().as_deref(), &config));
    }
    Ok(tf::plan_action::Response {
        diagnostics: encode::diagnostics(&diagnostics),
        ..Default::default()
    })
}

/// Warnings about the configuration are not repeated: by now the plan is approved.
pub(super) async fn invoke<P: Provider>(
    server: &Server<P>,
    request: tf::invoke_action::Request,
    progress: Progress,
) -> Handled<tf::invoke_action::event::Completed> {
    let (action, config, mut errors) = validated(server, &request.action_type, request.config)?;
    errors.retain(Diagnostic::is_error);
    if !errors.is_empty() {
        return Err(errors);
    }
    let diagnostics = action.invoke(&server.context()?, &config, &progress).await;
    Ok(tf::invoke_action::event::Completed {
        diagnostics: encode::diagnostics(&diagnostics),
    })
}

type Validated<'a, D> = (&'a dyn Action<D>, Value, Vec<Diagnostic>);

fn validated<'a, P: Provider>(
    server: &'a Server<P>,
    type_name: &str,
    config: Option<tf::DynamicValue>,
) -> Handled<Validated<'a, P::Data>> {
    let action = server.action(type_name)?;
    let config = decode::value(action.schema(), config)?;
    let diagnostics = action.validate(&config);
    Ok((action, config, diagnostics))
}

/// An error for each attribute of an action that has a default or is computed.
pub(super) fn schema_errors<D: Send + Sync + 'static>(action: &dyn Action<D>) -> Vec<Diagnostic> {
    let mut errors = Vec::new();
    let schema = Path::attribute(action.type_name());
    add_schema_errors(&schema, &action.schema().attributes, &mut errors);
    errors
}

fn add_schema_errors(parent: &Path, attributes: &[Attribute], errors: &mut Vec<Diagnostic>) {
    for attribute in attributes {
        let path = parent.clone().key(attribute.name);
        if let Some(nested) = attribute.ty.nested() {
            add_schema_errors(&path, nested, errors);
        }
        if let Configurability::Computed | Configurability::OptionalComputed = attribute.configurability {
            let invalid = InvalidValue {
                path,
                must: "be required or optional, as every attribute of an action".to_owned(),
                got: "a computed one or a default".to_owned(),
                fix: "This is a bug in the provider. Report it.".to_owned(),
            };
            // Terraform has no source line for the schema.
            errors.push(Diagnostic {
                path: Path::default(),
                ..invalid.error("Invalid schema of an action")
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::Context;
    use crate::schema::{Schema, Type};

    struct Stateful(Schema);

    #[crate::async_trait]
    impl Action<()> for Stateful {
        fn type_name(&self) -> &'static str {
            "stateful"
        }

        fn schema(&self) -> &Schema {
            &self.0
        }

        async fn invoke(&self, _: &Context<()>, _: &Value, _: &Progress) -> Vec<Diagnostic> {
            Vec::new()
        }
    }

    #[test]
    fn computed_attributes_are_schema_errors() {
        let attribute = |name| Attribute::new(name, Type::String, "");
        let nested = vec![attribute("given").required(), attribute("found").computed()];
        let attributes = vec![
            attribute("optional"),
            attribute("with_default").default("a"),
            Attribute::new("items", Type::ListNested(nested), ""),
        ];
        let errors = schema_errors(&Stateful(Schema::new("", attributes)));
        let starts: Vec<_> = errors
            .iter()
            .map(|error| error.detail.split(' ').next())
            .collect();
        assert_eq!(
            starts,
            [Some("stateful.with_default"), Some("stateful.items.found")]
        );
        assert!(errors.iter().all(Diagnostic::is_error));
    }
}
