//! Rules about container, task settings and timeouts.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::file_path::is_absolute;
use super::image;
use crate::duration;
use crate::gpu::{self, JOB_LIMITS};
use crate::job::model::{Job, Timeouts};
use crate::validators::choices;
use terraform_plugin::diagnostic::quoted;
use terraform_plugin::diagnostic::{self, Diagnostic};
use terraform_plugin::value::{Field, Number, Path};

pub(super) fn check(job: &Job, diagnostics: &mut Vec<Diagnostic>) {
    check_container(job, diagnostics);
    let settings = job.job.known().cloned().unwrap_or_default();
    let tasks = check_count(
        &settings.task_count,
        "task_count",
        &JOB_LIMITS.task_count,
        diagnostics,
    );
    let parallel = check_count(
        &settings.parallelism,
        "parallelism",
        &JOB_LIMITS.parallelism,
        diagnostics,
    );
    check_count(
        &settings.max_retries,
        "max_retries",
        &JOB_LIMITS.max_retries,
        diagnostics,
    );
    let default_tasks = settings
        .task_count
        .is_null()
        .then_some(JOB_LIMITS.default_task_count);
    if let (Some(tasks), Some(parallel)) = (tasks.or(default_tasks), parallel)
        && parallel > tasks
    {
        diagnostics.push(Diagnostic::attribute_warning(
            Path::attribute("job").key("parallelism"),
            "More parallelism than tasks",
            format!(
                "job.parallelism is how many of job.task_count tasks run at the same time. It is {parallel}, and there \
                 {}. Set parallelism = {tasks}, or raise task_count.",
                if tasks == 1 { "is 1 task".to_owned() } else { format!("are {tasks} tasks") },
            ),
        ));
    }
    if let Some(text) = settings.task_timeout.known() {
        check_task_timeout(text, diagnostics);
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
        diagnostics.push(Diagnostic::attribute_error(
            Path::attribute("container").key("working_dir"),
            "Invalid working directory",
            format!(
                "container.working_dir is a directory of the container, such as \"/work\": it begins with / and has no .. \
                 in it. It is {}. Write it so, or leave it out to keep the image's own.",
                quoted(directory)
            ),
        ));
    }
    for (name, arguments) in [("command", &container.command), ("args", &container.args)] {
        let Some(arguments) = arguments.known() else {
            continue;
        };
        if arguments.len() > MAX_ARGUMENTS {
            diagnostics.push(Diagnostic::attribute_error(
                Path::attribute("container").key(name),
                "Too many arguments",
                format!(
                    "container.{name} has at most {MAX_ARGUMENTS} elements. It has {}. Move some into a file.",
                    arguments.len()
                ),
            ));
        }
        if arguments.iter().any(Field::is_null) {
            diagnostics.push(Diagnostic::attribute_error(
                Path::attribute("container").key(name),
                "Element without a value",
                format!("Every element of container.{name} needs a value. One is null. Give it one, or leave it out."),
            ));
        }
    }
}

fn check_count(
    given: &Field<Number>,
    name: &str,
    range: &RangeInclusive<i64>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<i64> {
    let number = given.known()?;
    let count = number.as_i64();
    if let Some(count) = count.filter(|count| range.contains(count)) {
        return Some(count);
    }
    let (min, max) = (range.start(), range.end());
    let nearest = if count.is_some_and(|count| count < *min) {
        min
    } else {
        max
    };
    let (summary, fix) = match count {
        None => ("Not a whole number", "Use a whole number.".to_owned()),
        Some(_) => (
            "Number out of range",
            format!("Set {name} = {nearest}, or another number in between."),
        ),
    };
    diagnostics.push(Diagnostic::attribute_error(
        Path::attribute("job").key(name),
        summary,
        format!(
            "job.{name} is a whole number from {min} to {max}. It is {}. {fix}",
            diagnostic::number(number)
        ),
    ));
    None
}

fn check_task_timeout(text: &str, diagnostics: &mut Vec<Diagnostic>) {
    let path = || Path::attribute("job").key("task_timeout");
    let max = JOB_LIMITS.task_timeout;
    let Some(timeout) = parse(text, "job.task_timeout", path(), diagnostics) else {
        return;
    };
    if timeout.is_zero() || timeout > max {
        diagnostics.push(Diagnostic::attribute_error(
            path(),
            "Task timeout out of range",
            format!(
                "job.task_timeout is longer than nothing and at most {} ({} days). It is {}. Set for example \
                 task_timeout = \"{}\".",
                duration::to_human(max),
                max.as_secs() / 86_400,
                quoted(text),
                if timeout.is_zero() {
                    duration::to_api(JOB_LIMITS.default_task_timeout)
                } else {
                    duration::to_human(max)
                },
            ),
        ));
        return;
    }
    let gpu = gpu::default();
    if !gpu.google_accepts_timeout(timeout) {
        let google = &gpu.google;
        diagnostics.push(Diagnostic::attribute_warning(
            path(),
            "Google may refuse this task timeout",
            format!(
                "Cloud Run is reported to let a task with a GPU run for {} ({} in a preview that some projects are in); \
                 longer times are for tasks without one. job.task_timeout is {}. If the apply is refused, set \
                 task_timeout = \"{}\" and split the work into more tasks. Source: {}.",
                duration::to_human(google.task_timeout),
                duration::to_human(google.preview_task_timeout),
                quoted(text),
                duration::to_human(google.task_timeout),
                google.timeout_source,
            ),
        ));
    }
}

fn check_timeouts(timeouts: &Timeouts, diagnostics: &mut Vec<Diagnostic>) {
    for (name, given) in [
        ("create", &timeouts.create),
        ("update", &timeouts.update),
        ("delete", &timeouts.delete),
    ] {
        let Some(text) = given.known() else { continue };
        let path = || Path::attribute("timeouts").key(name);
        let Some(timeout) = parse(text, &format!("timeouts.{name}"), path(), diagnostics) else {
            continue;
        };
        if timeout.is_zero() || timeout > MAX_TIMEOUT {
            diagnostics.push(Diagnostic::attribute_error(
                path(),
                "Timeout out of range",
                format!(
                    "timeouts.{name} is longer than nothing and at most {}. It is {}. Leave it out to wait for {}.",
                    duration::to_human(MAX_TIMEOUT),
                    quoted(text),
                    crate::job::schema::DEFAULT_TIMEOUT,
                ),
            ));
        }
    }
}

fn parse(text: &str, name: &str, path: Path, diagnostics: &mut Vec<Diagnostic>) -> Option<Duration> {
    match duration::parse(text) {
        Ok(duration) => Some(duration),
        Err(reason) => {
            let detail = format!(
                "{name} is a duration: amounts with their units h, m or s, for example {}. {} is not: {reason}.",
                choices(&["7200s", "2h", "1h30m"]),
                quoted(text)
            );
            diagnostics.push(Diagnostic::attribute_error(path, "Malformed duration", detail));
            None
        }
    }
}

/// The most arguments of all containers, by an error of the live service.
const MAX_ARGUMENTS: usize = 1000;
/// Longer than any operation.
const MAX_TIMEOUT: Duration = Duration::from_secs(24 * 3600);
