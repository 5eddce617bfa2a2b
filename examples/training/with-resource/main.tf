terraform {
  required_version = ">= 1.5"

  required_providers {
    facets = {
      source = "facets-cloud/facets-gpu"
    }
  }
}

variable "epochs" {
  type    = number
  default = 10
}

# Four tasks train one shard of the data each. A retried task continues from its last checkpoint in the bucket.
resource "facets_gpu_cloudrun_job" "train" {
  name     = "train"
  location = "us-central1"

  container = {
    image = "us-docker.pkg.dev/acme-batch/ml/train:1.4"
    volume_mounts = [
      { name = "checkpoints", mount_path = "/mnt/checkpoints" },
    ]
  }

  job = {
    task_count   = 4
    parallelism  = 4
    max_retries  = 2
    task_timeout = "1h"
  }

  volumes = [
    { name = "checkpoints", gcs = { bucket = "acme-checkpoints" } },
  ]
}

# An apply trains when the job is new, and when its image or the number of epochs changes. It waits for the end, and fails if
# the training fails; the next apply then trains again.
resource "facets_gpu_cloudrun_job_execution" "train" {
  job  = facets_gpu_cloudrun_job.train.id
  args = ["--epochs", tostring(var.epochs)]

  triggers = {
    uid   = facets_gpu_cloudrun_job.train.uid
    image = facets_gpu_cloudrun_job.train.container.image
  }
}

output "logs" {
  value = facets_gpu_cloudrun_job_execution.train.log_uri
}
