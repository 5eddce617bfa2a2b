//! Answers as an older Terraform decodes them: what its version of the protocol does not know, it does not see.

use facets_gpu::wire::proto::tfplugin6::{
    Schema, ServerCapabilities, apply_resource_change, configure_provider, generate_resource_config,
    get_provider_schema, get_resource_identity_schemas, import_resource_state, move_resource_state,
    plan_resource_change, read_data_source, read_resource,
    schema::{Attribute, Block},
    upgrade_resource_identity, upgrade_resource_state, validate_data_resource_config,
    validate_list_resource_config, validate_provider_config, validate_resource_config,
};

/// A message of which not every version of the protocol knows all fields.
pub(crate) trait Aged {
    /// Empties the fields that are newer than this minor version of protocol 6, and names those that held something.
    fn forget(&mut self, protocol: u8) -> Vec<&'static str>;
}

/// The fields of a message that are newer than 6.3, each with the minor version that brought it, and the messages
/// inside that have such fields too.
macro_rules! newer {
    ($($message:ty { $($field:ident: $since:literal),* } $(then |$this:ident| $inner:expr),*;)*) => {
        $(impl Aged for $message {
            fn forget(&mut self, protocol: u8) -> Vec<&'static str> {
                let mut forgotten = Vec::new();
                $(if protocol < $since && emptied(&mut self.$field) {
                    forgotten.push(stringify!($field));
                })*
                $({
                    let $this = &mut *self;
                    forgotten.extend($inner.flat_map(|inner| inner.forget(protocol)));
                })*
                forgotten.sort_unstable();
                forgotten.dedup();
                forgotten
            }
        })*
    };
}

newer! {
    get_provider_schema::Response {
        functions: 5, ephemeral_resource_schemas: 7, list_resource_schemas: 10, state_store_schemas: 10,
        action_schemas: 10
    } then |this| this.provider.iter_mut(),
      then |this| this.resource_schemas.values_mut(),
      then |this| this.data_source_schemas.values_mut(),
      then |this| this.server_capabilities.iter_mut();
    ServerCapabilities { get_provider_schema_optional: 4, move_resource_state: 5, generate_resource_config: 10 };
    Schema {} then |this| this.block.iter_mut();
    Block { deprecation_message: 10, computed: 11 } then |this| this.attributes.iter_mut();
    Attribute { write_only: 8, deprecation_message: 10 }
        then |this| this.nested_type.iter_mut().flat_map(|nested| &mut nested.attributes);
    read_resource::Response { deferred: 6, new_identity: 9 };
    plan_resource_change::Response { deferred: 6, planned_identity: 9 };
    apply_resource_change::Response { new_identity: 9 };
    import_resource_state::Response { deferred: 6 } then |this| this.imported_resources.iter_mut();
    import_resource_state::ImportedResource { identity: 9 };
    move_resource_state::Response { target_identity: 9 };
    read_data_source::Response { deferred: 6 };
}

/// Whether a field held something until now.
fn emptied<T: Default + PartialEq>(field: &mut T) -> bool {
    std::mem::take(field) != T::default()
}

/// Messages that are the same since 6.3.
macro_rules! unchanged {
    ($($module:ident),*) => {
        $(impl Aged for $module::Response {
            fn forget(&mut self, _: u8) -> Vec<&'static str> {
                Vec::new()
            }
        })*
    };
}

unchanged!(
    validate_provider_config,
    validate_data_resource_config,
    validate_resource_config,
    configure_provider,
    upgrade_resource_state,
    // Of 6.9 and later: no older version asks for these.
    upgrade_resource_identity,
    get_resource_identity_schemas,
    validate_list_resource_config,
    generate_resource_config
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_version_does_not_know_is_taken_out_and_named_however_deep_it_lies() {
        let inner = Attribute {
            name: "inner".to_owned(),
            write_only: true,
            ..Attribute::default()
        };
        let outer = Attribute {
            nested_type: Some(facets_gpu::wire::proto::tfplugin6::schema::Object {
                attributes: vec![inner],
                ..Default::default()
            }),
            ..Attribute::default()
        };
        let block = Block {
            attributes: vec![outer],
            computed: true,
            ..Block::default()
        };
        let new = Schema {
            version: 7,
            block: Some(block),
        };

        let mut seen = new.clone();
        assert_eq!(seen.forget(3), ["computed", "write_only"]);
        assert_eq!(seen.version, 7);
        assert_eq!(seen.clone().forget(3), [""; 0], "nothing is left to forget");
        assert_eq!(new.clone().forget(8), ["computed"]);
        let mut all = new.clone();
        assert_eq!(all.forget(11), [""; 0]);
        assert_eq!(all, new);
    }
}
