# error: name = "license", secret: Invalid file mode

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
    volume_mounts = [{ name = "license", mount_path = "/etc/renderer" }]
  }

  # google_cloud_run_v2_job takes decimal modes, where 256 is 0400. This resource takes octal modes.
  volumes = [
    { name = "license", secret = { secret = "renderer-license", default_mode = "256" } },
  ]
}
