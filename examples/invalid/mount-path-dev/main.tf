# error: volume_mounts = [: Invalid mount path

terraform {
  required_version = ">= 1.5"

  required_providers {
    facets = {
      source = "facets-cloud/facets-gpu"
    }
  }
}

resource "facets_gpu_cloudrun_job" "render" {
  name = "render"

  container = {
    image         = "us-docker.pkg.dev/acme-batch/media/renderer:1.4"
    volume_mounts = [{ name = "queue", mount_path = "/dev/shm" }]
  }

  volumes = [
    { name = "queue", empty_dir = { medium = "memory", size_limit = "8Gi" } },
  ]
}
