//! A file in words: every byte once, whatever stands there.

use super::support::*;

use pager::annotate::{Line, page, superblock};
use pager::{SUPERBLOCK_BYTES, SUPERBLOCK_OFFSETS};
use std::path::Path;

fn covers(lines: &[Line], offset: u64, bytes: &[u8]) {
    let mut at = offset;
    let mut shown = Vec::new();
    for line in lines {
        assert_eq!(line.offset, at, "no gap, no overlap");
        at += line.bytes.len() as u64;
        shown.extend_from_slice(&line.bytes);
    }
    assert_eq!(shown, bytes[..shown.len()]);
}

fn meanings(lines: &[Line]) -> String {
    lines.iter().map(|line| format!("{}\n", line.meaning)).collect()
}

#[test]
fn a_small_file_is_told_in_words() {
    let env = memory();
    let mut small = Small::create(&env);
    small.commit(0..6).unwrap();
    let (root, _) = small.root.unwrap();
    let map = small.pager.superblock().free_space;
    drop(small);
    let bytes = &env.files()[Path::new(PATH)];
    for (slot, offset) in SUPERBLOCK_OFFSETS.into_iter().enumerate() {
        let block = &bytes[offset as usize..offset as usize + SUPERBLOCK_BYTES];
        let lines = superblock(slot, block);
        covers(&lines, offset, block);
        let words = meanings(&lines);
        assert!(words.ends_with(": valid\n"), "{words}");
        assert!(words.contains(&format!("generation: {}\n", 2 - slot)));
    }
    let part = |number: u64| &bytes[number as usize * 512..(number as usize + 1) * 512];
    let tree = page(root.number * 512, part(root.number));
    covers(&tree, root.number * 512, part(root.number));
    let words = meanings(&tree);
    assert!(words.contains("kind: tree index\n") && words.contains("children: 2\n"), "{words}");
    assert!(words.contains("child 0: 4 rows\n") && words.contains("child 1: 2 rows\n"), "{words}");
    let words = meanings(&page(map.number * 512, part(map.number)));
    assert!(words.contains("in use: 16-25\n"), "{words}");
    assert_eq!(
        tree[0].to_string(),
        format!(
            "{:08x}  {:<61} checksum {:08x}: valid",
            root.number * 512,
            hex(&tree[0].bytes),
            root.checksum
        )
    );
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x} ")).collect()
}

#[test]
fn any_bytes_can_be_shown() {
    let mut random = 1u64;
    for round in 0..2000usize {
        let mut bytes = vec![0u8; round % 700];
        for byte in &mut bytes {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = if round % 3 == 0 { (random >> 60) as u8 } else { (random >> 50) as u8 };
        }
        if let Some(kind) = bytes.get_mut(4) {
            *kind = (round % 8) as u8;
        }
        covers(&page(4096, &bytes), 4096, &bytes);
        covers(&superblock(round % 2, &bytes), SUPERBLOCK_OFFSETS[round % 2], &bytes);
    }
}
