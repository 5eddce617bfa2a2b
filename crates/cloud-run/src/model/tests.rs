//! Decoding and encoding of jobs, recorded ones among them.
#![allow(clippy::unwrap_used, reason = "a test may panic")]
use super::*;
use std::collections::BTreeSet;

fn job(json: &str) -> Job {
    serde_json::from_str(json).unwrap()
}

/// Recorded states: a fresh job, a ready one, a failed one.
#[test]
fn readiness_follows_generation_and_condition() {
    let fresh = job(
        r#"{"generation": "1", "reconciling": true, "terminalCondition": {"state": "CONDITION_PENDING"}}"#,
    );
    assert_eq!(fresh.readiness(), Readiness::Reconciling);
    let done = job(r#"{"generation": "2", "observedGeneration": 2,
            "terminalCondition": {"type": "Ready", "state": "CONDITION_SUCCEEDED"}}"#);
    assert_eq!(done.readiness(), Readiness::Ready);
    let failed = job(
        r#"{"generation": "2", "observedGeneration": "1", "terminalCondition": {"type": "Ready",
            "state": "CONDITION_FAILED", "reason": "CONTAINER_MISSING", "message": "Image not found."}}"#,
    );
    let expected = Readiness::Failed {
        reason: "CONTAINER_MISSING".to_owned(),
        message: "Image not found.".to_owned(),
    };
    assert_eq!(failed.readiness(), expected);
}

#[test]
fn only_managed_members_are_sent() {
    let current = job(
        r#"{"name": "n", "uid": "u", "generation": "3", "creator": "c", "reconciling": true, "etag": "e",
            "labels": {"a": "b"}, "someday": 1, "template": {"template": {"volumes": [{"name": "v",
            "filestore": {"volume": "f"}}], "containers": [{"image": "i", "ports": [{"containerPort": 1}]}]}}}"#,
    );
    let sent = serde_json::to_string(&current).unwrap();
    assert_eq!(
        sent,
        r#"{"labels":{"a":"b"},"template":{"template":{"containers":[{"image":"i"}],"volumes":[{"name":"v"}]}},"etag":"e"}"#
    );
}

/// A job with every managed member.
pub(super) const OURS: &str = r#"{"labels": {"a": "b"}, "annotations": {"c": "d"}, "client": "terraform", "clientVersion": "1",
    "launchStage": "ALPHA", "etag": "e", "template": {"parallelism": 1, "taskCount": 2, "delayExecution": true, "template": {
    "containers": [{"image": "i", "command": ["c"], "args": ["a"], "env": [{"name": "A", "value": "b"}, {"name": "B",
    "valueSource": {"secretKeyRef": {"secret": "s", "version": "latest"}}}], "resources": {"limits": {"cpu": "20",
    "memory": "80Gi", "nvidia.com/gpu": "1"}}, "workingDir": "/w", "volumeMounts": [{"name": "v", "mountPath": "/v",
    "subPath": "s"}]}], "volumes": [{"name": "v", "gcs": {"bucket": "b", "readOnly": true, "mountOptions": ["o"]}},
    {"name": "n", "nfs": {"server": "s", "path": "/p", "readOnly": true}}, {"name": "s", "secret": {"secret": "s",
    "defaultMode": 292, "items": [{"path": "p", "version": "1", "mode": 256}]}}, {"name": "e", "emptyDir": {"medium":
    "MEMORY", "sizeLimit": "1Gi"}}], "maxRetries": 0, "timeout": "3600s", "serviceAccount": "x@y",
    "executionEnvironment": "EXECUTION_ENVIRONMENT_GEN2", "encryptionKey": "k",
    "vpcAccess": {"egress": "ALL_TRAFFIC", "networkInterfaces": [{"network": "n", "subnetwork": "s", "tags": ["t"]}]},
    "nodeSelector": {"accelerator": "nvidia-l4"}, "gpuZonalRedundancyDisabled": true}},
    "binaryAuthorization": {"useDefault": true, "policy": "p", "breakglassJustification": "j"}}"#;

#[test]
fn managed_members_round_trip() {
    let ours: Json = serde_json::from_str(OURS).unwrap();
    assert_eq!(serde_json::to_value(job(OURS)).unwrap(), ours);
    assert_eq!(
        unmanaged(&job(OURS), &["v", "n", "s", "e"].map(str::to_owned).into()),
        [""; 0]
    );
}

/// The types of the discovery document.
#[test]
fn members_match_the_discovery_document() {
    let surface: Json = serde_json::from_str(SURFACE).unwrap();
    conforms(
        &serde_json::from_str(OURS).unwrap(),
        &surface["schemas"],
        "GoogleCloudRunV2Job",
        "job",
    );
}

/// Panics unless each member is an input member of its type, with the right type.
fn conforms(json: &Json, schemas: &Json, schema: &str, path: &str) {
    for (name, value) in json.as_object().into_iter().flatten() {
        let path = format!("{path}.{name}");
        let property = &schemas[schema]["properties"][name];
        assert!(property.is_object(), "{path} is not known to the API");
        assert_ne!(property["readOnly"], true, "{path} is output only");
        let reference = property["$ref"].as_str().or(property["items"]["$ref"].as_str());
        let kind = match value {
            Json::String(_) => "string",
            Json::Number(_) => "integer",
            Json::Bool(_) => "boolean",
            Json::Array(_) => "array",
            _ => "object",
        };
        let expected = property["type"].as_str().unwrap_or("object");
        assert_eq!(kind, expected, "{path}");
        let allowed = property["enum"].as_array();
        assert!(
            allowed.is_none_or(|allowed| allowed.contains(value)),
            "{path} cannot be {value}"
        );
        if let Some(reference) = reference {
            let items = value
                .as_array()
                .map_or(std::slice::from_ref(value), Vec::as_slice);
            items
                .iter()
                .for_each(|item| conforms(item, schemas, reference, &path));
        }
    }
}

/// A new output-only member of the API must not be reported as unmanaged.
#[test]
fn output_only_members_are_not_sent() {
    let surface: Json = serde_json::from_str(SURFACE).unwrap();
    let properties = surface["schemas"]["GoogleCloudRunV2Job"]["properties"]
        .as_object()
        .unwrap();
    let output: serde_json::Map<String, Json> = properties
        .iter()
        .filter(|(_, property)| property["readOnly"] == true)
        .map(|(name, _)| (name.clone(), Json::from("x")))
        .collect();
    assert!(output.len() > 10);
    let current = Job {
        document: Json::from(output),
        ..Job::default()
    };
    assert_eq!(unmanaged(&current, &BTreeSet::new()), [""; 0]);
    assert_eq!(
        overlay(&current, &Job::default(), &BTreeSet::new()),
        serde_json::json!({"template": {"template": {}}})
    );
}

/// Recordings of the live service: the responses to POST, PATCH and DELETE, the finished operations, and the job as read.
/// Responses with numeric enums are skipped: this client does not request them.
#[test]
fn recorded_jobs_decode() {
    let mut jobs = 0;
    for exchange in recording() {
        for document in [&exchange["metadata"], &exchange["response"], &exchange] {
            if document["template"].is_object() {
                jobs += 1;
                recorded_job_is_understood(document);
            }
        }
    }
    assert_eq!(
        jobs, 29,
        "three writes, two reads, and twelve finished operations with two jobs each"
    );
}

fn recorded_job_is_understood(document: &Json) {
    let current = job(&document.to_string());
    let observed = document["observedGeneration"] == document["generation"];
    let expected = if document["reconciling"] == true || !observed {
        Readiness::Reconciling
    } else {
        Readiness::Ready
    };
    assert_eq!(current.readiness(), expected, "{document:#}");
    assert_eq!(
        Json::from(current.generation.unwrap().to_string()),
        document["generation"]
    );
    assert_eq!(current.delete_time.is_some(), document["deleteTime"].is_string());
    let task = &document["template"]["template"];
    assert_eq!(
        current.template.template.containers.len(),
        task["containers"].as_array().unwrap().len()
    );
    assert_eq!(current.template.template.timeout.as_deref(), Some("600s"));
    let count = |json: &Json| json.as_array().map_or(0, Vec::len);
    assert_eq!(current.template.template.volumes.len(), count(&task["volumes"]));
    let probed = task["containers"][0]["startupProbe"].is_object();
    let expected: &[&str] = if probed {
        &["template.template.containers[0].startupProbe"]
    } else {
        &[]
    };
    let unmanaged = unmanaged(&current, &BTreeSet::new());
    let first: Vec<&String> = unmanaged
        .iter()
        .filter(|path| !path.contains("containers[1]") && !path.contains("containers[2]"))
        .collect();
    for path in expected {
        assert!(first.iter().any(|found| found == path), "{path}: {first:?}");
    }
    assert!(!first.iter().any(|found| found.contains("olume")), "{first:?}");
}

/// The bodies of the recorded responses.
fn recording() -> Vec<Json> {
    RECORDINGS
        .iter()
        .flat_map(|recording| recording.split("\n---\n"))
        .filter(|exchange| !exchange.contains("enum-encoding%3Dint"))
        .map(|exchange| {
            let (_, body) = exchange.rsplit_once("\n\n{\n").unwrap();
            serde_json::from_str(&format!("{{{body}")).unwrap()
        })
        .collect()
}

const SURFACE: &str = include_str!("../../../../emulator/src/types/surface.json");
const RECORDINGS: [&str; 4] = [
    include_str!("../../../../emulator/tests/recordings/minimal.http"),
    include_str!("../../../../emulator/tests/recordings/dependson.http"),
    include_str!("../../../../emulator/tests/recordings/with-port.http"),
    include_str!("../../../../emulator/tests/recordings/gcsvolume.http"),
];
