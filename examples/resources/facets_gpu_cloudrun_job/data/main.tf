terraform {
  required_version = ">= 1.5"

  required_providers {
    facets = {
      source = "facets-cloud/facets-gpu"
    }
  }
}

# Weights are read from one bucket and results are written to another. A license is mounted from a secret, and temporary
# frames are kept in memory.
resource "facets_gpu_cloudrun_job" "upscaler" {
  name            = "upscaler"
  location        = "us-central1"
  service_account = "upscaler@acme-batch.iam.gserviceaccount.com"

  container = {
    image       = "us-docker.pkg.dev/acme-batch/media/upscaler:5.2"
    args        = ["--weights", "/weights/model.safetensors", "--out", "/results"]
    working_dir = "/scratch"

    volume_mounts = [
      { name = "models", mount_path = "/weights", sub_path = "upscaler/5" },
      { name = "results", mount_path = "/results" },
      { name = "license", mount_path = "/etc/upscaler" },
      { name = "scratch", mount_path = "/scratch" },
    ]
  }

  resources = {
    cpu    = "24"
    memory = "96Gi"
  }

  volumes = [
    {
      name = "models"
      gcs  = { bucket = "acme-models", read_only = true, mount_options = ["implicit-dirs"] }
    },
    {
      name = "results"
      gcs  = { bucket = "acme-upscaled" }
    },
    {
      name = "license"
      secret = {
        secret       = "upscaler-license"
        default_mode = "0440"
        items = [
          { path = "license.key", version = "3" },
          { path = "license.pub", version = "latest", mode = "0444" },
        ]
      }
    },
    {
      # Counts against resources.memory.
      name      = "scratch"
      empty_dir = { medium = "memory", size_limit = "16Gi" }
    },
  ]
}
