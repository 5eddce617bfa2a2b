# The variables that the platform sets. `gpu_job` is the output `attributes` of the job, which has no `attributes` inside;
# `cloud_account` only passes the provider.

variable "instance" {
  description = "The resource of the blueprint with merged overrides"
  type = object({
    kind    = optional(string, "gpu_job_run")
    flavor  = optional(string, "default")
    version = optional(string, "1.0")
    spec = object({
      triggers = optional(map(string), {})
      args     = optional(list(string))
      wait     = optional(bool, true)
    })
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
  description = "The outputs of the wired resources"
  type = object({
    gpu_job = object({
      job_id  = string
      job_uid = string
    })
    cloud_account = object({})
  })
}
