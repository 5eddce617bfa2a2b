# error: secret_name = "projects/acme-batch/secrets/my-api-key/versions/3": Invalid secret name

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
    { env_var = "API_KEY", secret_name = "projects/acme-batch/secrets/my-api-key/versions/3" },
  ]
}
