//! Paths to attributes and elements.

use std::fmt;

/// The path to an attribute or element, from the root of a resource or another configuration block.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path(Vec<Step>);

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// To an attribute.
    Attribute(String),
    /// To an element of a map, or to a nested attribute: see [`Path::key`].
    Key(String),
    /// To an element of a list.
    Index(i64),
}

impl Path {
    /// The path to an attribute of the root.
    pub fn attribute(name: &str) -> Path {
        Path(vec![Step::Attribute(name.to_owned())])
    }

    /// The path to an element of a map, or to a nested attribute.
    ///
    /// The step to a nested attribute is a key, too: Terraform takes an attribute name there for a block, finds none, and shows
    /// the first line of the resource instead of the attribute's. From the root, the step is to an attribute.
    #[must_use]
    pub fn key(mut self, key: &str) -> Path {
        self.0.push(if self.0.is_empty() {
            Step::Attribute(key.to_owned())
        } else {
            Step::Key(key.to_owned())
        });
        self
    }

    /// The path to the element at `index`.
    #[must_use]
    pub fn index(mut self, index: usize) -> Path {
        self.0.push(Step::Index(i64::try_from(index).unwrap_or(i64::MAX)));
        self
    }

    /// The steps, from the root.
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// Whether this is the root.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<Step> for Path {
    /// The first step is to an attribute.
    fn from_iter<I: IntoIterator<Item = Step>>(steps: I) -> Path {
        let mut steps: Vec<Step> = steps.into_iter().collect();
        if let Some(Step::Key(name)) = steps.first() {
            steps[0] = Step::Attribute(name.clone());
        }
        Path(steps)
    }
}

impl fmt::Display for Path {
    /// As in a configuration: `resources.cpu`, `secrets[1]`, `env["A B"]`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.0.iter().enumerate() {
            match step {
                Step::Attribute(name) if at == 0 => f.write_str(name)?,
                Step::Attribute(name) => write!(f, ".{name}")?,
                Step::Key(key) if key.chars().nth(MAX_KEY_LENGTH).is_some() => {
                    write!(f, "[{:?}…]", key.chars().take(MAX_KEY_LENGTH).collect::<String>())?
                }
                Step::Key(key) if is_identifier(key) => write!(f, ".{key}")?,
                Step::Key(key) => write!(f, "[{key:?}]")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

fn is_identifier(text: &str) -> bool {
    let mut chars = text.chars();
    chars
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

/// The most characters of a key that a path shows.
const MAX_KEY_LENGTH: usize = 80;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn displays_as_written_in_terraform() {
        assert_eq!(
            Path::attribute("resources").key("cpu").to_string(),
            "resources.cpu"
        );
        assert_eq!(Path::attribute("secrets").index(1).to_string(), "secrets[1]");
        assert_eq!(Path::attribute("env").key("A B").to_string(), "env[\"A B\"]");
        let long = Path::attribute("env").key(&"A".repeat(1_000_000)).to_string();
        assert!(long.starts_with("env[\"AAA") && long.len() < 100, "{long}");
    }
}
