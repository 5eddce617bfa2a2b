# error: cpu = "8": Unsupported number of vCPUs
# error: task_count = 1000: Invalid number
# error: location = "us-east4": Region without this GPU

terraform {
  required_version = ">= 1.5"

  required_providers {
    facets = {
      source = "facets-cloud/facets-gpu"
    }
  }
}

resource "facets_gpu_cloudrun_job" "video_processor" {
  name     = "my-video-processor"
  location = "us-east4"

  container = {
    image = "us-docker.pkg.dev/acme-batch/media/video-processor:1.4"
  }

  resources = {
    cpu    = "8"
    memory = "80Gi"
  }

  job = {
    task_count = 1000
  }
}
