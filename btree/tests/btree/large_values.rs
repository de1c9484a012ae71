//! Values beyond what fits into a leaf: every size around the limits, any range of them, streams, and many levels of index.

use super::support::{Branch, noise};
use btree::{TreeError, VALUE_LIMIT};

#[test]
fn every_length_around_the_limits_comes_back() {
    for page_size in [512usize, 1024] {
        let mut branch = Branch::new(page_size);
        let payload = page_size - 32;
        let steps = [0, 1, page_size / 4, payload, 2 * payload, 11 * payload, 16 * payload, 33 * payload];
        for around in steps {
            for length in around.saturating_sub(2)..around + 3 {
                let squeezed = [noise(length / 3, 1), vec![0; length - length / 3]].concat();
                for value in [noise(length, 7), vec![3; length], squeezed] {
                    branch.insert(b"key", &value);
                    let read =
                        branch.tree.get(&branch.pager, b"key").unwrap().unwrap().read(&branch.pager).unwrap();
                    assert!(read == value, "{length} bytes");
                    branch.verify_accounting();
                }
            }
        }
    }
}

#[test]
fn any_range_is_read() {
    let mut branch = Branch::new(512);
    let value = [noise(40_000, 1), vec![5; 100_000], noise(300_000, 2), vec![6; 9_000]].concat();
    branch.insert(b"key", &value);
    let kept = branch.tree.get(&branch.pager, b"key").unwrap().unwrap();
    assert!(kept.overflow().unwrap().level >= 3, "{kept:?}");
    let raw_pages = (value.len() / 480) as u64;
    assert!(kept.overflow().unwrap().pages() < raw_pages, "the zeros were compressed away");
    for number in 0..400usize {
        let start = number * 7919 % value.len();
        let length = [0, 1, 479, 480, 481, 5_000, 60_000][number % 7];
        let expected = &value[start..value.len().min(start + length)];
        assert!(
            kept.read_range(&branch.pager, start..start + length).unwrap() == expected,
            "{start}, {length}"
        );
    }
    assert!(kept.read_range(&branch.pager, value.len()..usize::MAX).unwrap().is_empty());
    branch.verify();
}

#[test]
fn a_value_arrives_piece_by_piece() {
    for (total, piece) in [(0, 1), (10, 3), (200, 50), (5_000, 777), (30_000, 1), (400_000, 100_000)] {
        let mut branch = Branch::new(1024);
        let value = noise(total, 3);
        branch.with(|tree, edit| {
            let mut writer = tree.value_writer(edit);
            for part in value.chunks(piece) {
                writer.write(part).unwrap();
            }
            assert_eq!(writer.len(), total);
            let value = writer.finish().unwrap();
            tree.insert_value(edit, b"key", &value).unwrap();
        });
        branch.model.insert(b"key".to_vec(), value);
        branch.verify();
    }
}

#[test]
fn a_stream_that_is_dropped_leaves_nothing_behind() {
    let mut branch = Branch::new(512);
    branch.insert(b"key", b"value");
    branch.with(|tree, edit| tree.value_writer(edit).write(&noise(50_000, 1)).unwrap());
    branch.verify();
    branch.with(|tree, edit| {
        let mut writer = tree.value_writer(edit);
        writer.write(&noise(50_000, 1)).unwrap();
        let value = writer.finish().unwrap();
        edit.discard(&value).unwrap();
    });
    branch.verify();
}

#[test]
fn a_hundred_megabytes_take_a_few_pages_when_they_say_little() {
    let mut branch = Branch::new(8192);
    branch.with(|tree, edit| {
        let mut writer = tree.value_writer(edit);
        let piece = vec![b' '; 1 << 20];
        (0..100).for_each(|_| writer.write(&piece).unwrap());
        let value = writer.finish().unwrap();
        tree.insert_value(edit, b"key", &value).unwrap();
    });
    let kept = branch.tree.get(&branch.pager, b"key").unwrap().unwrap();
    assert_eq!(kept.len(), 100 << 20);
    assert!(kept.overflow().unwrap().pages() < 900, "{kept:?}");
    assert_eq!(kept.read_range(&branch.pager, 77 << 20..(77 << 20) + 5).unwrap(), b"     ");
    branch.with(|tree, edit| tree.delete(edit, b"key").unwrap());
    branch.verify();
}

#[test]
fn a_value_beyond_the_limit_is_refused() {
    let mut branch = Branch::new(512);
    let value = vec![0; VALUE_LIMIT + 1];
    let error = branch.with(|tree, edit| tree.insert(edit, b"key", &value).unwrap_err());
    assert!(matches!(error, TreeError::ValueTooLong { .. }));
    assert!(error.to_string().contains(&format!("{} bytes is too long", VALUE_LIMIT + 1)), "{error}");
    branch.verify();
}
