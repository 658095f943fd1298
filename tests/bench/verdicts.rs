fn main() {
    let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/scenarios");
    let names: Vec<String> = std::env::args().skip(1).filter(|a| a.starts_with('S')).collect();
    let mut files: Vec<_> = std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    for file in files {
        let stem = file.file_stem().unwrap().to_string_lossy().into_owned();
        if !names.is_empty() && !names.contains(&stem) {
            continue;
        }
        let s = linkmon::scenario::Scenario::read(&file).unwrap();
        for seed in &s.seeds {
            let t = std::time::Instant::now();
            let plan = s.plan(*seed);
            let v = linkmon::scenario::judge(&plan);
            let sc = linkmon::scenario::Score::of(&plan, &v);
            println!(
                "{stem} {seed} {:?}: drops {} found {} short {} invented {} place {} held {} edges {} bounded {:?} blips {} gaps {} troubles {} imp {:?}",
                t.elapsed(),
                sc.drops,
                sc.found,
                sc.short,
                sc.invented,
                sc.place_right,
                sc.place_held,
                sc.edges,
                sc.bounded,
                v.blips(),
                v.gaps.len(),
                v.troubles.len(),
                v.impairments.iter().map(|i| i.figures.kind()).collect::<Vec<_>>()
            );
        }
    }
}
