terraform {
  required_version = ">= 1.5"

  required_providers {
    facets = {
      source = "facets-cloud/facets-gpu"
    }
  }
}

# Direct VPC egress: tasks have a network interface in a subnetwork and need no connector. A Filestore share in that network
# has the scenes, and firewall rules match the tags.
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
