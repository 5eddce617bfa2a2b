# error: volume_mounts = [: Duplicate mount path

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
    image = "us-docker.pkg.dev/acme-batch/media/renderer:1.4"

    volume_mounts = [
      { name = "scenes", mount_path = "/data" },
      { name = "results", mount_path = "/data/" },
    ]
  }

  volumes = [
    { name = "scenes", gcs = { bucket = "acme-scenes" } },
    { name = "results", gcs = { bucket = "acme-results" } },
  ]
}
