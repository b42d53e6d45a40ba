# Debian packages by name, and the one function that installs what is missing of them. Sourced by run and test.

build_packages=(
    g++ cmake ninja-build ccache pkg-config python3 file
    qt6-base-dev libqt6opengl6-dev libqt6charts6-dev libqt6svg6-dev
    qt6-tools-dev qt6-tools-dev-tools qt6-l10n-tools libqt6sql6-sqlite libqt6sql6-psql
    libexiv2-dev libssl-dev libcurl4-openssl-dev libvips-dev libjxl-dev libseccomp-dev libboost-dev zlib1g-dev libtomlplusplus-dev qtkeychain-qt6-dev
)
run_packages=(ca-certificates bubblewrap libsecret-1-0 qt6-qpa-plugins qt6-wayland qt6-translations-l10n fonts-noto-core)
test_packages=(
    curl git dbus python3-dbusmock python3-yaml nginx-light sqlite3 libvips-tools rclone openssl
    ceph-mon ceph-osd ceph-common radosgw postgresql-15 haproxy systemd gnome-keyring
)

# install_missing PACKAGE...: does nothing, and needs no network, when all are there.
install_missing() {
    local missing=() package
    for package in "$@"; do
        dpkg-query -W -f='${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    if ! command -v apt-get >/dev/null; then
        echo "Photolift is built on Debian 12 or newer. These packages are missing: ${missing[*]}" >&2
        return 1
    fi
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || { echo "Please install as root: apt-get install ${missing[*]}" >&2; return 1; }
        as_root=(sudo)
    fi
    echo "Installing: ${missing[*]}" >&2
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}
