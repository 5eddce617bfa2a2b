# The Facets module without the platform: this root stands for the one that the platform writes around it.
terraform {
  required_version = ">= 1.5"

  required_providers {
    facets = {
      source = "facets-cloud/facets-gpu"
    }
  }
}

# The platform makes one such block of what the blueprint's cloud account gives.
provider "facets" {
  alias   = "cloud_account_gcp"
  project = "acme-batch"
  region  = "us-central1"
}

locals {
  # The blueprint's resource. The platform puts the address of the image in the place of the expression.
  blueprint = yamldecode(replace(
    file("${path.module}/blueprint.yaml"),
    "$${blueprint.self.artifacts.video-processor}",
    "us-docker.pkg.dev/acme-batch/media/video-processor:1.4",
  ))
}

module "my_video_processor" {
  source    = "../../modules/cloudrun/gpu-job/1.0"
  providers = { facets = facets.cloud_account_gcp }

  instance      = local.blueprint
  instance_name = local.blueprint.metadata.name

  environment = {
    name        = "demo"
    unique_name = "media-demo"
    cloud_tags  = { FacetsControlPlane = "demo.console.facets.cloud" }
  }

  inputs = {
    cloud_account = {
      attributes = { project_id = "acme-batch", region = "us-central1" }
    }
    network_details = null
  }
}
