//! Rules about container, task settings and timeouts.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::delay;
use super::file_path::{ABSOLUTE, is_absolute};
use super::image;
use crate::duration;
use crate::gpu::{self, JOB_LIMITS, JobLimits};
use crate::job::model::{Job, Settings, Timeouts};
use crate::job::schema::DEFAULT_TIMEOUT;
use crate::validators::{choices, null_element, omit_for_default};
use terraform_plugin::diagnostic::{self, Diagnostic, InvalidValue, quoted};
use terraform_plugin::value::{Field, Number, Path};

pub(super) fn check(job: &Job, diagnostics: &mut Vec<Diagnostic>) {
    check_container(job, diagnostics);
    let settings = job.job.known().cloned().unwrap_or_default();
    check_counts(&settings, diagnostics);
    let path = Path::attribute("job").key("task_timeout");
    let default = omit_for_default(&duration::to_api(JOB_LIMITS.default_task_timeout));
    if let Some((timeout, text)) = task_timeout(&settings.task_timeout, &path, &default, diagnostics) {
        let stage = job
            .launch_stage
            .known()
            .map_or(JOB_LIMITS.launch_stage, String::as_str);
        let warning = delay::long_timeout(job, timeout, text);
        diagnostics.extend(warning.or_else(|| long_timeout(path, stage, timeout, text)));
    }
    if let Some(given) = job.timeouts.known() {
        check_timeouts(given, diagnostics);
    }
}

fn check_container(job: &Job, diagnostics: &mut Vec<Diagnostic>) {
    let Some(container) = job.container.known() else {
        return;
    };
    if let Some(given) = container.image.known() {
        image::check(given, diagnostics);
    }
    if let Some(directory) = container.working_dir.known()
        && !is_absolute(directory)
    {
        let error = InvalidValue {
            path: Path::attribute("container").key("working_dir"),
            must: ABSOLUTE.into(),
            got: quoted(directory),
            fix: "Omit it to use the working directory of the image.".into(),
        };
        diagnostics.push(error.error("Invalid working directory"));
    }
    for (name, arguments) in [("command", &container.command), ("args", &container.args)] {
        check_arguments(arguments, &Path::attribute("container").key(name), diagnostics);
    }
}

/// Checks a command or its arguments.
pub(crate) fn check_arguments(
    given: &Field<Vec<Field<String>>>,
    path: &Path,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let Some(arguments) = given.known() else { return };
    if arguments.len() > MAX_ARGUMENTS {
        let error = InvalidValue {
            path: path.clone(),
            must: format!("have at most {MAX_ARGUMENTS} elements on Cloud Run"),
            got: arguments.len().to_string(),
            fix: "Move some of them to a file.".into(),
        };
        diagnostics.push(error.error("Too many arguments"));
    }
    let null = (0..).zip(arguments).filter(|(_, argument)| argument.is_null());
    diagnostics.extend(null.map(|(index, _)| null_element(path.clone().index(index))));
}

fn check_counts(settings: &Settings, diagnostics: &mut Vec<Diagnostic>) {
    let JobLimits {
        task_count,
        parallelism,
        max_retries,
        default_task_count,
        default_parallelism,
        default_max_retries,
        ..
    } = &JOB_LIMITS;
    let mut check = |name: &str, given, range, default: &i64| {
        let fix = format!("Default: {default}.");
        check_count(given, range, Path::attribute("job").key(name), fix, diagnostics)
    };
    let tasks = check("task_count", &settings.task_count, task_count, default_task_count);
    let parallel = check(
        "parallelism",
        &settings.parallelism,
        parallelism,
        default_parallelism,
    );
    check(
        "max_retries",
        &settings.max_retries,
        max_retries,
        default_max_retries,
    );
    let default_tasks = settings.task_count.is_null().then_some(*default_task_count);
    if let (Some(tasks), Some(parallel)) = (tasks.or(default_tasks), parallel)
        && parallel > tasks
    {
        let warning = InvalidValue {
            path: Path::attribute("job").key("parallelism"),
            must: format!("be at most job.task_count ({tasks})"),
            got: parallel.to_string(),
            fix: format!("The excess has no effect. Set parallelism = {tasks}."),
        };
        diagnostics.push(warning.warning("Ineffective parallelism"));
    }
}

/// Checks an integer; returns it if it is valid.
pub(crate) fn check_count(
    given: &Field<Number>,
    range: &RangeInclusive<i64>,
    path: Path,
    fix: String,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<i64> {
    let number = given.known()?;
    let count = number.as_i64().filter(|count| range.contains(count));
    if count.is_none() {
        let error = InvalidValue {
            path,
            must: format!("be an integer between {} and {}", range.start(), range.end()),
            got: diagnostic::number(number),
            fix,
        };
        diagnostics.push(error.error("Invalid number"));
    }
    count
}

/// Checks the longest duration of a task of a job in the default launch stage.
pub(crate) fn check_task_timeout(
    given: &Field<String>,
    path: Path,
    fix: &str,
    diagnostics: &mut Vec<Diagnostic>,
) {
    if let Some((timeout, text)) = task_timeout(given, &path, fix, diagnostics) {
        diagnostics.extend(long_timeout(path, JOB_LIMITS.launch_stage, timeout, text));
    }
}

/// A task timeout that the contract allows, and its text.
fn task_timeout<'a>(
    given: &'a Field<String>,
    path: &Path,
    fix: &str,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<(Duration, &'a str)> {
    let text = given.known()?;
    let limit = JOB_LIMITS.task_timeout;
    let timeout = parse(text, path, fix, diagnostics)?;
    if !timeout.is_zero() && timeout <= limit {
        return Some((timeout, text));
    }
    let error = InvalidValue {
        path: path.clone(),
        must: format!(
            "be greater than 0 and at most {} ({} days)",
            duration::to_human(limit),
            limit.as_secs() / 86_400
        ),
        got: quoted(text),
        fix: fix.to_owned(),
    };
    diagnostics.push(error.error("Timeout out of range"));
    None
}

/// Warns about a timeout that the contract allows, and that Cloud Run is reported not to accept in the launch stage.
fn long_timeout(path: Path, stage: &str, timeout: Duration, text: &str) -> Option<Diagnostic> {
    let gpu = gpu::default();
    let google = &gpu.google;
    let limit = gpu.google_task_timeout(stage);
    if timeout <= limit {
        return None;
    }
    let preview = google.preview_task_timeout;
    let (in_stage, source) = match limit < preview {
        true => (
            format!(" in launch stage {}", quoted(stage)),
            &google.ga_timeout_source,
        ),
        false => (String::new(), &google.timeout_source),
    };
    let limit = duration::to_human(limit);
    let fix = match timeout <= preview {
        true => "omit launch_stage".to_owned(),
        false => format!("set task_timeout = \"{limit}\" and divide the work among more tasks"),
    };
    let warning = InvalidValue {
        path,
        must: format!("be at most {limit} on Cloud Run with {}{in_stage}", gpu.name),
        got: quoted(text),
        fix: format!("Cloud Run may reject the job. If it does, {fix}. Source: {source}."),
    };
    Some(warning.warning("Task timeout may be rejected"))
}

fn check_timeouts(timeouts: &Timeouts, diagnostics: &mut Vec<Diagnostic>) {
    for (name, given) in [
        ("create", &timeouts.create),
        ("update", &timeouts.update),
        ("delete", &timeouts.delete),
    ] {
        let path = Path::attribute("timeouts").key(name);
        let default = omit_for_default(DEFAULT_TIMEOUT);
        check_timeout(given, path, MAX_TIMEOUT, &default, diagnostics);
    }
}

/// Checks the timeout of an operation.
pub(crate) fn check_timeout(
    given: &Field<String>,
    path: Path,
    max: Duration,
    fix: &str,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let Some(text) = given.known() else { return };
    let Some(timeout) = parse(text, &path, fix, diagnostics) else {
        return;
    };
    if timeout.is_zero() || timeout > max {
        let error = InvalidValue {
            path,
            must: format!("be greater than 0 and at most {}", duration::to_human(max)),
            got: quoted(text),
            fix: fix.to_owned(),
        };
        diagnostics.push(error.error("Timeout out of range"));
    }
}

fn parse(text: &str, path: &Path, fix: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<Duration> {
    let reason = match duration::parse(text) {
        Ok(duration) => return Some(duration),
        Err(reason) => reason,
    };
    let error = InvalidValue {
        path: path.clone(),
        must: format!(
            "be a duration with the units h, m or s, such as {}",
            choices(&["7200s", "2h", "1h30m"])
        ),
        got: format!("{}: {reason}", quoted(text)),
        fix: fix.to_owned(),
    };
    diagnostics.push(error.error("Malformed duration"));
    None
}

/// The most arguments of all containers, by an error of the live service.
const MAX_ARGUMENTS: usize = 1000;
/// Longer than any operation.
const MAX_TIMEOUT: Duration = Duration::from_secs(24 * 3600);
