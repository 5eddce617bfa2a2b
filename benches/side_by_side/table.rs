//! Figures by row and column, and how they are printed.

use std::fmt;

/// A column for each candidate, a row for each thing that was measured.
pub(crate) struct Table {
    columns: Vec<&'static str>,
    rows: Vec<(String, Vec<Vec<f64>>)>,
}

impl Table {
    pub(crate) fn new(columns: impl Iterator<Item = &'static str>) -> Self {
        Self {
            columns: columns.collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a figure; a row of a new name is put below the others.
    pub(crate) fn add(&mut self, row: &str, column: usize, value: f64) {
        let at = self
            .rows
            .iter()
            .position(|(name, _)| name == row)
            .unwrap_or_else(|| {
                self.rows
                    .push((row.to_owned(), vec![Vec::new(); self.columns.len()]));
                self.rows.len() - 1
            });
        self.rows[at].1[column].push(value);
    }

    /// The least figure of a row and column.
    pub(crate) fn least(&self, row: &str, column: usize) -> Option<f64> {
        let (_, samples) = self.rows.iter().find(|(name, _)| name == row)?;
        least(&samples[column])
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "  {:<58}", "")?;
        for column in &self.columns {
            write!(f, "{column:>21}")?;
        }
        // Of the least of this build and of the baseline, the last two columns of three.
        writeln!(f, "{}", if self.columns.len() == 3 { "  ratio" } else { "" })?;
        for (name, samples) in &self.rows {
            write!(f, "  {name:<58}")?;
            for sample in samples {
                let shown = match (least(sample), median(sample)) {
                    (Some(least), Some(median)) => format!("{least:.2} ({median:.2})"),
                    _ => "-".to_owned(),
                };
                write!(f, "{shown:>21}")?;
            }
            match samples.iter().map(|sample| least(sample)).collect::<Vec<_>>()[..] {
                [_, Some(this), Some(baseline)] => writeln!(f, "{:>7.2}", this / baseline)?,
                _ => writeln!(f)?,
            }
        }
        Ok(())
    }
}

/// The value in the middle; of an even number the lower one.
fn median(sample: &[f64]) -> Option<f64> {
    let mut sorted = sample.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len().saturating_sub(1) / 2).copied()
}

/// What the thing takes when nothing else is in its way.
fn least(sample: &[f64]) -> Option<f64> {
    sample.iter().copied().min_by(f64::total_cmp)
}
