//! A table of samples, printed as minimum and median.

use std::fmt;

/// One column per candidate, one row per measurement.
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

    /// Adds a sample. An unknown row name appends a row.
    pub(crate) fn add(&mut self, row: &str, column: usize, value: f64) {
        let index = self
            .rows
            .iter()
            .position(|(name, _)| name == row)
            .unwrap_or_else(|| {
                self.rows
                    .push((row.to_owned(), vec![Vec::new(); self.columns.len()]));
                self.rows.len() - 1
            });
        self.rows[index].1[column].push(value);
    }

    /// The minimum of a row and column.
    pub(crate) fn min(&self, row: &str, column: usize) -> Option<f64> {
        let (_, samples) = self.rows.iter().find(|(name, _)| name == row)?;
        min(&samples[column])
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "  {:<58}", "")?;
        for column in &self.columns {
            write!(f, "{column:>21}")?;
        }
        // The ratio of the minima of this build and the baseline, the last two of three columns.
        writeln!(f, "{}", if self.columns.len() == 3 { "  ratio" } else { "" })?;
        for (name, samples) in &self.rows {
            write!(f, "  {name:<58}")?;
            for sample in samples {
                let cell = match (min(sample), median(sample)) {
                    (Some(min), Some(median)) => format!("{min:.2} ({median:.2})"),
                    _ => "-".to_owned(),
                };
                write!(f, "{cell:>21}")?;
            }
            match samples.iter().map(|sample| min(sample)).collect::<Vec<_>>()[..] {
                [_, Some(this), Some(baseline)] => writeln!(f, "{:>7.2}", this / baseline)?,
                _ => writeln!(f)?,
            }
        }
        Ok(())
    }
}

/// The median; of an even number of samples the lower of the middle two.
fn median(sample: &[f64]) -> Option<f64> {
    let mut sorted = sample.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len().saturating_sub(1) / 2).copied()
}

fn min(sample: &[f64]) -> Option<f64> {
    sample.iter().copied().min_by(f64::total_cmp)
}
