//! Strings as import ids: every accepted name is safe in a URL.

#![no_main]

use cloud_run::JobName;
use libfuzzer_sys::fuzz_target;
use url::Url;

fuzz_target!(|text: &str| {
    for project in [None, Some("example-project")] {
        let Ok(name) = JobName::parse(text, project) else {
            continue;
        };
        assert_eq!(
            JobName::parse(&name.to_string(), None).as_ref(),
            Ok(&name),
            "a full name is an import id"
        );
        let url = Url::parse(&name.run_url(None)).expect("a URL");
        assert_eq!(url.host_str(), Some("run.googleapis.com"));
        assert_eq!(
            url.path(),
            format!("/v2/{name}:run"),
            "a name must not change the path"
        );
        assert!(url.query().is_none() && url.fragment().is_none());
    }
});
