//! `proto/` is written by hand. These tests compare its descriptors with the protocol that Terraform uses, in `wire.txt`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use std::fmt::Write as _;

use prost::Message as _;
use prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorSet, ServiceDescriptorProto,
    field_descriptor_proto::{Label, Type},
};
use terraform_plugin::proto::DESCRIPTORS;

#[test]
fn descriptors_match_the_protocol() {
    let expected: Vec<&str> = include_str!("wire.txt")
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect();
    let compiled = Outline::of(&FileDescriptorSet::decode(DESCRIPTORS).unwrap()).render();
    for (line, (found, wanted)) in compiled.lines().zip(&expected).enumerate() {
        assert_eq!(found, *wanted, "line {} without comments", line + 1);
    }
    assert_eq!(compiled.lines().count(), expected.len());
}

#[test]
fn provider_service_is_complete() {
    let outline = Outline::of(&FileDescriptorSet::decode(DESCRIPTORS).unwrap());
    let count = |kind: &[(String, String)]| {
        kind.iter()
            .filter(|(name, _)| name.starts_with("tfplugin6."))
            .count()
    };
    assert_eq!(count(&outline.messages), 143);
    assert_eq!(count(&outline.enums), 5);
    let (_, methods) = outline
        .services
        .iter()
        .find(|(name, _)| name == "tfplugin6.Provider")
        .unwrap();
    assert_eq!(methods.lines().count(), 36);
}

/// All declarations, each with its lines as in `wire.txt`.
#[derive(Default)]
struct Outline {
    messages: Vec<(String, String)>,
    enums: Vec<(String, String)>,
    services: Vec<(String, String)>,
}

impl Outline {
    fn of(set: &FileDescriptorSet) -> Self {
        let mut outline = Self::default();
        for file in set
            .file
            .iter()
            .filter(|file| !file.package().starts_with("google."))
        {
            let package = file.package();
            file.message_type
                .iter()
                .for_each(|message| outline.add_message(package, message));
            file.enum_type
                .iter()
                .for_each(|values| outline.add_enum(package, values));
            file.service
                .iter()
                .for_each(|service| outline.add_service(package, service));
        }
        outline
    }

    fn add_message(&mut self, scope: &str, message: &DescriptorProto) {
        let name = format!("{scope}.{}", message.name());
        let mut fields: Vec<_> = message.field.iter().collect();
        fields.sort_by_key(|field| field.number());
        let lines = fields.into_iter().fold(String::new(), |mut lines, field| {
            writeln!(
                lines,
                "  {} {} {}",
                field.number(),
                type_of(field, message),
                field.name()
            )
            .unwrap();
            lines
        });
        for nested in message.nested_type.iter().filter(|nested| !is_map_entry(nested)) {
            self.add_message(&name, nested);
        }
        message
            .enum_type
            .iter()
            .for_each(|values| self.add_enum(&name, values));
        self.messages.push((name, lines));
    }

    fn add_enum(&mut self, scope: &str, values: &EnumDescriptorProto) {
        let lines = values.value.iter().fold(String::new(), |mut lines, value| {
            writeln!(lines, "  {} {}", value.number(), value.name()).unwrap();
            lines
        });
        self.enums.push((format!("{scope}.{}", values.name()), lines));
    }

    fn add_service(&mut self, scope: &str, service: &ServiceDescriptorProto) {
        let stream = |streaming| if streaming { "stream " } else { "" };
        let mut lines: Vec<String> = (service.method.iter())
            .map(|method| {
                let (input, output) = (full_name(method.input_type()), full_name(method.output_type()));
                let (request, response) = (
                    stream(method.client_streaming()),
                    stream(method.server_streaming()),
                );
                format!("  {} {request}{input} -> {response}{output}\n", method.name())
            })
            .collect();
        lines.sort();
        self.services
            .push((format!("{scope}.{}", service.name()), lines.concat()));
    }

    fn render(mut self) -> String {
        let mut text = String::new();
        for (kind, entries) in [
            ("message", &mut self.messages),
            ("enum", &mut self.enums),
            ("service", &mut self.services),
        ] {
            entries.sort();
            for (name, lines) in entries {
                write!(text, "{kind} {name}\n{lines}").unwrap();
            }
        }
        text
    }
}

fn type_of(field: &FieldDescriptorProto, message: &DescriptorProto) -> String {
    let named = named_type(field);
    let entry = message.nested_type.iter().find(|nested| {
        is_map_entry(nested)
            && named
                .strip_suffix(nested.name())
                .is_some_and(|scope| scope.ends_with('.'))
    });
    if let Some(entry) = entry {
        return format!(
            "map<{}, {}>",
            named_type(&entry.field[0]),
            named_type(&entry.field[1])
        );
    }
    if field.proto3_optional() {
        return format!("optional {named}");
    }
    if let Some(oneof) = field.oneof_index {
        return format!(
            "oneof {} {named}",
            message.oneof_decl[usize::try_from(oneof).unwrap()].name()
        );
    }
    if field.label() == Label::Repeated {
        format!("repeated {named}")
    } else {
        named
    }
}

fn named_type(field: &FieldDescriptorProto) -> String {
    match field.r#type() {
        Type::Message | Type::Enum => full_name(field.type_name()),
        scalar => scalar.as_str_name().trim_start_matches("TYPE_").to_lowercase(),
    }
}

fn full_name(name: &str) -> String {
    name.trim_start_matches('.').to_owned()
}

fn is_map_entry(message: &DescriptorProto) -> bool {
    message
        .options
        .as_ref()
        .is_some_and(|options| options.map_entry())
}
