# The variables that the platform sets, with their types and defaults. The provider checks the values at plan.

variable "instance" {
  description = "The resource of the blueprint with merged overrides"
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
}

variable "instance_name" {
  description = "Name of the resource in the blueprint"
  type        = string
}

variable "environment" {
  description = "The environment of the resource; unique_name is unique across projects"
  type = object({
    name        = optional(string)
    unique_name = string
    cloud_tags  = optional(map(string), {})
  })
}

variable "inputs" {
  description = "The outputs of the wired resources; network_details is null if no network is wired"
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
}
