//! A provider for text files in one directory, with a resource, a data source and an action. `tests/terraform.rs` runs it
//! with Terraform.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use terraform_plugin::action::Progress;
use terraform_plugin::diagnostic::{Diagnostic, quoted};
use terraform_plugin::redact::Redactor;
use terraform_plugin::resource::{ImportRequest, StateResponse, UpdateRequest};
use terraform_plugin::schema::{Attribute, Schema, Type};
use terraform_plugin::value::{Number, Path, Value};
use terraform_plugin::{
    Action, ConfigureRequest, Context, DataSource, Provider, ProviderInfo, Resource, async_trait, serve,
};

fn main() -> ExitCode {
    let directory = Attribute::new("directory", Type::String, "The directory of all files.").required();
    let provider = LocalProvider {
        schema: Schema::new("Text files in one directory.", vec![directory]),
    };
    serve(provider, Redactor::default())
}

struct LocalProvider {
    schema: Schema,
}

impl Provider for LocalProvider {
    /// The directory of the provider's configuration.
    type Data = PathBuf;

    fn info(&self) -> ProviderInfo {
        ProviderInfo {
            name: "terraform-provider-local",
            version: env!("CARGO_PKG_VERSION"),
            description: "text files in one directory",
            source: "example/local",
            log_crates: &["local_file"],
        }
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn resources(&self) -> Vec<Box<dyn Resource<PathBuf>>> {
        let [name, content, size] = attributes();
        let attributes = vec![
            name.required().requires_replace(),
            content.default(""),
            size.computed(),
        ];
        vec![Box::new(LocalFile {
            schema: Schema::new("A text file.", attributes),
        })]
    }

    fn data_sources(&self) -> Vec<Box<dyn DataSource<PathBuf>>> {
        let [name, content, size] = attributes();
        let attributes = vec![name.required(), content.computed(), size.computed()];
        vec![Box::new(LocalFile {
            schema: Schema::new("A text file that exists.", attributes),
        })]
    }

    fn actions(&self) -> Vec<Box<dyn Action<PathBuf>>> {
        let attributes = vec![
            Attribute::new("from", Type::String, "The name of the file.").required(),
            Attribute::new(
                "to",
                Type::String,
                "The name of the copy. A file of this name is overwritten.",
            )
            .required(),
        ];
        vec![Box::new(LocalFileCopy {
            schema: Schema::new("Copies a file.", attributes),
        })]
    }

    fn configure(&self, request: &ConfigureRequest<'_>) -> (Option<PathBuf>, Vec<Diagnostic>) {
        match request.config.get("directory").as_str() {
            Some(directory) => (Some(directory.into()), Vec::new()),
            // It may depend on a resource that does not exist yet.
            None => {
                let detail = "directory must be known during the plan.";
                (None, error("directory", "Unknown directory", detail).into())
            }
        }
    }
}

/// The resource and, with another schema, the data source.
struct LocalFile {
    schema: Schema,
}

#[async_trait]
impl Resource<PathBuf> for LocalFile {
    fn type_name(&self) -> &'static str {
        "local_file"
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn validate(&self, config: &Value) -> Vec<Diagnostic> {
        check_name(config, "name")
    }

    async fn read(&self, context: &Context<PathBuf>, state: &Value, _private: &[u8]) -> StateResponse {
        match file(context, text(state, "name")) {
            Ok(found) => StateResponse::new(found),
            // Terraform then plans to create it again.
            Err(error) if error.kind() == io::ErrorKind::NotFound => StateResponse::new(Value::Null),
            Err(error) => StateResponse::failed(state.clone(), failure(text(state, "name"), &error)),
        }
    }

    async fn create(&self, context: &Context<PathBuf>, planned: &Value) -> StateResponse {
        let (name, content) = (text(planned, "name"), text(planned, "content"));
        match File::create_new(context.data.join(name)) {
            Err(error) => StateResponse::failed(Value::Null, failure(name, &error)),
            Ok(mut file) => match file.write_all(content.as_bytes()) {
                Ok(()) => StateResponse::new(object(name, content)),
                // The file exists, so it is in the state, beside the error.
                Err(error) => StateResponse::failed(object(name, ""), failure(name, &error)),
            },
        }
    }

    async fn update(&self, context: &Context<PathBuf>, request: &UpdateRequest<'_>) -> StateResponse {
        let UpdateRequest { prior, planned, .. } = *request;
        let (name, content) = (text(planned, "name"), text(planned, "content"));
        match fs::write(context.data.join(name), content) {
            Ok(()) => StateResponse::new(object(name, content)),
            Err(error) => StateResponse::failed(prior.clone(), failure(name, &error)),
        }
    }

    async fn delete(&self, context: &Context<PathBuf>, prior: &Value) -> StateResponse {
        match fs::remove_file(context.data.join(text(prior, "name"))) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                StateResponse::failed(prior.clone(), failure(text(prior, "name"), &error))
            }
            _ => StateResponse::new(Value::Null),
        }
    }

    async fn import(
        &self,
        context: &Context<PathBuf>,
        request: &ImportRequest<'_>,
    ) -> Result<StateResponse, Vec<Diagnostic>> {
        let found = file(context, request.id).map_err(|error| failure(request.id, &error))?;
        Ok(StateResponse::new(found))
    }
}

#[async_trait]
impl DataSource<PathBuf> for LocalFile {
    fn type_name(&self) -> &'static str {
        "local_file"
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    async fn read(&self, context: &Context<PathBuf>, config: &Value) -> Result<Value, Vec<Diagnostic>> {
        file(context, text(config, "name")).map_err(|error| failure(text(config, "name"), &error).into())
    }
}

struct LocalFileCopy {
    schema: Schema,
}

#[async_trait]
impl Action<PathBuf> for LocalFileCopy {
    fn type_name(&self) -> &'static str {
        "local_file_copy"
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn validate(&self, config: &Value) -> Vec<Diagnostic> {
        [check_name(config, "from"), check_name(config, "to")].concat()
    }

    async fn invoke(
        &self,
        context: &Context<PathBuf>,
        config: &Value,
        progress: &Progress,
    ) -> Vec<Diagnostic> {
        let (from, to) = (text(config, "from"), text(config, "to"));
        progress.send(format!("Copying {} to {}", quoted(from), quoted(to)));
        let (source, copy) = (context.data.join(from), context.data.join(to));
        match fs::read(source).and_then(|content| fs::write(copy, &content).map(|()| content.len())) {
            Ok(size) => {
                progress.send(format!("Copied {size} bytes"));
                Vec::new()
            }
            Err(error) => {
                let detail = format!("Cannot copy {} to {}: {error}.", quoted(from), quoted(to));
                Diagnostic::error("File operation failed", detail).into()
            }
        }
    }
}

fn check_name(config: &Value, attribute: &str) -> Vec<Diagnostic> {
    // Null and unknown values have no string: there is nothing to check yet.
    match config.get(attribute).as_str() {
        Some(name) if name.is_empty() || name.contains('/') => {
            let detail = format!("{attribute} must not contain a directory, got {}.", quoted(name));
            error(attribute, "Invalid file name", detail).into()
        }
        _ => Vec::new(),
    }
}

fn attributes() -> [Attribute; 3] {
    [
        Attribute::new("name", Type::String, "The name of the file."),
        Attribute::new("content", Type::String, "The text of the file."),
        Attribute::new("size", Type::Number, "The size in bytes."),
    ]
}

fn text<'a>(object: &'a Value, attribute: &str) -> &'a str {
    object.get(attribute).as_str().unwrap_or_default()
}

/// The state of a file that exists.
fn file(context: &Context<PathBuf>, name: &str) -> io::Result<Value> {
    Ok(object(name, &fs::read_to_string(context.data.join(name))?))
}

fn object(name: &str, content: &str) -> Value {
    let size = Number::from(content.len() as u64);
    Value::from([
        ("name", name.into()),
        ("content", content.into()),
        ("size", size.into()),
    ])
}

fn failure(name: &str, cause: &io::Error) -> Diagnostic {
    error(
        "name",
        "File operation failed",
        format!("{}: {cause}.", quoted(name)),
    )
}

fn error(attribute: &str, summary: &str, detail: impl Into<String>) -> Diagnostic {
    Diagnostic::attribute_error(Path::attribute(attribute), summary, detail)
}
