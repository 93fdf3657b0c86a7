//! The disks that stay in the PC, and what is left on them.
//!
//! `/proc/mounts`: fstab(5), with blanks written as `\040`. `/sys/class/block/*/removable`:
//! Documentation/ABI/stable/sysfs-block of Linux. Nothing on a network is asked: that may hang.

use std::fs;
use std::path::{Path, PathBuf};

use crate::health::Disk;

/// File systems of disks; what is on a network or in memory alone is none.
const KINDS: [&str; 13] = [
    "bcachefs", "btrfs", "exfat", "ext2", "ext3", "ext4", "f2fs", "fuseblk", "jfs", "ntfs",
    "ntfs3", "vfat", "xfs",
];
/// What is smaller is where the PC starts from: it never has much left.
const SMALLEST: u64 = 4_000_000_000;
/// No more are told.
const MOST: usize = 16;

/// Size of a file system in bytes: all there is, and what is left for anybody.
pub(super) type Size = (u64, u64);

/// Asks the kernel; a broken disk may take long to answer.
pub(super) fn measure(mount: &Path) -> Option<Size> {
    let told = rustix::fs::statvfs(mount).ok()?;
    let total = told.f_blocks.checked_mul(told.f_frsize)?;
    let free = told.f_bavail.checked_mul(told.f_frsize)?;
    Some((total, free.min(total)))
}

/// `size` measures where a disk is mounted.
pub(super) fn look(root: &Path, size: impl Fn(&Path) -> Option<Size>) -> Vec<Disk> {
    let mounts = fs::read_to_string(root.join("proc/mounts")).unwrap_or_default();
    let mut devices: Vec<&str> = Vec::new();
    let mut disks = Vec::new();
    for row in mounts.lines() {
        let fields: Vec<&str> = row.split_whitespace().collect();
        let [device, mount, kind, options, ..] = fields[..] else {
            continue;
        };
        let read_only = options.split(',').any(|option| option == "ro");
        // One that is mounted twice is told once.
        if read_only || !KINDS.contains(&kind) || devices.contains(&device) {
            continue;
        }
        if !stays(root, device) {
            continue;
        }
        let mount = unescaped(mount);
        let Some((total_bytes, free_bytes)) = size(Path::new(&mount)) else {
            continue;
        };
        if total_bytes < SMALLEST {
            continue;
        }
        devices.push(device);
        disks.push(Disk {
            mount,
            total_bytes,
            free_bytes,
        });
    }
    disks.sort_by(|one, other| one.mount.cmp(&other.mount));
    disks.truncate(MOST);
    disks
}

/// Whether a device is a disk that nobody carries away, and no file that plays one.
fn stays(root: &Path, device: &str) -> bool {
    let Some(name) = device.strip_prefix("/dev/") else {
        return false;
    };
    if name.starts_with("loop") {
        return false;
    }
    let known = root.join("sys/class/block").join(name.replace('/', "!"));
    let Ok(known) = fs::canonicalize(known) else {
        // A name of the device mapper, or a PC that does not tell.
        return true;
    };
    let says = |folder: &Path| fs::read_to_string(folder.join("removable")).ok();
    let above: Option<PathBuf> = known.parent().map(Path::to_owned);
    let removable = says(&known).or_else(|| says(&above?));
    let by_usb = known.components().any(|part| {
        let part = part.as_os_str().to_str().unwrap_or_default();
        part.strip_prefix("usb")
            .is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
    });
    !by_usb && removable.is_none_or(|removable| removable.trim() != "1")
}

/// Takes `\040` and its like apart.
fn unescaped(mount: &str) -> String {
    let mut plain: Vec<u8> = Vec::with_capacity(mount.len());
    let mut rest = mount.as_bytes();
    while let Some((first, others)) = rest.split_first() {
        let code = others.get(..3).filter(|_| *first == b'\\');
        let code = code.and_then(|code| std::str::from_utf8(code).ok());
        if let Some(byte) = code.and_then(|code| u8::from_str_radix(code, 8).ok()) {
            plain.push(byte);
            rest = &others[3..];
        } else {
            plain.push(*first);
            rest = others;
        }
    }
    String::from_utf8_lossy(&plain).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seat::fixture::Pc;

    const GB: u64 = 1_000_000_000;

    #[test]
    fn only_what_stays_in_the_pc_is_told_and_each_once() {
        let pc = Pc::new("disks");
        assert_eq!(look(&pc.0, |_| Some((90 * GB, GB))), []);
        pc.put(
            "proc/mounts",
            "proc /proc proc rw 0 0\n\
             tmpfs /run tmpfs rw 0 0\n\
             /dev/nvme0n1p2 / ext4 rw,relatime 0 0\n\
             /dev/nvme0n1p2 /var/lib/docker ext4 rw 0 0\n\
             /dev/nvme0n1p1 /boot/efi vfat rw 0 0\n\
             /dev/mapper/home /home/my\\040files xfs rw 0 0\n\
             /dev/loop3 /snap/core squashfs ro 0 0\n\
             /dev/loop4 /image ext4 rw 0 0\n\
             /dev/sdb1 /media/stick vfat rw 0 0\n\
             /dev/sdc1 /media/disk ext4 rw 0 0\n\
             /dev/sdd1 /archive ext4 ro 0 0\n\
             server:/share /share nfs4 rw 0 0\n\
             //server/share /smb cifs rw 0 0\n\
             too short\n",
        );
        let of = "sys/devices/pci0000:00";
        pc.put(&format!("{of}/nvme0n1/removable"), "0\n");
        pc.link(
            "sys/class/block/nvme0n1p2",
            &format!("{of}/nvme0n1/nvme0n1p2"),
        );
        pc.put(&format!("{of}/sdb/removable"), "1\n");
        pc.link("sys/class/block/sdb1", &format!("{of}/sdb/sdb1"));
        pc.put(&format!("{of}/usb2/2-1/sdc/removable"), "0\n");
        pc.link("sys/class/block/sdc1", &format!("{of}/usb2/2-1/sdc/sdc1"));
        let size = |mount: &Path| match mount.to_str()? {
            "/boot/efi" => Some((GB / 2, GB / 4)),
            "/" => Some((90 * GB, GB)),
            "/home/my files" => Some((900 * GB, 500 * GB)),
            other => panic!("{other} was asked"),
        };
        let disks = look(&pc.0, size);
        let told: Vec<_> = disks
            .iter()
            .map(|disk| (disk.mount.as_str(), disk.free_bytes, disk.is_low()))
            .collect();
        assert_eq!(told, [("/", GB, true), ("/home/my files", 500 * GB, false)]);
    }

    #[test]
    fn a_disk_that_does_not_answer_is_not_told() {
        let pc = Pc::new("dead-disk");
        pc.put("proc/mounts", "/dev/sda1 / ext4 rw 0 0\n");
        assert_eq!(look(&pc.0, |_| None), []);
    }

    #[test]
    fn the_kernel_measures_what_is_there() {
        let (total, free) = measure(Path::new("/")).unwrap();
        assert!(total > 0 && free <= total);
        assert_eq!(measure(Path::new("/no/such/place")), None);
    }
}
