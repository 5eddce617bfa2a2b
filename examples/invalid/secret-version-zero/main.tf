# error: secret_name = "my-api-key", version = 0: Invalid secret version

terraform {
  required_version = ">= 1.5"

  required_providers {
    facets = {
      source = "facets-cloud/facets-gpu"
    }
  }
}

resource "facets_gpu_cloudrun_job" "render" {
  name      = "render"
  container = { image = "us-docker.pkg.dev/acme-batch/media/renderer:1.4" }

  secrets = [
    { env_var = "API_KEY", secret_name = "my-api-key", version = 0 },
  ]
}
