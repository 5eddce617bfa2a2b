# The example of the module's contract: ten tasks with a GPU each, two in parallel.

terraform {
  required_version = ">= 1.5"

  required_providers {
    facets = {
      source = "facets-cloud/facets-gpu"
    }
  }
}

variable "parallelism" {
  type    = number
  default = 2
}

resource "facets_gpu_cloudrun_job" "video_processor" {
  name     = "my-video-processor"
  location = "us-central1"

  container = {
    image = "us-docker.pkg.dev/acme-batch/media/video-processor:1.4"
  }

  gpu = {
    enabled = true
    type    = "nvidia-rtx-pro-6000"
  }

  resources = {
    cpu    = "20"
    memory = "80Gi"
  }

  job = {
    task_count   = 10
    parallelism  = var.parallelism
    max_retries  = 3
    task_timeout = "3600s"
  }

  secrets = [
    { env_var = "API_KEY", secret_name = "my-api-key", version = "latest" },
  ]
}

output "job_name" {
  value = facets_gpu_cloudrun_job.video_processor.name
}

output "location" {
  value = facets_gpu_cloudrun_job.video_processor.location
}

output "execution_url" {
  value = facets_gpu_cloudrun_job.video_processor.execution_url
}

output "max_gpu_hours" {
  value = facets_gpu_cloudrun_job.video_processor.max_gpu_hours
}
