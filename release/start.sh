#!/bin/sh
# Starts the built provider of this machine's platform by terraform, which prints the provider's schema.
#
#   release/start.sh PLATFORM     for example linux_amd64
#
# Exit status: 0 success; 1 failure.
set -eu
cd "$(dirname "$0")/.."

main() {
    # Git's shell on Windows prints paths that terraform can read with -W only.
    binaries=$(cd "target/binaries/$1" && (pwd -W 2>/dev/null || pwd))
    work=$(mktemp -d "${TMPDIR:-/tmp}/facets-gpu-start.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP

    "$binaries/terraform-provider-facets-gpu" --version
    "$binaries/cloudrun-emulator" --version
    cat >"$work/main.tf" <<END
terraform {
  required_providers {
    facets = { source = "facets-cloud/facets-gpu" }
  }
}
END
    cat >"$work/terraformrc" <<END
provider_installation {
  dev_overrides {
    "facets-cloud/facets-gpu" = "$binaries"
  }
}
END
    cd "$work"
    TF_CLI_CONFIG_FILE="$work/terraformrc" "${FACETS_GPU_TERRAFORM:-terraform}" providers schema -json >schema.json
    grep -q '"facets_gpu_cloudrun_job"' schema.json || fail 'the schema has no facets_gpu_cloudrun_job'
    echo "start: terraform started the provider for $1"
}

fail() {
    echo "start: $1." >&2
    exit 1
}

main "$@"
