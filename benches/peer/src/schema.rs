//! The attributes of the resource: the same names and types as the provider's.
//!
//! The provider nests attributes in attributes. tf-provider offers that too (`AttributeType::AttributeSingle`),
//! but puts both a type and a nested type on the wire, and Terraform refuses such a schema ("Type and NestedType
//! cannot both be set"). So the nested ones are objects here: the values are the same, but a configuration must
//! spell every attribute of an object, and none inside has a description or a default of its own.

use std::collections::HashMap;

use tf_provider::map;
use tf_provider::schema::{Attribute, AttributeConstraint, AttributeType, Block, Description, Schema};

use AttributeConstraint::{Computed, Optional, OptionalComputed, Required};

/// The schema; it never changes.
pub fn schema() -> Schema {
    Schema {
        version: 0,
        block: Block {
            description: Description::markdown("A Cloud Run job whose tasks each get a GPU."),
            attributes: attributes(),
            ..Block::default()
        },
    }
}

fn attributes() -> HashMap<String, Attribute> {
    let computed =
        |name: &str, ty, description: &str| (name.to_owned(), attribute(ty, Computed, description));
    let mut all: HashMap<String, Attribute> = map! {
        "name" => text(OptionalComputed, "Id of the job."),
        "facets" => attribute(facets(), Optional, "What the Facets platform knows."),
        "project" => text(OptionalComputed, "Project of the job."),
        "location" => text(OptionalComputed, "Region of the job."),
        "container" => attribute(container(), Required, "What runs in each task."),
        "gpu" => attribute(gpu(), OptionalComputed, "The GPU of each task."),
        "resources" => attribute(resources(), OptionalComputed, "CPU and memory of each task."),
        "job" => attribute(execution(), OptionalComputed, "How an execution runs its tasks."),
        "secrets" => attribute(AttributeType::List(Box::new(secrets())), Optional, "Variables from Secret Manager."),
        "env" => attribute(text_map(), Optional, "Variables in clear text."),
        "vpc_access" => attribute(vpc_access(), Optional, "How tasks reach a VPC."),
        "service_account" => text(OptionalComputed, "Account that tasks run as."),
        "launch_stage" => text(OptionalComputed, "Launch stage of the job."),
        "labels" => attribute(text_map(), Optional, "Labels of the job."),
        "annotations" => attribute(text_map(), Optional, "Annotations of the job."),
        "deletion_protection" => attribute(AttributeType::Bool, OptionalComputed, "Whether destroying is refused."),
        "timeouts" => attribute(timeouts(), Optional, "How long each operation may take."),
    };
    all.extend([
        computed("id", AttributeType::String, "Full name of the job."),
        computed(
            "execution_url",
            AttributeType::String,
            "Address that starts an execution.",
        ),
        computed(
            "max_gpu_hours",
            AttributeType::Number,
            "The most GPU time of one execution.",
        ),
        computed(
            "effective_labels",
            text_map(),
            "All labels that this resource sets.",
        ),
        computed(
            "uid",
            AttributeType::String,
            "Identifier that Google gave the job.",
        ),
        computed(
            "generation",
            AttributeType::Number,
            "How often the definition has changed.",
        ),
        computed("etag", AttributeType::String, "Fingerprint of this version."),
        computed("create_time", AttributeType::String, "When the job was made."),
        computed(
            "update_time",
            AttributeType::String,
            "When the job was last changed.",
        ),
        computed("creator", AttributeType::String, "Who made the job."),
        computed(
            "execution_count",
            AttributeType::Number,
            "How many executions it has had.",
        ),
        computed(
            "latest_execution",
            AttributeType::String,
            "The execution started last.",
        ),
    ]);
    all
}

fn facets() -> AttributeType {
    object([
        ("instance_name", AttributeType::String),
        ("environment", AttributeType::String),
        ("cloud_tags", text_map()),
    ])
}

fn container() -> AttributeType {
    object([
        ("image", AttributeType::String),
        ("command", texts()),
        ("args", texts()),
    ])
}

fn gpu() -> AttributeType {
    object([("enabled", AttributeType::Bool), ("type", AttributeType::String)])
}

fn resources() -> AttributeType {
    object([("cpu", AttributeType::String), ("memory", AttributeType::String)])
}

fn execution() -> AttributeType {
    object([
        ("task_count", AttributeType::Number),
        ("parallelism", AttributeType::Number),
        ("max_retries", AttributeType::Number),
        ("task_timeout", AttributeType::String),
    ])
}

fn secrets() -> AttributeType {
    object(["env_var", "secret_name", "version"].map(|name| (name, AttributeType::String)))
}

fn vpc_access() -> AttributeType {
    object(["connector", "egress"].map(|name| (name, AttributeType::String)))
}

fn timeouts() -> AttributeType {
    object(["create", "update", "delete"].map(|name| (name, AttributeType::String)))
}

fn object<const N: usize>(attributes: [(&str, AttributeType); N]) -> AttributeType {
    AttributeType::Object(attributes.map(|(name, ty)| (name.to_owned(), ty)).into())
}

fn attribute(attr_type: AttributeType, constraint: AttributeConstraint, description: &str) -> Attribute {
    Attribute {
        attr_type,
        constraint,
        description: Description::markdown(description),
        ..Attribute::default()
    }
}

fn text(constraint: AttributeConstraint, description: &str) -> Attribute {
    attribute(AttributeType::String, constraint, description)
}

fn texts() -> AttributeType {
    AttributeType::List(Box::new(AttributeType::String))
}

fn text_map() -> AttributeType {
    AttributeType::Map(Box::new(AttributeType::String))
}
