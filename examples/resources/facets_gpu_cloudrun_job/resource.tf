terraform {
  required_version = ">= 1.5"

  required_providers {
    facets = {
      source = "facets-cloud/facets-gpu"
    }
  }
}

# Ten tasks with one GPU each, two in parallel.
resource "facets_gpu_cloudrun_job" "video_processor" {
  name     = "video-processor"
  location = "us-central1"

  container = {
    image = "us-docker.pkg.dev/acme-batch/media/video-processor:1.4"
    args  = ["--quality", "high"]
  }

  gpu = {
    type = "nvidia-rtx-pro-6000"
  }

  resources = {
    cpu    = "20"
    memory = "80Gi"
  }

  job = {
    task_count   = 10
    parallelism  = 2
    max_retries  = 3
    task_timeout = "3600s"
  }

  secrets = [
    { env_var = "API_KEY", secret_name = "my-api-key" },
  ]
}

# A POST to this URL with an access token and the body {} starts an execution.
output "execution_url" {
  value = facets_gpu_cloudrun_job.video_processor.execution_url
}

# The maximum GPU time of one execution.
output "max_gpu_hours" {
  value = facets_gpu_cloudrun_job.video_processor.max_gpu_hours
}
