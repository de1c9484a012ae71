//! How fast the pager is: a page from the cache, a page from the file, opening a large file, writing a tree, a small
//! checkpoint. `cargo run --release -p hornbeam-pager --example pager_speed [DIRECTORY]`

use env::Env;
use env::memory::{MemoryEnv, MemoryOptions};
use env::real::RealEnv;
use pager::{
    Access, Body, CheckpointInput, Child, Error, Frame, FrameHeader, HEADER_BYTES, IndexNode, Options,
    OwnerId, PageKind, PagePointer, PageRef, PageSet, Pager, Placements, RootPointer,
};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

env::labels! {
    CLOCK: "speed.clock", Clock, "no figure is printed";
    SYNC: "speed.sync", Sync, "the figure lacks the device";
}

const TREE: u64 = 5;

fn timed<T>(env: &dyn Env, work: impl FnOnce() -> T) -> (T, Duration) {
    let start = env.monotonic(&CLOCK);
    let result = work();
    (result, env.monotonic(&CLOCK) - start)
}

fn leaf(pager: &Pager, value: u64) -> PageRef {
    let mut bytes = vec![0u8; pager.page_size()];
    for (index, chunk) in bytes[HEADER_BYTES..].chunks_mut(8).enumerate() {
        let word = (value * 1024 + index as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        chunk.copy_from_slice(&word.to_le_bytes()[..chunk.len()]);
    }
    let header = FrameHeader { kind: PageKind::Leaf, level: 0, tree: TREE, birth: 1, owner: OwnerId(1) };
    PageRef::Resident(Frame::new(pager, header, Body::Data(bytes.into())))
}

/// A tree over `leaves` leaves.
fn tree(pager: &Pager, leaves: u64) -> (PageRef, u8) {
    let mut nodes: Vec<(u64, PageRef)> = (0..leaves).map(|value| (value, leaf(pager, value))).collect();
    let mut level = 0;
    while nodes.len() > 1 {
        level += 1;
        let parents = nodes.chunks(150).map(|some| {
            let child = |page: &PageRef| Child { page: page.clone(), rows: 1, has_overflow: false };
            let mut node = IndexNode::new(child(&some[0].1));
            for (first, page) in &some[1..] {
                node.push(&first.to_be_bytes(), child(page));
            }
            let header =
                FrameHeader { kind: PageKind::TreeIndex, level, tree: TREE, birth: 1, owner: OwnerId(1) };
            (some[0].0, PageRef::Resident(Frame::new(pager, header, Body::Index(node))))
        });
        nodes = parents.collect();
    }
    (nodes.swap_remove(0).1, level)
}

fn leaves_below(pager: &Pager, page: &PagePointer, found: &mut Vec<PagePointer>) -> Result<(), Error> {
    let frame = pager.load(page)?;
    let Some(node) = frame.index() else {
        found.push(*page);
        return Ok(());
    };
    for pointer in node.children().iter().filter_map(|child| child.page.pointer()) {
        leaves_below(pager, &pointer, found)?;
    }
    Ok(())
}

fn pages(env: Arc<dyn Env>, path: &Path) -> Result<(), Error> {
    let options = Options { cache_bytes: 512 << 20, ..Options::default() };
    let pager = Pager::create(Arc::clone(&env), path, &options)?;
    let (root, level) = tree(&pager, 30_000);
    let dirty = pager.dirty_bytes();
    let mut placed = Placements::new();
    let (pointers, time) = timed(env.as_ref(), || pager.write_tree(&[root], &mut placed));
    let root = pointers?[0];
    let rate = dirty as f64 / time.as_secs_f64() / 1e6;
    println!("write_tree     {:>8.0} MB/s for {} MB", rate, dirty / 1_000_000);
    let (result, time) = timed(env.as_ref(), || pager.sync(&SYNC));
    result?;
    println!("its sync       {:>8.1} ms", time.as_secs_f64() * 1e3);

    let mut leaves = Vec::new();
    leaves_below(&pager, &root, &mut leaves)?;
    let rounds = 20;
    let hits = |leaves: &[PagePointer]| {
        timed(env.as_ref(), || {
            let mut sum = 0u64;
            for _ in 0..rounds {
                for pointer in leaves {
                    sum += pager.load(pointer).map_or(0, |frame| frame.birth());
                }
            }
            sum
        })
    };
    for (name, count) in [("load, 1,000 hot pages", 1000), ("load, 30,000 pages", 30_000)] {
        let (sum, time) = hits(&leaves[..count]);
        println!("{name:<24} {:>6.1} ns", time.as_secs_f64() * 1e9 / sum as f64);
    }
    let mut input = CheckpointInput::repeat(&pager.superblock());
    input.commit = 1;
    input.root = RootPointer { pointer: root, level, rows: 30_000 };
    input.added = placed.take_all();
    pager.checkpoint(input)?;
    drop(pager);
    let pager = Pager::open(Arc::clone(&env), path, &Options { cache_bytes: 1 << 20, ..options })?;
    let (result, time) =
        timed(env.as_ref(), || leaves.iter().try_for_each(|leaf| pager.load(leaf).map(|_| ())));
    result?;
    println!("load, past the cache     {:>6.0} ns", time.as_secs_f64() * 1e9 / leaves.len() as f64);
    Ok(())
}

fn large_file(env: Arc<dyn Env>, path: &Path) -> Result<(), Error> {
    let options = Options { growth_pages: 10 * (1 << 30) / 8192, ..Options::default() };
    let pager = Pager::create(Arc::clone(&env), path, &options)?;
    let mut placed = Placements::new();
    pager.write_tree(&[leaf(&pager, 1)], &mut placed)?;
    let mut all: PageSet = pager.usage()?.free;
    // Leave some room: a file is never full to the last page.
    all.remove_run(1 << 20..(1 << 20) + 64);
    pager.claim(&all)?;
    all.union(&placed.take_all());
    let mut input = CheckpointInput::repeat(&pager.superblock());
    input.added = all;
    pager.checkpoint(input)?;
    drop(pager);
    for access in [Access::ReadWrite, Access::ReadOnly] {
        let options = Options { access, ..Options::default() };
        let (pager, time) = timed(env.as_ref(), || Pager::open(Arc::clone(&env), path, &options));
        let (free, pages) = pager?.free_pages();
        println!("open 10 GB {access:?}: {:.2} ms ({free} of {pages} pages free)", time.as_secs_f64() * 1e3);
    }
    Ok(())
}

fn small_checkpoints() -> Result<(), Error> {
    let env: Arc<dyn Env> =
        Arc::new(MemoryEnv::with_options(MemoryOptions::deterministic(), Default::default()));
    let clock = RealEnv::new();
    let options = Options { page_size: 512, cache_bytes: 32 << 10, ..Options::default() };
    let path = Path::new("db");
    let pager = Pager::create(Arc::clone(&env), path, &options)?;
    let rounds = 20_000;
    let (result, time) = timed(&clock, || {
        let mut before = PageSet::new();
        for commit in 1..=rounds {
            let mut placed = Placements::new();
            let roots: Vec<PageRef> = (0..4).map(|value| leaf(&pager, value)).collect();
            pager.write_tree(&roots, &mut placed)?;
            let mut input = CheckpointInput::repeat(&pager.superblock());
            input.commit = commit;
            input.added = placed.take_all();
            input.removed = std::mem::replace(&mut before, input.added.clone());
            let freed = input
                .removed
                .iter()
                .map(|number| pager::FreedPage { page: pager::FreedRef::Stored(number), birth: 1 });
            pager.retire(freed.collect(), commit);
            pager.checkpoint(input)?;
            pager.advance(u64::MAX)?;
        }
        Ok::<(), Error>(())
    });
    result?;
    println!(
        "checkpoint of 4 pages of 512 bytes, in memory: {:.2} us",
        time.as_secs_f64() * 1e6 / rounds as f64
    );
    drop(pager);
    let (result, time) = timed(&clock, || {
        for _ in 0..rounds {
            drop(Pager::open(Arc::clone(&env), path, &options)?);
        }
        Ok::<(), Error>(())
    });
    result?;
    println!("opening it again: {:.2} us", time.as_secs_f64() * 1e6 / rounds as f64);
    Ok(())
}

fn main() -> Result<(), Error> {
    let directory = std::env::args().nth(1).unwrap_or_else(|| ".".to_string());
    let env: Arc<dyn Env> = Arc::new(RealEnv::new());
    let path = Path::new(&directory).join("hornbeam-speed");
    let outcome = pages(Arc::clone(&env), &path);
    let _ = env.remove(&CLOCK, &path);
    outcome?;
    let outcome = large_file(Arc::clone(&env), &path);
    let _ = env.remove(&CLOCK, &path);
    outcome?;
    small_checkpoints()
}
