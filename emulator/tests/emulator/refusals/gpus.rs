//! GPUs: how many, with what, and where.

use serde_json::{Value, json};

use super::{TASK, at, check};
use crate::harness::{Cloud, gpu_job, job};

#[tokio::test]
async fn gpus_are_checked() {
    const LIMITS: &str = "/template/template/containers/0/resources/limits";
    let sidecar = json!({ "image": "i", "name": "s", "resources": { "limits": { "nvidia.com/gpu": "1" } } });
    check(
        gpu_job,
        &[
            (
                &[(at!(LIMITS, "/cpu"), json!("8"))],
                "Must be equal to one of 20.0, 22.0",
            ),
            (
                &[(at!(LIMITS, "/cpu"), json!("21"))],
                "Must be equal to one of 20.0, 22.0",
            ),
            (
                &[(at!(LIMITS, "/cpu"), json!("32"))],
                "Must be equal to one of 20.0, 22.0",
            ),
            (
                &[(at!(LIMITS, "/memory"), json!("64Gi"))],
                "memory must be between 80Gi",
            ),
            (
                &[(at!(LIMITS, "/memory"), json!("100Gi"))],
                "Invalid value specified for container memory",
            ),
            (
                &[
                    (at!(LIMITS, "/cpu"), json!("22")),
                    (at!(LIMITS, "/memory"), json!("96Gi")),
                ],
                "memory must be between 80Gi and 88Gi",
            ),
            (
                &[(at!(LIMITS, "/nvidia.com~gpu"), json!("2"))],
                "GPU can only be set to 1",
            ),
            (
                &[(at!(TASK, "/nodeSelector"), Value::Null)],
                "GPU can only be set to 1",
            ),
            (&[(at!(TASK, "/containers/1"), sidecar)], "on one container"),
            (
                &[(
                    at!(TASK, "/executionEnvironment"),
                    json!("EXECUTION_ENVIRONMENT_GEN1"),
                )],
                "Execution environment must be set to gen2 in order to set GPU",
            ),
            (
                &[(at!(TASK, "/gpuZonalRedundancyDisabled"), Value::Null)],
                "unable to offer GPU enabled instances with zonal redundancy",
            ),
            (
                &[(at!(TASK, "/gpuZonalRedundancyDisabled"), json!(false))],
                "unable to offer GPU enabled instances with zonal redundancy",
            ),
            (&[(at!(TASK, "/timeout"), json!("7200s"))], "when using GPU"),
            (
                &[(at!(TASK, "/nodeSelector/accelerator"), json!("nvidia-h900"))],
                "accelerator: 'nvidia-h900' is not supported",
            ),
            (
                &[
                    (at!(TASK, "/nodeSelector/accelerator"), json!("nvidia-l4")),
                    (
                        LIMITS,
                        json!({ "cpu": "1", "memory": "4Gi", "nvidia.com/gpu": "1" }),
                    ),
                ],
                "CPU must be at least 4; memory must be at least 16Gi",
            ),
        ],
    )
    .await;
    check(
        job,
        &[(
            &[(at!(TASK, "/gpuZonalRedundancyDisabled"), json!(true))],
            "must be set when GPU redundancy is set",
        )],
    )
    .await;
}

#[tokio::test]
async fn a_gpu_is_offered_in_some_regions_only() {
    let cloud = Cloud::start().await;
    let path = "/v2/projects/p/locations/europe-north1/jobs?jobId=a";
    let response = cloud.request("POST", path).json(&gpu_job()).send().await.unwrap();
    assert_eq!(response.status(), 400);
    assert!(
        response
            .text()
            .await
            .unwrap()
            .contains("not available in region 'europe-north1'")
    );
}
