terraform {
  required_version = ">= 1.5"

  required_providers {
    facets = {
      source = "facets-cloud/facets-gpu"
    }
  }
}

# Each plan and apply warns if the most recent execution of the job failed.
check "last_training" {
  data "facets_gpu_cloudrun_job_execution" "last" {
    job = "projects/acme-batch/locations/us-central1/jobs/train"
  }

  assert {
    condition     = data.facets_gpu_cloudrun_job_execution.last.state != "FAILED"
    error_message = "${coalesce(data.facets_gpu_cloudrun_job_execution.last.name, "-")} failed: ${coalesce(data.facets_gpu_cloudrun_job_execution.last.reason, "-")}"
  }
}
