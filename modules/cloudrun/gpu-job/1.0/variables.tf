# The four variables that the platform sets. The validations say in the blueprint's words what the provider would
# say in its own; a test holds their values against the provider's catalogue.

variable "instance" {
  description = "The resource of the blueprint, overrides merged: what its author wrote"
  type = object({
    kind    = optional(string, "cloudrun")
    flavor  = optional(string, "gpu-job")
    version = optional(string, "1.0")
    spec = object({
      container = object({
        image   = string
        command = optional(list(string), [])
        args    = optional(list(string), [])
      })
      gpu = optional(object({
        enabled = optional(bool, true)
        type    = optional(string, "nvidia-rtx-pro-6000")
      }), {})
      resources = optional(object({
        cpu    = optional(string, "20")
        memory = optional(string, "80Gi")
      }), {})
      job = optional(object({
        task_count   = optional(number, 1)
        parallelism  = optional(number, 1)
        max_retries  = optional(number, 3)
        task_timeout = optional(string, "3600s")
      }), {})
      secrets = optional(list(object({
        env_var     = string
        secret_name = string
        version     = optional(string, "latest")
      })), [])
      vpc_access = optional(object({
        connector = optional(string)
        egress    = optional(string, "private-ranges-only")
      }))
      env             = optional(map(string), {})
      service_account = optional(string)
    })
  })

  validation {
    condition     = var.instance.spec.gpu.enabled
    error_message = "spec.gpu.enabled can only be true, since every task of this flavor gets a GPU. It is false. Take it out, or use the flavor gcp-job for a batch job without a GPU."
  }

  validation {
    condition     = contains(["nvidia-rtx-pro-6000"], var.instance.spec.gpu.type)
    error_message = "spec.gpu.type must be nvidia-rtx-pro-6000, the only GPU for jobs. It is \"${var.instance.spec.gpu.type}\". Set it so, or take it out."
  }

  validation {
    condition     = contains(["20", "24", "32"], var.instance.spec.resources.cpu)
    error_message = "spec.resources.cpu must be \"20\", \"24\" or \"32\". It is \"${var.instance.spec.resources.cpu}\". Set one of these, or take it out to get \"20\"."
  }

  validation {
    condition     = contains(["80Gi", "96Gi", "128Gi"], var.instance.spec.resources.memory)
    error_message = "spec.resources.memory must be 80Gi, 96Gi or 128Gi. It is \"${var.instance.spec.resources.memory}\". Set one of these, or take it out to get 80Gi."
  }

  validation {
    condition     = var.instance.spec.job.task_count >= 1 && var.instance.spec.job.task_count <= 100 && floor(var.instance.spec.job.task_count) == var.instance.spec.job.task_count
    error_message = "spec.job.task_count is a whole number from 1 to 100. It is ${var.instance.spec.job.task_count}. Set a number in between, or take it out to get 1."
  }

  validation {
    condition     = var.instance.spec.job.parallelism >= 1 && var.instance.spec.job.parallelism <= 100 && floor(var.instance.spec.job.parallelism) == var.instance.spec.job.parallelism
    error_message = "spec.job.parallelism is a whole number from 1 to 100. It is ${var.instance.spec.job.parallelism}. Set a number in between, or take it out to get 1."
  }

  validation {
    condition     = var.instance.spec.job.max_retries >= 0 && var.instance.spec.job.max_retries <= 10 && floor(var.instance.spec.job.max_retries) == var.instance.spec.job.max_retries
    error_message = "spec.job.max_retries is a whole number from 0 to 10. It is ${var.instance.spec.job.max_retries}. Set a number in between, or take it out to get 3."
  }

  validation {
    condition = can(regex("[1-9]", var.instance.spec.job.task_timeout)) && anytrue([
      for time in regexall("^(?:(?P<h>[0-9]+)h)?(?:(?P<m>[0-9]+)m)?(?:(?P<s>[0-9]+(?:[.][0-9]{1,9})?)s)?$", var.instance.spec.job.task_timeout) :
      coalesce(time.h, 0) * 3600 + coalesce(time.m, 0) * 60 + coalesce(time.s, 0) <= 168 * 3600
    ])
    error_message = "spec.job.task_timeout is hours, minutes and seconds such as 3600s, 2h or 1h30m, more than nothing and at most 168h. It is \"${var.instance.spec.job.task_timeout}\". Write it so, or take it out to get 3600s."
  }

  validation {
    condition     = contains(["private-ranges-only", "all-traffic"], try(var.instance.spec.vpc_access.egress, "private-ranges-only"))
    error_message = "spec.vpc_access.egress must be private-ranges-only or all-traffic. It is \"${try(var.instance.spec.vpc_access.egress, "")}\". Set one of these, or take it out to get private-ranges-only."
  }
}

variable "instance_name" {
  description = "Name of the resource in the blueprint"
  type        = string
}

variable "environment" {
  description = "The environment that the resource is deployed to; unique_name is unique across projects"
  type = object({
    name        = optional(string)
    unique_name = string
    cloud_tags  = optional(map(string), {})
  })
}

variable "inputs" {
  description = "What the resources wired to this one give; network_details is null when no network is wired"
  type = object({
    cloud_account = object({
      attributes = object({
        project_id = string
        region     = string
      })
    })
    network_details = optional(object({
      attributes = optional(object({}))
    }))
  })

  validation {
    condition     = contains(["us-central1", "europe-west4", "asia-south2", "asia-southeast1"], var.inputs.cloud_account.attributes.region)
    error_message = "The region of the input cloud_account must offer nvidia-rtx-pro-6000: us-central1, europe-west4, asia-south2 or asia-southeast1. It is \"${var.inputs.cloud_account.attributes.region}\". Wire a cloud account of one of these regions, or deploy this environment there."
  }
}
