//! Where a database may not be: on a network file system. Several processes there do not see each other's locks and
//! shared memory, and the write-ahead log depends on both.

use std::fs;
use std::path::{Path, PathBuf};

/// Names of file systems on other machines, as Linux gives them.
const REMOTE: [&str; 11] = [
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "afs",
    "ceph",
    "lustre",
    "fuse.sshfs",
    "fuse.glusterfs",
    "fuse.s3fs",
];

/// The network file system that the directory is on, if it is on one. Where the system does not tell, there is none.
pub(super) fn remote(dir: &Path) -> Option<String> {
    let dir = dir.canonicalize().ok()?;
    let mounts = fs::read_to_string("/proc/self/mountinfo").ok()?;
    kind_of(&mounts, &dir).filter(|kind| REMOTE.contains(&kind.as_str()))
}

/// The file system of the mount that is nearest above the directory; of two on the same place, the later.
fn kind_of(mounts: &str, dir: &Path) -> Option<String> {
    let mount = |line: &str| {
        let (before, after) = line.split_once(" - ")?;
        let place = PathBuf::from(before.split(' ').nth(4)?.replace("\\040", " "));
        let kind = after.split(' ').next()?.to_owned();
        dir.starts_with(&place).then(|| (place.components().count(), kind))
    };
    mounts.lines().filter_map(mount).max_by_key(|(depth, _)| *depth).map(|(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "\
22 1 0:20 / / rw,relatime - ext4 /dev/root rw
30 22 0:25 / /srv rw,relatime shared:1 - nfs4 10.0.0.1:/srv rw
31 30 0:26 / /srv/fast\\040disk rw,relatime - xfs /dev/sdb rw
32 22 0:27 / /twice rw - nfs 10.0.0.1:/a rw
33 22 0:28 / /twice rw - ext4 /dev/sdc rw
";

    #[test]
    fn the_nearest_mount_decides() {
        let cases = [
            ("/var/lib/rejoin", "ext4"),
            ("/srv", "nfs4"),
            ("/srv/rejoin", "nfs4"),
            ("/srvant", "ext4"),
            ("/srv/fast disk/rejoin", "xfs"),
            ("/twice/rejoin", "ext4"),
        ];
        for (dir, want) in cases {
            assert_eq!(kind_of(MOUNTS, Path::new(dir)).as_deref(), Some(want), "{dir}");
        }
        assert_eq!(kind_of("nonsense", Path::new("/srv")), None);
    }

    #[test]
    fn this_machine_answers_without_failing() {
        assert_eq!(remote(Path::new("/proc")), None);
    }
}
