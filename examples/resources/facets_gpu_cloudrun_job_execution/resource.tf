terraform {
  required_version = ">= 1.5"

  required_providers {
    facets = {
      source = "facets-cloud/facets-gpu"
    }
  }
}

resource "facets_gpu_cloudrun_job" "train" {
  name     = "train"
  location = "us-central1"

  container = {
    image = "us-docker.pkg.dev/acme-batch/ml/train:1.4"
  }
}

# Runs the job once, again when its image changes, and again when the job is created again under its name.
resource "facets_gpu_cloudrun_job_execution" "train" {
  job = facets_gpu_cloudrun_job.train.id

  triggers = {
    uid   = facets_gpu_cloudrun_job.train.uid
    image = facets_gpu_cloudrun_job.train.container.image
  }
}

output "logs" {
  value = facets_gpu_cloudrun_job_execution.train.log_uri
}
