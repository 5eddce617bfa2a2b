terraform {
  required_version = ">= 1.14.1"

  required_providers {
    facets = {
      source = "facets-cloud/facets-gpu"
    }
  }
}

# An apply runs the job when it is new, and when its image changes. The terraform_data is created or updated after the run, so
# that what depends on it waits for the run, and the next apply runs the job again after a failure.
resource "facets_gpu_cloudrun_job" "train" {
  name     = "train"
  location = "us-central1"

  container = {
    image = "us-docker.pkg.dev/acme-batch/ml/train:1.4"
  }
}

action "facets_gpu_cloudrun_job_run" "train" {
  config {
    job = facets_gpu_cloudrun_job.train.id
  }
}

resource "terraform_data" "trained" {
  input = [
    facets_gpu_cloudrun_job.train.uid,
    facets_gpu_cloudrun_job.train.container.image,
  ]

  lifecycle {
    action_trigger {
      events  = [before_create, before_update]
      actions = [action.facets_gpu_cloudrun_job_run.train]
    }
  }
}
