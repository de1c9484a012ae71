//! Who holds the advisory lock on a file: Linux lists all locks in `/proc/locks`. Elsewhere nobody tells.

use crate::FileIdentity;

/// How often the list is read: it is made while it is read, and locks that come and go meanwhile may hide others.
const ATTEMPTS: usize = 5;

/// The process that holds a lock on the file, where the system tells.
pub(super) fn find(identity: FileIdentity) -> Option<u32> {
    let device = (rustix::fs::major(identity.device), rustix::fs::minor(identity.device));
    (0..ATTEMPTS).find_map(|_| {
        let table = std::fs::read_to_string("/proc/locks").ok()?;
        find_in(&table, device, identity.inode)
    })
}

/// Looks through the text of `/proc/locks`, whose lines read `7: FLOCK  ADVISORY  WRITE 4211 fd:01:1835021 0 EOF`:
/// number, type, strictness, mode, process, device in hexadecimal and inode in decimal, range.
fn find_in(table: &str, device: (u32, u32), inode: u64) -> Option<u32> {
    table.lines().find_map(|line| {
        let mut fields = line.split_whitespace().skip(1);
        if fields.next()? != "FLOCK" {
            return None;
        }
        let process = fields.nth(2)?;
        let mut place = fields.next()?.split(':');
        let major = u32::from_str_radix(place.next()?, 16).ok()?;
        let minor = u32::from_str_radix(place.next()?, 16).ok()?;
        let same = (major, minor) == device && place.next()?.parse() == Ok(inode);
        // 0 and -1 stand for a process outside this one's name space.
        if same { process.parse().ok().filter(|process| *process != 0) } else { None }
    })
}

#[cfg(test)]
mod tests {
    use super::find_in;

    const TABLE: &str = "1: POSIX  ADVISORY  READ  55 fd:01:77 0 EOF\n\
        2: FLOCK  ADVISORY  WRITE 4211 fd:01:77 0 EOF\n\
        2: -> FLOCK  ADVISORY  WRITE 4212 fd:01:78 0 EOF\n\
        3: FLOCK  ADVISORY  READ  -1 fd:01:79 0 EOF\n\
        4: FLOCK\n";

    #[test]
    fn the_holder_is_found_by_device_and_inode() {
        assert_eq!(find_in(TABLE, (0xfd, 1), 77), Some(4211));
        assert_eq!(find_in(TABLE, (0xfe, 1), 77), None);
    }

    #[test]
    fn waiters_foreign_processes_and_cut_lines_are_no_holders() {
        assert_eq!(find_in(TABLE, (0xfd, 1), 78), None);
        assert_eq!(find_in(TABLE, (0xfd, 1), 79), None);
        assert_eq!(find_in(TABLE, (0xfd, 1), 80), None);
    }
}
