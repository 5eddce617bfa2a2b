//! Text as the id of an import: what is taken for a name can stand in an address as it is.

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
            "a full name is an id"
        );
        let url = Url::parse(&name.run_url(None)).expect("an address");
        assert_eq!(url.host_str(), Some("run.googleapis.com"));
        assert_eq!(
            url.path(),
            format!("/v2/{name}:run"),
            "nothing in a name leads elsewhere"
        );
        assert!(url.query().is_none() && url.fragment().is_none());
    }
});
