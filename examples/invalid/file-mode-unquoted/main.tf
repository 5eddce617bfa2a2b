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

  # Terraform has no octal numbers; 288 is 0440 in decimal.
  volumes = [
    { name = "license", secret = { secret = "renderer-license", default_mode = 288 } },
  ]
}
