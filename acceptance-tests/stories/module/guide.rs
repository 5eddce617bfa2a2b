//! What `docs/guides/facets.md` tells to change in the module, changed with its own fragments and tried out.

use std::fs;
use std::path::Path;

use serde_json::json;

use super::providers::{beside, beside_the_published_provider};
use crate::harness::Emulator;

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn the_way_out_in_the_guide_lets_both_providers_live_in_one_root() {
    let cloud = Emulator::start();
    let terraform = beside_the_published_provider().against(&cloud);
    let mut root = beside("facets");
    root.0["module"]["job"]["providers"] = json!({ "facets-gpu": "facets-gpu.cloud_account_gcp" });
    root.lay(&terraform);
    let guide = read("docs/guides/facets.md");
    let head = "resource \"facets_gpu_cloudrun_job\" \"this\" {\n";
    let (told, _) = fragment(&guide, head).rsplit_once('}').expect("a block");
    let resource = read("modules/cloudrun/gpu-job/1.0/main.tf");
    assert!(resource.contains(head), "{resource}");
    terraform.write("gpu-job/main.tf", &resource.replace(head, told));
    terraform.write("gpu-job/versions.tf", fragment(&guide, "required_version"));
    terraform.init().succeeds();
    terraform.apply().succeeds().says("2 added");
    assert_eq!(
        terraform.output("job")["attributes"]["job_name"],
        "media-demo-render"
    );
    terraform.has_nothing_to_do();
    terraform.destroy().succeeds().says("2 destroyed");
}

/// The fragment in Terraform's language that holds a text.
fn fragment<'a>(guide: &'a str, text: &str) -> &'a str {
    let rests = guide.split("```hcl\n").skip(1);
    let mut fragments = rests.filter_map(|rest| rest.split("```").next());
    fragments
        .find(|fragment| fragment.contains(text))
        .unwrap_or_else(|| panic!("the guide has no fragment with {text:?}"))
}

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
