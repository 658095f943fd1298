//! Sentences about anchors whose vote is not a matter of course.

use crate::language::Language;
use crate::language::phrases::fill;
use crate::report::Report;
use crate::vocabulary::Standing;

impl Language {
    /// Which private anchors were trusted, and which anchors did not vote and why: whole sentences.
    pub(crate) fn votes(&self, report: &Report) -> Vec<String> {
        let v = &self.phrases().votes;
        let sentence = |standing: Standing, template: &str| {
            let targets = report.targets.iter().filter(|t| t.standing == Some(standing));
            let names: Vec<_> = targets.map(|t| t.target.name.as_str()).collect();
            (!names.is_empty()).then(|| fill(template, &[("names", &self.list(&names))]))
        };
        let all = [
            (Standing::Trusted, v.trusted),
            (Standing::Private, v.private),
            (Standing::Near, v.near),
            (Standing::FalseWitness, v.false_witness),
        ];
        all.into_iter().filter_map(|(standing, template)| sentence(standing, template)).collect()
    }
}
