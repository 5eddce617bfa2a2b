# error: env_var = "API_KEY": Duplicate environment variable

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

  env = {
    API_KEY = "for-tests-only"
  }

  secrets = [
    { env_var = "API_KEY", secret_name = "my-api-key" },
  ]
}
