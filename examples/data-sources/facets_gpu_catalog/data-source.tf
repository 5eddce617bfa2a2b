terraform {
  required_version = ">= 1.5"

  required_providers {
    facets = {
      source = "facets-cloud/facets-gpu"
    }
  }
}

variable "cpu" {
  type    = string
  default = "24"
}

data "facets_gpu_catalog" "this" {}

locals {
  gpu = data.facets_gpu_catalog.this.gpus[0]
}

# The same job in every region that offers the GPU without an invitation.
resource "facets_gpu_cloudrun_job" "nightly" {
  for_each = setsubtract(local.gpu.regions, local.gpu.regions_by_invitation)

  name      = "nightly-render"
  location  = each.value
  container = { image = "us-docker.pkg.dev/acme-batch/media/renderer:1.4" }
  gpu       = { type = local.gpu.type }
  resources = { cpu = var.cpu, memory = local.gpu.memory[0] }
  job       = { task_timeout = local.gpu.google.max_task_timeout }

  # A module can have its own error message.
  lifecycle {
    precondition {
      condition     = contains(local.gpu.cpus, var.cpu) && tonumber(var.cpu) <= local.gpu.google.max_cpu
      error_message = "With ${local.gpu.title}, cpu is one of ${join(", ", local.gpu.cpus)}, up to ${local.gpu.google.max_cpu}: see ${local.gpu.google.resources_source.url}."
    }
  }
}

output "regions" {
  value = local.gpu.regions
}

output "most_tasks" {
  value = data.facets_gpu_catalog.this.job.task_count.max
}
