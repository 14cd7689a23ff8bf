#!/usr/bin/env bash
# Boots systemd in a Debian root, in name spaces of its own, with the network of this machine: boot.sh BASE FOLDER
# What is written goes to FOLDER; BASE stays as it is.
set -euo pipefail
cgroups=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
group=$cgroups/dayu-root-$$
mkdir "$group"
echo $$ >"$group/cgroup.procs"
mkdir -p "$2/upper" "$2/work" "$2/root"
echo "$group" >"$2/cgroup"
BASE=$(realpath "$1") FOLDER=$(realpath "$2")
export BASE FOLDER
exec unshare --mount --pid --uts --ipc --cgroup --fork --kill-child bash -euc '
    root=$FOLDER/root
    mount --make-rprivate /
    mount -t overlay overlay -o "lowerdir=$BASE,upperdir=$FOLDER/upper,workdir=$FOLDER/work" "$root"
    mount -t proc proc "$root/proc"
    # The kernel belongs to the machine: nothing in the root may change its parameters.
    mount --bind "$root/proc/sys" "$root/proc/sys"
    mount -o remount,bind,ro "$root/proc/sys"
    mount -t sysfs -o ro sysfs "$root/sys"
    mount -t tmpfs -o mode=755 tmpfs "$root/sys/fs/cgroup"
    mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
    mount -t tmpfs -o mode=755,nosuid,nodev tmpfs "$root/run"
    mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
    mount -t tmpfs -o mode=755 tmpfs "$root/dev"
    for device in null zero full random urandom tty; do
        touch "$root/dev/$device"
        mount --bind "/dev/$device" "$root/dev/$device"
    done
    mkdir "$root/dev/pts" "$root/dev/shm"
    mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
    ln -s pts/ptmx "$root/dev/ptmx"
    mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
    cp --remove-destination /etc/resolv.conf "$root/etc/resolv.conf"
    mkdir -p "$root/packages"
    mount --bind "$PACKAGES" "$root/packages"
    cd "$root"
    mkdir -p former
    pivot_root . former
    umount -l /former
    # systemd hands credentials to a service by a mount that has to reach the service.
    mount --make-rshared /
    exec env -i container=dayu PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --system
'
