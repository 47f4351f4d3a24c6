# SPDX-License-Identifier: Apache-2.0
# What building and testing need from Debian 12 (or a system with the same packages), and how to get it. Sourced by tools/quickstart,
# tests/run and bench/run (bash): call `ensure_packages build [test] [clang] [bench]`.

# set, package, what it is for
packages='
build  g++                              compiles
build  cmake                            configures the build
build  ninja-build                      runs the build
build  liblmdb-dev                      stores files of keys and values
build  libzstd-dev                      compresses
build  libroaring-dev                   bitmaps of patients
build  libflatbuffers-dev               reads headers and records
build  flatbuffers-compiler             generates code for them
build  libxxhash-dev                    checksums
build  zlib1g-dev                       reads .gz input
build  libsimdjson-dev                  reads cohort definitions in JSON
build  libboost-program-options-dev     reads the command line
test   catch2                           unit tests
test   python3                          checks the house rules
bench  python3-venv                     keeps peers of the benchmarks apart
clang  clang-14                         the second compiler
clang  libclang-rt-14-dev               its sanitizers and fuzzer
clang  llvm-14                          names lines in their reports
clang  clang-tidy-14                    style and bug checks
'

# Names the packages of the sets given that are not installed, one a line with its purpose.
missing_packages() {
  local set package purpose
  while read -r set package purpose; do
    [[ -n $set && " $* " == *" $set "* ]] || continue
    [[ $(dpkg-query -W -f='${Status}' "$package" 2>/dev/null) == 'install ok installed' ]] ||
      printf '  %-30s %s\n' "$package" "$purpose"
  done <<<"$packages"
}

# Installs what is missing of the sets given; silent and quick when nothing is.
ensure_packages() {
  if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    echo "This system has no apt-get, so nothing is installed. Needed (names as on Debian):" >&2
    awk -v sets=" $* " 'NF && index(sets, " " $1 " ") { print "  " $2 }' <<<"$packages" >&2
    return 0  # they may be there under other names: configuring tells
  fi
  local missing
  missing=$(missing_packages "$@")
  if [[ -n $missing ]]; then
    local names become=()
    mapfile -t names < <(awk '{ print $1 }' <<<"$missing")
    echo "Debian packages to install first:"
    echo "$missing"
    if ((EUID != 0)); then
      if ! command -v sudo >/dev/null; then
        echo "Installing needs root, and there is no sudo here. As root, run:" >&2
        echo "  apt-get update && apt-get install ${names[*]}" >&2
        return 1
      fi
      become=(sudo)
    fi
    become+=(env DEBIAN_FRONTEND=noninteractive)
    echo "Installing (some minutes when the compiler is among them) ..."
    logged "${become[@]}" apt-get -q update || return 1
    require_cmake "$(apt-cache policy cmake | awk '/Candidate:/ { print $2 }')" || return 1
    logged "${become[@]}" apt-get -q install -y --no-install-recommends "${names[@]}" || return 1
  fi
  require_cmake "$(cmake --version | awk 'NR == 1 { print $3 }')"
}

require_cmake() {
  dpkg --compare-versions "$1" ge 3.25 && return
  echo "CMake 3.25 or later is needed, here it is $1. Debian 12 and Ubuntu 24.04 have it." >&2
  return 1
}

# Runs a command without its output, which is shown if it fails.
logged() {
  local output
  output=$("$@" 2>&1) && return
  printf '%s\n' "$output" >&2
  echo "This failed: $*" >&2
  return 1
}
