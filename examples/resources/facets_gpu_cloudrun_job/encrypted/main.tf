terraform {
  required_version = ">= 1.5"

  required_providers {
    facets = {
      source = "facets-cloud/facets-gpu"
    }
  }
}

# A key of Cloud KMS encrypts what Cloud Run keeps of these jobs, and a policy of Binary Authorization decides which images run.
locals {
  key = "projects/acme-keys/locations/us-central1/keyRings/batch/cryptoKeys/gpu-jobs"
}

# The policy of the project decides about this one.
resource "facets_gpu_cloudrun_job" "claims" {
  name           = "claims-scoring"
  location       = "us-central1"
  encryption_key = local.key

  container = {
    image = "us-docker.pkg.dev/acme-batch/insurance/scoring@sha256:5f2b1c9de3a04a7bb9c1d6f0e8a7c3b25d4e6f708192a3b4c5d6e7f8091a2b3c"
  }

  binary_authorization = {
    use_default = true
  }
}

# A policy of its own decides here, and somebody has taken it upon themselves that the image runs although it says no.
resource "facets_gpu_cloudrun_job" "backfill" {
  name           = "claims-backfill"
  location       = "us-central1"
  encryption_key = local.key
  container      = { image = "us-docker.pkg.dev/acme-batch/insurance/backfill:2" }

  binary_authorization = {
    policy                   = "projects/acme-batch/platforms/cloudRun/policies/signed-by-ci"
    breakglass_justification = "INC-4711: CI cannot sign until Thursday"
  }
}
