terraform {
  required_version = ">= 1.14.1"

  required_providers {
    facets = {
      source = "facets-cloud/facets-gpu"
    }
  }
}

# A run of an existing job with another number of tasks, arguments and environment variables. It is cancelled by Ctrl-C.
action "facets_gpu_cloudrun_job_run" "evaluate" {
  config {
    job            = "projects/acme-batch/locations/us-central1/jobs/train"
    args           = ["--mode", "evaluate"]
    env            = { CHECKPOINT = "2026-11-29" }
    task_count     = 4
    task_timeout   = "30m"
    timeout        = "2h"
    cancel_on_stop = true
  }
}
