terraform {
  required_version = ">= 1.5"

  required_providers {
    facets = {
      source = "facets-cloud/facets-gpu"
    }
  }
}

# Executions start up to 12 hours later. Google does not confirm delays of jobs with a GPU, so the plan shows a warning. Delays and
# timeouts over one hour are preview features, which the default of `launch_stage` allows. Maintenance can end a task, so the
# program must continue from its last checkpoint.
resource "facets_gpu_cloudrun_job" "training" {
  name      = "nightly-training"
  container = { image = "us-docker.pkg.dev/acme-batch/media/trainer:1.4" }

  job = {
    delay_execution = true
    task_timeout    = "4h"
    max_retries     = 2
  }
}
