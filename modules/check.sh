#!/bin/sh
# Holds every module against Facets' own checker, ftf-cli from PyPI: facets.yaml by its rules, the four
# variables, and terraform fmt, init and validate with the provider as it is built here.
#
# Exit status: 0 all is well; 1 a module or the build is at fault; 3 the checker cannot be had, which says
# nothing about the modules. Everything that is made on the way lies in one temporary folder, and goes with it.
set -eu
cd "$(dirname "$0")/.."

checker='ftf-cli==0.3.6'
source='facets-cloud/facets-gpu'
binary='terraform-provider-facets-gpu'

main() {
    terraform=$(find_terraform) ||
        fail 'terraform (or tofu) is needed: on the PATH, or its full path in FACETS_GPU_TERRAFORM.'
    python=$(find_python) || cannot_be_had 'it needs Python 3.11 or later, and there is none on the PATH'

    work=$(mktemp -d "${TMPDIR:-/tmp}/facets-gpu-module.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP

    say "building the provider"
    "${CARGO:-cargo}" build --quiet --bin "$binary" || fail 'the provider does not build.'
    say "installing $checker into a temporary folder"
    install_checker
    lay_mirror

    for description in modules/*/*/*/facets.yaml; do
        check "$(dirname "$description")"
    done
    say "all modules pass"
}

find_terraform() {
    if [ -n "${FACETS_GPU_TERRAFORM:-}" ]; then
        command -v "$FACETS_GPU_TERRAFORM"
    else
        command -v terraform || command -v tofu
    fi
}

# A name on the PATH may be a launcher for a version that is not there, so each is asked.
find_python() {
    for name in python3 python3.14 python3.13 python3.12 python3.11; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            echo "$name"
            return
        fi
    done
    return 1
}

install_checker() {
    log="$work/install.log"
    if ! "$python" -m venv "$work/venv" >"$log" 2>&1; then
        tail -n 5 "$log" >&2
        cannot_be_had "$python cannot make a virtual environment"
    fi
    if ! "$work/venv/bin/pip" install --quiet --no-cache-dir --retries 2 "$checker" >"$log" 2>&1; then
        tail -n 5 "$log" >&2
        cannot_be_had 'pip could not install it'
    fi
}

# The checker runs `terraform init`, which installs from a mirror and from nowhere else.
lay_mirror() {
    version=$("${CARGO:-cargo}" pkgid --package "$binary" | sed 's/.*[#@]//')
    target=$("${CARGO:-cargo}" metadata --no-deps --format-version 1 |
        sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
    for host in registry.terraform.io registry.opentofu.org; do
        package="$work/mirror/$host/$source/$version/$(platform)"
        mkdir -p "$package"
        cp "$target/debug/$binary" "$package/${binary}_v$version"
    done
    cat >"$work/terraform.rc" <<END
disable_checkpoint = true

provider_installation {
  filesystem_mirror {
    path = "$work/mirror"
  }
}
END
    # The checker calls the program by this name, whichever it is.
    mkdir "$work/bin" "$work/home" "$work/tmp"
    ln -s "$terraform" "$work/bin/terraform"
}

# This machine in Terraform's words.
platform() {
    case "$(uname -s)" in
    Darwin) system=darwin ;;
    *) system=linux ;;
    esac
    case "$(uname -m)" in
    arm64 | aarch64) machine=arm64 ;;
    *) machine=amd64 ;;
    esac
    echo "${system}_$machine"
}

# Checks a copy, since init leaves files behind. Where the network can be cut off, it is, so that nothing but what
# lies here decides.
check() {
    module=$1
    copy="$work/$module"
    mkdir -p "$copy"
    cp -R "$module/." "$copy"
    if unshare -rn true 2>/dev/null; then
        say "checking $module, without a network"
        set -- unshare -rn
    else
        say "checking $module"
        set --
    fi
    log="$work/check.log"
    HOME="$work/home" TMPDIR="$work/tmp" PATH="$work/bin:$PATH" TF_CLI_CONFIG_FILE="$work/terraform.rc" \
        "$@" "$work/venv/bin/ftf" validate-directory "$copy" --check-only >"$log" 2>&1 || {
        cat "$log" >&2
        fail "$module does not pass. Above stands what $checker says."
    }
}

say() {
    echo "module-check: $1"
}

fail() {
    echo "module-check: $1" >&2
    exit 1
}

cannot_be_had() {
    echo "module-check: not run, since $checker cannot be had: $1." >&2
    exit 3
}

main
