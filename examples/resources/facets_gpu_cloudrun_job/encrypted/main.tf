terraform {
  required_version = ">= 1.5"

  required_providers {
    facets = {
      source = "facets-cloud/facets-gpu"
    }
  }
}

# A Cloud KMS key encrypts the data that Cloud Run stores for these jobs, and Binary Authorization restricts their images.
locals {
  key = "projects/acme-keys/locations/us-central1/keyRings/batch/cryptoKeys/gpu-jobs"
}

# Uses the policy of the project.
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

# Uses another policy, with a breakglass justification that allows an image which violates it.
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
