terraform {
  required_version = ">= 1.5"

  required_providers {
    facets = {
      source = "facets-cloud/facets-gpu"
    }
  }
}

# All egress traffic of the tasks uses a Serverless VPC Access connector.
resource "facets_gpu_cloudrun_job" "indexer" {
  name            = "indexer"
  location        = "europe-west4"
  service_account = "indexer@acme-batch.iam.gserviceaccount.com"

  container = {
    image   = "europe-docker.pkg.dev/acme-batch/search/indexer:3.1"
    command = ["/usr/bin/indexer"]
    args    = ["--source", "gs://acme-corpus", "--batch", "512"]
  }

  env = {
    INDEX_HOST = "10.8.0.12"
  }

  vpc_access = {
    connector = "corpus-connector"
    egress    = "all-traffic"
  }
}
