terraform {
  required_version = ">= 1.5"

  required_providers {
    facets = {
      source = "facets-cloud/facets-gpu"
    }
  }
}

locals {
  scenes = {
    opening = { frames = 40, image_tag = "1.4" }
    chase   = { frames = 100, image_tag = "1.4" }
    credits = { frames = 8, image_tag = "1.3" }
  }
}

# One job for each scene with one task for each frame.
resource "facets_gpu_cloudrun_job" "scene" {
  for_each = local.scenes

  name      = "render-${each.key}"
  container = { image = "us-docker.pkg.dev/acme-batch/media/renderer:${each.value.image_tag}" }

  job = {
    task_count   = each.value.frames
    parallelism  = min(each.value.frames, 8)
    max_retries  = 1
    task_timeout = "30m"
  }
}

output "most_gpu_hours" {
  value = sum([for job in facets_gpu_cloudrun_job.scene : job.max_gpu_hours])
}
