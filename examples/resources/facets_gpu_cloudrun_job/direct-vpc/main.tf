terraform {
  required_version = ">= 1.5"

  required_providers {
    facets = {
      source = "facets-cloud/facets-gpu"
    }
  }
}

# Tasks have an interface in a subnetwork of their own, so that no connector is needed. A Filestore share of that network
# holds the scenes, and the firewall knows the tasks by their tags.
resource "facets_gpu_cloudrun_job" "renderer" {
  name     = "renderer"
  location = "europe-west4"

  container = {
    image = "europe-docker.pkg.dev/acme-batch/media/renderer:1.4"
    args  = ["--scenes", "/scenes"]

    volume_mounts = [
      { name = "scenes", mount_path = "/scenes" },
    ]
  }

  volumes = [
    {
      name = "scenes"
      nfs  = { server = "10.20.0.2", path = "/scenes", read_only = true }
    },
  ]

  vpc_access = {
    network    = "media"
    subnetwork = "media-batch"
    tags       = ["gpu-batch", "filestore-client"]
    egress     = "private-ranges-only"
  }
}
