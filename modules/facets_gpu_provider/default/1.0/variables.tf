# The variables that the platform sets.

variable "instance" {
  description = "The resource of the blueprint"
  type = object({
    kind    = optional(string, "facets_gpu_provider")
    flavor  = optional(string, "default")
    version = optional(string, "1.0")
    spec    = optional(object({}), {})
  })
}

variable "instance_name" {
  description = "Name of the resource in the blueprint"
  type        = string
}

variable "environment" {
  description = "The environment of the resource"
  type = object({
    name        = optional(string)
    unique_name = string
  })
}

variable "inputs" {
  description = "The outputs of the wired cloud account; without credentials the provider uses application default credentials"
  type = object({
    cloud_account = object({
      attributes = object({
        project_id  = string
        region      = string
        credentials = optional(string)
      })
    })
  })
}
