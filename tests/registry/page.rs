//! One page of the Registry: front matter, what it is, examples, arguments, import.

use terraform_plugin::schema::Schema;

use crate::examples::{self, Example};
use crate::{arguments, form};

/// What a page is about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Provider,
    Resource,
    DataSource,
    ListResource,
}

/// A page that is drawn.
pub(crate) struct Page {
    kind: Kind,
    name: &'static str,
    schema: &'static Schema,
    identity: Option<&'static Schema>,
    /// What the schema cannot say.
    more: Option<&'static str>,
}

impl Page {
    /// The page of a type, or of the provider.
    pub(crate) fn new(kind: Kind, name: &'static str, schema: &'static Schema) -> Page {
        Page {
            kind,
            name,
            schema,
            identity: None,
            more: None,
        }
    }

    /// Text between the description and the examples.
    pub(crate) fn saying(self, more: &'static str) -> Page {
        Page {
            more: Some(more),
            ..self
        }
    }

    /// By what a resource is imported from Terraform 1.12 on.
    pub(crate) fn identified_by(self, identity: &'static Schema) -> Page {
        Page {
            identity: Some(identity),
            ..self
        }
    }

    /// Where it lies, by the Registry's rule: the type without what stands before its first `_`.
    pub(crate) fn path(&self) -> String {
        let name = self.name.split_once('_').map_or(self.name, |(_, rest)| rest);
        match self.folder() {
            None => "docs/index.md".to_owned(),
            Some(folder) => format!("docs/{folder}/{name}.md"),
        }
    }

    /// Its text.
    pub(crate) fn draw(&self) -> String {
        let (page_title, heading) = self.titles();
        let mut parts = vec![
            form::front_matter(&page_title, &self.schema.description),
            format!("# {heading}"),
            self.schema.description.clone(),
        ];
        parts.extend(self.more.map(str::to_owned));
        if self.kind == Kind::Provider {
            parts.push(guides());
        }
        parts.push("## Example Usage".to_owned());
        parts.extend(self.examples().iter().map(Example::draw));
        parts.push("## Schema".to_owned());
        parts.push(arguments::draw(&self.schema.attributes));
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
        };
        let folder = self.folder().unwrap_or_default();
        examples::of(&format!("examples/{folder}/{}", self.name), file)
    }

    /// The ways to import, as far as there is an example of them.
    fn import(&self) -> String {
        let folder = format!("examples/resources/{}", self.name);
        let identity = self
            .identity
            .map(|identity| format!("{IDENTITY}\n\n{}", arguments::draw(&identity.attributes)));
        let ways = [
            (BY_IDENTITY, "import-by-identity.tf", "terraform", identity),
            (BY_ID, "import-by-string-id.tf", "terraform", None),
            (BY_COMMAND, "import.sh", "shell", None),
        ];
        let mut parts = vec!["## Import".to_owned()];
        for (words, file, language, more) in ways {
            match examples::file(&folder, file) {
                Some(text) => {
                    parts.push(format!("{words}\n\n```{language}\n{}\n```", text.trim()));
                    parts.extend(more);
                }
                None => assert!(
                    more.is_none(),
                    "{folder}/{file} is missing: the resource has an identity"
                ),
            }
        }
        parts.join("\n\n")
    }
}

/// The guides, by the titles and descriptions in their own front matter.
fn guides() -> String {
    let mut guides = form::guides();
    guides.sort_by_key(|guide| !guide.path.ends_with("/getting-started.md"));
    let guides = guides.into_iter().map(|guide| {
        let file = guide.path.trim_start_matches("docs/").to_owned();
        format!("- [{}]({file}): {}", guide.title, guide.description)
    });
    format!("## Guides\n\n{}", guides.collect::<Vec<_>>().join("\n"))
}

const BY_IDENTITY: &str = "From Terraform 1.12 on, an `import` block names the resource by its identity:";
const IDENTITY: &str = "The identity consists of:";
const BY_ID: &str = "From Terraform 1.5 on, an `import` block names the resource by its id:";
const BY_COMMAND: &str = "The command `terraform import` takes the same ids:";
