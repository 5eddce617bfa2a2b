//! Paths into a value, as diagnostics and replacement marks use them.

use std::fmt;

/// Where something stands: a walk from the resource's root.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path(Vec<Step>);

/// One step of a walk.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Into the attribute of this name.
    Attribute(String),
    /// Into the element of a map under this key; also the way into a nested attribute, see [`Path::key`].
    Key(String),
    /// Into the element of a list at this index.
    Index(i64),
}

impl Path {
    /// The path of an attribute of the resource itself.
    pub fn attribute(name: &str) -> Path {
        Path(vec![Step::Attribute(name.to_owned())])
    }

    /// One step further, by key.
    ///
    /// Members of a nested attribute are reached by key too, not by attribute name: Terraform takes inner
    /// attribute names for blocks, finds none, and shows the first line of the resource instead of the line
    /// that holds the mistake. From the root, the step is into an attribute.
    #[must_use]
    pub fn key(mut self, key: &str) -> Path {
        self.0.push(if self.0.is_empty() {
            Step::Attribute(key.to_owned())
        } else {
            Step::Key(key.to_owned())
        });
        self
    }

    /// One step further, to the element at `index`.
    #[must_use]
    pub fn index(mut self, index: usize) -> Path {
        self.0.push(Step::Index(i64::try_from(index).unwrap_or(i64::MAX)));
        self
    }

    /// The steps in walking order.
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// Whether this is the root itself.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<Step> for Path {
    /// The first step of a path is into an attribute.
    fn from_iter<I: IntoIterator<Item = Step>>(steps: I) -> Path {
        let mut steps: Vec<Step> = steps.into_iter().collect();
        if let Some(Step::Key(name)) = steps.first() {
            steps[0] = Step::Attribute(name.clone());
        }
        Path(steps)
    }
}

impl fmt::Display for Path {
    /// As a user writes it: `resources.cpu`, `secrets[1]`, `env["A B"]`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.0.iter().enumerate() {
            match step {
                Step::Attribute(name) if at == 0 => f.write_str(name)?,
                Step::Attribute(name) => write!(f, ".{name}")?,
                Step::Key(key) if key.chars().nth(LONGEST_KEY).is_some() => {
                    write!(f, "[{:?}…]", key.chars().take(LONGEST_KEY).collect::<String>())?
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
const LONGEST_KEY: usize = 80;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_as_a_user_writes_it() {
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
