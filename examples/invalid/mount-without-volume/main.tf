# error: volume_mounts = [: Undeclared volume

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
      { name = "scenes", mount_path = "/scenes" },
      { name = "result", mount_path = "/results" },
    ]
  }

  volumes = [
    { name = "scenes", gcs = { bucket = "acme-scenes" } },
    { name = "results", gcs = { bucket = "acme-results" } },
  ]
}
