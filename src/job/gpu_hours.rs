//! The most GPU time that one execution can use.

use std::time::Duration;

use super::model::Settings;
use crate::duration;
use terraform_plugin::value::{Field, Number};

/// `task_count` × (`max_retries` + 1) × `task_timeout` in hours, to four decimals; unknown until its factors are known.
pub(super) fn max_gpu_hours(settings: &Field<Settings>) -> Field<Number> {
    let Some(settings) = settings.known() else {
        return Field::Unknown;
    };
    let timeout = settings.task_timeout.known();
    let factors = (
        settings.task_count.as_i64(),
        settings.max_retries.as_i64(),
        timeout.and_then(|text| duration::parse(text).ok()),
    );
    let (Some(tasks), Some(retries), Some(timeout)) = factors else {
        return Field::Unknown;
    };
    let [tasks, retries] = [tasks, retries].map(|count| count.max(0).unsigned_abs());
    Field::Known(gpu_hours(tasks, retries.saturating_add(1), timeout))
}

/// The hours of so many attempts at each task, to four decimals.
pub(crate) fn gpu_hours(tasks: u64, attempts: u64, timeout: Duration) -> Number {
    let hour = Duration::from_secs(3600).as_nanos();
    let ten_thousandths = (u128::from(tasks) * u128::from(attempts))
        .saturating_mul(timeout.as_nanos())
        .saturating_mul(10_000)
        .saturating_add(hour / 2)
        / hour;
    Number::from_digits(u64::try_from(ten_thousandths).unwrap_or(u64::MAX), 4)
}
