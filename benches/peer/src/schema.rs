//! The attributes of the resource: the same names, types and nesting as the provider's.

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
        "facets" => nested(Optional, facets(), "What the Facets platform knows."),
        "project" => text(OptionalComputed, "Project of the job."),
        "location" => text(OptionalComputed, "Region of the job."),
        "container" => nested(Required, container(), "What runs in each task."),
        "gpu" => nested(OptionalComputed, gpu(), "The GPU of each task."),
        "resources" => nested(OptionalComputed, resources(), "CPU and memory of each task."),
        "job" => nested(OptionalComputed, execution(), "How an execution runs its tasks."),
        "secrets" => attribute(AttributeType::AttributeList(secrets()), Optional, "Variables from Secret Manager."),
        "env" => attribute(text_map(), Optional, "Variables in clear text."),
        "vpc_access" => nested(Optional, vpc_access(), "How tasks reach a VPC."),
        "service_account" => text(OptionalComputed, "Account that tasks run as."),
        "launch_stage" => text(OptionalComputed, "Launch stage of the job."),
        "labels" => attribute(text_map(), Optional, "Labels of the job."),
        "annotations" => attribute(text_map(), Optional, "Annotations of the job."),
        "deletion_protection" => attribute(AttributeType::Bool, OptionalComputed, "Whether destroying is refused."),
        "timeouts" => nested(Optional, timeouts(), "How long each operation may take."),
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

fn facets() -> HashMap<String, Attribute> {
    map! {
        "instance_name" => text(Required, "Name in the blueprint."),
        "environment" => text(Required, "Name of the environment."),
        "cloud_tags" => attribute(text_map(), Optional, "Tags of the environment."),
    }
}

fn container() -> HashMap<String, Attribute> {
    map! {
        "image" => text(Required, "Address of the image."),
        "command" => attribute(texts(), Optional, "Replaces the entrypoint."),
        "args" => attribute(texts(), Optional, "Arguments of the entrypoint."),
    }
}

fn gpu() -> HashMap<String, Attribute> {
    map! {
        "enabled" => attribute(AttributeType::Bool, OptionalComputed, "Whether tasks get a GPU."),
        "type" => text(OptionalComputed, "Kind of GPU."),
    }
}

fn resources() -> HashMap<String, Attribute> {
    map! {
        "cpu" => text(OptionalComputed, "vCPUs of each task."),
        "memory" => text(OptionalComputed, "Memory of each task."),
    }
}

fn execution() -> HashMap<String, Attribute> {
    map! {
        "task_count" => attribute(AttributeType::Number, OptionalComputed, "Tasks of one execution."),
        "parallelism" => attribute(AttributeType::Number, OptionalComputed, "Tasks at the same time."),
        "max_retries" => attribute(AttributeType::Number, OptionalComputed, "Further attempts of a task."),
        "task_timeout" => text(OptionalComputed, "How long one attempt may take."),
    }
}

fn secrets() -> HashMap<String, Attribute> {
    map! {
        "env_var" => text(Required, "Name of the variable."),
        "secret_name" => text(Required, "The secret."),
        "version" => text(OptionalComputed, "Version of the secret."),
    }
}

fn vpc_access() -> HashMap<String, Attribute> {
    map! {
        "connector" => text(Optional, "The connector."),
        "egress" => text(OptionalComputed, "Traffic that goes through it."),
    }
}

fn timeouts() -> HashMap<String, Attribute> {
    map! {
        "create" => text(Optional, "Time to create the job."),
        "update" => text(Optional, "Time to update the job."),
        "delete" => text(Optional, "Time to delete the job."),
    }
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

fn nested(
    constraint: AttributeConstraint,
    attributes: HashMap<String, Attribute>,
    description: &str,
) -> Attribute {
    attribute(
        AttributeType::AttributeSingle(attributes),
        constraint,
        description,
    )
}

fn texts() -> AttributeType {
    AttributeType::List(Box::new(AttributeType::String))
}

fn text_map() -> AttributeType {
    AttributeType::Map(Box::new(AttributeType::String))
}
