terraform {
  required_version = ">= 1.5"

  required_providers {
    facets = {
      source = "facets-cloud/facets-gpu"
    }
  }
}

# One execution with other arguments, variables and limits than the job has. A change of the epochs runs it again.
resource "facets_gpu_cloudrun_job_execution" "tune" {
  job = facets_gpu_cloudrun_job.train.id

  args         = ["--epochs", "3", "--learning-rate", "1e-5"]
  env          = { MODE = "fine-tuning" }
  task_count   = 1
  task_timeout = "2h"

  triggers = { uid = facets_gpu_cloudrun_job.train.uid }
}

resource "facets_gpu_cloudrun_job" "train" {
  name      = "train"
  location  = "us-central1"
  container = { image = "us-docker.pkg.dev/acme-batch/ml/train:1.4" }
  job       = { task_count = 8, task_timeout = "1h" }
}
