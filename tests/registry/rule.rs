//! A rule, and what breaks it.

/// A rule of the house with everything found against it.
pub(crate) struct Rule {
    rule: &'static str,
    way_out: &'static str,
    found: Vec<String>,
}

impl Rule {
    /// A rule that nothing has broken yet, and what to do when something does.
    pub(crate) fn new(rule: &'static str, way_out: &'static str) -> Rule {
        Rule {
            rule,
            way_out,
            found: Vec::new(),
        }
    }

    /// Notes what breaks the rule, and where.
    pub(crate) fn broken(&mut self, finding: impl Into<String>) {
        self.found.push(finding.into());
    }

    /// Fails the test with all findings, if there are any.
    pub(crate) fn judge(self) {
        assert!(
            self.found.is_empty(),
            "\nRule: {}\nFound:\n  {}\nWay out: {}\n",
            self.rule,
            self.found.join("\n  "),
            self.way_out
        );
    }
}
