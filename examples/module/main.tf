# The Facets module without the platform: this root module replaces the one that the platform generates.
terraform {
  required_version = ">= 1.5"

  required_providers {
    facets = {
      source = "facets-cloud/facets-gpu"
    }
  }
}

# The platform generates this block from the blueprint's cloud account.
provider "facets" {
  alias   = "cloud_account_gcp"
  project = "acme-batch"
  region  = "us-central1"
}

locals {
  # The blueprint's resource. The platform replaces the expression by the image.
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
