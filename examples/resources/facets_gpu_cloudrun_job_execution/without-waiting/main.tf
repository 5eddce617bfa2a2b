terraform {
  required_version = ">= 1.5"

  required_providers {
    facets = {
      source = "facets-cloud/facets-gpu"
    }
  }
}

# The apply starts the execution and does not wait. Later plans read its state, and fail if it has failed.
resource "facets_gpu_cloudrun_job_execution" "train" {
  job      = facets_gpu_cloudrun_job.train.id
  wait     = false
  triggers = { uid = facets_gpu_cloudrun_job.train.uid }

  lifecycle {
    postcondition {
      condition     = !contains(["FAILED", "CANCELLED"], self.state)
      error_message = "${self.name} ended as ${self.state}: ${self.log_uri}"
    }
  }
}

resource "facets_gpu_cloudrun_job" "train" {
  name      = "train"
  location  = "us-central1"
  container = { image = "us-docker.pkg.dev/acme-batch/ml/train:1.4" }
}
