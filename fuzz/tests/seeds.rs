//! What must hold of all bytes holds of the seeds.

use std::fs;
use std::path::Path;

use skyspan_fuzz::TARGETS;

#[test]
fn every_seed_goes_through_its_target() {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds");
    for (name, target) in TARGETS {
        let mut paths: Vec<_> = fs::read_dir(seeds.join(name)).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert!(!paths.is_empty(), "{name} has no seeds");
        paths.sort();
        for path in paths {
            // Where one fails, the last of these lines tells which.
            eprintln!("{}", path.display());
            target(&fs::read(path).unwrap());
        }
    }
}
