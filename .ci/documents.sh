#!/bin/sh
# Checks the workflows with actionlint, and docs/ with HashiCorp's tfplugindocs. Go compiles both into the target folder.
#
# Exit status: 0 success; 1 a check failed; 3 go is missing, or a program cannot be downloaded; nothing was
# checked.
set -eu
cd "$(dirname "$0")/.."

actionlint='github.com/rhysd/actionlint/cmd/actionlint@v1.7.12'
tfplugindocs='github.com/hashicorp/terraform-plugin-docs/cmd/tfplugindocs@v0.24.0'

main() {
    target=$(mkdir -p "${CARGO_TARGET_DIR:-target}" && cd "${CARGO_TARGET_DIR:-target}" && pwd)
    work=$(mktemp -d "${TMPDIR:-/tmp}/facets-gpu-documents.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP

    command -v go >/dev/null || not_checked 'go is not on the PATH'
    # The schema of Terraform before 1.14 has no actions and list resources.
    terraform=$(python3 acceptance-tests/fetch_terraform.py) || not_checked 'a recent Terraform cannot be fetched, see above'
    for program in "$actionlint" "$tfplugindocs"; do
        GOBIN="$target/go" go install "$program" 2>"$work/go.log" ||
            not_checked "go cannot install $program: $(tail -n 1 "$work/go.log")"
    done
    "$target/go/actionlint" || fail 'a workflow has an error, see above.'
    write_schema
    "$target/go/tfplugindocs" validate --provider-name facets --providers-schema "$work/schema.json" >"$work/log" 2>&1 ||
        { sed -n '/^Error executing/,$p' "$work/log" >&2; fail 'a page in docs/ has an error, see above.'; }
    say 'actionlint and tfplugindocs passed'
}

# Writes the schema as `terraform providers schema` prints it. tfplugindocs derives both the address and the prefix of type
# names from the provider name, so the provider is available as hashicorp/facets here.
write_schema() {
    "${CARGO:-cargo}" build --quiet --bin terraform-provider-facets-gpu
    ln -s "$target/debug/terraform-provider-facets-gpu" "$work/terraform-provider-facets"
    address='registry.terraform.io/hashicorp/facets'
    cat >"$work/main.tf" <<END
terraform {
  required_providers {
    facets = { source = "$address" }
  }
}
END
    cat >"$work/terraformrc" <<END
provider_installation {
  dev_overrides {
    "$address" = "$work"
  }
}
END
    (cd "$work" && TF_CLI_CONFIG_FILE="$work/terraformrc" "$terraform" providers schema -json >schema.json) ||
        fail 'terraform cannot print the schema.'
}

say() {
    echo "documents: $1"
}

not_checked() {
    say "docs/ and the workflows were NOT checked: $1"
    exit 3
}

fail() {
    echo "documents: $1" >&2
    exit 1
}

main
