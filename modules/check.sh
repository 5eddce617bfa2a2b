#!/bin/sh
# Validates every module with Facets' ftf-cli from PyPI: facets.yaml, the four variables, and terraform fmt, init and
# validate with the provider built from this checkout. Then prints what checkov, the security scanner of ftf-cli, finds in
# them; its findings do not change the exit status.
#
# Exit status: 0 success; 1 a module is invalid or the build failed; 3 ftf-cli is not available, so no module was checked.
# All files are created in a temporary folder.
set -eu
cd "$(dirname "$0")/.."

checker='ftf-cli==0.3.6'
source='facets-cloud/facets-gpu'
binary='terraform-provider-facets-gpu'

main() {
    terraform=$(find_terraform) ||
        fail 'terraform (or tofu) must be on the PATH, or its full path in FACETS_GPU_TERRAFORM.'
    python=$(find_python) || not_available 'Python 3.11 or later is not on the PATH'

    work=$(mktemp -d "${TMPDIR:-/tmp}/facets-gpu-module.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP

    say "building the provider"
    "${CARGO:-cargo}" build --quiet --bin "$binary" || fail 'the provider build failed.'
    say "installing $checker into a temporary folder"
    install_checker
    create_mirror

    for description in modules/*/*/*/facets.yaml examples/*/facets.yaml; do
        check "$(dirname "$description")"
    done
    scan
    say "all modules pass"
}

find_terraform() {
    if [ -n "${FACETS_GPU_TERRAFORM:-}" ]; then
        command -v "$FACETS_GPU_TERRAFORM"
    else
        command -v terraform || command -v tofu
    fi
}

# A name on the PATH may be a launcher of a version that is not installed, so each is executed.
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
        not_available "$python cannot make a virtual environment"
    fi
    if ! "$work/venv/bin/pip" install --quiet --no-cache-dir --retries 2 "$checker" >"$log" 2>&1; then
        tail -n 5 "$log" >&2
        not_available 'pip could not install it'
    fi
}

# ftf-cli runs `terraform init`, which installs the provider from this mirror only.
create_mirror() {
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
    # ftf-cli runs a program of this name, also for tofu.
    mkdir "$work/bin" "$work/home" "$work/tmp"
    ln -s "$terraform" "$work/bin/terraform"
}

# The platform of this machine, as GOOS_GOARCH.
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

# Checks a copy, because init creates files.
check() {
    module=$1
    copy="$work/$module"
    mkdir -p "$copy"
    cp -R "$module/." "$copy"
    say "checking $module"
    log="$work/check.log"
    isolated ftf validate-directory "$copy" --check-only >"$log" 2>&1 || {
        cat "$log" >&2
        fail "$checker rejected $module, see above."
    }
}

# ftf-cli fails on findings of high severity only, and without Prisma Cloud no finding has a severity. checkov has no checks
# for the resources of this provider, so findings concern other resources.
scan() {
    log="$work/scan.log"
    if ! isolated checkov --directory modules --framework terraform --compact --quiet --skip-download --soft-fail \
        >"$log" 2>&1; then
        tail -n 5 "$log" >&2
        say 'checkov failed, see above: no security scan'
    elif grep -q '[^[:space:]]' "$log"; then
        say 'checkov findings, for information:'
        cat "$log"
    else
        say 'checkov has no findings'
    fi
}

# Runs a program of the virtual environment, without network where possible, so that the result depends on local files only.
isolated() {
    program="$work/venv/bin/$1"
    shift
    set -- "$program" "$@"
    if unshare -rn true 2>/dev/null; then
        set -- unshare -rn "$@"
    fi
    HOME="$work/home" TMPDIR="$work/tmp" PATH="$work/bin:$PATH" TF_CLI_CONFIG_FILE="$work/terraform.rc" "$@"
}

say() {
    echo "module-check: $1"
}

fail() {
    echo "module-check: $1" >&2
    exit 1
}

not_available() {
    echo "module-check: not run, because $checker is not available: $1." >&2
    exit 3
}

main
