terraform {
  required_version = ">= 1.14.1"

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

# Run it with: terraform apply -invoke=action.facets_gpu_cloudrun_job_run.train
action "facets_gpu_cloudrun_job_run" "train" {
  config {
    job = facets_gpu_cloudrun_job.train.id
  }
}
