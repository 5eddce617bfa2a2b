//! A page of the Registry: front matter, description, examples, schema, import.

use terraform_plugin::schema::Schema;

use crate::arguments;
use crate::examples::{self, Example};
use crate::front_matter::{self, SUBCATEGORY};

/// The subject of a page.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Provider,
    Resource,
    DataSource,
    ListResource,
    Action,
}

/// A generated page.
pub(crate) struct Page {
    kind: Kind,
    name: &'static str,
    schema: &'static Schema,
    identity: Option<&'static Schema>,
    /// Text that is not in the schema.
    text: Option<&'static str>,
}

impl Page {
    /// The page of a resource, a data source, a list resource, an action or the provider.
    pub(crate) fn new(kind: Kind, name: &'static str, schema: &'static Schema) -> Page {
        Page {
            kind,
            name,
            schema,
            identity: None,
            text: None,
        }
    }

    /// Adds text between the description and the examples.
    pub(crate) fn with_text(self, text: &'static str) -> Page {
        Page {
            text: Some(text),
            ..self
        }
    }

    /// Adds the identity by which Terraform 1.12 and later import the resource.
    pub(crate) fn with_identity(self, identity: &'static Schema) -> Page {
        Page {
            identity: Some(identity),
            ..self
        }
    }

    /// Its file. By the Registry's convention, the name is the type without its first word.
    pub(crate) fn path(&self) -> String {
        let name = self.name.split_once('_').map_or(self.name, |(_, rest)| rest);
        match self.folder() {
            None => front_matter::INDEX.to_owned(),
            Some(folder) => format!("docs/{folder}/{name}.md"),
        }
    }

    /// Its text.
    pub(crate) fn render(&self) -> String {
        let (page_title, heading) = self.titles();
        let subcategory = match self.kind {
            Kind::Provider => "",
            _ => SUBCATEGORY,
        };
        let mut parts = vec![
            front_matter::render(&page_title, subcategory, &self.schema.description),
            format!("# {heading}"),
            self.schema.description.clone(),
        ];
        parts.extend(self.text.map(str::to_owned));
        if self.kind == Kind::Provider {
            parts.push(guides());
        }
        parts.push("## Example Usage".to_owned());
        parts.extend(self.examples().iter().map(Example::render));
        parts.push("## Schema".to_owned());
        parts.push(arguments::render(&self.schema.attributes));
        if self.kind == Kind::Resource {
            parts.push(self.import());
        }
        parts.retain(|part| !part.is_empty());
        format!("{}\n", parts.join("\n\n"))
    }

    fn folder(&self) -> Option<&'static str> {
        match self.kind {
            Kind::Provider => None,
            Kind::Resource => Some("resources"),
            Kind::DataSource => Some("data-sources"),
            Kind::ListResource => Some("list-resources"),
            Kind::Action => Some("actions"),
        }
    }

    fn titles(&self) -> (String, String) {
        let kind = match self.kind {
            Kind::Provider => {
                return (
                    format!("{} Provider", self.name),
                    format!("{} Provider", self.name),
                );
            }
            Kind::Resource => "Resource",
            Kind::DataSource => "Data Source",
            Kind::ListResource => "List Resource",
            Kind::Action => "Action",
        };
        let name = self.name;
        (format!("{name} {kind} - facets-gpu"), format!("{name} ({kind})"))
    }

    fn examples(&self) -> Vec<Example> {
        let file = match self.kind {
            Kind::Provider => return examples::of("examples/provider", "provider.tf"),
            Kind::Resource => "resource.tf",
            Kind::DataSource => "data-source.tf",
            Kind::ListResource => "list-resource.tfquery.hcl",
            Kind::Action => "action.tf",
        };
        let folder = self.folder().unwrap_or_default();
        examples::of(&format!("examples/{folder}/{}", self.name), file)
    }

    /// The import section, with each kind of import that has an example.
    fn import(&self) -> String {
        let folder = format!("examples/resources/{}", self.name);
        let identity = self
            .identity
            .map(|identity| format!("{IDENTITY}\n\n{}", arguments::render(&identity.attributes)));
        let imports = [
            (BY_IDENTITY, "import-by-identity.tf", "terraform", identity),
            (BY_ID, "import-by-string-id.tf", "terraform", None),
            (BY_COMMAND, "import.sh", "shell", None),
        ];
        let mut parts = vec!["## Import".to_owned()];
        for (description, file, language, details) in imports {
            match examples::file(&folder, file) {
                Some(text) => {
                    parts.push(format!("{description}\n\n```{language}\n{}\n```", text.trim()));
                    parts.extend(details);
                }
                None => assert!(
                    details.is_none(),
                    "{folder}/{file} is missing: the resource has an identity"
                ),
            }
        }
        parts.join("\n\n")
    }
}

/// A list of the guides with the titles and descriptions of their front matter.
fn guides() -> String {
    let mut guides = front_matter::guides();
    guides.sort_by_key(|guide| !guide.path.ends_with("/getting-started.md"));
    let guides = guides.into_iter().map(|guide| {
        let file = guide.path.trim_start_matches("docs/").to_owned();
        format!("- [{}]({file}): {}", guide.title, guide.description)
    });
    format!("## Guides\n\n{}", guides.collect::<Vec<_>>().join("\n"))
}

const BY_IDENTITY: &str =
    "From Terraform and OpenTofu 1.12 on, an `import` block identifies the resource by its identity:";
const IDENTITY: &str = "The identity consists of:";
const BY_ID: &str = "From Terraform 1.5 on, an `import` block identifies the resource by its ID:";
const BY_COMMAND: &str = "The command `terraform import` accepts the same IDs:";
