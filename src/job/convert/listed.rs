//! Which jobs of a region a query is about.

use super::super::listing::Asked;
use crate::cloudrun::JobName;
use crate::cloudrun::model as api;
use crate::gpu;

/// Whether a job is one that this resource could have made: with a GPU that it offers. Any other would get one by the next
/// apply.
pub fn is_of_this_kind(remote: &api::Job) -> bool {
    let selector = remote.template.template.node_selector.as_ref();
    selector.is_some_and(|selector| gpu::find(&selector.accelerator).is_some())
}

/// The name of a job that has these labels. Google may tell the project by its number: what
/// was asked for stays.
pub fn listed(remote: &api::Job, asked: &Asked, location: &str) -> Option<JobName> {
    let carried = asked
        .labels
        .iter()
        .all(|(key, value)| remote.labels.get(key) == Some(value));
    let named = JobName::parse(remote.name.as_deref()?, None).ok()?;
    carried.then(|| JobName::new(&asked.project, location, &named.job))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(accelerator: &str) -> api::Job {
        let mut job = api::Job {
            name: Some("projects/123/locations/l/jobs/n".to_owned()),
            labels: [("team".to_owned(), "render".to_owned())].into(),
            ..api::Job::default()
        };
        job.template.template.node_selector = Some(api::NodeSelector {
            accelerator: accelerator.to_owned(),
        });
        job
    }

    #[test]
    fn a_job_without_this_gpu_is_of_another_kind() {
        assert!(is_of_this_kind(&job(gpu::default().name)));
        assert!(!is_of_this_kind(&job("nvidia-l4")));
        assert!(!is_of_this_kind(&api::Job::default()));
    }

    #[test]
    fn a_job_is_listed_when_it_has_every_label() {
        let found = |remote: &api::Job, labels: &[(&str, &str)]| {
            let labels = labels.iter();
            let asked = Asked {
                project: "p".to_owned(),
                labels: labels
                    .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                    .collect(),
                ..Asked::default()
            };
            listed(remote, &asked, "l")
        };
        let remote = job("");
        let name = Some(JobName::new("p", "l", "n"));
        assert_eq!(found(&remote, &[]), name);
        assert_eq!(found(&remote, &[("team", "render")]), name);
        assert_eq!(found(&remote, &[("team", "other")]), None);
        assert_eq!(found(&remote, &[("team", "render"), ("tier", "")]), None);
        assert_eq!(found(&api::Job::default(), &[]), None);
    }
}
